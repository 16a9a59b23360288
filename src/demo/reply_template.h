/* SPDX-License-Identifier: MIT */
/* reply_template.h - a text of a description with ${...} in it: a template (script/template.h)
 * that also knows the request it answers.
 *
 *   ${path.NAME}   what stands in the parameter {NAME} of the route's path
 *   ${query.NAME}  a parameter of the query
 *   ${body.PATH}   a value of the request's JSON body or form: ${body.user.name}
 *   ${item.PATH}   a value of the item that was stored or found
 *   ${item}        all of it, as JSON;  ${id}  its id
 *   ${items} ${total}  a page of items, as a JSON array; how many there are
 *   ${account} ${role}  who asks, as what
 *   ${token} ${csrf}    the token given out by a login or sent, and what goes with it
 *   ${bytes}       how many were uploaded
 *   ${uuid} ...    generators
 *
 * In a JSON text a value inside quotes is escaped text, and one outside them is the JSON
 * value as it is.  What is not there is empty inside quotes and null outside.
 *
 * One thread. */
#ifndef RAMPTOP_DEMO_REPLY_TEMPLATE_H
#define RAMPTOP_DEMO_REPLY_TEMPLATE_H

#include "src/demo/routes.h"
#include "src/script/scope.h"
#include "src/script/template.h"

struct vocabulary; /* all words of one description */
struct reply_template;

struct vocabulary *vocabulary_create(void);
void vocabulary_free(struct vocabulary *v);

/* route: NULL where there is none.  NULL with a half sentence. */
struct reply_template *reply_template_compile(struct vocabulary *v, const char *text,
                                              enum encoding how, const struct path_params *route,
                                              struct err *e);
void reply_template_free(struct reply_template *p); /* NULL is fine */
bool reply_template_is_fixed(const struct reply_template *p);

/* All that is known of a request; zeroed parts are not there. */
struct request_context {
    const struct path_params *route;
    const struct path *path;
    const char *target;
    struct span body, item, items; /* JSON */
    struct span id, account, role, token, csrf;
    uint64_t bytes, total;
};

/* Room for one rendering at a time; the vocabulary must be complete. */
void vocabulary_scope(const struct vocabulary *v, struct scope *scope, uint64_t seed);
void vocabulary_scope_finish(struct scope *scope);

/* Appends to out.  False when a header would get a line break: then out is as it was. */
bool reply_template_render(const struct reply_template *p, const struct vocabulary *v,
                           const struct request_context *context, struct scope *scope,
                           struct buf *out);

#endif
