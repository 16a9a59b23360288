/* SPDX-License-Identifier: MIT */
/* language.h - what the settings of a profile file mean: nodes -> struct profile.
 * ramptop.cfg(5) is its description for users. */
#ifndef RAMPTOP_PROFILE_LANGUAGE_H
#define RAMPTOP_PROFILE_LANGUAGE_H

#include "src/settings/node.h"
#include "src/profile/profile.h"

/* Reads the whole tree, whatever is wrong in it.  NULL when problems were added. */
struct profile *language_profile(const struct doc *d, const struct node *root, const char *file,
                                 const struct profile_overrides *o);

#endif
