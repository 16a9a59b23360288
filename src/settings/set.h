/* SPDX-License-Identifier: MIT */
/* set.h - "key=value" from the command line, laid over the settings before they are given
 * meaning, so that the result is checked like a file that says so.
 *
 *   levels.smoke.users=20            a setting by the names of the groups around it
 *   user_classes.Pupil.weight=5      an element of a list by its `name` (without one, by its
 *   user_classes[0].weight=5         `request`), or by its number from 0
 *   user_classes.0.tasks."GET /".weight=3    a name with dots or blanks in quotes
 *
 * The value is libconfig's; what is none is a string.  A setting that is not there is added
 * when the group around it is there.  Each counts on top of the ones before it. */
#ifndef RAMPTOP_SETTINGS_SET_H
#define RAMPTOP_SETTINGS_SET_H

#include "src/settings/node.h"

/* False when problems were added ("--set KEY: the sentence"); what is right is done all the
 * same.  The nodes of the values borrow the texts for their messages. */
bool settings_set(struct node *root, const char *const *texts, size_t n, struct problems *problems);

#endif
