# ramptop list: what is in a profile.
liblist_a_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
liblist_a_SOURCES = \
	src/list/grid.c src/list/grid.h \
	src/list/list.c src/list/list.h \
	src/list/list_json.c
