/* SPDX-License-Identifier: MIT */
#include "src/profile/probe_series.h"

#include <fnmatch.h>
#include <stddef.h>

#include "src/base/words.h"

static const char *const docker[] = {"cpu",    "cpu cores",   "throttled",  "memory",
                                     "net in", "net out",     "block read", "block write",
                                     "tasks",  "log matches", NULL};
static const char *const postgres[] = {"connections",
                                       "active",
                                       "idle in transaction",
                                       "tps",
                                       "rollbacks",
                                       "hit ratio",
                                       "deadlocks",
                                       "temp",
                                       "longest query",
                                       "waiting io",
                                       "oldest transaction",
                                       "waiting lock",
                                       "waiting ipc",
                                       "waiting lwlock",
                                       "waiting client",
                                       "busy connections",
                                       NULL};
static const char *const pgbouncer[] = {
    "server connections", "clients waiting", "longest wait", "clients", "tps", "mean wait", NULL};
static const char *const process[] = {"cpu",         "memory",    "resident", "threads",
                                      "descriptors", "processes", NULL};
static const char *const host[] = {
    "cpu",         "memory",       "disk busy",       "disk read",   "disk written", "network in",
    "network out", "cpu pressure", "memory pressure", "io pressure", "load",         "swap",
    NULL};
static const char *const redis[] = {"commands",   "clients",     "memory",  "cpu",      "ping",
                                    "hit ratio",  "evicted",     "expired", "rejected", "blocked",
                                    "network in", "network out", NULL};
static const char *const nginx[] = {"requests", "connections", "busy", "keep-alive",
                                    "accepted", "dropped",     NULL};

static const char *const *const all[PROBE_TYPES] = {
    [PROBE_DOCKER] = docker,   [PROBE_POSTGRES] = postgres, [PROBE_PGBOUNCER] = pgbouncer,
    [PROBE_PROCESS] = process, [PROBE_HOST] = host,         [PROBE_REDIS] = redis,
    [PROBE_NGINX] = nginx,
};

bool probe_series_fits(const struct probe_spec *s, const char *glob)
{
    const char *const *names = all[s->type];
    for (; names != NULL && *names != NULL; names++)
        if (fnmatch(glob, *names, 0) == 0)
            return true;
    for (size_t i = 0; i < s->n_metrics; i++)
        if (s->metrics[i].name != NULL && fnmatch(glob, s->metrics[i].name, 0) == 0)
            return true;
    return s->type == PROBE_COMMAND;
}

const char *probe_series_meant(const struct probe_spec *s, const char *name)
{
    return all[s->type] != NULL ? words_nearest(name, all[s->type]) : NULL;
}
