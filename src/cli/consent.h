/* SPDX-License-Identifier: MIT */
/* consent.h - asks the user, before anything is sent, for what a profile wants beyond loading
 * its target (trust.h). */
#ifndef RAMPTOP_CLI_CONSENT_H
#define RAMPTOP_CLI_CONSENT_H

#include <stdbool.h>

#include "src/base/err.h"
#include "src/profile/profile.h"

/* Asks for a key at the terminal that is standard input: y is yes, anything else, a signal and the
 * terminal's end are no.  After signals_install. */
bool consent_key(const char *question);

/* True when it is trusted, or is now as the user said so: shown and asked where there is a
 * person at a terminal.  False with a sentence that says what to do. */
bool consent_given(const struct profile *p, bool probes, bool person, struct err *e);

#endif
