/* SPDX-License-Identifier: MIT */
#include "src/stats/marks.h"

#include <string.h>

static struct snap_mark *same_mark(struct marks *m, const struct snap_mark *mark)
{
    for (uint32_t i = m->n; i-- > 0 && m->kept[i].at_s >= mark->at_s;)
        if (m->kept[i].at_s == mark->at_s && m->kept[i].kind == mark->kind &&
            m->kept[i].letter == mark->letter)
            return &m->kept[i];
    return NULL;
}

void marks_put(struct marks *m, const struct snap_mark *mark)
{
    struct snap_mark *same = same_mark(m, mark);
    if (same != NULL) {
        *same = *mark;
        return;
    }
    if (m->n == SNAP_MARKS) {
        m->dropped++;
        m->n--;
        memmove(&m->kept[0], &m->kept[1], m->n * sizeof *m->kept);
    }
    /* Marks come nearly in order: an alert is noticed a little after its time. */
    uint32_t at = m->n++;
    for (; at > 0 && m->kept[at - 1].at_s > mark->at_s; at--)
        m->kept[at] = m->kept[at - 1];
    m->kept[at] = *mark;
}

void marks_fill(const struct marks *m, struct snapshot *snap)
{
    snap->n_marks = m->n;
    snap->marks_dropped = m->dropped;
    memcpy(snap->marks, m->kept, m->n * sizeof *m->kept);
}
