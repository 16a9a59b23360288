if HAVE_CHECK
BASE_TESTS = tests/unit/base/test_base
check_PROGRAMS += $(BASE_TESTS)
TESTS += $(BASE_TESTS)
tests_unit_base_test_base_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_base_test_base_LDADD = libbase.a $(CHECK_LIBS)
endif
