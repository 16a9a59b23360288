/* SPDX-License-Identifier: MIT */
#include "src/demo/demo.h"

#include <math.h>

#include "src/demo/postgres.h"

struct demo_config demo_defaults(void)
{
    return (struct demo_config){
        .servers = 8,
        .service_ms = 20,
        .service = DEMO_CONST,
        .queue = 200,
        .seed = 1,
    };
}

bool demo_check(const struct demo_config *cfg, struct err *e)
{
    if (cfg->port > 65535)
        return err_set(e, "the demo target's port is %u; a port is at most 65535", cfg->port);
    if (cfg->servers < 1 || cfg->servers > DEMO_MAX_SERVERS)
        return err_set(e, "the demo target can have 1 to %u servers, not %u", DEMO_MAX_SERVERS,
                       cfg->servers);
    if (!(cfg->service_ms >= 0 && cfg->service_ms <= DEMO_MAX_SERVICE_MS))
        return err_set(e, "the demo target's service time can be 0 to %.0f ms, not %g",
                       DEMO_MAX_SERVICE_MS, cfg->service_ms);
    if (cfg->queue > DEMO_MAX_QUEUE)
        return err_set(e, "the demo target's queue can hold at most %u requests, not %u",
                       DEMO_MAX_QUEUE, cfg->queue);
    if (cfg->postgres != NULL && cfg->servers > DEMO_MAX_POOL)
        return err_set(e, "the demo target's pool can have 1 to %u connections, not %u",
                       DEMO_MAX_POOL, cfg->servers);
    return cfg->postgres == NULL || postgres_check(cfg->postgres, cfg->postgres_shown, e);
}

double demo_capacity(const struct demo_config *cfg, double mean_factor)
{
    double busy_s = cfg->service_ms / 1000 * mean_factor;
    return busy_s > 0 ? cfg->servers / busy_s : INFINITY;
}
