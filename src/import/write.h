/* SPDX-License-Identifier: MIT */
/* write.h - prints a recording as a profile, laid out for people.
 *
 * Said once for all requests what all of them say alike; what a profile cannot hold (its
 * size ends at 256 KiB) is left out and counted at its head. */
#ifndef RAMPTOP_IMPORT_WRITE_H
#define RAMPTOP_IMPORT_WRITE_H

#include "src/base/err.h"
#include "src/import/transcript.h"

#define WRITE_MAX_REQUESTS 4000u
#define WRITE_MAX_BYTES (200u * 1024) /* room for the tasks; the rest is for the head */
#define WRITE_MAX_PATH 60000u

/* Drops those at the end that have no room, whatever becomes of their secrets: to be called
 * before all of them are looked through many times. */
void write_drop_hopeless(struct transcript *r);

/* Changes r: what is common moves out of the requests.  The caller frees the text. */
bool write_profile(struct transcript *r, char **profile_text, struct err *e);

#endif
