/* SPDX-License-Identifier: MIT */
#include "src/probe/nginx_status.h"

#include <string.h>

#define NUMBERS 7
#define NUMBER_MOST (UINT64_C(1) << 53) /* exact as a double */

/* Reads numbers by position: the words between them differ between builds and relatives of
 * nginx. */
bool nginx_status_parse(const char *text, size_t len, struct nginx_status *out)
{
    static const char first[] = "Active connections:";
    uint64_t v[NUMBERS];
    size_t n = 0;
    if (len < sizeof first - 1 || memcmp(text, first, sizeof first - 1) != 0)
        return false;
    for (size_t i = sizeof first - 1; i < len && n < NUMBERS; n++) {
        while (i < len && (text[i] < '0' || text[i] > '9'))
            i++;
        if (i == len)
            break;
        for (v[n] = 0; i < len && text[i] >= '0' && text[i] <= '9'; i++) {
            v[n] = v[n] * 10 + (uint64_t)(text[i] - '0');
            if (v[n] > NUMBER_MOST)
                return false;
        }
    }
    if (n != NUMBERS)
        return false;
    *out = (struct nginx_status){.active = v[0],
                                 .accepts = v[1],
                                 .handled = v[2],
                                 .requests = v[3],
                                 .reading = v[4],
                                 .writing = v[5],
                                 .waiting = v[6]};
    return true;
}
