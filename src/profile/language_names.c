/* SPDX-License-Identifier: MIT */
/* language_names.c - the names in a profile's texts: variables, secrets, feeders, captures. */
#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"
#include "src/profile/language_parts.h"
#include "src/script/secret_name.h"

/* ------------------------------------------------------------------- feeders */

static bool read_delimiter(const struct doc *d, const struct node *n, char *out)
{
    const char *text;
    if (n == NULL)
        return true;
    if (!node_text(d, n, &text))
        return false;
    if (text[0] == '\0' || text[1] != '\0') {
        node_problem(d, n, "delimiter must be one character such as \";\".");
        return false;
    }
    *out = text[0];
    return true;
}

static bool read_feeder_config(const struct doc *d, const struct node *group,
                               struct feeder_config *cfg)
{
    static const char *const orders[] = {"sequential", "random", "unique", NULL};
    static const char *const ends[] = {"wrap", "stop", NULL};
    const struct node *order = node_get(group, "order"), *end = node_get(group, "at_end");
    int o = order != NULL ? node_word(d, order, orders) : FEEDER_SEQUENTIAL;
    int e = end != NULL ? node_word(d, end, ends) : FEEDER_WRAP;
    if (o == FEEDER_RANDOM && end != NULL && e == FEEDER_STOP)
        node_problem(d, end, "a feeder in random order has no end; leave at_end out.");
    cfg->order = (enum feeder_order)o;
    cfg->at_end = (enum feeder_end)e;
    return read_delimiter(d, node_get(group, "delimiter"), &cfg->delimiter) && o >= 0 && e >= 0;
}

static struct feeder *open_feeder(struct context *c, const struct node *group)
{
    static const char *const keys[] = {"csv", "order", "at_end", "delimiter", NULL};
    struct feeder_config cfg = {.name = group->name, .permissions = &c->p->permissions};
    struct err e;
    if (!node_is(c->d, group, NODE_GROUP))
        return NULL;
    node_only(c->d, group, "a feeder", keys);
    bool ok = read_feeder_config(c->d, group, &cfg);
    const struct node *csv = node_get(group, "csv");
    if (csv == NULL) {
        if (!node_meant(group, "csv"))
            node_problem(c->d, group, "the feeder \"%.60s\" has no csv; name a file.", group->name);
        return NULL;
    }
    char *path = language_path(c, csv);
    struct feeder *f = NULL;
    if (path != NULL && *path != '\0' && ok) {
        language_here(c, csv);
        f = feeder_read(path, &cfg, &e);
        language_here(c, NULL);
        if (f == NULL)
            node_problem(c->d, csv, "%s.", e.text);
    }
    free(path);
    return f;
}

/* A feeder that cannot be read is declared as well: one sentence about it is enough. */
static void read_feeder(struct context *c, const struct node *group)
{
    struct err e;
    struct feeder *f = open_feeder(c, group);
    uint32_t index = (uint32_t)c->p->n_feeders;
    if (f != NULL) {
        c->p->feeders = mem_room(c->p->feeders, c->p->n_feeders, sizeof *c->p->feeders);
        c->p->feeders[c->p->n_feeders++] = f;
    }
    if (!names_feeder(c->names, group->name, f, index, &e))
        node_problem(c->d, group, "%s.", e.text);
}

void language_feeders(struct context *c, const struct node *group)
{
    if (group == NULL || !node_is(c->d, group, NODE_GROUP))
        return;
    for (size_t i = 0; i < group->n; i++)
        read_feeder(c, &group->items[i]);
}

/* ----------------------------------------------------------------- variables */

const struct secret *language_secret(struct context *c, const struct node *group)
{
    static const char *const keys[] = {"secret", NULL};
    struct err e;
    node_only(c->d, group, "a secret", keys);
    const struct node *n = node_get(group, "secret");
    if (n == NULL) {
        if (!node_meant(group, "secret"))
            node_problem(c->d, group,
                         "%.60s must be a text or { secret = \"env:NAME\"; } or "
                         "{ secret = \"file:PATH\"; }.",
                         group->name);
        return NULL;
    }
    char *source = language_fixed(c, n);
    if (source == NULL)
        return NULL;
    struct secret *s = NULL;
    const char *file = source_file(c->d->source, n->line), *slash = strrchr(file, '/');
    if (strncmp(source, "file:", 5) == 0 && source[5] != '/' && slash != NULL && n->set == NULL) {
        char *whole = mem_printf("file:%.*s%s", (int)(slash - file + 1), file, source + 5);
        free(source);
        source = whole;
    }
    language_here(c, n);
    s = secret_read(source, &c->p->permissions, &e);
    language_here(c, NULL);
    free(source);
    if (s == NULL) {
        node_problem(c->d, n, "%s.", e.text);
        return NULL;
    }
    return secrets_add(&c->p->secrets, s);
}

static void add_draw(struct context *c, const struct node *n, struct template *t)
{
    uint32_t slot;
    struct err e;
    struct profile *p = c->p;
    if (!names_slot(c->names, n->name, &slot, &e)) {
        node_problem(c->d, n, "%s.", e.text);
        template_free(t);
        return;
    }
    p->draws = mem_room(p->draws, p->n_draws, sizeof *p->draws);
    p->draws[p->n_draws++] =
        (struct draw){.slot = slot, .text = t, .hidden = secret_named(n->name)};
}

/* Adds a variable that is the same for all users: texts take it when they are prepared. */
static void add_fixed(struct context *c, const struct node *n, struct template *t)
{
    struct buf out = {0};
    struct err e;
    buf_text(&out, "");
    bool ok = template_render(t, NULL, &out, &e);
    if (ok && template_is_secret(t))
        ok = names_secret(c->names, n->name,
                          secrets_add(&c->p->secrets, secret_from(out.data, out.len)), &e);
    else if (ok)
        ok = names_constant(c->names, n->name, out.data, &e);
    if (!ok)
        node_problem(c->d, n, "%s.", e.text);
    if (template_is_secret(t))
        explicit_bzero(out.data, out.len);
    buf_finish(&out);
    template_free(t);
}

/* Declares a name without a value, too: the texts that use it are not complained about. */
static void declare_wrong(struct context *c, const struct node *n)
{
    struct err e;
    if (!names_constant(c->names, n->name, "", &e))
        node_problem(c->d, n, "%s.", e.text);
}

static void names_read_secret(struct context *c, const struct node *n)
{
    struct err e;
    const struct secret *s = language_secret(c, n);
    if (s == NULL)
        declare_wrong(c, n);
    else if (!names_secret(c->names, n->name, s, &e))
        node_problem(c->d, n, "%s.", e.text);
}

static void read_variable(struct context *c, const struct node *n)
{
    struct err e;
    if (n->kind == NODE_GROUP) {
        names_read_secret(c, n);
        return;
    }
    char *text = language_plain(c, n);
    struct template *t = text != NULL ? template_compile(text, ENCODE_PLAIN, c->names, &e) : NULL;
    if (text != NULL && t == NULL)
        node_problem(c->d, n, "the variable \"%.60s\": %s.", n->name, e.text);
    free(text);
    if (t == NULL)
        declare_wrong(c, n);
    else if (template_is_fixed(t))
        add_fixed(c, n, t);
    else
        add_draw(c, n, t);
}

void language_variables(struct context *c, const struct node *group)
{
    if (group == NULL || !node_is(c->d, group, NODE_GROUP))
        return;
    for (size_t i = 0; i < group->n; i++)
        read_variable(c, &group->items[i]);
}

/* ------------------------------------------------------------------ captures */

/* A group named capture is nothing else anywhere in a class; settings_read bounds the depth. */
void language_each_capture(const struct node *n, void (*each)(const struct node *one, void *arg),
                           void *arg)
{
    for (size_t i = 0; n != NULL && i < n->n; i++) {
        const struct node *item = &n->items[i];
        if (item->kind == NODE_GROUP && item->name != NULL && strcmp(item->name, "capture") == 0)
            for (size_t k = 0; k < item->n; k++)
                each(&item->items[k], arg);
        else if (item->kind == NODE_GROUP || item->kind == NODE_LIST)
            language_each_capture(item, each, arg);
    }
}

static void declare_capture(const struct node *one, void *arg)
{
    struct context *c = arg;
    uint32_t slot;
    struct err e;
    if (!names_slot(c->names, one->name, &slot, &e) && language_first_time(c, one))
        node_problem(c->d, one, "%s.", e.text);
}

void language_captured(struct context *c, const struct node *n)
{
    language_each_capture(n, declare_capture, c);
}

/* ------------------------------------------------------------------- the sums */

void language_names_done(struct context *c)
{
    struct profile *p = c->p;
    p->n_slots = names_slots(c->names);
    p->n_sequences = names_sequences(c->names);
    p->sequence_starts = mem_array(p->n_sequences + 1, sizeof *p->sequence_starts);
    for (size_t i = 0; i < p->n_sequences; i++)
        p->sequence_starts[i] = names_sequence_start(c->names, (uint32_t)i);
}
