/* SPDX-License-Identifier: MIT */
/* language_select.c - the command line's choice of user classes by name, of tasks by their tags. */
#include <stdlib.h>
#include <string.h>

#include "src/base/clean.h"
#include "src/base/mem.h"
#include "src/base/words.h"
#include "src/profile/language_parts.h"

static bool is_one_of(const char *text, const char *const *texts, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(texts[i], text) == 0)
            return true;
    return false;
}

/* ----------------------------------------------------------------------- tags */

static bool has_tag(const struct task *t, const char *const *tags, size_t n)
{
    for (size_t i = 0; i < t->n_tags; i++)
        if (is_one_of(t->tags[i], tags, n))
            return true;
    return false;
}

static bool wanted(const struct task *t, const struct profile_overrides *o)
{
    return (o->n_tags == 0 || has_tag(t, o->tags, o->n_tags)) &&
           !has_tag(t, o->exclude_tags, o->n_exclude_tags);
}

static void choose_tasks(const struct profile *p, struct user_class *u,
                         const struct profile_overrides *o)
{
    size_t n = 0;
    u->total_weight = 0;
    for (size_t i = 0; i < u->n_tasks; i++) {
        if (!wanted(&u->tasks[i], o)) {
            build_task_finish(&u->tasks[i]);
            continue;
        }
        u->tasks[n] = u->tasks[i];
        u->total_weight += u->tasks[n++].weight;
    }
    u->n_tasks = n;
    u->n_feeders = 0; /* no row for a task that is left out */
    language_uses(p, &u->on_start, u);
    language_uses(p, &u->on_stop, u);
    for (size_t i = 0; i < n; i++)
        language_uses(p, &u->tasks[i].steps, u);
}

/* All tags of the profile; ends with NULL.  The caller frees the array. */
static const char **all_tags(const struct context *c)
{
    size_t n = 0;
    const char **words = NULL;
    for (size_t i = 0; i < c->n_classes; i++) {
        const struct user_class *u = &c->classes[i].read;
        for (size_t t = 0; t < u->n_tasks; t++)
            for (size_t k = 0; k < u->tasks[t].n_tags; k++) {
                words = mem_room(words, n, sizeof *words);
                words[n++] = u->tasks[t].tags[k];
            }
    }
    words = mem_room(words, n, sizeof *words);
    words[n] = NULL;
    return words;
}

static void unknown_name(struct context *c, const char *what, const char *given,
                         const char *const *words)
{
    char text[BUILD_NAME_MAX];
    if (words_have(words, given))
        return;
    clean_text(text, sizeof text, given, strlen(given));
    const char *near = words_nearest(text, words);
    if (near != NULL)
        problems_add(c->d->problems, "%s \"%s\" (did you mean \"%s\"?).", what, text, near);
    else
        problems_add(c->d->problems, "%s \"%s\".", what, text);
}

static void check_tags(struct context *c)
{
    const char **words = all_tags(c);
    for (size_t i = 0; i < c->o->n_tags; i++)
        unknown_name(c, "--tags: no task of the profile has the tag", c->o->tags[i], words);
    for (size_t i = 0; i < c->o->n_exclude_tags; i++)
        unknown_name(c, "--exclude-tags: no task of the profile has the tag", c->o->exclude_tags[i],
                     words);
    free(words);
}

/* -------------------------------------------------------------------- classes */

static void check_classes(struct context *c)
{
    const char **words = mem_array(c->n_classes + 1, sizeof *words);
    size_t n = 0;
    for (size_t i = 0; i < c->n_classes; i++)
        if (c->classes[i].name != NULL)
            words[n++] = c->classes[i].name;
    for (size_t i = 0; i < c->o->n_classes; i++)
        unknown_name(c, "the profile has no user class", c->o->classes[i], words);
    free(words);
}

static bool stays(const struct class_ref *ref, const struct profile_overrides *o)
{
    return o->n_classes == 0 ||
           (ref->name != NULL && is_one_of(ref->name, o->classes, o->n_classes));
}

/* A class of weight 0 takes part when it is named, and when tags leave no other. */
static void let_in(struct profile *p, const struct profile_overrides *o)
{
    bool others = false;
    for (size_t i = 0; i < p->n_classes; i++)
        others = others || p->classes[i].weight > 0 || p->classes[i].fixed_count > 0;
    bool by_tags = o->n_tags > 0 && !others;
    for (size_t i = 0; i < p->n_classes; i++) {
        struct user_class *u = &p->classes[i];
        if (u->weight == 0 && u->fixed_count == 0 && (o->n_classes > 0 || by_tags))
            u->weight = 1;
    }
}

void language_select(struct context *c)
{
    const struct profile_overrides *o = c->o;
    struct profile *p = c->p;
    bool by_tags = o->n_tags + o->n_exclude_tags > 0;
    size_t before = c->d->problems->n + c->d->problems->dropped;
    check_tags(c);
    check_classes(c);
    p->classes = mem_array(c->n_classes, sizeof *p->classes);
    for (size_t i = 0; i < c->n_classes; i++) {
        struct class_ref *ref = &c->classes[i];
        if (by_tags)
            choose_tasks(p, &ref->read, o);
        ref->place = stays(ref, o) && !(by_tags && ref->read.n_tasks == 0) ? (int)p->n_classes : -1;
        if (ref->place < 0)
            continue;
        p->classes[p->n_classes++] = ref->read;
        ref->read = (struct user_class){.name = NULL};
    }
    let_in(p, o);
    if (p->n_classes == 0 && c->d->problems->n + c->d->problems->dropped == before)
        problems_add(c->d->problems, "%s leaves no task of the profile.",
                     o->n_tags == 0 ? "--exclude-tags" : "--tags");
}

/* ------------------------------------------------------------------ what is left */

static void keep_steps(const struct steps *s, bool *kept)
{
    for (size_t i = 0; i < s->n; i++)
        if (s->items[i].kind == STEP_REQUEST)
            kept[s->items[i].request->number] = true;
}

static void keep_used(const struct profile *p, bool *kept)
{
    for (size_t i = 0; i < p->n_classes; i++) {
        const struct user_class *u = &p->classes[i];
        keep_steps(&u->on_start, kept);
        keep_steps(&u->on_stop, kept);
        for (size_t t = 0; t < u->n_tasks; t++)
            keep_steps(&u->tasks[t].steps, kept);
    }
    for (size_t i = 0; i < p->n_rate_limits; i++)
        keep_steps(&p->rate_limits[i].steps, kept);
}

static void drop_endpoints(struct profile *p)
{
    uint32_t *to = mem_array(p->n_endpoints + 1, sizeof *to);
    size_t n = 0;
    for (size_t i = 0; i < p->n_requests; i++)
        to[p->requests[i]->endpoint] = 1;
    for (size_t i = 0; i < p->n_endpoints; i++) {
        if (to[i] == 0) {
            free(p->endpoints[i].method);
            free(p->endpoints[i].name);
            continue;
        }
        to[i] = (uint32_t)n;
        p->endpoints[n++] = p->endpoints[i];
    }
    p->n_endpoints = n;
    for (size_t i = 0; i < p->n_requests; i++)
        p->requests[i]->endpoint = to[p->requests[i]->endpoint];
    free(to);
}

void language_drop(struct profile *p)
{
    bool *kept = mem_array(p->n_requests + 1, sizeof *kept);
    size_t n = 0;
    keep_used(p, kept);
    for (size_t i = 0; i < p->n_requests; i++) {
        if (!kept[i]) {
            build_request_free(p->requests[i]);
            continue;
        }
        p->requests[i]->number = (uint32_t)n;
        p->requests[n++] = p->requests[i];
    }
    p->n_requests = n;
    free(kept);
    drop_endpoints(p);
}
