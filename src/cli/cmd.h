/* SPDX-License-Identifier: MIT */
/* cmd.h - what the subcommands (cmd_*.c) share.  Main thread. */
#ifndef RAMPTOP_CLI_CMD_H
#define RAMPTOP_CLI_CMD_H

#include <stdbool.h>

#include "src/cli/cli.h"
#include "src/cli/demo_run.h"
#include "src/profile/profile.h"

/* Is a person there to be asked and shown something?  Not with --headless. */
bool cmd_has_terminal(const struct options *o);

/* The profile with all that the command line lays over it; NULL when it is wrong, which has been
 * said then. */
struct profile *cmd_open_profile(const struct options *o);
/* The same, and what it asks for is granted, except for its probes, as none will run: before
 * anything is sent. */
struct profile *cmd_open_permitted(const struct options *o);

/* Shows what is under way, on a terminal; NULL: nothing is.  Frees the text. */
void cmd_show_progress(const struct options *o, char *text);
/* Shows a part of the result, as soon as it is there; standard output may be for the JSON alone.
 * What it does not take is told with the summary.  Frees the text. */
void cmd_show_result(const struct options *o, char *text);

/* Writes what was measured: the JSON where --json wants it, NULL when it does not, and the summary;
 * frees both.  Returns code, or what says that it could not be written. */
int cmd_report(const struct options *o, char *json, char *summary, bool by_signal, int code);

/* Loads a target, shows that, and reports: the profile's or the URL's; or, where demo is not NULL,
 * the demo target's, which it starts and ends.  Returns the exit code. */
int cmd_load(struct options *o, const struct demo_ops *demo);

#endif
