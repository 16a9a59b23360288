/* SPDX-License-Identifier: MIT */
#include "ui/view.h"

const struct view_ops *const views[VIEWS] = {
    [VIEW_OVERVIEW] = &view_overview, [VIEW_ENDPOINTS] = &view_endpoints,
    [VIEW_FAILURES] = &view_failures, [VIEW_LATENCY] = &view_latency,
    [VIEW_LOG] = &view_log,           [VIEW_TARGET] = &view_target,
    [VIEW_HELP] = &view_help,
};

uint32_t view_step(uint32_t users_wanted)
{
    uint32_t step = 1;
    while (step < 1000000 && users_wanted / step >= 100)
        step *= 10;
    return step;
}
