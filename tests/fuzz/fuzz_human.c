/* SPDX-License-Identifier: MIT */
/* Any text as a time or a number, and any figure as text. */
#include <math.h>

#include "src/base/human.h"
#include "tests/fuzz/fuzz.h"

#define TEN_YEARS_NS (UINT64_C(3653) * 86400 * 1000000000)

static void check_text(const char *text)
{
    uint64_t ns = UINT64_MAX, n = UINT64_MAX;
    char out[HUMAN_MAX];
    if (human_parse_duration(text, &ns))
        must(ns <= TEN_YEARS_NS && strpbrk(text, "0123456789") != NULL);
    else
        must(ns == UINT64_MAX);
    if (human_parse_count(text, &n))
        must(n <= UINT64_C(1000000000000000) && strpbrk(text, "+-eExX") == NULL);
    else
        must(n == UINT64_MAX);
    human_count(out, sizeof out, n);
    must(out[strspn(out, "0123456789,")] == '\0');
}

static void check_figure(double v)
{
    char out[HUMAN_MAX], small[4];
    must(strlen(human_short(out, sizeof out, v)) < sizeof out);
    must(!(v >= 0 && v < 999e12) || strlen(out) <= 5);
    must(strlen(human_rate(out, sizeof out, v)) < sizeof out);
    must(strlen(human_percent(out, sizeof out, v)) < sizeof out);
    must(strlen(human_us(out, sizeof out, v, false)) < sizeof out);
    must(!(v >= 0 && v < 599e8) || strlen(out) <= 8);
    must(strlen(human_us(small, sizeof small, v, true)) < sizeof small);
    must(strlen(human_bytes(out, sizeof out, v)) < sizeof out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *line, *block;
    double v;
    fuzz_lines(data, size, &line, 1, &block);
    check_text(line);
    if (size >= sizeof v) {
        memcpy(&v, data, sizeof v);
        check_figure(v);
    }
    free(block);
    return 0;
}
