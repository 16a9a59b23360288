/* SPDX-License-Identifier: MIT */
#include <unistd.h>

#include "src/base/mem.h"
#include "src/base/out.h"
#include "src/cli/cli_table.h"
#include "src/cli/print.h"
#include "src/cli/subcommand.h"
#include "src/import/import.h"

static int write_starter(struct options *o)
{
    struct err e;
    if (o->subject == NULL)
        return print_file_text(mem_strdup(import_starter()));
    if (!import_write_new(o->subject, import_starter(), &e))
        return print_error(&e);
    out_line(STDOUT_FILENO, "%s is written; change it, then: ramptop check %s", o->subject,
             o->subject);
    return EXIT_FINE;
}

static bool new_take_file(struct options *o, char *const *words, size_t n, struct err *e)
{
    o->subject = n > 0 && *words[0] != '\0' ? words[0] : NULL;
    return n <= 1 || cli_too_many(words[1], e);
}

const struct subcommand cmd_new = {
    .name = "new",
    .operands = "[FILE]",
    .help = "a commented profile to begin with",
    .take = new_take_file,
    .run = write_starter,
};
