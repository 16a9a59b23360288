/* SPDX-License-Identifier: MIT */
#include "src/stats/statuses.h"

void statuses_count(struct statuses *s, uint16_t code, uint64_t count)
{
    uint32_t i = 0;
    while (i < s->n && s->code[i] != code)
        i++;
    if (i == STATUSES_ROWS) {
        s->others += count;
        return;
    }
    if (i == s->n) {
        s->code[i] = code;
        s->n++;
    }
    s->count[i] += count;
}

void statuses_add(struct statuses *into, const struct statuses *from)
{
    for (uint32_t i = 0; i < from->n; i++)
        statuses_count(into, from->code[i], from->count[i]);
    into->others += from->others;
}

void statuses_sort(struct statuses *s)
{
    for (uint32_t i = 1; i < s->n; i++) {
        uint16_t code = s->code[i];
        uint64_t count = s->count[i];
        uint32_t at = i;
        for (; at > 0 && s->code[at - 1] > code; at--) {
            s->code[at] = s->code[at - 1];
            s->count[at] = s->count[at - 1];
        }
        s->code[at] = code;
        s->count[at] = count;
    }
}
