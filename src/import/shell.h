/* SPDX-License-Identifier: MIT */
/* shell.h - a pasted text -> the commands in it, their words split as a shell would split
 * them, without one.
 *
 * Read are a POSIX shell's quoting ('...', "...", \, $'...', here-documents), that of
 * Windows' cmd with its ^ and "", and PowerShell's with its `.  Prompts, list numbers and
 * fences that were pasted too are passed over.  NAME=value in front gives $NAME its value;
 * another $NAME becomes ${env:NAME}, as a profile reads the environment too.  Nothing is
 * run: what a shell would have to work out is left empty and said in `computed`. */
#ifndef RAMPTOP_IMPORT_SHELL_H
#define RAMPTOP_IMPORT_SHELL_H

#include <stdbool.h>
#include <stddef.h>

#include "src/base/err.h"

/* A simple command.  All texts are texts of the profile language (lang.h). */
struct shell_command {
    char **words;
    size_t n;
    char *input;          /* standard input: a here-document or here-string; NULL for none */
    char *input_file;     /* < FILE */
    bool piped;           /* reads what the command before it writes */
    bool typographic;     /* has quotes or dashes of a text processor */
    const char *computed; /* "$(...)", which a shell would have to work out; NULL for nothing */
};

struct shell_script {
    struct shell_command *commands;
    size_t n;
    bool output;      /* where output goes was said: > FILE */
    bool environment; /* a $NAME without a value was there */
    bool hard_blanks; /* blanks that do not break were read as blanks */
};

/* The caller calls shell_finish in either case. */
bool shell_split(struct shell_script *w, const char *text, struct err *e);
void shell_finish(struct shell_script *w);

#endif
