/* SPDX-License-Identifier: MIT */
/* conf.h - the user's configuration file: $XDG_CONFIG_HOME/ramptop/ramptop.cfg, else
 * ~/.config/ramptop/ramptop.cfg.
 *
 * Its settings are the long options with `_` for `-`.  It stands behind everything: flag
 * and variable win over it, and so does the profile, wherever it says something.  That
 * there is none is fine; a wrong one is refused with all its mistakes. */
#ifndef RAMPTOP_CLI_CONF_H
#define RAMPTOP_CLI_CONF_H

#include <stdbool.h>

#include "src/base/problems.h"
#include "src/cli/cli.h"
#include "src/settings/node.h"

struct conf {
    struct options under;  /* counts where the profile says nothing */
    struct problems notes; /* sentences for the log: what else was read (conf_locust.h) */
    /* private: lends the texts */
    struct node root;
};

/* Where it is by the variables of env (a list like environ, NULL for none); NULL when they
 * do not tell.  The caller frees. */
char *conf_path(char **env);

/* Puts what the file says behind o, which has been parsed, and behind what is in c, zeroed
 * to begin with: into o itself what no profile can say, into c->under, where o->under then
 * points, what one can.  False when problems were added.  In both cases the caller calls
 * conf_finish, when o is no longer used. */
bool conf_read(struct conf *c, const char *file, struct options *o, struct problems *problems);
void conf_finish(struct conf *c); /* zeroed is fine */

#endif
