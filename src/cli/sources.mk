# The command line: what was asked for, and the commands that do it.
libcli_a_CFLAGS = $(AM_CFLAGS) $(CURL_CFLAGS)
libcli_a_SOURCES = \
	src/cli/cli.c src/cli/cli.h \
	src/cli/cli_env.c \
	src/cli/cli_table.c src/cli/cli_table.h \
	src/cli/cli_value.c \
	src/cli/cli_words.c \
	src/cli/cmd.c src/cli/cmd.h \
	src/cli/cmd_bench.c \
	src/cli/cmd_check.c \
	src/cli/cmd_demo.c \
	src/cli/cmd_help.c \
	src/cli/cmd_import.c \
	src/cli/cmd_limits.c \
	src/cli/cmd_list.c \
	src/cli/cmd_new.c \
	src/cli/cmd_run.c \
	src/cli/cmd_trust.c \
	src/cli/conf.c src/cli/conf.h \
	src/cli/conf_locust.c src/cli/conf_locust.h \
	src/cli/consent.c src/cli/consent.h \
	src/cli/demo_run.h \
	src/cli/print.c src/cli/print.h \
	src/cli/recorded.c src/cli/recorded.h \
	src/cli/start.c src/cli/start.h \
	src/cli/state.c src/cli/state.h \
	src/cli/subcommand.c src/cli/subcommand.h \
	src/cli/trust.c src/cli/trust.h
if HAVE_DEMO
libcli_a_SOURCES += src/cli/demo_run.c
else
libcli_a_SOURCES += src/cli/demo_none.c
endif
