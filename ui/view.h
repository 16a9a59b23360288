/* SPDX-License-Identifier: MIT */
/* view.h - what every view has: a name, a drawing function, a list to move in.
 *
 * Views are pure: snapshot and view state in, cells out.  They keep nothing, send
 * nothing and know no terminal, so a screen is tested as text.  Main thread. */
#ifndef RAMPTOP_UI_VIEW_H
#define RAMPTOP_UI_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/base/log.h"
#include "src/probe/probe_snapshot.h"
#include "src/stats/snapshot.h"
#include "ui/axis.h"
#include "ui/frame.h"
#include "ui/series.h"
#include "ui/target.h"

enum view_id {
    VIEW_OVERVIEW,
    VIEW_ENDPOINTS,
    VIEW_FAILURES,
    VIEW_LATENCY,
    VIEW_LOG,
    VIEW_TARGET,
    VIEW_HELP,
    VIEWS
};

/* Columns of the endpoint table, in the order < and > go through. */
enum sort_column {
    SORT_NAME,
    SORT_RPS,
    SORT_REQUESTS,
    SORT_FAILURES,
    SORT_P50,
    SORT_P95,
    SORT_P99,
    SORT_MAX,
    SORT_COLUMNS
};

#define VIEW_FILTER_MAX 64

/* The lists that / filters, each by a text of its own. */
enum view_list { LIST_ENDPOINTS, LIST_LOG, LIST_TARGET, VIEW_LISTS };

/* The state that the keys of a view change; owned by the dashboard. */
struct view_state {
    enum view_id view;
    enum sort_column sort;
    bool sort_up; /* turned round: figures from the least, names from Z */
    char filter[VIEW_LISTS][VIEW_FILTER_MAX]; /* part of a row's words in any case; "" for all */
    int cursor;                               /* row in the list, clamped by the view */
    int scroll;                               /* first row shown, clamped by the view */
    bool frozen;                              /* the snapshot is held: say so, and its age */
    double frozen_age_s;
    enum charset chars;
    struct series_choice choice; /* the probes' series on the overview */
    enum target_panel panel;     /* over the list of the target view */
    int panel_scroll;            /* PANEL_DETAIL, clamped by the view */
    struct target_hold hold;     /* the row of the target view that the cursor is on */
    struct moment moment;        /* the cursor on the charts' time axis; placed by the view */
    bool no_axis;                /* the overview found no room for one; said by the view */
};

/* The input of a view; all borrowed. */
struct view_input {
    const struct snapshot *snap;
    const struct probe_snapshot
        *probe_snap;          /* the probes' figures; NULL or empty: there are none */
    struct view_state *state; /* views clamp cursor and scroll */
    const struct log_line *log;
    size_t n_log;
    const char *message; /* line of the last command's answer, "" for none */
    bool message_is_error;
};

struct view_ops {
    enum view_id id;
    const char *title; /* "overview": on the tab line and in the help */
    /* Draws the body into r. */
    void (*draw)(struct frame *f, struct rect r, struct view_input *in);
};

extern const struct view_ops view_overview, view_endpoints, view_failures, view_latency, view_log,
    view_target, view_help;
extern const struct view_ops *const views[VIEWS]; /* by enum view_id */

/* Endpoints that pass the filter, in the sort order: indices into
 * snap->endpoints.  out has room for SNAP_ENDPOINTS. */
size_t view_select(const struct snapshot *s, const struct view_state *v, uint16_t *out);

/* Lines of the log that pass the filter, newest first: indices into in->log.  out has room for
 * LOG_KEEP. */
size_t view_select_log(const struct view_input *in, uint16_t *out);

/* The list of the view that is shown, and the text that filters it. */
static inline enum view_list view_list(const struct view_state *v)
{
    return v->view == VIEW_LOG ? LIST_LOG : v->view == VIEW_TARGET ? LIST_TARGET : LIST_ENDPOINTS;
}

static inline const char *view_filter(const struct view_state *v)
{
    return v->filter[view_list(v)];
}

/* Returns the step of + and -: 1 below 100 users wanted, 10 below 1,000, 100 below 10,000 ...
 * A big step is ten of them.  Here because the key bar shows it. */
uint32_t view_step(uint32_t users_wanted);

#endif
