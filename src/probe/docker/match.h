/* SPDX-License-Identifier: MIT */
/* match.h - which containers a probe watches, and how they are called.  Pure. */
#ifndef RAMPTOP_PROBE_DOCKER_MATCH_H
#define RAMPTOP_PROBE_DOCKER_MATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "src/probe/docker/docker_json.h"
#include "src/profile/probe_spec.h"

/* Whether the spec means this container: "NAME" (a glob of the container's name or of its
 * compose service), "compose:PROJECT[/SERVICE]" (globs), "port:8080".  Without any, all;
 * never those of "compose run" unless named. */
bool docker_match_entry(const struct probe_spec *spec, const struct docker_list_entry *c);

/* Whether both are the same place in the system, though compose may have made it anew. */
bool docker_match_same(const struct docker_who *a, const struct docker_who *b);

/* "api", "api-2", "shop-api-1": what it is called unless the name is taken; then longer. */
void docker_match_name(const struct docker_who *who, bool taken, char *out, size_t size);

/* "compose:shop, port:8080": for a sentence. */
void docker_match_words(const struct probe_spec *spec, char *out, size_t size);

#endif
