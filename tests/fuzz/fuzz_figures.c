/* SPDX-License-Identifier: MIT */
/* What a command prints, what nginx and a Prometheus server answer. */
#include <math.h>

#include "src/probe/command_line.h"
#include "src/probe/nginx_status.h"
#include "src/probe/promql_json.h"
#include "tests/fuzz/fuzz.h"

static void read_line(const char *line, size_t len)
{
    struct command_value v;
    if (!command_line(line, len, &v))
        return;
    must(v.name[0] != '\0' && isfinite(v.value) && !isinf(v.limit));
    must(fuzz_is_clean(v.name) && fuzz_is_clean(v.group));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct nginx_status status;
    struct promql_reply r;
    char *text = malloc(size > 0 ? size : 1);
    must(text != NULL);
    if (size > 0)
        memcpy(text, data, size);
    for (size_t at = 0; at < size;) {
        const char *feed = memchr(text + at, '\n', size - at);
        size_t end = feed != NULL ? (size_t)(feed - text) : size;
        read_line(text + at, end - at);
        at = end + 1;
    }
    nginx_status_parse(text, size, &status);
    if (promql_json(text, size, &r)) {
        must(r.known <= r.n && fuzz_is_clean(r.error));
        must(r.ok == (r.error[0] == '\0'));
    }
    free(text);
    return 0;
}
