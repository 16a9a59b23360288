/* SPDX-License-Identifier: MIT */
/* cli.h - argv and environment -> struct options.  Pure: returns text, never
 * prints or exits.
 *
 * One table names every option; the parser, the RAMPTOP_* variables, --help and the
 * tests of man page and completions all read it.  Precedence: flag, variable, profile,
 * configuration file (src/cli/conf.h; with Locust's names: src/cli/conf_locust.h). */
#ifndef RAMPTOP_CLI_CLI_H
#define RAMPTOP_CLI_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/base/err.h"
#include "src/base/problems.h"

struct subcommand;

enum exit_code {
    EXIT_FINE = 0,
    EXIT_THRESHOLD = 1,   /* a goal was missed, of a burst, bench, limits; or not all requests
                             could be sent */
    EXIT_USAGE = 2,       /* usage or profile error, or a report that could not be written */
    EXIT_UNREACHABLE = 3, /* the target could not be reached: not one reply */
    EXIT_MEMORY = 4,      /* out of memory */
    EXIT_NOT_RECORDED = 5, /* the recording is not whole, and nothing else went wrong */
    EXIT_SIGNAL = 128,    /* plus the number of the signal: 130 for Ctrl-C */
};

#define CLI_MAX_USERS 1000000u
#define CLI_MAX_WORKERS 64u
#define CLI_MAX_GRACE_NS (UINT64_C(3600) * 1000000000)
#define CLI_MAX_STEPS 16u /* numbers of --concurrency */

enum cli_chars { CLI_CHARS_AUTO, CLI_CHARS_BRAILLE, CLI_CHARS_BLOCK, CLI_CHARS_ASCII };

/* Texts that the options borrow, from argv or from what they keep. */
struct cli_texts {
    const char **items;
    size_t n;
};

struct options {
    uint64_t given; /* options that a flag or variable named: 1 << enum option_id */
    /* Settings of the configuration file, which count only where the profile says nothing;
     * NULL for none; borrowed. */
    const struct options *under;
    /* Sentences about how these were read, for the log; borrowed. */
    const struct problems *notes;
    const struct subcommand *command; /* src/cli/subcommand.h */
    const char *subject; /* profile, URL or file; borrowed from argv, as all texts here are */
    /* selects parts of the profile */
    struct cli_texts classes; /* named behind the profile */
    struct cli_texts tags, exclude_tags;
    struct cli_texts sets; /* "levels.smoke.users=20" */
    bool equal_weights;
    /* load */
    bool users_set;
    uint32_t users;
    double spawn_rate;    /* 0: not given */
    uint64_t run_time_ns; /* 0: not given */
    uint64_t requests;    /* -n, 0: not given */
    bool grace_set;
    uint64_t grace_ns;
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
    /* probes */
    struct cli_texts probes; /* as probe_spec_parse takes them */
    bool no_probes;
    bool trust; /* the profile is let do what it asks for, this once */
    bool yes;   /* trust: without asking */
    /* frontend */
    bool headless;
    bool no_color;
    enum cli_chars chars;
    bool keep_running; /* a hang-up does not stop the load */
    const char *json;  /* file or "-" */
    const char *log_file;
    const char *record; /* NULL: a file of its own among the runs, unless */
    bool no_record;
    bool quiet; /* no table while running */
    /* bench and limits */
    unsigned concurrency[CLI_MAX_STEPS]; /* n_concurrency of them, each at least 1 */
    size_t n_concurrency;                /* 0: not given */
    const char *only;
    bool max_wait_set;
    uint64_t max_wait_ns;
    /* import */
    char *const *curl_words; /* borrowed from argv */
    size_t n_curl_words;
    bool keep_secrets, keep_static, keep_all_hosts;
    struct cli_texts keep_hosts;
    /* demo */
    const char *demo_name; /* the service that the demo plays; NULL: the plain one */
    bool demo_serve;
    unsigned demo_port;        /* 0: a free one */
    unsigned demo_servers;     /* C; 0: not given */
    double demo_service_ms;    /* S; negative: not given */
    int demo_service;          /* place in "const exp lognormal"; negative: not given */
    int64_t demo_queue;        /* negative: not given */
    const char *demo_postgres; /* connection string; NULL: not given */
    bool demo_postgres_shown;  /* by a flag, for all to see */
    unsigned demo_pool;        /* 0: not given */
    const char *demo_truth;
    struct cli_texts kept; /* owned texts: the parts of lists */
};

/* False with one clear sentence in e.  env is a list like environ, NULL for none.  In
 * both cases the caller calls cli_finish. */
bool cli_parse(struct options *o, int argc, char **argv, char **env, struct err *e);
void cli_finish(struct options *o);

/* Reads the file of `-d @FILE` into o->body; true at once when there is none. */
bool cli_read_body(struct options *o, struct err *e);

/* The whole --help text; the caller frees. */
char *cli_help(void);

enum cli_group {
    CLI_LOAD,
    CLI_PROFILE,
    CLI_REQUEST,
    CLI_PROBES,
    CLI_OUTPUT,
    CLI_FOR_BENCH,
    CLI_FOR_IMPORT,
    CLI_FOR_DEMO,
    CLI_OTHER,
    CLI_GROUPS
};

struct cli_option {
    const char *name;    /* "run-time" for --run-time; its variable is RAMPTOP_RUN_TIME, and
                            RAMPTOP_DEMO_PORT for the demo's --port */
    const char *letters; /* "mX": short forms, the first is the one shown; "" for none */
    const char *arg;     /* name of the value, NULL for a switch */
    enum cli_group group;
    const char *help;
};

/* The i-th option of the table, NULL after the last. */
const struct cli_option *cli_option(size_t i);

#endif
