/* SPDX-License-Identifier: MIT */
#include "src/demo/store.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "src/base/mem.h"
#include "src/script/encode.h"

static void release_item(struct table_entry *e)
{
    struct item *i = (struct item *)e;
    free(i->members);
    free(i);
}

void store_init(struct collection *c, enum id_kind ids, const char *id_name, size_t max,
                const char *const states[JOB_STATES])
{
    *c = (struct collection){.ids = ids, .next = 1, .id_name = id_name};
    for (int i = 0; states != NULL && i < JOB_STATES; i++)
        c->states[i] = states[i];
    table_init(&c->items, max, release_item);
}

void store_finish(struct collection *c)
{
    table_finish(&c->items);
}

static size_t new_id(struct collection *c, char out[STORE_ID_BYTES])
{
    if (c->ids == ID_INTEGER)
        return (size_t)snprintf(out, STORE_ID_BYTES, "%" PRIu64, c->next++);
    unsigned char b[16] = {0};
    if (getrandom(b, sizeof b, 0) != (ssize_t)sizeof b)
        memcpy(b, &c->next, sizeof c->next);
    c->next++;
    if (c->ids == ID_UUID) {
        b[6] = (unsigned char)((b[6] & 0x0f) | 0x40);
        b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
    }
    char *to = out;
    for (size_t i = 0; i < sizeof b; i++) {
        if (c->ids == ID_UUID && (i == 4 || i == 6 || i == 8 || i == 10))
            *to++ = '-';
        to += snprintf(to, 3, "%02x", b[i]);
    }
    return (size_t)(to - out);
}

struct item *store_create(struct collection *c, const char *id, size_t len)
{
    char made[STORE_ID_BYTES];
    if (id == NULL) {
        len = new_id(c, made);
        id = made;
    }
    struct table_entry *old = table_find(&c->items, id, len);
    if (old != NULL)
        table_remove(&c->items, old);
    c->dropped += c->items.n >= c->items.max;
    struct item *i = mem_zalloc(sizeof *i);
    i->members = mem_strdup("");
    table_add(&c->items, &i->entry, id, len);
    c->created++;
    return i;
}

struct item *store_find(struct collection *c, const char *id, size_t len, int what)
{
    struct table_entry *e = table_find(&c->items, id, len);
    (e != NULL ? c->known : c->unknown)[what]++;
    return (struct item *)e;
}

void store_delete(struct collection *c, struct item *i)
{
    table_remove(&c->items, &i->entry);
}

/* ------------------------------------------------------------------- members */

struct merge {
    const struct collection *collection;
    struct buf out;
    const char *over; /* members that this object has, too, are left out */
    size_t over_len;
    bool found;
    const struct member *looked_for;
};

static bool is_member_named(const struct member *m, const char *name, size_t len)
{
    return m->name_len == len && memcmp(m->name, name, len) == 0;
}

static void match_member(const struct member *m, void *arg)
{
    struct merge *merge = arg;
    merge->found |= is_member_named(m, merge->looked_for->name, merge->looked_for->name_len);
}

static void add_member(const struct member *m, struct merge *merge)
{
    if (merge->out.len > 0)
        buf_text(&merge->out, ", ");
    buf_char(&merge->out, '"');
    buf_add(&merge->out, m->name, m->name_len);
    buf_text(&merge->out, "\": ");
    buf_add(&merge->out, m->value, m->value_len);
}

static void keep_old_member(const struct member *m, void *arg)
{
    struct merge *merge = arg;
    merge->looked_for = m;
    merge->found = false;
    members_each(merge->over, merge->over_len, match_member, merge);
    if (!merge->found)
        add_member(m, merge);
}

static void add_new_member(const struct member *m, void *arg)
{
    struct merge *merge = arg;
    bool job = merge->collection->states[0] != NULL;
    const char *id = merge->collection->id_name;
    if (!is_member_named(m, id, strlen(id)) && !(job && is_member_named(m, "status", 6)))
        add_member(m, merge);
}

static void count_member(const struct member *m, void *arg)
{
    (void)m;
    size_t *n = arg;
    ++*n;
}

bool store_merge(struct collection *c, struct item *i, const char *json, size_t len)
{
    size_t n = 0;
    if (len > STORE_ITEM_BYTES || !members_each(json, len, count_member, &n))
        return false;
    struct merge merge = {.collection = c, .over = json, .over_len = len};
    char *whole = mem_printf("{%s}", i->members);
    size_t whole_len = strlen(whole);
    members_each(whole, whole_len, count_member, &n);
    bool fits = n <= STORE_ITEM_MEMBERS; /* merging takes the product of both counts */
    if (fits) {
        members_each(whole, whole_len, keep_old_member, &merge);
        members_each(json, len, add_new_member, &merge);
        fits = merge.out.len <= STORE_ITEM_BYTES;
    }
    if (fits) {
        free(i->members);
        i->members = buf_take(&merge.out);
    }
    free(whole);
    buf_finish(&merge.out);
    return fits;
}

/* ------------------------------------------------------------------- writing */

void store_write(const struct collection *c, const struct item *i, uint64_t t_ns, struct buf *out)
{
    const char *quote = c->ids == ID_INTEGER ? "" : "\"";
    buf_printf(out, "{\"%s\": ", c->id_name);
    buf_text(out, quote);
    encode_json(out, i->entry.key, i->entry.len);
    buf_text(out, quote);
    if (c->states[0] != NULL) {
        enum job_state s = t_ns < i->runs_ns   ? JOB_QUEUED
                           : t_ns < i->done_ns ? JOB_RUNNING
                                               : JOB_DONE;
        buf_printf(out, ", \"status\": \"%s\"", c->states[s]);
    }
    if (*i->members != '\0')
        buf_text(out, ", ");
    buf_text(out, i->members);
    buf_char(out, '}');
}

void store_list(const struct collection *c, size_t skip, size_t limit, uint64_t t_ns,
                struct buf *out)
{
    const struct table_entry *e = c->items.newest;
    while (e != NULL && skip-- > 0)
        e = e->older;
    buf_char(out, '[');
    for (bool first = true; e != NULL && limit-- > 0; e = e->older, first = false) {
        if (!first)
            buf_text(out, ", ");
        store_write(c, (const struct item *)e, t_ns, out);
    }
    buf_char(out, ']');
}
