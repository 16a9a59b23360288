# The real program from outside: headless and in tmux, against real servers on loopback.
TEST_EXTENSIONS = .sh
SH_LOG_COMPILER = bash

# Breaks the protocol on request, one way per path.
check_PROGRAMS += tests/tools/fault_server
tests_tools_fault_server_SOURCES = tests/tools/fault_server.c
