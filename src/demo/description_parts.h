/* SPDX-License-Identifier: MIT */
/* description_parts.h - the reader of a description in two files; for description*.c. */
#ifndef RAMPTOP_DEMO_DESCRIPTION_PARTS_H
#define RAMPTOP_DEMO_DESCRIPTION_PARTS_H

#include "src/demo/description.h"
#include "src/settings/node.h"

struct reading {
    const struct doc *doc;
    struct description *d;
};

/* Each leaves *out alone when the setting is not there or wrong; a wrong one is a problem. */
void part_text(const struct reading *r, const struct node *group, const char *name, char **out);
void part_whole(const struct reading *r, const struct node *group, const char *name, int64_t min,
                int64_t max, unsigned *out);
void part_bool(const struct reading *r, const struct node *group, const char *name, bool *out);
/* Bytes as a number or a text such as "20k" or "2MiB". */
bool part_size(const struct reading *r, const struct node *n, uint64_t max, uint64_t *out);
/* pool and time of a stage. */
void part_stage(const struct reading *r, const struct node *group, struct stage_spec *out);
/* Reads a text or an array of texts. */
void part_texts(const struct reading *r, const struct node *n, char ***out, size_t *n_out);
struct reply_template *part_template(const struct reading *r, const struct node *n,
                                     enum encoding how, const struct path_params *route);
/* The one of that name, or NULL and a problem that names the nearest. */
struct collection_spec *part_collection(const struct reading *r, const struct node *n);

void part_routes(const struct reading *r, const struct node *list);
void part_route_free(struct route_spec *r);

#endif
