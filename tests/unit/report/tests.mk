if HAVE_CHECK
REPORT_TESTS = tests/unit/report/test_probes tests/unit/report/test_report
check_PROGRAMS += $(REPORT_TESTS)
TESTS += $(REPORT_TESTS)
tests_unit_report_test_report_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) $(JANSSON_CFLAGS)
tests_unit_report_test_report_LDADD = libreport.a libstats.a libbase.a $(JANSSON_LIBS) $(CHECK_LIBS)
tests_unit_report_test_probes_SOURCES = tests/unit/report/test_probes.c \
	tests/unit/stats/probe_snapshot_fixture.c tests/unit/stats/probe_snapshot_fixture.h
tests_unit_report_test_probes_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) $(JANSSON_CFLAGS)
tests_unit_report_test_probes_LDADD = libreport.a libstats.a libbase.a $(JANSSON_LIBS) \
	$(CHECK_LIBS) -lm
endif
