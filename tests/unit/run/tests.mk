if HAVE_CHECK
if HAVE_DEMO
RUN_TESTS = tests/unit/run/test_session
check_PROGRAMS += $(RUN_TESTS)
TESTS += $(RUN_TESTS)
tests_unit_run_test_session_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_run_test_session_LDADD = $(ENGINE_LIBS) libdemo.a libbase.a $(MICROHTTPD_LIBS) $(CHECK_LIBS)
endif
endif
