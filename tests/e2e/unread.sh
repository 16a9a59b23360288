#!/bin/bash
# SPDX-License-Identifier: MIT
# Output that nobody reads, or that fails: the run and its signals go on, and no loss is silent.

. "${top_srcdir:-.}/tests/e2e/lib.sh"
need python3 python3
need_demo

start_demo --seed 1
cd "$work" || exit 99
mkfifo full empty
exec 7<>full # open, never read
dd if=/dev/zero of=full bs=4096 count=1000 oflag=nonblock 2>/dev/null

# gone PID
# shellcheck disable=SC2317 # called by until_true
gone()
{
    ! kill -0 "$1" 2>/dev/null || grep -q '^State:[[:space:]]*Z' "/proc/$1/status" 2>/dev/null
}

# start ARGUMENT...: in the background, with SIGINT as a shell in front would have it
start()
{
    env --default-signal=INT "$ramptop" "$demo/fast" -u 2 --headless "$@" </dev/null &
    run=$!
    pids="$pids $run "
}

# shellcheck disable=SC2317 # called by until_true
has_threads()
{
    local tasks=("/proc/$run/task"/*)
    [ "${#tasks[@]}" -gt 1 ]
}

# shellcheck disable=SC2317 # called by until_true
has_no_threads()
{
    ! has_threads
}

# until_over: the load has begun and ended, the reports are written
until_over()
{
    until_true "$DEADLINE" has_threads && until_true "$DEADLINE" has_no_threads
}

# ends NAME WANTED-CODE
ends()
{
    local code
    until_true "$DEADLINE" gone "$run" || { fail "$1: does not end"; kill -KILL "$run"; }
    wait "$run"
    code=$?
    pids=${pids/ $run / }
    check "$1" "$2" "$code"
}

start -t 3s --json r.json >out 2>full
ends 'tables that nobody reads do not hold the run' 0
check_match 'and its summary is written' '^requests +[1-9]' "$(cat out)"

start -t 1s --quiet --json summary.json >full 2>err
until_over
kill -INT "$run"
ends 'a summary that nobody reads waits until a signal' 2
check_match 'and says so' 'cannot write to standard output' "$(cat err)"
check 'the report is written all the same' True "$(json summary.json 'r["requests"] > 0')"

start -t 1s --quiet --json empty >out 2>err
until_over
kill -TERM "$run"
ends 'so does a report to a pipe without a reader' 2
check_match 'and says which' 'cannot write empty' "$(cat err)"

start -n 2 --quiet --log empty >out 2>err
ends 'a log to a pipe without a reader is refused' 2
check_match 'with the reason' 'it is a pipe that nobody reads' "$(cat err)"

start -n 20 --quiet --log full >out 2>err
ends 'a log to a pipe that is not read does not hold the run' 0

start -n 2 --quiet --log /dev/full >out 2>err
ends 'a log on a full disk neither' 0

# It waits when the program begins, as if it came while that starts.
python3 - "$ramptop" "$demo/fast" --headless --quiet -t 60s >out 2>err <<'END' &
import os, signal, sys
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
os.kill(os.getpid(), signal.SIGTERM)
os.execv(sys.argv[1], sys.argv[1:])
END
run=$!
pids="$pids $run "
ends 'a signal while the program starts is not lost' 143

cat >one.cfg <<END
target = "$demo";
user_classes = ( { name = "User"; tasks = ( { request = "GET /fast"; } ); } );
END
"$ramptop" bench one.cfg --concurrency 1 --duration 500ms --quiet >/dev/full 2>err
check 'bench: a full standard output is an error' 2 $?
check_match 'bench: and says so' 'No space left' "$(cat err)"

finish
