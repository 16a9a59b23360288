if HAVE_CHECK
BENCH_TESTS = tests/unit/bench/test_bench
check_PROGRAMS += $(BENCH_TESTS)
TESTS += $(BENCH_TESTS)
tests_unit_bench_test_bench_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) $(JANSSON_CFLAGS)
tests_unit_bench_test_bench_LDADD = libbench.a libreport.a libprofile.a libscript.a libsettings.a libstats.a \
	libbase.a $(JANSSON_LIBS) $(LIBCONFIG_LIBS) $(PCRE2_LIBS) -lm $(CHECK_LIBS)
endif
