/* SPDX-License-Identifier: MIT */
#include "ui/headless.h"

#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "src/base/mem.h"
#include "src/base/now.h"
#include "src/base/out.h"
#include "src/report/report.h"
#include "src/run/signals.h"

#define TABLE_NS (2 * NS_PER_S)
#define TURN_MS 50
#define QUIET_WAIT_NS (NS_PER_S / 2) /* a shorter wait needs no explanation */
/* So long after the grace all have been given up, however busy the machine is. */
#define LATE_S 5.0

static void wait_a_turn(void)
{
    struct pollfd p = {.fd = signals_fd(), .events = POLLIN};
    poll(&p, 1, TURN_MS);
    signals_drain();
}

/* Leaves a table out when its reader has stopped: the run and its signals must go on. */
static void print_table(const struct snapshot *snap, const struct probe_snapshot *probe_snap,
                        bool *torn)
{
    char *text = report_table(snap, probe_snap),
         *whole = mem_printf("%s%s\n", *torn ? "\n" : "", text);
    *torn = !out_offer(STDERR_FILENO, whole);
    free(whole);
    free(text);
}

int headless_run(const struct run_source *r, bool quiet)
{
    struct snapshot *snap = mem_zalloc(sizeof *snap); /* too large for a stack */
    struct probe_snapshot *probe_snap = mem_zalloc(sizeof *probe_snap);
    uint64_t last_ns = now_ns(), table_ns = last_ns + TABLE_NS;
    bool torn = false;

    for (;;) {
        wait_a_turn();
        if (signals_stop() != 0) /* or while the program started */
            break;
        run_source_mind_stops(r, last_ns);
        last_ns = now_ns();
        r->snapshot(r->run, snap);
        if (snap->seq > 0 && snap->run.state == SNAP_DONE)
            break;
        if (last_ns < table_ns)
            continue;
        if (!quiet) {
            r->probe_snapshot(r->run, probe_snap);
            print_table(snap, probe_snap, &torn);
        }
        /* Printing may have waited: no burst of tables to catch up. */
        table_ns += TABLE_NS;
        last_ns = now_ns();
        if (table_ns < last_ns)
            table_ns = last_ns + TABLE_NS;
    }
    free(snap);
    free(probe_snap);
    return signals_stop();
}

int headless_drain(const struct run_source *r)
{
    struct snapshot *snap = mem_zalloc(sizeof *snap);
    uint64_t begin_ns = now_ns();
    int stops = signals_stop_count();
    bool told = false;

    r->send(r->run, &(struct command){.kind = COMMAND_STOP}, NULL, NULL);
    for (;;) {
        uint64_t waited_ns = now_ns() - begin_ns;
        r->snapshot(r->run, snap);
        double late_s = (double)waited_ns / 1e9 - snap->run.grace_s;
        if ((snap->seq > 0 && snap->run.state == SNAP_DONE) || late_s > LATE_S ||
            signals_stop_count() > stops)
            break;
        if (!told && waited_ns > QUIET_WAIT_NS) {
            char *text =
                mem_printf("ramptop: waiting for %u running requests, at most %.6g s (--grace; "
                           "Ctrl-C: stop waiting)\n",
                           snap->in_flight, snap->run.grace_s);
            out_offer(STDERR_FILENO, text);
            free(text);
            told = true;
        }
        wait_a_turn();
    }
    free(snap);
    return signals_stop_count() > stops ? signals_stop() : 0;
}
