#!/bin/bash
# SPDX-License-Identifier: MIT
# TLS and HTTP/2 against nginx: verified by default, off only when asked for and then said.
. "$(dirname "$0")/lib.sh"
PATH=$PATH:/usr/sbin
need nginx nginx-light
need openssl openssl

# A certificate authority of our own, and a certificate for localhost that it signed.
make_certificates()
{
    openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj '/CN=test authority' \
        -keyout "$work/ca.key" -out "$work/ca.pem" &&
        openssl req -newkey rsa:2048 -nodes -subj '/CN=localhost' \
            -keyout "$work/server.key" -out "$work/server.csr" &&
        printf 'subjectAltName=DNS:localhost\n' >"$work/san" &&
        openssl x509 -req -days 2 -in "$work/server.csr" -CA "$work/ca.pem" -CAkey "$work/ca.key" \
            -CAcreateserial -extfile "$work/san" -out "$work/server.pem"
}

# It serves, or has ended.
nginx_is_decided()
{
    [ -s "$work/nginx.pid" ] || ! kill -0 "$nginx_pid" 2>/dev/null
}

# start_nginx PORT PLAIN_PORT
start_nginx()
{
    cat >"$work/nginx.conf" <<CONF
daemon off;
master_process off;
pid $work/nginx.pid;
error_log $work/nginx.log;
events { worker_connections 512; }
http {
    log_format protocol '\$server_protocol \$connection';
    access_log $work/access.log protocol;
    client_body_temp_path $work/body;
    proxy_temp_path $work/proxy;
    fastcgi_temp_path $work/fastcgi;
    uwsgi_temp_path $work/uwsgi;
    scgi_temp_path $work/scgi;
    ssl_certificate $work/server.pem;
    ssl_certificate_key $work/server.key;
    server { listen 127.0.0.1:$1 ssl http2; location / { return 200 "secret\n"; } }
    server { listen 127.0.0.1:$2 http2; location / { return 200 "plain\n"; } }
}
CONF
    nginx -c "$work/nginx.conf" -p "$work" 2>"$work/nginx.start" &
    nginx_pid=$!
    pids="$pids $nginx_pid "
    until_true "$DEADLINE" nginx_is_decided && kill -0 "$nginx_pid" 2>/dev/null
}

start_somewhere()
{
    for _ in 1 2 3 4 5; do
        free_port
        plain=$port
        while [ "$port" = "$plain" ]; do
            free_port
        done
        start_nginx "$port" "$plain" && return 0
        end_pid "$nginx_pid"
    done
    cat "$work/nginx.start" "$work/nginx.log"
    return 1
}

protocols()
{
    cut -d' ' -f1 "$work/access.log" | sort | uniq -c | awk '{ print $1, $2 }' | paste -sd' '
}

protocols_are()
{
    [ "$(protocols)" = "$1" ]
}

# nginx writes its log when it is done with a request, a little after the client is.
check_protocols()
{
    until_true "$DEADLINE" protocols_are "$2"
    check "$1" "$2" "$(protocols)"
}

make_certificates >"$work/openssl.log" 2>&1 || { cat "$work/openssl.log"; exit 99; }
start_somewhere || exit 99

run "https://localhost:$port/" -n 5 --headless --json "$work/json"
check 'a certificate of an unknown authority is refused' 3 "$code"
check 'all as TLS failures' "[('tls', 5)]" \
    "$(json "$work/json" "[(f['kind'], f['count']) for f in r['failures_by_kind']]")"
check_match 'in words' 'certificate' "$(json "$work/json" "r['failures_by_kind'][0]['sample']")"
check 'nothing was asked' 0 "$(wc -l <"$work/access.log")"

run "https://localhost:$port/" -n 6 -u 2 -k --headless --json "$work/json"
check '-k takes it' '0 6 0' "$code $(json "$work/json" "r['requests'], r['failures']" | tr -d '(),')"
check_match '-k is said in the summary' 'certificates NOT verified' "$(cat "$work/out" "$work/err")"

export SSL_CERT_FILE=$work/ca.pem
: >"$work/access.log"
run "https://localhost:$port/" -n 500 -u 2 -r 1000 --headless --json "$work/json"
check 'SSL_CERT_FILE names an authority' '0 500 0' \
    "$code $(json "$work/json" "r['requests'], r['failures']" | tr -d '(),')"
check_protocols 'HTTP/1.1 by default' '500 HTTP/1.1'
check 'a connection for each user' 2 "$(cut -d' ' -f2 "$work/access.log" | sort -u | wc -l)"

run "https://127.0.0.1:$port/" -n 3 --headless --json "$work/json"
check 'a certificate for another name is refused' "3 tls" \
    "$code $(json "$work/json" "r['failures_by_kind'][0]['kind']")"

: >"$work/access.log"
run "https://localhost:$port/" -n 500 -u 2 -r 1000 --http2 --headless --json "$work/json"
check '--http2 over TLS' '0 500 0' \
    "$code $(json "$work/json" "r['requests'], r['failures']" | tr -d '(),')"
check_protocols 'is HTTP/2' '500 HTTP/2.0'
check 'a connection for each user, also there' 2 "$(cut -d' ' -f2 "$work/access.log" | sort -u | wc -l)"

: >"$work/access.log"
run "http://127.0.0.1:$plain/" -n 10 --http2 --headless --json "$work/json"
if [ "$code" = 2 ]; then
    check_match '--http2 without TLS is refused in words where libcurl has it broken' \
        'HTTP/2 without TLS does not work with this libcurl' "$(cat "$work/err")"
else
    check '--http2 without TLS' '0 10 0' \
        "$code $(json "$work/json" "r['requests'], r['failures']" | tr -d '(),')"
    check_protocols 'is HTTP/2, too' '10 HTTP/2.0'
fi

# ------------------------------------------------- https to a plain port, http to a TLS port

# wrong_port NAME URL WORDS
wrong_port()
{
    run "$2" -n 2 --headless --timeout 20s --json "$work/json"
    check_match "$1: in words" "$3" "$(json "$work/json" "r['failures_by_kind'][0]['sample']")"
    check "$1: all fail" 2 "$(json "$work/json" "r['failures']")"
}

start_fault_server 0
wrong_port 'TLS to a port without it' "https://127.0.0.1:$fault_port/ok" 'https to a plain port'
wrong_port 'plain HTTP to a TLS port that says so' "http://127.0.0.1:$port/" '^http to a TLS port'
openssl s_server -accept 127.0.0.1:0 -cert "$work/server.pem" -key "$work/server.key" -www \
    >"$work/s_server.out" 2>&1 </dev/null &
pids="$pids $! "
until_true "$DEADLINE" grep -q '^ACCEPT' "$work/s_server.out"
bare=$(sed -n 's/^ACCEPT.*:\([0-9]*\)$/\1/p' "$work/s_server.out" | head -1)
wrong_port 'plain HTTP to a TLS port that does not' "http://127.0.0.1:$bare/" 'http to a TLS port'
finish
