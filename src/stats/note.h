/* SPDX-License-Identifier: MIT */
/* note.h - the words of one failed request, for the failures view.
 *
 * Notes travel beside the samples in a small lock-free ring of their own.  They
 * are examples: a worker sends few (one per endpoint, kind and second) and a
 * full ring drops them.  The counts come from the samples alone. */
#ifndef RAMPTOP_STATS_NOTE_H
#define RAMPTOP_STATS_NOTE_H

#include <stdint.h>

#define NOTE_TEXT_MAX 232

struct note {
    uint64_t at_ns;
    uint16_t endpoint;
    uint16_t status;
    uint16_t detail; /* as in the sample */
    uint8_t fail; /* enum fail */
    char text[NOTE_TEXT_MAX]; /* cleaned (base/clean.h): status line and start of the body, or the reason */
};

#endif
