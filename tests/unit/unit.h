/* SPDX-License-Identifier: MIT */
/* unit.h - what every unit test program shares: how it ends. */
#ifndef RAMPTOP_TESTS_UNIT_H
#define RAMPTOP_TESTS_UNIT_H

#include <check.h>
#include <stdlib.h>

/* Built with the thread sanitizer, where each step costs many times its time: tests of one
 * thread that take very many steps make do with fewer. */
#if defined(__SANITIZE_THREAD__)
#define UNIT_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define UNIT_TSAN 1
#endif
#endif
#ifndef UNIT_TSAN
#define UNIT_TSAN 0
#endif

/* Runs the suite and frees it (CK_VERBOSITY=verbose: each test by name); what main returns. */
static inline int unit_run(Suite *s)
{
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif
