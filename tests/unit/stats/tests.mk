if HAVE_CHECK
STATS_TESTS = tests/unit/stats/test_aggregate \
	tests/unit/stats/test_breach \
	tests/unit/stats/test_bursts \
	tests/unit/stats/test_cause \
	tests/unit/stats/test_collect \
	tests/unit/stats/test_gather \
	tests/unit/stats/test_hist \
	tests/unit/stats/test_loadtime \
	tests/unit/stats/test_probe_snapshot \
	tests/unit/stats/test_ring \
	tests/unit/stats/test_second \
	tests/unit/stats/test_snapshot_words \
	tests/unit/stats/test_timeline
check_PROGRAMS += $(STATS_TESTS)
TESTS += $(STATS_TESTS)
STATS_TEST_LIBS = libstats.a libbase.a $(CHECK_LIBS)
tests_unit_stats_test_breach_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_stats_test_breach_LDADD = $(STATS_TEST_LIBS) -lm
tests_unit_stats_test_bursts_SOURCES = tests/unit/stats/test_bursts.c tests/unit/stats/books.h
tests_unit_stats_test_bursts_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_stats_test_bursts_LDADD = $(STATS_TEST_LIBS) -lm
tests_unit_stats_test_cause_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_stats_test_cause_LDADD = $(STATS_TEST_LIBS) -lm
tests_unit_stats_test_collect_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_stats_test_collect_LDADD = $(STATS_TEST_LIBS)
tests_unit_stats_test_gather_SOURCES = tests/unit/stats/test_gather.c tests/unit/stats/books.h \
	tests/unit/stats/snap_same.h tests/unit/stats/second_fixture.c tests/unit/stats/second_fixture.h
tests_unit_stats_test_gather_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_stats_test_gather_LDADD = $(STATS_TEST_LIBS)
tests_unit_stats_test_hist_SOURCES = tests/unit/stats/test_hist.c tests/unit/stats/hist_record.h
tests_unit_stats_test_hist_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_stats_test_hist_LDADD = $(STATS_TEST_LIBS)
tests_unit_stats_test_aggregate_SOURCES = tests/unit/stats/test_aggregate.c tests/unit/stats/books.h
tests_unit_stats_test_aggregate_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_stats_test_aggregate_LDADD = $(STATS_TEST_LIBS)
tests_unit_stats_test_loadtime_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_stats_test_loadtime_LDADD = $(STATS_TEST_LIBS)
tests_unit_stats_test_probe_snapshot_SOURCES = tests/unit/stats/test_probe_snapshot.c \
	tests/unit/stats/probe_snapshot_fixture.c tests/unit/stats/probe_snapshot_fixture.h
tests_unit_stats_test_probe_snapshot_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_stats_test_probe_snapshot_LDADD = $(STATS_TEST_LIBS) -lm
tests_unit_stats_test_ring_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_stats_test_ring_LDADD = $(STATS_TEST_LIBS)
tests_unit_stats_test_second_SOURCES = tests/unit/stats/test_second.c \
	tests/unit/stats/second_fixture.c tests/unit/stats/second_fixture.h
tests_unit_stats_test_second_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_stats_test_second_LDADD = $(STATS_TEST_LIBS)
tests_unit_stats_test_snapshot_words_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_stats_test_snapshot_words_LDADD = $(STATS_TEST_LIBS)
tests_unit_stats_test_timeline_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_stats_test_timeline_LDADD = $(STATS_TEST_LIBS)
endif
