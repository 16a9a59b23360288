/* SPDX-License-Identifier: MIT */
#include "src/cli.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"
#include "src/base/words.h"
#include "src/cli_table.h"

#define BODY_MAX ((size_t)16 << 20)

static const char *const actions[] = {"check", "demo", NULL};

/* ----------------------------------------------------------------------- argv */

/* What getopt_long wants to know, made from the table. */
struct getopt_tables {
    char letters[OPT_COUNT * 4 + 4];
    struct option longs[OPT_COUNT + 1];
};

static void fill_tables(struct getopt_tables *t)
{
    /* "-": arguments in the order they stand, so that each belongs to a known element
     * of argv; ":": a missing value is told apart from an unknown option. */
    char *to = stpcpy(t->letters, "-:");
    memset(t->longs, 0, sizeof t->longs);
    for (int id = 0; id < OPT_COUNT; id++) {
        t->longs[id] =
            (struct option){.name = cli_table[id].name,
                            .has_arg = cli_table[id].arg != NULL ? required_argument : no_argument,
                            .val = 256 + id};
        for (const char *l = cli_table[id].letters; *l != '\0'; l++) {
            *to++ = *l;
            if (cli_table[id].arg != NULL)
                *to++ = ':';
        }
    }
    *to = '\0';
}

static int by_letter(int letter)
{
    for (int id = 0; id < OPT_COUNT; id++) {
        if (letter != '\0' && strchr(cli_table[id].letters, letter) != NULL)
            return id;
    }
    return -1;
}

static bool unknown_option(const char *element, int letter, struct err *e)
{
    const char *names[OPT_COUNT + 1] = {NULL};
    char name[64];

    if (strncmp(element, "--", 2) != 0)
        return err_set(e, "unknown option -%c (ramptop --help lists them)",
                       isprint(letter) ? letter : '?');
    for (int id = 0; id < OPT_COUNT; id++)
        names[id] = cli_table[id].name;
    size_t len = strcspn(element + 2, "=");
    snprintf(name, sizeof name, "%.*s", len < sizeof name ? (int)len : (int)sizeof name - 1,
             element + 2);
    const char *near = NULL;
    for (int id = 0; near == NULL && len >= 3 && id < OPT_COUNT; id++) {
        if (strncmp(names[id], name, len) == 0)
            near = names[id];
    }
    if (near == NULL)
        near = words_nearest(name, names);
    if (near != NULL)
        return err_set(e, "unknown option --%s (did you mean --%s?)", name, near);
    return err_set(e, "unknown option --%s (ramptop --help lists them)", name);
}

/* getopt_long takes --user for --users; scripts written so break when an option is
 * added, so only whole names count. */
static bool whole_name(const char *element, const char *name)
{
    size_t len = strlen(name);
    return strncmp(element + 2, name, len) == 0 &&
           (element[2 + len] == '\0' || element[2 + len] == '=');
}

static bool take_word_argument(char *word, char **words, size_t *n, struct err *e)
{
    if (*n == 3)
        return err_set(e, "too many arguments: what is \"%.*s\" for?", CLI_SHOWN, word);
    words[(*n)++] = word;
    return true;
}

static bool take_option(int got, const char *element, struct options *o, struct err *e)
{
    char given[64];
    bool is_long = got >= 256 || (got == ':' && optopt >= 256);
    int id = is_long ? (got >= 256 ? got : optopt) - 256 : by_letter(got == ':' ? optopt : got);

    if (got == '?' && optopt >= 256)
        return err_set(e, "--%s takes no value", cli_table[optopt - 256].name);
    if (got == '?' || id < 0)
        return unknown_option(element, optopt, e);
    if (is_long && !whole_name(element, cli_table[id].name))
        return unknown_option(element, 0, e);
    if (is_long)
        snprintf(given, sizeof given, "--%s", cli_table[id].name);
    else
        snprintf(given, sizeof given, "-%c", got == ':' ? optopt : got);
    if (got == ':')
        return err_set(e, "%s needs a value: %s %s", given, given, cli_table[id].arg);
    if (cli_table[id].arg != NULL)
        return cli_take_value((enum option_id)id, given, optarg, o, e);
    cli_take_switch((enum option_id)id, true, o);
    return true;
}

static bool take_arguments(int argc, char **argv, struct options *o, char **words, size_t *n,
                           struct err *e)
{
    struct getopt_tables t;
    int got, at = 1;

    fill_tables(&t);
    optind = 0; /* glibc: start afresh */
    opterr = 0;
    /* A cluster of letters (-kL) leaves optind where it is until its last one. */
    while ((got = getopt_long(argc, argv, t.letters, t.longs, NULL)) != -1) {
        if (got == 1 ? !take_word_argument(optarg, words, n, e) : !take_option(got, argv[at], o, e))
            return false;
        at = optind;
    }
    for (int i = optind; i < argc; i++) { /* behind "--" */
        if (!take_word_argument(argv[i], words, n, e))
            return false;
    }
    return true;
}

/* ------------------------------------------------------- what it means together */

static bool check_demo_options(const struct options *o, struct err *e)
{
    const char *name = o->demo_serve             ? "serve"
                       : o->demo_port != 0       ? "port"
                       : o->demo_servers != 0    ? "servers"
                       : o->demo_service_ms >= 0 ? "service-ms"
                       : o->demo_service >= 0    ? "service"
                       : o->demo_queue >= 0      ? "queue"
                       : o->demo_truth != NULL   ? "truth"
                                                 : NULL;
    if (name != NULL)
        return err_set(e, "--%s belongs to the demo target: ramptop demo --%s ...", name, name);
    return true;
}

static bool missing_subject(struct err *e)
{
    return err_set(e, "what to load is missing: ramptop PROFILE, ramptop URL, or, to try it "
                      "without a target of your own, ramptop demo");
}

static bool take_subject(struct options *o, char **words, size_t n, struct err *e)
{
    if (n > 1) {
        const char *near = words_nearest(words[0], actions);
        if (near != NULL)
            return err_set(e, "unknown command %.*s (did you mean ramptop %s?)", CLI_SHOWN,
                           words[0], near);
        return err_set(e, "one PROFILE or URL at a time: what is \"%.*s\" for?", CLI_SHOWN,
                       words[1]);
    }
    if (n == 0 || *words[0] == '\0') /* ramptop --serve: the command was forgotten */
        return check_demo_options(o, e) && missing_subject(e);
    o->subject = words[0];
    return true;
}

static bool take_words(struct options *o, char **words, size_t n, struct err *e)
{
    if (o->action == CLI_HELP || o->action == CLI_VERSION)
        return true;
    if (n == 1 && strcmp(words[0], "help") == 0) {
        o->action = CLI_HELP;
        return true;
    }
    if (n > 0 && strcmp(words[0], "demo") == 0) {
        o->action = CLI_DEMO;
        if (n > 1)
            return err_set(e, "ramptop demo takes no name: what is \"%.*s\" for?", CLI_SHOWN,
                           words[1]);
        if (o->host != NULL || o->method != NULL || o->body != NULL || o->body_file != NULL)
            return err_set(e, "ramptop demo has its own target and requests: --host, --method and "
                              "--data have no place there");
        return true;
    }
    if (n > 0 && strcmp(words[0], "check") == 0) {
        o->action = CLI_CHECK;
        if (n == 1)
            return err_set(e, "which profile? ramptop check PROFILE");
        words++, n--;
    }
    return take_subject(o, words, n, e);
}

bool cli_parse(struct options *o, int argc, char **argv, char **env, struct err *e)
{
    char *words[3];
    size_t n = 0;

    *o = (struct options){.demo_service_ms = -1, .demo_service = -1, .demo_queue = -1};
    struct options flags = *o;
    /* Flags first, to know what is asked for: RAMPTOP_DEMO_* only counts for the demo, and
     * --help must work whatever the environment holds. */
    bool ok = take_arguments(argc, argv, &flags, words, &n, e) && take_words(&flags, words, n, e);
    if (ok && flags.action != CLI_DEMO)
        ok = check_demo_options(&flags, e);
    cli_finish(&flags);
    if (!ok || flags.action == CLI_HELP || flags.action == CLI_VERSION) {
        o->action = flags.action;
        return ok;
    }
    n = 0;
    return cli_take_environment(env, o, e) && take_arguments(argc, argv, o, words, &n, e) &&
           take_words(o, words, n, e);
}

void cli_finish(struct options *o)
{
    free(o->headers);
    free(o->body_read);
    o->headers = NULL;
    o->body_read = NULL;
    o->n_headers = 0;
}

/* ----------------------------------------------------------------------- body */

bool cli_read_body(struct options *o, struct err *e)
{
    if (o->body_file == NULL)
        return true;
    const char *path = strcmp(o->body_file, "-") == 0 ? "/dev/stdin" : o->body_file;
    FILE *f = fopen(path, "re");
    char *text = NULL;
    size_t len = 0, got = 1;
    bool ok = f != NULL;

    while (ok && got > 0 && len <= BODY_MAX) {
        text = mem_grow(text, len + 65536 + 1, 1);
        got = fread(text + len, 1, 65536, f);
        len += got;
        ok = ferror(f) == 0;
    }
    if (!ok) {
        err_set(e, "-d cannot read %.200s: %s", o->body_file, strerror(errno));
    } else if (len > BODY_MAX || memchr(text, '\0', len) != NULL) {
        ok = err_set(e, "-d can send a text of at most 16 MB; %.200s is %s", o->body_file,
                     len > BODY_MAX ? "larger" : "binary");
    } else {
        text[len] = '\0';
        o->body = o->body_read = text;
        text = NULL;
    }
    if (f != NULL)
        fclose(f);
    free(text);
    return ok;
}
