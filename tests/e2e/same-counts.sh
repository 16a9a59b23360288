#!/bin/bash
# SPDX-License-Identifier: MIT
# What the server counted is what the report says, request by request: with connections that are
# closed, reset and cut, with time-outs, retries, steps side by side and signals in the middle.
# Each run is another mix; RUNS=100 SEED=1 tries so many from that seed on.

. "${top_srcdir:-.}/tests/e2e/lib.sh"
need python3 python3
RUNS=${RUNS:-4}
SEED=${SEED:-$$}

start_fault_server 0
cd "$work" || exit 99
cat >mix.py <<'END'
"""mix.py SEED TARGET: a profile with a random mix of what can go wrong with a request."""
import random
import sys

dice = random.Random(int(sys.argv[1]))
single = ["/ok", "/close", "/reset", "/empty", "/cut-headers", "/cut-body", "/reset-headers",
          "/reset-body", "/surplus", "/bad-chunk", "/stall", "/stall-body", "/slow", "/error",
          "/trailers", "/redirect-loop", "/gzip-bomb"]
retry = 'retry = { times = 2; backoff = [0.01, 0.05]; on = (503, "timeout"); };'


def request(path):
    method = dice.choice(["GET", "GET", "POST", "PUT", "DELETE"])
    body = 'body = "x";' if method in ("POST", "PUT") else ""
    again = retry if dice.random() < 0.4 else ""
    query = "?ms=%d" % dice.randint(1, 60) if path == "/slow" else ""
    # A stall ends by its time-out; nothing else comes near one, however busy the machine.
    limit = "timeout = 0.3;" if "stall" in path else ""
    return '{ request = "%s %s%s"; %s %s %s }' % (method, path, query, body, again, limit)


tasks = []
for i in range(6):
    paths = [dice.choice(single) for _ in range(dice.randint(1, 4))]
    steps = [request(p) for p in paths]
    if dice.random() < 0.5:
        side = ", ".join(request(dice.choice(single)) for _ in range(dice.randint(2, 4)))
        steps.insert(dice.randint(0, len(steps)), "{ parallel = ( %s ); }" % side)
    tasks.append('{ name = "t%d"; weight = %d; steps = ( %s ); }' % (i, dice.randint(1, 5), ", ".join(steps)))
print('target = "%s"; timeout = 30;' % sys.argv[2])
print('user_classes = ( { name = "u"; wait = { between = [0.0, %.2f]; }; tasks = ( %s ); } );'
      % (dice.choice([0.0, 0.02]), ",\n".join(tasks)))
END

# shellcheck disable=SC2317 # called by until_true
is_loaded()
{
    [ "$(counted_all)" -gt $((before + 50)) ]
}

counted_all()
{
    fetch "$fault_port" /counts | awk '/^\// { n += $2 } END { print n + 0 }'
}

for ((i = 0; i < RUNS; i++)); do
    seed=$((SEED + i))
    python3 mix.py "$seed" "$fault" >mix.cfg
    before=$(counted_all)
    fetch "$fault_port" /counts >before.txt
    endings=(INT TERM -n -t)
    how=${endings[$((i % 4))]}
    case $how in
    INT | TERM) limit=(-t 60s) ;;
    -n) limit=(-n 300) ;;
    -t) limit=(-t 1s) ;;
    esac
    env --default-signal=INT "$ramptop" mix.cfg -u 8 -r 1000 --workers 2 --seed "$seed" "${limit[@]}" \
        --headless --quiet --json r.json >out 2>err </dev/null &
    pid=$!
    pids="$pids $pid "
    case $how in
    INT | TERM)
        until_true "$DEADLINE" is_loaded || fail "seed $seed: no load"
        kill "-$how" "$pid"
        ;;
    esac
    wait "$pid"
    pids=${pids/ $pid / }
    check_sanitizers
    fetch "$fault_port" /counts >after.txt
    check "seed $seed, ended by $how: the report is the server's count, nothing given up" 'equal' \
        "$(python3 - before.txt after.txt r.json <<'END'
import collections
import json
import sys

def counts(name):
    lines = (line.split() for line in open(name) if line.startswith("/"))
    return collections.Counter({path: int(n) for path, n in lines})

server = counts(sys.argv[2])
server.subtract(counts(sys.argv[1]))
r = json.load(open(sys.argv[3]))
ours = collections.Counter()
for e in r["endpoints"]:
    ours[e["name"]] += e["requests"]
# On a busy machine a server may not have read what was given up after 0.3 s.
timeouts = collections.Counter()
for f in r["failures_by_kind"]:
    timeouts[f["endpoint"].split(" ")[-1]] += f["count"] if f["kind"] == "timeout" else 0
wrong = {p: (server[p], ours[p]) for p in server.keys() | ours.keys()
         if not 0 <= ours[p] - server[p] <= (timeouts[p] if "stall" in p else 0)}
if r["started"] != r["requests"] or r["aborted"] or sum(ours.values()) != r["requests"]:
    wrong["started, requests, aborted"] = (r["started"], r["requests"], r["aborted"])
print(wrong or "equal")
END
)"
    rm -f r.json
done
check_none_left
finish
