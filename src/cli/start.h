/* SPDX-License-Identifier: MIT */
/* start.h - what the options mean: for the profile, for the load to begin with, and
 * in the end for the exit code.  Pure. */
#ifndef RAMPTOP_CLI_START_H
#define RAMPTOP_CLI_START_H

#include <stdbool.h>
#include <stdint.h>

#include "src/base/err.h"
#include "src/cli/cli.h"
#include "src/profile/profile.h"
#include "src/run/session.h"
#include "src/stats/snapshot.h"

/* Returns what -H, -k, --host ... lay over a profile, and what the configuration file lays under
 * it.  Texts stay borrowed from o. */
struct profile_overrides start_overrides(const struct options *o);

/* False when an option does not go with the kind of subject (-m and -d are for URLs), or
 * when the subject is a mistyped command. */
bool start_check(const struct options *o, bool is_file, struct err *e);

/* The load to begin with:
 *   --level                  that level; -u, -r, -t change it
 *   --users                  so many users, no level
 *   neither                  the level or, in a profile without levels, the users of the
 *                            configuration file; else the first level of the profile, or
 *                            1 user without levels
 * Users, spawn rate and run time of the configuration file count when no level drives: a
 * level says all three.
 * Without a console a bare URL needs something that ends it or says how much: -u, -t
 * or -n.  The profile is borrowed. */
bool start_load(const struct options *o, bool console, struct profile *p,
                struct session_config *cfg, struct err *e);

/* Reads --probe; the caller finishes out in either case. */
bool start_probes(const struct options *o, struct probe_specs *out, struct err *e);

/* The demo's own database is watched unasked, its pool of connections (called `application`)
 * held against `pool`; not with --no-probes, nor beside a postgres probe of the user's.
 * False with a sentence, for the log, when the way to it cannot be given to a probe. */
bool start_demo_probe(const struct options *o, const char *application, unsigned pool,
                      struct probe_specs *out, struct err *e);

/* signo: what ended the run, 0 for nothing. */
int start_exit_code(const struct snapshot *final, int signo);

#endif
