/* SPDX-License-Identifier: MIT */
/* language_flow.c - the captured values that can be there when a request is composed.  A user
 * captures its log-in in on_start; what its class gives to all requests (auth, headers) cannot hold
 * for the log-in itself, and a text that waits for a value which never comes is a mistake of the
 * profile. */
#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"
#include "src/profile/language_parts.h"

/* ------------------------------------------------------- what a part of a class captures */

struct marking {
    const struct context *c;
    bool *slots;
};

static void mark_capture(const struct node *one, void *arg)
{
    struct marking *m = arg;
    struct named found = names_find(m->c->names, one->name);
    if (found.kind == NAME_SLOT)
        m->slots[found.index] = true;
}

void language_flow_expect(const struct context *c, const struct node *n, bool *slots)
{
    struct marking m = {c, slots};
    language_each_capture(n, mark_capture, &m);
}

struct naming {
    const struct context *c;
    uint32_t slot;
    const char *name; /* under which something is captured into it */
};

static void name_capture(const struct node *one, void *arg)
{
    struct naming *n = arg;
    struct named found = names_find(n->c->names, one->name);
    if (found.kind == NAME_SLOT && found.index == n->slot)
        n->name = one->name;
}

/* -------------------------------------------------------------------------- one request */

struct need {
    const bool *has;
    bool missing;
    uint32_t slot; /* the first that is missing */
};

static void need_slot(uint32_t slot, void *arg)
{
    struct need *need = arg;
    if (need->missing || need->has[slot])
        return;
    need->missing = true;
    need->slot = slot;
}

static bool template_lacks(const struct template *t, const bool *has)
{
    struct need need = {.has = has};
    template_uses(t, need_slot, NULL, &need);
    return need.missing;
}

/* Drops from a request the common settings of its class that it cannot have yet: they hold from
 * the first request on that can. */
static void drop_inherited(const struct node *n, const bool *has, struct request *r)
{
    size_t kept = 0;
    if (r->auth.text != NULL && node_get(n, "auth") == NULL && template_lacks(r->auth.text, has)) {
        template_free(r->auth.text);
        r->auth = (struct auth){0};
    }
    for (size_t i = 0; i < r->headers.n; i++) {
        struct field *f = &r->headers.items[i];
        if (language_own_header(n, f->name) || !template_lacks(f->value, has)) {
            r->headers.items[kept++] = *f;
            continue;
        }
        free(f->name);
        template_free(f->value);
    }
    r->headers.n = kept;
}

void language_flow_request(struct context *c, const struct flow *flow, const struct node *n,
                           struct request *r)
{
    struct need need = {.has = flow->has};
    const struct text_visit v = {need_slot, NULL, NULL, &need};
    drop_inherited(n, flow->has, r);
    language_visit_request(&v, r);
    if (!need.missing)
        return;
    struct naming naming = {c, need.slot, "?"};
    language_each_capture(c->class_node, name_capture, &naming);
    node_problem(c->d, n, "${%.64s} can never have a value here: %s.", naming.name,
                 flow->is_start ? "no request before this one in on_start captures it"
                                : "only on_stop captures it, when all else is over");
}

void language_flow_captured(const struct request *r, bool *slots)
{
    for (size_t i = 0; i < r->n_captures; i++)
        slots[capture_slot(r->captures[i])] = true;
}

/* --------------------------------------------------------------------- a part of a class */

struct flow language_flow_begin(const struct context *c, enum flow_part part)
{
    struct flow flow = {.has = mem_zalloc(names_slots(c->names) + 1),
                        .is_start = part == FLOW_START};
    for (size_t i = 0; i < c->p->n_draws; i++)
        flow.has[c->p->draws[i].slot] = true;
    if (part == FLOW_START)
        return flow;
    /* A user does its tasks again and again: what one of them captures, each can have. */
    language_flow_expect(c, node_get(c->class_node, "on_start"), flow.has);
    language_flow_expect(c, node_get(c->class_node, "tasks"), flow.has);
    if (part == FLOW_STOP)
        language_flow_expect(c, node_get(c->class_node, "on_stop"), flow.has);
    return flow;
}

void language_flow_end(struct flow *flow)
{
    free(flow->has);
    flow->has = NULL;
}
