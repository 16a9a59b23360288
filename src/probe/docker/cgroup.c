/* SPDX-License-Identifier: MIT */
#include "src/probe/docker/cgroup.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/probe/readfile.h"

#define TEXT_BYTES 16384
#define PATH_BYTES 512

/* Returns the number of a line "key 123"; NaN: no such line. */
static double stat_figure(const char *text, const char *key)
{
    size_t len = strlen(key);
    for (const char *line = text; line != NULL; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, key, len) == 0 && line[len] == ' ')
            return strtod(line + len + 1, NULL);
    }
    return NAN;
}

/* Returns whether a list such as "cpu,cpuacct" has the controller. */
static bool controllers_include(const char *controllers, size_t len, const char *name)
{
    size_t n = strlen(name);
    for (size_t at = 0; at + n <= len; at++)
        if (strncmp(controllers + at, name, n) == 0 && (at == 0 || controllers[at - 1] == ',') &&
            (at + n == len || controllers[at + n] == ','))
            return true;
    return false;
}

/* Cuts the path behind the folder that is named by the id: crun puts the processes into a
 * subfolder, which has no limits and so counts no throttling. */
static bool cut_path_behind_id(char *path, const char *id)
{
    char *at = strstr(path, id), *slash = at != NULL ? strchr(at, '/') : NULL;
    if (slash != NULL)
        *slash = '\0';
    return at != NULL;
}

/* Finds the folder of a controller: lines are "4:memory:/path" in v1, "0::/path" in v2. */
static bool cgroup_folder(const char *root, const char *groups, const char *controller,
                          const char *id, char *out, size_t size)
{
    for (const char *line = groups; line != NULL && *line != '\0'; line = strchr(line, '\n')) {
        line += *line == '\n';
        size_t end = strcspn(line, "\n");
        const char *name = memchr(line, ':', end);
        const char *path =
            name != NULL ? memchr(name + 1, ':', end - (size_t)(name + 1 - line)) : NULL;
        if (path == NULL)
            continue;
        size_t len = (size_t)(path - name) - 1;
        if (len > 0 && !controllers_include(name + 1, len, controller))
            continue;
        snprintf(out, size, "%s/sys/fs/cgroup%s%s%.*s", root, len > 0 ? "/" : "",
                 len > 0 ? controller : "", (int)(end - (size_t)(path + 1 - line)), path + 1);
        return cut_path_behind_id(out, id) && strstr(out, "/../") == NULL;
    }
    return false;
}

static bool read_cgroup_file(const char *root, const char *groups, const char *controller,
                             const char *name, const char *id, char *out, size_t size)
{
    char folder[PATH_BYTES], path[PATH_BYTES + 32];
    if (!cgroup_folder(root, groups, controller, id, folder, sizeof folder))
        return false;
    snprintf(path, sizeof path, "%s/%s.%s", folder, controller, name);
    return readfile(path, out, size) > 0;
}

void docker_cgroup_fill(const char *root, int pid, const char *id, struct docker_stats *s)
{
    char path[PATH_BYTES], groups[4096], text[TEXT_BYTES];
    snprintf(path, sizeof path, "%s/proc/%d/cgroup", root, pid);
    if (pid <= 0 || id[0] == '\0' || readfile(path, groups, sizeof groups) <= 0)
        return;
    if (isnan(s->memory_cache) &&
        read_cgroup_file(root, groups, "memory", "stat", id, text, sizeof text)) {
        s->memory_cache = stat_figure(text, "total_inactive_file");
        if (isnan(s->memory_cache))
            s->memory_cache = stat_figure(text, "inactive_file");
    }
    if (read_cgroup_file(root, groups, "memory", "events", id, text, sizeof text) ||
        read_cgroup_file(root, groups, "memory", "oom_control", id, text, sizeof text)) /* v2, v1 */
        s->oom_kills = stat_figure(text, "oom_kill");
    if (!(s->periods > 0) && read_cgroup_file(root, groups, "cpu", "stat", id, text, sizeof text)) {
        s->periods = stat_figure(text, "nr_periods");
        s->throttled_periods = stat_figure(text, "nr_throttled");
    }
}
