/* SPDX-License-Identifier: MIT */
/* scan.h - what libconfig 1.5 gets wrong in a profile's text, and what it does not tell.
 *
 * libconfig decides what is well formed.  It wraps integers that are too large, cuts a string at
 * \x00, takes quadratic time in the settings of one group, and more like it: scan_source looks for
 * that before.  When libconfig refuses a text, it says "syntax error" and a line: scan_explain says
 * which mistake that is. */
#ifndef RAMPTOP_SETTINGS_SCAN_H
#define RAMPTOP_SETTINGS_SCAN_H

#include "src/settings/source.h"

#define SCAN_MAX_DEPTH 32
#define SCAN_MAX_SETTINGS 200 /* in one group: libconfig compares each with all before it */

/* Whether libconfig is to see the text: what it made of it would be what the text says, and soon
 * be there. */
bool scan_source(const struct source *s);

/* For a text of which that is not so, or which libconfig has refused: adds all numbers and strings
 * that are none for it, all settings that are given twice, up to the first mistake of grammar, and
 * that; what follows one cannot be trusted.  False when it knows of none. */
bool scan_explain(const struct source *s, struct problems *problems);

#endif
