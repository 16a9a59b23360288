# Speed, apart from correctness: not part of make check, because what is measured depends
# on the machine.  `make bench` shows ramptop side by side with other tools and installs
# nothing; BENCH='cpu truth' picks parts of it.
EXTRA_PROGRAMS += tests/bench/bench_record tests/bench/bench_ring tests/bench/bench_script
CLEANFILES += tests/bench/bench_record tests/bench/bench_ring tests/bench/bench_script
tests_bench_bench_record_LDADD = libstats.a libbase.a
tests_bench_bench_ring_LDADD = libstats.a libbase.a
tests_bench_bench_script_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
tests_bench_bench_script_LDADD = libscript.a libbase.a $(PCRE2_LIBS) $(JANSSON_LIBS)
EXTRA_DIST += tests/bench/bench.py tests/bench/peers.py tests/tools/console.py

BENCH =
bench: ramptop$(EXEEXT) tests/bench/bench_record$(EXEEXT) tests/bench/bench_ring$(EXEEXT) \
		tests/bench/bench_script$(EXEEXT)
	PYTHONDONTWRITEBYTECODE=1 python3 $(srcdir)/tests/bench/bench.py ./ramptop$(EXEEXT) $(BENCH)
