/* SPDX-License-Identifier: MIT */
#include "src/load/transports.h"

#include "src/load/transport_curl.h"

const struct transport_ops *const transports[] = {&transport_curl, NULL};

bool transports_init(struct err *e)
{
    bool ok = true;
    for (size_t i = 0; ok && transports[i] != NULL; i++)
        ok = transports[i]->global_init(e);
    return ok;
}

void transports_finish(void)
{
    for (size_t i = 0; transports[i] != NULL; i++)
        transports[i]->global_finish();
}

const struct transport_ops *transport_pick(const struct transport_rules *rules, struct err *e)
{
    for (size_t i = 0; transports[i] != NULL; i++)
        if (transports[i]->supports(rules, e))
            return transports[i];
    return NULL;
}
