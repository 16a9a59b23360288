/* SPDX-License-Identifier: MIT */
#include "config.h"
#include "src/probe/probe.h"

static const struct probe_ops *const kinds[PROBE_TYPES] = {
    [PROBE_COMMAND] = &probe_command,
#ifdef HAVE_LIBPQ
    [PROBE_POSTGRES] = &probe_postgres, [PROBE_PGBOUNCER] = &probe_pgbouncer,
#endif
    [PROBE_DOCKER] = &probe_docker,     [PROBE_HOST] = &probe_host,
    [PROBE_NGINX] = &probe_nginx,       [PROBE_PROMETHEUS] = &probe_prometheus,
    [PROBE_PROMQL] = &probe_promql,     [PROBE_REDIS] = &probe_redis,
    [PROBE_PROCESS] = &probe_process,
};

const struct probe_ops *probe_ops_of(enum probe_type type, struct err *e)
{
#ifndef HAVE_LIBPQ
    if (type == PROBE_POSTGRES || type == PROBE_PGBOUNCER) {
        err_set(e, "this ramptop was built without PostgreSQL's library: install libpq-dev and "
                   "configure again.");
        return NULL;
    }
#endif
    if (kinds[type] == NULL)
        err_set(e, "there is no probe of the type %s yet.", probe_type_words[type]);
    return kinds[type];
}
