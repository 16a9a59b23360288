/* SPDX-License-Identifier: MIT */
/* What every frontend does for a run: it tells that the program was stopped. */
#include "src/run/run_source.h"

#include <check.h>
#include <signal.h>

#include "src/base/now.h"
#include "src/run/signals.h"
#include "tests/unit/unit.h"

static void add_gap(void *run, uint64_t gap_ns)
{
    *(uint64_t *)run += gap_ns;
}

START_TEST(a_stop_from_elsewhere_is_told)
{
    uint64_t told_ns = 0;
    const struct run_source source = {.run = &told_ns, .gap = add_gap};
    signals_install();
    raise(SIGCONT);
    signals_drain();
    uint64_t gap_ns = run_source_mind_stops(&source, now_ns() - 5 * NS_PER_S);
    ck_assert_uint_ge(gap_ns, 5 * NS_PER_S);
    ck_assert_uint_eq(told_ns, gap_ns);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("run_source");
    TCase *tc = tcase_create("run_source");
    tcase_add_test(tc, a_stop_from_elsewhere_is_told);
    suite_add_tcase(s, tc);
    return unit_run(s);
}
