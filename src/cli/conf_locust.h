/* SPDX-License-Identifier: MIT */
/* conf_locust.h - what Locust's users have lying about: LOCUST_* variables, locust.conf and
 * ~/.locust.conf.
 *
 * Only the common names count (host, users, spawn-rate, run-time, tags, exclude-tags,
 * headless, only-summary, equal-weights; LOCUST_USER_CLASSES), each where nothing of ours
 * says it.  The whole order, the first wins:
 *
 *   flag, RAMPTOP_*, LOCUST_*, the profile, ./locust.conf, ramptop.cfg, ~/.locust.conf
 *
 * The files are Locust's: names that it knows and we do not are passed over. */
#ifndef RAMPTOP_CLI_CONF_LOCUST_H
#define RAMPTOP_CLI_CONF_LOCUST_H

#include "src/cli/conf.h"

#define CONF_LOCUST_FILE "locust.conf"
#define CONF_LOCUST_MAX_BYTES (64u * 1024)

/* ~/.locust.conf by the variables of env, NULL when they do not tell.  The caller frees. */
char *conf_locust_home(char **env);

/* Puts them into o, which has been parsed. */
bool conf_locust_variables(struct conf *c, char **env, struct options *o, struct err *e);

/* As conf_read.  A file that is not there is fine; one that somebody else could have put
 * there is passed over, with a note. */
bool conf_locust_read(struct conf *c, const char *file, struct options *o,
                      struct problems *problems);

#endif
