/* SPDX-License-Identifier: MIT */
/* header.h - the four lines on top of every view: what is loaded and by whom, the load,
 * the latency and the generator, and the one sentence that matters most.  Pure;
 * main thread. */
#ifndef RAMPTOP_UI_HEADER_H
#define RAMPTOP_UI_HEADER_H

#include "ui/view.h"

#define HEADER_ROWS 4

void header_draw(struct frame *f, const struct view_input *in);

/* "last 10 s", or how much of it there is yet: "last 3 s of 10 s"; "whole run". */
const char *header_window(const struct snapshot *s, char *buf, size_t size);

#endif
