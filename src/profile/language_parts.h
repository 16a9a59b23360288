/* SPDX-License-Identifier: MIT */
/* language_parts.h - what the parts of language.c share: one for each subject of the
 * language.  Private to language*.c.
 *
 * Each reads its settings to the end and adds a sentence for everything that is wrong;
 * what it leaves in the profile then is never used, but can be freed. */
#ifndef RAMPTOP_PROFILE_LANGUAGE_PARTS_H
#define RAMPTOP_PROFILE_LANGUAGE_PARTS_H

#include "src/profile/build.h"
#include "src/profile/profile.h"
#include "src/settings/node.h"

#define LANGUAGE_MAX_WEIGHT 10000
#define LANGUAGE_MAX_SPAWN_RATE 1e6

/* A user class as it stands in the file, which it may not do in the profile: the command
 * line leaves some out. */
struct class_ref {
    const struct node *node;
    const char *name;       /* as it is cleaned; NULL: it has none */
    int place;              /* in profile->classes, -1: left out */
    struct user_class read; /* until it is moved there */
};

/* Authentication as it is written, to be prepared for each request. */
struct auth_source {
    enum auth_kind kind;
    const struct node *text; /* NULL: secret */
    const struct secret *secret;
    bool of_url; /* stood in a base URL: for its host alone */
};

/* Settings for all requests of the profile or of a class, until a request says otherwise. */
struct common {
    const char *base;   /* in front of paths; NULL: there is no target */
    const char *origin; /* the origin of base */
    const char *named;  /* the origin as the user is asked for it; NULL: it was typed */
    struct auth_source auth;
    uint64_t timeout_ns;
    bool follow;
    unsigned max_redirects; /* if they are followed */
    bool gzip;
};

/* The captured values that can be there when a part of a class is at a request. */
struct flow {
    bool *has;     /* by slot; owned */
    bool is_start; /* the part is on_start, which is done once and in order */
};

/* The state of reading, handed down from the profile to its requests. */
struct context {
    const struct doc *d;
    const struct profile_overrides *o;
    struct profile *p;
    struct endpoint_index *endpoints;
    struct names *names;
    size_t names_of_all;           /* names_mark: those behind it are the class's in hand */
    struct common common;          /* for the profile */
    struct common here;            /* for the class in hand, over the profile's */
    const char *class_name;        /* in hand; NULL outside of one */
    const struct node *class_node; /* the same as it is written */
    struct flow tasks_flow;        /* for the tasks */
    const struct node *headers_node, *class_headers_node; /* where they are written */
    struct header_list headers;                           /* for the whole profile */
    struct header_list class_headers;                     /* for the class in hand */
    const char **headers_to; /* origins besides the target that get the headers of all */
    size_t n_headers_to;
    struct header_list over;  /* from the command line */
    struct header_list under; /* from the configuration file */
    bool cookies;             /* for the whole profile */
    unsigned globs;           /* endpoints that goals name */
    size_t compared;          /* with endpoints */
    uint64_t mixed;           /* users with fixed counts in the levels' mixes */
    uint64_t mix_work;        /* to lay out the levels' mixes */
    struct class_ref *classes;
    size_t n_classes;
    char **bases; /* owned: the bases and origins of common */
    size_t n_bases;
    size_t cost;              /* memory for texts that are prepared more than once */
    unsigned patterns;        /* regular expressions so far */
    char *place;              /* owned: permissions.place */
    const struct node **told; /* inherited settings that were complained about */
    size_t n_told;
};

/* ------------------------------------------------------------ language_text.c */

/* A text prepared for its place; NULL when it is wrong (a sentence was added). */
struct template *language_text(struct context *c, const struct node *n, enum encoding how);
/* A text that is the same for everybody, rendered; the caller frees.  NULL when it is wrong. */
char *language_fixed(struct context *c, const struct node *n);
/* A string; a number or boolean as it would be written.  The caller frees; NULL when it is
 * neither. */
char *language_plain(struct context *c, const struct node *n);
/* A group of texts, numbers and booleans. */
void language_fields(struct context *c, const struct node *group, enum encoding how,
                     const char *what, struct fields *out);
/* Bytes: a number, or a text such as "100k" or "2MiB". */
bool language_bytes(const struct doc *d, const struct node *n, uint64_t max, uint64_t *out);
/* A duration over 0 and up to max_s seconds; *ns stays when it is wrong or n is NULL. */
bool language_time(const struct doc *d, const struct node *n, unsigned max_s, uint64_t *ns);
/* True: *n is a setting of the group and is switched on or off. */
bool language_switch(const struct doc *d, const struct node *group, const char *name, bool *out);
/* A cleaned name that is not empty; NULL when it is wrong or n is NULL. */
char *language_name(const struct doc *d, const struct node *n);
/* Complains about a setting that many requests inherit only once. */
bool language_first_time(struct context *c, const struct node *n);
/* A path that is relative to the file in which the setting stands; the caller frees. */
char *language_path(struct context *c, const struct node *n);
/* "a" or "an" is for the caller: the first two of the settings that a group has, of those
 * of which it can have one.  How many it has. */
int language_one_of(const struct node *group, const char *const *names, const struct node **first,
                    const struct node **second);

/* ----------------------------------------------------------------- language.c */

/* The base URL in a setting, unless --host replaces it. */
void language_base(struct context *c, const struct node *n, struct common *out);

/* ----------------------------------------------------------- language_names.c */

void language_feeders(struct context *c, const struct node *group);
void language_variables(struct context *c, const struct node *group);
/* Declares what the steps anywhere in a class capture, before its texts are prepared. */
void language_captured(struct context *c, const struct node *n);
/* Calls back for each capture anywhere in a part of a class, as it is written. */
void language_each_capture(const struct node *n, void (*each)(const struct node *one, void *arg),
                           void *arg);
/* A secret from { secret = "..." }; NULL when it is wrong. */
const struct secret *language_secret(struct context *c, const struct node *group);
void language_names_done(struct context *c);

/* ----------------------------------------------------- language_permissions.c */

/* Names the node that is read next; NULL: reading has ended. */
void language_here(struct context *c, const struct node *n);
/* A server's name as it is asked for: what stands in the file where only variables of the
 * environment are filled in, so that another value is no other question.  The caller frees. */
char *language_server(const struct node *n, const char *origin);
/* The request goes to that server. */
void language_permit_request(struct context *c, const struct node *n, const char *origin);
/* Where the probe connects to, what it runs and reads. */
void language_permit_probe(struct context *c, const struct node *n, const struct probe_spec *s);
/* Once all has been read: the includes; where variables stand, and whether they were typed. */
void language_permissions(struct context *c, const struct node *root);

/* --------------------------------------------------------- language_request.c */

/* The settings of a request; ends with NULL. */
extern const char *const language_request_keys[];

/* A group of headers; NULL is an empty one. */
void language_headers(const struct context *c, const struct node *group, struct header_list *out);
/* A time-out is over 0 and at most an hour.  *ns stays if n is NULL or wrong. */
void language_timeout(const struct doc *d, const struct node *n, uint64_t *ns);
/* { basic = ... }, { bearer = ... } or false; *out stays when n is NULL. */
void language_auth(struct context *c, const struct node *n, struct auth_source *out);
/* auth, gzip, timeout, follow and max_redirects of a group that has them. */
void language_common(struct context *c, const struct node *group, struct common *common);
/* Does the request give that header itself, not its class or the profile? */
bool language_own_header(const struct node *request, const char *name);
/* A request of the profile from a group that holds one; NULL when there are too many.
 * named: `name` is what it is counted under. */
struct request *language_request(struct context *c, const struct node *group, bool named);

/* ------------------------------------------------------------ language_body.c */

/* The Content-Type that goes with the body, NULL when there is none. */
const char *language_body(struct context *c, const struct node *group, struct request *r);

/* ----------------------------------------------------------- language_reply.c */

/* Statuses: a number, a class such as "2xx", or several. */
void language_statuses(const struct context *c, const struct node *n, const char *example,
                       struct status_set *set);
/* Counts one more regular expression; false, with a sentence, when there are too many. */
bool language_pattern(struct context *c, const struct node *n);
/* expect, check, capture and retry of a request. */
void language_reply(struct context *c, const struct node *group, struct request *r);

/* ----------------------------------------------------------- language_steps.c */

/* Flattens a list of steps. */
void language_steps(struct context *c, const struct node *list, struct steps *out,
                    struct user_class *u);
/* Adds a step for a request that stands for itself. */
void language_single(const struct request *r, struct steps *out);

/* ------------------------------------------------------------ language_flow.c */

enum flow_part { FLOW_START, FLOW_TASKS, FLOW_STOP };

/* The part of the class in hand, as it begins; language_flow_end releases it. */
struct flow language_flow_begin(const struct context *c, enum flow_part part);
void language_flow_end(struct flow *flow);
/* Leaves out of the request what its class or the profile gives to all requests (auth, headers)
 * where that needs a value which is not there yet; complains about everything else in it that
 * can never have its value.  n is the request as it is written. */
void language_flow_request(struct context *c, const struct flow *flow, const struct node *n,
                           struct request *r);
/* Marks what the request captures; what is captured anywhere in n (a loop is done again). */
void language_flow_captured(const struct request *r, bool *slots);
void language_flow_expect(const struct context *c, const struct node *n, bool *slots);

/* ------------------------------------------------------------ language_uses.c */

/* Called for each slot, feeder and cell in a text; each may be NULL. */
struct text_visit {
    void (*slot)(uint32_t index, void *arg);
    void (*feeder)(uint32_t index, void *arg);
    void (*cell)(uint32_t feeder, uint32_t column, void *arg);
    void *arg;
};
/* Goes through all texts of a request. */
void language_visit_request(const struct text_visit *v, const struct request *r);
/* Hides the values that are drawn under the name of a secret. */
void language_hidden(const struct profile *p, struct user_class *u);
/* The feeders whose rows the steps need: into steps->feeders, and class->feeders. */
void language_uses(const struct profile *p, struct steps *steps, struct user_class *u);
/* Finds the variables that each class's users draw, with the feeders for them; once everything
 * else has been read. */
void language_draws(struct profile *p);

/* ----------------------------------------------------------- language_class.c */

void language_classes(struct context *c, const struct node *root);
/* Enters a class: its common settings hold until language_leave. */
void language_enter(struct context *c, const struct class_ref *ref);
void language_leave(struct context *c);
/* The class of that name, or NULL with a sentence about n. */
const struct class_ref *language_class(struct context *c, const struct node *n, const char *name);

/* ---------------------------------------------------------- language_select.c */

/* Moves the classes that the command line leaves, with the tasks that it leaves, into the
 * profile. */
void language_select(struct context *c);
/* Forgets the requests and endpoints that nobody reaches any more. */
void language_drop(struct profile *p);

/* ----------------------------------------------------------- language_level.c */

void language_levels(struct context *c, const struct node *group);

/* ------------------------------------------------------------ language_goal.c */

/* The settings that say what should be kept; ends with NULL. */
extern const char *const language_bound_keys[];

/* True when one of them is set. */
bool language_bounds(const struct doc *d, const struct node *group, struct goal *g);
void language_goals(struct context *c, const struct node *list);
void language_limits(struct context *c, const struct node *list);

/* ----------------------------------------------------------- language_probe.c */

void language_probes(struct context *c, const struct node *list);

#endif
