#!/bin/bash
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2154 # the engines' ports and processes are engines.sh's
# Probes of real servers: redis, nginx, a demo's metrics, Prometheus; and commands, which
# run once they are trusted.

. "${top_srcdir:-.}/tests/e2e/lib.sh"
keep_secret 'open sesame' 'close barley'
# shellcheck source=tests/e2e/engines.sh
. "${top_srcdir:-.}/tests/e2e/engines.sh"
need python3 python3
need tmux tmux
need_demo
need redis-cli redis-tools
export XDG_STATE_HOME=$work/state

report=$work/report.json

# series PROBE SERIES FIGURE: one figure of the report
series()
{
    json "$report" "[s['$3'] for p in r['probes'] if p['name'] == '$1' for s in p['series'] if s['name'] == '$2'][0]"
}

state()
{
    json "$report" "['%s: %s' % (p['state'], p['text']) for p in r['probes'] if p['name'] == '$1'][0]"
}

events()
{
    json "$report" "[e['kind'] + ': ' + e['text'] for e in r['events'] if e['probe'] == '$1']"
}

# holds NAME EXPRESSION: of the report r
holds()
{
    check "$1" True "$(json "$report" "$2")"
}

load()
{
    run "$@" --headless --quiet --json "$report"
    check "exit code ($*)" 0 "$code"
}

# begin_load ARGUMENT...: until end_load; what probes see is in $work/log
begin_load()
{
    : >"$work/log"
    "$ramptop" "$@" -t 120s --headless --quiet --json "$report" --log "$work/log" \
        >"$work/out" 2>"$work/err" </dev/null &
    watcher=$!
    pids="$pids $watcher "
}

end_load()
{
    kill -INT "$watcher"
    wait "$watcher"
    pids=${pids/ $watcher / }
}

# told REGEX: a probe says so now
told()
{
    if until_true "$DEADLINE" grep -qE "$1" "$work/log"; then
        pass "told: $1"
    else
        fail "not told: $1; but: $(cat "$work/log")"
    fi
}

start_redis --maxclients 20
start_nginx_status
start_demo --service-ms 1 --seed 1
start_prometheus "$demo_port"

# paced URL: a profile that asks there 100 times a second, whatever the machine
paced()
{
    cat >"$work/paced.cfg" <<CFG
target = "$1";
user_classes = ( { name = "u"; wait = { pacing = 0.2; }; tasks = ( { request = "GET /"; } ); } );
levels = { all = { users = 20; spawn_rate = 1000.0; }; };
CFG
}

# ----------------------------------------------------------------- figures that are right
exec 31<>"/dev/tcp/127.0.0.1/$redis_port" 32<>"/dev/tcp/127.0.0.1/$redis_port"
paced "http://127.0.0.1:$nginx_port"
load "$work/paced.cfg" -t 8s --probe "redis:127.0.0.1:$redis_port" --probe "nginx:$nginx_status"
check 'redis: live' 'live: ' "$(state redis)"
check 'redis: its clients, with this probe' 3.0 "$(series redis clients last)"
check 'redis: maxclients is the limit' 20.0 "$(series redis clients limit)"
check 'redis: our own commands are none' 0.0 "$(series redis commands max)"
check 'redis: nor are our bytes' 0.0 "$(series redis 'network in' max)"
holds 'redis: answers within a second' "0 < $(series redis ping max) < 1"
check 'nginx: live' 'live: ' "$(state nginx)"
holds 'nginx: requests per second are those that were made' \
    "abs($(series nginx requests last) - 100) <= 5"
holds 'nginx: in the mean too' "abs($(series nginx requests mean) - 100) <= 12"
holds 'nginx: a connection for each user' "abs($(series nginx connections last) - 20) <= 1"
check 'nginx: drops nothing' 0.0 "$(series nginx dropped max)"
exec 31>&- 32>&-

paced "$demo"
load "$work/paced.cfg" -t 8s \
    --probe "prometheus:$demo/metrics#demo_requests_total{path=\"/\"}" \
    --probe "promql:$prometheus#sum(demo_servers)" --probe "promql:$prometheus#no_such_metric" \
    --probe "promql:$prometheus#sum(" --probe "prometheus:$demo/about#x" \
    --probe "promql:$demo#up" --probe "nginx:$demo/nothing"
check 'prometheus: live' 'live: ' "$(state prometheus)"
check 'prometheus: a counter is a rate' 1/s "$(series prometheus demo_requests_total unit)"
holds 'prometheus: of as many as were made' \
    "abs($(series prometheus demo_requests_total last) - 100) <= 5"
check 'promql: a value' 8.0 "$(json "$report" "r['probes'][1]['series'][0]['last']")"
check 'promql: no series is not 0' 'live None' \
    "$(json "$report" "r['probes'][2]['state'] + ' ' + str(r['probes'][2]['series'][0]['last'])")"
check_match 'promql: an error is told' '^denied Prometheus does not answer .*parse error' \
    "$(json "$report" "r['probes'][3]['state'] + ' ' + r['probes'][3]['text']")"
check_match 'prometheus: another page' '^denied .*something else than figures' \
    "$(json "$report" "r['probes'][4]['state'] + ' ' + r['probes'][4]['text']")"
check_match 'promql: another server' '^denied .*(status 404|as a Prometheus server)' \
    "$(json "$report" "r['probes'][5]['state'] + ' ' + r['probes'][5]['text']")"
check_match 'nginx: another page' '^denied .*stub_status' \
    "$(json "$report" "r['probes'][6]['state'] + ' ' + r['probes'][6]['text']")"

# nginx has 512 connections: more than these are accepted and dropped.
begin_load "$demo/" -u 1 --probe "nginx:$nginx_status"
nginx_is_asked()
{
    fetch "$nginx_port" /status | grep -q 'Waiting: 1'
}
until_true "$DEADLINE" nginx_is_asked || fail 'nobody asks nginx'
python3 - "$nginx_port" "$work/log" <<'PY'
import resource, socket, sys, time
resource.setrlimit(resource.RLIMIT_NOFILE, (1024, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
held, end = [], time.monotonic() + 20
while time.monotonic() < end and "drops connections" not in open(sys.argv[2]).read():
    try:
        s = socket.create_connection(("127.0.0.1", int(sys.argv[1])), 1)
        s.send(b"GET / HTTP/1.1\r\n")
        held.append(s)
    except OSError:
        pass
    if len(held) > 600:
        held.pop(0).close()
    if len(held) > 500:
        time.sleep(0.02)
PY
told 'nginx drops connections: its worker_connections are used up'
end_load

# ------------------------------------------------------------ redis is used up, hangs, ends
# shellcheck disable=SC2016 # Lua, not ours
fill='for i = 1, 2000 do redis.call("set", "k" .. ARGV[1] .. i, string.rep("x", 1000)) end'
# Until it is told: while the probe cannot ask, it does not see what is evicted.
# shellcheck disable=SC2317 # called by until_true
evicting_is_told()
{
    redis_do eval "$fill" 0 "$RANDOM" >"$work/redis.out" 2>&1
    grep -q 'redis evicts keys' "$work/log"
}
paced "$demo"
begin_load "$work/paced.cfg" --probe "redis:127.0.0.1:$redis_port"
until_true "$DEADLINE" eval 'redis_do client list | grep -q cmd=info' || fail 'nobody asks redis'
for n in {40..57}; do
    eval "exec $n<>/dev/tcp/127.0.0.1/$redis_port"
done
exec 58<>"/dev/tcp/127.0.0.1/$redis_port" || :
told 'clients reached 20 of 20'
exec 59<>"/dev/tcp/127.0.0.1/$redis_port" || :
told 'redis refuses connections: 20 of 20 clients'
load_too() # another run beside that one
{
    local report=$work/too.json
    load "$@"
    check_match 'full when the probe comes' '^down.*as many clients as maxclients allows.*finding' \
        "$(json "$report" "r['probes'][0]['state'] + r['probes'][0]['text'] + str(r['events'])")"
}
load_too "$work/paced.cfg" -t 1s --probe "redis:127.0.0.1:$redis_port"
for n in {40..59}; do
    eval "exec $n>&-"
done
redis_do config set maxmemory 2mb >"$work/redis.out"
redis_do config set maxmemory-policy allkeys-lru >"$work/redis.out"
until_true "$DEADLINE" evicting_is_told
told 'redis evicts keys: its maxmemory of 2 MiB is full \(allkeys-lru\)'
redis_do config set maxmemory-policy noeviction >"$work/redis.out"
redis_do config set maxmemory 1mb >"$work/redis.out"
redis_do set one more >"$work/redis.out" 2>&1
told 'redis refuses writes: its maxmemory of 1 MiB is full \(noeviction\)'
kill -STOP "$redis_pid"
told 'does not answer: it hangs'
kill -CONT "$redis_pid"
told 'redis is back'
end_engine "$redis_pid"
told 'redis: 127.0.0.1:[0-9]* (closed the connection|cannot be reached)'
launch TERM redis redis-server --port "$redis_port" --bind 127.0.0.1 --save '' --dir "$work/redis"
redis_pid=$engine_pid
told 'redis was started anew'
redis_do config set requirepass 'open sesame' >"$work/redis.out"
end_load
check_match 'the report has it all' \
    'full: clients reached.*finding: refuses conn.*finding: evicts.*probe: .*is back.*restart: ' \
    "$(events redis)"
holds 'and when the clients were used up' "$(series redis clients first_full_s) > 0"

cat >"$work/guarded.cfg" <<CFG
target = "$demo";
probes = (
  { type = "redis"; name = "right"; address = "127.0.0.1:$redis_port"; password = { secret = "env:RIGHT"; }; },
  { type = "redis"; name = "wrong"; address = "127.0.0.1:$redis_port"; password = { secret = "env:WRONG"; }; }
);
user_classes = ( { name = "u"; wait = { constant = 0.1; }; tasks = ( { request = "GET /"; } ); } );
CFG
RIGHT='open sesame' WRONG='close barley' load "$work/guarded.cfg" --trust -u 1 -t 3s
check 'redis: with its password' 'live: ' "$(state right)"
# The other probe's attempt is a client's like any other, but it does not try again so soon.
check 'redis: our log-in is none of its commands' 0.0 "$(series right commands last)"
check_match 'redis: another password' '^denied: .*wants another log-in' "$(state wrong)"
check 'no password is told' '' "$(grep -E 'sesame|barley' "$report" "$work/out" "$work/err")"

# ---------------------------------------------------------------------------- commands
cat >"$work/commands.cfg" <<CFG
target = "$demo";
probes = (
  { type = "command"; name = "depth"; command = ["/bin/sh", "-c", "echo depth=18/20; echo note"]; },
  { type = "command"; name = "fails"; command = ["/bin/sh", "-c", "echo 'no queue' >&2; exit 3"]; },
  { type = "command"; name = "hangs"; timeout = 0.5;
    command = ["/bin/sh", "-c", "trap '' TERM; echo \$\$ >>$work/hung; sleep 1000 & echo \$! >>$work/hung; wait; wait"]; },
  { type = "command"; name = "goes on"; runs_on = true; period = 0.2;
    command = ["/bin/sh", "-c", "echo \$\$ >>$work/hung; while :; do i=\$((i + 1)); echo n=\$i; sleep 0.1; done"]; }
);
user_classes = ( { name = "u"; wait = { constant = 0.1; }; tasks = ( { request = "GET /"; } ); } );
CFG
# refused NAME: the run, for want of trust
refused()
{
    run "$work/commands.cfg" -u 1 -t 2s --headless
    check_match "$1: refused" '^2 ramptop: .*commands\.cfg asks to run ' "$code $(cat "$work/err")"
}

refused 'not trusted'
check 'not trusted: nothing ran' no "$([ -e "$work/hung" ] && echo yes || echo no)"

run trust "$work/commands.cfg"
check 'nobody there to ask: not trusted' 2 "$code"
check_match 'but shown, word by word' '^  run "/bin/sh" "-c" "echo depth=18/20; echo note" \(.*commands\.cfg:3\)$' "$(cat "$work/out")"

all_gone()
{
    local p
    while read -r p; do
        [ ! -d "/proc/$p" ] || return 1
    done <"$work/hung"
}

check_commands()
{
    check_match "$1: a figure, a remark" '^live: 1 line' "$(state depth)"
    check "$1: its value" 18.0 "$(series depth depth last)"
    check "$1: its limit" 20.0 "$(series depth depth limit)"
    check "$1: a failure in its words" 'down: /bin/sh ended: exit status 3: no queue' "$(state fails)"
    check "$1: one that hangs is ended" 'down: /bin/sh took longer than 0.5 s: it was ended.' \
        "$(state hangs)"
    holds "$1: one that goes on" "$(series 'goes on' n last) > 5"
    check "$1: it hung" yes "$([ -s "$work/hung" ] && echo yes)"
    until_true "$DEADLINE" all_gone || fail "$1: left over: $(cat "$work/hung")"
    rm -f "$work/hung"
}

load "$work/commands.cfg" -u 1 -t 4s --allow-exec
check_commands 'let run once'
refused 'only once'

tmux_start 120 30
command_line "XDG_STATE_HOME='$XDG_STATE_HOME' ramptop trust '$work/commands.cfg'"
wait_for '\[y/N\]' 'asks'
keys Enter
wait_for 'It is not let do that' 'no is no'
check 'no: nothing is kept' no "$([ -e "$work/state/ramptop/trusted" ] && echo yes || echo no)"
command_line "clear; XDG_STATE_HOME='$XDG_STATE_HOME' ramptop trust '$work/commands.cfg'"
wait_for '\[y/N\]'
keys y
wait_for 'It is from now on' 'yes is yes'
tmux_end
load "$work/commands.cfg" -u 1 -t 4s
check_commands 'trusted'
sed -i 's/echo note/echo other/' "$work/commands.cfg"
refused 'changed'
run trust --yes "$work/commands.cfg"
check 'trusted without being asked' 0 "$code"
load "$work/commands.cfg" -u 1 -t 2s
check_match 'trusted anew' '^live' "$(state depth)"

check_none_left_but_demo()
{
    end_pid "$demo_pid"
    check_none_left
}
check_none_left_but_demo
finish
