#!/bin/bash
# SPDX-License-Identifier: MIT
# What ends the program from outside: every signal, a terminal that nobody reads, a terminal
# that hangs up, a limit on the size of files.  The report is whole or absent.

. "${top_srcdir:-.}/tests/e2e/lib.sh"
need python3 python3
ulimit -S -c 0

start_fault_server 0
mkdir "$work/console"
python3 "$top_srcdir/tests/tools/signalled.py" "$ramptop" "$fault/slow?ms=5" "$work/console" \
    >"$work/signalled.out" 2>&1 || fail 'the trials of signals do not end'
cat "$work/signalled.out"
rm -f "$work"/sanitizer.* # which report the faults that were sent, rightly
failures=$((failures + $(grep -c '^FAILED' "$work/signalled.out")))
check 'signals and endings tried' 20 \
    "$(grep -E '^(ok|FAILED):' "$work/signalled.out" | cut -d: -f2 | sort -u | wc -l)"

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

# A crash leaves no core while secrets are loaded; without them it does, where this machine
# keeps cores as files.
# cores_of NAME HEADER: how many core files a crash leaves
cores_of()
{
    mkdir "$work/$1"
    (umask 077 && echo hidden-token >"$work/$1/token")
    printf 'target = "%s";\n%s\nuser_classes = ( { name = "u"; tasks = ( { request = "GET /slow?ms=5"; } ); } );\n' \
        "$fault" "$2" >"$work/$1/p.cfg"
    (
        cd "$work/$1" && ulimit -c unlimited && exec "$ramptop" --headless --quiet \
            -u 1 -t 60s p.cfg >/dev/null 2>&1 </dev/null
    ) &
    local pid=$!
    pids="$pids $pid "
    until_true "$DEADLINE" has_threads "$pid" || fail "$1: the run does not begin"
    kill -SEGV "$pid"
    wait "$pid" 2>/dev/null
    pids=${pids/ $pid / }
    find "$work/$1" -name 'core*' | wc -l
}

# shellcheck disable=SC2317 # called by until_true
has_threads()
{
    local tasks=("/proc/$1/task"/*)
    [ "${#tasks[@]}" -gt 1 ]
}

if grep -q '^SAN_CFLAGS = .' "$top_builddir/Makefile"; then
    echo 'not tried: a sanitizer leaves no core anyway'
elif [ "$(ulimit -H -c)" != unlimited ] || [ "$(cores_of without '')" = 0 ]; then
    echo 'not tried: a crash leaves no core file on this machine'
else
    check 'no core while secrets are loaded' 0 \
        "$(cores_of with 'variables = { token = { secret = "file:token"; }; };')"
fi

finish
