/* SPDX-License-Identifier: MIT */
/* state.h - the folder where ramptop keeps what it writes for the user: $XDG_STATE_HOME/ramptop,
 * or ~/.local/state/ramptop.  Any thread. */
#ifndef RAMPTOP_CLI_STATE_H
#define RAMPTOP_CLI_STATE_H

#include <stdbool.h>

/* Its path, which the caller frees; NULL: neither variable is set. */
char *state_folder(void);
/* Makes a folder and those above it, for the user's eyes alone; true if it is there already.
 * False with errno. */
bool state_make_folder(const char *path);

#endif
