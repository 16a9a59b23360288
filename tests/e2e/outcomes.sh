#!/bin/bash
# SPDX-License-Identifier: MIT
# Replies of 200 ms among quick 503s, resets, refusals and time-outs: latency is that of the
# replies, how long failures took stands apart, and statuses are those that the server's own
# log has.  No reply can come sooner than the server let it wait, however busy the machine.

. "${top_srcdir:-.}/tests/e2e/lib.sh"
need python3 python3

: >"$work/server.out"
python3 "$top_srcdir/tests/tools/mixed_server.py" "$work/log" >"$work/server.out" 2>&1 </dev/null &
pids="$pids $! "
until_true "$DEADLINE" grep -q '^port ' "$work/server.out" ||
    { cat "$work/server.out"; echo 'the server does not start'; exit 99; }
target=http://127.0.0.1:$(sed -n 's/^port //p' "$work/server.out")

cat >"$work/p.cfg" <<END2
target = "$target";
user_classes = ( { name = "u"; sequence = true; tasks = (
  { name = "fine"; request = "GET /200-0.2/201-0.25/301-0.2/304-0.2"; follow = true; },
  { name = "busy"; request = "GET /503/503/200-0.2/503/503"; },
  { name = "limited"; request = "GET /429/200-0.2/429"; expect = [200, 429]; },
  { name = "cut"; request = "GET /reset/200-0.2/reset"; },
  { name = "slow"; request = "GET /hang/200-0.2"; timeout = "3s"; },
  { name = "gone"; request = "GET http://127.0.0.1:1/"; } ); } );
END2

# The server's log: of each path the statuses and the seconds that it let a request wait.
cat >"$work/held.py" <<'END2'
import collections, json, math, sys

report = json.load(open(sys.argv[1]))
paths = {"fine": "/200-0.2/201-0.25/301-0.2/304-0.2", "busy": "/503/503/200-0.2/503/503",
         "limited": "/429/200-0.2/429", "cut": "/reset/200-0.2/reset", "slow": "/hang/200-0.2"}
names = {path: name for name, path in paths.items()}
names["/200"] = "fine"  # where its redirect leads to
statuses = collections.defaultdict(collections.Counter)
waited = collections.defaultdict(list)  # of the successes
for line in open(sys.argv[2]):
    path, status, seconds = line.split()
    name = names[path]
    if status == "301":  # its time is a part of the reply that follows
        continue
    if status != "0":
        statuses[name][status] += 1
    if status in ("200", "201", "304") or (status == "429" and name == "limited"):
        waited[name].append(1000 * float(seconds) if path != "/200" else 200)

def quantile(values, q):
    return sorted(values)[max(0, math.ceil(q * len(values) - 1e-9) - 1)]

def not_sooner(what, latency, values):
    for key, q in (("min", 0), ("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("max", 1)):
        least = quantile(values, q)
        if latency[key] < 0.998 * least:  # a histogram's three digits
            print(f"{what}: {key} is {latency[key]} ms, the server waited {least} ms")

whole = sum(statuses.values(), collections.Counter())
if report["statuses"] != dict(whole):
    print("statuses:", report["statuses"], "but the server sent", dict(whole))
not_sooner("all", report["latency_ms"], sum(waited.values(), []))
for e in report["endpoints"]:
    name = e["name"]
    if e["statuses"] != dict(statuses[name]):
        print(name, "statuses:", e["statuses"], "but the server sent", dict(statuses[name]))
    if e["requests"] - e["failures"] != len(waited[name]):
        print(name, "successes:", e["requests"] - e["failures"], "of", len(waited[name]))
    if waited[name]:
        not_sooner(name, e["latency_ms"], waited[name])
    elif any(v is not None for v in e["latency_ms"].values()):
        print(name, "has a latency without a success:", e["latency_ms"])
    if (e["failure_latency_ms"]["p50"] is None) != (e["failures"] == 0):
        print(name, "failures:", e["failures"], e["failure_latency_ms"])
END2

# What the server answers is no time-out here, also when it takes a while; none is given up.
run "$work/p.cfg" --trust -u 12 -r 1000 -n 300 --grace 60s --headless --quiet --json "$work/r.json"
check 'the run: exit code' 0 "$code"
check 'as the log of the server has it' '' "$(python3 "$work/held.py" "$work/r.json" "$work/log" 2>&1)"
check 'most of an endpoint fails at once, its median is that of replies' True \
    "$(json "$work/r.json" '[e["failures"] > e["requests"] / 2 and e["latency_ms"]["min"] >= 199.8 for e in r["endpoints"] if e["name"] == "busy"][0]')"
check 'time-outs took as long as they may' True \
    "$(json "$work/r.json" '[e["failure_latency_ms"]["min"] >= 3000 for e in r["endpoints"] if e["name"] == "slow"][0]')"
check 'where nothing succeeds no latency is known' 'True None' \
    "$(json "$work/r.json" '["%s %s" % (e["requests"] == e["failures"] > 0, e["latency_ms"]["p50"]) for e in r["endpoints"] if e["name"] == "gone"][0]')"
check 'the summary has the statuses' \
    "$(json "$work/r.json" '"statuses  " + ", ".join("%s %d" % s for s in sorted(r["statuses"].items()))')" \
    "$(grep '^statuses ' "$work/out")"
check_match 'the summary says whose latency it is' '^latency   min .*  \(of successes\)$' "$(cat "$work/out")"
check_match 'and that of failures' '^          of failures: min .*, p50 .*, p99 .*, max ' "$(cat "$work/out")"
check_match 'an endpoint without a success' '^ GET gone +[0-9]+ +[0-9]+ .* - +- +- +-$' "$(cat "$work/out")"

if command -v tmux >/dev/null; then
    tmux_start 120 40
    command_line "ramptop --trust -u 12 $work/p.cfg"
    wait_for '^ ok p50 [0-9.]+ m?s .* p99 [0-9.]+ m?s .*fail p50 [0-9.]+ .?s +p99 ' 'the header tells both'
    wait_for '^ latency of successes' 'the chart says whose'
    keys 2
    wait_for '^ GET .*  status   (200|429|503) [0-9,]+' 'statuses of the endpoint under the cursor'
    keys 3
    wait_for '^ failed after +last .*p50 .*p99 .*max .*whole run +p50' 'the failures view: after what time'
    wait_for '^ status   200 [0-9,]+   201 [0-9,]+   304 [0-9,]+   429 [0-9,]+   503 [0-9,]+' 'and all statuses'
    keys 4
    wait_for '^ means of successes' 'the latency view'
    keys q
    wait_for 'requests  [0-9,]+ ' 'the summary after the console'
fi

finish
