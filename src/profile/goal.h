/* SPDX-License-Identifier: MIT */
/* goal.h - figures held against what a profile wants of them.  Pure. */
#ifndef RAMPTOP_PROFILE_GOAL_H
#define RAMPTOP_PROFILE_GOAL_H

#include <stdbool.h>

#include "src/profile/profile.h"

/* In this order: the worst of several is the greatest. */
enum grade { GRADE_NONE, GRADE_OK, GRADE_ACCEPTABLE, GRADE_POOR };

/* "-", "ok", "acceptable", "poor" */
const char *grade_word(enum grade g);

/* value: microseconds, for GOAL_SUCCESS the share of requests (0..1).  NONE where nothing is
 * wanted, also without a goal. */
enum grade goal_judge(const struct goal *g, enum goal_metric m, double value);
/* Requests per second with so many at once; NONE where the goal says nothing of that. */
enum grade goal_judge_rate(const struct goal *g, uint32_t at, double rps);

/* Returns the goal for every endpoint ("*"): the bound beyond which a figure is poor, 0
 * where the profile says none. */
double goal_of_all(const struct profile *p, enum goal_metric m);

/* "p95", "average" ... as a profile has them. */
const char *goal_metric_name(enum goal_metric m);

/* Does a glob (`*`: anything, `?`: one character) match the whole text? */
bool goal_matches(const char *glob, const char *text);

#endif
