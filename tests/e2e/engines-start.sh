#!/bin/bash
# SPDX-License-Identifier: MIT
# Each engine of engines.sh starts, answers and ends without leaving anything.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/engines.sh"
need initdb postgresql
need pgbouncer pgbouncer
need prometheus prometheus
need redis-server redis-server
need nginx nginx-light
need dockerd docker.io
need busybox busybox-static
need_demo

start_postgres max_connections=30 shared_preload_libraries=pg_stat_statements
check 'postgres has the setting it was given' 30 "$(pg_sql 'show max_connections')"
check 'postgres answers on its socket' monitor \
    "$(pg_sql 'select current_user' "host=$pg_dir port=$pg_port user=monitor dbname=postgres")"
check 'pg_stat_statements counts' t "$(pg_sql 'select count(*) > 0 from pg_stat_statements')"
check 'the guarded role comes in with its password' guarded \
    "$(pg_sql 'select current_user' "${pg_dsn/user=postgres/user=guarded} password='open sesame'")"
check_match 'and not without' 'no password supplied' \
    "$(pg_sql 'select 1' "${pg_dsn/user=postgres/user=guarded}" 2>&1 </dev/null)"

start_redis --requirepass sesame
check 'redis wants its password' 'NOAUTH Authentication required.' "$(redis_do ping)"
check 'redis answers' PONG "$(redis_do --no-auth-warning -a sesame ping)"

start_pgbouncer
check 'pgbouncer hands on to postgres' app "$(pg_sql 'select current_user' "$bouncer_dsn")"
check_match 'pgbouncer tells its pools' '^postgres\|app\|' \
    "$(pg_sql 'show pools' "$bouncer_stats_dsn")"
check_match 'and lets its reader do no more' 'admin access needed' \
    "$(pg_sql 'reload' "$bouncer_stats_dsn" 2>&1)"

start_nginx_status
check_match 'nginx tells its status' '^Active connections: [0-9]+' "$(fetch "$nginx_port" /status)"


scraped()
{
    fetch "$prometheus_port" '/api/v1/query?query=up' | grep -q '"1"'
}

start_demo --port 0
start_prometheus "$demo_port"
until_true "$DEADLINE" scraped || fail 'prometheus does not read /metrics'

# memory_of NAME: as docker stats tells it
memory_of()
{
    docker_do stats --no-stream --format '{{.MemUsage}}' "$1"
}

# The kernel's word; docker's percent of one second may be 72 where the machine halts for a moment.
was_throttled()
{
    docker_do exec cpu sh -c 'cat /sys/fs/cgroup/cpu/cpu.stat || cat /sys/fs/cgroup/cpu.stat' \
        2>/dev/null | grep -q '^nr_throttled [1-9]'
}

has_written()
{
    docker_do logs cache 2>&1 | grep -q 'records out'
}

page_is_fine()
{
    [ "$(fetch "$web_port" / 2>/dev/null)" = fine ]
}

was_killed()
{
    [ "$(docker_do inspect --format '{{.State.Status}} {{.State.OOMKilled}} {{.RestartCount}}' \
        hog)" = 'exited true 1' ]
}

# of_docker: the processes of our daemon
of_docker()
{
    local p
    for p in /proc/[0-9]*; do
        grep -qsF "$work/docker/" "$p/cmdline" && tr '\0' ' ' <"$p/cmdline"
    done
}

networks=$(ls /sys/class/net)
if try_docker; then
    run_container cpu --cpus 0.5 -- "$busy"
    run_container cache --memory 128m -- "$page_cache"
    run_container hog --memory 16m --memory-swap 16m --restart on-failure:1 -- "$memory_hog"
    make_network pages
    run_container web --network pages -p 127.0.0.1::8080 -- "$web"
    web_port=$(published web 8080)
    until_true "$DEADLINE" page_is_fine || fail 'no container answers on a published port'
    check 'half a CPU is its limit' 500000000 \
        "$(docker_do inspect --format '{{.HostConfig.NanoCpus}}' cpu)"
    # On a busy machine it gets less than half a CPU anyhow; a hundredth is always too little.
    docker_do update --cpus 0.01 cpu >/dev/null
    until_true "$DEADLINE" was_throttled || fail 'one with a hundredth of a CPU is not held to it'
    until_true "$DEADLINE" has_written || fail 'the file that is to be cached is not written'
    check_match 'page cache is not its memory' '^([0-9.]+KiB|[1-9]\.[0-9]+MiB) / 128MiB' \
        "$(memory_of cache)"
    until_true "$DEADLINE" was_killed || fail 'the hog is not killed'
    check_match 'a container killed for its memory' true \
        "$(docker_do inspect --format '{{.State.OOMKilled}}' hog)"
    # One whose daemon was killed leaves nothing either.
    kill -KILL "$docker_pid"
    wait "$docker_pid" 2>/dev/null
    end_docker
    check 'no container outlives its daemon' '' "$(of_docker)"
    check 'nor a network' "$networks" "$(ls /sys/class/net)"
else
    echo "no Docker engine here: $why"
fi

# Stopped engines end as well as running ones, and what they started with them.
kill -STOP "$redis_pid"
all=$engines
end_engines
for engine in $all; do
    gone "${engine#*:}" || fail "an engine is left: $engine"
done
check 'nobody listens where postgres was' '' \
    "$(pg_isready -q -h 127.0.0.1 -p "$pg_port" && echo somebody)"
finish
