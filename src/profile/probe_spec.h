/* SPDX-License-Identifier: MIT */
/* probe_spec.h - what a probe is to watch, as a profile or the command line says it.
 *
 * Immutable once built, shared by reference, since the thread of a probe may outlive the
 * profile it came from.  Texts are as written; whoever shows one cleans it.  Secrets are
 * of a type of their own (script/secret.h) and never in a text. */
#ifndef RAMPTOP_PROFILE_PROBE_SPEC_H
#define RAMPTOP_PROFILE_PROBE_SPEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/base/err.h"
#include "src/script/secret.h"

#define PROBE_MAX 24u      /* probes of a profile */
#define PROBE_LIST_MAX 32u /* entries of any list of one */
#define PROBE_NAME_MAX 32  /* bytes, with the NUL */

enum probe_type {
    PROBE_DOCKER, /* also podman: the engine says which it is */
    PROBE_POSTGRES,
    PROBE_PGBOUNCER,
    PROBE_PROCESS,
    PROBE_HOST,
    PROBE_REDIS,
    PROBE_NGINX,
    PROBE_PROMETHEUS, /* the text that a target exposes */
    PROBE_PROMQL,     /* a query to a Prometheus server */
    PROBE_COMMAND,
    PROBE_TYPES
};

/* "docker", "postgres" ...; the words of `type` in a profile. */
extern const char *const probe_type_words[PROBE_TYPES + 1];

/* warn = ["connections >= 15", "cpu > 70"]: a series whose value is beyond is coloured and
 * marked.  Name and group are globs; a group stands before a slash ("api/cpu > 70"). */
struct probe_warn {
    char *group; /* NULL: any */
    char *series;
    bool below; /* < or <=: too little is bad */
    bool or_equal;
    bool
        of_limit; /* the bound is in percent of the series' limit, unless it is in percent itself */
    double bound; /* in the series' unit; percent as 70, bytes as bytes */
};

/* How the sessions of an application's pool are told from others in a database. */
enum pool_match { POOL_USER, POOL_APPLICATION, POOL_ADDRESS, POOL_DATABASE };

struct probe_pool {
    char *name; /* name of the series; the matched text unless given */
    enum pool_match match;
    char *text;   /* equal to it */
    unsigned max; /* connections that the application may open; 0: not known */
};

enum metric_kind { METRIC_GAUGE, METRIC_COUNTER };
enum metric_join { METRIC_SUM, METRIC_MAX };

/* A series out of a Prometheus target's page, or of a query. */
struct probe_metric {
    char *name;            /* name of the series */
    char *metric;          /* name on the page, labels in braces behind it; PromQL: the query */
    enum metric_kind kind; /* a counter is shown per second */
    enum metric_join join; /* how several become one */
    char *unit;            /* "bytes", "s", "percent" ..., NULL: a plain number */
    double limit;          /* 0: none */
};

struct probe_spec {
    enum probe_type type;
    char *name;         /* unique among the probes of a run; at most PROBE_NAME_MAX - 1 bytes */
    uint64_t period_ns; /* 0: the type's own */
    struct probe_warn *warns;
    size_t n_warns;

    bool podman; /* DOCKER: written as podman: its own socket comes before docker's */
    /* Where it is.  DOCKER: engine, "" for the usual ones, else unix:///path, tcp://h:p,
     * ssh://user@host or a docker context's name.  POSTGRES, PGBOUNCER: conninfo without a
     * password.  REDIS: host:port or a socket's path.  NGINX, PROMETHEUS, PROMQL: URL
     * without userinfo.  HOST: the ssh destination, "" for this one. */
    char *where;
    char *user;              /* REDIS, NGINX, PROMETHEUS, PROMQL; NULL for none */
    struct secret *password; /* owned; NULL for none */
    struct secret *bearer;   /* owned; NGINX, PROMETHEUS, PROMQL */
    bool insecure;           /* TLS is not verified */

    char **match; /* DOCKER: containers: a name (glob), "compose:PROJECT[/SERVICE]", "port:8080" */
    size_t n_match;
    char *logs; /* DOCKER: lines with this text (any case) are counted; NULL: logs are not read */

    struct probe_pool *pools; /* POSTGRES */
    size_t n_pools;
    double slow_s; /* POSTGRES: statements that run longer are slow; 0: 1 s */

    uint32_t pid;  /* PROCESS: one of the three is set */
    char *process; /* name of the program */
    uint16_t port; /* the port that the process listens on */

    struct probe_metric *metrics; /* PROMETHEUS, PROMQL */
    size_t n_metrics;

    char **argv; /* COMMAND; n_argv >= 1, ends with NULL */
    size_t n_argv;
    char **environment; /* COMMAND: variables that it gets besides the usual ones; ends with NULL */
    size_t n_environment;
    bool runs_on;        /* COMMAND: one process that goes on printing, not one per look */
    uint64_t timeout_ns; /* COMMAND: of one run */
    bool typed;          /* by the user, on the command line or in the console: needs no trust */

    unsigned refs; /* atomic access only */
};

/* From the short text of --probe and of the console: TYPE or TYPE:WHAT[,key=value...].
 *
 *     docker   docker:shop-api   docker:compose:shop   docker:port:8080,engine=ssh://user@box
 *     podman   podman:shop-api ...
 *     postgres:service=shop   postgres:host=/run/postgresql dbname=shop,pool=shop:20
 *     process:pid=4711   process:name=gunicorn   process:port=8080
 *     host   host:user@box
 *     redis:127.0.0.1:6379   nginx:http://127.0.0.1/status
 *     prometheus:http://127.0.0.1:9100/metrics#node_load1
 *     promql:http://127.0.0.1:9090#sum(rate(http_requests_total[30s]))
 *     command:/usr/local/bin/queue-depth --json
 *
 * NULL with a half sentence ("a postgres probe needs ..."); it holds no password. */
struct probe_spec *probe_spec_parse(const char *text, struct err *e);

/* Ends what language_probe.c and probe_spec_parse have begun: fills in the name when none
 * was given, and checks that the parts fit together.  False with a half sentence. */
bool probe_spec_complete(struct probe_spec *s, struct err *e);

struct probe_spec *probe_spec_new(enum probe_type type); /* holds a reference */
struct probe_spec *probe_spec_ref(struct probe_spec *s);
void probe_spec_unref(struct probe_spec *s); /* NULL is fine */
/* Whether it runs a program because a profile says so: a command, or ssh to a machine or an
 * engine.  What was typed is the user's own. */
bool probe_spec_runs(const struct probe_spec *s);

/* Returns the type as it was written: "docker", "podman", "host" ... */
const char *probe_spec_word(const struct probe_spec *s);
/* Whether both would watch the same in the same way. */
bool probe_spec_equal(const struct probe_spec *a, const struct probe_spec *b);
/* The same, whatever they are called. */
bool probe_spec_alike(const struct probe_spec *a, const struct probe_spec *b);

/* Puts a number behind its name while taken() says that somebody has it: "db 2".  Only as
 * long as nobody else has a reference. */
void probe_spec_distinguish(struct probe_spec *s, bool (*taken)(const void *of, const char *name),
                            const void *of);

struct probe_specs {
    struct probe_spec **items; /* owned: references */
    size_t n;
};

/* Takes over the reference.  A name that is there already gets a number behind it. */
void probe_specs_add(struct probe_specs *all, struct probe_spec *s);
void probe_specs_finish(struct probe_specs *all);

#endif
