/* SPDX-License-Identifier: MIT */
/* seriespanel.h - one series of a probe as a large chart, below the latency on the same axis; and
 * what a probe answered when it was asked for details.  Pure; main thread. */
#ifndef RAMPTOP_UI_SERIESPANEL_H
#define RAMPTOP_UI_SERIESPANEL_H

#include "ui/view.h"

/* Moves the time cursor on the axis of a chart in r. */
void seriespanel_layout(struct view_state *v, const struct view_input *in, struct rect r);
void seriespanel_draw(struct frame *f, struct rect r, const struct view_input *in, uint32_t series);

/* Clamps panel_scroll; draws the detail as rows from there on. */
void seriespanel_detail_layout(struct view_state *v, const struct view_input *in, struct rect r);
void seriespanel_detail_draw(struct frame *f, struct rect r, const struct view_input *in);

#endif
