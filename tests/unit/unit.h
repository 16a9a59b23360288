/* SPDX-License-Identifier: MIT */
/* unit.h - what every unit test program shares: how it runs its tests and ends. */
#ifndef RAMPTOP_TESTS_UNIT_H
#define RAMPTOP_TESTS_UNIT_H

#include <check.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

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

/* A suite whose tests mostly wait.  Its cases run side by side, a process each; the tests of one
 * case one after the other. */
struct unit_waiting {
    Suite *suite;
    const char *cases[8];
    size_t n;
};

/* Adds a case with the fixture of all its tests, which have a minute each. */
static inline TCase *unit_add_case(struct unit_waiting *w, const char *name, SFun set_up,
                                   SFun tear_down)
{
    TCase *c = tcase_create(name);
    tcase_add_checked_fixture(c, set_up, tear_down);
    tcase_set_timeout(c, 60);
    suite_add_tcase(w->suite, c);
    if (w->n == sizeof w->cases / sizeof *w->cases)
        abort();
    return w->cases[w->n++] = name, c;
}

/* The same as unit_run. */
static inline int unit_run_waiting(struct unit_waiting *w)
{
    if (getenv("CK_FORK") != NULL) /* under a debugger: one process */
        return unit_run(w->suite);
    SRunner *r = srunner_create(w->suite);
    bool passed = true;
    int status;
    for (size_t i = 0; i < w->n; i++) {
        pid_t child = fork();
        if (child == 0) {
            srunner_run(r, NULL, w->cases[i], CK_ENV);
            bool good = srunner_ntests_run(r) > 0 && srunner_ntests_failed(r) == 0;
            srunner_free(r);
            exit(good ? EXIT_SUCCESS : EXIT_FAILURE);
        }
        passed = passed && child > 0;
    }
    while (wait(&status) > 0)
        passed = passed && status == 0;
    srunner_free(r);
    return passed ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif
