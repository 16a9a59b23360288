libui_a_SOURCES = \
	ui/chart.c ui/chart.h \
	ui/dash.c ui/dash.h \
	ui/frame.c ui/frame.h \
	ui/keys.c ui/keys.h \
	ui/prompt.c ui/prompt.h \
	ui/screen.c ui/screen.h \
	ui/tty.c ui/tty.h \
	ui/view.h \
	ui/view_endpoints.c \
	ui/view_failures.c \
	ui/view_help.c \
	ui/view_latency.c \
	ui/view_log.c \
	ui/view_overview.c
