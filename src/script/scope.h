/* SPDX-License-Identifier: MIT */
/* scope.h - what a user knows while it runs: its variables, its rows of the feeders, its
 * dice.  Templates, conditions, captures and checks are prepared once per profile and
 * evaluated against a scope.
 *
 * A scope belongs to one user and is used by its worker's thread only.  It borrows
 * what the profile owns (feeders) and what the program shares (counters, cursors). */
#ifndef RAMPTOP_SCRIPT_SCOPE_H
#define RAMPTOP_SCRIPT_SCOPE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/base/buf.h"
#include "src/base/rng.h"

#define SCOPE_NO_ROW UINT32_MAX
#define VALUE_MAX (1u << 20) /* bytes of one value; a longer capture is no match */

struct feeder;

struct value {
    char *text; /* owned; NUL behind len; NULL: never set */
    uint32_t len, room;
    bool set;
};

struct scope {
    struct value *values; /* by slot (names.h); NULL when the profile has none */
    uint32_t n_values;
    uint32_t *rows; /* by feeder: the row in hand, SCOPE_NO_ROW for none */
    const struct feeder *const *feeders;
    uint32_t n_feeders;
    _Atomic uint64_t *sequences; /* by place (names.h); shared by all users of the run */
    struct rng rng;              /* this user's own: a seed repeats its choices */
    uint32_t user;               /* number among all users of the run */
    uint64_t iteration;          /* tasks begun, the one in hand included */
    unsigned status;             /* status of the last reply; 0 for none */
    struct buf scratch[2];       /* conditions, checks and captures unescape and render here */
};

void value_set(struct value *v, const char *text, size_t len);
void value_clear(struct value *v); /* no value any more; the memory stays */

/* Room for that many values and rows; everything unset.  scope_finish releases both. */
void scope_init(struct scope *s, uint32_t n_values, const struct feeder *const *feeders,
                uint32_t n_feeders);
void scope_finish(struct scope *s);

#endif
