#!/bin/bash
# SPDX-License-Identifier: MIT
# What this side could not send is no request and no failure of the target's; it is told with
# its remedy, and the run does not end as if all were well.

. "${top_srcdir:-.}/tests/e2e/lib.sh"
need python3 python3
need tmux tmux
need_demo

start_demo --servers 8 --service-ms 1 --truth "$work/truth"

# One class needs what only a status captures that never comes.
cat >"$work/mixed.cfg" <<CFG
target = "$demo";
user_classes = (
  { name = "works"; wait = { constant = 0.02; };
    tasks = ( { name = "t"; request = "GET /fast"; } ); },
  { name = "lacks"; wait = { constant = 0.02; };
    tasks = ( { name = "t"; steps = (
        { request = "GET /about"; },
        { when = "status == 418"; steps = (
            { request = "GET /about"; capture = { token = "header:X-Token"; }; } ); },
        { request = "GET /me"; headers = { X-Token = "\${token}"; }; } ); } ); } );
CFG
run "$work/mixed.cfg" -u 4 -t 1s --json "$work/r.json"
check 'exit code' 1 "$code"
check 'what was not sent is no request' True "$(json "$work/r.json" \
    'sum(e["requests"] for e in r["endpoints"] if e["name"] == "/me") == 0 < r["not_sent"]["count"]')"
end_pid "$demo_pid"
check 'requests equal the log of the target' "$(awk 'NR > 1 && $8 == "sent"' "$work/truth" | wc -l)" \
    "$(json "$work/r.json" 'r["requests"]')"
check 'they are in no rate' True \
    "$(json "$work/r.json" 'abs(r["rps"] - r["requests"] / r["rate_s"]) < 0.1')"
check 'they are no failures' '0 True' "$(json "$work/r.json" \
    '"%d %s" % (r["failures"], r["client_failures"] == r["not_sent"]["count"])')"
check 'they have a row by kind, with a remedy' 'no value (client) True' "$(json "$work/r.json" \
    '"%s %s" % (r["not_sent"]["kinds"][0]["kind"], "look at" in r["not_sent"]["kinds"][0]["remedy"])')"
check 'each request begun has an end' 0 \
    "$(json "$work/r.json" 'r["started"] - r["requests"] - r["client_failures"] - r["aborted"]')"
check_match 'the summary says so' '^NOT SENT  [0-9,]+ ' "$(cat "$work/out")"
check_match 'and what to do' '^error: .* could not be sent: no value \(client\), GET /me: .*look at' \
    "$(cat "$work/out")"

start_demo --servers 8 --service-ms 1
sed -i "s|^target = .*|target = \"$demo\";|" "$work/mixed.cfg"
tmux_start 120 40
command_line "go '$work/mixed.cfg' -u 4"
wait_for '^ *! [0-9,]+ not sent: no value \(client\)\.  .*captured it' 'the console says so at its top'
wait_for 'not sent [0-9]' 'and counts them in its header'
keys q
until_true "$DEADLINE" screen_has 'exit code|end.*\?' || :
screen_has 'exit code' || keys y
wait_for '^exit code 1' 'the console ends with that, too'
tmux_end

# A machine with one local port that is free.
if unshare -n true 2>/dev/null; then
    cat >"$work/ports.sh" <<'SH'
ip link set lo up && echo '40000 40009' >/proc/sys/net/ipv4/ip_local_port_range || exit 77
"$1" demo --serve --port 18973 --servers 8 --service-ms 1 >demo.out 2>demo.err </dev/null &
server=$!
python3 -c 'import socket, sys
held = [socket.socket() for _ in range(9)]
for i, s in enumerate(held): s.bind(("127.0.0.1", 40000 + i))
print("held", flush=True)
sys.stdin.read()' >held <pipe &
holder=$!
exec 9>pipe
for i in $(seq 400); do
    grep -q held held && grep -q 18973 demo.out && break
    sleep 0.05
done
"$1" http://127.0.0.1:18973/fast -u 4 -t 1s --quiet --json ports.json >ports.out 2>ports.err
echo $? >ports.code
exec 9>&-
kill $server
wait $server $holder
SH
    mkfifo "$work/pipe"
    (cd "$work" && unshare -n bash ports.sh "$ramptop")
    if [ "$?" = 77 ]; then
        echo 'not tried: a namespace has no local ports to set here'
    else
        check 'without ports: exit code' 1 "$(cat "$work/ports.code")"
        check 'without ports: not the target' "0 ['no ports (client)'] True" "$(json "$work/ports.json" \
            '"%d %s %s" % (r["failures"], [k["kind"] for k in r["not_sent"]["kinds"]], r["requests"] > 0)')"
        check_match 'without ports: the remedy' 'ip_local_port_range' "$(cat "$work/ports.out")"
    fi
else
    echo 'not tried: no network namespaces here'
fi

# A limit of open files that is met while the load runs.
cat >"$work/files.cfg" <<CFG
target = "$demo";
user_classes = ( { name = "u"; wait = { constant = 0.01; };
    tasks = ( { name = "t"; request = "GET /fast"; headers = { Connection = "close"; }; } ); } );
CFG
"$ramptop" "$work/files.cfg" -u 20 --json "$work/files.json" >"$work/files.out" 2>"$work/files.err" \
    </dev/null &
pid=$!
pids="$pids $pid "
until_true "$DEADLINE" grep -q 'users 20 of 20' "$work/files.err" || fail 'no table'
prlimit --pid "$pid" --nofile=5:5
until_true "$DEADLINE" grep -q 'error: .*no files (client)' "$work/files.err" ||
    fail "nothing is said of files: $(tail -3 "$work/files.err")"
kill -TERM "$pid"
wait "$pid"
check 'without files: exit code' 143 "$?"
check 'without files: not the target' 0 "$(json "$work/files.json" 'r["failures"]')"
check 'without files: told by kind' "['no files (client)']" \
    "$(json "$work/files.json" '[k["kind"] for k in r["not_sent"]["kinds"]]')"

# Calls of the system that fail, from the n-th on: nothing of it is the target's, nothing hangs,
# and whatever was begun has an end.
faults=$top_builddir/tests/tools/fail_calls.so
if grep -q '__tsan_init' "$ramptop"; then
    echo 'not tried: ThreadSanitizer frees what that library allocates'
elif [ -e "$faults" ]; then
    for how in 'socket:2+:EMFILE|no files (client)' 'socket:2+:ENOBUFS|no memory (client)' \
        'connect:3+:EACCES|denied (client)' 'connect:2+:EADDRNOTAVAIL|no ports (client)' \
        'send:5+:ENOBUFS|no memory (client)' 'epoll_ctl:8+:ENOSPC|fault (client)' \
        'epoll_ctl:8+:ENOMEM|no memory (client)'; do
        LD_PRELOAD=$faults FAIL_CALL=${how%|*} run "$demo/fast" -u 3 -t 500ms --no-probes --quiet \
            --json "$work/r.json"
        check "${how%|*}: exit code, failures, begun without an end, kinds" "1 0 0 ['${how#*|}']" \
            "$code $(json "$work/r.json" '"%d %d %s" % (r["failures"],
                r["started"] - r["requests"] - r["client_failures"] - r["aborted"],
                [k["kind"] for k in r["not_sent"]["kinds"]])')"
    done
else
    echo 'not tried: the library that makes calls fail is not built'
fi
finish
