# The real program from outside: headless and in tmux, against real servers on loopback.
TEST_EXTENSIONS = .sh
SH_LOG_COMPILER = bash

# Breaks the protocol on request, one way per path.
check_PROGRAMS += tests/tools/fault_server
tests_tools_fault_server_SOURCES = tests/tools/fault_server.c

# Makes calls of the program fail; LD_PRELOAD, so a program only by name.
check_PROGRAMS += tests/tools/fail_calls.so
tests_tools_fail_calls_so_SOURCES = tests/tools/fail_calls.c
tests_tools_fail_calls_so_CFLAGS = $(WARN_CFLAGS) -O1 -g -fPIC
tests_tools_fail_calls_so_LDFLAGS = -shared
tests_tools_fail_calls_so_LDADD = -ldl

# Tells which descriptors the program leaves open: lib.sh has it loaded in every run.
check_PROGRAMS += tests/tools/open_at_end.so
tests_tools_open_at_end_so_SOURCES = tests/tools/open_at_end.c
tests_tools_open_at_end_so_CFLAGS = $(WARN_CFLAGS) -O1 -g -fPIC
tests_tools_open_at_end_so_LDFLAGS = -shared

# What each sees does not depend on how busy the machine is: tried beside three busy loops.
E2E_TOGETHER = \
	tests/e2e/commands.sh \
	tests/e2e/config.sh \
	tests/e2e/console.sh \
	tests/e2e/disk.sh \
	tests/e2e/dns.sh \
	tests/e2e/engines-start.sh \
	tests/e2e/fault-loop.sh \
	tests/e2e/faults.sh \
	tests/e2e/grace.sh \
	tests/e2e/guard.sh \
	tests/e2e/guides.sh \
	tests/e2e/headless.sh \
	tests/e2e/hostile-names.sh \
	tests/e2e/hosts.sh \
	tests/e2e/import-curl.sh \
	tests/e2e/killed-target.sh \
	tests/e2e/recording.sh \
	tests/e2e/http2.sh \
	tests/e2e/keepalive.sh \
	tests/e2e/limits.sh \
	tests/e2e/outcomes.sh \
	tests/e2e/no-memory.sh \
	tests/e2e/permissions.sh \
	tests/e2e/probe-postgres.sh \
	tests/e2e/probe-web.sh \
	tests/e2e/profiles.sh \
	tests/e2e/recorded.sh \
	tests/e2e/restarted-target.sh \
	tests/e2e/same-counts.sh \
	tests/e2e/secrets.sh \
	tests/e2e/sent-again.sh \
	tests/e2e/signals.sh \
	tests/e2e/starter.sh \
	tests/e2e/terminal.sh \
	tests/e2e/tls.sh \
	tests/e2e/unread.sh \
	tests/e2e/unsent.sh \
	tests/e2e/verdict.sh
# Figures are compared, or a load is held: one after the other, nothing beside them.
E2E_ALONE = \
	tests/e2e/bench.sh \
	tests/e2e/counts.sh \
	tests/e2e/demo-postgres.sh \
	tests/e2e/probe-docker.sh \
	tests/e2e/probe-first-limit.sh \
	tests/e2e/probe-local.sh \
	tests/e2e/probe-podman.sh
# Each allocation of the program's own and each system call, once and for ever: half an hour.
check-faults: ramptop tests/tools/fail_calls.so tests/tools/fault_server
	top_srcdir=$(abs_top_srcdir) top_builddir=$(abs_top_builddir) \
		python3 $(srcdir)/tests/tools/fault_loop.py $(FAULTS)

E2E_TESTS = $(E2E_TOGETHER) $(E2E_ALONE)
# `make check` leaves them out but for those named: `make check E2E=tests/e2e/tls.sh`; one alone
# is `make check TESTS=tests/e2e/tls.sh`.
E2E =
TESTS += $(E2E)

# The second part runs, too, when the first has failed.
check-e2e:
	@bad=0; \
	$(MAKE) $(AM_MAKEFLAGS) check TESTS='$(E2E_TOGETHER)' TEST_SUITE_LOG=e2e-together.log || bad=1; \
	$(MAKE) $(AM_MAKEFLAGS) -j1 check TESTS='$(E2E_ALONE)' TEST_SUITE_LOG=e2e-alone.log || bad=1; \
	exit $$bad
CLEANFILES += e2e-together.log e2e-alone.log
EXTRA_DIST += tests/e2e/lib.sh tests/e2e/engines.sh $(E2E_TESTS) tests/e2e/import-curl.txt \
	tests/tools/console.py tests/tools/closing_server.py tests/tools/echo_server.py tests/tools/fault_loop.py \
	tests/tools/h2_server.py tests/tools/hung_terminal.py tests/tools/mix.py \
	tests/tools/mixed_server.py tests/tools/moods.py tests/tools/names.py \
	tests/tools/same_as_curl.py tests/tools/signalled.py
