/* SPDX-License-Identifier: MIT */
#include "src/cli/state.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "src/base/mem.h"

char *state_folder(void)
{
    const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    if (state != NULL && *state == '/') /* a relative one is to be ignored */
        return mem_printf("%s/ramptop", state);
    if (home != NULL && *home == '/')
        return mem_printf("%s/.local/state/ramptop", home);
    return NULL;
}

/* Private from the first folder on that is not there yet. */
bool state_make_folder(const char *path)
{
    char *part = mem_strdup(path);
    bool ok = true;
    for (char *c = part + 1; ok && *c != '\0'; c++) {
        if (*c != '/')
            continue;
        *c = '\0';
        ok = mkdir(part, 0700) == 0 || errno == EEXIST || errno == EROFS || errno == EACCES;
        *c = '/';
    }
    ok = ok && (mkdir(part, 0700) == 0 || errno == EEXIST);
    free(part);
    return ok;
}
