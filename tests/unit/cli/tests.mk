if HAVE_CHECK
CLI_TESTS = tests/unit/cli/test_cli
check_PROGRAMS += $(CLI_TESTS)
TESTS += $(CLI_TESTS)
tests_unit_cli_test_cli_SOURCES = tests/unit/cli/test_cli.c src/cli.c
tests_unit_cli_test_cli_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_cli_test_cli_LDADD = libbase.a $(CHECK_LIBS)
endif
