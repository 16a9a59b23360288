/* SPDX-License-Identifier: MIT */
#include "src/script/scope.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"

#define FIRST_ROOM 32

void value_set(struct value *v, const char *text, size_t len)
{
    if (len >= v->room) {
        size_t room = v->room > 0 ? v->room : FIRST_ROOM;
        while (room <= len)
            room *= 2;
        free(v->text);
        v->text = mem_array(room, 1);
        v->room = (uint32_t)room;
    }
    memcpy(v->text, text, len);
    v->text[len] = '\0';
    v->len = (uint32_t)len;
    v->set = true;
}

void value_clear(struct value *v)
{
    v->set = false;
}

void scope_init(struct scope *s, uint32_t n_values, const struct feeder *const *feeders,
                uint32_t n_feeders)
{
    s->values = n_values > 0 ? mem_array(n_values, sizeof *s->values) : NULL;
    s->n_values = n_values;
    s->feeders = feeders;
    s->n_feeders = n_feeders;
    s->scratch[0] = s->scratch[1] = (struct buf){0};
    s->rows = n_feeders > 0 ? mem_array(n_feeders, sizeof *s->rows) : NULL;
    for (uint32_t i = 0; i < n_feeders; i++)
        s->rows[i] = SCOPE_NO_ROW;
}

void scope_finish(struct scope *s)
{
    for (uint32_t i = 0; i < s->n_values; i++)
        free(s->values[i].text);
    free(s->values);
    free(s->rows);
    buf_finish(&s->scratch[0]);
    buf_finish(&s->scratch[1]);
    s->values = NULL;
    s->rows = NULL;
    s->n_values = s->n_feeders = 0;
}
