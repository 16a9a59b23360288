/* SPDX-License-Identifier: MIT */
/* shell_parts.h - what the readers of the shells share: shell.c has the words, shell_posix.c
 * and shell_windows.c the quoting. */
#ifndef RAMPTOP_IMPORT_SHELL_PARTS_H
#define RAMPTOP_IMPORT_SHELL_PARTS_H

#include "src/base/buf.h"
#include "src/import/shell.h"

#define SHELL_MAX_HEREDOCS 4u

/* The use of the word in hand. */
enum shell_use { USE_WORD, USE_DROPPED, USE_INPUT_FILE, USE_INPUT_TEXT };

struct shell_variable {
    char *name, *text;
};

/* A here-document that begins behind the end of the line. */
struct shell_heredoc {
    char *end; /* the line that closes it */
    bool plain, tabs;
    size_t command;
};

struct splitter {
    struct shell_script *w;
    const char *at;
    struct buf word;
    bool begun; /* there is a word, be it empty */
    enum shell_use use;
    struct shell_command now;
    struct shell_variable *variables;
    size_t n_variables;
    struct shell_heredoc heredocs[SHELL_MAX_HEREDOCS];
    unsigned n_heredocs;
    unsigned depth; /* ( ... ) */
    bool prompted;  /* the line began with a prompt */
    struct err *e;
};

/* A literal character; a $ before a { does not begin a variable. */
void shell_put(struct splitter *s, char c);
void shell_end_word(struct splitter *s);
/* piped: the next one reads what this one writes. */
void shell_end_command(struct splitter *s, bool piped);
/* The text of a variable that was set in the paste; NULL for none. */
const char *shell_variable(const struct splitter *s, const char *name, size_t len);
bool shell_never_closed(struct splitter *s, const char *quote);
/* The length of a line break, 0 if there is none. */
size_t shell_line_break(const char *text);
/* The length of the prompt, list number or quotation mark that a line begins with. */
size_t shell_prompt(const char *line);

bool shell_read_posix(struct splitter *s);
bool shell_is_cmd(const char *text);
bool shell_read_cmd(struct splitter *s);
bool shell_is_power(const char *text);
bool shell_read_power(struct splitter *s);

#endif
