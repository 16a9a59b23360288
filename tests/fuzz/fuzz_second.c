/* SPDX-License-Identifier: MIT */
/* Bytes that may be a finished second of a run.  What is read keeps the promises of
 * stats/second.h: it is written and read again as the same, and can be copied and merged. */
#include "src/stats/second.h"
#include "tests/fuzz/fuzz.h"
#include "tests/unit/stats/second_fixture.h"

static void check_hist(const struct hist_sparse *h)
{
    must(h == NULL || hist_sparse_sound(h));
}

static void check_second(const struct second *s)
{
    for (uint32_t i = 0; i < s->n_endpoints; i++) {
        const struct latencies_packed *l = second_latency(&s->endpoints[i]);
        must(s->endpoints[i].endpoint < SECOND_ENDPOINTS);
        must(l->ok.count + (l->failed != NULL ? l->failed->count : 0) == s->endpoints[i].requests);
        check_hist(&l->ok);
        check_hist(l->failed);
        for (unsigned k = 0; k < SECOND_PHASES; k++)
            check_hist(&s->endpoints[i].phases[k]);
    }
    for (uint32_t i = 0; i < s->n_fails; i++) {
        must(s->fails[i].fail > FAIL_NONE && s->fails[i].fail < FAIL_KINDS);
        must(s->fails[i].text == NULL || fuzz_is_clean(s->fails[i].text));
    }
    for (uint32_t i = 0; i < s->n_marks; i++)
        must(fuzz_is_clean(s->marks[i].text));
    check_hist(&s->health.lag);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct second s, again, sum;
    struct err e;
    struct buf bytes = {0};
    size_t length = second_length(data, size);
    must(length == 0 ? size < SECOND_HEAD : length >= SECOND_HEAD);
    if (!second_read(data, size, &s, &e))
        return 0;
    check_second(&s);
    second_write(&s, &bytes);
    must(second_read(bytes.data, bytes.len, &again, &e));
    must(second_difference(&s, &again) == NULL);
    second_copy(&sum, &s);
    must(second_difference(&s, &sum) == NULL);
    second_merge(&sum, &again);
    check_second(&sum);
    second_finish(&sum);
    second_finish(&again);
    second_finish(&s);
    buf_finish(&bytes);
    return 0;
}
