/* SPDX-License-Identifier: MIT */
/* cli_table.h - the table of options, and what one option does to struct options.  Only
 * for cli*.c and conf.c. */
#ifndef RAMPTOP_CLI_TABLE_H
#define RAMPTOP_CLI_TABLE_H

#include <stdbool.h>

#include "src/base/err.h"
#include "src/cli.h"

#define CLI_SHOWN 80 /* bytes of a wrong value or word, in a message */

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

extern const struct cli_option cli_table[OPT_COUNT];

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

#endif
