/* SPDX-License-Identifier: MIT */
/* read.h - a profile file -> struct profile.
 *
 *   file --src/settings--> nodes --language.h--> profile
 *
 * All mistakes of meaning are reported at once, each as one sentence
 * `file:line: what is wrong (did you mean ...?)`; of mistakes of grammar the first. */
#ifndef RAMPTOP_PROFILE_READ_H
#define RAMPTOP_PROFILE_READ_H

#include "src/profile/profile.h"

/* A profile from text already in memory; `name` stands for the file in messages.
 * @include is refused. */
struct profile *profile_parse(const char *name, const char *text, size_t len,
                              const struct profile_overrides *o, struct problems *problems);

/* The same from a file.  NULL when there are problems (at least one is added then).  Main thread;
 * may take as long as the disk does. */
struct profile *profile_read(const char *file, const struct profile_overrides *o,
                             struct problems *problems);

/* The files a user can pick: *.cfg in the given folder and in the shipped
 * profiles' folder, sorted, as paths.  Returns how many; *paths and each path are
 * the caller's to free. */
size_t profile_list(const char *folder, char ***paths);

/* The path of the shipped profile of that file name, to be freed; NULL: there is none, or a
 * folder is named. */
char *profile_shipped(const char *name);

#endif
