/* SPDX-License-Identifier: MIT */
#include "src/script/excerpt.h"

#include <string.h>

const char *excerpt(char out[EXCERPT_MAX], const char *text, size_t len)
{
    static const char more[] = "...";
    size_t n = len;
    if (len >= EXCERPT_MAX) {
        n = EXCERPT_MAX - sizeof more;
        for (int i = 0; i < 3 && ((unsigned char)text[n] & 0xc0) == 0x80; i++)
            n--;
    }
    for (size_t i = 0; i < n; i++)
        out[i] = text[i] != '\0' ? text[i] : ' ';
    memcpy(out + n, n < len ? more : "", n < len ? sizeof more : 1);
    return out;
}
