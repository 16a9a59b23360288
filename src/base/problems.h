/* SPDX-License-Identifier: MIT */
/* problems.h - a list of finished sentences, for input that is read to the end
 * so that all its mistakes are shown at once.  One thread. */
#ifndef RAMPTOP_BASE_PROBLEMS_H
#define RAMPTOP_BASE_PROBLEMS_H

#include <stdbool.h>
#include <stddef.h>

#define PROBLEMS_MAX 100 /* later ones are counted, not kept */

struct problems {
    char *lines[PROBLEMS_MAX];
    size_t n;       /* kept in lines */
    size_t dropped; /* beyond PROBLEMS_MAX */
};

/* Adds one sentence, cleaned of control characters (base/clean.h). */
void problems_add(struct problems *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void problems_finish(struct problems *p); /* frees the lines; zeroed is fine */

#endif
