/* SPDX-License-Identifier: MIT */
/* Any words as a command line and as variables: options within their limits, or one
 * sentence.  A line that begins with "$" is a variable, each other one a word. */
#include <stdio.h>

#include "src/cli/cli.h"
#include "src/cli/start.h"
#include "src/cli/subcommand.h"
#include "tests/fuzz/fuzz.h"

#define WORDS 40

static void check_options(const struct options *o)
{
    must(o->users <= CLI_MAX_USERS && o->workers <= CLI_MAX_WORKERS && o->demo_port <= 65535);
    must(o->spawn_rate >= 0 && o->spawn_rate <= 1e6 && o->chars <= CLI_CHARS_ASCII);
    must(o->demo_service >= -1 && o->demo_service <= 2 && o->demo_queue >= -1);
    must(o->command->missing == NULL || o->command->foreign ||
         (o->subject != NULL && *o->subject != '\0'));
    must(!o->command->foreign || o->n_curl_words > 0);
    must(o->n_concurrency <= CLI_MAX_STEPS);
    for (size_t i = 0; i < o->n_concurrency; i++)
        must(o->concurrency[i] >= 1 && o->concurrency[i] <= CLI_MAX_USERS);
    for (size_t i = 0; i < o->tags.n; i++)
        must(o->tags.items[i][0] != '\0' && strpbrk(o->tags.items[i], ", \t") == NULL);
    for (size_t i = 0; i < o->sets.n; i++)
        must(strchr(o->sets.items[i], '=') != NULL);
    must(o->body == NULL || o->body_file == NULL);
    for (size_t i = 0; i < o->n_headers; i++)
        must(o->headers[i] != NULL);
    struct err e = {""};
    must(o->subject == NULL || start_check(o, false, &e) || e.text[0] != '\0');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *lines[WORDS], *block, *argv[WORDS + 2], *env[WORDS + 1], program[] = "ramptop";
    char prefixed[WORDS][256];
    int argc = 0, n_env = 0;
    size_t n = fuzz_lines(data, size, lines, WORDS, &block);
    argv[argc++] = program;
    for (size_t i = 0; i < n; i++) {
        snprintf(prefixed[n_env], sizeof *prefixed, "RAMPTOP_%s", lines[i]);
        if (*lines[i] == '$')
            memmove(prefixed[n_env] + 8, prefixed[n_env] + 9, strlen(prefixed[n_env] + 8));
        if (*lines[i] == '$')
            env[n_env] = prefixed[n_env], n_env++;
        else
            argv[argc++] = lines[i];
    }
    argv[argc] = NULL;
    env[n_env] = NULL;
    struct options o;
    struct err e = {""};
    if (cli_parse(&o, argc, argv, env, &e))
        check_options(&o);
    else
        must(e.text[0] != '\0');
    cli_finish(&o);
    free(block);
    return 0;
}
