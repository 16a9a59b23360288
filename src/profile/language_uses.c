/* SPDX-License-Identifier: MIT */
/* language_uses.c - finds what steps use of a user's scope: rows of feeders, variables that are
 * drawn, and which of them must not be seen. */
#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"
#include "src/profile/language_parts.h"
#include "src/script/secret_name.h"

static void add_once(uint32_t **items, size_t *n, uint32_t index)
{
    for (size_t i = 0; i < *n; i++)
        if ((*items)[i] == index)
            return;
    *items = mem_room(*items, *n, sizeof **items);
    (*items)[(*n)++] = index;
}

/* ------------------------------------------------------------- through all texts */

static void visit_text(const struct text_visit *v, const struct template *t)
{
    if (t != NULL)
        template_uses(t, v->slot, v->feeder, v->arg);
    if (t != NULL && v->cell != NULL)
        template_cells(t, v->cell, v->arg);
}

static void visit_fields(const struct text_visit *v, const struct fields *f)
{
    for (size_t i = 0; i < f->n; i++)
        visit_text(v, f->items[i].value);
}

void language_visit_request(const struct text_visit *v, const struct request *r)
{
    visit_text(v, r->url);
    visit_text(v, r->auth.text);
    visit_text(v, r->body.text);
    visit_fields(v, &r->query);
    visit_fields(v, &r->headers);
    visit_fields(v, &r->cookies);
    visit_fields(v, &r->body.form);
    for (size_t i = 0; i < r->body.n_parts; i++)
        visit_text(v, r->body.parts[i].content.text);
    for (size_t i = 0; i < r->n_checks; i++)
        check_uses(r->checks[i], v->slot, v->feeder, v->arg);
}

static void visit_steps(const struct text_visit *v, const struct steps *steps)
{
    for (size_t i = 0; i < steps->n; i++) {
        const struct step *s = &steps->items[i];
        if (s->kind == STEP_REQUEST)
            language_visit_request(v, s->request);
        else if (s->condition != NULL)
            condition_uses(s->condition, v->slot, v->feeder, v->arg);
    }
}

/* ------------------------------------------------------------ what must not be seen */

struct hiding {
    const struct profile *p;
    struct user_class *u;
};

static void hide(uint32_t slot, void *arg)
{
    struct user_class *u = ((struct hiding *)arg)->u;
    add_once(&u->hidden, &u->n_hidden, slot);
}

static void hide_cell(uint32_t feeder, uint32_t column, void *arg)
{
    struct user_class *u = ((struct hiding *)arg)->u;
    for (size_t i = 0; i < u->n_hidden_cells; i++)
        if (u->hidden_cells[i].feeder == feeder && u->hidden_cells[i].column == column)
            return;
    u->hidden_cells = mem_room(u->hidden_cells, u->n_hidden_cells, sizeof *u->hidden_cells);
    u->hidden_cells[u->n_hidden_cells++] = (struct column_ref){feeder, column};
}

/* Wherever it goes: the column says what it is. */
static void hide_named_cell(uint32_t feeder, uint32_t column, void *arg)
{
    const struct profile *p = ((struct hiding *)arg)->p;
    if (secret_named(feeder_column_name(p->feeders[feeder], column)))
        hide_cell(feeder, column, arg);
}

static void hide_fields(const struct text_visit *v, const struct fields *f,
                        bool (*secret)(const char *name))
{
    for (size_t i = 0; i < f->n; i++)
        if (secret == NULL || secret(f->items[i].name))
            visit_text(v, f->items[i].value);
}

/* Hides values that let somebody in, told by where they go or where they are from. */
static void hide_secrets(const struct profile *p, const struct request *r, struct user_class *u)
{
    struct hiding hiding = {p, u};
    const struct text_visit v = {hide, NULL, hide_cell, &hiding},
                            named = {NULL, NULL, hide_named_cell, &hiding};
    language_visit_request(&named, r);
    visit_text(&v, r->auth.text);
    hide_fields(&v, &r->headers, secret_named_header);
    hide_fields(&v, &r->cookies, NULL);
    hide_fields(&v, &r->query, secret_named);
    hide_fields(&v, &r->body.form, secret_named);
    for (size_t i = 0; i < r->body.n_parts; i++)
        if (r->body.parts[i].name != NULL && secret_named(r->body.parts[i].name))
            visit_text(&v, r->body.parts[i].content.text);
    for (size_t i = 0; i < r->n_captures; i++)
        if (capture_is_secret(r->captures[i]))
            hide(capture_slot(r->captures[i]), &hiding);
}

void language_hidden(const struct profile *p, struct user_class *u)
{
    struct hiding hiding = {p, u};
    for (size_t i = 0; i < p->n_draws; i++)
        if (p->draws[i].hidden)
            hide(p->draws[i].slot, &hiding);
}

/* --------------------------------------------------------------------- feeders */

struct uses {
    const struct profile *p;
    struct steps *steps;
    struct user_class *u;
};

static void add_feeder(uint32_t index, void *arg)
{
    struct uses *uses = arg;
    if (feeder_order(uses->p->feeders[index]) == FEEDER_UNIQUE)
        add_once(&uses->u->feeders, &uses->u->n_feeders, index);
    else
        add_once(&uses->steps->feeders, &uses->steps->n_feeders, index);
}

void language_uses(const struct profile *p, struct steps *steps, struct user_class *u)
{
    struct uses uses = {p, steps, u};
    const struct text_visit v = {NULL, add_feeder, NULL, &uses};
    visit_steps(&v, steps);
    for (size_t i = 0; i < steps->n; i++)
        if (steps->items[i].kind == STEP_REQUEST)
            hide_secrets(p, steps->items[i].request, u);
}

/* ----------------------------------------------------------------------- draws */

static void mark(uint32_t slot, void *slots)
{
    ((bool *)slots)[slot] = true;
}

static void add_life_feeder(uint32_t index, void *class)
{
    struct user_class *u = class;
    add_once(&u->feeders, &u->n_feeders, index);
}

/* Marks the slots in which the class's users need a value. */
static void mark_needed(const struct profile *p, size_t class, bool *slots)
{
    const struct user_class *u = &p->classes[class];
    const struct text_visit v = {mark, NULL, NULL, slots};
    visit_steps(&v, &u->on_start);
    visit_steps(&v, &u->on_stop);
    for (size_t i = 0; i < u->n_tasks; i++)
        visit_steps(&v, &u->tasks[i].steps);
    for (size_t i = 0; i < p->n_rate_limits; i++)
        if (p->rate_limits[i].class == class)
            visit_steps(&v, &p->rate_limits[i].steps);
    for (size_t d = p->n_draws; d-- > 0;) /* a text may need those before it */
        if (slots[p->draws[d].slot])
            template_uses(p->draws[d].text, mark, NULL, slots);
}

static void add_draws(const struct profile *p, struct user_class *u, const bool *slots)
{
    for (size_t d = 0; d < p->n_draws; d++) {
        if (!slots[p->draws[d].slot])
            continue;
        u->draws = mem_room(u->draws, u->n_draws, sizeof *u->draws);
        u->draws[u->n_draws++] = (uint32_t)d;
        template_uses(p->draws[d].text, NULL, add_life_feeder, u);
    }
}

void language_draws(struct profile *p)
{
    for (size_t i = 0; i < p->n_classes; i++) {
        bool *slots = mem_zalloc(p->n_slots + 1);
        mark_needed(p, i, slots);
        add_draws(p, &p->classes[i], slots);
        free(slots);
    }
}
