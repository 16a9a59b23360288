if HAVE_CHECK
RATELIMIT_TESTS = tests/unit/ratelimit/test_quota tests/unit/ratelimit/test_ratelimit
check_PROGRAMS += $(RATELIMIT_TESTS)
TESTS += $(RATELIMIT_TESTS)
tests_unit_ratelimit_test_quota_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_ratelimit_test_quota_LDADD = libratelimit.a libscript.a libbase.a $(CHECK_LIBS)
tests_unit_ratelimit_test_ratelimit_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) $(JANSSON_CFLAGS)
tests_unit_ratelimit_test_ratelimit_LDADD = libratelimit.a libreport.a libscript.a libstats.a libbase.a \
	$(JANSSON_LIBS) $(CHECK_LIBS)
endif
