# Speed, apart from correctness: `make tests/bench/bench_ring && tests/bench/bench_ring`.
# Not part of make check: what they measure depends on the machine.
EXTRA_PROGRAMS += tests/bench/bench_record tests/bench/bench_ring
CLEANFILES += tests/bench/bench_record tests/bench/bench_ring
tests_bench_bench_record_LDADD = libstats.a libbase.a
tests_bench_bench_ring_LDADD = libstats.a libbase.a
