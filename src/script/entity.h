/* SPDX-License-Identifier: MIT */
/* entity.h - the names of characters in HTML, as far as libraries write them: ASCII and
 * ISO 8859-1.  Pure; any thread. */
#ifndef RAMPTOP_SCRIPT_ENTITY_H
#define RAMPTOP_SCRIPT_ENTITY_H

#include <stddef.h>
#include <stdint.h>

/* The character that text begins with ("&amp;", "&#38;", "&#x26"), whose bytes are counted in
 * *used; 0 for none.  The semicolon behind a number may be missing. */
uint32_t entity_read(const char *text, size_t len, size_t *used);

#endif
