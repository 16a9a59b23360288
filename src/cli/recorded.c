/* SPDX-License-Identifier: MIT */
#include "src/cli/recorded.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "config.h"
#include "src/base/log.h"
#include "src/base/mem.h"
#include "src/cli/cli.h"
#include "src/cli/state.h"
#include "src/profile/profile.h"
#include "src/record/recording.h"
#include "src/record/recording_prune.h"

/* Recordings that nobody has put elsewhere. */
#define KEPT_S (UINT64_C(90) * 24 * 3600)
#define KEPT_BYTES (UINT64_C(1) << 30)
#define SAME_SECOND 100 /* runs that begin in one second, with one profile */

/* "20261130-224500-shop", made of a name that may hold anything. */
static void recorded_name(char *out, size_t size, const char *profile)
{
    time_t now = time(NULL);
    struct tm tm;
    localtime_r(&now, &tm);
    size_t len = strftime(out, size, "%Y%m%d-%H%M%S-", &tm);
    for (; *profile != '\0' && len < size - 1; profile++)
        out[len++] = isalnum((unsigned char)*profile) ? *profile : '_';
    out[len] = '\0';
}

static char *recorded_place(const struct profile *p, struct err *e)
{
    char name[64], *state = state_folder();
    if (state == NULL) {
        err_set(e, "the run is not recorded: set HOME or XDG_STATE_HOME, or say --no-record");
        return NULL;
    }
    char *folder = mem_printf("%s/runs", state), *path = NULL;
    unsigned pruned = recordings_prune(folder, KEPT_S, KEPT_BYTES);
    if (pruned > 0)
        log_info("%u old recording%s removed from %s", pruned, pruned == 1 ? "" : "s", folder);
    recorded_name(name, sizeof name, p->name);
    if (!state_make_folder(folder))
        err_set(e,
                "the run is not recorded: %s: %s; --record FILE puts it elsewhere, --no-record "
                "does without",
                folder, strerror(errno));
    else
        path = mem_printf("%s/%s" RECORDING_SUFFIX, folder, name);
    for (int i = 2; path != NULL && access(path, F_OK) == 0 && i < SAME_SECOND; i++) {
        free(path);
        path = mem_printf("%s/%s-%d" RECORDING_SUFFIX, folder, name, i);
    }
    free(folder);
    free(state);
    return path;
}

struct recording *recorded_create(const struct options *o, const struct profile *p, struct err *e)
{
    e->text[0] = '\0';
    if (o->record == NULL && (o->no_record || !recording_built_in))
        return NULL;
    char *path = o->record != NULL ? mem_strdup(o->record) : recorded_place(p, e);
    struct recording *r = path != NULL ? recording_create(path, e) : NULL;
    free(path);
    if (r == NULL)
        return NULL;
    recording_tell(r, "ramptop", PACKAGE_VERSION);
    recording_tell(r, "profile", p->name);
    recording_tell(r, "target", p->target);
    if (o->level != NULL)
        recording_tell(r, "level", o->level);
    return r;
}
