/* SPDX-License-Identifier: MIT */
/* list.h - what is in a profile, for people and for programs: user classes and tasks with
 * their shares, levels, endpoints, goals, rate limits, probes.  Profile in, text out; pure. */
#ifndef RAMPTOP_LIST_LIST_H
#define RAMPTOP_LIST_LIST_H

#include "src/profile/profile.h"

/* Both are the caller's to free. */
char *list_text(const struct profile *p);
char *list_json(const struct profile *p); /* schema "ramptop-list/1" */

/* Says which headers are kept from which hosts, a sentence each; "" when all are sent.  The
 * caller frees it. */
char *list_left_out(const struct profile *p);

/* ---- shared by both */

/* The share of the users without a fixed count that are of this class; 0 for one that has
 * a fixed count. */
double list_class_share(const struct profile *p, const struct user_class *c);
/* How often the class's users choose that task. */
double list_task_share(const struct user_class *c, const struct task *t);
/* Returns the class's share of the users beyond the fixed ones, in a level with its own mix. */
double list_mix_share(const struct mix *m, size_t class);
/* "steady", "stages", "burst" */
const char *list_level_kind(const struct level *l);
/* Tells the headers that a request leaves out, as profile.h has it; NULL: none, or told by one
 * before it. */
const char *list_request_left_out(const struct profile *p, size_t number);
/* Says in the words of --probe what a probe watches, without the arguments of a command; the
 * caller frees it. */
char *list_probe_what(const struct probe_spec *s);

#endif
