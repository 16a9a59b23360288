# ramptop limits: what a profile promises of rate limits, tried on the target.
libratelimit_a_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
libratelimit_a_SOURCES = \
	src/ratelimit/quota.c src/ratelimit/quota.h \
	src/ratelimit/ratelimit.c src/ratelimit/ratelimit.h \
	src/ratelimit/ratelimit_json.c \
	src/ratelimit/ratelimit_run.c src/ratelimit/ratelimit_run.h \
	src/ratelimit/ratelimit_text.c
