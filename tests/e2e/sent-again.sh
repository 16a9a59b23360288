#!/bin/bash
# SPDX-License-Identifier: MIT
# A target that ends kept TLS connections under a request: what it cannot have read is sent once
# more and told of, what it has read is a failure, and our counts are the server's.
. "$(dirname "$0")/lib.sh"
need python3 python3
need openssl openssl

openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost \
    -addext subjectAltName=DNS:localhost -keyout "$work/key.pem" -out "$work/cert.pem" \
    2>"$work/openssl.log" || { cat "$work/openssl.log"; exit 99; }
export SSL_CERT_FILE=$work/cert.pem

# ask MODE METHOD REQUESTS CODE "FAILURES KINDS" SENT_AGAIN ANSWERED READ: 3 users with pauses
ask()
{
    local mode=$1 name=$1-$2 pid port
    : >"$work/$name.port"
    python3 "$top_srcdir/tests/tools/closing_server.py" "$work/cert.pem" "$work/key.pem" "$mode" \
        "$work/$name.counts" >"$work/$name.port" 2>"$work/$name.err" </dev/null &
    pid=$!
    pids="$pids $pid "
    until_true "$DEADLINE" grep -q '^port ' "$work/$name.port" ||
        { cat "$work/$name.err"; echo 'the server does not start'; exit 99; }
    port=$(sed -n 's/^port //p' "$work/$name.port")
    cat >"$work/$name.cfg" <<CFG
target = "https://localhost:$port";
user_classes = ( { name = "u"; wait = { constant = 0.15; };
                   tasks = ( { request = "$2 /"; } ); } );
CFG
    run "$work/$name.cfg" -u 3 -r 100 -n "$3" --headless --json "$work/$name.json"
    check "$name: exit code, requests, failures, sent again" "$4 $3 $5 $6" "$code $(json \
        "$work/$name.json" '"%d %d %s %d" % (r["requests"], r["failures"],
            [f["kind"] for f in r["failures_by_kind"]], r["sent_again"])')"
    end_pid "$pid"
    check "$name: what the server answered and read" "$7 $8" "$(cat "$work/$name.counts")"
}

# The first of each user is answered; the connection of each other one is closed under it.
ask unread GET 30 0 '0 []' 27 30 30
check_match 'the summary tells of it' '^again     27  were sent once more' "$(cat "$work/out")"
ask unread HEAD 30 0 '0 []' 27 30 30
# After a failure the next one goes to a new connection: every second one is answered.
ask unread POST 12 0 "6 ['reset']" 0 6 6
ask read GET 12 0 "6 ['empty reply']" 0 6 12
ask open GET 6 0 "3 ['empty reply']" 0 3 6
check_none_left
finish
