/* SPDX-License-Identifier: MIT */
/* Any bytes as a profile: they are read or refused in words, never a crash.
 *
 *   ./configure CC=clang --enable-fuzzing --with-sanitizer=address,undefined
 *   make fuzz FUZZ_SECONDS=300
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "src/profile/read.h"
#include "tests/fuzz/fuzz.h"

/* What others rely on without asking. */
static void check_profile(const struct profile *p)
{
    bool ok = p->n_classes > 0 && p->n_class_of > 0 && p->n_endpoints > 0 && p->target != NULL;
    for (size_t i = 0; ok && i < p->n_class_of; i++)
        ok = p->class_of[i] < p->n_classes;
    for (size_t i = 0; ok && i < p->n_levels; i++)
        ok = p->levels[i].users > 0 && p->levels[i].spawn_rate > 0;
    for (size_t i = 0; ok && i < p->n_classes; i++) {
        const struct user_class *c = &p->classes[i];
        ok = c->name != NULL && c->weight > 0 && c->n_tasks > 0 && c->total_weight > 0 &&
             c->wait.min_ns <= c->wait.max_ns;
        for (size_t t = 0; ok && t < c->n_tasks; t++) {
            ok = c->tasks[t].n_steps > 0 && c->tasks[t].name != NULL;
            for (size_t s = 0; ok && s < c->tasks[t].n_steps; s++) {
                const struct request *r = &c->tasks[t].steps[s].request;
                ok = r->method != NULL && r->url != NULL && r->endpoint < p->n_endpoints &&
                     r->timeout_ns > 0 && strpbrk(r->url, " \r\n") == NULL;
            }
        }
    }
    if (!ok)
        abort();
}

/* The grammar is ours to explain: libconfig must never be the first to complain. */
static void check_sentence(const char *line)
{
    static const char *const theirs[] = {": syntax error.", ": duplicate setting name.",
                                         ": mismatched element type in array."};
    for (size_t i = 0; i < sizeof theirs / sizeof *theirs; i++) {
        size_t n = strlen(theirs[i]), len = strlen(line);
        if (len >= n && strcmp(line + len - n, theirs[i]) == 0)
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct problems problems = {0};
    struct profile *p = profile_parse("fuzz.cfg", (const char *)data, size, NULL, &problems);
    if ((p == NULL) != (problems.n > 0))
        abort();
    if (p != NULL)
        check_profile(p);
    for (size_t i = 0; i < problems.n; i++)
        check_sentence(problems.lines[i]);
    profile_unref(p);
    problems_finish(&problems);
    return 0;
}
