#!/bin/bash
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2154 # work, pg_dsn, code ... are lib.sh's and engines.sh's
# The resource that reached its limit first, in words: the demo target in a container, served
# by a real PostgreSQL through a pool of 20, ramped past what these can do; and nothing of
# the kind where nothing is full.
. "${top_srcdir:-.}/tests/e2e/lib.sh"
. "$top_srcdir/tests/e2e/engines.sh"
grep -q '^#define HAVE_LIBPQ 1$' "$top_builddir/config.h" ||
    skip 'built without libpq (apt-get install libpq-dev)'
need_demo
need python3 python3
start_postgres max_connections=60
pg_sql 'grant create on database postgres to app' || exit 99
dsn=${pg_dsn/user=postgres/user=app}
report=$work/report.json
why=

# 20 connections for 100 ms each are 200 requests per second; users wait 1 s.
profile()
{
    cat >"$work/ramp.cfg" <<CFG
target = "http://127.0.0.1:$1";
user_classes = ( { name = "visitor"; wait = { constant = 1.0; };
    tasks = ( { request = "GET /"; } ); } );
levels = {
  calm = { users = 20; spawn_rate = 20.0; run_time = "5s"; };
  ramp = { stages = ( { users = 60; over = "2s"; hold = "8s"; },
                      { users = 500; over = "8s"; hold = "5m"; } ); };
};
CFG
}

finding()
{
    json "$report" "r['finding']"
}

# series GROUP SERIES FIGURE
series()
{
    json "$report" "[s['$3'] for p in r['probes'] for s in p['series'] \
        if s['group'] == '$1' and s['name'] == '$2'][0]"
}

# --------------------------------------------- the demo by itself: nothing is asked for
run demo --postgres "$dsn" --pool 20 --service-ms 50 --queue 3000 -u 1200 -r 80 -t 22s \
    --headless --quiet --json "$report"
check 'demo: exit code' 0 "$code"
check 'demo: its database is watched' "['postgres']" "$(json "$report" "[p['type'] for p in r['probes']]")"
check 'demo: the pool was full' '20.0 20.0' \
    "$(series pool 'busy connections' max) $(series pool 'busy connections' limit)"
check_match 'demo: the pool is named' '^pool busy connections reached 20 of 20 ' "$(finding)"

run demo --postgres "$dsn" --pool 20 --service-ms 5 -u 3 -t 6s --headless --quiet --json "$report"
check 'demo, little load: exit code' 0 "$code"
check 'demo, little load: no word of a limit' None "$(finding)"
check 'demo, little load: it was watched' live "$(json "$report" "r['probes'][0]['state']")"

run demo --postgres "$dsn" --no-probes -u 3 -t 2s --headless --quiet --json "$report"
check 'demo, --no-probes: nothing is watched' 0 "$(json "$report" "len(r['probes'])")"

# ------------------------------------------------------------------------ in a container
answers()
{
    fetch "$port" / >/dev/null 2>&1
}

probes=(--probe "postgres:$dsn,pool=app:20")
free_port
target_port=$port
if (need dockerd docker.io && need busybox busybox-static) >"$work/why" && try_docker; then
    # What the program needs is this machine's own.
    folders=(-v "$(dirname "$ramptop"):/ramptop:ro")
    for folder in /usr /lib /lib64; do
        [ ! -d "$folder" ] || folders+=(-v "$folder:$folder:ro")
    done
    run_container target --network host --memory 512m "${folders[@]}" -- \
        "exec /ramptop/ramptop demo --serve --port $target_port --postgres '$dsn' --pool 20 \
        --service-ms 100 --queue 2000"
    export DOCKER_HOST=$docker_host
    probes+=(--probe docker:target)
else
    why="${why:-$(cat "$work/why")}"
    echo "the container is left out: $why"
    start_demo --port "$target_port" --postgres "$dsn" --pool 20 --service-ms 100 --queue 2000
fi
port=$target_port
until_true "$DEADLINE" answers || fail "the target does not answer: $(docker_do logs target 2>&1)"
profile "$target_port"

run "$work/ramp.cfg" --level calm --headless --quiet --json "$report" "${probes[@]}"
check 'calm: exit code' 0 "$code"
check 'calm: no word of a limit' None "$(finding)"
check 'calm: all probes are live' True "$(json "$report" "all(p['state'] == 'live' for p in r['probes'])")"

named='app busy connections reached 20 of 20 at [0-9:]+, .*p99 passed [0-9.]+ m?s'
if command -v tmux >/dev/null; then
    tmux_start 140 40
    words=
    for word in "$work/ramp.cfg" --level ramp --json "$report" "${probes[@]}"; do
        words+=" $(printf %q "$word")"
    done
    rm -f "$report"
    command_line "go$words"
    DEADLINE=90 wait_for 'breaking since [0-9:]+ .[0-9,]+ users, [0-9,.]+ req/s.: app busy connections' \
        'the console names the pool first'
    text q
    wait_for 'exit code [01]$' 'the console ends'
    tmux_end
else
    echo 'tmux is not installed (apt-get install tmux): the console was not tried'
    run "$work/ramp.cfg" --level ramp -t 40s --headless --quiet --json "$report" "${probes[@]}"
fi
check_match 'the report names it as well' "^$named" "$(finding)"
check 'no more than the pool' 20.0 "$(series app connections max)"
[ -n "$why" ] || check 'the container was watched' True \
    "$(json "$report" "any(p['type'] == 'docker' and p['state'] == 'live' for p in r['probes'])")"

finish
