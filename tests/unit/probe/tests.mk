# One block per test program; each links what it needs.
PROBE_TESTS =
if HAVE_CHECK
PROBE_TEST_LIBS = libprobe.a libprofile.a libscript.a libbase.a $(CHECK_LIBS) $(PCRE2_LIBS) -lm

PROBE_TESTS += tests/unit/probe/test_board
tests_unit_probe_test_board_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_probe_test_board_LDADD = $(PROBE_TEST_LIBS)

PROBE_TESTS += tests/unit/probe/test_cause
tests_unit_probe_test_cause_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_probe_test_cause_LDADD = libprobe.a libstats.a libbase.a $(CHECK_LIBS) -lm

PROBE_TESTS += tests/unit/probe/test_growth
tests_unit_probe_test_growth_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_probe_test_growth_LDADD = $(PROBE_TEST_LIBS)

PROBE_TESTS += tests/unit/probe/test_watch
tests_unit_probe_test_watch_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_probe_test_watch_LDADD = $(PROBE_TEST_LIBS)

check_PROGRAMS += $(PROBE_TESTS)
TESTS += $(PROBE_TESTS)
endif
