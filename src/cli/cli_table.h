/* SPDX-License-Identifier: MIT */
/* cli_table.h - the table of options, and what one option does to struct options.  Only
 * for src/cli. */
#ifndef RAMPTOP_CLI_CLI_TABLE_H
#define RAMPTOP_CLI_CLI_TABLE_H

#include <stdbool.h>

#include "src/base/err.h"
#include "src/cli/cli.h"

#define CLI_SHOWN 80 /* bytes of a wrong value or word, in a message */

/* X(id, name, letters, value, group, help); which subcommand takes it stands in its row. */
#define OPTIONS(X)                                                                                 \
    X(USERS, "users", "u", "N", CLI_LOAD, "users at once (10k is 10,000)")                         \
    X(SPAWN_RATE, "spawn-rate", "r", "RATE", CLI_LOAD, "users started per second")                 \
    X(RUN_TIME, "run-time", "t", "TIME", CLI_LOAD, "stop after 90, 90s, 1m30s, 2h")                \
    X(DURATION, "duration", "z", "TIME", CLI_LOAD, "the same as --run-time")                       \
    X(REQUESTS, "requests", "n", "N", CLI_LOAD, "stop after exactly N requests")                   \
    X(GRACE, "grace", "", "TIME", CLI_LOAD,                                                        \
      "for running requests when the load ends; 2s by default")                                    \
    X(LEVEL, "level", "", "NAME", CLI_LOAD, "start with this level of the profile")                \
    X(WORKERS, "workers", "", "N", CLI_LOAD, "threads that make load; one per core by default")    \
    X(SEED, "seed", "", "N", CLI_LOAD, "repeat the same choices of tasks and waits")               \
    X(TAGS, "tags", "T", "TAG,...", CLI_PROFILE, "only tasks with one of these tags")              \
    X(EXCLUDE_TAGS, "exclude-tags", "E", "TAG,...", CLI_PROFILE,                                   \
      "no tasks with one of these tags")                                                           \
    X(EQUAL_WEIGHTS, "equal-weights", "", NULL, CLI_PROFILE,                                       \
      "all classes and tasks weigh the same")                                                      \
    X(SET, "set", "", "KEY=VALUE", CLI_PROFILE, "change a setting of the profile; repeatable")     \
    X(HOST, "host", "", "URL", CLI_REQUEST, "this target instead of the profile's")                \
    X(HEADER, "header", "H", "'NAME: VALUE'", CLI_REQUEST, "add to every request; repeatable")     \
    X(METHOD, "method", "mX", "METHOD", CLI_REQUEST, "of a bare URL's requests")                   \
    X(DATA, "data", "d", "TEXT|@FILE", CLI_REQUEST, "body of a bare URL's requests; then POST")    \
    X(INSECURE, "insecure", "k", NULL, CLI_REQUEST, "accept any TLS certificate")                  \
    X(HTTP2, "http2", "", NULL, CLI_REQUEST, "speak HTTP/2")                                       \
    X(LOCATION, "location", "L", NULL, CLI_REQUEST, "follow redirects")                            \
    X(TIMEOUT, "timeout", "", "TIME", CLI_REQUEST, "give a request up after that; 30s by default") \
    X(PROBE, "probe", "", "TYPE[:WHAT]", CLI_PROBES,                                               \
      "watch the target's resources too; repeatable")                                              \
    X(NO_PROBES, "no-probes", "", NULL, CLI_PROBES, "watch nothing, whatever the profile says")    \
    X(TRUST, "trust", "", NULL, CLI_PROFILE, "let the profile do what it asks for, this once")     \
    X(ALLOW_EXEC, "allow-exec", "", NULL, CLI_PROFILE, "the same as --trust")                      \
    X(YES, "yes", "", NULL, CLI_PROFILE, "ramptop trust: do not ask")                              \
    X(HEADLESS, "headless", "", NULL, CLI_OUTPUT, "no console, even in a terminal")                \
    X(QUIET, "quiet", "", NULL, CLI_OUTPUT, "headless: no table while running")                    \
    X(JSON, "json", "", "FILE", CLI_OUTPUT, "write the summary as JSON; - is standard output")     \
    X(LOG, "log", "", "FILE", CLI_OUTPUT, "append messages to this file")                          \
    X(RECORD, "record", "", "FILE", CLI_OUTPUT, "record the run there")                            \
    X(NO_RECORD, "no-record", "", NULL, CLI_OUTPUT, "do not record the run")                       \
    X(NO_COLOR, "no-color", "", NULL, CLI_OUTPUT, "console without colours (NO_COLOR does too)")   \
    X(CHARS, "chars", "", "SET", CLI_OUTPUT, "draw with: auto, braille, block, ascii")             \
    X(KEEP_RUNNING, "keep-running", "", NULL, CLI_OUTPUT, "go on headless after a hang-up")        \
    X(CONCURRENCY, "concurrency", "", "N,...", CLI_FOR_BENCH,                                      \
      "bench: so many at once, step by step; 1,10,25,50")                                          \
    X(ONLY, "only", "", "GLOB", CLI_FOR_BENCH,                                                     \
      "bench: only these endpoints; limits: these limits")                                         \
    X(MAX_WAIT, "max-wait", "", "TIME", CLI_FOR_BENCH,                                             \
      "limits: the longest wait for a limit to recover")                                           \
    X(KEEP_SECRETS, "keep-secrets", "", NULL, CLI_FOR_IMPORT,                                      \
      "print passwords and tokens as they are")                                                    \
    X(KEEP_HOST, "keep-host", "", "HOST", CLI_FOR_IMPORT,                                          \
      "har: requests to this host too; repeatable")                                                \
    X(KEEP_ALL_HOSTS, "keep-all-hosts", "", NULL, CLI_FOR_IMPORT, "har: requests to every host")   \
    X(KEEP_STATIC, "keep-static", "", NULL, CLI_FOR_IMPORT,                                        \
      "har: images, fonts, style sheets, scripts too")                                             \
    X(SERVE, "serve", "", NULL, CLI_FOR_DEMO, "only the demo target, no console")                  \
    X(PORT, "port", "", "N", CLI_FOR_DEMO, "listen there; a free port by default")                 \
    X(SERVERS, "servers", "", "C", CLI_FOR_DEMO, "requests served at once; 8 by default")          \
    X(SERVICE_MS, "service-ms", "", "S", CLI_FOR_DEMO, "mean service time; 20 by default")         \
    X(SERVICE, "service", "", "KIND", CLI_FOR_DEMO, "service time is: const, exp, lognormal")      \
    X(QUEUE, "queue", "", "LEN", CLI_FOR_DEMO, "waiting requests beyond which 503; 200")           \
    X(POSTGRES, "postgres", "", "DSN", CLI_FOR_DEMO,                                               \
      "served by a pool of this PostgreSQL's connections")                                         \
    X(POOL, "pool", "", "N", CLI_FOR_DEMO, "of so many of them; 20 by default")                    \
    X(TRUTH, "truth", "", "FILE", CLI_FOR_DEMO, "log each request as the target saw it")           \
    X(HELP, "help", "h", NULL, CLI_OTHER, "this text")                                             \
    X(VERSION, "version", "V", NULL, CLI_OTHER, "the version")

enum option_id {
#define X(id, name, letters, arg, group, help) OPT_##id,
    OPTIONS(X)
#undef X
        OPT_COUNT
};

extern const struct cli_option cli_table[OPT_COUNT];

/* Options as a subcommand's row lists them. */
#define OPT_BIT(id) (UINT64_C(1) << OPT_##id)
/* With every profile that is to be loaded. */
#define OPTS_PROFILE                                                                               \
    (OPT_BIT(WORKERS) | OPT_BIT(SEED) | OPT_BIT(TAGS) | OPT_BIT(EXCLUDE_TAGS) |                    \
     OPT_BIT(EQUAL_WEIGHTS) | OPT_BIT(SET) | OPT_BIT(HOST) | OPT_BIT(HEADER) | OPT_BIT(METHOD) |   \
     OPT_BIT(DATA) | OPT_BIT(INSECURE) | OPT_BIT(HTTP2) | OPT_BIT(LOCATION) | OPT_BIT(TIMEOUT) |   \
     OPT_BIT(TRUST) | OPT_BIT(ALLOW_EXEC) | OPT_BIT(HEADLESS) | OPT_BIT(QUIET) | OPT_BIT(JSON) |   \
     OPT_BIT(LOG) | OPT_BIT(NO_COLOR))
/* With a run, and with a look at its profile: a command line stays as it is when `check` or
 * `list` is put in front. */
#define OPTS_RUN                                                                                   \
    (OPTS_PROFILE | OPT_BIT(USERS) | OPT_BIT(SPAWN_RATE) | OPT_BIT(RUN_TIME) | OPT_BIT(DURATION) | \
     OPT_BIT(REQUESTS) | OPT_BIT(GRACE) | OPT_BIT(LEVEL) | OPT_BIT(PROBE) | OPT_BIT(NO_PROBES) |   \
     OPT_BIT(CHARS) | OPT_BIT(KEEP_RUNNING) | OPT_BIT(RECORD) | OPT_BIT(NO_RECORD))

/* Takes an option's value; given is how the option was named ("-u", "RAMPTOP_USERS"). */
bool cli_take_value(enum option_id id, const char *given, const char *value, struct options *o,
                    struct err *e);
void cli_take_switch(enum option_id id, bool on, struct options *o);
/* A switch's value in the environment: 1, yes, true, on, or the opposite. */
bool cli_take_flag_word(enum option_id id, const char *given, const char *value, struct options *o,
                        struct err *e);

/* Whether a flag or variable named it (--duration is --run-time by another name). */
bool cli_given(const struct options *o, enum option_id id);
/* "run-time" -> "run_time", and "port" -> "demo_port": its name in the configuration file,
 * and in capitals behind RAMPTOP_ its variable's.  False for those that have none. */
#define CLI_NAME_MAX 64
bool cli_setting_name(enum option_id id, char out[CLI_NAME_MAX]);

/* False for a variable that is not one of ours or has a wrong value. */
bool cli_take_environment(char **env, struct options *o, struct err *e);

/* ---- lists of texts */

void cli_add_text(struct cli_texts *t, const char *text);
/* A copy that lives as long as the options. */
const char *cli_keep(struct options *o, const char *text, size_t len);
/* Adds the words of a text that commas or blanks part. */
void cli_add_words(struct options *o, struct cli_texts *t, const char *text);

/* ---- what the words mean that belong to no option */

struct cli_words {
    char **items; /* owned array of borrowed words */
    size_t n;
    char *const
        *rest; /* the words behind a subcommand whose operands are foreign; n_rest of them */
    size_t n_rest;
};

/* Whether the words so far name what is to be loaded; whether all further ones are foreign. */
bool cli_subject_given(const struct cli_words *w);
bool cli_rest_is_foreign(const struct cli_words *w);

/* The subcommand and its operands. */
bool cli_take_words(struct options *o, const struct cli_words *w, struct err *e);
/* False for an option that the subcommand does not take; for what the command line alone gave,
 * as variables are there for all subcommands. */
bool cli_goes_together(const struct options *flags, struct err *e);

/* For the rows: the names of user classes, of which another profile or URL is none; the complaint
 * about a word too many, which returns false. */
bool cli_take_classes(struct options *o, char *const *words, size_t n, struct err *e);
bool cli_too_many(const char *word, struct err *e);

#endif
