/* SPDX-License-Identifier: MIT */
/* report.h - a snapshot as text or JSON.  Snapshot in, text out; pure but for the
 * file functions. */
#ifndef RAMPTOP_REPORT_REPORT_H
#define RAMPTOP_REPORT_REPORT_H

#include <stdbool.h>

#include "src/base/err.h"
#include "src/stats/snapshot.h"

/* The summary printed at the end, also after a console session; the caller frees. */
char *report_summary(const struct snapshot *s);

/* One block of the running table (headless): totals and the busiest endpoints;
 * the caller frees. */
char *report_table(const struct snapshot *s);

/* The summary as JSON, schema "ramptop-summary/1"; the caller frees.  The only user
 * of jansson on the way out. */
char *report_json(const struct snapshot *s);

/* Writes text to path, or to stdout for "-".  A file appears whole or not at all
 * (written beside and renamed). */
bool report_write(const char *path, const char *text, struct err *e);

#endif
