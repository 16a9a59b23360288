/* SPDX-License-Identifier: MIT */
#include "src/script/permissions.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"

static void permission_finish(struct permission *p)
{
    for (size_t i = 0; i < p->n_words; i++)
        free(p->words[i]);
    free(p->words);
    free(p->place);
}

void permissions_finish(struct permissions *all)
{
    for (size_t i = 0; i < all->n; i++)
        permission_finish(&all->items[i]);
    free(all->items);
    free(all->folder);
    *all = (struct permissions){0};
}

static bool is_permission(const struct permission *p, enum permission_kind kind, bool of_probe,
                          const char *const *words, size_t n)
{
    if (p->kind != kind || p->of_probe != of_probe || p->n_words != n)
        return false;
    for (size_t i = 0; i < n; i++)
        if (strcmp(p->words[i], words[i]) != 0)
            return false;
    return true;
}

void permissions_add(struct permissions *all, enum permission_kind kind, const char *const *words,
                     size_t n)
{
    if (all == NULL || all->typed)
        return;
    for (size_t i = 0; i < all->n; i++)
        if (is_permission(&all->items[i], kind, all->of_probe, words, n))
            return;
    all->items = mem_room(all->items, all->n, sizeof *all->items);
    struct permission *p = &all->items[all->n++];
    *p = (struct permission){.kind = kind, .of_probe = all->of_probe, .n_words = n};
    p->words = mem_array(n + 1, sizeof *p->words);
    for (size_t i = 0; i < n; i++)
        p->words[i] = mem_strdup(words[i]);
    p->place = all->place != NULL ? mem_strdup(all->place) : NULL;
}

void permissions_add_one(struct permissions *all, enum permission_kind kind, const char *word)
{
    permissions_add(all, kind, &word, 1);
}

void permissions_remove(struct permissions *all, size_t i)
{
    permission_finish(&all->items[i]);
    memmove(&all->items[i], &all->items[i + 1], (--all->n - i) * sizeof *all->items);
}

const char *permissions_variable(struct permissions *all, const char *name)
{
    const char *value = getenv(name);
    size_t before = all != NULL ? all->n : 0;
    permissions_add_one(all, PERMISSION_VARIABLE, name);
    if (all != NULL && all->n > before)
        all->items[before].unset = value == NULL || *value == '\0';
    return value;
}

/* ----------------------------------------------------------------------- files */

static bool is_below(const char *path, const char *folder)
{
    size_t n = strlen(folder);
    return strncmp(path, folder, n) == 0 && (path[n] == '/' || path[n] == '\0');
}

/* Files of the home folder are not the profile's, though the profile lies there too. */
static bool is_home_or_above(const char *folder)
{
    const char *home = getenv("HOME");
    char *real = home != NULL ? realpath(home, NULL) : NULL;
    bool is = strcmp(folder, "/") == 0 || (real != NULL && is_below(real, folder));
    free(real);
    return is;
}

void permissions_of_file(struct permissions *all, const char *file)
{
    const char *slash = strrchr(file, '/');
    char *folder = slash != NULL ? mem_strndup(file, (size_t)(slash - file) + 1) : mem_strdup(".");
    free(all->folder);
    all->folder = realpath(folder, NULL);
    free(folder);
    if (all->folder != NULL && is_home_or_above(all->folder)) {
        free(all->folder);
        all->folder = NULL;
    }
}

void permissions_file(struct permissions *all, const char *path)
{
    char *real = all != NULL ? realpath(path, NULL) : NULL;
    if (real == NULL)
        return;
    bool own = all->folder != NULL && is_below(real, all->folder) &&
               strstr(real + strlen(all->folder), "/.") == NULL;
    if (!own)
        permissions_add_one(all, PERMISSION_FILE, real);
    free(real);
}

int permissions_open(struct permissions *all, const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd >= 0)
        permissions_file(all, path);
    return fd;
}
