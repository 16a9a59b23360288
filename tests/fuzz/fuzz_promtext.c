/* SPDX-License-Identifier: MIT */
/* The first line is what is wanted, the rest what a target exposes; both may be anything. */
#include <math.h>

#include "src/probe/promtext.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *feed = memchr(data, '\n', size);
    size_t head = feed != NULL ? (size_t)(feed - data) : size, rest = size - head;
    struct promtext_want w;
    struct promtext_found found;
    struct err e = {0};
    size_t bad;
    char *want = malloc(head + 1), *text = malloc(rest > 0 ? rest : 1);
    must(want != NULL && text != NULL);
    if (head > 0)
        memcpy(want, data, head);
    want[head] = '\0';
    if (rest > 0)
        memcpy(text, data + head, rest);
    bool ok = promtext_want(&w, want, &e);
    must(ok == (e.text[0] == '\0'));
    if (ok) {
        size_t n = promtext_read(text, rest, &w, 1, &found, &bad);
        must(found.known <= found.n && found.n <= n);
        must(n + bad <= rest);
        must(found.known == 0 || !isnan(found.max));
    }
    promtext_want_finish(&w);
    free(want);
    free(text);
    return 0;
}
