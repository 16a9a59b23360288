/* SPDX-License-Identifier: MIT */
/* cli.h - argv and environment -> struct options.  Pure: returns text, never
 * prints or exits.
 *
 * Precedence: flag, RAMPTOP_* variable, profile, user's configuration file. */
#ifndef RAMPTOP_CLI_H
#define RAMPTOP_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/base/err.h"

enum cli_action {
    CLI_RUN,     /* PROFILE|URL */
    CLI_CHECK,   /* check PROFILE */
    CLI_DEMO,    /* demo [--serve] */
    CLI_HELP,    /* --help: text is in cli_help() */
    CLI_VERSION,
};

enum exit_code {
    EXIT_FINE = 0,
    EXIT_THRESHOLD = 1,   /* a threshold failed */
    EXIT_USAGE = 2,       /* usage or profile error */
    EXIT_UNREACHABLE = 3, /* the target could not be reached: not one reply */
    EXIT_INTERRUPTED = 130,
};

struct options {
    enum cli_action action;
    const char *subject; /* profile or URL; borrowed from argv */
    /* load */
    bool users_set;
    uint32_t users;
    double spawn_rate;       /* 0: not given */
    uint64_t run_time_ns;    /* 0: not given */
    uint64_t requests;       /* -n, 0: not given */
    const char *level;
    unsigned workers;        /* 0: one per core */
    uint64_t seed;
    /* request */
    const char *host, *method, *body;
    const char **headers; /* owned array of borrowed texts */
    size_t n_headers;
    uint64_t timeout_ns;
    bool insecure, http2, follow;
    /* frontend */
    bool headless;
    bool no_color;
    enum { CLI_CHARS_AUTO, CLI_CHARS_BRAILLE, CLI_CHARS_BLOCK, CLI_CHARS_ASCII } chars;
    bool keep_running; /* a hang-up does not stop the load */
    const char *json;  /* file or "-" */
    const char *log_file;
    bool quiet;        /* no table while running */
    /* demo */
    bool demo_serve;
    unsigned demo_port;       /* 0: a free one */
    unsigned demo_servers;    /* C */
    double demo_service_ms;   /* S */
    int demo_service;         /* enum demo_service (demo/demo.h) */
    unsigned demo_queue;      /* LEN */
    const char *demo_truth;
};

/* False with one clear sentence in e.  env is a list like environ. */
bool cli_parse(struct options *o, int argc, char **argv, char **env, struct err *e);
void cli_finish(struct options *o); /* releases what parse allocated */

const char *cli_help(void);    /* the whole --help text */

#endif
