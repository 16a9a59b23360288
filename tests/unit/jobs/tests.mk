if HAVE_CHECK
JOBS_TESTS = tests/unit/jobs/test_list
check_PROGRAMS += $(JOBS_TESTS)
TESTS += $(JOBS_TESTS)
tests_unit_jobs_test_list_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) $(JANSSON_CFLAGS)
tests_unit_jobs_test_list_LDADD = libjobs.a libprofile.a libscript.a libsettings.a libbase.a \
	$(LIBCONFIG_LIBS) $(PCRE2_LIBS) $(JANSSON_LIBS) $(CHECK_LIBS)
endif
