libprobe_a_CFLAGS = $(AM_CFLAGS) $(CURL_CFLAGS) $(JANSSON_CFLAGS) $(LIBPQ_CFLAGS)
libprobe_a_SOURCES = \
	src/probe/board.c src/probe/board.h \
	src/probe/http.h \
	src/probe/kinds.c \
	src/probe/probe.h \
	src/probe/watch.h
