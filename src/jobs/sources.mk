# The commands that are no run of load.
libjobs_a_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
libjobs_a_SOURCES = \
	src/jobs/grid.c src/jobs/grid.h \
	src/jobs/list.c src/jobs/list.h \
	src/jobs/list_json.c
