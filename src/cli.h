/* SPDX-License-Identifier: MIT */
/* cli.h - argv and environment -> struct options.  Pure: returns text, never
 * prints or exits.
 *
 * One table names every option; the parser, the RAMPTOP_* variables, --help and the
 * tests of man page and completions all read it.  Precedence: flag, variable, profile,
 * configuration file (src/conf.h). */
#ifndef RAMPTOP_CLI_H
#define RAMPTOP_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/base/err.h"

enum cli_action {
    CLI_RUN,   /* PROFILE|URL */
    CLI_CHECK, /* check PROFILE */
    CLI_DEMO,  /* demo [--serve] */
    CLI_HELP,  /* --help: the text is cli_help() */
    CLI_VERSION,
};

enum exit_code {
    EXIT_FINE = 0,
    EXIT_THRESHOLD = 1,   /* a threshold failed */
    EXIT_USAGE = 2,       /* usage or profile error, or a report that could not be written */
    EXIT_UNREACHABLE = 3, /* the target could not be reached: not one reply */
    EXIT_SIGNAL = 128,    /* plus the number of the signal: 130 for Ctrl-C */
};

#define CLI_MAX_USERS 1000000u
#define CLI_MAX_WORKERS 64u

enum cli_chars { CLI_CHARS_AUTO, CLI_CHARS_BRAILLE, CLI_CHARS_BLOCK, CLI_CHARS_ASCII };

struct options {
    uint64_t given; /* which options a flag or variable named: 1 << enum option_id */
    /* What counts only where the profile says nothing, from the configuration file; NULL
     * for none; borrowed. */
    const struct options *under;
    enum cli_action action;
    const char *subject; /* profile or URL; borrowed from argv, as all texts here are */
    /* load */
    bool users_set;
    uint32_t users;
    double spawn_rate;    /* 0: not given */
    uint64_t run_time_ns; /* 0: not given */
    uint64_t requests;    /* -n, 0: not given */
    const char *level;
    unsigned workers; /* 0: one per core */
    uint64_t seed;    /* 0: from the clock */
    /* request */
    const char *host, *method;
    const char *body;      /* NULL for none; see cli_read_body */
    const char *body_file; /* from `-d @FILE`, "-" for standard input */
    char *body_read;       /* owned: what cli_read_body put in body */
    const char **headers;  /* owned array of borrowed texts */
    size_t n_headers;
    uint64_t timeout_ns; /* 0: not given */
    bool insecure, http2, follow;
    /* frontend */
    bool headless;
    bool no_color;
    enum cli_chars chars;
    bool keep_running; /* a hang-up does not stop the load */
    const char *json;  /* file or "-" */
    const char *log_file;
    bool quiet; /* no table while running */
    /* demo */
    bool demo_serve;
    unsigned demo_port;     /* 0: a free one */
    unsigned demo_servers;  /* C; 0: not given */
    double demo_service_ms; /* S; negative: not given */
    int demo_service;       /* place in "const exp lognormal"; negative: not given */
    int64_t demo_queue;     /* negative: not given */
    const char *demo_truth;
};

/* False with one clear sentence in e.  env is a list like environ, NULL for none.  In
 * both cases the caller calls cli_finish. */
bool cli_parse(struct options *o, int argc, char **argv, char **env, struct err *e);
void cli_finish(struct options *o);

/* Reads the file of `-d @FILE` into o->body; true at once when there is none. */
bool cli_read_body(struct options *o, struct err *e);

/* The whole --help text; the caller frees. */
char *cli_help(void);

enum cli_group { CLI_LOAD, CLI_REQUEST, CLI_OUTPUT, CLI_FOR_DEMO, CLI_OTHER, CLI_GROUPS };

struct cli_option {
    const char *name;    /* "run-time" for --run-time; its variable is RAMPTOP_RUN_TIME, and
                            RAMPTOP_DEMO_PORT for the demo's --port */
    const char *letters; /* "mX": short forms, the first is the one shown; "" for none */
    const char *arg;     /* what its value is called, NULL for a switch */
    enum cli_group group;
    const char *help;
};

/* The i-th option of the table, NULL after the last. */
const struct cli_option *cli_option(size_t i);

#endif
