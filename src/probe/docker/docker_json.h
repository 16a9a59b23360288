/* SPDX-License-Identifier: MIT */
/* docker_json.h - parses the answers of a docker or podman engine into plain structs; the docker
 * probe's only user of jansson.
 *
 * Everything comes from outside: any bytes may be given, and each function returns false for
 * those it cannot use.  Texts are cleaned and cut; an id is hexadecimal or empty, so that it can
 * stand in a path.  Environment, command and mounts of a container are never read: they hold
 * secrets. */
#ifndef RAMPTOP_PROBE_DOCKER_DOCKER_JSON_H
#define RAMPTOP_PROBE_DOCKER_DOCKER_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DOCKER_ID 65    /* with the NUL */
#define DOCKER_NAME 128 /* bytes of a container's, project's or service's name */
#define DOCKER_WORD 48
#define DOCKER_PORTS 16
#define DOCKER_ADDRESSES 4
#define DOCKER_LIST_MAX 4096 /* containers of one list */

/* An object of GET /containers/ID/stats.  Figures that the engine does not know are NaN. */
struct docker_stats {
    bool running;    /* false: the object of a container that is stopped, all zeros */
    int64_t read_ns; /* the engine's clock, since 1970 */
    double cpu_ns;
    unsigned cpus;    /* CPUs of the machine; 0: not reported */
    double periods, throttled_periods;
    double memory;           /* with page cache */
    double memory_cache;     /* reclaimable page cache; NaN: not reported */
    double memory_limit;     /* the machine's memory when the container has none */
    double received, sent;   /* bytes of all networks */
    double read, written;    /* bytes of all block devices */
    double tasks, max_tasks; /* threads; max NaN: none */
    double oom_kills;        /* from cgroup.h; NaN: not known */
};

bool docker_json_stats(const char *text, size_t len, struct docker_stats *out);

/* A container's identity, in the list and in an event. */
struct docker_who {
    char id[DOCKER_ID];
    char name[DOCKER_NAME];
    char project[DOCKER_NAME], service[DOCKER_NAME]; /* compose's; "" for none */
    unsigned number;                                 /* compose's, from 1; 0 for none */
    bool oneoff;                                     /* started by "compose run" */
};

struct docker_list_entry {
    struct docker_who who;
    char image[DOCKER_NAME];
    size_t n_ports;
    uint16_t ports[DOCKER_PORTS]; /* published on the engine's machine */
    size_t n_addresses;
    char addresses[DOCKER_ADDRESSES][DOCKER_WORD]; /* the container's own */
};

/* Parses GET /containers/json. *out is malloced, NULL for none; *n at most DOCKER_LIST_MAX. */
bool docker_json_list(const char *text, size_t len, struct docker_list_entry **out, size_t *n);

/* GET /containers/ID/json. */
struct docker_inspect {
    bool running;
    bool oom_killed;
    bool tty;
    bool own_network; /* false: its network figures are empty, or another's as well */
    int exit_code;
    int pid;
    unsigned restarts;
    double cpus;              /* limit; NaN: all CPUs of the machine */
    double memory;            /* limit in bytes; NaN: all memory of the machine */
    double max_tasks;         /* NaN: no limit */
    char health[DOCKER_WORD]; /* "healthy"; "" for none */
};

bool docker_json_inspect(const char *text, size_t len, struct docker_inspect *out);

/* A line of GET /events. */
struct docker_event {
    struct docker_who who;
    char action[DOCKER_WORD]; /* "die", "health_status: unhealthy" */
    int exit_code;            /* exit code in a "die" event; -1: not reported */
    int64_t at_ns;            /* the engine's clock, since 1970 */
};

bool docker_json_event(const char *text, size_t len, struct docker_event *out);

/* Reads the reason from an error's body, which may be JSON or plain text: cleaned, "" for none. */
void docker_json_reason(const char *text, size_t len, char *out, size_t size);

/* A context's meta.json, and the "currentContext" of config.json ("" for none). */
struct docker_context {
    char name[DOCKER_NAME];
    char host[512];
    bool skip_tls_verify;
};

bool docker_json_context(const char *text, size_t len, struct docker_context *out);
bool docker_json_current(const char *text, size_t len, char *out, size_t size);

#endif
