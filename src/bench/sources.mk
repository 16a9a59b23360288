# ramptop bench: each endpoint alone.
libbench_a_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
libbench_a_SOURCES = \
	src/bench/bench.c src/bench/bench.h \
	src/bench/bench_json.c \
	src/bench/bench_run.c src/bench/bench_run.h
