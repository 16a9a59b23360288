#!/bin/bash
# SPDX-License-Identifier: MIT
# The target is killed during a run and comes back: failures are named, the console stays,
# the load recovers by itself.

. "${top_srcdir:-.}/tests/e2e/lib.sh"
need tmux tmux
need_demo

start_lasting_demo --servers 64 --service-ms 5
tmux_start 120 40
command_line "go $demo/ -u 20 --json report.json"
wait_for '^ users 20 . 20 '
wait_for ' rps [1-9]' 'the load is on'
text ':window 1s'
keys Enter
wait_for 'last 1 s '

end_pid "$demo_pid" KILL
wait_for 'failures [1-9][0-9.,]*[k]?/s +100 %' 'all requests fail'
wait_for '^ [0-9:]{8}  refused  ' 'refused is named'
wait_for 'refused .*onnect' 'with the reason'
wait_for '● running' 'the console stays'
keys 3
wait_for '^[ >]refused  +' 'the failures view lists it'
keys 1

start_demo --servers 64 --service-ms 5 --port "$demo_port"
wait_for 'failures 0/s +0 %' 'no failures once it is back'
wait_for ' rps [1-9]' 'the load is on again'
wait_for '^ users 20 . 20 ' 'with all users'
keys q
wait_for '^exit code 0' 'exit code'
check_terminal 'at the end'
check 'only kinds that fit a killed target' '' "$(sed -n 's/^ *"kind": "\(.*\)",$/\1/p' \
    "$work/report.json" | grep -vxE 'refused|reset|empty reply|cut headers|cut body|load|user|alert|profile|gap')"
end_pid "$demo_pid"
check_none_left
finish
