/* SPDX-License-Identifier: MIT */
/* trust.h - which commands of which profile the user lets run as probes, ssh among them.
 *
 * Kept in $XDG_STATE_HOME/ramptop/trusted (~/.local/state by default): a line for each
 * command, of the profile's real path, the exact words, and of the program and each other file
 * that they name the real path and what is in it (SHA-256).  Nothing is read out of it: a
 * command is trusted when the line that would be written for it is there, so that one that
 * was changed is not. */
#ifndef RAMPTOP_TRUST_H
#define RAMPTOP_TRUST_H

#include <stdbool.h>
#include <stddef.h>

#include "src/base/err.h"
#include "src/profile/profile.h"

/* How many commands it has as probes, and each on a line as it would be run; owned. */
size_t trust_commands(const struct profile *p, char **text);

/* Whether all of them are trusted.  A file that others may write is not believed, which is
 * logged.  Any thread. */
bool trust_given(const struct profile *p);

/* Trusts all of them, and those only, in that profile from now on.  False with a sentence. */
bool trust_give(const struct profile *p, struct err *e);

#endif
