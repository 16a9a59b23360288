#!/bin/bash
# SPDX-License-Identifier: MIT
# Users that wait for longer than the servers keep an idle connection: nginx, Apache and
# HAProxy close it while the users pause, over HTTP, HTTPS and HTTP/2.  None of the next requests
# may fail, and none may be asked twice.
#
# The pauses leave out the very moment in which a server closes, which on a busy machine is a
# long one.  With it, by hand: KEEPALIVE_REQUESTS=1000 KEEPALIVE_WAIT='0.9, 2.5'
. "$(dirname "$0")/lib.sh"
PATH=$PATH:/usr/sbin
need nginx nginx-light
need apache2 apache2
need haproxy haproxy
need openssl openssl
requests=${KEEPALIVE_REQUESTS:-20} # for each server and protocol
users=$((requests / 4))

openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost \
    -addext subjectAltName=DNS:localhost -keyout "$work/key.pem" -out "$work/cert.pem" \
    2>"$work/openssl.log" || { cat "$work/openssl.log"; exit 99; }
cat "$work/cert.pem" "$work/key.pem" >"$work/both.pem"
export SSL_CERT_FILE=$work/cert.pem

free_ports()
{
    ports=()
    while [ "${#ports[@]}" -lt "$1" ]; do
        free_port
        [[ " ${ports[*]} " == *" $port "* ]] || ports+=("$port")
    done
}

# configure: ports 0..2 are nginx's (http, https, h2), 3..5 Apache's, 6..8 HAProxy's
configure()
{
    cat >"$work/nginx.conf" <<CONF
daemon off;
master_process off;
pid $work/nginx.pid;
error_log $work/nginx.log;
events { worker_connections 4096; }
http {
    log_format where '\$server_port';
    access_log $work/nginx.seen where;
    client_body_temp_path $work/body;
    proxy_temp_path $work/proxy;
    fastcgi_temp_path $work/fastcgi;
    uwsgi_temp_path $work/uwsgi;
    scgi_temp_path $work/scgi;
    keepalive_timeout 1s;
    ssl_certificate $work/cert.pem;
    ssl_certificate_key $work/key.pem;
    server { listen 127.0.0.1:${ports[0]}; location / { return 200 "ok\n"; } }
    server { listen 127.0.0.1:${ports[1]} ssl; location / { return 200 "ok\n"; } }
    server { listen 127.0.0.1:${ports[2]} ssl http2; location / { return 200 "ok\n"; } }
}
CONF
    modules=$(dirname "$(find /usr/lib -name mod_mpm_event.so 2>/dev/null | head -1)")
    mkdir -p "$work/htdocs"
    echo ok >"$work/htdocs/index.html"
    cat >"$work/apache.conf" <<CONF
ServerRoot $work
DefaultRuntimeDir $work
PidFile $work/apache.pid
ServerName localhost
LoadModule mpm_event_module $modules/mod_mpm_event.so
LoadModule authz_core_module $modules/mod_authz_core.so
LoadModule dir_module $modules/mod_dir.so
LoadModule ssl_module $modules/mod_ssl.so
LoadModule http2_module $modules/mod_http2.so
Listen 127.0.0.1:${ports[3]}
Listen 127.0.0.1:${ports[4]}
Listen 127.0.0.1:${ports[5]}
KeepAliveTimeout 1
ThreadLimit 400
ThreadsPerChild 400
MaxRequestWorkers 400
LogFormat "%{local}p" where
CustomLog $work/apache.seen where
ErrorLog $work/apache.log
DocumentRoot $work/htdocs
<VirtualHost 127.0.0.1:${ports[4]}>
SSLEngine on
SSLCertificateFile $work/cert.pem
SSLCertificateKeyFile $work/key.pem
</VirtualHost>
<VirtualHost 127.0.0.1:${ports[5]}>
Protocols h2
SSLEngine on
SSLCertificateFile $work/cert.pem
SSLCertificateKeyFile $work/key.pem
</VirtualHost>
CONF
    cat >"$work/haproxy.cfg" <<CONF
global
    maxconn 4000
defaults
    mode http
    timeout connect 5s
    timeout client 30s
    timeout server 30s
    timeout http-keep-alive 1s
frontend all
    bind 127.0.0.1:${ports[6]}
    bind 127.0.0.1:${ports[7]} ssl crt $work/both.pem
    bind 127.0.0.1:${ports[8]} ssl crt $work/both.pem alpn h2
    http-request return status 200 content-type text/plain string "ok"
CONF
}

# background PROGRAM ARGUMENT...: its pid goes to the list of what is ended
background()
{
    "$@" >>"$work/servers.log" 2>&1 </dev/null &
    pids="$pids $! "
}

all_answer()
{
    local port
    for port in "${ports[@]}"; do
        (exec 9<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || return 1
    done
}

free_ports 9
configure
background nginx -c "$work/nginx.conf" -p "$work"
background apache2 -X -f "$work/apache.conf"
background haproxy -f "$work/haproxy.cfg"
until_true "$DEADLINE" all_answer ||
    { cat "$work/servers.log" "$work"/*.log; echo 'a server does not start'; exit 99; }

# ask NAME PORT_NUMBER SCHEME [OPTION...]: in the background
runs=
ask()
{
    local name=$1 port=${ports[$2]} scheme=$3
    shift 3
    cat >"$work/$name.cfg" <<CFG
target = "$scheme://localhost:$port";
user_classes = ( { name = "u"; wait = { between = [${KEEPALIVE_WAIT:-2.0, 2.5}]; };
                   tasks = ( { request = "GET /"; } ); } );
CFG
    "$ramptop" "$work/$name.cfg" -u "$users" -r 1000 -n "$requests" --headless --quiet "$@" \
        --json "$work/$name.json" >"$work/$name.out" 2>&1 </dev/null &
    runs="$runs $name:$!:$port"
    pids="$pids $! "
}

n=0
for server in nginx apache haproxy; do
    ask "$server-http" $((n++)) http
    ask "$server-https" $((n++)) https
    ask "$server-h2" $((n++)) https --http2
done
for run in $runs; do
    name=${run%%:*} port=${run##*:} pid=${run#*:}
    wait "${pid%:*}"
    check "$name: exit code, requests, failures" "0 $requests 0 []" \
        "$? $(json "$work/$name.json" '"%d %d %s" % (r["requests"], r["failures"],
            [(f["kind"], f["sample"]) for f in r["failures_by_kind"]])')"
    [ "${name%-*}" = haproxy ] || check "$name: the server's log" "$requests" \
        "$(grep -c "^$port\$" "$work/${name%-*}.seen")"
done
check_none_left
finish
