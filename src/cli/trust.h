/* SPDX-License-Identifier: MIT */
/* trust.h - what the user lets which profile do beyond loading its target: commands and ssh,
 * variables, files, other servers (script/permissions.h).
 *
 * Kept in $XDG_STATE_HOME/ramptop/trusted (~/.local/state by default): a line for each, of the
 * profile's real path and what it is; of a command the exact words, and of the program and
 * each other file that they name the real path and what is in it (SHA-256).  Nothing is read
 * out of it: something is trusted when the line that would be written for it is there, so that
 * what was changed or added is not, and any other change of the profile asks for nothing.
 *
 * Profiles of the package, and what was typed, need no trust; neither does a variable that is
 * not set, as nothing is read then.  Where anything is read, the target of the profile's own
 * that gets it is asked for with it. */
#ifndef RAMPTOP_CLI_TRUST_H
#define RAMPTOP_CLI_TRUST_H

#include <stdbool.h>
#include <stddef.h>

#include "src/base/err.h"
#include "src/base/problems.h"
#include "src/profile/profile.h"

/* How many things it asks for, and each on a line with its place; owned. */
size_t trust_list(const struct profile *p, char **text);

/* Whether all of it is trusted; without `probes` all but what its probes need.  If not, a half
 * sentence that names the first that is not, and, unless asks is NULL, a line for each.  A file
 * that others may write is not believed, which is logged.  Any thread. */
bool trust_given(const struct profile *p, bool probes, struct problems *asks, struct err *e);

/* Trusts all of it, and that only, in that profile from now on.  False with a sentence. */
bool trust_give(const struct profile *p, struct err *e);

#endif
