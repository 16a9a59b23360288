/* SPDX-License-Identifier: MIT */
/* read.h - the text of a settings file -> nodes.  The only user of libconfig.
 *
 *   file and includes --source.h--> one text --libconfig--> settings --read.c--> nodes (node.h)
 *
 * What libconfig 1.5 gets wrong in a text and what it does not tell is scan.h's. */
#ifndef RAMPTOP_SETTINGS_READ_H
#define RAMPTOP_SETTINGS_READ_H

#include "src/settings/node.h"

/* The settings of a text as a tree, whatever they mean; false when problems were added.
 * On success the caller calls node_finish. */
bool settings_read(struct node *root, const struct source *s, struct problems *problems);

#endif
