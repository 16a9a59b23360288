# One line per test program; each links what it needs.
PROBE_TESTS =
if HAVE_CHECK
PROBE_TESTS += tests/unit/probe/test_board
tests_unit_probe_test_board_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_probe_test_board_LDADD = libprobe.a libbase.a $(CHECK_LIBS) -lm
check_PROGRAMS += $(PROBE_TESTS)
TESTS += $(PROBE_TESTS)
endif
