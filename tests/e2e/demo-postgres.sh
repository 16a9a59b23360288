#!/bin/bash
# SPDX-License-Identifier: MIT
# The demo target served by a real PostgreSQL: its connections, its capacity, its counts
# against the database's own, and what it answers when the database refuses, breaks or stops.

. "${top_srcdir:-.}/tests/e2e/lib.sh"
. "$top_srcdir/tests/e2e/engines.sh"
need python3 python3
need_demo
keep_secret 'open sesame'
grep -q '^#define HAVE_LIBPQ 1$' "$top_builddir/config.h" ||
    skip 'built without PostgreSQL (apt-get install libpq-dev)'
start_postgres max_connections=60
pg_sql 'create database shop' && pg_sql 'grant create on database shop to guarded' || exit 99
dsn="host=127.0.0.1 port=$pg_port dbname=shop user"

# sql TEXT: as the superuser
sql()
{
    pg_sql "$1" "$dsn=postgres"
}

connections()
{
    sql "select count(*) from pg_stat_activity where application_name = 'ramptop-demo'"
}

# metric NAME
metric()
{
    fetch "$demo_port" /metrics | awk -v name="demo_$1" '$1 == name { print $2 }'
}

# status PATH: of one GET
status()
{
    local line
    exec 8<>"/dev/tcp/127.0.0.1/$demo_port" || return 1
    printf 'GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' "$1" >&8
    IFS= read -r -t "$DEADLINE" line <&8
    exec 8<&-
    line=${line#* }
    printf '%s' "${line%% *}"
}

# shellcheck disable=SC2317 # called by until_true, as are these:
answers()
{
    [ "$(status /)" = "$1" ]
}

# shellcheck disable=SC2317
has_connections()
{
    [ "$(connections)" = "$1" ]
}

# load USERS SECONDS: in the background; sets load_pid
load()
{
    "$ramptop" "$demo/" -u "$1" -r 1000 -t "$2" --headless --quiet --json "$work/load.json" \
        >"$work/load.out" 2>"$work/load.err" </dev/null &
    load_pid=$!
    pids="$pids $load_pid "
}

# loaded: waits for its end
loaded()
{
    wait "$load_pid"
    pids=${pids/ $load_pid / }
}

end_demo()
{
    end_pid "$demo_pid"
    check "$1: nothing on standard error" '' "$(cat "$work/demo.err")"
}

# refused NAME REGEX OPTION...: does not start, and says why without the password
refused()
{
    local name=$1 wanted=$2
    shift 2
    run demo --serve "$@"
    check "$name: exit code" 2 "$code"
    check_match "$name" "$wanted" "$(cat "$work/err")"
    grep -q 'open sesame' "$work/err" && fail "$name: the password is shown"
    check "$name: one sentence" 1 "$(wc -l <"$work/err")"
}

# --------------------------------------------------------------- what does not begin

refused 'a password in a URI' 'PGPASSWORD.*pgpass.*service=' \
    --postgres "postgres://guarded:open%20sesame@127.0.0.1:$pg_port/shop"
refused 'a password in a list' 'PGPASSWORD' --postgres "$dsn=guarded password='open sesame'"
refused 'a password as a parameter' 'PGPASSWORD' \
    --postgres "postgres://127.0.0.1/shop?user=guarded&password=open%20sesame"
refused 'a string that is none' 'connection string' --postgres "host='open sesame"
refused 'no password at all' 'wants a password: put it in PGPASSWORD' --postgres "$dsn=guarded"
PGPASSWORD=wrong refused 'a wrong password' 'password authentication failed' --postgres "$dsn=guarded"
refused 'nobody there' 'Connection refused' --postgres 'host=127.0.0.1 port=1'
refused 'servers and a pool' 'pool says how many' --postgres "$dsn=guarded" --servers 3
refused 'a pool of nothing' 'postgres DSN' --pool 3
# A file of mode 644 is not read; what libpq thinks of that is not for a screen.
echo "127.0.0.1:*:*:guarded:open sesame" >"$work/pgpass"
chmod 644 "$work/pgpass"
PGPASSFILE=$work/pgpass refused 'a password file for all' '0600' --postgres "$dsn=guarded"
chmod 600 "$work/pgpass"

# ------------------------------------------------------------ capacity, and whose it is

PGPASSFILE=$work/pgpass start_demo --postgres "$dsn=guarded" --pool 20 --truth "$work/truth"
check_match 'says when it breaks' '20 connections to PostgreSQL.*breaks at 1000 requests' \
    "$(cat "$work/demo.out")"
check 'no connection before it is needed' 0 "$(connections)"
check 'a request' 200 "$(status /)"
check 'one connection for it' 1 "$(connections)"
check 'pool_size, pool_open' '20 1' "$(metric pool_size) $(metric pool_open)"
load 60 6s
until_true "$DEADLINE" has_connections 20 || fail 'the pool does not fill up'
check_match 'they sleep in the database' '^[1-9]' "$(sql \
    "select count(*) from pg_stat_activity where application_name = 'ramptop-demo' and wait_event = 'PgSleep'")"
check_match 'requests wait: pool_waiting' '^[1-9]' "$(metric pool_waiting)"
check_match 'all are in use: pool_in_use' '^(1[5-9]|20)$' "$(metric pool_in_use)"
loaded
check 'no failures' 0 "$(json "$work/load.json" 'r["failures"]')"
check 'still 20 connections' 20 "$(connections)"
# Replies of each whole second between the first and the last: at most 20 / 20 ms.
rate=$(awk '$4 == "/" && $5 == 200 { t = int($2 / 1e9); n[t]++; if (!a || t < a) a = t; if (t > b) b = t }
    END { for (t in n) if (t > a + 1 && t < b) { sum += n[t]; k++ } print (k ? sum / k : 0) }' "$work/truth")
echo "saturated: $rate requests per second, 1000 by arithmetic"
check 'capacity is pool / service time' True "$(python3 -c "print(850 < $rate < 1030)")"
run "$demo/write" -d x -n 500 -u 10 --headless --quiet --json "$work/write.json"
check 'each POST /write updated a row' \
    "$(json "$work/write.json" 'r["requests"] - r["failures"]')" \
    "$(sql 'select sum(hits) from ramptop_demo.item')"

# -------------------------------------------------------------------- what goes wrong

check 'connections are killed' 20 "$(sql \
    "select count(pg_terminate_backend(pid)) from pg_stat_activity where application_name = 'ramptop-demo'")"
until_true "$DEADLINE" answers 200 || fail 'no answer after its connections were killed'
check 'all were lost' 20 "$(metric pool_lost_total)"
sql 'delete from ramptop_demo.item' >/dev/null
check 'a statement that finds no row' 500 "$(status /)"
end_engine "$pg_pid"
until_true "$DEADLINE" answers 503 || fail 'a database that is gone is no 503'
run "$demo/" -n 200 -u 5 --headless --quiet --json "$work/down.json"
check 'all are 503, none is lost' '200 503 200' "$(json "$work/down.json" \
    '"%d %s %d" % (r["requests"], r["failures_by_kind"][0]["kind"].split()[-1], r["failures_by_kind"][0]["count"])')"
launch INT postgres "${drop[@]}" postgres -D "$pg_dir/data" -k "$pg_dir" -p "$pg_port" \
    -c listen_addresses=127.0.0.1 -c fsync=off
came_up pg_isready -q -h 127.0.0.1 -p "$pg_port" || no_start postgres
sql "insert into ramptop_demo.item select n, 'again' from generate_series(1, 1000) n" >/dev/null
until_true "$DEADLINE" answers 200 || fail 'no answer although the database is back'
pass 'it is back with the database'
end_demo 'a pool of 20'
check 'its connections are gone' True \
    "$(until_true "$DEADLINE" has_connections 0 && echo True)"

# ------------------------------------------- a role of few connections and few rights

sql 'create role guest login connection limit 5'
start_demo --postgres "$dsn=guest" --pool 10 --queue 30
check_match 'without rights: says so' 'reads of the catalog, no updates' "$(fetch "$demo_port" /about)"
load 30 4s
until_true "$DEADLINE" has_connections 5 || fail 'not all 5 connections are used'
loaded
check 'never more than 5' 5 "$(metric pool_opened_total)"
check_match 'too many connections (53300) are counted' '^[1-9]' "$(metric pool_failed_total)"
check 'they are 503, the rest is served' 'True 503' "$(json "$work/load.json" \
    '"%s %s" % (0 < r["failures"] < r["requests"] / 10, r["failures_by_kind"][0]["kind"].split()[-1])')"
end_demo 'a role of few connections'

sql 'grant usage on schema ramptop_demo to guest; grant select on ramptop_demo.item to guest' >/dev/null
start_demo --postgres "$dsn=guest" --pool 5 --queue 3
check_match 'with a right to read: says so' 'reads a row of ramptop_demo.item, which may not' "$(fetch "$demo_port" /about)"
load 20 2s
loaded
check 'a full queue is 503' 'True 503' "$(json "$work/load.json" \
    '"%s %s" % (r["failures"] > 0, r["failures_by_kind"][0]["kind"].split()[-1])')"
check_match 'and counted' '^[1-9]' "$(metric refused_total)"
end_demo 'a right to read'

check_none_left
finish
