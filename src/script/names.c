/* SPDX-License-Identifier: MIT */
#include "src/script/names.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/clean.h"
#include "src/base/mem.h"
#include "src/base/table.h"
#include "src/base/words.h"
#include "src/script/generate.h"
#include "src/script/permissions.h"

#define NAME_MAX_BYTES 64
#define SPENT_MAX (4u << 20)
#define COMPARED_MAX 100000 /* words, for all hints together */

struct declared {
    struct table_entry entry; /* the key is the name */
    char *text;               /* a constant's text */
    struct named what;
};

struct names {
    struct table declared;
    uint32_t slots, most_slots;
    size_t spent;     /* bytes */
    size_t *compared; /* owned: asking for a hint changes nothing else */
    uint64_t *starts; /* where each sequence starts */
    uint32_t sequences;
    struct permissions *permissions; /* borrowed; NULL: nothing is noted */
};

static void release_declared(struct table_entry *e)
{
    struct declared *d = (struct declared *)e;
    free(d->text);
    free(d);
}

struct names *names_create(void)
{
    struct names *n = mem_zalloc(sizeof *n);
    table_init(&n->declared, SIZE_MAX, release_declared);
    n->compared = mem_zalloc(sizeof *n->compared);
    return n;
}

void names_free(struct names *n)
{
    if (n == NULL)
        return;
    table_finish(&n->declared);
    free(n->compared);
    free(n->starts);
    free(n);
}

void names_permissions(struct names *n, struct permissions *all)
{
    n->permissions = all;
}

const char *names_environment(const struct names *n, const char *name)
{
    return permissions_variable(n->permissions, name);
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/* ${env:...}; the last reply's status and the word of negation in a condition. */
static bool is_reserved(const char *name)
{
    return strcmp(name, "env") == 0 || strcmp(name, "status") == 0 || strcmp(name, "not") == 0;
}

bool names_ok(const char *name, struct err *e)
{
    char shown[NAME_MAX_BYTES + 1];
    size_t len = strlen(name);
    clean_text(shown, sizeof shown, name, len);
    if (len == 0)
        return err_set(e, "a name is missing");
    if (len > NAME_MAX_BYTES)
        return err_set(e, "the name \"%.20s...\" is longer than %d bytes", shown, NAME_MAX_BYTES);
    if (!is_letter(name[0]))
        return err_set(e, "\"%s\" is no name: it begins with a letter or _", shown);
    for (const char *c = name; *c != '\0'; c++) {
        if (!is_letter(*c) && !(*c >= '0' && *c <= '9') && *c != '-')
            return err_set(e, "\"%s\" is no name: letters, digits, _ and - make one", shown);
    }
    if (generator_is(name))
        return err_set(e, "\"%s\" is the name of a generator: choose another", name);
    if (is_reserved(name))
        return err_set(e, "\"%s\" means something of its own: choose another name", name);
    return true;
}

static struct declared *find_declared(const struct names *n, const char *name)
{
    return (struct declared *)table_find(&n->declared, name, strlen(name));
}

static const char *kind_text(enum name_kind kind)
{
    switch (kind) {
    case NAME_CONSTANT:
        return "a variable with a fixed value";
    case NAME_SECRET:
        return "a secret";
    case NAME_SLOT:
        return "a variable";
    case NAME_FEEDER:
        return "a feeder";
    case NAME_NONE:
        break;
    }
    return "nothing";
}

/* NULL when the name is not allowed or taken. */
static struct declared *declare(struct names *n, const char *name, struct named what, struct err *e)
{
    if (!names_ok(name, e))
        return NULL;
    const struct declared *old = find_declared(n, name);
    if (old != NULL) {
        err_set(e, "\"%s\" is already %s", name, kind_text(old->what.kind));
        return NULL;
    }
    struct declared *d = mem_zalloc(sizeof *d);
    d->what = what;
    table_add(&n->declared, &d->entry, name, strlen(name));
    return d;
}

bool names_constant(struct names *n, const char *name, const char *text, struct err *e)
{
    struct declared *d = declare(n, name, (struct named){.kind = NAME_CONSTANT}, e);
    if (d == NULL)
        return false;
    d->what.text = d->text = mem_strdup(text);
    return true;
}

bool names_secret(struct names *n, const char *name, const struct secret *s, struct err *e)
{
    return declare(n, name, (struct named){.kind = NAME_SECRET, .secret = s}, e) != NULL;
}

bool names_feeder(struct names *n, const char *name, const struct feeder *f, uint32_t index,
                  struct err *e)
{
    struct named what = {.kind = NAME_FEEDER, .index = index, .feeder = f};
    return declare(n, name, what, e) != NULL;
}

bool names_slot(struct names *n, const char *name, uint32_t *slot, struct err *e)
{
    struct declared *d = find_declared(n, name);
    if (d == NULL || d->what.kind != NAME_SLOT) {
        d = declare(n, name, (struct named){.kind = NAME_SLOT, .index = n->slots}, e);
        if (d == NULL)
            return false;
        if (++n->slots > n->most_slots)
            n->most_slots = n->slots;
    }
    *slot = d->what.index;
    return true;
}

struct named names_find(const struct names *n, const char *name)
{
    const struct declared *d = find_declared(n, name);
    return d != NULL ? d->what : (struct named){.kind = NAME_NONE};
}

const char *names_nearest(const struct names *n, const char *name)
{
    size_t generators = 0, at = 0;
    while (generator_names[generators] != NULL)
        generators++;
    *n->compared += n->declared.n + generators;
    if (*n->compared > COMPARED_MAX)
        return NULL;
    const char **words = mem_array(n->declared.n + generators + 1, sizeof *words);
    for (const struct table_entry *e = n->declared.oldest; e != NULL; e = e->newer)
        words[at++] = e->key;
    for (size_t i = 0; i < generators; i++)
        words[at++] = generator_names[i];
    const char *nearest = words_nearest(name, words);
    free(words);
    return nearest;
}

uint32_t names_slots(const struct names *n)
{
    return n->most_slots;
}

size_t names_mark(const struct names *n)
{
    return n->declared.n;
}

void names_forget(struct names *n, size_t mark)
{
    while (n->declared.n > mark) {
        n->slots -= ((struct declared *)n->declared.newest)->what.kind == NAME_SLOT;
        table_remove(&n->declared, n->declared.newest);
    }
}

bool names_spend(struct names *n, size_t bytes)
{
    n->spent += bytes < SPENT_MAX ? bytes : SPENT_MAX;
    return n->spent <= SPENT_MAX;
}

uint32_t names_new_sequence(struct names *n, uint64_t start)
{
    n->starts = mem_room(n->starts, n->sequences, sizeof *n->starts);
    n->starts[n->sequences] = start;
    return n->sequences++;
}

uint32_t names_sequences(const struct names *n)
{
    return n->sequences;
}

uint64_t names_sequence_start(const struct names *n, uint32_t i)
{
    return n->starts[i];
}
