/* SPDX-License-Identifier: MIT */
/* The words of the command line that belong to no option: what is to be done, with what. */
#include <stdlib.h>
#include <string.h>

#include "src/base/words.h"
#include "src/cli/cli_table.h"

static const struct {
    const char *name;
    enum cli_action action;
    const char *missing; /* the complaint when nothing stands behind it; NULL: that is fine */
} commands[] = {
    {"check", CLI_CHECK, "which profile? ramptop check PROFILE"},
    {"list", CLI_LIST, "which profile? ramptop list PROFILE"},
    {"bench", CLI_BENCH, "which profile? ramptop bench PROFILE, or a URL"},
    {"limits", CLI_LIMITS, "which profile? ramptop limits PROFILE"},
    {"import", CLI_IMPORT_CURL,
     "import what? ramptop import curl 'curl https://...', or ramptop import har FILE"},
    {"new", CLI_NEW, NULL},
    {"trust", CLI_TRUST, "which profile? ramptop trust PROFILE"},
    {"demo", CLI_DEMO, NULL},
};
#define N_COMMANDS (sizeof commands / sizeof *commands)

const char *const *cli_commands(void)
{
    static const char *names[N_COMMANDS + 1];
    for (size_t i = 0; i < N_COMMANDS; i++)
        names[i] = commands[i].name;
    return names;
}

/* Returns the place in commands, N_COMMANDS for a word that is none. */
static size_t command_of(const struct cli_words *w)
{
    size_t i = 0;
    while (i < N_COMMANDS && (w->n == 0 || strcmp(w->items[0], commands[i].name) != 0))
        i++;
    return i;
}

bool cli_subject_given(const struct cli_words *w)
{
    bool demo = w->n > 0 && strcmp(w->items[0], "demo") == 0; /* may go without a name */
    return w->n > (command_of(w) < N_COMMANDS && !demo ? 1 : 0);
}

bool cli_rest_is_curl(const struct cli_words *w)
{
    return w->n == 2 && strcmp(w->items[0], "import") == 0 && strcmp(w->items[1], "curl") == 0;
}

/* ------------------------------------------------------------- what goes together */

static const char *command_name(enum cli_action action)
{
    if (action == CLI_IMPORT_HAR)
        return "import har";
    if (action == CLI_IMPORT_CURL)
        return "import curl";
    for (size_t i = 0; i < N_COMMANDS; i++) {
        if (commands[i].action == action)
            return commands[i].name;
    }
    return "PROFILE";
}

/* Complains about an option of a run, or of another command, which is named then. */
static bool misplaced(enum option_id id, enum cli_action action, struct err *e)
{
    const char *name = cli_table[id].name;
    if (cli_table[id].group == CLI_FOR_DEMO)
        return err_set(e, "--%s belongs to the demo target: ramptop demo --%s ...", name, name);
    if (id == OPT_YES)
        return err_set(e, "--yes belongs to ramptop trust");
    if (id == OPT_ONLY)
        return err_set(e, "--only belongs to ramptop bench and ramptop limits");
    if (cli_table[id].group == CLI_FOR_JOBS)
        return err_set(e, "--%s belongs to %s", name,
                       id == OPT_MAX_WAIT ? "ramptop limits" : "ramptop bench");
    if (cli_table[id].group == CLI_FOR_IMPORT)
        return err_set(e, "--%s belongs to ramptop import%s", name,
                       (cli_table[id].actions & CLI_A(IMPORT_CURL)) != 0 ? "" : " har");
    if (action == CLI_BENCH && (id == OPT_USERS || id == OPT_LEVEL || id == OPT_SPAWN_RATE))
        return err_set(e,
                       "--%s does not go with ramptop bench, where --concurrency says how many "
                       "requests at once",
                       name);
    return err_set(e, "--%s does not go with ramptop %s", name, command_name(action));
}

bool cli_goes_together(const struct options *flags, struct err *e)
{
    if (flags->action == CLI_HELP || flags->action == CLI_VERSION)
        return true;
    for (int id = 0; id < OPT_COUNT; id++) {
        if (cli_given(flags, (enum option_id)id) && id != OPT_DURATION &&
            (cli_table[id].actions & 1u << flags->action) == 0)
            return misplaced((enum option_id)id, flags->action, e);
    }
    if (flags->no_probes && flags->probes.n > 0)
        return err_set(e, "--no-probes watches nothing and --probe something: leave one out");
    return true;
}

/* ---------------------------------------------------------------------- words */

static bool too_many(const char *word, struct err *e)
{
    return err_set(e, "what is \"%.*s\" for?", CLI_SHOWN, word);
}

static bool is_bare(const char *word)
{
    return strpbrk(word, "/.:@[") == NULL;
}

/* Names of user classes behind the profile; another profile or URL is none. */
static bool take_classes(struct options *o, char *const *words, size_t n, struct err *e)
{
    for (size_t i = 0; i < n; i++) {
        size_t len = strlen(words[i]);
        const char *host = strstr(words[i], "://"); /* a password may stand before the host */
        size_t shown = host != NULL ? (size_t)(host - words[i]) : len;
        if (host != NULL || len == 0 || (len > 4 && strcmp(words[i] + len - 4, ".cfg") == 0))
            return err_set(e, "one PROFILE or URL at a time: what is \"%.*s%s\" for?",
                           shown < CLI_SHOWN ? (int)shown : CLI_SHOWN, words[i],
                           host != NULL ? "://..." : "");
        cli_add_text(&o->classes, words[i]);
    }
    return true;
}

static bool take_subject(struct options *o, char *const *words, size_t n, struct err *e)
{
    if (n == 0 || *words[0] == '\0')
        return err_set(e, "what to load is missing: ramptop PROFILE, ramptop URL, or, to try it "
                          "without a target of your own, ramptop demo");
    const char *near = o->action == CLI_RUN && n > 1 && is_bare(words[0])
                           ? words_nearest(words[0], cli_commands())
                           : NULL;
    if (near != NULL)
        return err_set(e, "unknown command %.*s (did you mean ramptop %s?)", CLI_SHOWN, words[0],
                       near);
    o->subject = words[0];
    if (n > 1 && (o->action == CLI_LIMITS || o->action == CLI_TRUST))
        return too_many(words[1], e);
    return take_classes(o, words + 1, n - 1, e);
}

static bool words_take_demo(struct options *o, char *const *words, size_t n, struct err *e)
{
    if (o->host != NULL || o->method != NULL || o->body != NULL || o->body_file != NULL)
        return err_set(e, "ramptop demo has its own target and requests: --host, --method and "
                          "--data have no place there");
    if (n > 0 && *words[0] != '\0')
        o->demo_name = words[0];
    return n == 0 || take_classes(o, words + 1, n - 1, e);
}

static bool take_new(struct options *o, char *const *words, size_t n, struct err *e)
{
    if (n > 1)
        return too_many(words[1], e);
    o->subject = n > 0 && *words[0] != '\0' ? words[0] : NULL;
    return true;
}

static bool take_curl(struct options *o, const struct cli_words *w, struct err *e)
{
    o->curl_words = w->curl;
    o->n_curl_words = w->n_curl;
    if (w->n_curl == 0 || *w->curl[0] == '\0')
        return err_set(e,
                       "paste the curl command behind it: ramptop import curl 'curl https://...'");
    for (int id = 0; id < OPT_COUNT; id++) {
        if (cli_table[id].group == CLI_FOR_IMPORT && strncmp(w->curl[0], "--", 2) == 0 &&
            strcmp(w->curl[0] + 2, cli_table[id].name) == 0)
            return err_set(e, "what stands behind \"curl\" is curl's: ramptop import %s curl ...",
                           w->curl[0]);
    }
    return true;
}

static bool take_import(struct options *o, const struct cli_words *w, struct err *e)
{
    static const char *const kinds[] = {"curl", "har", NULL};
    if (cli_rest_is_curl(w))
        return take_curl(o, w, e);
    if (strcmp(w->items[1], "har") != 0) {
        const char *near = words_nearest(w->items[1], kinds);
        return err_set(e, "ramptop import reads curl or har, not \"%.*s\"%s%s%s", CLI_SHOWN,
                       w->items[1], near != NULL ? " (did you mean " : "", near != NULL ? near : "",
                       near != NULL ? "?)" : "");
    }
    o->action = CLI_IMPORT_HAR;
    if (w->n == 2 || *w->items[2] == '\0')
        return err_set(e, "which file? ramptop import har FILE");
    o->subject = w->items[2];
    return w->n == 3 || too_many(w->items[3], e);
}

bool cli_take_words(struct options *o, const struct cli_words *w, struct err *e)
{
    size_t command = command_of(w);
    if (o->action == CLI_HELP || o->action == CLI_VERSION)
        return true;
    if (w->n == 1 && strcmp(w->items[0], "help") == 0) {
        o->action = CLI_HELP;
        return true;
    }
    if (command == N_COMMANDS) /* ramptop --serve: the command was forgotten */
        return (w->n > 0 || cli_goes_together(o, e)) && take_subject(o, w->items, w->n, e);
    o->action = commands[command].action;
    if (w->n == 1 && commands[command].missing != NULL)
        return err_set(e, "%s", commands[command].missing);
    switch (o->action) {
    case CLI_DEMO:
        return words_take_demo(o, w->items + 1, w->n - 1, e);
    case CLI_NEW:
        return take_new(o, w->items + 1, w->n - 1, e);
    case CLI_IMPORT_CURL:
        return take_import(o, w, e);
    default:
        return take_subject(o, w->items + 1, w->n - 1, e);
    }
}
