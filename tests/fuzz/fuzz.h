/* SPDX-License-Identifier: MIT */
/* fuzz.h - what the targets share: an input taken apart, and promises that are checked. */
#ifndef RAMPTOP_TESTS_FUZZ_H
#define RAMPTOP_TESTS_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A promise that does not hold is a finding. */
static inline void must(bool holds)
{
    if (!holds)
        abort();
}

/* Cuts data at each line feed into at most max texts, NUL-terminated; a NUL ends a text
 * early, as it does in argv.  Returns how many; *block holds them and is to be freed. */
static inline size_t fuzz_lines(const uint8_t *data, size_t size, char **lines, size_t max,
                                char **block)
{
    size_t n = 0;
    char *text = *block = malloc(size + 1);
    must(text != NULL);
    if (size > 0)
        memcpy(text, data, size);
    text[size] = '\0';
    for (size_t at = 0; n < max && at <= size; n++) {
        char *end = memchr(text + at, '\n', size - at);
        lines[n] = text + at;
        if (end != NULL)
            *end = '\0';
        at = end != NULL ? (size_t)(end - text) + 1 : size + 1;
    }
    return n;
}

/* Whether text is UTF-8 without any control character; written apart from base/clean.c. */
static inline bool fuzz_is_clean(const char *text)
{
    const unsigned char *s = (const unsigned char *)text;
    while (*s != '\0') {
        unsigned n = *s < 0x80 ? 1 : *s >= 0xc2 && *s < 0xe0 ? 2 : *s >= 0xe0 && *s < 0xf0 ? 3 : 4;
        if (*s < ' ' || *s == 0x7f || (*s >= 0x80 && *s < 0xc2) || *s > 0xf4)
            return false;
        for (unsigned i = 1; i < n; i++) {
            if ((s[i] & 0xc0) != 0x80)
                return false;
        }
        if ((*s == 0xc2 && s[1] < 0xa0) || (*s == 0xe0 && s[1] < 0xa0) ||
            (*s == 0xed && s[1] > 0x9f) || (*s == 0xf0 && s[1] < 0x90) ||
            (*s == 0xf4 && s[1] > 0x8f))
            return false;
        s += n;
    }
    return true;
}

#endif
