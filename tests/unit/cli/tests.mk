if HAVE_CHECK
CLI_TESTS = tests/unit/cli/test_cli tests/unit/cli/test_conf \
	tests/unit/cli/test_conf_locust tests/unit/cli/test_start \
	tests/unit/cli/test_trust
check_PROGRAMS += $(CLI_TESTS)
TESTS += $(CLI_TESTS)
tests_unit_cli_test_cli_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_cli_test_cli_LDADD = $(PROGRAM_LIBS) $(CHECK_LIBS)
tests_unit_cli_test_conf_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_cli_test_conf_LDADD = $(PROGRAM_LIBS) $(CHECK_LIBS)
tests_unit_cli_test_conf_locust_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_cli_test_conf_locust_LDADD = $(PROGRAM_LIBS) $(CHECK_LIBS)
tests_unit_cli_test_start_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_cli_test_start_LDADD = $(PROGRAM_LIBS) $(CHECK_LIBS)
tests_unit_cli_test_trust_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_cli_test_trust_LDADD = libcli.a libprofile.a libscript.a libsettings.a libstats.a libbase.a $(LIBCONFIG_LIBS) $(PCRE2_LIBS) $(CHECK_LIBS)
endif
