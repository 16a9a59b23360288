libprobe_a_CFLAGS = $(AM_CFLAGS) $(CURL_CFLAGS) $(JANSSON_CFLAGS) $(LIBPQ_CFLAGS)
libprobe_a_SOURCES = \
	src/probe/board.c src/probe/board.h \
	src/probe/child.c src/probe/child.h \
	src/probe/cause.c src/probe/cause.h \
	src/probe/growth.c src/probe/growth.h \
	src/probe/http.h \
	src/probe/kinds.c \
	src/probe/probe.c src/probe/probe.h \
	src/probe/track.c src/probe/track.h \
	src/probe/watch.c src/probe/watch.h src/probe/watch_inner.h
