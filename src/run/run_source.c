/* SPDX-License-Identifier: MIT */
#include "src/run/run_source.h"

#include "src/base/now.h"
#include "src/run/signals.h"

/* A turn that took this long without our doing: the process was stopped. */
#define STOPPED_NS NS_PER_S

uint64_t run_source_mind_stops(const struct run_source *r, uint64_t last_turn_ns)
{
    uint64_t gap_ns = 0;
    if (signals_suspend_wanted()) {
        r->suspend(r->run);
        gap_ns = signals_suspend();
        r->gap(r->run, gap_ns);
    } else if (signals_continued() && now_ns() - last_turn_ns > STOPPED_NS) {
        gap_ns = now_ns() - last_turn_ns;
        r->gap(r->run, gap_ns);
    }
    return gap_ns;
}
