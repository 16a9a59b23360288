/* SPDX-License-Identifier: MIT */
/* build.h - the pieces of a profile, checked and put together; shared by
 * profile_from_url and profile_read, so that a bare URL and a file obey the same
 * rules.
 *
 * Failures are half sentences in struct err ("the port must be ..."); the caller
 * puts the place in front and the full stop behind. */
#ifndef RAMPTOP_PROFILE_BUILD_H
#define RAMPTOP_PROFILE_BUILD_H

#include "src/profile/profile.h"

#define BUILD_MAX_SEQUENCE 10000u /* entries of mix->class_of */
#define BUILD_MAX_REQUESTS 5000u  /* with their merged headers they bound a profile's memory */
#define BUILD_NAME_MAX 128        /* bytes of a name that is shown */

/* Headers as texts, before they are prepared.  A list in the profile may have several of one
 * name; those of an inner layer replace all of an outer one. */
struct header {
    char *name;
    char *value; /* NULL: is not sent, not even where the program would by itself */
};

struct header_list {
    struct header *items;
    size_t n;
};

/* value may hold ${...}: what that becomes is checked when it is rendered.  What says how
 * long a body is must go with the body: see build_framing_ok. */
bool build_header_ok(const char *name, const char *value, struct err *e);
/* Content-Length and Transfer-Encoding, which the program sets itself from the body, as far as
 * a list of lines may say them: a body that goes out in chunks; where there is none, that no
 * length is sent or that it is 0.  value NULL: is not sent. */
bool build_is_framing(const char *name);
bool build_framing_ok(const char *name, const char *value, bool has_body, struct err *e);
void build_header_set(struct header_list *h, const char *name, const char *value);
void build_header_add(struct header_list *h, const char *name, const char *value);
bool build_header_has(const struct header_list *h, const char *name);
/* "Name: value", as on a command line. */
bool build_header_line(struct header_list *h, const char *line, struct err *e);
void build_header_merge(struct header_list *h, const struct header_list *over);
/* Takes from under only what h does not have. */
void build_header_fill(struct header_list *h, const struct header_list *under);
void build_header_drop(struct header_list *h, const char *name);
/* Adds what would let somebody in: a target that echoes it must not bring it to a screen.
 * For headers of the command line and the configuration file; a value with ${...} in it is
 * left to its template. */
void build_header_secrets(struct secrets *all, const struct header_list *h);
/* The same of what a request says word for word: URL, headers, cookies, auth, body. */
void build_request_secrets(struct secrets *all, const struct request *r);
void build_header_finish(struct header_list *h);

/* Adds a prepared field; false with a half sentence.  names is NULL where nothing is to be
 * replaced: the text stands for itself, `${` and all. */
bool build_field(struct fields *f, const char *name, const char *text, enum encoding how,
                 struct names *names, struct err *e);
void build_fields_finish(struct fields *f);

bool build_method_ok(const char *method, struct err *e);
/* The same of one that is to be sent as it is written, in small letters too. */
bool build_method_exact_ok(const char *method, struct err *e);

/* text cleaned for show and cut to BUILD_NAME_MAX; the caller frees. */
char *build_name(const char *text);

struct profile *build_profile(void); /* empty, one reference */

/* Finds endpoints while a profile is built: a hash table of positions + 1. */
#define BUILD_SLOTS (4 * PROFILE_MAX_ENDPOINTS)
struct endpoint_index {
    uint16_t slots[BUILD_SLOTS];
};

/* The endpoint of that method and name, added if new.  *index is into p->endpoints;
 * table is zeroed before the first. */
bool build_endpoint(struct profile *p, struct endpoint_index *table, const char *method,
                    const char *name, uint32_t *index, struct err *e);

/* A new request, numbered and owned by the profile; NULL with a half sentence. */
struct request *build_request(struct profile *p, struct err *e);

void build_steps_finish(struct steps *s);
void build_task_finish(struct task *t);
void build_class_finish(struct user_class *c);
void build_request_free(struct request *r);

/* The mix of all classes by weights[] (n_classes of them) and fixed counts. */
bool build_mix(const struct profile *p, const unsigned *weights, struct mix *m, struct err *e);
void build_mix_finish(struct mix *m);

#endif
