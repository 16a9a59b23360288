/* SPDX-License-Identifier: MIT */
/* target_key.h - the keys of the target view: they work on the row under the cursor, or scroll
 * the answer that is open over the list.  Pure. */
#ifndef RAMPTOP_UI_TARGET_KEY_H
#define RAMPTOP_UI_TARGET_KEY_H

#include "ui/action.h"

/* As view_ops.key (ui/view.h). */
bool target_key(enum key_action key, struct action_view *v, struct action *out);

#endif
