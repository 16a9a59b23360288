/* SPDX-License-Identifier: MIT */
/* probe_series.h - the series that each kind of probe has, by name.
 *
 * Known here so that a threshold on a series that will never be there is a mistake of the
 * profile, not silence during the run.  tests/lint/man.sh holds it against the probes.
 * Pure. */
#ifndef RAMPTOP_PROFILE_PROBE_SERIES_H
#define RAMPTOP_PROFILE_PROBE_SERIES_H

#include <stdbool.h>

#include "src/profile/probe_spec.h"

/* Whether a series of the probe can be called so (a glob).  Any can for a command. */
bool probe_series_fits(const struct probe_spec *s, const char *glob);

/* The name that was meant, or NULL. */
const char *probe_series_meant(const struct probe_spec *s, const char *name);

#endif
