/* SPDX-License-Identifier: MIT */
#include "src/stats/snapshot_words.h"

#include <math.h>
#include <stdio.h>

#include "src/base/human.h"

const char *const snap_state_words[SNAP_STATES] = {
    [SNAP_IDLE] = "idle", [SNAP_RAMPING] = "ramping",   [SNAP_RUNNING] = "running",
    [SNAP_HELD] = "held", [SNAP_STOPPING] = "stopping", [SNAP_DONE] = "done"};

const char *const snap_mark_words[SNAP_MARK_KINDS] = {
    [SNAP_MARK_USER] = "user",   [SNAP_MARK_LOAD] = "load", [SNAP_MARK_PROFILE] = "profile",
    [SNAP_MARK_ALERT] = "alert", [SNAP_MARK_GAP] = "gap",   [SNAP_MARK_TARGET] = "target"};

const char *snap_title(const struct snap_endpoint *e, char *out, size_t size)
{
    snprintf(out, size, "%s%s%s", e->method, e->method[0] != '\0' ? " " : "", e->name);
    return out;
}

const char *snap_fail_word(const struct snap_fail *f, char *out, size_t size)
{
    if (f->fail != FAIL_STATUS || f->status == 0)
        return fail_word((enum fail)f->fail);
    snprintf(out, size, "%u", f->status);
    return out;
}

const char *snap_fail_endpoint(const struct snapshot *s, const struct snap_fail *f, char *out,
                               size_t size)
{
    return f->endpoint < s->n_endpoints ? snap_title(&s->endpoints[f->endpoint], out, size)
                                        : "(others)";
}

const char *snap_breach_load(const struct snap_breach *f, char *out, size_t size)
{
    char users[HUMAN_MAX], rate[HUMAN_MAX];
    if (f->rps < 100)
        human_rate(rate, sizeof rate, f->rps);
    else
        human_count(rate, sizeof rate, (uint64_t)llround(f->rps));
    snprintf(out, size, "%s user%s, %s req/s", human_count(users, sizeof users, f->users),
             f->users == 1 ? "" : "s", rate);
    return out;
}

const char *snap_breach_bound(const struct snap_breach *f, char *out, size_t size)
{
    if (!f->wanted)
        human_us(out, size, (double)f->us, false);
    else if (f->us < 1000)
        snprintf(out, size, "%u us", (unsigned)f->us);
    else if (f->us < 1000000)
        snprintf(out, size, "%.6g ms", (double)f->us / 1e3);
    else
        snprintf(out, size, "%.6g s", (double)f->us / 1e6);
    return out;
}
