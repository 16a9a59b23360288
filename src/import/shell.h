/* SPDX-License-Identifier: MIT */
/* shell.h - a pasted command line -> its words, as a shell would split it, without one.
 *
 * Two ways of quoting are read: a POSIX shell's ('...', "...", \, $'...') and that of
 * Windows' cmd with its ^.  $NAME becomes ${env:NAME}, as a profile reads the environment
 * too; what a shell would have to run or compute is refused.  A command ends at a line
 * break, ; & && or ||; what | leads to and where > writes is left out. */
#ifndef RAMPTOP_IMPORT_SHELL_H
#define RAMPTOP_IMPORT_SHELL_H

#include <stdbool.h>
#include <stddef.h>

#include "src/base/err.h"

/* A word is a text of the profile language (lang.h); NULL stands between two commands. */
struct shell_words {
    char **items;
    size_t n;
    bool left_out;    /* a pipe or a redirection was there */
    bool environment; /* a $NAME was there */
};

/* The caller calls words_finish in either case. */
bool shell_split(struct shell_words *w, const char *text, struct err *e);
void shell_finish(struct shell_words *w);

#endif
