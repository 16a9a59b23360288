#!/bin/bash
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2154 # work, demo, code are lib.sh's
# The docker probe against a real podman: what its answers leave out comes from the control
# group or is not there, a container that is killed, restarted and removed while it is watched,
# the service found by the environment, one that goes away.

. "${top_srcdir:-.}/tests/e2e/lib.sh"
. "${top_srcdir:-.}/tests/e2e/engines.sh"
need python3 python3
need tmux tmux
need podman podman
need conmon conmon
need busybox busybox-static
need_demo
start_podman

report=$work/report.json

# series GROUP SERIES FIGURE: one figure of the report
series()
{
    json "$report" "[s['$3'] for p in r['probes'] for s in p['series'] if s['group'] == '$1' and s['name'] == '$2'][0]"
}

state()
{
    json "$report" "['%s %s: %s' % (p['type'], p['state'], p['text']) for p in r['probes'] if p['name'] == '$1'][0]"
}

# holds NAME EXPRESSION
holds()
{
    local got
    got=$(json "$report" "$2")
    if [ "$got" = True ]; then pass "$1"; else fail "$1: $2"; fi
}

# told TEXT: the log has it before long
told()
{
    until_true "$DEADLINE" grep -qsE "$1" "$work/log" ||
        { fail "the log does not say: $1"; tail -n 5 "$work/log"; }
}

start_demo --service-ms 1 --seed 1

# ------------------------------------------------------------------------------ figures
# So little that it gets all of it on a busy machine too.
run_container burner --cpus 0.05 --pids-limit 50 -- "$busy"
run_container cached --memory 128m -- "$page_cache"
run_container hosted --network host -- 'exec sleep 1000'
# It only says that it publishes the demo's port, which is enough to be taken for the target.
published=
if podman_do network create pages >"$work/network.log" 2>&1 &&
    podman_do run -d --name web --network pages -p "$demo_port:8080" "$image" \
        sh -c "$web" >>"$work/network.log" 2>&1; then
    published=,port:$demo_port
else
    echo "no bridge can be made here: $(tail -n 1 "$work/network.log")"
fi
# shellcheck disable=SC2317
written()
{
    local pid
    pid=$(podman_do inspect --format '{{.State.Pid}}' cached) &&
        [ "$(cat "/proc/$pid/comm")" = sleep ]
}
until_true "$DEADLINE" written || fail 'the file is not written'
# both_count: ramptop, and the kernel around it; `used` in percent of a core, "" when not to be known
both_count()
{
    local since=$EPOCHREALTIME before
    before=$(cpu_used burner)
    XDG_RUNTIME_DIR=$work CONTAINER_HOST=$podman_host run "$demo/" --headless --quiet \
        --json "$report" -u 2 -t 7s --probe "podman:burner,cached,hosted$published"
    used=${before:+$(python3 -c "print(100 * ($(cpu_used burner) - $before) / ($EPOCHREALTIME - $since))")}
}

same_use()
{
    holds "$1" "abs(0.05 * $(series burner cpu mean) - $used) < 0.05 * $used"
}

# The kernel counts for a little longer, which makes a difference where the container gets now
# more of a busy machine and now less; but not in each of three rounds.
for _ in 1 2 3; do
    both_count
    [ -z "$used" ] && break
    [[ $(same_use 'once') = ok:* ]] && break
    echo "once more: $used % by the container's group"
done
check 'figures: exit code' 0 "$code"
check_match 'figures: live, and it is podman' '^podman live: ' "$(state podman)"
check 'figures: where' "${podman_host#unix://}" "$(json "$report" "r['probes'][0]['where']")"
holds 'under a limit: percent of the limit' "10 < $(series burner cpu mean) < 130" # as busy as it is
check 'tasks' 1 "$(json "$report" "round($(series burner tasks last))")"
check 'tasks: the limit' 50.0 "$(series burner tasks limit)"
check 'the limit of memory' 134217728.0 "$(series cached memory limit)"
check 'no network is none, not 0' None "$(series burner 'net in' mean)"
if [ -n "$published" ]; then
    check 'by its port' 1 "$(python3 -c "print(round($(series web tasks last)))")"
    holds 'one with a network has figures of it' "$(series web 'net in' mean) >= 0"
fi
check "nor is the host's the container's" None "$(series hosted 'net in' mean)"
if [ -n "$used" ]; then
    same_use "under a limit: percent of a core ($used by its group)"
    holds 'under a limit: throttled' "$(series burner throttled mean) > 50"
    raw=$(group_of cached memory memory.usage_in_bytes || group_of cached memory memory.current)
    holds 'page cache: it is there, and not counted' "$raw - $(series cached memory last) > 10e6"
else
    check 'throttling is not told' None "$(series burner throttled mean)"
    check_match 'the page cache is, and that is said' 'page cache, which podman' "$(state podman)"
fi

# -------------------------------------------------- offered for what the URL says
if [ -n "$published" ]; then
    tmux_start 100 30
    command_line "export CONTAINER_HOST=$podman_host; go -u 1 $demo/"
    wait_for 'GET /'
    keys t
    wait_for 'container web \(publishes port' 'offered by its port'
    keys Enter
    wait_for 'web cpu .*[0-9] %' 'and watched'
    tmux_end
fi

# ------------------------------------- killed, restarted, stopped, removed, made anew
service=(--label com.docker.compose.project=shop --label com.docker.compose.service=api)
wait_go='until [ -e /go ]; do sleep 0.05; done; rm /go'
# shellcheck disable=SC2016
child_hog='x=aaaaaaaaaaaaaaaa; while :; do x=$x$x; done'
# go NAME: lets one go on that waits for it
go()
{
    : >"/proc/$(podman_do inspect --format '{{.State.Pid}}' "$1")/root/go"
}

run_container svc "${service[@]}" -- 'exec sleep 1000'
run_container hog --memory 16m --memory-swap 16m -- "while :; do $wait_go; sh -c '$child_hog'; done"
run_container crasher --restart on-failure:1 -- "$wait_go; exit 3"
"$ramptop" "$demo/" --headless --quiet --json "$report" --log "$work/log" -u 2 -t 120s \
    --probe "docker:compose:shop,hog,crasher,flash,engine=$podman_host" >"$work/out" 2>"$work/err" </dev/null &
watcher=$!
pids="$pids $watcher "
# shellcheck disable=SC2317
watched()
{
    podman_do pause svc >/dev/null 2>&1 && podman_do unpause svc >/dev/null 2>&1 &&
        grep -qs 'api goes on' "$work/log"
}
until_true "$DEADLINE" watched || fail 'svc is not watched'
go crasher
told 'crasher .*restart policy'
if [ -n "$used" ]; then
    go hog
    told 'hog ran out of memory'
fi
# On a busy machine podman gives up now and then: "given PIDs did not die within timeout".
# shellcheck disable=SC2317
restarted()
{
    podman_do restart -t 0 svc >/dev/null || { podman_do start svc >/dev/null; false; }
}
until_true "$DEADLINE" restarted || fail 'podman cannot restart svc'
told 'api was restarted'
podman_do rm -f -t 0 svc >/dev/null
told 'api was removed'
run_container svc2 "${service[@]}" -- 'exec sleep 1000'
told 'api .*started'
run_container flash -- 'exit 4'
told 'flash ended with exit code 4'
kill -INT "$watcher"
wait "$watcher"
pids=${pids/ $watcher / }
events=$(json "$report" "' | '.join(e['kind'] + ' ' + e['group'] + ' ' + e['text'] for e in r['events'])")
check_match 'podman, though docker was said' '^podman live' "$(state docker)"
[ -z "$used" ] || check_match 'out of memory, though podman tells nothing' \
    'oom hog ran out of memory' "$events"
check_match 'restarted by its policy' \
    'die crasher ended with exit code 3.*restart crasher was started again by its restart policy' "$events"
check_match 'restarted by hand' 'die api was ended by SIGKILL.*restart api was restarted' "$events"
check_match 'removed' 'gone api was removed' "$events"
holds 'the load went on' "r['failures'] == 0 and r['requests'] > 100"

end_pid "$demo_pid"
check_none_left
end_podman
of_podman()
{
    local p
    for p in /proc/[0-9]*; do
        grep -qsF "$work/podman/" "$p/cmdline" && tr '\0' ' ' <"$p/cmdline"
    done
}
check 'no container outlives its engine' '' "$(of_podman)"
finish
