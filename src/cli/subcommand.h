/* SPDX-License-Identifier: MIT */
/* subcommand.h - what ramptop can be asked to do: a row for each subcommand, which stands in a
 * file of its own (cmd_*.c).
 *
 * The parser, --help, main's dispatch and the tests read the table and know no subcommand by
 * name. */
#ifndef RAMPTOP_CLI_SUBCOMMAND_H
#define RAMPTOP_CLI_SUBCOMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/base/err.h"
#include "src/cli/cli.h"

struct subcommand {
    const char *name;     /* "bench"; NULL: no word calls it */
    const char *kind;     /* a second word behind the name: "curl" of `import curl`; or NULL */
    const char *operands; /* as the help shows them: "PROFILE|URL"; "" for none */
    const char *help;     /* the text of its line there; NULL: there is no line */
    const char *missing;  /* the complaint when the first operand is; NULL: it may be */
    /* Behind "where" in the complaint about --users and its like; NULL: there is no more to say. */
    const char *load_is_said;
    uint64_t options;   /* OPT_BIT()s of all that go with it */
    bool names_classes; /* user classes may be named behind the profile */
    bool foreign;       /* the operands are another program's command line */
    bool is_apart;      /* reads neither variables nor configuration files */
    bool heeds_locust;  /* Locust's variables and files count, too */
    /* Puts the operands into o; where some are missing that may not be, it is not called.  NULL:
     * they are a profile and, where it names_classes, some of these. */
    bool (*take)(struct options *o, char *const *words, size_t n, struct err *e);
    /* Carries it out; returns the exit code.  It may fill in what the options leave open. */
    int (*run)(struct options *o);
};

extern const struct subcommand cmd_run, cmd_check, cmd_list, cmd_bench, cmd_limits, cmd_import_curl,
    cmd_import_har, cmd_trust, cmd_new, cmd_demo, cmd_help, cmd_version;

/* All of them in the order of --help, ended by NULL.  The first is the one that needs no word. */
extern const struct subcommand *const subcommands[];

/* The first words of all, ended by NULL; one may stand there twice. */
const char *const *subcommand_names(void);

/* "import har", of which a NULL kind leaves the first word.  Returns out. */
#define SUBCOMMAND_NAME 32
const char *subcommand_title(const struct subcommand *c, char out[SUBCOMMAND_NAME]);

#endif
