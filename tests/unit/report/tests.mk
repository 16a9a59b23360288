if HAVE_CHECK
REPORT_TESTS = tests/unit/report/test_bench tests/unit/report/test_limits \
	tests/unit/report/test_probes \
	tests/unit/report/test_quota tests/unit/report/test_report
check_PROGRAMS += $(REPORT_TESTS)
TESTS += $(REPORT_TESTS)
tests_unit_report_test_report_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) $(JANSSON_CFLAGS)
tests_unit_report_test_report_LDADD = libreport.a libprobe.a libstats.a libbase.a $(JANSSON_LIBS) $(CHECK_LIBS)
tests_unit_report_test_probes_SOURCES = tests/unit/report/test_probes.c \
	tests/unit/probe/probe_snapshot_fixture.c tests/unit/probe/probe_snapshot_fixture.h
tests_unit_report_test_probes_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) $(JANSSON_CFLAGS)
tests_unit_report_test_probes_LDADD = libreport.a libprobe.a libstats.a libbase.a $(JANSSON_LIBS) \
	$(CHECK_LIBS) -lm
tests_unit_report_test_bench_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) $(JANSSON_CFLAGS)
tests_unit_report_test_bench_LDADD = libreport.a libprofile.a libscript.a libsettings.a libstats.a libbase.a \
	$(JANSSON_LIBS) $(LIBCONFIG_LIBS) $(PCRE2_LIBS) -lm $(CHECK_LIBS)
tests_unit_report_test_limits_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) $(JANSSON_CFLAGS)
tests_unit_report_test_limits_LDADD = libreport.a libscript.a libstats.a libbase.a $(JANSSON_LIBS) \
	$(CHECK_LIBS)
tests_unit_report_test_quota_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_report_test_quota_LDADD = libreport.a libscript.a libbase.a $(CHECK_LIBS)
endif
