if HAVE_CHECK
RUN_TESTS = tests/unit/run/test_driver tests/unit/run/test_run_source tests/unit/run/test_signals \
	tests/unit/run/test_steering
if HAVE_DEMO
RUN_TESTS += tests/unit/run/test_session
tests_unit_run_test_session_SOURCES = tests/unit/run/test_session.c tests/unit/run/fakes.c \
	tests/unit/run/fakes.h
tests_unit_run_test_session_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_run_test_session_LDADD = $(ENGINE_LIBS) libdemo.a libbase.a $(MICROHTTPD_LIBS) $(ZLIB_LIBS) $(LIBPQ_LIBS) $(CHECK_LIBS)
endif
check_PROGRAMS += $(RUN_TESTS)
TESTS += $(RUN_TESTS)
tests_unit_run_test_signals_SOURCES = tests/unit/run/test_signals.c src/run/signals.c
tests_unit_run_test_signals_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_run_test_signals_LDADD = libbase.a $(CHECK_LIBS)
tests_unit_run_test_run_source_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_run_test_run_source_LDADD = librun.a libbase.a $(CHECK_LIBS)
tests_unit_run_test_driver_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_run_test_driver_LDADD = librun.a libload.a libprofile.a libstats.a libbase.a -lm $(CHECK_LIBS)
tests_unit_run_test_steering_SOURCES = tests/unit/run/test_steering.c tests/unit/run/fakes.c \
	tests/unit/run/fakes.h tests/unit/stats/books.h
tests_unit_run_test_steering_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_run_test_steering_LDADD = $(ENGINE_LIBS) $(CHECK_LIBS)
endif
