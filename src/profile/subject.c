/* SPDX-License-Identifier: MIT */
#include "src/profile/subject.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/base/mem.h"
#include "src/profile/foreign.h"
#include "src/profile/read.h"
#include "src/profile/url.h"

bool subject_is_file(const char *text)
{
    struct stat st;
    size_t len = strlen(text);
    if (url_has_scheme(text))
        return false;
    return stat(text, &st) == 0 || (len > 4 && strcmp(text + len - 4, ".cfg") == 0);
}

/* A host has a dot, a port or brackets, or is localhost. */
static bool looks_like_file(const char *text)
{
    size_t host = strcspn(text, "/?#");
    if (url_has_scheme(text))
        return false;
    if (host == 0 || *text == '~' || strncmp(text, "./", 2) == 0 || strncmp(text, "../", 3) == 0)
        return true;
    return strcspn(text, ".:[@") >= host && !(host == 9 && strncasecmp(text, "localhost", 9) == 0);
}

/* Where it is: as it is called, or among the shipped ones; NULL: nowhere.  To be freed. */
static char *place_of(const char *name)
{
    return access(name, F_OK) == 0 ? mem_strdup(name) : profile_shipped(name);
}

static struct profile *open_file(const char *name, const struct profile_overrides *o,
                                 struct problems *problems)
{
    char *place = place_of(name);
    const char *path = place != NULL ? place : name;
    struct profile *p = NULL;
    struct err e;
    if (foreign_file(path, &e))
        problems_add(problems, "%s.", e.text);
    else
        p = profile_read(path, o, problems);
    free(place);
    return p;
}

struct profile *subject_open(const char *text, const struct profile_overrides *o,
                             struct problems *problems)
{
    if (subject_is_file(text))
        return open_file(text, o, problems);
    if (!looks_like_file(text))
        return profile_from_url(text, o, problems);
    char *whole = mem_printf("%.300s.cfg", text), *place = place_of(whole);
    if (place != NULL)
        problems_add(problems, "%.300s: no such file (did you mean %s?).", text, whole);
    else if (strchr("/~.", *text) != NULL)
        problems_add(problems, "%.300s: no such file.", text);
    else
        problems_add(problems, "%.300s: no such file; if a host is meant, write http://%.300s.",
                     text, text);
    free(whole);
    free(place);
    return NULL;
}
