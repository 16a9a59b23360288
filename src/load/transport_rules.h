/* SPDX-License-Identifier: MIT */
/* transport_rules.h - a profile -> the rules of its transport.  Pure. */
#ifndef RAMPTOP_LOAD_TRANSPORT_RULES_H
#define RAMPTOP_LOAD_TRANSPORT_RULES_H

#include "src/load/transport.h"

struct profile;

struct transport_rules transport_rules_of(const struct profile *p);

#endif
