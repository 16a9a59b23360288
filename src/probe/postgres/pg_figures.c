/* SPDX-License-Identifier: MIT */
#include "src/probe/postgres/pg_figures.h"

#include <math.h>
#include <string.h>

#define OVER_S 2.5 /* least time that rates cover, once there are rows for it */
#define APART_S 30 /* longest gap between rows of one rate */

static bool counters_are_lower(const struct pg_row *from, const struct pg_row *to)
{
    return to->xact_commit < from->xact_commit || to->xact_rollback < from->xact_rollback ||
           to->blks_read < from->blks_read || to->blks_hit < from->blks_hit ||
           to->temp_bytes < from->temp_bytes || to->deadlocks < from->deadlocks;
}

/* Returns what happened between two rows.  A crash leaves the postmaster's start time as it is,
 * but its counters start over. */
static enum pg_break break_between_rows(const struct pg_row *from, const struct pg_row *to)
{
    if (fabs(to->started - from->started) > 0.001)
        return PG_RESTARTED;
    if (fabs(to->stats_reset - from->stats_reset) > 0.001)
        return PG_STATS_RESET;
    return counters_are_lower(from, to) ? PG_RECOVERED : PG_SAME;
}

static double percent_of_sum(double part, double rest)
{
    return part + rest > 0 ? 100 * part / (part + rest) : NAN;
}

static void fill_rates(const struct pg_row *from, const struct pg_row *to, struct pg_figures *out)
{
    double s = to->ts - from->ts;
    double rollbacks = to->xact_rollback - from->xact_rollback;
    double commits = to->xact_commit - from->xact_commit;
    if (s <= 0)
        return;
    out->tps = (commits + rollbacks) / s;
    out->rollback_percent = percent_of_sum(rollbacks, commits);
    out->hit_percent =
        percent_of_sum(to->blks_hit - from->blks_hit, to->blks_read - from->blks_read);
    out->temp_bytes_per_s = (to->temp_bytes - from->temp_bytes) / s;
}

/* Takes off the probe's own commits, which appear in the counters up to a second late: as many
 * as there are new ones. */
static struct pg_row row_without_own(struct pg_track *t, const struct pg_row *row, double own)
{
    struct pg_row r = *row;
    t->owed += own;
    if (t->n > 0) {
        double fresh = row->xact_commit - t->commits, ours = fmin(fresh, t->owed);
        t->owed -= ours;
        r.xact_commit = t->rows[t->n - 1].xact_commit + fresh - ours;
    }
    t->commits = row->xact_commit;
    return r;
}

static void track_add_row(struct pg_track *t, const struct pg_row *row)
{
    if (t->n == PG_TRACK_ROWS) {
        memmove(t->rows, t->rows + 1, (PG_TRACK_ROWS - 1) * sizeof *t->rows);
        t->n--;
    }
    t->rows[t->n++] = *row;
}

/* Returns the newest row that is old enough for rates, or the oldest there is. */
static const struct pg_row *base_row(const struct pg_track *t, const struct pg_row *now)
{
    unsigned i = t->n - 1;
    while (i > 0 && now->ts - t->rows[i].ts < OVER_S)
        i--;
    return &t->rows[i];
}

/* Compares the counters with the previous row: deadlocks, or an interruption. */
static void compare_rows(struct pg_track *t, const struct pg_row *row, struct pg_figures *out)
{
    struct pg_row before = t->rows[t->n - 1];
    before.xact_commit = t->commits;
    out->cut = break_between_rows(&before, row);
    if (out->cut == PG_SAME)
        out->new_deadlocks = row->deadlocks - before.deadlocks;
    if (out->cut != PG_SAME || row->ts - before.ts > APART_S)
        t->n = 0;
    t->deadlocks += out->new_deadlocks;
}

void pg_track_add_row(struct pg_track *t, const struct pg_row *row, double own,
                      struct pg_figures *out)
{
    *out = (struct pg_figures){
        .tps = NAN, .rollback_percent = NAN, .hit_percent = NAN, .temp_bytes_per_s = NAN};
    if (t->n > 0)
        compare_rows(t, row, out);
    out->deadlocks = t->deadlocks;
    struct pg_row r = row_without_own(t, row, own);
    if (t->n > 0)
        fill_rates(base_row(t, &r), &r, out);
    track_add_row(t, &r);
}

double pg_wait_mean(struct pg_wait *w, double transactions, double us)
{
    bool known = !isnan(transactions) && !isnan(us);
    if (!known || (w->n > 0 && (transactions < w->transactions[w->n - 1] || us < w->us[w->n - 1])))
        w->n = 0; /* the counters started over */
    if (!known)
        return NAN;
    if (w->n > PG_WAIT_POLLS) {
        w->n--;
        memmove(w->transactions, w->transactions + 1, w->n * sizeof *w->transactions);
        memmove(w->us, w->us + 1, w->n * sizeof *w->us);
    }
    w->transactions[w->n] = transactions;
    w->us[w->n++] = us;
    double begun = transactions - w->transactions[0];
    return begun > 0 ? (us - w->us[0]) / begun / 1e6 : NAN;
}
