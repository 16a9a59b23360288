/* SPDX-License-Identifier: MIT */
#include "src/demo/named.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/buf.h"
#include "src/base/mem.h"
#include "src/base/words.h"
#include "src/demo/description.h"

#define NAMES_MAX 100

static const char ending[] = ".demo";

const char *demo_text(const char *file)
{
    for (const struct demo_text *t = demo_texts; t->file != NULL; t++) {
        if (strcmp(t->file, file) == 0)
            return t->text;
    }
    return NULL;
}

/* The length of a name without its ending. */
static size_t stem_length(const char *name)
{
    size_t len = strlen(name), end = sizeof ending - 1;
    return len > end && strcmp(name + len - end, ending) == 0 ? len - end : len;
}

bool demo_is_file(const char *name)
{
    return strchr(name, '/') != NULL || name[stem_length(name)] != '\0';
}

static void tell_unknown_demo(const char *name, struct problems *problems)
{
    char *names[NAMES_MAX + 1] = {NULL};
    struct buf all = {0};
    size_t n = 0;
    for (const struct demo_text *t = demo_texts; t->file != NULL && n < NAMES_MAX; t++) {
        if (t->file[stem_length(t->file)] == '\0')
            continue;
        names[n] = mem_strndup(t->file, stem_length(t->file));
        buf_printf(&all, "%s%s", n > 0 ? ", " : "", names[n]);
        n++;
    }
    const char *near = words_nearest(name, (const char *const *)names);
    if (near != NULL)
        problems_add(problems, "there is no demo \"%.80s\" (did you mean \"%s\"?).", name, near);
    else
        problems_add(problems,
                     "there is no demo \"%.80s\"; there are %s, and any description by its "
                     "path, as in ./my.demo.",
                     name, all.data != NULL ? all.data : "none");
    for (size_t i = 0; i < n; i++)
        free(names[i]);
    buf_finish(&all);
}

struct description *demo_open(const char *name, struct problems *problems)
{
    if (demo_is_file(name))
        return description_read(name, problems);
    char *file = mem_printf("%s%s", name, ending);
    const char *text = demo_text(file);
    struct description *d = NULL;
    if (text != NULL)
        d = description_parse(file, text, strlen(text), problems);
    else
        tell_unknown_demo(name, problems);
    free(file);
    return d;
}

char *demo_profile_name(const char *name)
{
    return mem_printf("%.*s.cfg", (int)stem_length(name), name);
}
