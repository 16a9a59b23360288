#!/bin/bash
# SPDX-License-Identifier: MIT
# HTTP/2: what a server says on an idle connection harms none of the next requests and costs no
# connection for each, GOAWAY sends the next request to a new one, and what is refused is a
# failure and not sent again: our counts are the server's.
. "$(dirname "$0")/lib.sh"
need python3 python3
need openssl openssl

openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost \
    -addext subjectAltName=DNS:localhost -keyout "$work/key.pem" -out "$work/cert.pem" \
    2>"$work/openssl.log" || { cat "$work/openssl.log"; exit 99; }
export SSL_CERT_FILE=$work/cert.pem

# ask MODE CODE FAILURES KINDS: 3 users, 30 requests, a pause between them.  FAILURES "half": each
# user's second ones; a user that had an odd number of requests has one more success.
ask()
{
    local mode=$1 pid port failed
    : >"$work/$mode.port"
    python3 "$top_srcdir/tests/tools/h2_server.py" "$work/cert.pem" "$work/key.pem" "$mode" \
        "$work/$mode.counts" >"$work/$mode.port" 2>"$work/$mode.err" </dev/null &
    pid=$!
    pids="$pids $pid "
    until_true "$DEADLINE" grep -q '^port ' "$work/$mode.port" ||
        { cat "$work/$mode.err"; echo 'the server does not start'; exit 99; }
    port=$(sed -n 's/^port //p' "$work/$mode.port")
    cat >"$work/$mode.cfg" <<CFG
target = "https://localhost:$port";
user_classes = ( { name = "u"; wait = { constant = 0.1; };
                   tasks = ( { request = "GET /"; } ); } );
CFG
    run "$work/$mode.cfg" -u 3 -r 100 -n 30 --http2 --headless --quiet --json "$work/$mode.json"
    failed=$(json "$work/$mode.json" 'r["failures"]')
    check "$mode: exit code, requests, kinds of failure" "$2 30 $4" "$code $(json "$work/$mode.json" \
        '"%d %s" % (r["requests"], [f["kind"] for f in r["failures_by_kind"]])')"
    if [ "$3" = half ]; then
        check_match "$mode: failures" '^(14|15)$' "$failed"
    else
        check "$mode: failures" "$3" "$failed"
    fi
    end_pid "$pid"
    read -r connections answered refused <"$work/$mode.counts"
    check "$mode: what the server answered" "$((30 - failed))" "$answered"
    check "$mode: what the server refused" "$failed" "$refused"
}

sentence()
{
    json "$work/$1.json" 'r["failures_by_kind"][0]["sample"]'
}

ask plain 0 0 '[]'
check 'plain: a connection for each user' 3 "$connections"
ask ping 0 0 '[]'
check 'ping: costs no connection' 3 "$connections"
for mode in goaway chatty end; do
    ask "$mode" 0 0 '[]'
    check "$mode: each request has a new connection" 30 "$connections"
done
ask crossing 0 0 '[]'
ask refuse 0 half "['reset']"
check_match 'refuse: in words' 'refused the HTTP/2 stream' "$(sentence refuse)"
ask first 3 30 "['reset']"
ask http11 0 half "['protocol']"
check_match 'http11: in words' 'wants HTTP/1.1' "$(sentence http11)"
ask drop 0 half "['cut body']"
check_none_left
finish
