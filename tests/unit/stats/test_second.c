/* SPDX-License-Identifier: MIT */
/* A finished second: bytes and back, bytes that lie, merged with others. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/wire.h"
#include "src/stats/second.h"
#include "tests/unit/stats/hist_record.h"
#include "tests/unit/stats/second_fixture.h"
#include "tests/unit/unit.h"

enum { ROUNDS = UNIT_TSAN ? 30 : 300 };

static struct second read_back(const struct buf *bytes)
{
    struct second s;
    struct err e;
    ck_assert_uint_eq(second_length(bytes->data, bytes->len), bytes->len);
    ck_assert_msg(second_read(bytes->data, bytes->len, &s, &e), "%s", e.text);
    return s;
}

START_TEST(what_is_written_is_read)
{
    struct rng g;
    rng_seed(&g, 31);
    for (unsigned i = 0; i < ROUNDS; i++) {
        struct buf bytes = {0};
        struct second s;
        second_random(&s, &g);
        second_write(&s, &bytes);
        struct second back = read_back(&bytes);
        const char *differs = second_difference(&s, &back);
        ck_assert_msg(differs == NULL, "round %u: %s", i, differs);
        second_finish(&s);
        second_finish(&back);
        buf_finish(&bytes);
    }
}
END_TEST

START_TEST(a_copy_is_the_same_and_its_own)
{
    struct rng g;
    rng_seed(&g, 32);
    for (unsigned i = 0; i < ROUNDS; i++) {
        struct second s, copy, again;
        second_random(&s, &g);
        second_copy(&copy, &s);
        second_copy(&again, &s);
        second_finish(&s);
        const char *differs = second_difference(&copy, &again);
        ck_assert_msg(differs == NULL, "round %u: %s", i, differs);
        second_finish(&copy);
        second_finish(&again);
    }
}
END_TEST

START_TEST(an_empty_second_is_few_bytes)
{
    const struct second s = {.number = 3, .length_ns = 1000000000};
    struct buf bytes = {0};
    second_write(&s, &bytes);
    ck_assert_uint_lt(bytes.len, 64);
    struct second back = read_back(&bytes);
    ck_assert_ptr_null(second_difference(&s, &back));
    second_finish(&back);
    buf_finish(&bytes);
}
END_TEST

/* Takes the bytes apart and puts them together again with what only a newer version knows. */
static void make_newer(const struct buf *bytes, struct buf *out)
{
    struct wire w = wire_of(bytes->data + SECOND_HEAD, bytes->len - SECOND_HEAD);
    buf_add(out, bytes->data, SECOND_HEAD);
    out->data[4] = SECOND_MINOR + 1;
    while (wire_more(&w)) {
        uint64_t kind = wire_take(&w);
        struct wire part = wire_take_part(&w);
        size_t len = (size_t)(part.end - part.at);
        wire_put(out, 900);
        wire_put_part(out, "new", 3);
        wire_put(out, kind);
        wire_put(out, len + 2);
        buf_add(out, part.at, len);
        buf_add(out, "\1\2", 2);
    }
    size_t length = out->len - SECOND_HEAD;
    for (unsigned i = 0; i < 4; i++)
        out->data[5 + i] = (char)(length >> 8 * i);
}

START_TEST(what_a_newer_version_adds_is_stepped_over)
{
    struct rng g;
    rng_seed(&g, 33);
    for (unsigned i = 0; i < ROUNDS; i++) {
        struct buf bytes = {0}, newer = {0};
        struct second s;
        second_random(&s, &g);
        second_write(&s, &bytes);
        make_newer(&bytes, &newer);
        struct second back = read_back(&newer);
        const char *differs = second_difference(&s, &back);
        ck_assert_msg(differs == NULL, "round %u: %s", i, differs);
        second_finish(&s);
        second_finish(&back);
        buf_finish(&bytes);
        buf_finish(&newer);
    }
}
END_TEST

START_TEST(another_major_version_is_refused)
{
    const struct second s = {.length_ns = 1};
    struct second back;
    struct err e;
    struct buf bytes = {0};
    second_write(&s, &bytes);
    bytes.data[3] = SECOND_MAJOR + 1;
    ck_assert(!second_read(bytes.data, bytes.len, &back, &e));
    ck_assert_msg(strstr(e.text, "version 2") != NULL, "%s", e.text);
    ck_assert_uint_eq(back.length_ns, 0);
    buf_finish(&bytes);
}
END_TEST

static void try_to_read(const struct buf *bytes, size_t len)
{
    struct second s, copy;
    struct err e;
    char *own = malloc(len + 1); /* so that a sanitizer sees a step too far */
    ck_assert_ptr_nonnull(own);
    memcpy(own, bytes->data, len);
    if (second_read(own, len, &s, &e)) {
        second_copy(&copy, &s);
        second_merge(&copy, &s);
        second_finish(&copy);
        second_finish(&s);
    } else {
        ck_assert_uint_eq(s.n_endpoints, 0);
        ck_assert_uint_gt(strlen(e.text), 0);
    }
    free(own);
}

START_TEST(damaged_bytes_are_an_error_and_no_crash)
{
    struct rng g;
    struct buf bytes = {0};
    struct second s;
    rng_seed(&g, 34 + (uint64_t)_i);
    second_random(&s, &g);
    second_write(&s, &bytes);
    for (size_t len = 0; len < bytes.len; len += 1 + len / 50) {
        ck_assert(second_length(bytes.data, len) == (len < SECOND_HEAD ? 0 : bytes.len));
        try_to_read(&bytes, len); /* cut */
    }
    for (unsigned i = 0; i < 10 * ROUNDS; i++) {
        size_t at = SECOND_HEAD + (size_t)rng_below(&g, bytes.len - SECOND_HEAD);
        char before = bytes.data[at];
        bytes.data[at] = (char)rng_next(&g);
        try_to_read(&bytes, bytes.len);
        if (rng_below(&g, 4) > 0) /* else damage piles up */
            bytes.data[at] = before;
    }
    second_finish(&s);
    buf_finish(&bytes);
}
END_TEST

START_TEST(what_claims_to_be_huge_is_refused_unread)
{
    static const char head[SECOND_HEAD] = {'R', 'T', 'S', 1, 0, '\xff', '\xff', '\xff', '\xff'};
    ck_assert(second_length(head, sizeof head) == SIZE_MAX);
    ck_assert(second_length("RTX\1\0\0\0\0\0", SECOND_HEAD) == SIZE_MAX);
    ck_assert(second_length("RTS\1\0\1\1\0\0", SECOND_HEAD) == SECOND_HEAD + 257);
}
END_TEST

/* Two histograms, merged packed and merged dense. */
START_TEST(packed_histograms_merge_like_dense_ones)
{
    struct rng g;
    rng_seed(&g, 35);
    for (unsigned i = 0; i < ROUNDS; i++) {
        struct second a, b;
        struct hist dense;
        struct hist_sparse expected;
        second_random(&a, &g);
        second_random(&b, &g);
        hist_init(&dense);
        hist_merge_sparse(&dense, &a.health.lag);
        hist_merge_sparse(&dense, &b.health.lag);
        hist_to_sparse(&dense, &expected);
        hist_sparse_merge(&a.health.lag, &b.health.lag);
        ck_assert(hist_sparse_sound(&a.health.lag));
        ck_assert_uint_eq(a.health.lag.count, expected.count);
        ck_assert_uint_eq(a.health.lag.sum_us, expected.sum_us);
        ck_assert_uint_eq(a.health.lag.min_us, expected.min_us);
        ck_assert_uint_eq(a.health.lag.max_us, expected.max_us);
        ck_assert_uint_eq(a.health.lag.bytes, expected.bytes);
        if (expected.bytes > 0)
            ck_assert_mem_eq(a.health.lag.packed, expected.packed, expected.bytes);
        hist_sparse_finish(&expected);
        hist_finish(&dense);
        second_finish(&a);
        second_finish(&b);
    }
}
END_TEST

START_TEST(what_is_merged_adds_up_and_can_be_written)
{
    struct rng g;
    rng_seed(&g, 36);
    for (unsigned i = 0; i < ROUNDS; i++) {
        struct second s, sum;
        struct buf bytes = {0};
        uint64_t requests = 0, got = 0, connections = 0;
        memset(&sum, 0, sizeof sum);
        for (unsigned k = 0; k < 3; k++) {
            second_random(&s, &g);
            for (uint32_t n = 0; n < s.n_endpoints; n++) {
                s.endpoints[n].bytes_in = s.endpoints[n].bytes_out = 1;
                requests += s.endpoints[n].requests;
                connections += s.endpoints[n].connections;
            }
            memset(&s.now, 0, sizeof s.now);
            s.health.span_ns = s.health.cpu_ns = s.health.ring_lost = s.health.rss_bytes = 0;
            if (k == 0)
                second_copy(&sum, &s);
            else
                second_merge(&sum, &s);
            second_finish(&s);
        }
        for (uint32_t n = 0; n < sum.n_endpoints; n++)
            got += sum.endpoints[n].requests;
        ck_assert_uint_eq(got, requests);
        for (uint32_t n = 0; n < sum.n_endpoints; n++)
            connections -= sum.endpoints[n].connections;
        ck_assert_uint_eq(connections, 0);
        second_write(&sum, &bytes);
        struct second back = read_back(&bytes);
        const char *differs = second_difference(&sum, &back);
        ck_assert_msg(differs == NULL, "round %u: %s", i, differs);
        second_finish(&back);
        second_finish(&sum);
        buf_finish(&bytes);
    }
}
END_TEST

/* A generator that has intended starts beside one that has none. */
START_TEST(response_times_of_one_side_are_the_others_service_times)
{
    struct hist h;
    struct second_endpoint own[2] = {{.endpoint = 4, .requests = 1},
                                     {.endpoint = 4, .requests = 1}};
    struct second a, b = {.n_endpoints = 1, .endpoints = &own[1]};
    const struct second first = {.n_endpoints = 1, .endpoints = &own[0]};
    hist_init(&h);
    hist_record(&h, 10);
    hist_to_sparse(&h, &own[0].service.ok);
    hist_to_sparse(&h, &own[1].service.ok);
    hist_clear(&h);
    hist_record(&h, 900);
    hist_to_sparse(&h, &own[_i].response.ok);
    second_copy(&a, &first);
    second_merge(&a, &b);
    ck_assert_uint_eq(a.n_endpoints, 1);
    ck_assert_uint_eq(a.endpoints[0].service.ok.count, 2);
    ck_assert_uint_eq(a.endpoints[0].service.ok.max_us, 10);
    ck_assert_uint_eq(second_latency(&a.endpoints[0])->ok.count, 2);
    ck_assert_uint_eq(second_latency(&a.endpoints[0])->ok.min_us, 10);
    ck_assert_uint_eq(second_latency(&a.endpoints[0])->ok.max_us, 900);
    second_finish(&a);
    for (unsigned i = 0; i < 2; i++) {
        latencies_packed_finish(&own[i].service);
        latencies_packed_finish(&own[i].response);
    }
    hist_finish(&h);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("second");
    TCase *tc = tcase_create("second");
    tcase_set_timeout(tc, 120);
    tcase_add_test(tc, what_is_written_is_read);
    tcase_add_test(tc, a_copy_is_the_same_and_its_own);
    tcase_add_test(tc, an_empty_second_is_few_bytes);
    tcase_add_test(tc, what_a_newer_version_adds_is_stepped_over);
    tcase_add_test(tc, another_major_version_is_refused);
    tcase_add_loop_test(tc, damaged_bytes_are_an_error_and_no_crash, 0, 5);
    tcase_add_test(tc, what_claims_to_be_huge_is_refused_unread);
    tcase_add_test(tc, packed_histograms_merge_like_dense_ones);
    tcase_add_test(tc, what_is_merged_adds_up_and_can_be_written);
    tcase_add_loop_test(tc, response_times_of_one_side_are_the_others_service_times, 0, 2);
    suite_add_tcase(s, tc);
    return unit_run(s);
}
