/* SPDX-License-Identifier: MIT */
/* cmd.h - the commands that are no run of load, one function each; main.c calls them with
 * options that are parsed.  Each returns the exit code. */
#ifndef RAMPTOP_CLI_CMD_H
#define RAMPTOP_CLI_CMD_H

#include "src/cli/cli.h"

int cmd_check(const struct options *o);
int cmd_list(const struct options *o);
int cmd_bench(const struct options *o);
int cmd_limits(const struct options *o);
int cmd_import_curl(const struct options *o);
int cmd_import_har(const struct options *o);
int cmd_trust(const struct options *o);
int cmd_new(const struct options *o);

#endif
