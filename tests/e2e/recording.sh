#!/bin/bash
# SPDX-License-Identifier: MIT
# Every run leaves a recording behind: with the figures of the run, whole to the last second even
# when the program is killed, and never in the way of the load.

. "${top_srcdir:-.}/tests/e2e/lib.sh"
need python3 python3
need sqlite3 sqlite3
need_demo
grep -q '^#define HAVE_SQLITE 1' "$top_builddir/config.h" || skip 'built without SQLite'

runs=$XDG_STATE_HOME/ramptop/runs
codes=

# ask FILE SQL
ask()
{
    sqlite3 -readonly "$1" "$2"
}

start_demo --servers 64 --service const --service-ms 5

# The same figures as the summary's.
run "$demo/" -u 10 -t 3s --quiet --json "$work/r.json"
check 'exit code' 0 "$code"
file=$(echo "$runs"/*.sqlite)
check 'one file' True "$([ -f "$file" ] && echo True)"
check 'for its owner alone' '600 700' "$(stat -c %a "$file" "$runs" | paste -sd' ')"
check 'requests' "$(json "$work/r.json" 'r["requests"]')" "$(ask "$file" 'SELECT sum(requests) FROM second')"
check 'by endpoint' "$(json "$work/r.json" 'r["requests"]')" \
    "$(ask "$file" "SELECT sum(requests) FROM per_endpoint WHERE name = '/'")"
check 'bytes' "$(json "$work/r.json" 'r["bytes_in"]')" "$(ask "$file" 'SELECT sum(bytes_in) FROM second')"
check 'the slowest request' True "$(json "$work/r.json" \
    "abs(r['latency_ms']['max'] - $(ask "$file" 'SELECT max(max_ms) FROM per_second')) < 0.01")"
check 'statuses' "$(json "$work/r.json" 'r["requests"]')" \
    "$(ask "$file" 'SELECT sum(count) FROM status_second WHERE status = 200')"
check 'how it ended' 'the run time of 3 s is over' "$(ask "$file" "SELECT value FROM run WHERE key = 'end_reason'")"
check 'the wanted load' '10' "$(ask "$file" 'SELECT max(users_wanted) FROM load')"
check_match 'the summary says where' "^recorded   $file\$" "$(cat "$work/out")"
check 'no file beside it' 1 "$(find "$runs" -type f | wc -l)"

# Elsewhere, or not at all; never over another file.
run "$demo/" -u 1 -n 5 --quiet --record "$work/own.sqlite"
check '--record: exit code' 0 "$code"
check '--record: requests' 5 "$(ask "$work/own.sqlite" 'SELECT sum(requests) FROM second')"
run "$demo/" -u 1 -n 5 --quiet --record "$work/own.sqlite"
check 'nothing is overwritten: exit code' 5 "$code"
check_match 'and said' 'own.sqlite.*File exists' "$(cat "$work/err")"
check 'the old one is there' 5 "$(ask "$work/own.sqlite" 'SELECT sum(requests) FROM second')"
run "$demo/" -u 1 -n 5 --quiet --no-record
check '--no-record: exit code' 0 "$code"
check 'no further file' 1 "$(find "$runs" -type f | wc -l)"

# No place for it: the load goes on, and the exit code tells.
XDG_STATE_HOME=/dev/null/x run "$demo/" -u 1 -n 5 --quiet --json "$work/r.json"
check 'no place: exit code' 5 "$code"
check 'no place: all requests are done' 5 "$(json "$work/r.json" 'r["requests"]')"
check_match 'no place: the remedy' '--no-record does without' "$(cat "$work/err")"

# Whichever thread cannot be made: a run that says all is well is in its recording.
for n in 1 2 3 4 5 6 7 8; do
    LD_PRELOAD="$open_at_end $top_builddir/tests/tools/fail_calls.so" FAIL_CALL=pthread_create:$n:EAGAIN \
        run "$demo/" -u 1 -n 5 --workers 1 --quiet --record "$work/thread$n.sqlite"
    [ "$code" = 5 ] && check_match 'no thread for it: said' 'has stopped' "$(cat "$work/err")"
    [ "$code" != 0 ] || check "thread $n: all is in it" 5 \
        "$(ask "$work/thread$n.sqlite" 'SELECT sum(requests) FROM second')"
    codes+=" $code"
done
check_match 'the thread of the recording is among them' ' 5' "$codes"

# A full disk, which is one that takes no more than that.
(
    ulimit -f 200
    run "$demo/" -u 50 -t 4s --quiet --json "$work/r.json" --record "$work/full.sqlite"
    echo "$code" >"$work/code"
)
check 'a full disk: exit code' 5 "$(cat "$work/code")"
check 'a full disk: the load goes on' True "$(json "$work/r.json" 'r["requests"] > 1000')"
check_match 'a full disk: said' 'full.sqlite has stopped' "$(cat "$work/err")"
check 'a full disk: what is there is whole' ok "$(ask "$work/full.sqlite" 'PRAGMA integrity_check')"

# Killed at any moment: at most the last second is missing.
"$ramptop" "$demo/" -u 5 -t 60s --headless --quiet --record "$work/killed.sqlite" >/dev/null 2>&1 &
killed=$!
pids="$pids $killed"
seconds_recorded()
{
    local last
    last=$(ask "$1" 'SELECT max(second) FROM second' 2>/dev/null)
    [ "${last:-0}" -ge 3 ]
}
until_true "$DEADLINE" seconds_recorded "$work/killed.sqlite" || fail 'some seconds are recorded'
end_pid "$killed" KILL
check 'killed: whole' ok "$(ask "$work/killed.sqlite" 'PRAGMA integrity_check')"
check 'killed: no second is missing' True "$(json /dev/stdin 'all(b - a == 1 for a, b in zip(r, r[1:])) and len(r) >= 4' <<<"[$(ask "$work/killed.sqlite" \
    'SELECT second FROM second ORDER BY second' | paste -sd,)]")"

end_pid "$demo_pid"
check_none_left
finish
