/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "src/cli/cli_table.h"
#include "src/cli/print.h"
#include "src/cli/subcommand.h"
#include "src/import/import.h"

static struct import_options import_options(const struct options *o)
{
    return (struct import_options){.keep_secrets = o->keep_secrets,
                                   .read_file = import_read_file,
                                   .keep_static = o->keep_static,
                                   .keep_all_hosts = o->keep_all_hosts,
                                   .keep_hosts = o->keep_hosts.items,
                                   .n_keep_hosts = o->keep_hosts.n};
}

static int import_command(struct options *o)
{
    const struct import_options how = import_options(o);
    struct err e;
    char *text;
    if (!import_curl(o->curl_words, o->n_curl_words, &how, &text, &e))
        return print_error(&e);
    return print_file_text(text);
}

static int import_session(struct options *o)
{
    const struct import_options how = import_options(o);
    struct err e;
    char *har, *text;
    size_t len;
    if (!import_read_file(o->subject, &har, &len, &e))
        return print_error(&e);
    const char *name = strcmp(o->subject, "-") == 0 ? "standard input" : o->subject;
    bool ok = import_har(name, har, len, &how, &text, &e);
    free(har);
    return ok ? print_file_text(text) : print_error(&e);
}

static bool import_take_curl(struct options *o, char *const *words, size_t n, struct err *e)
{
    o->curl_words = words;
    o->n_curl_words = n;
    for (int id = 0; id < OPT_COUNT; id++) {
        if (cli_table[id].group == CLI_FOR_IMPORT && strncmp(words[0], "--", 2) == 0 &&
            strcmp(words[0] + 2, cli_table[id].name) == 0)
            return err_set(e, "what stands behind \"curl\" is curl's: ramptop import %s curl ...",
                           words[0]);
    }
    return true;
}

const struct subcommand cmd_import_curl = {
    .name = "import",
    .kind = "curl",
    .operands = "WORD...",
    .help = "a profile from a pasted curl command",
    .missing = "paste the curl command behind it: ramptop import curl 'curl https://...'",
    .options = OPT_BIT(KEEP_SECRETS),
    .foreign = true,
    .take = import_take_curl,
    .run = import_command,
};

const struct subcommand cmd_import_har = {
    .name = "import",
    .kind = "har",
    .operands = "FILE",
    .help = "a profile from a recorded browser session",
    .missing = "which file? ramptop import har FILE",
    .options =
        OPT_BIT(KEEP_SECRETS) | OPT_BIT(KEEP_HOST) | OPT_BIT(KEEP_ALL_HOSTS) | OPT_BIT(KEEP_STATIC),
    .run = import_session,
};
