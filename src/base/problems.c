/* SPDX-License-Identifier: MIT */
#include "src/base/problems.h"

#include "src/base/clean.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"

void problems_add(struct problems *p, const char *fmt, ...)
{
    if (p->n == PROBLEMS_MAX) {
        p->dropped++;
        return;
    }
    char raw[1024];
    char text[1024];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(raw, sizeof raw, fmt, ap);
    va_end(ap);
    clean_text(text, sizeof text, raw, strlen(raw));
    p->lines[p->n++] = mem_strdup(text);
}

void problems_finish(struct problems *p)
{
    for (size_t i = 0; i < p->n; i++)
        free(p->lines[i]);
    memset(p, 0, sizeof *p);
}
