/* SPDX-License-Identifier: MIT */
#include "src/cli.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/human.h"
#include "src/base/mem.h"
#include "src/base/words.h"

#define BODY_MAX ((size_t)16 << 20)
#define SHOWN 80 /* of a wrong value, in a message */

/* X(id, name, letters, value, group, help) */
#define OPTIONS(X)                                                                                 \
    X(USERS, "users", "u", "N", CLI_LOAD, "users at once (10k is 10,000)")                         \
    X(SPAWN_RATE, "spawn-rate", "r", "RATE", CLI_LOAD, "users started per second")                 \
    X(RUN_TIME, "run-time", "t", "TIME", CLI_LOAD, "stop after 90, 90s, 1m30s, 2h")                \
    X(DURATION, "duration", "z", "TIME", CLI_LOAD, "the same as --run-time")                       \
    X(REQUESTS, "requests", "n", "N", CLI_LOAD, "stop after exactly N requests")                   \
    X(LEVEL, "level", "", "NAME", CLI_LOAD, "start with this level of the profile")                \
    X(WORKERS, "workers", "", "N", CLI_LOAD, "threads that make load; one per core by default")    \
    X(SEED, "seed", "", "N", CLI_LOAD, "repeat the same choices of tasks and waits")               \
    X(HOST, "host", "", "URL", CLI_REQUEST, "this target instead of the profile's")                \
    X(HEADER, "header", "H", "'NAME: VALUE'", CLI_REQUEST, "add to every request; repeatable")     \
    X(METHOD, "method", "mX", "METHOD", CLI_REQUEST, "of a bare URL's requests")                   \
    X(DATA, "data", "d", "TEXT|@FILE", CLI_REQUEST, "body of a bare URL's requests; then POST")    \
    X(INSECURE, "insecure", "k", NULL, CLI_REQUEST, "accept any TLS certificate")                  \
    X(HTTP2, "http2", "", NULL, CLI_REQUEST, "speak HTTP/2")                                       \
    X(LOCATION, "location", "L", NULL, CLI_REQUEST, "follow redirects")                            \
    X(TIMEOUT, "timeout", "", "TIME", CLI_REQUEST, "give a request up after that; 30s by default") \
    X(HEADLESS, "headless", "", NULL, CLI_OUTPUT, "no console, even in a terminal")                \
    X(QUIET, "quiet", "", NULL, CLI_OUTPUT, "headless: no table while running")                    \
    X(JSON, "json", "", "FILE", CLI_OUTPUT, "write the summary as JSON; - is standard output")     \
    X(LOG, "log", "", "FILE", CLI_OUTPUT, "append messages to this file")                          \
    X(NO_COLOR, "no-color", "", NULL, CLI_OUTPUT, "console without colours (NO_COLOR does too)")   \
    X(CHARS, "chars", "", "SET", CLI_OUTPUT, "draw with: auto, braille, block, ascii")             \
    X(KEEP_RUNNING, "keep-running", "", NULL, CLI_OUTPUT, "go on headless after a hang-up")        \
    X(SERVE, "serve", "", NULL, CLI_FOR_DEMO, "only the demo target, no console")                  \
    X(PORT, "port", "", "N", CLI_FOR_DEMO, "listen there; a free port by default")                 \
    X(SERVERS, "servers", "", "C", CLI_FOR_DEMO, "requests served at once; 8 by default")          \
    X(SERVICE_MS, "service-ms", "", "S", CLI_FOR_DEMO, "mean service time; 20 by default")         \
    X(SERVICE, "service", "", "KIND", CLI_FOR_DEMO, "service time is: const, exp, lognormal")      \
    X(QUEUE, "queue", "", "LEN", CLI_FOR_DEMO, "waiting requests beyond which 503; 200")           \
    X(TRUTH, "truth", "", "FILE", CLI_FOR_DEMO, "log each request as the target saw it")           \
    X(HELP, "help", "h", NULL, CLI_OTHER, "this text")                                             \
    X(VERSION, "version", "V", NULL, CLI_OTHER, "the version")

enum option_id {
#define X(id, name, letters, arg, group, help) OPT_##id,
    OPTIONS(X)
#undef X
        OPT_COUNT
};

static const struct cli_option table[OPT_COUNT] = {
#define X(id, name, letters, arg, group, help) {name, letters, arg, group, help},
    OPTIONS(X)
#undef X
};

static const char *const actions[] = {"check", "demo", NULL};
static const char *const chars_words[] = {"auto", "braille", "block", "ascii", NULL};
static const char *const service_words[] = {"const", "exp", "lognormal", NULL};

const struct cli_option *cli_option(size_t i)
{
    return i < OPT_COUNT ? &table[i] : NULL;
}

/* -------------------------------------------------------------------- values */

/* given: how the option was named, "--users" or "RAMPTOP_USERS". */
static bool wrong(struct err *e, const char *given, const char *needs, const char *value)
{
    return err_set(e, "%s needs %s, not \"%.*s\"", given, needs, SHOWN, value);
}

static bool take_count(const char *given, const char *value, const char *needs, uint64_t min,
                       uint64_t max, uint64_t *out, struct err *e)
{
    uint64_t n = 0;
    if (!human_parse_count(value, &n) || n < min || n > max)
        return wrong(e, given, needs, value);
    *out = n;
    return true;
}

static bool take_unsigned(const char *given, const char *value, const char *needs, unsigned min,
                          unsigned max, unsigned *out, struct err *e)
{
    uint64_t n = 0;
    if (!take_count(given, value, needs, min, max, &n, e))
        return false;
    *out = (unsigned)n;
    return true;
}

static bool take_duration(const char *given, const char *value, uint64_t *out, struct err *e)
{
    uint64_t ns = 0;
    if (!human_parse_duration(value, &ns) || ns == 0)
        return wrong(e, given, "a time such as 90, 90s, 1m30s or 2h", value);
    *out = ns;
    return true;
}

/* A decimal number without sign, exponent or hex. */
static bool take_decimal(const char *given, const char *value, const char *needs, double min,
                         double max, double *out, struct err *e)
{
    char *end = NULL;
    double v =
        *value != '\0' && value[strspn(value, "0123456789.")] == '\0' ? strtod(value, &end) : NAN;
    if (end == NULL || end == value || *end != '\0' || !(v >= min && v <= max))
        return wrong(e, given, needs, value);
    *out = v;
    return true;
}

static bool take_word(const char *given, const char *value, const char *const *words,
                      const char *needs, int *out, struct err *e)
{
    for (int i = 0; words[i] != NULL; i++) {
        if (strcmp(words[i], value) == 0) {
            *out = i;
            return true;
        }
    }
    const char *near = words_nearest(value, words);
    wrong(e, given, needs, value);
    if (near != NULL)
        err_set(e, "%s needs %s, not \"%.*s\" (did you mean %s?)", given, needs, SHOWN, value,
                near);
    return false;
}

static bool take_chars(const char *given, const char *value, struct options *o, struct err *e)
{
    int i = 0;
    if (!take_word(given, value, chars_words, "auto, braille, block or ascii", &i, e))
        return false;
    o->chars = (enum cli_chars)i;
    return true;
}

static bool take_seed(const char *given, const char *value, struct options *o, struct err *e)
{
    char *end;
    errno = 0;
    unsigned long long n = strtoull(value, &end, 10);
    if (!isdigit((unsigned char)*value) || *end != '\0' || errno != 0 || n == 0)
        return wrong(e, given, "a whole number from 1, such as 42", value);
    o->seed = n;
    return true;
}

static bool take_users(const char *given, const char *value, struct options *o, struct err *e)
{
    uint64_t n = 0;
    if (!take_count(given, value, "a whole number from 0 to 1,000,000, such as 50", 0,
                    CLI_MAX_USERS, &n, e))
        return false;
    o->users = (uint32_t)n;
    o->users_set = true;
    return true;
}

static bool take_queue(const char *given, const char *value, struct options *o, struct err *e)
{
    uint64_t n = 0;
    if (!take_count(given, value, "a whole number such as 200", 0, INT32_MAX, &n, e))
        return false;
    o->demo_queue = (int64_t)n;
    return true;
}

static bool take_data(const char *value, struct options *o)
{
    o->body = *value == '@' ? NULL : value;
    o->body_file = *value == '@' ? value + 1 : NULL;
    return true;
}

static bool take_header(const char *value, struct options *o)
{
    o->headers = mem_grow(o->headers, o->n_headers + 1, sizeof *o->headers);
    o->headers[o->n_headers++] = value;
    return true;
}

static bool take_text(const char *given, const char *value, const char **out, struct err *e)
{
    if (*value == '\0')
        return err_set(e, "%s needs a value, not an empty text", given);
    *out = value;
    return true;
}

/* ----------------------------------------------------------- one option taken */

static bool take_load(enum option_id id, const char *given, const char *value, struct options *o,
                      struct err *e)
{
    switch (id) {
    case OPT_USERS:
        return take_users(given, value, o, e);
    case OPT_SPAWN_RATE:
        return take_decimal(given, value, "users per second, such as 20 or 0.5", 1e-3, 1e6,
                            &o->spawn_rate, e);
    case OPT_RUN_TIME:
    case OPT_DURATION:
        return take_duration(given, value, &o->run_time_ns, e);
    case OPT_REQUESTS:
        return take_count(given, value, "a whole number from 1, such as 1000 or 10k", 1,
                          UINT64_C(1000000000000000), &o->requests, e);
    case OPT_LEVEL:
        return take_text(given, value, &o->level, e);
    case OPT_WORKERS:
        return take_unsigned(given, value, "a whole number from 1 to 64", 1, CLI_MAX_WORKERS,
                             &o->workers, e);
    default:
        return take_seed(given, value, o, e);
    }
}

static bool take_request(enum option_id id, const char *given, const char *value, struct options *o,
                         struct err *e)
{
    switch (id) {
    case OPT_HOST:
        return take_text(given, value, &o->host, e);
    case OPT_HEADER:
        return take_header(value, o);
    case OPT_METHOD:
        return take_text(given, value, &o->method, e);
    case OPT_DATA:
        return take_data(value, o);
    default:
        return take_duration(given, value, &o->timeout_ns, e);
    }
}

static bool take_demo(enum option_id id, const char *given, const char *value, struct options *o,
                      struct err *e)
{
    switch (id) {
    case OPT_PORT:
        return take_unsigned(given, value, "a port from 0 (a free one) to 65535", 0, 65535,
                             &o->demo_port, e);
    case OPT_SERVERS:
        return take_unsigned(given, value, "a whole number from 1, such as 8", 1, INT32_MAX,
                             &o->demo_servers, e);
    case OPT_SERVICE_MS:
        return take_decimal(given, value, "milliseconds, such as 20 or 0.5", 0, 1e9,
                            &o->demo_service_ms, e);
    case OPT_SERVICE:
        return take_word(given, value, service_words, "const, exp or lognormal", &o->demo_service,
                         e);
    case OPT_QUEUE:
        return take_queue(given, value, o, e);
    default:
        return take_text(given, value, &o->demo_truth, e);
    }
}

static bool take_value(enum option_id id, const char *given, const char *value, struct options *o,
                       struct err *e)
{
    switch (id) {
    case OPT_CHARS:
        return take_chars(given, value, o, e);
    case OPT_JSON:
        return take_text(given, value, &o->json, e);
    case OPT_LOG:
        return take_text(given, value, &o->log_file, e);
    default:
        break;
    }
    if (table[id].group == CLI_LOAD)
        return take_load(id, given, value, o, e);
    if (table[id].group == CLI_REQUEST)
        return take_request(id, given, value, o, e);
    return take_demo(id, given, value, o, e);
}

static void take_switch(enum option_id id, bool on, struct options *o)
{
    switch (id) {
    case OPT_INSECURE:
        o->insecure = on;
        break;
    case OPT_HTTP2:
        o->http2 = on;
        break;
    case OPT_LOCATION:
        o->follow = on;
        break;
    case OPT_HEADLESS:
        o->headless = on;
        break;
    case OPT_QUIET:
        o->quiet = on;
        break;
    case OPT_NO_COLOR:
        o->no_color = on;
        break;
    case OPT_KEEP_RUNNING:
        o->keep_running = on;
        break;
    case OPT_SERVE:
        o->demo_serve = on;
        break;
    case OPT_HELP:
        o->action = CLI_HELP;
        break;
    case OPT_VERSION:
        o->action = CLI_VERSION;
        break;
    default:
        break;
    }
}

/* --------------------------------------------------------------- environment */

static bool has_variable(enum option_id id)
{
    return table[id].group != CLI_OTHER;
}

/* "run-time" -> "RAMPTOP_RUN_TIME" */
static void variable_name(enum option_id id, char out[64])
{
    snprintf(out, 64, "RAMPTOP_%s%s", table[id].group == CLI_FOR_DEMO ? "DEMO_" : "",
             table[id].name);
    for (char *c = out; *c != '\0'; c++)
        *c = *c == '-' ? '_' : (char)toupper((unsigned char)*c);
}

static bool take_flag_word(enum option_id id, const char *given, const char *value,
                           struct options *o, struct err *e)
{
    static const char *const words[] = {"1", "yes", "true", "on", "0", "no", "false", "off", NULL};
    int i = 0;
    if (!take_word(given, value, words, "1 or 0 (yes or no)", &i, e))
        return false;
    take_switch(id, i < 4, o);
    return true;
}

static bool is_variable(const char *entry, const char *name)
{
    size_t len = strlen(name);
    return strncmp(entry, name, len) == 0 && entry[len] == '=';
}

/* Only near misses are mistakes: a cluster may set RAMPTOP_SERVICE_HOST and the like for
 * a service of our name. */
static bool unknown_variable(const char *entry, struct err *e)
{
    char names[OPT_COUNT][64], given[64];
    const char *list[OPT_COUNT + 1] = {NULL};
    size_t n = 0, len = strcspn(entry, "=");
    for (int id = 0; id < OPT_COUNT; id++) {
        if (has_variable((enum option_id)id)) {
            variable_name((enum option_id)id, names[n]);
            list[n] = names[n] + strlen("RAMPTOP_");
            n++;
        }
    }
    snprintf(given, sizeof given, "%.*s", len < sizeof given ? (int)len : 0, entry);
    const char *near = *given != '\0' ? words_nearest(given + strlen("RAMPTOP_"), list) : NULL;
    size_t a = near != NULL ? strlen(near) : 0, b = strlen(given) - (*given ? 8 : 0);
    if (near == NULL || a > b + 1 || b > a + 1 || toupper((unsigned char)given[8]) != *near)
        return true;
    return err_set(e, "unknown variable %s (did you mean RAMPTOP_%s?)", given, near);
}

static bool take_variable(const char *entry, struct options *o, struct err *e)
{
    char name[64];
    for (int id = 0; id < OPT_COUNT; id++) {
        variable_name((enum option_id)id, name);
        if (!has_variable((enum option_id)id) || !is_variable(entry, name))
            continue;
        const char *value = entry + strlen(name) + 1;
        if (*value == '\0') /* set to nothing: not set */
            return true;
        if (table[id].arg == NULL)
            return take_flag_word((enum option_id)id, name, value, o, e);
        return take_value((enum option_id)id, name, value, o, e);
    }
    return unknown_variable(entry, e);
}

static bool take_environment(char **env, struct options *o, struct err *e)
{
    for (; env != NULL && *env != NULL; env++) {
        if (is_variable(*env, "NO_COLOR") && (*env)[9] != '\0')
            o->no_color = true;
        if (strncmp(*env, "RAMPTOP_", 8) == 0 && !take_variable(*env, o, e))
            return false;
    }
    return true;
}

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
            (struct option){.name = table[id].name,
                            .has_arg = table[id].arg != NULL ? required_argument : no_argument,
                            .val = 256 + id};
        for (const char *l = table[id].letters; *l != '\0'; l++) {
            *to++ = *l;
            if (table[id].arg != NULL)
                *to++ = ':';
        }
    }
    *to = '\0';
}

static int by_letter(int letter)
{
    for (int id = 0; id < OPT_COUNT; id++) {
        if (letter != '\0' && strchr(table[id].letters, letter) != NULL)
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
        names[id] = table[id].name;
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
        return err_set(e, "too many arguments: what is \"%.*s\" for?", SHOWN, word);
    words[(*n)++] = word;
    return true;
}

static bool take_option(int got, const char *element, struct options *o, struct err *e)
{
    char given[64];
    bool is_long = got >= 256 || (got == ':' && optopt >= 256);
    int id = is_long ? (got >= 256 ? got : optopt) - 256 : by_letter(got == ':' ? optopt : got);

    if (got == '?' && optopt >= 256)
        return err_set(e, "--%s takes no value", table[optopt - 256].name);
    if (got == '?' || id < 0)
        return unknown_option(element, optopt, e);
    if (is_long && !whole_name(element, table[id].name))
        return unknown_option(element, 0, e);
    if (is_long)
        snprintf(given, sizeof given, "--%s", table[id].name);
    else
        snprintf(given, sizeof given, "-%c", got == ':' ? optopt : got);
    if (got == ':')
        return err_set(e, "%s needs a value: %s %s", given, given, table[id].arg);
    if (table[id].arg != NULL)
        return take_value((enum option_id)id, given, optarg, o, e);
    take_switch((enum option_id)id, true, o);
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
            return err_set(e, "unknown command %.*s (did you mean ramptop %s?)", SHOWN, words[0],
                           near);
        return err_set(e, "one PROFILE or URL at a time: what is \"%.*s\" for?", SHOWN, words[1]);
    }
    if (n == 0 || *words[0] == '\0')
        return missing_subject(e);
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
            return err_set(e, "ramptop demo takes no name: what is \"%.*s\" for?", SHOWN, words[1]);
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
    return take_environment(env, o, e) && take_arguments(argc, argv, o, words, &n, e) &&
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

/* ----------------------------------------------------------------------- help */

static void help_line(FILE *out, enum option_id id)
{
    const struct cli_option *t = &table[id];
    char left[64];
    snprintf(left, sizeof left, "  %c%c%s--%s %s", *t->letters ? '-' : ' ',
             *t->letters ? *t->letters : ' ', *t->letters ? ", " : "  ", t->name,
             t->arg != NULL ? t->arg : "");
    fprintf(out, "%-31s %s\n", left, t->help);
}

char *cli_help(void)
{
    static const char *const titles[CLI_GROUPS] = {"Load", "Request", "Output", "Demo target",
                                                   "Other"};
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (out == NULL)
        return mem_strdup("");
    fputs("Usage: ramptop [OPTION...] PROFILE|URL   the console; headless without a terminal\n"
          "       ramptop [OPTION...] demo          the same against the built-in demo target\n"
          "       ramptop check PROFILE             say what is wrong with a profile\n"
          "\n"
          "ramptop is a load console for the terminal: it loads an HTTP server with users,\n"
          "shows live what it answers, and turns the load up and down by key.\n"
          "Without --level and --users the first level of the profile drives, or one user.\n",
          out);
    for (int g = 0; g < CLI_GROUPS; g++) {
        fprintf(out, "\n%s\n", titles[g]);
        for (int id = 0; id < OPT_COUNT; id++) {
            if (table[id].group == (enum cli_group)g)
                help_line(out, (enum option_id)id);
        }
    }
    fputs("\n"
          "Every option has a variable: --run-time is RAMPTOP_RUN_TIME, the demo target's --port\n"
          "is RAMPTOP_DEMO_PORT; a flag wins over it, it wins over the profile.\n"
          "Exit status: 0 fine, 1 a threshold failed, 2 usage or profile error, 3 the target\n"
          "could not be reached, 130 interrupted.  More: man ramptop\n",
          out);
    if (fclose(out) != 0 || text == NULL) {
        free(text);
        return mem_strdup("");
    }
    return text;
}
