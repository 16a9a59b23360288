/* SPDX-License-Identifier: MIT */
/* command_line.h - parses one line that a command of the user's prints.  Pure.
 *
 *     depth=12          a figure
 *     depth 12          the same
 *     pool=18/20        with its limit
 *     disk=71.5%        of the unit percent
 *     jobs/mail=3       of a group
 */
#ifndef RAMPTOP_PROBE_COMMAND_LINE_H
#define RAMPTOP_PROBE_COMMAND_LINE_H

#include <stdbool.h>
#include <stddef.h>

#include "src/stats/probe_snapshot.h"

struct command_value {
    char group[SNAP_GROUP]; /* "" for none */
    char name[SNAP_SERIES_NAME];
    double value;
    double limit; /* NaN: none */
    bool percent;
};

/* Parses a line.  Returns false for any other text, for a name with other characters than A-Z
 * a-z 0-9 _ . : -, and for a value that is no number. */
bool command_line(const char *line, size_t len, struct command_value *out);

#endif
