/* SPDX-License-Identifier: MIT */
#include "src/base/mem.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void (*exhausted_hook)(void);

void mem_on_exhausted(void (*hook)(void))
{
    exhausted_hook = hook;
}

static _Noreturn void end_exhausted(void)
{
    static atomic_flag ending = ATOMIC_FLAG_INIT;
    while (atomic_flag_test_and_set(&ending))
        pause(); /* another thread says it */
    if (exhausted_hook != NULL)
        exhausted_hook();
    abort();
}

void *mem_made(void *p)
{
    if (p == NULL)
        end_exhausted();
    return p;
}

void *mem_zalloc(size_t size)
{
    return mem_made(calloc(1, size != 0 ? size : 1));
}

void *mem_array(size_t count, size_t size)
{
    return mem_made(calloc(count != 0 ? count : 1, size != 0 ? size : 1));
}

void *mem_aligned(size_t align, size_t size)
{
    void *p = NULL;
    if (posix_memalign(&p, align, size != 0 ? size : 1) != 0)
        p = NULL;
    return memset(mem_made(p), 0, size);
}

void *mem_grow(void *old, size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes))
        return mem_made(NULL);
    return mem_made(realloc(old, bytes != 0 ? bytes : 1));
}

char *mem_strdup(const char *s)
{
    return s != NULL ? mem_made(strdup(s)) : NULL;
}

char *mem_strndup(const char *s, size_t len)
{
    return mem_made(strndup(s, len));
}

char *mem_vprintf(const char *fmt, va_list ap)
{
    char *out = NULL;
    int n = vasprintf(&out, fmt, ap);
    return mem_made(n >= 0 ? out : NULL);
}

char *mem_printf(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    char *out = mem_vprintf(fmt, ap);
    va_end(ap);
    return out;
}

void *mem_room(void *items, size_t n, size_t size)
{
    if (n == 0)
        return mem_grow(items, 4, size);
    if (n >= 4 && (n & (n - 1)) == 0)
        return mem_grow(items, n * 2, size);
    return items;
}
