#!/bin/bash
# SPDX-License-Identifier: MIT
# ramptop bench against the demo target, whose figures are known by arithmetic: 8 servers,
# 20 ms times the endpoint's factor.  What is asserted cannot depend on the machine's speed:
# no reply is sooner than its service, and no rate is above what 8 servers can do.

. "${top_srcdir:-.}/tests/e2e/lib.sh"
need python3 python3
need_demo

start_demo --seed 1
start_fault_server 0
cd "$work" || exit 99

run bench "$demo/fast" --concurrency 1,8,40 -t 2s --json r.json
check 'exit code' 0 "$code"
check 'steps' '[1, 8, 40]' "$(json r.json '[s["concurrency"] for s in r["endpoints"][0]["steps"]]')"
check 'the endpoint' 'GET /fast' \
    "$(json r.json 'r["endpoints"][0]["method"] + " " + r["endpoints"][0]["name"]')"
check 'no reply is sooner than its service' True \
    "$(json r.json 'all(s["latency_ms"]["min"] >= 10 for s in r["endpoints"][0]["steps"])')"
check 'one at a time: no more than 100 a second' True \
    "$(json r.json 'r["endpoints"][0]["steps"][0]["rps"] <= 101')"
check '8 servers: no more than 800 a second' True \
    "$(json r.json 'all(s["rps"] <= 840 for s in r["endpoints"][0]["steps"])')"
check '40 at once wait for one another' True \
    "$(json r.json 'r["endpoints"][0]["steps"][2]["latency_ms"]["mean"] >= 40')"
check 'no failures' 0 "$(json r.json 'sum(s["failures"] for s in r["endpoints"][0]["steps"])')"
check 'no goal, no verdict' None "$(json r.json 'r["verdict"]')"
check_match 'the table' '^ users +requests +average +median +p95 +p99 +req/s +failed +verdict$' \
    "$(cat out)"

# Each endpoint of a profile alone, with the requests that stand before it.
cat >p.cfg <<END
target = "$demo";
user_classes = ( { name = "A"; wait = { constant = 9.0; };
  tasks = ( { steps = ( { request = "GET /fast"; }, { request = "POST /write"; body = "x"; } ); },
            { request = "GET /none"; } ); } );
END
run bench p.cfg --concurrency 2 -n 10 --json - --only '*e'
check 'of a profile: exit code' 0 "$code"
check 'two of three' "['/write', '/none']" "$(json out '[e["name"] for e in r["endpoints"]]')"
check 'a failure by its kind' 404 "$(json out 'r["endpoints"][1]["steps"][0]["failure"]')"
check_match 'what was said' '^2 endpoints, none with a goal$' "$(cat err)"

run bench p.cfg --only nothing
check 'no such endpoint: exit code' 2 "$code"
check_match 'no such endpoint' '^ramptop: --only nothing: no endpoint .* ramptop list' "$(cat err)"
run bench p.cfg --concurrency 0
check '0 at once: exit code' 2 "$code"
run bench http://127.0.0.1:1/ --concurrency 1 -t 1s
check 'not reached: exit code' 3 "$code"

# Replies that take longer than a step: their rate is known all the same.  And replies that
# fail are not ok, however quick.
cat >slow.demo <<END
title = "slow";
routes = ( { route = "GET /slow"; time = "2s"; }, { route = "GET /broken"; status = 500; } );
END
start_demo ./slow.demo
cat >s.cfg <<END
target = "$demo";
user_classes = ( { name = "A"; tasks = ( { request = "GET /slow"; }, { request = "GET /broken"; } ); } );
goals = ( { endpoints = ["*"]; p95 = "60s"; } );
END
run bench s.cfg --concurrency 3 -t 1s -n 60 --json r.json
check '3 at once, each 2 s: 1.5 a second and no more' True \
    "$(json r.json '0.1 < r["endpoints"][0]["steps"][0]["rps"] <= 1.51')"
check 'slow: ok' ok "$(json r.json 'r["endpoints"][0]["verdict"]')"
check 'quick failures are not' 'poor {"success": "poor"}' \
    "$(json r.json 'r["endpoints"][1]["verdict"] + " " + json.dumps(r["endpoints"][1]["steps"][0]["grades"])')"
check 'of failures alone no latency is known' None \
    "$(json r.json 'r["endpoints"][1]["steps"][0]["latency_ms"]["p50"]')"
check 'theirs stands apart' True \
    "$(json r.json 'r["endpoints"][1]["steps"][0]["failure_latency_ms"]["p50"] > 0')"
check 'quick failures: exit code' 1 "$code"

# A rate limit refuses at once: most requests fail, and the latency is still that of replies.
cat >limited.demo <<END
title = "limited";
rate_limits = { few = { requests = 5; window = "10m"; endpoints = ["*"]; }; };
routes = ( { route = "GET /limited"; time = "200ms"; } );
END
start_demo ./limited.demo
run bench "$demo/limited" --concurrency 1 -n 60 --json r.json
check 'most are refused' True \
    "$(json r.json '[s["failures"] > 0.8 * s["requests"] and s["failure"] == "429" for s in r["endpoints"][0]["steps"]][0]')"
check 'a median of replies, not of refusals' True \
    "$(json r.json 'r["endpoints"][0]["steps"][0]["latency_ms"]["min"] >= 100')"
check_match 'and how soon it refuses' '^  at 1 at once .* % fail \(429\), in .* \(median\)$' "$(cat out)"

# Ctrl-C shows what there is.
if command -v tmux >/dev/null; then
    tmux_start 100 30
    command_line "ramptop bench $fault/ok --concurrency 1 -t 20s -n 1000000; echo code \$?"
    wait_for '/ok: 1 at once' 'what is under way is shown'
    keys C-z
    wait_for 'Stopped +ramptop bench' 'Ctrl-Z stops it'
    command_line 'clear; fg; echo code $?'
    wait_for_not 'Stopped' 'what was there is cleared'
    wait_for 'ramptop bench' 'and fg goes on'
    keys C-c
    wait_for 'interrupted: what was measured until then' 'Ctrl-C: what was measured'
    wait_for 'GET /ok$' 'Ctrl-C: the endpoint'
    wait_for '^code 130' 'Ctrl-C: exit code'
fi

finish
