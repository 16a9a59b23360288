#!/bin/bash
# SPDX-License-Identifier: MIT
# What ends the program from outside: every signal, a terminal that nobody reads, a terminal
# that hangs up, a limit on the size of files.  The report is whole or absent.

. "${top_srcdir:-.}/tests/e2e/lib.sh"
need python3 python3
ulimit -c 0

start_fault_server 0
mkdir "$work/console"
python3 "$top_srcdir/tests/tools/signalled.py" "$ramptop" "$fault/slow?ms=5" "$work/console" \
    >"$work/signalled.out" 2>&1 || fail 'the trials of signals do not end'
cat "$work/signalled.out"
failures=$((failures + $(grep -c '^FAILED' "$work/signalled.out")))
check 'signals and endings tried' 20 "$(cut -d: -f2 "$work/signalled.out" | sort -u | wc -l)"

# A limit on the size of files is an error of writing, not the end of the process.
mkdir "$work/small"
(
    ulimit -f 1 # KiB
    exec timeout -k 5 60 "$ramptop" "$fault/ok" -n 20 --headless --quiet \
        --json "$work/small/r.json" >"$work/out" 2>"$work/err" </dev/null
)
check 'a report beyond the limit on files: exit code' 2 $?
check_match 'and the sentence says why' 'cannot write .*r\.json: File too large' "$(cat "$work/err")"
check 'and nothing half-written is left' '' "$(ls -A "$work/small")"

finish
