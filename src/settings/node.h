/* SPDX-License-Identifier: MIT */
/* node.h - a profile's settings as a plain tree, and how to ask it for values.
 *
 * The tree is libconfig's without libconfig: read.c copies it, language.c gives it
 * meaning.  Every question that is answered with false or NULL because something is
 * wrong has added a sentence with file and line to the document's problems, so that
 * the caller goes on and finds the next mistake. */
#ifndef RAMPTOP_SETTINGS_NODE_H
#define RAMPTOP_SETTINGS_NODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/settings/source.h"

enum node_kind { NODE_GROUP, NODE_LIST, NODE_ARRAY, NODE_STRING, NODE_INT, NODE_FLOAT, NODE_BOOL };

struct node {
    enum node_kind kind;
    char *name;    /* NULL for an element of a list or array */
    unsigned line; /* in the whole text (source.h) */
    char *string;
    int64_t integer; /* INT, BOOL */
    double number;   /* INT, FLOAT */
    struct node *items;
    size_t n;
    /* The --set that put it there, for messages: borrowed, set_len bytes count; NULL for
     * what is written on its line. */
    const char *set;
    unsigned set_len;
};

struct doc {
    const struct source *source;
    struct problems *problems;
};

void node_finish(struct node *n); /* frees the contents, not the node itself */

void node_problem(const struct doc *d, const struct node *n, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* The setting of that name in a group, or NULL; also when it is no group. */
const struct node *node_get(const struct node *group, const char *name);

/* Complains about settings that are not in the list, with the nearest that is.
 * where: "a level".  known ends with NULL. */
void node_only(const struct doc *d, const struct node *group, const char *where,
               const char *const *known);

/* The same where people may use another word for a setting; ends with NULL.  A meaning that is
 * not among the known is passed over. */
struct node_meaning {
    const char *said, *meant;
};
void node_only_or(const struct doc *d, const struct node *group, const char *where,
                  const char *const *known, const struct node_meaning *meanings);

/* Whether a setting of the group looks like a slip of the finger for name: then it is
 * not also missing. */
bool node_meant(const struct node *group, const char *name);

/* Whether the node is of that kind. */
bool node_is(const struct doc *d, const struct node *n, enum node_kind kind);
/* A list or array. */
bool node_is_sequence(const struct doc *d, const struct node *n);

/* The values; *out is untouched when false. */
bool node_text(const struct doc *d, const struct node *n, const char **out);
bool node_bool(const struct doc *d, const struct node *n, bool *out);
bool node_whole(const struct doc *d, const struct node *n, int64_t min, int64_t max, int64_t *out);
/* A number over 0 and up to max, with or without a decimal point. */
bool node_rate(const struct doc *d, const struct node *n, double max, double *out);
/* Seconds as a number, or a text such as "1m30s"; up to one year. */
bool node_duration(const struct doc *d, const struct node *n, uint64_t *ns);
/* Returns the index of a text among words (ended by NULL); -1 when it is none of them. */
int node_word(const struct doc *d, const struct node *n, const char *const *words);
/* A text or an array of texts: how many; -1 when it is neither.  *items is the first node. */
int node_texts(const struct doc *d, const struct node *n, const struct node **items);

#endif
