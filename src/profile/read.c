/* SPDX-License-Identifier: MIT */
#include "src/profile/read.h"

#include <dirent.h>
#include <libconfig.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "src/base/mem.h"
#include "src/profile/build.h"
#include "src/profile/language.h"
#include "src/profile/node.h"
#include "src/profile/scan.h"
#include "src/profile/source.h"

#define LIST_MAX 1000

/* ---------------------------------------------------- libconfig -> plain tree */

static enum node_kind kind_of(const config_setting_t *s)
{
    switch (config_setting_type(s)) {
    case CONFIG_TYPE_GROUP:
        return NODE_GROUP;
    case CONFIG_TYPE_LIST:
        return NODE_LIST;
    case CONFIG_TYPE_ARRAY:
        return NODE_ARRAY;
    case CONFIG_TYPE_INT:
    case CONFIG_TYPE_INT64:
        return NODE_INT;
    case CONFIG_TYPE_FLOAT:
        return NODE_FLOAT;
    case CONFIG_TYPE_BOOL:
        return NODE_BOOL;
    default:
        return NODE_STRING;
    }
}

static void copy_node(struct node *n, const config_setting_t *s)
{
    /* The root has line 0. */
    unsigned line = config_setting_source_line(s);
    *n = (struct node){.kind = kind_of(s),
                       .name = mem_strdup(config_setting_name(s)),
                       .line = line > 0 ? line : 1};
    switch (n->kind) {
    case NODE_INT:
        n->integer = config_setting_get_int64(s);
        n->number = (double)n->integer;
        break;
    case NODE_FLOAT:
        n->number = config_setting_get_float(s);
        break;
    case NODE_BOOL:
        n->integer = config_setting_get_bool(s);
        break;
    case NODE_STRING:
        n->string = mem_strdup(config_setting_get_string(s));
        break;
    case NODE_GROUP:
    case NODE_LIST:
    case NODE_ARRAY:
        n->n = (size_t)config_setting_length(s);
        n->items = mem_array(n->n + 1, sizeof *n->items);
        for (size_t i = 0; i < n->n; i++)
            copy_node(&n->items[i], config_setting_get_elem(s, (unsigned)i));
        break;
    }
}

static bool parse_tree(struct node *root, const struct source *s, struct problems *problems)
{
    config_t config;
    config_init(&config);
    bool ok = config_read_string(&config, s->text) == CONFIG_TRUE;
    if (ok)
        copy_node(root, config_root_setting(&config));
    else /* the scan has seen no mistake, so there is nothing better to say */
        source_problem(s, problems, (unsigned)config_error_line(&config), "%s.",
                       config_error_text(&config));
    config_destroy(&config);
    return ok;
}

bool read_settings(struct node *root, const struct source *s, struct problems *problems)
{
    return scan_source(s, problems) && parse_tree(root, s, problems);
}

/* ------------------------------------------------------------------- profiles */

static struct profile *from_source(const struct source *s, const char *file,
                                   const struct profile_overrides *o, struct problems *problems)
{
    struct node root;
    struct doc d = {s, problems};
    if (!read_settings(&root, s, problems))
        return NULL;
    struct profile *p = language_profile(&d, &root, file, o);
    node_finish(&root);
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

struct profile *profile_read(const char *file, const struct profile_overrides *o,
                             struct problems *problems)
{
    struct source s;
    struct profile *p = NULL;
    if (source_from_file(&s, file, problems))
        p = from_source(&s, file, o, problems);
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
        paths->items = build_grow(paths->items, paths->n, sizeof *paths->items);
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
