/* SPDX-License-Identifier: MIT */
/* paste.h - which of the commands in a pasted text are curl's, and where their words begin.
 *
 * A command is found for sure or not at all: nothing that only looks like one becomes a host
 * to send requests to. */
#ifndef RAMPTOP_IMPORT_PASTE_H
#define RAMPTOP_IMPORT_PASTE_H

#include "src/import/transcript.h"
#include "src/import/shell.h"

/* Borrowed from the script, but for input. */
struct paste_command {
    char *const *words; /* curl's own, behind its name */
    size_t n;
    char *input;            /* the text of its standard input; NULL for none; owned */
    const char *input_file; /* the file that it is; NULL for none */
    const char *input_from; /* the command that writes it, which is not run; NULL for none */
};

struct paste {
    struct paste_command *items;
    size_t n;
};

bool paste_is_curl(const char *word);
/* A word in front of which nothing says that it is an address: "http://h", "h.example/x",
 * "h:80", "localhost". */
bool paste_is_address(const char *word);

/* Notes in r what is left out around the commands.  False with a finished sentence if there
 * is no command or it cannot be known what it sends.  The caller calls paste_finish in either
 * case. */
bool paste_find(struct paste *p, const struct shell_script *w, struct transcript *r, struct err *e);
void paste_finish(struct paste *p);

#endif
