/* SPDX-License-Identifier: MIT */
/* seriespanel.h - one series of a probe as a large chart, below the latency on the same axis; and
 * what a probe answered when it was asked for details.  Pure; main thread. */
#ifndef RAMPTOP_UI_SERIESPANEL_H
#define RAMPTOP_UI_SERIESPANEL_H

#include "ui/view.h"

void seriespanel_draw(struct frame *f, struct rect r, struct view_input *in, uint32_t series);

/* The detail of the probe snapshot as rows, from state->panel_scroll on, which is clamped. */
void seriespanel_detail(struct frame *f, struct rect r, struct view_input *in);

#endif
