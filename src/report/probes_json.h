/* SPDX-License-Identifier: MIT */
/* probes_json.h - what the probes told, as members of the JSON report: probes, events,
 * finding. */
#ifndef RAMPTOP_REPORT_PROBES_JSON_H
#define RAMPTOP_REPORT_PROBES_JSON_H

#include <jansson.h>

#include "src/stats/probe_snapshot.h"
#include "src/stats/snapshot.h"

/* Adds to the object; b may be NULL: empty lists, no finding. */
void probes_json(json_t *report, const struct snapshot *s, const struct probe_snapshot *b);

#endif
