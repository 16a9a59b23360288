/* SPDX-License-Identifier: MIT */
/* jobs.h - the commands that are no run of load, one function each; main.c calls them with
 * options that are parsed.  Each returns the exit code. */
#ifndef RAMPTOP_JOBS_H
#define RAMPTOP_JOBS_H

#include "src/cli.h"

int job_check(const struct options *o);
int job_list(const struct options *o);
int job_bench(const struct options *o);
int job_limits(const struct options *o);
int job_import_curl(const struct options *o);
int job_import_har(const struct options *o);
int job_trust(const struct options *o);
int job_new(const struct options *o);

#endif
