/* SPDX-License-Identifier: MIT */
#include "src/profile/read.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/base/mem.h"
#include "src/profile/language.h"
#include "src/settings/read.h"
#include "src/settings/set.h"

#define LIST_MAX 1000

/* ------------------------------------------------------------------- profiles */

static struct profile *from_source(const struct source *s, const char *file,
                                   const struct profile_overrides *o, struct problems *problems)
{
    struct node root;
    struct doc d = {s, problems};
    if (!settings_read(&root, s, problems))
        return NULL;
    bool ok = o == NULL || settings_set(&root, o->sets, o->n_sets, problems);
    struct profile *p = language_profile(&d, &root, file, o);
    node_finish(&root);
    if (!ok) { /* all mistakes at once, but no load with half of what was asked for */
        profile_unref(p);
        return NULL;
    }
    return p;
}

struct profile *profile_parse(const char *name, const char *text, size_t len,
                              const struct profile_overrides *o, struct problems *problems)
{
    struct source s;
    struct profile *p = NULL;
    if (source_from_text(&s, name, text, len, problems))
        p = from_source(&s, name, o, problems);
    source_finish(&s);
    return p;
}

/* A file of the package's own folder, not merely a link to one there. */
static bool is_of_package(const char *file)
{
    char *real = realpath(file, NULL), *folder = realpath(PROFILE_DIR, NULL);
    size_t n = folder != NULL ? strlen(folder) : 0;
    bool is = real != NULL && n > 1 && strncmp(real, folder, n) == 0 && real[n] == '/';
    free(real);
    free(folder);
    return is;
}

struct profile *profile_read(const char *file, const struct profile_overrides *o,
                             struct problems *problems)
{
    struct source s;
    struct profile *p = NULL;
    if (source_from_file(&s, file, problems))
        p = from_source(&s, file, o, problems);
    if (p != NULL)
        p->shipped = is_of_package(file);
    source_finish(&s);
    return p;
}

/* ----------------------------------------------------------------- the picker */

struct paths {
    char **items;
    size_t n;
};

static void add_folder(struct paths *paths, const char *folder)
{
    DIR *dir = opendir(folder);
    struct dirent *entry;
    while (dir != NULL && paths->n < LIST_MAX && (entry = readdir(dir)) != NULL) {
        size_t len = strlen(entry->d_name);
        if (entry->d_name[0] == '.' || len < 5 || strcmp(entry->d_name + len - 4, ".cfg") != 0)
            continue;
        struct stat st;
        char *path = mem_printf("%s/%s", folder, entry->d_name);
        if (stat(path, &st) != 0 || !S_ISREG(st.st_mode)) {
            free(path);
            continue;
        }
        paths->items = mem_room(paths->items, paths->n, sizeof *paths->items);
        paths->items[paths->n++] = path;
    }
    if (dir != NULL)
        closedir(dir);
}

static int by_path(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

size_t profile_list(const char *folder, char ***out)
{
    struct paths paths = {0};
    if (folder != NULL)
        add_folder(&paths, folder);
    if (folder == NULL || strcmp(folder, PROFILE_DIR) != 0)
        add_folder(&paths, PROFILE_DIR);
    if (paths.n > 1)
        qsort(paths.items, paths.n, sizeof *paths.items, by_path);
    *out = paths.items;
    return paths.n;
}

char *profile_shipped(const char *name)
{
    char *path = strchr(name, '/') == NULL ? mem_printf("%s/%s", PROFILE_DIR, name) : NULL;
    if (path == NULL || access(path, R_OK) == 0)
        return path;
    free(path);
    return NULL;
}
