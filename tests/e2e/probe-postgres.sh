#!/bin/bash
# SPDX-License-Identifier: MIT
# The postgres and pgbouncer probes against the real servers: a pool that grows under load
# until the server refuses, deadlocks, a crash, a server that is stopped, log-ins that fail.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/engines.sh"
keep_secret 'open sesame'
grep -q '^#define HAVE_LIBPQ 1$' "$top_builddir/config.h" ||
    skip 'built without libpq (apt-get install libpq-dev)'
need_demo
need initdb postgresql
need pgbench postgresql
need python3 python3

# 24 connections for ordinary roles: the probe's, a pool of 20, and some more.
start_postgres max_connections=27 superuser_reserved_connections=3 deadlock_timeout=100ms \
    shared_preload_libraries=pg_stat_statements
pg_sql 'create role poor login'
as_app=${pg_dsn/user=postgres/user=app}
as_poor=${pg_dsn/user=postgres/user=poor}
as_monitor=${pg_dsn/user=postgres/user=monitor}
start_demo --truth "$work/truth"

# ------------------------------------------------------------------------------- tools

# begin NAME OPTION...: a run in the background, until end_run
begin()
{
    name=$1
    shift
    "$ramptop" --headless -u 5 -t 300s --log "$work/$name.log" --json "$work/$name.json" \
        "$@" "$demo" >"$work/$name.out" 2>"$work/$name.err" </dev/null &
    run_pid=$!
    pids="$pids $run_pid "
}

end_run()
{
    end_pid "$run_pid" INT
    check "$name: its report is whole" True "$(json "$work/$name.json" 'len(r["probes"]) > 0')"
}

told()
{
    grep -qE -e "$1" "$work/$name.log" "$work/$name.err" 2>/dev/null
}

# wait_told REGEX NAME: the log or the running table says so
wait_told()
{
    if until_true "$DEADLINE" told "$1"; then
        pass "$name: $2"
    else
        fail "$name: $2: no '$1' in:"
        tail -n 30 "$work/$name.log" "$work/$name.err"
    fi
}

# of GROUP SERIES FIELD: of the run's first probe
of()
{
    json "$work/$name.json" "[s['$3'] for s in r['probes'][0]['series'] \
        if s['group'] == '$1' and s['name'] == '$2'][0]"
}

events()
{
    json "$work/$name.json" "'\n'.join(e['kind'] + ' ' + e['text'] for e in r['events'])"
}

sessions() # ROLE
{
    pg_sql "select count(*) from pg_stat_activity where usename = '$1'"
}

has_sessions() # ROLE COUNT
{
    [ "$(sessions "$1")" = "$2" ]
}

watching()
{
    [ "$(pg_sql "select count(*) from pg_stat_activity where application_name = 'ramptop-probe'")" \
        = 1 ]
}

answered()
{
    wc -l <"$work/truth"
}

# idle_pool COUNT: one that has opened so many connections and uses none
idle_pool()
{
    echo '\sleep 300 s' >"$work/idle.sql"
    pgbench -n -c "$1" -T 300 -f "$work/idle.sql" "$as_app" >>"$work/pgbench.log" 2>&1 &
    pids="$pids $! "
    pools="$pools $!"
}

# pool COUNT: an application with so many connections that are busy most of the time
pool()
{
    echo 'select pg_sleep(0.2)' >"$work/work.sql"
    pgbench -n -c "$1" -T 300 -f "$work/work.sql" "$as_app" >>"$work/pgbench.log" 2>&1 &
    pool_pid=$!
    pids="$pids $pool_pid "
    pools="$pools $pool_pid"
}

full()
{
    [ "$(pg_sql "select count(*) from pg_stat_activity
            where usename in ('app', 'poor', 'monitor')")" -ge 24 ]
}

one_more()
{
    full && return
    pg_sql 'select pg_sleep(300)' "$as_poor" >/dev/null 2>&1 &
    pids="$pids $! "
    pools="$pools $!"
    return 1
}

# fill: until there is no room for anybody; who is refused meanwhile is none of it
fill()
{
    until_true "$DEADLINE" one_more || fail 'the server does not get full'
}

end_pools()
{
    local p
    for p in $pools; do
        end_pid "$p"
    done
    pools=
    pg_sql "select pg_terminate_backend(pid) from pg_stat_activity where usename in ('app', 'poor')" \
        >/dev/null 2>&1
    until_true "$DEADLINE" has_sessions app 0 || fail 'the pool does not end'
    until_true "$DEADLINE" has_sessions poor 0 || fail 'the others do not end'
}
pools=

# ---------------------------------------------- a pool that is opened is not a full one

begin opened --probe "postgres:$as_monitor,pool=app:20,as=shop"
until_true "$DEADLINE" watching || fail 'the probe is not connected'
idle_pool 20
wait_told 'shop connections 2[1-3]/24' 'all of a pool are open'
end_run
end_pools
check 'the pool was seen' 20.0 "$(of app connections max)"
check 'no limit is said to be reached' '[]' "$(json "$work/opened.json" \
    "[e['text'] for e in r['events'] if 'reached' in e['text']]")"
check 'nor in the finding' False "$(json "$work/opened.json" "'app ' in str(r['finding'])")"

# ------------------------------------------- a pool grows until the server takes no more

begin grow --probe "postgres:$as_monitor,pool=app:20,as=shop"
until_true "$DEADLINE" watching || fail 'the probe is not connected'
for size in 5 10 15 20; do
    pool 5
    until_true "$DEADLINE" has_sessions app $size || fail "the pool does not grow to $size"
done
wait_told 'app busy connections reached 20 of 20' 'the pool at its limit is told'
fill
wait_told 'shop connections reached 2[4-7] of 24' 'and the server at its own'
check_match 'nobody else is let in' 'remaining connection slots are reserved|too many clients' \
    "$(pg_sql 'select 1' "$as_app" 2>&1)"
wait_told 'target: .*shop connections 2[4-7]/24' 'the probe, which was there before, still polls'
end_pools

# Two sessions that wait for each other, for sure: each takes its second lock when the
# other has its first.
half() # MINE OTHER
{
    pg_sql "begin; select pg_advisory_xact_lock($1);
        do 'begin while not exists (select from pg_locks where locktype = ''advisory''
            and objid = $2 and granted) loop perform pg_sleep(0.01); end loop; end';
        select pg_advisory_xact_lock($2); commit" "$as_app"
}
for _ in 1 2 3; do
    half 1 2 >"$work/half1" 2>&1 &
    half_pid=$!
    half 2 1 >"$work/half2" 2>&1
    wait "$half_pid"
    cat "$work/half1" "$work/half2" >>"$work/halves"
done
check 'three deadlocks were provoked' 3 "$(grep -c 'deadlock detected' "$work/halves")"
wait_told '3 since the probe began' 'each deadlock is counted'

# A session that holds a lock, and two that wait for it.
pg_sql 'begin; select pg_advisory_xact_lock(7); select pg_sleep(300)' "$as_app" \
    >"$work/holder" 2>&1 &
holder_pid=$!
pids="$pids $holder_pid "
until_true "$DEADLINE" has_sessions app 1
for _ in 1 2; do
    pg_sql 'select pg_advisory_xact_lock(7)' "$as_app" >/dev/null 2>&1 &
    pids="$pids $! "
done
wait_told 'connections [4-6]/24, 2 waiting' 'those that wait for locks stand beside the connections'

# One of its processes dies: the server ends all sessions and recovers.
holder=$(pg_sql "select pid from pg_stat_activity where query like '%pg_sleep(300)' and pid <> pg_backend_pid()")
kill -KILL "$holder"
wait_told 'one of its processes crashed|closed the connection' 'a crash of the server is told'
wait_told 'recovered from a crash' 'and that it recovered'
wait_told 'shop is back' 'the probe is back by itself'

# Stopped, all of it: no answer comes, and no refusal either.
until_true "$DEADLINE" watching || fail 'the probe is not connected again'
stopped="$pg_pid $(cat /proc/"$pg_pid"/task/*/children)"
# shellcheck disable=SC2086 # several
kill -STOP $stopped 2>/dev/null
wait_told 'did not answer the probe.s question within 2\.[01] s' 'a stopped server is down at the deadline'
before=$(answered)
wait_told 'does not answer within 3\.[01] s' 'nor does it take a connection'
during=$(($(answered) - before))
# shellcheck disable=SC2086
kill -CONT $stopped 2>/dev/null
check 'the load went on' yes "$([ "$during" -gt 50 ] && echo yes || echo "no, $during requests")"
back_twice()
{
    [ "$(grep -c 'shop is back' "$work/grow.log")" -ge 2 ]
}
until_true "$DEADLINE" back_twice || fail 'it does not come back'
end_run
check 'the pool was seen full' 20.0 "$(of app connections max)"
check 'its limit is in the report' 20.0 "$(of app connections limit)"
check_match 'most of it was busy' '^(1[5-9]|20)\.0$' "$(of app 'busy connections' max)"
check_match 'the server was seen full' '^2[4-7]\.0$' "$(of '' connections max)"
check 'the deadlocks are those of the server' 3.0 "$(of '' deadlocks max)"
check 'two waited for a lock' 2.0 "$(of '' 'waiting lock' max)"
check_match 'its transactions were counted' True "$(json "$work/grow.json" \
    "[s['max'] for s in r['probes'][0]['series'] if s['name'] == 'tps'][0] > 20")"
check_match 'where it is, without more' '^monitor@127\.0\.0\.1:[0-9]+/postgres$' \
    "$(json "$work/grow.json" 'r["probes"][0]["where"]')"
check 'no request failed' 0 "$(json "$work/grow.json" 'r["failures"]')"
echo "cost: $(json "$work/grow.json" 'r["probes"][0]["cost_percent"]') % of a core"

# ------------------------------------------------------ a probe that comes when it is full

pool 10
fill
begin late --probe "postgres:$as_monitor,as=shop"
wait_told 'takes no more connections \(53300' 'a refusal is a finding'
end_pools
wait_told 'shop is there now' 'and it is taken when there is room'
end_run
check 'the finding is told once' 1 "$(events | grep -c '^finding takes no more connections')"
check_match 'with a remedy' 'Start ramptop before the load' "$(events)"

# ------------------------------------------------------------------------------ log-ins

as_guarded=${pg_dsn/user=postgres/user=guarded}
cat >"$work/pw.cfg" <<CFG
target = "$demo";
probes = (
    { type = "postgres"; name = "wrong"; dsn = "$as_guarded";
      password = { secret = "env:WRONG"; }; },
    { type = "postgres"; name = "right"; dsn = "$as_guarded";
      password = { secret = "env:RIGHT"; }; }
);
user_classes = ( { name = "visitor"; tasks = ( { request = "GET /"; } ); } );
CFG
WRONG='shibboleth 99' RIGHT='open sesame' run --headless --trust -u 1 -t 2s --json "$work/pw.json" \
    "$work/pw.cfg"
state_of()
{
    json "$work/$1.json" "[p['state'] for p in r['probes'] if p['name'] == '$2'][0]"
}
check 'a wrong password is denied' denied "$(state_of pw wrong)"
check 'the right one is taken' live "$(state_of pw right)"
check_match 'it says which and what to do' 'does not take the password of guarded \(28P01\)' \
    "$(cat "$work/err" "$work/out")"
check 'no password is anywhere' '' \
    "$(grep -lE 'shibboleth|sesame' "$work/out" "$work/err" "$work/pw.json")"

PGAPPNAME=other pg_sql 'select pg_sleep(300)' "$as_app" >/dev/null 2>&1 &
pids="$pids $! "
until_true "$DEADLINE" has_sessions app 1
begin poor --probe "postgres:$as_poor,as=shop" \
    --probe "postgres:${pg_dsn/dbname=postgres/dbname=nowhere},as=nix"
wait_told 'target: .*shop connections' 'a role without pg_monitor polls too'
wait_told 'has no database "nowhere" \(3D000\)' 'a database that is not there is told'
end_run
check 'what it cannot see is said with the remedy' \
    '1 session hidden: GRANT pg_monitor TO poor' \
    "$(json "$work/poor.json" 'r["probes"][0]["text"]')"
check 'hidden sessions are connections' 2.0 "$(of '' connections max)"

# ------------------------------------------- who waits for whom, in the console, by key

# holds NUMBER...: a session that takes these advisory locks one after the other and keeps
# them
holds()
{
    local sql='begin;' lock
    for lock; do
        sql="$sql select pg_advisory_xact_lock($lock);"
    done
    pg_sql "$sql select pg_sleep(300)" "$as_app" >/dev/null 2>&1 &
    pids="$pids $! "
}

lock_count() # GRANTED COUNT
{
    [ "$(pg_sql "select count(*) from pg_locks where locktype = 'advisory' and granted = $1")" \
        = "$2" ]
}

end_pools
if command -v tmux >/dev/null; then
    holds 1
    until_true "$DEADLINE" lock_count true 1 || fail 'nobody holds the first lock'
    holds 2 1
    until_true "$DEADLINE" lock_count false 1 || fail 'nobody waits for the first lock'
    holds 2
    until_true "$DEADLINE" lock_count false 2 || fail 'nobody waits for the second lock'
    tmux_start 130 45
    command_line "go -u 1 --probe 'postgres:$as_monitor,pool=nobody:3,as=shop' $demo"
    wait_for 'shop' 'the console watches the database'
    keys 6
    wait_for 'deadlocks'
    wait_for 'nobody connections +0/3, no such session' 'a pool that matches nobody says so'
    pgbench -n -c 1 -t 20 -f "$work/work.sql" "$as_app" >"$work/pgbench.log" 2>&1
    keys d
    wait_for 'who waits for whom +for +role' 'details by key'
    wait_for '^.?[0-9]+ holds up 2 .* app +active ' 'the root of a chain comes first'
    wait_for '^.?  [0-9]+ holds up 1 .* app +advisory ' 'the next waits for it'
    wait_for '^.?    [0-9]+ waits .* app +advisory ' 'and the last for that'
    wait_for ' 20 +1 +select pg_sleep' 'what took most time since the probe began'
    keys q
    wait_for 'exit code'
    tmux_end
    end_pools
else
    echo 'tmux is not installed (apt-get install tmux): the console was not tried'
fi

# ----------------------------------------------------------------------------- pgbouncer

command -v pgbouncer >/dev/null || {
    echo 'pgbouncer is not installed (apt-get install pgbouncer): its probe is not tested'
    finish
}
start_pgbouncer
begin bouncer --probe "pgbouncer:$bouncer_stats_dsn" \
    --probe "postgres:$bouncer_dsn,as=through"
pgbench -n -c 12 -T 300 -f "$work/work.sql" \
    "$bouncer_dsn" >"$work/pgbench.log" 2>&1 &
pids="$pids $! "
wait_told 'server connections reached 5 of 5' 'the real pool at its limit is told'
wait_told 'server connections 5/5, ([789]|1[0-9]) waiting' 'and how many clients wait'
wait_told 'server connections .*through connections' 'a server behind it is looked at too'
end_run
check 'seven at least waited' True "$(json "$work/bouncer.json" \
    "[s['max'] for s in r['probes'][0]['series'] if s['name'] == 'clients waiting'][0] >= 7")"
check_match 'through a pooler it says so' 'through a pooler' \
    "$(json "$work/bouncer.json" 'r["probes"][1]["text"]')"
finish
