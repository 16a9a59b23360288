/* SPDX-License-Identifier: MIT */
/* correlate.h - what a reply held and a later request sends is captured, not repeated: so a
 * recorded session runs again, with the tokens and ids of its own.
 *
 * A value counts when it looks made up by the server (a token, an id), was not sent by the
 * client before, and its reply had ended before the request began. */
#ifndef RAMPTOP_IMPORT_CORRELATE_H
#define RAMPTOP_IMPORT_CORRELATE_H

#include "src/import/transcript.h"

#define CORRELATE_SLACK_MS 5 /* recorded times are rounded; arrange.h goes by it too */

/* Finds the values that replies hand to later requests; the requests are in order (arrange.h). */
void correlate(struct transcript *r);

#endif
