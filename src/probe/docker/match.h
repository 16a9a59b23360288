/* SPDX-License-Identifier: MIT */
/* match.h - decides which containers a probe watches, and how they are called.  Pure. */
#ifndef RAMPTOP_PROBE_DOCKER_MATCH_H
#define RAMPTOP_PROBE_DOCKER_MATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "src/probe/docker/docker_json.h"
#include "src/profile/probe_spec.h"

/* Returns whether the spec means this container: "NAME" (a glob of the container's name or of
 * its compose service), "compose:PROJECT[/SERVICE]" (globs), "port:8080".  Without any, all;
 * those of "compose run" only when named. */
bool docker_match_entry(const struct probe_spec *spec, const struct docker_list_entry *c);

/* Returns whether both are the same container of the system, even if compose has recreated it. */
bool docker_match_same(const struct docker_who *a, const struct docker_who *b);

/* Formats a container's short name, "api" or "api-2"; a longer one, "shop-api-1", if that is
 * taken. */
void docker_match_name(const struct docker_who *who, bool taken, char *out, size_t size);

/* Formats the wanted containers for a sentence: "compose:shop, port:8080". */
void docker_match_words(const struct probe_spec *spec, char *out, size_t size);

#endif
