/* SPDX-License-Identifier: MIT */
#include "src/profile/probe_spec.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"

const char *const probe_type_words[PROBE_TYPES + 1] = {
    "docker", "postgres",   "pgbouncer", "process", "host", "redis",
    "nginx",  "prometheus", "promql",    "command", NULL};

struct probe_spec *probe_spec_new(enum probe_type type)
{
    struct probe_spec *s = mem_zalloc(sizeof *s);
    s->type = type;
    s->refs = 1;
    return s;
}

struct probe_spec *probe_spec_ref(struct probe_spec *s)
{
    __atomic_fetch_add(&s->refs, 1, __ATOMIC_RELAXED);
    return s;
}

static void free_texts(char **texts, size_t n)
{
    for (size_t i = 0; i < n; i++)
        free(texts[i]);
    free(texts);
}

static void free_lists(struct probe_spec *s)
{
    for (size_t i = 0; i < s->n_warns; i++) {
        free(s->warns[i].group);
        free(s->warns[i].series);
    }
    for (size_t i = 0; i < s->n_pools; i++) {
        free(s->pools[i].name);
        free(s->pools[i].text);
    }
    for (size_t i = 0; i < s->n_metrics; i++) {
        free(s->metrics[i].name);
        free(s->metrics[i].metric);
        free(s->metrics[i].unit);
    }
    free(s->warns);
    free(s->pools);
    free(s->metrics);
    free_texts(s->match, s->n_match);
    free_texts(s->argv, s->n_argv);
}

void probe_spec_unref(struct probe_spec *s)
{
    if (s == NULL || __atomic_sub_fetch(&s->refs, 1, __ATOMIC_ACQ_REL) > 0)
        return;
    free_lists(s);
    secret_free(s->password);
    secret_free(s->bearer);
    free(s->name);
    free(s->where);
    free(s->user);
    free(s->logs);
    free(s->process);
    free(s);
}
