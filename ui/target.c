/* SPDX-License-Identifier: MIT */
#include "ui/target.h"

size_t target_rows(const struct board *b, struct target_row out[TARGET_ROWS])
{
    size_t n = 0;
    if (b == NULL)
        return 0;
    for (uint32_t p = 0; p < b->n_probes && p < BOARD_PROBES; p++) {
        out[n++] = (struct target_row){.kind = TARGET_PROBE, .probe = (uint16_t)p};
        if (b->probes[p].text[0] != '\0')
            out[n++] = (struct target_row){.kind = TARGET_TEXT, .probe = (uint16_t)p};
        for (uint32_t i = 0; i < b->n_series && i < BOARD_SERIES; i++)
            if (b->series[i].probe == p)
                out[n++] = (struct target_row){
                    .kind = TARGET_SERIES, .probe = (uint16_t)p, .series = (uint16_t)i};
    }
    return n;
}

uint32_t target_series(const struct board *b, size_t at)
{
    struct target_row rows[TARGET_ROWS];
    size_t n = target_rows(b, rows);
    if (n == 0)
        return BOARD_SERIES;
    at = at < n ? at : n - 1;
    for (size_t i = at; i < n; i++)
        if (rows[i].kind == TARGET_SERIES)
            return rows[i].series;
    for (size_t i = at; i-- > 0;)
        if (rows[i].kind == TARGET_SERIES)
            return rows[i].series;
    return BOARD_SERIES;
}
