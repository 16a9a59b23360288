/* SPDX-License-Identifier: MIT */
/* The same without SQLite: nothing is recorded. */
#include "src/record/recording.h"
#include "src/record/recording_prune.h"

const bool recording_built_in = false;

struct recording *recording_create(const char *path, struct err *e)
{
    err_set(e, "cannot record to %s: this ramptop was built without SQLite", path);
    return NULL;
}

void recording_tell(struct recording *r, const char *key, const char *value)
{
    (void)r, (void)key, (void)value;
}

void recording_start(struct recording *r, const struct run_source *run)
{
    (void)r, (void)run;
}

void recording_add(const struct second *s, void *arg)
{
    (void)s, (void)arg;
}

void recording_leave(struct recording *r)
{
    (void)r;
}

bool recording_close(struct recording *r, const struct snapshot *final, struct err *e)
{
    (void)r, (void) final, (void)e;
    return true;
}

bool recording_stopped(struct recording *r, struct err *e)
{
    (void)r, (void)e;
    return false;
}

unsigned recordings_prune(const char *folder, uint64_t age_s, uint64_t bytes)
{
    (void)folder, (void)age_s, (void)bytes;
    return 0;
}

const char *recording_path(const struct recording *r)
{
    (void)r;
    return "";
}
