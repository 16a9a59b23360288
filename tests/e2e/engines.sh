# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034
# The real things that probes watch, started from Debian's packages; read in after lib.sh.
#
#   start_postgres [SETTING=VALUE...]   pg_port pg_pid pg_dir (its socket) pg_dsn; pg_sql SQL
#   start_pgbouncer                     bouncer_port bouncer_pid bouncer_dsn bouncer_stats_dsn
#   start_redis [OPTION...]             redis_port redis_pid; redis_do WORD...
#   start_nginx_status                  nginx_port nginx_pid nginx_status (the URL)
#   start_prometheus PORT [PATH]        prometheus_port prometheus_pid prometheus (the URL)
#   start_docker                        docker_host docker_pid image; docker_do WORD...;
#                                       run_container, make_network, published
#   start_podman                        podman_host podman_pid image; podman_do WORD...;
#                                       run_container is podman's from then on
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

# Functions start engines only in the script's own shell: one in (...) or $(...) would end
# with it.
#
# launch SIGNAL NAME COMMAND...: sets engine_pid; SIGNAL is what ends it at once, for us and
# for the kernel when this script is gone.  What it says is in $work/NAME.log.
launch()
{
    local signal=$1 name=$2
    shift 2
    env -u LD_PRELOAD setpriv --pdeathsig "$signal" "$@" >"$work/$name.log" 2>&1 </dev/null &
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
    [ -z "$docker_pid" ] || end_docker
    [ -z "$podman_pid" ] || end_podman
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

# Roles: postgres, app and monitor (pg_monitor) may come in freely, guarded with the password
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
    (cd / && env -u LD_PRELOAD setpriv "${drop[@]}" initdb -D "$pg_dir/data" -U postgres -A trust -E UTF8 \
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
    pg_sql "create role app login; create role monitor login; grant pg_monitor to monitor;
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

# In front of the PostgreSQL that is running: five server connections for all users.
start_pgbouncer()
{
    need pgbouncer pgbouncer
    local dir=$work/pgbouncer
    unprivileged "$dir"
    printf '"app" ""\n"monitor" ""\n' >"$dir/users"
    for _ in 1 2 3; do
        free_port
        bouncer_port=$port
        cat >"$dir/pgbouncer.ini" <<CONF
[databases]
postgres = host=127.0.0.1 port=$pg_port dbname=postgres
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = $bouncer_port
unix_socket_dir =
auth_type = trust
auth_file = $dir/users
stats_users = monitor
pool_mode = transaction
default_pool_size = 5
CONF
        bouncer_dsn="host=127.0.0.1 port=$bouncer_port user=app dbname=postgres"
        bouncer_stats_dsn="host=127.0.0.1 port=$bouncer_port user=monitor dbname=pgbouncer"
        launch INT pgbouncer "${drop[@]}" pgbouncer "$dir/pgbouncer.ini"
        bouncer_pid=$engine_pid
        came_up pg_sql 'show version' "$bouncer_stats_dsn" && return
    done
    no_start pgbouncer
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

# -------------------------------------------------------------------------- Prometheus

# start_prometheus PORT [PATH]: reads what is told there, once a second
start_prometheus()
{
    need prometheus prometheus
    local dir=$work/prometheus
    mkdir -p "$dir"
    cat >"$dir/prometheus.yml" <<CONF
global:
  scrape_interval: 1s
scrape_configs:
  - job_name: target
    metrics_path: ${2:-/metrics}
    static_configs:
      - targets: ['127.0.0.1:$1']
CONF
    for _ in 1 2 3; do
        free_port
        prometheus_port=$port
        prometheus=http://127.0.0.1:$prometheus_port
        launch TERM prometheus prometheus --config.file="$dir/prometheus.yml" \
            --storage.tsdb.path="$dir/data" --web.listen-address="127.0.0.1:$prometheus_port"
        prometheus_pid=$engine_pid
        came_up is_ready && return
    done
    no_start prometheus
}

is_ready()
{
    fetch "$prometheus_port" /-/ready | grep -q Ready
}

# ------------------------------------------------------------------------------ Docker

docker_pid=
containers=docker_do # who makes images and containers: the engine started last
# What containers of the tests do, for run_container.
busy='while :; do :; done'
page_cache='dd if=/dev/zero of=/file bs=1M count=50 && exec sleep 1000' # 50 MiB, all but 2 of it
# shellcheck disable=SC2016
memory_hog='sleep 0.5; x=aaaaaaaaaaaaaaaa; while :; do x=$x$x; done'    # until it is killed
web='mkdir -p /www && echo fine >/www/index.html && exec httpd -f -p 8080 -h /www'

# The cgroups that engines need, where the machine has none; seen by them alone.
mount_cgroups()
{
    local c
    grep -q ' /sys/fs/cgroup cgroup2 ' /proc/self/mounts && return
    for c in cpu cpuacct memory pids devices freezer; do
        grep -qE "^[^ ]+ /sys/fs/cgroup/[^ ]+ cgroup ([^ ]*,)?${c}[, ]" /proc/self/mounts || break
        c=
    done
    [ -n "$c" ] || return 0
    if grep -qP '^memory\t0\t' /proc/cgroups; then # no v1 hierarchy has it
        mount -t cgroup2 cgroup2 /sys/fs/cgroup
        return
    fi
    mount -t tmpfs cgroups /sys/fs/cgroup
    for c in cpu cpuacct cpuset memory pids devices freezer blkio; do
        mkdir "/sys/fs/cgroup/$c"
        mount -t cgroup -o "$c" cgroup "/sys/fs/cgroup/$c" || rmdir "/sys/fs/cgroup/$c"
    done
    # containerd looks for every hierarchy that a process is in.
    if grep -q ':name=systemd:' /proc/self/cgroup; then
        mkdir /sys/fs/cgroup/systemd
        mount -t cgroup -o none,name=systemd cgroup /sys/fs/cgroup/systemd
    fi
}

# dockerd in a world of its own mounts: what it mounts goes with it, and so does what it
# would leave in /run.
launch_dockerd()
{
    local dir=$work/docker hide_run="mount --bind '$work/docker/run' /run"
    case $work in /run/* | /var/run/*) hide_run=: ;; esac
    mkdir -p "$dir/cli" "$dir/run"
    echo "{\"deprecated-key-path\": \"$dir/key.json\"}" >"$dir/daemon.json"
    launch TERM docker unshare --mount --propagation private bash -c \
        "$(declare -f mount_cgroups); mount_cgroups; $hide_run; exec \"\$@\"" bash \
        dockerd --config-file "$dir/daemon.json" --data-root "$dir/data" --exec-root "$dir/exec" \
        --pidfile "$dir/pid" --host "$docker_host" --storage-driver "$1" --iptables=false \
        --ip6tables=false --bridge=none --shutdown-timeout 2
}

# try_docker: false when there can be no Docker here, and then `why` says why
try_docker()
{
    local driver
    need dockerd docker.io
    need busybox busybox-static
    [ "$(id -u)" = 0 ] || { why='dockerd has to be run by root'; return 1; }
    why=$(unshare --mount true 2>&1) || return 1
    docker_host=unix://$work/docker/socket
    containers=docker_do
    for driver in overlay2 vfs; do
        launch_dockerd "$driver"
        docker_pid=$engine_pid
        came_up docker_do info && break
        docker_pid=
    done
    docker_driver=$driver
    [ -n "$docker_pid" ] || { why="dockerd: $(tail -n 1 "$work/docker.log")"; return 1; }
    make_image
    why=$(docker_do run --rm --network none --cpus 0.5 --memory 32m \
        "$image" true 2>&1) && return
    end_docker
    return 1
}

start_docker()
{
    try_docker || skip "no Docker engine here: $why"
}

# docker_do WORD...
docker_do()
{
    DOCKER_CONFIG=$work/docker/cli timeout -k 1 "$DEADLINE" docker -H "$docker_host" "$@"
}

# An image without a registry: one program and its names.
make_image()
{
    local root=$work/root name
    image=ramptop-busybox
    rm -rf "$root"
    mkdir -p "$root/bin" "$root/tmp"
    cp "$(command -v busybox)" "$root/bin/busybox" || no_start busybox
    for name in sh sleep dd true httpd mkdir echo cat tail; do
        ln -s busybox "$root/bin/$name"
    done
    tar -C "$root" -c . | "$containers" import - "$image" >"$work/import.log" 2>&1 || no_start import
}

# run_container NAME OPTION... -- SHELL_TEXT: sets container, its id.  Without a network
# unless --network names one.
run_container()
{
    local options=(--name "$1") network=(--network none)
    shift
    while [ "$1" != -- ]; do
        case $1 in --network*) network=() ;; esac
        options+=("$1")
        shift
    done
    container=$("$containers" run -d "${network[@]}" "${options[@]}" "$image" sh -c "$2" 2>&1) ||
        { echo "$container"; exit 99; }
}

# group_of NAME CONTROLLER FILE: a file of the container's control group, as the engine's world has
# it; "" where the groups cannot be seen from here, as the probe cannot then
group_of()
{
    local pid path
    pid=$("$containers" inspect --format '{{.State.Pid}}' "$1") || return
    path=$(sed -nE "s|^[0-9]+:([^:]*,)?$2(,[^:]*)?:||p; s|^0::||p" "/proc/$pid/cgroup" | head -n 1)
    ${docker_pid:+nsenter -t "$docker_pid" -m} \
        cat "/sys/fs/cgroup/$2$path/$3" "/sys/fs/cgroup$path/$3" 2>/dev/null
}

# cpu_used NAME: seconds so far, by the kernel
cpu_used()
{
    local v1
    v1=$(group_of "$1" cpuacct cpuacct.usage | head -n 1)
    if [ -n "$v1" ] && [ "$v1" -ge 0 ] 2>/dev/null; then
        python3 -c "print($v1 / 1e9)"
    else
        group_of "$1" cpu cpu.stat | awk '$1 == "usage_usec" { print $2 / 1e6 }'
    fi
}

# make_network NAME: ports are published through one; loopback only, with -p 127.0.0.1::8080
make_network()
{
    docker_do network create "$1" >"$work/network.log" 2>&1 ||
        skip "no bridge can be made here: $(tail -n 1 "$work/network.log")"
}

# published NAME PORT: the port of 127.0.0.1 under which a container's is reached
published()
{
    local at
    at=$(docker_do port "$1" "$2/tcp") && echo "${at##*:}"
}

# end_shims FOLDER: what a killed engine leaves running: a process above each container, known
# by the folder on its command line, and its children.
end_shims()
{
    local p children
    for p in /proc/[0-9]*; do
        grep -qsF "$1/" "$p/cmdline" || continue
        children=$(cat "$p"/task/*/children 2>/dev/null)
        # shellcheck disable=SC2086
        kill -KILL "${p#/proc/}" $children 2>/dev/null
    done
}

# A daemon that was killed leaves containers, cgroups and networks behind.  The first are
# ended, and what it still knows of the rest is done by another in its place.
again_if_deaf()
{
    docker_do info >/dev/null 2>&1 && return
    end_engine "$docker_pid"
    end_shims "$work/docker"
    rm -rf "$work/docker/exec" "$work/docker/run" "$work/docker/pid"
    launch_dockerd "$docker_driver"
    docker_pid=$engine_pid
    came_up docker_do info || echo "dockerd does not start again: $(tail -n 1 "$work/docker.log")"
}

end_docker()
{
    local left
    kill -CONT "$docker_pid" 2>/dev/null
    again_if_deaf
    left=$(docker_do ps -aq 2>/dev/null)
    # shellcheck disable=SC2086
    [ -z "$left" ] || docker_do rm -f $left >/dev/null 2>&1
    docker_do network prune -f >/dev/null 2>&1
    # The cgroup above all containers is only gone when it was empty: nobody else's.
    nsenter -t "$docker_pid" -m \
        sh -c 'rmdir /sys/fs/cgroup/docker /sys/fs/cgroup/*/docker' 2>/dev/null
    end_engine "$docker_pid"
    docker_pid=
}

# ------------------------------------------------------------------------------ podman

podman_pid=

# The service is no parent of its containers: who ends it ends them before, and the cgroup
# above them should it be empty.  Runs in a world of its own mounts and networks, so that of
# what podman has in /run, /var/lib and /dev/shm, bridges and filters nothing is seen and nothing
# is left; a published port is only told, nobody outside reaches it.
serve_podman()
{
    local socket=$1 service
    shift
    trap : TERM
    "$@" system service --time 0 "$socket" &
    service=$!
    wait "$service"
    "$@" rm --all --force --time 0
    kill "$service" 2>/dev/null
    wait
    for _ in {1..30}; do # what watched the containers may be about to end
        [ -n "$(find /sys/fs/cgroup -maxdepth 2 -name libpod_parent)" ] || break
        find /sys/fs/cgroup -depth -path '*/libpod_parent*' -type d -exec rmdir {} + 2>/dev/null
        sleep 0.1
    done
}

hide_from_podman()
{
    local place
    for place in /run /var/lib /dev/shm; do
        mkdir -p "$1/hidden$place"
        case $1 in "$place"/* | /var/run/*) ;; *) mount --bind "$1/hidden$place" "$place" ;; esac
    done
}

# launch_podman RUNTIME
launch_podman()
{
    local dir=$work/podman
    mkdir -p "$dir"
    # Else containers would have more files than some machines let root have.
    printf '[containers]\ndefault_ulimits = ["nofile=1024:1024", "nproc=4096:4096"]\n' \
        >"$dir/containers.conf"
    launch TERM podman unshare --mount --net --propagation private bash -c \
        "$(declare -f mount_cgroups hide_from_podman serve_podman)
        cd '$dir'; mount_cgroups; hide_from_podman '$dir'; serve_podman \"\$@\"" bash "$podman_host" \
        env HOME="$dir" CONTAINERS_CONF="$dir/containers.conf" podman --root "$dir/data" --runroot "$dir/run" --tmpdir "$dir/tmp" \
        --runtime "$1" --storage-driver vfs --cgroup-manager cgroupfs --events-backend file \
        --network-config-dir "$dir/networks"
}

# try_podman: false when there can be no podman here, and then `why` says why
try_podman()
{
    local runtime
    need podman podman
    need conmon conmon
    need busybox busybox-static
    [ "$(id -u)" = 0 ] || { why='podman is tried as root only'; return 1; }
    why=$(unshare --mount --net true 2>&1) || return 1
    why='neither crun nor runc is there'
    for runtime in crun runc; do # crun does not know a machine with both kinds of cgroups
        command -v "$runtime" >/dev/null && try_runtime "$runtime" && return
    done
    return 1
}

# try_runtime NAME
try_runtime()
{
    podman_host=unix://$work/podman/socket
    containers=podman_do
    launch_podman "$1"
    podman_pid=$engine_pid
    came_up podman_do info || podman_pid=
    [ -n "$podman_pid" ] || { why="podman: $(tail -n 1 "$work/podman.log")"; return 1; }
    make_image
    why=$(podman_do run --rm --network none --cpus 0.5 --memory 32m "$image" true 2>&1) && return
    end_podman
    rm -rf "$work/podman"
    return 1
}

start_podman()
{
    try_podman || skip "no podman here: $why"
}

# podman_do WORD...: by its socket, so that nothing is done outside the service's world
podman_do()
{
    HOME=$work/podman timeout -k 1 "$DEADLINE" podman --url "$podman_host" "$@"
}

end_podman()
{
    end_engine "$podman_pid"
    end_shims "$work/podman"
    podman_pid=
}
