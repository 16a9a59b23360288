/* SPDX-License-Identifier: MIT */
#include "src/cli/cli.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "src/base/buf.h"
#include "src/base/mem.h"
#include "src/base/words.h"
#include "src/cli/cli_table.h"
#include "src/cli/subcommand.h"

#define BODY_MAX ((size_t)16 << 20)

#define WORDS_MAX 1000

/* ----------------------------------------------------------------------- argv */

/* The tables of getopt_long, made from ours. */
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

static bool cli_take_word(struct cli_words *w, char *word, struct err *e)
{
    if (w->n == WORDS_MAX)
        return err_set(e, "too many arguments: what is \"%.*s\" for?", CLI_SHOWN, word);
    w->items = mem_room(w->items, w->n, sizeof *w->items);
    w->items[w->n++] = word;
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

/* The list that an option's further words belong to: `shop.cfg --tags read write`, as Locust
 * has it.  In front of the profile that word would be the profile. */
static struct cli_texts *list_of(int got, const struct cli_words *w, struct options *o)
{
    if (!cli_subject_given(w))
        return NULL;
    if (got == 256 + OPT_TAGS || got == *cli_table[OPT_TAGS].letters)
        return &o->tags;
    if (got == 256 + OPT_EXCLUDE_TAGS || got == *cli_table[OPT_EXCLUDE_TAGS].letters)
        return &o->exclude_tags;
    return NULL;
}

static bool take_arguments(int argc, char **argv, struct options *o, struct cli_words *w,
                           struct err *e)
{
    struct getopt_tables t;
    struct cli_texts *list = NULL;
    int got, at = 1;

    fill_tables(&t);
    optind = 0; /* glibc: start afresh */
    opterr = 0;
    /* A cluster of letters (-kL) leaves optind where it is until its last one. */
    while ((got = getopt_long(argc, argv, t.letters, t.longs, NULL)) != -1) {
        if (got == 1 && list != NULL) {
            cli_add_words(o, list, optarg);
        } else if (got == 1 ? !cli_take_word(w, optarg, e) : !take_option(got, argv[at], o, e)) {
            return false;
        } else {
            list = list_of(got, w, o);
        }
        at = optind;
        if (got == 1 && cli_rest_is_foreign(w))
            break;
    }
    while (optind < argc && !cli_rest_is_foreign(w)) { /* behind "--" */
        if (!cli_take_word(w, argv[optind++], e))
            return false;
    }
    w->rest = argv + optind;
    w->n_rest = (size_t)(argc - optind);
    return true;
}

/* --------------------------------------------------------------------- the whole */

/* Lists that flags and variables both give: the flags' take the variable's place. */
static void drop_lists(struct options *o, uint64_t given)
{
    const struct options flags = {.given = given};
    if (cli_given(&flags, OPT_TAGS))
        o->tags.n = 0;
    if (cli_given(&flags, OPT_EXCLUDE_TAGS))
        o->exclude_tags.n = 0;
}

static bool cli_take_line(struct options *o, int argc, char **argv, struct err *e)
{
    struct cli_words w = {0};
    bool ok = take_arguments(argc, argv, o, &w, e) && cli_take_words(o, &w, e);
    free(w.items);
    return ok;
}

bool cli_parse(struct options *o, int argc, char **argv, char **env, struct err *e)
{
    *o = (struct options){
        .command = subcommands[0], .demo_service_ms = -1, .demo_service = -1, .demo_queue = -1};
    struct options flags = *o;
    /* Flags first, to know what is asked for: variables of another command are no mistake, and
     * --help must work whatever the environment holds. */
    bool ok = cli_take_line(&flags, argc, argv, e) && cli_goes_together(&flags, e);
    uint64_t given = flags.given;
    const struct subcommand *command = flags.command;
    cli_finish(&flags);
    if (!ok || command->is_apart) {
        o->command = command;
        return ok;
    }
    if (!cli_take_environment(env, o, e))
        return false;
    drop_lists(o, given);
    return cli_take_line(o, argc, argv, e);
}

void cli_finish(struct options *o)
{
    struct cli_texts *lists[] = {&o->classes,    &o->tags,   &o->exclude_tags, &o->sets,
                                 &o->keep_hosts, &o->probes, &o->kept};
    for (size_t i = 0; i < o->kept.n; i++)
        free((char *)o->kept.items[i]);
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        free(lists[i]->items);
        *lists[i] = (struct cli_texts){0};
    }
    free(o->headers);
    free(o->body_read);
    o->headers = NULL;
    o->body_read = NULL;
    o->n_headers = 0;
}

/* ----------------------------------------------------------------------- body */

bool cli_read_body(struct options *o, struct err *e)
{
    struct buf text = {0};
    if (o->body_file == NULL)
        return true;
    const char *path = strcmp(o->body_file, "-") == 0 ? "/dev/stdin" : o->body_file;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool ok = fd >= 0 && buf_read(&text, fd, BODY_MAX);
    if (!ok)
        err_set(e, "-d cannot read %.200s: %s", o->body_file, strerror(errno));
    else if (text.len > BODY_MAX || strlen(text.data) < text.len)
        ok = err_set(e, "-d can send a text of at most 16 MB; %.200s is %s", o->body_file,
                     text.len > BODY_MAX ? "larger" : "binary");
    if (fd >= 0)
        close(fd);
    if (ok)
        o->body = o->body_read = buf_take(&text);
    buf_finish(&text);
    return ok;
}
