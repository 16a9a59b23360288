/* SPDX-License-Identifier: MIT */
/* print.h - the last step of a failure or a text: in front of the user.  Only for main.c and
 * src/cli; each returns the exit code that goes with it. */
#ifndef RAMPTOP_CLI_PRINT_H
#define RAMPTOP_CLI_PRINT_H

#include "src/base/err.h"
#include "src/base/problems.h"

int print_error(const struct err *e);
int print_problems(struct problems *problems); /* and gives them back */
int print_text(char *text);                    /* on standard output; frees it */
/* The content of a file for standard output, freed: byte for byte, but cleaned on a terminal. */
int print_file_text(char *text);

#endif
