/* SPDX-License-Identifier: MIT */
#include "src/profile/goal.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"

#define SUCCESS_LEAST 0.99 /* good enough to say nothing */

const char *grade_word(enum grade g)
{
    static const char *const words[] = {"-", "ok", "acceptable", "poor"};
    return words[g];
}

const char *goal_metric_name(enum goal_metric m)
{
    static const char *const names[] = {"average", "p50", "p95", "p99", "success"};
    return names[m];
}

static enum grade at_most(const struct bound *b, double value)
{
    if (!b->set)
        return GRADE_NONE;
    return value <= b->target ? GRADE_OK : value <= b->acceptable ? GRADE_ACCEPTABLE : GRADE_POOR;
}

static enum grade at_least(const struct bound *b, double value)
{
    if (!b->set)
        return GRADE_NONE;
    return value >= b->target ? GRADE_OK : value >= b->acceptable ? GRADE_ACCEPTABLE : GRADE_POOR;
}

/* Nothing is said of success, but something else is wanted: replies that fail quickly are not
 * what was meant. */
static enum grade unsaid_success(const struct goal *g, double value)
{
    bool wanted = g->n_rates > 0;
    for (int m = 0; m < GOAL_METRICS; m++)
        wanted = wanted || g->bounds[m].set;
    return wanted && value < SUCCESS_LEAST ? GRADE_POOR : GRADE_NONE;
}

enum grade goal_judge(const struct goal *g, enum goal_metric m, double value)
{
    if (g == NULL)
        return GRADE_NONE;
    if (m == GOAL_SUCCESS)
        return g->bounds[m].set ? at_least(&g->bounds[m], value) : unsaid_success(g, value);
    return at_most(&g->bounds[m], value);
}

enum grade goal_judge_rate(const struct goal *g, uint32_t at, double rps)
{
    for (size_t i = 0; g != NULL && i < g->n_rates; i++)
        if (g->rates[i].at == at)
            return at_least(&g->rates[i].rps, rps);
    return GRADE_NONE;
}

double goal_of_all(const struct profile *p, enum goal_metric m)
{
    for (size_t i = 0; i < p->n_goals; i++) {
        const struct goal *g = &p->goals[i];
        for (size_t k = 0; k < g->n_patterns; k++)
            if (strcmp(g->patterns[k], "*") == 0 && g->bounds[m].set)
                return g->bounds[m].acceptable;
    }
    return 0;
}

/* Remembers only the last star: it can take whatever an earlier one could. */
bool goal_matches(const char *glob, const char *text)
{
    const char *star = NULL, *behind = NULL;
    while (*text != '\0') {
        if (*glob == '*') {
            star = glob++;
            behind = text;
        } else if (*glob == '?' || *glob == *text) {
            glob++;
            text++;
        } else if (star != NULL) {
            glob = star + 1;
            text = ++behind;
        } else {
            return false;
        }
    }
    while (*glob == '*')
        glob++;
    return *glob == '\0';
}

const struct goal *profile_goal(const struct profile *p, const char *method, const char *name)
{
    char *whole = mem_printf("%s %s", method, name);
    const struct goal *found = NULL;
    for (size_t i = 0; i < p->n_goals && found == NULL; i++)
        for (size_t k = 0; k < p->goals[i].n_patterns && found == NULL; k++)
            if (goal_matches(p->goals[i].patterns[k], whole))
                found = &p->goals[i];
    free(whole);
    return found;
}
