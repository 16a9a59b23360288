# libuikit.a: cells, charts, keys, prompt and the terminal; knows nothing of load testing
# and needs only libbase.a.  libui.a: the console drawn with it, and the frontend without a terminal.
noinst_LIBRARIES += libuikit.a
libuikit_a_CFLAGS = $(AM_CFLAGS) $(NCURSES_CFLAGS)
libuikit_a_SOURCES = \
	ui/chart.c ui/chart.h \
	ui/frame.c ui/frame.h \
	ui/keys.c ui/keys.h \
	ui/prompt.c ui/prompt.h \
	ui/tty.c ui/tty.h

libui_a_SOURCES = \
	ui/actions.c ui/actions.h \
	ui/dash.c ui/dash.h \
	ui/headless.c ui/headless.h \
	$(VIEW_SOURCES)

# Everything that draws; the tests of the screens need these and libuikit.a alone.
VIEW_SOURCES = \
	ui/action.c ui/action.h \
	ui/axis.c ui/axis.h \
	ui/faillist.c ui/faillist.h \
	ui/foot.c ui/foot.h \
	ui/header.c ui/header.h \
	ui/line.c ui/line.h \
	ui/outcome.c ui/outcome.h \
	ui/proberows.c ui/proberows.h \
	ui/screen.c ui/screen.h \
	ui/sentence.c ui/sentence.h \
	ui/series.c ui/series.h \
	ui/seriespanel.c ui/seriespanel.h \
	ui/endpoint_table.c ui/endpoint_table.h \
	ui/target.c ui/target.h \
	ui/target_key.c ui/target_key.h \
	ui/view.c ui/view.h \
	ui/views.c \
	ui/view_endpoints.c \
	ui/view_failures.c \
	ui/view_help.c \
	ui/view_latency.c \
	ui/view_log.c \
	ui/view_overview.c \
	ui/view_target.c
