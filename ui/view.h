/* SPDX-License-Identifier: MIT */
/* view.h - a view: its name, its keys, its layout, its drawing; and the table of all views.
 *
 * Views are pure: snapshot and view state in, cells out.  They keep nothing, send
 * nothing and know no terminal, so a screen is tested as text.  Data goes one way: keys change
 * the state, layout brings it in line with what there is to show, drawing only reads it.
 * A new view is a file and a row of views[].  Main thread. */
#ifndef RAMPTOP_UI_VIEW_H
#define RAMPTOP_UI_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/base/log.h"
#include "src/stats/probe_snapshot.h"
#include "src/stats/snapshot.h"
#include "ui/axis.h"
#include "ui/frame.h"
#include "ui/keys.h"
#include "ui/series.h"
#include "ui/target.h"

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

struct action;
struct action_view;
struct view_ops;

/* The state that the keys of a view change; owned by the dashboard. */
struct view_state {
    const struct view_ops *view; /* NULL: the first of the table */
    enum sort_column sort;
    bool sort_up; /* turned round: figures from the least, names from Z */
    char filter[VIEW_LISTS][VIEW_FILTER_MAX]; /* part of a row's words in any case; "" for all */
    int cursor;                               /* row in the list, clamped by the layout */
    int scroll;                               /* first row shown, clamped by the layout */
    bool frozen;                              /* the snapshot is held: say so, and its age */
    double frozen_age_s;
    enum charset chars;
    struct series_choice choice; /* the probes' series on the overview */
    enum target_panel panel;     /* over the list of the target view */
    int panel_scroll;            /* PANEL_DETAIL, clamped by the layout */
    struct target_hold hold;     /* the row of the target view that the cursor is on */
    struct moment moment;        /* the cursor on the charts' time axis; placed by the layout */
    bool no_axis;                /* the overview has no room for one */
};

/* The input of a view; all borrowed. */
struct view_input {
    const struct snapshot *snap;
    const struct probe_snapshot
        *probe_snap; /* the probes' figures; NULL or empty: there are none */
    const struct view_state *state;
    const struct log_line *log;
    size_t n_log;
    const char *message; /* line of the last command's answer, "" for none */
    bool message_is_error;
};

struct view_ops {
    const char *name;    /* "overview": on the tab line, in the command line, in the help */
    enum view_list list; /* the list that / filters */
    /* Takes a key of the view's own, with the answer in *out.  False: not such a key.  May be
     * NULL. */
    bool (*key)(enum key_action key, struct action_view *v, struct action *out);
    /* Closes what the view has opened over its list.  False: nothing is open.  May be NULL. */
    bool (*close)(struct view_state *v);
    /* May the cursor on the time axis be moved?  NULL: there is no axis. */
    bool (*has_axis)(const struct view_state *v);
    /* Brings v in line with what there is to show on so many cells: clamps cursor and scroll,
     * moves the time cursor.  May be NULL. */
    void (*layout)(struct view_state *v, const struct view_input *in, struct rect r);
    /* Draws the body into r, which is the one that was laid out. */
    void (*draw)(struct frame *f, struct rect r, const struct view_input *in);
};

extern const struct view_ops view_overview, view_endpoints, view_failures, view_latency, view_log,
    view_target, view_help;
#define VIEWS_MAX 20
/* All views, VIEWS_MAX at most, in the order of the tab line, the first one is shown at the start;
 * ends with NULL. The help has no number. */
extern const struct view_ops *const views[];

/* The view that is shown, and its place in the table, from 0 on. */
const struct view_ops *view_shown(const struct view_state *v);
size_t view_place(const struct view_ops *view);
size_t view_count(void);

/* Endpoints that pass the filter, in the sort order: indices into
 * snap->endpoints.  out has room for SNAP_ENDPOINTS. */
size_t view_select(const struct snapshot *s, const struct view_state *v, uint16_t *out);

/* Lines of the log that pass the filter, newest first: indices into in->log.  out has room for
 * LOG_KEEP. */
size_t view_select_log(const struct view_input *in, uint16_t *out);

/* The text that filters the list of the view that is shown. */
const char *view_filter(const struct view_state *v);

/* Returns the step of + and -: 1 below 100 users wanted, 10 below 1,000, 100 below 10,000 ...
 * A big step is ten of them.  Here because the key bar shows it. */
uint32_t view_step(uint32_t users_wanted);

#endif
