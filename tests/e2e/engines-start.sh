#!/bin/bash
# SPDX-License-Identifier: MIT
# Each engine of engines.sh starts, answers and ends without leaving anything.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/engines.sh"
need initdb postgresql
need redis-server redis-server
need nginx nginx-light

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

start_nginx_status
check_match 'nginx tells its status' '^Active connections: [0-9]+' "$(fetch "$nginx_port" /status)"

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
