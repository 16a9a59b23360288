/* SPDX-License-Identifier: MIT */
#include "src/base/words.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>

#define WORD_MAX 40 /* longer ones are no slips of the finger */

static size_t least_of_three(size_t a, size_t b, size_t c)
{
    size_t m = a < b ? a : b;
    return m < c ? m : c;
}

/* Optimal string alignment: Levenshtein's distance with swapped neighbours as one. */
static size_t word_distance(const char *a, size_t la, const char *b, size_t lb)
{
    size_t rows[3][WORD_MAX + 1];
    size_t *before = rows[0], *above = rows[1], *row = rows[2];
    for (size_t j = 0; j <= lb; j++)
        above[j] = j;
    for (size_t i = 1; i <= la; i++) {
        row[0] = i;
        for (size_t j = 1; j <= lb; j++) {
            int x = tolower((unsigned char)a[i - 1]), y = tolower((unsigned char)b[j - 1]);
            row[j] = least_of_three(above[j] + 1, row[j - 1] + 1, above[j - 1] + (x != y));
            if (i > 1 && j > 1 && x == tolower((unsigned char)b[j - 2]) &&
                y == tolower((unsigned char)a[i - 2]) && before[j - 2] + 1 < row[j])
                row[j] = before[j - 2] + 1;
        }
        size_t *spare = before;
        before = above;
        above = row;
        row = spare;
    }
    return above[lb];
}

bool words_have(const char *const *words, const char *text)
{
    while (*words != NULL && strcmp(*words, text) != 0)
        words++;
    return *words != NULL;
}

bool words_begin(const char *const *words, const char *text)
{
    while (*words != NULL && strncmp(*words, text, strlen(*words)) != 0)
        words++;
    return *words != NULL;
}

const char *words_nearest(const char *text, const char *const *words)
{
    const char *best = NULL;
    size_t best_distance = WORD_MAX, len = strlen(text);
    if (len > WORD_MAX)
        return NULL;
    for (; *words != NULL; words++) {
        size_t word_len = strlen(*words);
        size_t allowed = word_len < 6 ? 1 + (word_len > 3) : word_len / 3;
        size_t d = word_len > WORD_MAX ? WORD_MAX : word_distance(text, len, *words, word_len);
        if (d <= allowed && d < best_distance) {
            best = *words;
            best_distance = d;
        }
    }
    return best;
}
