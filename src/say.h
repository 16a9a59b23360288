/* SPDX-License-Identifier: MIT */
/* say.h - the last step of a failure or a text: in front of the user.  Only for main.c and
 * jobs.c; each returns the exit code that goes with it. */
#ifndef RAMPTOP_SAY_H
#define RAMPTOP_SAY_H

#include "src/base/err.h"
#include "src/base/problems.h"

int say_wrong(const struct err *e);
int say_problems(struct problems *problems); /* and gives them back */
int say_text(char *text);                    /* on standard output; frees it */
/* The content of a file for standard output, freed: byte for byte, but cleaned on a terminal. */
int say_file_text(char *text);

#endif
