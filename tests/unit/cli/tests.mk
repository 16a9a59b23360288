if HAVE_CHECK
CLI_TESTS = tests/unit/cli/test_cli tests/unit/cli/test_conf \
	tests/unit/cli/test_conf_locust tests/unit/cli/test_start \
	tests/unit/cli/test_trust
check_PROGRAMS += $(CLI_TESTS)
TESTS += $(CLI_TESTS)
tests_unit_cli_test_cli_SOURCES = tests/unit/cli/test_cli.c $(CLI_SOURCES)
tests_unit_cli_test_cli_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_cli_test_cli_LDADD = libbase.a $(CHECK_LIBS)
tests_unit_cli_test_conf_SOURCES = tests/unit/cli/test_conf.c src/conf.c src/start.c $(CLI_SOURCES)
tests_unit_cli_test_conf_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_cli_test_conf_LDADD = libprofile.a libscript.a libsettings.a libstats.a libbase.a $(LIBCONFIG_LIBS) $(PCRE2_LIBS) $(CHECK_LIBS)
tests_unit_cli_test_conf_locust_SOURCES = tests/unit/cli/test_conf_locust.c src/conf.c src/conf_locust.c $(CLI_SOURCES)
tests_unit_cli_test_conf_locust_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_cli_test_conf_locust_LDADD = libprofile.a libscript.a libsettings.a libstats.a libbase.a $(LIBCONFIG_LIBS) $(PCRE2_LIBS) $(CHECK_LIBS)
tests_unit_cli_test_start_SOURCES = tests/unit/cli/test_start.c src/start.c $(CLI_SOURCES)
tests_unit_cli_test_start_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_cli_test_start_LDADD = libprofile.a libscript.a libsettings.a libstats.a libbase.a $(LIBCONFIG_LIBS) $(PCRE2_LIBS) $(CHECK_LIBS)
tests_unit_cli_test_trust_SOURCES = tests/unit/cli/test_trust.c src/trust.c
tests_unit_cli_test_trust_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_cli_test_trust_LDADD = libprofile.a libscript.a libsettings.a libstats.a libbase.a $(LIBCONFIG_LIBS) $(PCRE2_LIBS) $(CHECK_LIBS)
endif
