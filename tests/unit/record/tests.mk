if HAVE_CHECK
if HAVE_SQLITE
RECORD_TESTS = tests/unit/record/test_recording
check_PROGRAMS += $(RECORD_TESTS)
TESTS += $(RECORD_TESTS)
tests_unit_record_test_recording_SOURCES = tests/unit/record/test_recording.c \
	tests/unit/stats/second_fixture.c tests/unit/stats/second_fixture.h
tests_unit_record_test_recording_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) $(SQLITE_CFLAGS)
tests_unit_record_test_recording_LDADD = librecord.a libstats.a libbase.a $(SQLITE_LIBS) $(ZLIB_LIBS) -lm $(CHECK_LIBS)
endif
endif
