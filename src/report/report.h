/* SPDX-License-Identifier: MIT */
/* report.h - a snapshot, and what the probes told, as text or JSON.  Numbers in, text out;
 * pure but for report_write.  The probe snapshot may be NULL or empty: there are no probes. */
#ifndef RAMPTOP_REPORT_REPORT_H
#define RAMPTOP_REPORT_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/base/err.h"
#include "src/stats/probe_snapshot.h"
#include "src/stats/snapshot.h"

/* The summary printed at the end, also after a console session; the caller frees. */
char *report_summary(const struct snapshot *s, const struct probe_snapshot *b);

/* Makes a block of the running table (headless): a line of totals and the busiest
 * endpoints in the window; the caller frees it. */
char *report_table(const struct snapshot *s, const struct probe_snapshot *b);

/* The summary as JSON, schema "ramptop-summary/1"; the caller frees.  The only user
 * of jansson on the way out. */
char *report_json(const struct snapshot *s, const struct probe_snapshot *b);

/* Writes text to path, or to stdout for "-".  A file appears whole or not at all
 * (written beside and renamed), with the permissions of the one it replaces, where a symbolic
 * link leads to; a device or pipe is written to as it is, and so is a file in a folder that
 * takes no new one. */
bool report_write(const char *path, const char *text, struct err *e);
/* The texts that are written at the end of a run, which it owns. */
struct report_ending {
    char *json;       /* NULL: none is wanted */
    const char *path; /* where the JSON goes, "-" for stdout; borrowed */
    char *log;        /* for stderr; NULL: nothing */
    char *text;       /* the summary: to stdout, or to stderr where the JSON goes to stdout */
    bool by_signal;   /* a signal ended the run */
};

/* Writes all of it and frees the texts.  The JSON comes first, because the others may wait for
 * somebody to read them: for as long as it takes, or REPORT_PATIENCE_NS each when a signal
 * ended the run.  After a signal a terminal that is gone or not read is no failure.
 * e: the first thing that cannot be written. */
bool report_end(const struct report_ending *r, struct err *e);
#define REPORT_PATIENCE_NS (UINT64_C(2) * 1000000000)
/* Whether writing there is going to work, as far as can be told before a run; NULL is fine. */
bool report_writable(const char *path, struct err *e);

/* ------------------------------------------------ shared by text and JSON */

/* Requests per second over the whole run (stats/loadtime.h). */
double report_rate(const struct snapshot *s, uint64_t requests);
/* CPU of the generator, over the whole run where that is known. */
double report_cpu_percent(const struct snapshot *s);

#endif
