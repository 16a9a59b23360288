# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034
# The real things that probes watch, started from Debian's packages; read in after lib.sh.
#
#   start_postgres [SETTING=VALUE...]   pg_port pg_pid pg_dir (its socket) pg_dsn; pg_sql SQL
#   start_redis [OPTION...]             redis_port redis_pid; redis_do WORD...
#   start_nginx_status                  nginx_port nginx_pid nginx_status (the URL)
#
# Everything of an engine is below $work, on ports of 127.0.0.1 that were free.  Each is
# ended by its process id when the script ends, and by the kernel should the script be
# killed.  What cannot be had is a skip that says why, what does not start an exit 99 with
# the end of its log.

for name in $(compgen -e PG || :) $(compgen -e DOCKER_ || :) $(compgen -e CONTAINER_ || :); do
    unset "$name"
done
for name in /usr/lib/postgresql/*/bin; do # psql itself, not Debian's wrapper
    PATH=$name:$PATH
done
PATH=$PATH:/usr/sbin:/sbin
engines= # SIGNAL:PID, the latest first

# ------------------------------------------------------------------------- all of them

# free_port: sets port.  Below those that the kernel gives to connections, so that load
# does not take it before the engine does; whoever starts there tries again with another.
free_port()
{
    local low rest
    read -r low rest </proc/sys/net/ipv4/ip_local_port_range
    [ "$low" -gt 12000 ] || low=32768
    while :; do
        port=$((10000 + (RANDOM * 32768 + RANDOM) % (low - 10000)))
        grep -qsE "^ *[0-9]+: [0-9A-F]+:$(printf %04X "$port") " /proc/net/tcp /proc/net/tcp6 ||
            return 0
    done
}

# Functions start engines only in the script's own shell: one in (...) or $(...) would end
# with it.
#
# launch SIGNAL NAME COMMAND...: sets engine_pid; SIGNAL is what ends it at once, for us and
# for the kernel when this script is gone.  What it says is in $work/NAME.log.
launch()
{
    local signal=$1 name=$2
    shift 2
    setpriv --pdeathsig "$signal" "$@" >"$work/$name.log" 2>&1 </dev/null &
    engine_pid=$!
    engines="$signal:$engine_pid $engines"
}

gone()
{
    ! kill -0 "$1" 2>/dev/null
}

up_or_gone()
{
    gone "$engine_pid" || "$@" >/dev/null 2>&1
}

# came_up COMMAND...: the engine launched last answers so
came_up()
{
    until_true "$DEADLINE" up_or_gone "$@" && ! gone "$engine_pid" && return
    end_engine "$engine_pid"
    return 1
}

# no_start NAME
no_start()
{
    tail -n 20 "$work/$1.log"
    echo "$1 does not start"
    exit 99
}

# end_engine PID: also one that is stopped, or deaf
end_engine()
{
    local engine
    for engine in $engines; do
        [ "${engine#*:}" = "$1" ] || continue
        kill -CONT "$1" 2>/dev/null
        kill -"${engine%:*}" "$1" 2>/dev/null
        until_true 15 gone "$1" || kill -KILL "$1" 2>/dev/null
        wait "$1" 2>/dev/null
        engines=${engines/"$engine "/}
    done
}

end_engines()
{
    local engine
    for engine in $engines; do
        end_engine "${engine#*:}"
    done
}
trap 'end_engines; clean_up' EXIT

# unprivileged FOLDER: makes it, sets drop, the words before a command that must not be
# root and may write there
unprivileged()
{
    local user=nobody
    drop=()
    mkdir -p "$1"
    [ "$(id -u)" = 0 ] || return 0
    getent passwd postgres >/dev/null && user=postgres
    drop=(--reuid="$user" --regid="$(id -g "$user")" --clear-groups)
    chmod 711 "$work"
    chown "$user" "$1"
    (cd / && setpriv "${drop[@]}" test -w "$1") || skip "$user cannot reach $1"
}

# -------------------------------------------------------------------------- PostgreSQL

# Roles: postgres and monitor (pg_monitor) may come in freely, guarded with the password
# 'open sesame' only.  With shared_preload_libraries=pg_stat_statements that is there too.
start_postgres()
{
    local setting settings=()
    need initdb postgresql
    pg_dir=$work/postgres
    unprivileged "$pg_dir"
    for setting in listen_addresses=127.0.0.1 fsync=off "$@"; do
        settings+=(-c "$setting")
    done
    (cd / && setpriv "${drop[@]}" initdb -D "$pg_dir/data" -U postgres -A trust -E UTF8 \
        --locale=C.UTF-8 --no-sync) >"$work/postgres.log" 2>&1 || no_start postgres
    sed -i '1i host all guarded all scram-sha-256\nlocal all guarded scram-sha-256' \
        "$pg_dir/data/pg_hba.conf"
    for _ in 1 2 3; do
        free_port
        pg_port=$port
        pg_dsn="host=127.0.0.1 port=$pg_port user=postgres dbname=postgres"
        launch INT postgres "${drop[@]}" postgres -D "$pg_dir/data" -k "$pg_dir" \
            -p "$pg_port" "${settings[@]}"
        pg_pid=$engine_pid
        came_up pg_isready -q -h 127.0.0.1 -p "$pg_port" && break
        pg_pid=
    done
    [ -n "$pg_pid" ] || no_start postgres
    pg_sql "create role monitor login; grant pg_monitor to monitor;
            create role guarded login password 'open sesame'" || no_start postgres
    case " $* " in
    *pg_stat_statements*) pg_sql 'create extension pg_stat_statements' || no_start postgres ;;
    esac
}

# pg_sql SQL [CONNECTION]: the rows, columns parted by |
pg_sql()
{
    psql -X -q -A -t -v ON_ERROR_STOP=1 -d "${2:-$pg_dsn}" -c "$1"
}

# ------------------------------------------------------------------------------- Redis

start_redis()
{
    need redis-server redis-server
    mkdir -p "$work/redis"
    for _ in 1 2 3; do
        free_port
        redis_port=$port
        launch TERM redis redis-server --port "$redis_port" --bind 127.0.0.1 --save '' \
            --dir "$work/redis" "$@"
        redis_pid=$engine_pid
        came_up grep -q 'Ready to accept' "$work/redis.log" && return
    done
    no_start redis
}

# redis_do WORD...
redis_do()
{
    redis-cli -h 127.0.0.1 -p "$redis_port" "$@"
}

# ------------------------------------------------------------------------------- nginx

# stub_status at /status, everything else is 200 'ok'
start_nginx_status()
{
    need nginx nginx-light
    local dir=$work/nginx
    mkdir -p "$dir"
    for _ in 1 2 3; do
        free_port
        nginx_port=$port
        nginx_status=http://127.0.0.1:$nginx_port/status
        cat >"$dir/nginx.conf" <<CONF
daemon off;
master_process off;
pid $dir/nginx.pid;
events { worker_connections 512; }
http {
    access_log off;
    client_body_temp_path $dir/body;
    proxy_temp_path $dir/proxy;
    fastcgi_temp_path $dir/fastcgi;
    uwsgi_temp_path $dir/uwsgi;
    scgi_temp_path $dir/scgi;
    server {
        listen 127.0.0.1:$nginx_port;
        location / { return 200 "ok\n"; }
        location = /status { stub_status; }
    }
}
CONF
        launch TERM nginx nginx -e stderr -p "$dir" -c "$dir/nginx.conf"
        nginx_pid=$engine_pid
        came_up fetch "$nginx_port" /status && return
    done
    no_start nginx
}
