#!/bin/bash
# SPDX-License-Identifier: MIT
# The figures of the report against what the servers themselves counted: equal, exactly,
# also when the run is interrupted.

. "${top_srcdir:-.}/tests/e2e/lib.sh"
need python3 python3
need_demo

# truth_count METHOD PATH: lines in the demo's log whose reply was sent
truth_count()
{
    awk -v m="$1" -v p="$2" '$3 == m && $4 == p && $8 == "sent"' "$work/truth" | wc -l
}

# ------------------------------------------------ the demo's own log, whole mix of requests

start_demo --servers 32 --service-ms 2 --truth "$work/truth"
run "$top_srcdir/profiles/demo.cfg" --host "$demo" -u 40 -r 1000 -t 4s --headless --json -
cp "$work/out" "$work/mix.json"
cp "$work/err" "$work/mix.err"
check 'a whole run: exit code' 0 "$code"
end_pid "$demo_pid"
for endpoint in 'GET /' 'GET /fast' 'GET /slow' 'GET /flaky' 'POST /write'; do
    method=${endpoint% *} path=${endpoint#* }
    check "$endpoint: requests equal the server's log" "$(truth_count "$method" "$path")" \
        "$(json "$work/mix.json" "sum(e['requests'] for e in r['endpoints'] if e['method'] == '$method' and e['name'].endswith('$path'))")"
done
check 'all requests equal the log' "$(awk 'NR > 1 && $8 == "sent"' "$work/truth" | wc -l)" \
    "$(json "$work/mix.json" 'r["requests"]')"
check 'failures equal the log' "$(awk 'NR > 1 && $5 != 200' "$work/truth" | wc -l)" \
    "$(json "$work/mix.json" 'r["failures"]')"
check 'failures are the sum of their kinds' 0 \
    "$(json "$work/mix.json" 'r["failures"] - sum(f["count"] for f in r["failures_by_kind"])')"
check 'requests are the sum of the endpoints' 0 \
    "$(json "$work/mix.json" 'r["requests"] - sum(e["requests"] for e in r["endpoints"])')"
check 'nothing is given up, nothing lost' '0 0' \
    "$(json "$work/mix.json" '"%d %d" % (r["aborted"], r["generator"]["ring_lost"])')"
check 'what was begun was done' 0 "$(json "$work/mix.json" 'r["started"] - r["requests"]')"
check 'fields of the report' 'all there' "$(json "$work/mix.json" '(lambda want: "all there" if not want else want)([
  k for k in ("schema", "target", "profile", "level", "duration_s", "users_peak", "requests",
              "failures", "rps", "latency_ms", "endpoints", "failures_by_kind", "generator", "marks")
  if k not in r] +
 [k for k in ("min", "mean", "p50", "p75", "p90", "p95", "p99", "p99_9", "max")
  if k not in r["latency_ms"] or any(k not in e["latency_ms"] for e in r["endpoints"])] +
 [k for k in ("name", "method", "requests", "failures", "rps") if k not in r["endpoints"][0]] +
 [k for k in ("kind", "endpoint", "count", "sample") if any(k not in f for f in r["failures_by_kind"])] +
 [k for k in ("cpu_percent", "ring_lost", "loop_delay_ms_p99", "warnings") if k not in r["generator"]])')"
check 'users, target, profile' "40 $demo demo.cfg" \
    "$(json "$work/mix.json" '"%d %s %s" % (r["users_peak"], r["target"], r["profile"].split("/")[-1].replace(".cfg", "") + ".cfg")')"
check 'the percentiles are in order' True "$(json "$work/mix.json" 'all(
    [l[k] for k in ("min", "p50", "p75", "p90", "p95", "p99", "p99_9", "max")] ==
    sorted(l[k] for k in ("min", "p50", "p75", "p90", "p95", "p99", "p99_9", "max"))
    for l in [r["latency_ms"]] + [e["latency_ms"] for e in r["endpoints"]])')"
check 'the rate is requests by time' True \
    "$(json "$work/mix.json" 'abs(r["rps"] - r["requests"] / r["rate_s"]) < 0.001 * r["rps"] and r["load_s"] <= r["rate_s"] <= r["load_s"] + r["drain_s"] + 0.001')"
check_match 'the summary is on standard error' 'requests' "$(cat "$work/mix.err")"

# -------------------------------------------------------------------- -n N exactly

start_fault_server 0
for n in 1 7 100 5000; do
    seen=$(counted /ok)
    run "$fault/ok" -n "$n" -u 30 --workers 2 --headless --quiet --json -
    check "-n $n: reported" "$n" "$(json "$work/out" 'r["requests"]')"
    check "-n $n: seen by the server" $((seen + n)) "$(counted /ok)"
done
run "$fault/echo" -n 2 -d 'some text' --headless --quiet --json "$work/post.json"
check '-d makes a POST; the report goes to a file' 'POST 2' \
    "$(json "$work/post.json" '"%s %d" % (r["endpoints"][0]["method"], r["requests"])')"
run "$fault/slow?ms=100" -u 3 -n 6 --headless --quiet --json -
check 'a reply after 100 ms is timed as such' True \
    "$(json "$work/out" '100 <= r["latency_ms"]["min"] and r["latency_ms"]["p50"] < 1000')"

# ------------------------------------------------------------------- interrupted runs

# interrupted SIGNAL CODE
interrupted()
{
    local pid seen
    seen=$(counted /ok)
    # A script's background process would ignore SIGINT: env puts it back.
    env --default-signal=INT "$ramptop" "$fault/ok" -u 5 -t 60s --headless --quiet \
        --json "$work/int.json" >"$work/out" 2>"$work/err" </dev/null &
    pid=$!
    pids="$pids $pid "
    until_true "$DEADLINE" more_than "$seen" /ok
    kill "-$1" "$pid"
    wait "$pid"
    check "SIG$1: exit code" "$2" $?
    check "SIG$1: the report is written, equal to the server's count" \
        $(($(counted /ok) - seen)) "$(json "$work/int.json" 'r["requests"]')"
    rm -f "$work/int.json"
}

# shellcheck disable=SC2317 # called by until_true
more_than()
{
    [ "$(counted "$2")" -gt "$1" ]
}

interrupted INT 130
interrupted TERM 143

check_none_left
finish
