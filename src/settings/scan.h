/* SPDX-License-Identifier: MIT */
/* scan.h - looks at a profile's text before libconfig does.
 *
 * libconfig 1.5 wraps integers that are too large, turns 1e999 into infinity, cuts a
 * string at \x00, takes quadratic time in the settings of one group, and says
 * "syntax error" for everything else.  So the whole grammar is checked here, with
 * sentences that name the mistake, and libconfig sees only what it reads well. */
#ifndef RAMPTOP_SETTINGS_SCAN_H
#define RAMPTOP_SETTINGS_SCAN_H

#include "src/settings/source.h"

#define SCAN_MAX_DEPTH 32
#define SCAN_MAX_SETTINGS 200 /* in one group: libconfig compares each with all before it */

/* False when problems were added: all wrong numbers and duplicates, and the first
 * mistake of grammar, as what follows one cannot be trusted. */
bool scan_source(const struct source *s, struct problems *problems);

#endif
