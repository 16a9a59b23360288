/* SPDX-License-Identifier: MIT */
/* named.h - the services `ramptop demo NAME` knows: a description NAME.demo and the profile
 * NAME.cfg for it.  The program carries a copy of those in profiles/; a NAME with a / in it,
 * or one that ends in ".demo", is a file, and the profile lies beside it. */
#ifndef RAMPTOP_DEMO_NAMED_H
#define RAMPTOP_DEMO_NAMED_H

#include <stdbool.h>

#include "src/base/problems.h"

struct description;

struct demo_text {
    const char *file, *text;
};

/* All files of profiles/; the last has no name. */
extern const struct demo_text demo_texts[];

/* The text of one of them: "demo.cfg" exercises the plain target.  NULL if there is none. */
const char *demo_text(const char *file);

bool demo_is_file(const char *name);

/* Returns the description NAME; NULL when problems were added.  The caller calls
 * description_free. */
struct description *demo_open(const char *name, struct problems *problems);

/* "NAME.cfg", a path or the name of a text; the caller frees. */
char *demo_profile_name(const char *name);

#endif
