/* SPDX-License-Identifier: MIT */
/* Replies of a Redis server one behind the other, as they come, and INFO. */
#include <math.h>

#include "src/probe/resp.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct resp r;
    char *text = malloc(size > 0 ? size : 1), field[48];
    must(text != NULL);
    if (size > 0)
        memcpy(text, data, size);
    for (size_t at = 0; at < size;) {
        long n = resp_parse(text + at, size - at, &r);
        must(n >= -1 && n <= (long)(size - at));
        if (n <= 0)
            break;
        must(r.len <= (size_t)n);
        must(r.len == 0 || (r.text >= text + at && r.text + r.len <= text + at + n));
        must(resp_parse(text + at, (size_t)n - 1, &r) <= 0); /* and not a byte sooner */
        must(resp_parse(text + at, (size_t)n, &r) == n);
        at += (size_t)n;
    }
    const struct resp info = {.kind = RESP_BULK, .text = text, .len = size};
    if (resp_field(&info, "role", field, sizeof field))
        must(fuzz_is_clean(field));
    double v = resp_number(&info, "used_memory");
    must(isnan(v) || isfinite(v));
    free(text);
    return 0;
}
