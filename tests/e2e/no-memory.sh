#!/bin/bash
# SPDX-License-Identifier: MIT
# No memory: one sentence, its own exit code, the terminal put back, no half-written report.

. "${top_srcdir:-.}/tests/e2e/lib.sh"
need tmux tmux
need_demo
failing=$top_builddir/tests/tools/fail_calls.so
# A sanitizer has an allocator of its own, which no call of ours goes past.
! grep -q '__asan_init\|__tsan_init' "$ramptop" || skip 'a sanitizer allocates here'

sentence='^ramptop: out of memory, so it ended at once; fewer users and smaller files need less$'
profile=$top_srcdir/profiles/demo.cfg
start_demo --service-ms 5

# needs ARGUMENT...: how many allocations that run makes; sets needed
needs()
{
    rm -f "$work/counts"
    LD_PRELOAD=$failing FAIL_COUNT=$work/counts run "$@"
    check "$1: its exit code with memory" 0 "$code"
    needed=$(allocations)
}

allocations()
{
    od -A n -t u8 -j 16 -N 8 "$work/counts" | tr -d ' '
}

# without NUMBER ARGUMENT...: allocation NUMBER and all behind it fail
without()
{
    local from=$1
    shift
    LD_PRELOAD=$failing FAIL_CALL=alloc:$from+ run "$@"
    check "$1 without allocation $from: exit code" 4 "$code"
    check_match "$1 without allocation $from" "$sentence" "$(cat "$work/err")"
    check "$1 without allocation $from: nothing else" 1 "$(wc -l <"$work/err")"
}

needs check "$profile"
for part in 0 10 40 70 99; do
    without $((needed * part / 100 + 1)) check "$profile"
done

# The report is the last to need memory: before it comes, the run is as it should be.
echo before >"$work/report.json"
needs "$demo" -n 5 --headless --json "$work/whole.json"
for part in 0 30 60 90; do
    without $((needed * part / 100 + 1)) "$demo" -n 5 --headless --json "$work/report.json"
    check 'the report of the run before' before "$(cat "$work/report.json")"
done
check 'no file is left beside a report' 'report.json whole.json' "$(cd "$work" && echo *.json*)"

# ---------------------------------------------------------------------- the console

tmux_start 100 30
rm -f "$work/counts"
command_line "LD_PRELOAD=$failing FAIL_COUNT=$work/counts go $demo -u 20"
wait_for '^ users 20 ' 'the console with memory'
keys q
wait_for '^exit code 0'
command_line "clear; LD_PRELOAD=$failing FAIL_CALL=alloc:$(($(allocations) * 8 / 10))+ go $demo -u 20"
wait_for '^exit code 4' 'the console without memory: exit code'
check_match 'the console without memory' "$sentence" "$(cat "$work"/console.err.*)"
check_terminal 'the console without memory'
end_pid "$demo_pid"
check_none_left
finish
