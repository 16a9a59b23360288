#!/bin/bash
# SPDX-License-Identifier: MIT
# How a run ends: what its rate divides by, how long it waits, what is given up.

. "${top_srcdir:-.}/tests/e2e/lib.sh"
need python3 python3
need_demo

# check_sum NAME: each request begun is done or has no result
check_sum()
{
    check "$1: begun = done + given up" 0 \
        "$(json "$work/r.json" 'r["started"] - r["requests"] - r["client_failures"] - r["aborted"]')"
}

# Closed loops: users by the time that each request takes, however short the run is.
start_demo --servers 64 --service const --service-ms 700
for how in '-t 1s' '-t 1700ms' '-n 5' '-n 6' '-n 12'; do
    # shellcheck disable=SC2086 # two words
    run "$demo/" -u 5 -r 10000 $how --quiet --json "$work/r.json"
    check "$how: exit code" 0 "$code"
    check "$how: the rate is that of 5 users with such replies" True "$(json "$work/r.json" \
        'abs(r["rps"] * r["latency_ms"]["mean"] / 1000 - 5) < 0.25 or r["rps"]')"
    check "$how: the times are told" True "$(json "$work/r.json" \
        'abs(r["duration_s"] - r["load_s"] - r["drain_s"] - r["stopped_s"]) < 0.005 and r["drain_s"] > 0.05')"
    check_sum "$how"
done
check_match 'the summary says how long load was made' '^ran .* with up to 5 users' "$(cat "$work/out")"
check_match 'and how late the last replies were' '^the last replies came ' "$(cat "$work/out")"
end_pid "$demo_pid"

# A target that hangs: the run ends long before the time-outs, and says what it left behind.
start_demo --servers 64 --service const --service-ms 60000
run "$demo/" -u 2 -t 500ms --grace 300ms --timeout 50s --quiet --json "$work/r.json"
check 'a hanging target: exit code' 3 "$code"
check 'a hanging target: all are given up' '0 0 2 2' "$(json "$work/r.json" \
    '"%d %d %d %d" % (r["requests"], r["failures"], r["given_up"], r["started"])')"
check 'a hanging target: the age of the oldest' True \
    "$(json "$work/r.json" '0.3 < r["given_up_longest_s"] < 40')"
check_match 'a hanging target: the summary says so' 'given up  2  had no reply after up to .*longer than' \
    "$(cat "$work/out")"
check_sum 'a hanging target'

# The grace from elsewhere: variable, profile, configuration file; a flag wins.
cat >"$work/hang.cfg" <<CFG
target = "$demo";
grace = "1100ms";
user_classes = ( { name = "u"; tasks = ( { name = "t"; request = "GET /"; } );
                   on_stop = ( { request = "GET /fast"; } ); } );
CFG
grace_of()
{
    run "$@" -u 1 -t 100ms --quiet --json "$work/r.json"
    json "$work/r.json" 'r["grace_s"]'
}
check 'the default' 2.0 "$(grace_of "$demo/")"
check 'a variable' 0.2 "$(RAMPTOP_GRACE=200ms grace_of "$demo/")"
check 'a profile' 1.1 "$(grace_of "$work/hang.cfg")"
check 'a flag over a profile' 0.0 "$(grace_of "$work/hang.cfg" --grace 0)"
mkdir -p "$work/conf/ramptop"
echo 'grace = "400ms";' >"$work/conf/ramptop/ramptop.cfg"
check 'the configuration file' 0.4 "$(XDG_CONFIG_HOME=$work/conf grace_of "$demo/")"
check 'a profile over the configuration file' 1.1 \
    "$(XDG_CONFIG_HOME=$work/conf grace_of "$work/hang.cfg")"
check "Locust's name" 0.3 "$(LOCUST_STOP_TIMEOUT=300ms grace_of "$demo/")"
grace_of "$work/hang.cfg" --grace 0 >"$work/zero"
check 'on_stop that was cut short is told of' 1 "$(json "$work/r.json" 'r["on_stop_cut_short"]')"
check_match 'also in the summary' '^on_stop   was not done by 1 user:' "$(cat "$work/out")"
run "$demo/" -u 1 -t 1s --grace 2h
check 'a grace of hours: exit code' 2 "$code"

# Time-outs within the grace are time-outs.
run "$demo/" -u 3 -t 300ms --timeout 1s --grace 40s --quiet --json "$work/r.json"
check 'time-outs within the grace' '3 0' \
    "$(json "$work/r.json" '"%d %d" % (r["failures"], r["given_up"])')"
check_sum 'time-outs within the grace'

# Ctrl-C ends the load, a second one the waiting.
env --default-signal=INT "$ramptop" "$demo/" -u 2 --grace 50s --json "$work/r.json" \
    >"$work/out" 2>"$work/err" </dev/null &
pid=$!
pids="$pids $pid "
until_true "$DEADLINE" grep -q 'users 2 of 2' "$work/err" || fail 'no table'
kill -INT "$pid"
until_true "$DEADLINE" grep -q 'waiting for 2 running requests, at most 50 s' "$work/err" ||
    fail "it does not say what it waits for: $(tail -1 "$work/err")"
kill -INT "$pid"
wait "$pid"
check 'two Ctrl-C: exit code' 130 "$?"
check 'two Ctrl-C: given up' 2 "$(json "$work/r.json" 'r["given_up"]')"
check_sum 'two Ctrl-C'
finish
