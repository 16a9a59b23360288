#!/bin/bash
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2154 # work, demo, code are lib.sh's
# Probes of this machine: a process by port, name and pid, the machine itself, and the same
# machine over a real ssh.

. "${top_srcdir:-.}/tests/e2e/lib.sh"
need python3 python3
need sshd openssh-server
need ssh openssh-client
need_demo

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
    json "$report" "[e['kind'] + ' ' + e['text'] for e in r['events'] if e['probe'] == '$1']"
}

# holds NAME EXPRESSION: of the report r
holds()
{
    check "$1" True "$(json "$report" "$2")"
}

load()
{
    run "$demo/" --headless --quiet --json "$report" "$@"
    check "exit code ($*)" 0 "$code"
}

start_demo --service-ms 1 --seed 1

# ------------------------------------------------------------------------- a process
load -u 4 -t 4s --probe "process:port=$demo_port,as=port" --probe "process:pid=$demo_pid,as=pid" \
    --probe process:name=ramptop,as=name --probe process:pid=4194000,as=nobody
check 'by port: live' 'live: ' "$(state port)"
check 'by port: who listens' 1.0 "$(series port processes last)"
# What listens is a child of the one that was started.
child=$(awk -v parent="$demo_pid" '$4 == parent { print $1 }' /proc/[0-9]*/stat 2>/dev/null)
check 'by pid: with its child' 2.0 "$(series pid processes last)"
holds 'memory is what the kernel says of both' \
    "abs($(series pid memory last) - $(awk '/RssAnon/ { sum += $2 * 1024 } END { print sum }' \
        "/proc/$demo_pid/status" "/proc/$child/status")) < 1e6"
check 'descriptors' "$(awk '/Max open files/ { print $4 ".0" }' "/proc/$demo_pid/limits")" \
    "$(series pid descriptors limit)"
check_match 'nobody: down' '^down: there is no process 4194000\.$' "$(state nobody)"
# The kernel counts the demo's time in hundredths; so do we.
holds 'cpu is not 0 and not more than a core' "0 < $(series port cpu mean) <= 100"

# Ended and started again on the same port while it is watched.
"$ramptop" "$demo/" --headless --quiet --json "$report" -u 2 -t 60s \
    --probe "process:port=$demo_port,as=port" --log "$work/log" >"$work/out" 2>"$work/err" </dev/null &
watcher=$!
pids="$pids $watcher "
until_true "$DEADLINE" grep -qs . "$work/log" # nothing is said while all is well
end_pid "$demo_pid" KILL
until_true "$DEADLINE" grep -q 'nobody listens' "$work/log" || fail 'the end is not in the log'
start_demo --service-ms 1 --seed 1 --port "$demo_port"
until_true "$DEADLINE" grep -q 'port is back' "$work/log" || fail 'that it is back is not in the log'
kill -INT "$watcher"
wait "$watcher"
pids=${pids/ $watcher / }
check_match 'lost, and back' \
    "probe nobody listens on port $demo_port of this machine\..*restart was started again.*probe is back" \
    "$(events port)"

# -------------------------------------------------------------------------- the machine
load -u 2 -t 3s --probe host
check 'this machine: live' 'live: ' "$(state host)"
check 'memory: its limit' "$(awk '/MemTotal/ { printf "%.1f", $2 * 1024 }' /proc/meminfo)" \
    "$(series host memory limit)"
holds 'cpu in percent' "0 < $(series host cpu mean) <= 100"

# ----------------------------------------------------------------------------- over ssh
if [ "$(id -u)" = 0 ]; then
    mkdir -p /run/sshd
    for key in host user; do
        ssh-keygen -q -t ed25519 -N '' -f "$work/$key"
    done
    cp "$work/user.pub" "$work/authorized"
    chmod 600 "$work/authorized"
    free_port
    ssh_port=$port
    "$(command -v sshd)" -D -e -f /dev/null -h "$work/host" -p "$ssh_port" -o ListenAddress=127.0.0.1 \
        -o PidFile=none -o AuthorizedKeysFile="$work/authorized" -o StrictModes=no -o UsePAM=no \
        -o PermitRootLogin=yes 2>"$work/sshd.log" &
    sshd_pid=$!
    pids="$pids $sshd_pid "
    until_true "$DEADLINE" grep -q 'Server listening' "$work/sshd.log" || fail 'sshd does not start'
    printf '[127.0.0.1]:%s %s\n' "$ssh_port" "$(cat "$work/host.pub")" >"$work/known"
    # The real ssh with a configuration of the test's.
    mkdir "$work/bin"
    printf '#!/bin/sh\nexec %s -F %s "$@"\n' "$(command -v ssh)" "$work/ssh_config" >"$work/bin/ssh"
    chmod +x "$work/bin/ssh"
    printf 'Host box\n HostName 127.0.0.1\n Port %s\n User root\n IdentityFile %s\n UserKnownHostsFile %s\n' \
        "$ssh_port" "$work/user" "$work/known" >"$work/ssh_config"
    printf 'Host other\n HostName 127.0.0.1\n Port %s\n User root\n IdentityFile %s\n UserKnownHostsFile %s\n' \
        "$ssh_port" "$work/user" /dev/null >>"$work/ssh_config"
    PATH=$work/bin:$PATH load -u 2 -t 6s --probe host,as=here --probe host:box --probe host:other
    check 'over ssh: live' 'live: ' "$(state box)"
    holds 'the same memory there as here' \
        "abs($(series box memory mean) - $(series here memory mean)) < 0.1 * $(series here memory limit)"
    holds 'rates come from there' "[s for p in r['probes'] if p['name'] == 'box' for s in p['series'] if s['name'] == 'network in'][0]['count'] >= 2"
    check_match 'an unknown host key: denied' '^denied: ssh to other ended: .*verification failed' \
        "$(state other)"
    check 'one ssh for the whole run' 1 "$(grep -c 'Accepted publickey' "$work/sshd.log")"
    end_pid "$sshd_pid"
else
    echo 'over ssh: left out, sshd needs root'
fi

end_pid "$demo_pid"
check_none_left
finish
