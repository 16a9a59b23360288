/* SPDX-License-Identifier: MIT */
/* names.h - what the names in a profile's texts mean, while the profile is read.
 *
 * A name is a constant, a secret, a slot (a variable that each user has its own value
 * of), or a feeder with columns.  Constants and secrets become part of the prepared
 * texts; slots are numbers from 0 on.  Main thread, thrown away once the profile is
 * built. */
#ifndef RAMPTOP_SCRIPT_NAMES_H
#define RAMPTOP_SCRIPT_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/base/err.h"

struct names;
struct feeder;
struct secret;
struct permissions;

enum name_kind { NAME_NONE, NAME_CONSTANT, NAME_SECRET, NAME_SLOT, NAME_FEEDER };

struct named {
    enum name_kind kind;
    const char *text;            /* CONSTANT; borrowed */
    const struct secret *secret; /* SECRET; borrowed */
    uint32_t index;              /* SLOT: its number; FEEDER: its place in the profile */
    const struct feeder *feeder; /* FEEDER; NULL: it could not be read */
};

struct names *names_create(void);
void names_free(struct names *n);

/* Where it is noted which variables of the environment texts read; borrowed, NULL: nowhere. */
void names_permissions(struct names *n, struct permissions *all);
/* A variable of the environment, or NULL. */
const char *names_environment(const struct names *n, const char *name);

/* Is that a name a profile may declare: a letter or _, then letters, digits, _ or -, at
 * most 64 bytes, no generator's (generate.h), and not env, status or not?  A half sentence if not. */
bool names_ok(const char *name, struct err *e);

/* Each declares; false with a half sentence when the name is taken or not allowed.  The
 * secret and the feeder must outlive what is compiled with these names.  A feeder that could
 * not be read is declared as NULL, so that nothing more is said about its columns. */
bool names_constant(struct names *n, const char *name, const char *text, struct err *e);
bool names_secret(struct names *n, const char *name, const struct secret *s, struct err *e);
bool names_feeder(struct names *n, const char *name, const struct feeder *f, uint32_t index,
                  struct err *e);
/* A slot may be declared again (two steps capture the same name): it keeps its number. */
bool names_slot(struct names *n, const char *name, uint32_t *slot, struct err *e);

struct named names_find(const struct names *n, const char *name);
/* The declared name or generator somebody may have meant, or NULL; also NULL when that was
 * asked very often: nobody reads so many hints, and each takes long. */
const char *names_nearest(const struct names *n, const char *name);

uint32_t names_slots(const struct names *n); /* how many there are, or ever were at once */

/* Forgets what was declared since the mark: names that hold for a while only (what one user
 * class captures).  The slots are used again. */
size_t names_mark(const struct names *n);
void names_forget(struct names *n, size_t mark);

/* Counts what constants add to the texts they stand in, which is what a small profile could
 * get large by.  False when it is too much. */
bool names_spend(struct names *n, size_t bytes);

/* A counter for one ${seq} in the profile: its place in scope->sequences. */
uint32_t names_new_sequence(struct names *n, uint64_t start);
uint32_t names_sequences(const struct names *n);
uint64_t names_sequence_start(const struct names *n, uint32_t i);

#endif
