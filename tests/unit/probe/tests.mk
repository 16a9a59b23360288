# One block per test program; each links what it needs.
PROBE_TESTS =
if HAVE_CHECK
PROBE_TEST_LIBS = libprobe.a libprofile.a libscript.a libstats.a libbase.a $(CHECK_LIBS) $(CURL_LIBS) \
	$(JANSSON_LIBS) $(PCRE2_LIBS) $(LIBPQ_LIBS) -lm

PROBE_TESTS += tests/unit/probe/test_growth
tests_unit_probe_test_growth_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_probe_test_growth_LDADD = $(PROBE_TEST_LIBS)

PROBE_TESTS += tests/unit/probe/test_track
tests_unit_probe_test_track_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_probe_test_track_LDADD = $(PROBE_TEST_LIBS)

PROBE_TESTS += tests/unit/probe/test_watch
tests_unit_probe_test_watch_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_probe_test_watch_LDADD = $(PROBE_TEST_LIBS)

if HAVE_LIBPQ
PROBE_TESTS += tests/unit/probe/test_pg_figures
tests_unit_probe_test_pg_figures_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_probe_test_pg_figures_LDADD = $(PROBE_TEST_LIBS)
PROBE_TESTS += tests/unit/probe/test_pg_locks
tests_unit_probe_test_pg_locks_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_probe_test_pg_locks_LDADD = $(PROBE_TEST_LIBS)
PROBE_TESTS += tests/unit/probe/test_pg_statements
tests_unit_probe_test_pg_statements_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_probe_test_pg_statements_LDADD = $(PROBE_TEST_LIBS)
PROBE_TESTS += tests/unit/probe/test_pg_words
tests_unit_probe_test_pg_words_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_probe_test_pg_words_LDADD = $(PROBE_TEST_LIBS)
PROBE_TESTS += tests/unit/probe/test_pq
tests_unit_probe_test_pq_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_probe_test_pq_LDADD = $(PROBE_TEST_LIBS)
endif
PROBE_TESTS += tests/unit/probe/test_docker
tests_unit_probe_test_docker_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_probe_test_docker_LDADD = $(PROBE_TEST_LIBS)

PROBE_TESTS += tests/unit/probe/test_engine
tests_unit_probe_test_engine_SOURCES = tests/unit/probe/test_engine.c \
	tests/unit/probe/http_fixture.c tests/unit/probe/http_fixture.h
tests_unit_probe_test_engine_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_probe_test_engine_LDADD = $(PROBE_TEST_LIBS)

PROBE_TESTS += tests/unit/probe/test_exposed
tests_unit_probe_test_exposed_SOURCES = tests/unit/probe/test_exposed.c \
	tests/unit/probe/http_fixture.c tests/unit/probe/http_fixture.h
tests_unit_probe_test_exposed_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_probe_test_exposed_LDADD = $(PROBE_TEST_LIBS)

PROBE_TESTS += tests/unit/probe/test_discover
tests_unit_probe_test_discover_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_probe_test_discover_LDADD = $(PROBE_TEST_LIBS)

PROBE_TESTS += tests/unit/probe/test_docker_refused
tests_unit_probe_test_docker_refused_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_probe_test_docker_refused_LDADD = $(PROBE_TEST_LIBS)

PROBE_TESTS += tests/unit/probe/test_docker_where
tests_unit_probe_test_docker_where_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_probe_test_docker_where_LDADD = $(PROBE_TEST_LIBS)
PROBE_TESTS += tests/unit/probe/test_subprocess
tests_unit_probe_test_subprocess_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_probe_test_subprocess_LDADD = $(PROBE_TEST_LIBS)

PROBE_TESTS += tests/unit/probe/test_procfs
tests_unit_probe_test_procfs_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_probe_test_procfs_LDADD = $(PROBE_TEST_LIBS)

PROBE_TESTS += tests/unit/probe/test_process
tests_unit_probe_test_process_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_probe_test_process_LDADD = $(PROBE_TEST_LIBS)

PROBE_TESTS += tests/unit/probe/test_host
tests_unit_probe_test_host_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_probe_test_host_LDADD = $(PROBE_TEST_LIBS)

PROBE_TESTS += tests/unit/probe/test_http
tests_unit_probe_test_http_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_probe_test_http_LDADD = $(PROBE_TEST_LIBS) $(CURL_LIBS)

PROBE_TESTS += tests/unit/probe/test_promtext
tests_unit_probe_test_promtext_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_probe_test_promtext_LDADD = $(PROBE_TEST_LIBS)

PROBE_TESTS += tests/unit/probe/test_resp
tests_unit_probe_test_resp_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_probe_test_resp_LDADD = $(PROBE_TEST_LIBS)

PROBE_TESTS += tests/unit/probe/test_redis
tests_unit_probe_test_redis_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_probe_test_redis_LDADD = $(PROBE_TEST_LIBS)

PROBE_TESTS += tests/unit/probe/test_web
tests_unit_probe_test_web_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_probe_test_web_LDADD = $(PROBE_TEST_LIBS) $(JANSSON_LIBS)

PROBE_TESTS += tests/unit/probe/test_command
tests_unit_probe_test_command_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_probe_test_command_LDADD = $(PROBE_TEST_LIBS) $(CURL_LIBS) $(JANSSON_LIBS) $(LIBPQ_LIBS)

check_PROGRAMS += $(PROBE_TESTS)
TESTS += $(PROBE_TESTS)
endif
EXTRA_DIST += tests/probes/docker tests/probes/web
