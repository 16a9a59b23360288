/* SPDX-License-Identifier: MIT */
#include "src/record/recording_prune.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "src/base/mem.h"

struct recorded_file {
    char *name; /* owned */
    time_t written;
    uint64_t bytes;
};

static int file_by_age(const void *a, const void *b)
{
    const struct recorded_file *x = a, *y = b;
    return (x->written > y->written) - (x->written < y->written);
}

static bool is_recording(const char *name)
{
    size_t len = strlen(name), end = strlen(RECORDING_SUFFIX);
    return len > end && strcmp(name + len - end, RECORDING_SUFFIX) == 0;
}

/* The recordings of a folder, oldest first. */
static size_t files_list(DIR *dir, struct recorded_file **out)
{
    struct recorded_file *files = NULL;
    size_t n = 0;
    const struct dirent *d;
    while ((d = readdir(dir)) != NULL) {
        struct stat st;
        if (!is_recording(d->d_name) ||
            fstatat(dirfd(dir), d->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(st.st_mode))
            continue;
        files = mem_room(files, n, sizeof *files);
        files[n++] = (struct recorded_file){
            .name = mem_strdup(d->d_name), .written = st.st_mtime, .bytes = (uint64_t)st.st_size};
    }
    if (n > 0)
        qsort(files, n, sizeof *files, file_by_age);
    *out = files;
    return n;
}

unsigned recordings_prune(const char *folder, uint64_t age_s, uint64_t bytes)
{
    DIR *dir = opendir(folder);
    struct recorded_file *files;
    uint64_t all = 0;
    unsigned removed = 0;
    if (dir == NULL)
        return 0;
    size_t n = files_list(dir, &files);
    time_t now = time(NULL);
    for (size_t i = 0; i < n; i++)
        all += files[i].bytes;
    for (size_t i = 0; i < n; i++) {
        bool old = now > files[i].written && (uint64_t)(now - files[i].written) > age_s;
        if ((old || all > bytes) && unlinkat(dirfd(dir), files[i].name, 0) == 0) {
            all -= files[i].bytes;
            removed++;
        }
        free(files[i].name);
    }
    free(files);
    closedir(dir);
    return removed;
}
