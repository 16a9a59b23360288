/* SPDX-License-Identifier: MIT */
/* permissions.h - what a profile reads and reaches beyond its target and its own folder.
 *
 * A profile is a text that others write.  Whatever it makes the program read of this machine
 * or reach on the network passes through here while it is read, so that all of it can be shown
 * and asked for before anything is sent (src/cli/trust.h): the functions below are the only ones of
 * src/script, src/profile and src/settings that read the environment or open a file (a lint
 * reads the sources). */
#ifndef RAMPTOP_SCRIPT_PERMISSIONS_H
#define RAMPTOP_SCRIPT_PERMISSIONS_H

#include <stdbool.h>
#include <stddef.h>

enum permission_kind {
    PERMISSION_COMMAND,  /* words: a program and its arguments */
    PERMISSION_SSH,      /* words: "ssh" and where to */
    PERMISSION_VARIABLE, /* words: the name */
    PERMISSION_FILE,     /* words: the real path */
    PERMISSION_SERVER,   /* "http://host:port", or where a probe connects to */
    PERMISSION_TARGET,   /* the same of the profile's own target, which gets what is read */
};

struct permission {
    enum permission_kind kind;
    bool of_probe; /* for what watches the target, not for what is sent to it */
    bool unset;    /* VARIABLE: it has no value now, so that nothing is read */
    char **words;  /* owned, as they are in the profile: hostile */
    size_t n_words;
    char *place; /* "shop.cfg:12"; NULL: not known */
};

struct permissions {
    struct permission *items; /* owned; each kind and words once for probes and once for the rest */
    size_t n;
    char *folder; /* the real path of the profile's; NULL: it has none, and no file is its own */
    /* The setting that is being read now: */
    const char *place; /* borrowed; NULL: not known */
    bool of_probe;
    bool typed; /* by the user, who needs not be asked: nothing is noted */
};

/* The folder in which a profile file is.  All functions take NULL for `all`: nothing is noted. */
void permissions_of_file(struct permissions *all, const char *file);
void permissions_finish(struct permissions *all);

void permissions_add(struct permissions *all, enum permission_kind kind, const char *const *words,
                     size_t n);
void permissions_add_one(struct permissions *all, enum permission_kind kind, const char *word);
/* Takes one away again; those behind it move up. */
void permissions_remove(struct permissions *all, size_t i);

/* getenv() for a profile. */
const char *permissions_variable(struct permissions *all, const char *name);

/* open() for reading, for a profile: never waits, never a controlling terminal.  -1 with errno.
 * A file is the profile's own when it is below its folder, symbolic links followed, and no
 * name on the way begins with a dot; the home folder, and what is above it, is nobody's own. */
int permissions_open(struct permissions *all, const char *path);
/* Notes a file that was read already. */
void permissions_file(struct permissions *all, const char *path);

#endif
