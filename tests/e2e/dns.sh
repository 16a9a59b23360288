#!/bin/bash
# SPDX-License-Identifier: MIT
# Names: a server that does not answer holds nobody up, all addresses are used, and they are
# looked up again.  In a network and a mount namespace of its own, with a name server of its own.
. "$(dirname "$0")/lib.sh"
need python3 python3
need ip iproute2
need unshare util-linux
need mount mount

# The whole script once more, inside.
if [ "${OWN_NAMESPACE-}" != 1 ]; then
    for as in '' --map-root-user; do
        # shellcheck disable=SC2086
        why=$(unshare $as --net --mount true 2>&1) || continue
        export OWN_NAMESPACE=1
        # shellcheck disable=SC2086
        unshare $as --net --mount --propagation private bash "$0"
        exit
    done
    skip "no namespaces of its own: $why (root can)"
fi

# A lookup of a name that is mute lasts for 90 s: what waited for one would be seen.
ip link set lo up || skip 'the namespace has no loopback'
printf 'nameserver 127.0.0.1\noptions timeout:30 attempts:3\n' >"$work/resolv.conf"
printf 'hosts: files dns\n' >"$work/nsswitch.conf"
for file in resolv.conf nsswitch.conf; do
    mount --bind "$work/$file" "/etc/$file" || skip "/etc/$file cannot be laid over"
done

start_names()
{
    local v6
    v6=$(grep -qE '^0{31}1 ' /proc/net/if_inet6 2>/dev/null && echo ::1)
    : >"$work/names.log"
    # shellcheck disable=SC2086
    python3 "$top_srcdir/tests/tools/names.py" "$work/zone" "$work/names.log" \
        127.0.0.2 127.0.0.3 127.0.0.4 127.0.0.5 $v6 2>"$work/names.err" &
    pids="$pids $! "
    until_true "$DEADLINE" grep -q '^ready' "$work/names.log" ||
        { cat "$work/names.err"; echo 'the name server does not start'; exit 99; }
}

# has LINE N: that event came at least N times
has()
{
    [ "$(grep -cx -e "$1" "$work/names.log")" -ge "$2" ]
}

events()
{
    grep -cx -e "$1" "$work/names.log"
}

# start ARGUMENT...: in the background; sets pid
start()
{
    "$ramptop" "$@" >"$work/out" 2>"$work/err" </dev/null &
    pid=$!
    pids="$pids $pid "
}

is_gone()
{
    ! kill -0 "$pid" 2>/dev/null
}

# ends NAME: soon, and not when the lookup is over
ends()
{
    if until_true 40 is_gone; then
        pass "$1"
    else
        fail "$1: it runs still"
        kill -9 "$pid"
    fi
    wait "$pid"
    pids=${pids/ $pid / }
    check_sanitizers
}

profile()
{
    cat >"$work/$1.cfg"
}

cat >"$work/zone" <<'ZONE'
mute.test mute
slow.test slow 1 127.0.0.2
three.test 127.0.0.4 127.0.0.2 127.0.0.3
moves.test 127.0.0.2
four.test 127.0.0.2 fd00::1 ::2
six.test 127.0.0.9 ::1
ZONE
start_names

# ---------------------------------------------------------------- nobody is held up

start -u 500 -r 1000 -t 3s --timeout 1s --headless --quiet --json "$work/mute.json" \
    http://mute.test:8080/
most=0
until is_gone || has 'query mute.test.*' 1; do sleep 0.05; done
for _ in 1 2 3 4 5 6 7 8 9 10; do
    n=$(find "/proc/$pid/task" -mindepth 1 -maxdepth 1 2>/dev/null | wc -l)
    [ "$n" -gt "$most" ] && most=$n
    sleep 0.1
done
ends 'a mute name server does not hold up the end'
check '500 users do not make 500 threads' True \
    "$(json "$work/mute.json" "0 < $most <= r['generator']['workers'] + 32")"
check 'each of them times out' timeout \
    "$(json "$work/mute.json" "' '.join(f['kind'] for f in r['failures_by_kind'])")"
check_match 'and is said to wait for the name' 'while resolving the name' \
    "$(json "$work/mute.json" "r['failures_by_kind'][0]['sample']")"
check 'after its time-out, not after the lookup' True \
    "$(json "$work/mute.json" "1000 <= r['failure_latency_ms']['max'] < 60000")"
check 'there was one lookup for all' yes "$([ "$(events 'query mute.test A')" -le 3 ] && echo yes)"

for signal in INT TERM; do
    seen=$(events 'query mute.test A')
    start -u 50 -r 1000 --headless --quiet http://mute.test:8080/
    until_true "$DEADLINE" has 'query mute.test A' $((seen + 1))
    kill -$signal "$pid"
    kill -$signal "$pid" # twice: at once
    ends "SIG$signal ends it"
done

# All on one worker: who waits for a name holds nobody else.
profile beside <<'CFG'
target = "http://127.0.0.2:8080";
user_classes = (
    { name = "steady"; weight = 9; wait = { constant = 0.02; }; tasks = ( { request = "GET /steady"; } ); },
    { name = "lost"; weight = 1; wait = { constant = 0.02; };
      tasks = ( { request = "GET http://mute.test:8080/lost"; name = "/lost"; timeout = 0.5; } ); } );
CFG
run --workers 1 -u 20 -r 1000 -t 4s --headless --quiet --json "$work/beside.json" --trust "$work/beside.cfg"
# How long one lookup lasts no request of the others did, and many came between two time-outs.
check 'the others do not wait with it' True "$(json "$work/beside.json" "[(e['requests'],
    e['failures']) for e in r['endpoints'] if e['name'] == '/steady' and e['failures'] == 0
    and e['latency_ms']['max'] < 30000 and e['requests'] > 200] != []")"
check 'while it timed out again and again' True \
    "$(json "$work/beside.json" "[e['failures'] for e in r['endpoints'] if e['name'] == '/lost'][0] > 2")"

run -u 5 -n 5 --headless --quiet --json "$work/slow.json" http://slow.test:8080/
check 'who waits long enough is served' '0 5' \
    "$(json "$work/slow.json" "r['failures'], r['requests']" | tr -d '(),')"

run -u 2 -n 2 --headless --quiet --json "$work/no.json" http://no.test:8080/
check_match 'a name that is not there' '^dns could not resolve host: no.test \(.+\)$' \
    "$(json "$work/no.json" "r['failures_by_kind'][0]['kind'] + ' ' + r['failures_by_kind'][0]['sample']")"

# ------------------------------------------------------------------- all addresses

profile three <<'CFG'
target = "http://three.test:8080";
user_classes = ( { name = "u"; wait = { constant = 600; }; tasks = ( { request = "GET /"; } ); } );
CFG
before=$(events 'connection 127.0.0.2')
run -u 30 -r 1000 -n 30 --headless --json "$work/three.json" "$work/three.cfg"
check 'three addresses get a third of the users each' '10 10 10' \
    "$(($(events 'connection 127.0.0.2') - before)) $(events 'connection 127.0.0.3') $(
        events 'connection 127.0.0.4')"
check 'the report counts them' '[(3, 10), (3, 10), (3, 10)]' "$(json "$work/three.json" \
    "sorted((len(r['addresses']), a['connections']) for a in r['addresses'] if a['name'] == 'three.test')")"
check_match 'and so does the summary' '10 +three\.test +127\.0\.0\.3' "$(cat "$work/out")"

for name in four six; do
    run -u 4 -n 8 --headless --quiet --json "$work/$name.json" "http://$name.test:8080/close"
    check "$name.test has addresses that refuse, and one that does not" '0 8' \
        "$(json "$work/$name.json" "r['failures'], r['requests']" | tr -d '(),')"
done

# --------------------------------------------------------------------- looked up again

profile moves <<'CFG'
target = "http://moves.test:8080";
dns_ttl = "1s";
user_classes = ( { name = "u"; wait = { constant = 0.05; }; tasks = ( { request = "GET /close"; } ); } );
CFG
start --workers 1 -u 4 --headless --quiet --json "$work/moves.json" "$work/moves.cfg"
old=$(events 'connection 127.0.0.2')
until_true "$DEADLINE" has 'connection 127.0.0.2' $((old + 20)) || fail 'the first address is not used'
sed -i 's/^moves.test.*/moves.test 127.0.0.5/' "$work/zone"
if until_true "$DEADLINE" has 'connection 127.0.0.5' 10; then
    pass 'a new address is used while the run lasts'
else
    fail 'the new address is not used'
fi
old=$(events 'connection 127.0.0.2')
sed -i 's/^moves.test.*/moves.test mute/' "$work/zone"
asked=$(events 'query moves.test A')
until_true "$DEADLINE" has 'query moves.test A' $((asked + 1)) || fail 'it is not looked up again'
new=$(events 'connection 127.0.0.5')
if until_true "$DEADLINE" has 'connection 127.0.0.5' $((new + 20)); then
    pass 'while a name server is mute the addresses it told are used'
else
    fail 'a mute name server stops users that have an address'
fi
check 'the old address is not used any more' "$old" "$(events 'connection 127.0.0.2')"
kill -TERM "$pid"
ends 'it ends beside a lookup'
check 'no request failed' 0 "$(json "$work/moves.json" "r['failures']")"

# --------------------------------------------------- one at a time, and probes

profile limited <<'CFG'
target = "http://mute.test:8080";
user_classes = ( { name = "u"; tasks = ( { request = "GET /"; } ); } );
rate_limits = ( { name = "any"; request = "GET /"; after = 5; } );
CFG
seen=$(events 'query mute.test A')
start limits "$work/limited.cfg"
until_true "$DEADLINE" has 'query mute.test A' $((seen + 1)) || fail 'limits asks for no name'
kill -TERM "$pid"
ends 'limits ends beside a lookup'

profile probed <<'CFG'
target = "http://127.0.0.2:8080";
user_classes = ( { name = "u"; wait = { constant = 0.1; }; tasks = ( { request = "GET /"; } ); } );
probes = ( { type = "nginx"; url = "http://mute.test:8080/status"; } );
CFG
start -u 1 -t 2s --headless --quiet "$work/probed.cfg"
ends 'a probe of a name that is not answered does not hold up the end'

finish
