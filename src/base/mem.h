/* SPDX-License-Identifier: MIT */
/* mem.h - allocation that does not return NULL.
 *
 * A load console that is out of memory cannot measure honestly, so there is one
 * answer to it: the hook that main installed puts the terminal back, says why and
 * ends the process.  Hot paths allocate nothing in steady state.  Everything is
 * released with free().  Any thread. */
#ifndef RAMPTOP_BASE_MEM_H
#define RAMPTOP_BASE_MEM_H

#include <stdarg.h>
#include <stddef.h>

/* Called once when memory runs out, by whichever thread needed it; other threads that need
 * some meanwhile wait for the end.  The hook ends the process: should it return, abort()
 * does.  Set before threads start. */
void mem_on_exhausted(void (*hook)(void));

/* For what a library made, which is NULL only without memory: returns p, or is out of memory. */
void *mem_made(void *p);

void *mem_zalloc(size_t size);                        /* zeroed */
void *mem_array(size_t count, size_t size);           /* zeroed, overflow-checked */
void *mem_aligned(size_t align, size_t size);         /* zeroed; align a power of two >= 8 */
void *mem_grow(void *old, size_t count, size_t size); /* realloc, overflow-checked */
/* Room for one more element behind n; NULL and 0 to begin with.  Doubles: n calls are O(n). */
void *mem_room(void *items, size_t n, size_t size);
char *mem_strdup(const char *s); /* NULL stays NULL */
char *mem_strndup(const char *s, size_t len);
char *mem_printf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
char *mem_vprintf(const char *fmt, va_list ap) __attribute__((format(printf, 1, 0)));

#endif
