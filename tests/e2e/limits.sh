#!/bin/bash
# SPDX-License-Identifier: MIT
# ramptop limits against servers that limit: nginx's limit_req (a bucket of burst + 1 that
# fills at a rate) per address, per user and for all, and the demo target's windows and its
# lock after failed log-ins.  Numbers are exact, and what nginx logged is what was sent.
. "${top_srcdir:-.}/tests/e2e/lib.sh"
PATH=$PATH:/usr/sbin
need nginx nginx-light
need python3 python3

# start_nginx PORT
start_nginx()
{
    cat >"$work/nginx.conf" <<CONF
daemon off;
master_process off;
pid $work/nginx.pid;
error_log $work/nginx.log;
events { worker_connections 64; }
http {
    log_format short '\$uri \$remote_addr \$status';
    access_log $work/access.log short;
    client_body_temp_path $work/body;
    proxy_temp_path $work/proxy;
    fastcgi_temp_path $work/fastcgi;
    uwsgi_temp_path $work/uwsgi;
    scgi_temp_path $work/scgi;
    limit_req_zone \$binary_remote_addr zone=address:1m rate=12r/m;
    limit_req_zone \$http_authorization zone=user:1m rate=12r/m;
    limit_req_zone \$server_port zone=all:1m rate=12r/m;
    limit_req_zone \$binary_remote_addr zone=long:1m rate=1r/m;
    limit_req_zone \$binary_remote_addr zone=odd:1m rate=1r/m;
    limit_req_zone \$binary_remote_addr zone=same:1m rate=1r/m;
    limit_req_status 429;
    root $work/www;
    server {
        listen 127.0.0.1:$1;
        location /address { limit_req zone=address burst=4 nodelay; add_header Retry-After 5 always; }
        location /user    { limit_req zone=user burst=2 nodelay; }
        location /all     { limit_req zone=all burst=6 nodelay; limit_req_status 503; }
        location /long    { limit_req zone=long; add_header Retry-After 600 always; }
        location /odd     { limit_req zone=odd burst=1 nodelay; add_header Retry-After soon always;
                            add_header X-RateLimit-Remaining 3 always; }
        location /same    { limit_req zone=same burst=1 nodelay; }
    }
}
CONF
    nginx -c "$work/nginx.conf" -p "$work" 2>"$work/nginx.start" &
    nginx_pid=$!
    pids="$pids $nginx_pid "
    until_true 5 test -s "$work/nginx.pid" && kill -0 "$nginx_pid" 2>/dev/null
}

# A free port: asked for, given back, and tried again should somebody have been faster.
start_somewhere()
{
    for _ in 1 2 3 4 5; do
        start_fault_server 0
        port=$fault_port
        end_pid "$fault_pid"
        start_nginx "$port" && return 0
        end_pid "$nginx_pid"
    done
    cat "$work/nginx.start" "$work/nginx.log"
    return 1
}

mkdir "$work/www"
for name in address user all long odd same open; do
    echo ok >"$work/www/$name"
done
start_somewhere || { echo 'nginx does not start'; exit 99; }
cd "$work" || exit 99

# a_profile LIMIT...: of users that differ in a header
a_profile()
{
    cat <<END
target = "http://127.0.0.1:$port";
variables = { me = "user-\${user}"; };
user_classes = ( { name = "A"; headers = { Authorization = "\${me}"; };
                   tasks = ( { request = "GET /open"; } ); },
                 { name = "Nobody"; tasks = ( { request = "GET /open"; } ); } );
rate_limits = ( $1 );
END
}

# of NAME EXPRESSION: l is that limit in r.json
of()
{
    json r.json "[$2 for l in r['limits'] if l['name'] == '$1'][0]"
}

# verdict NAME SUBJECT
verdict()
{
    of "$1" "[f['verdict'] for f in l['findings'] if f['subject'] == '$2'][0]"
}

# logged_is WANTED: what nginx saw since the last check, counted
logged_is()
{
    logs=$(LC_ALL=C sort access.log | uniq -c | awk '{ print $1, $2, $3, $4 }' | paste -sd,)
    [ "$logs" = "$1" ]
}

# check_logged NAME WANTED: nginx writes a line when a reply is sent, a moment after we have it
check_logged()
{
    until_true "$DEADLINE" logged_is "$2"
    check "$1" "$2" "$logs"
    : >access.log
}

# ------------------------------------------------------------- nginx, as it should be

a_profile '
  { name = "address"; class = "A"; request = "GET /address"; expect = 200; after = 5;
    per = "address"; retry_after = true; recovers = 20; },
  { name = "user"; class = "A"; request = "GET /user"; after = [2, 4]; per = "user"; recovers = 0; },
  { name = "all"; class = "A"; request = "GET /all"; after = 7; status = 503; recovers = 0; }' >ok.cfg
run limits ok.cfg --json r.json
check 'as the profile says: exit code' 0 "$code"
[ "$code" = 0 ] || cat out err
check 'how many' '[5, 3, 7]' "$(json r.json '[l["accepted"] for l in r["limits"]]')"
check 'whom they are for' "['address', 'user', 'all']" "$(json r.json '[l["per"] for l in r["limits"]]')"
check 'one more is refused' '[True, True, True]' "$(json r.json '[l["held"] for l in r["limits"]]')"
check 'Retry-After' 5 "$(of address 'int(l["refusal"]["retry_after_s"])')"
check 'recovered' recovered "$(of address 'l["recovery"]["end"]')"
check 'not before it is told' True "$(of address 'l["recovery"]["took_s"] >= 5')"
check 'by one request' 1 "$(of address 'l["recovery"]["requests"]')"
check 'the verdict' ok "$(json r.json 'r["verdict"]')"
check_match 'in words' '^  ok       first 429    after 5 requests in [0-9.]+ [mu]?s, as expected$' "$(cat out)"
check_match 'the other status' '^  ok       first 503    after 7 requests' "$(cat out)"
check_match 'nobody said per: no verdict' '^           per          nothing, for all' "$(cat out)"
check_match 'the end' '^3 limits: 3 as the profile says, 0 differ$' "$(cat out)"
check '80 columns' 0 "$(awk 'length > 80' out | wc -l)"
# Each: those accepted, the refusal, one more; then the second user, and the first again.
check_logged 'what nginx saw' "6 /address 127.0.0.1 200,4 /address 127.0.0.1 429,\
1 /address 127.0.0.2 200,7 /all 127.0.0.1 200,3 /all 127.0.0.1 503,1 /all 127.0.0.2 503,\
4 /user 127.0.0.1 200,3 /user 127.0.0.1 429"

# ------------------------------------------------------------------------ differences

# Fresh buckets.
end_pid "$nginx_pid"
start_somewhere || { echo 'nginx does not start again'; exit 99; }
a_profile '
  { name = "sooner"; class = "A"; request = "GET /address"; after = 6; per = "user"; recovers = 0; },
  { name = "later"; class = "A"; request = "GET /user"; after = 2; per = "address"; retry_after = true;
    recovers = 0; },
  { name = "never"; class = "A"; request = "GET /open"; after = 3; max_requests = 20; },
  { name = "odd"; class = "A"; request = "GET /odd"; after = 2; recovers = 0; },
  { name = "same"; class = "Nobody"; request = "GET /same"; after = 2; per = "user"; recovers = 0; },
  { name = "wrong"; class = "A"; request = "GET /none"; expect = 200; after = 1; max_requests = 2; }' >bad.cfg
: >access.log
run limits bad.cfg --json r.json
check 'differences: exit code' 1 "$code"
check 'sooner' "5 differs differs" \
    "$(of sooner 'l["accepted"]') $(verdict sooner 'first 429') $(verdict sooner per)"
check 'later' "3 differs differs differs" "$(of later 'l["accepted"]') $(verdict later 'first 429') \
$(verdict later per) $(verdict later Retry-After)"
check 'never' 'never 20' "$(of never 'l["end"]') $(of never 'l["accepted"]')"
check_match 'never, in words' 'never within 20 requests in .*; expected after 3$' "$(cat out)"
check 'odd headers' 'differs differs' "$(verdict odd Retry-After) $(verdict odd X-RateLimit)"
check_match 'odd headers, in words' 'X-RateLimit  Remaining is 3, not 0, in the last reply' "$(cat out)"
check 'users that nothing tells apart' 'address unclear' "$(of same 'l["per"]') $(verdict same per)"
check_match 'replies that are not expected' \
    'replies      2 of the 2 accepted are not as the request expects:$' "$(cat out)"
check_match 'the end' '^6 limits: 0 as the profile says, 5 differ, 1 unclear$' "$(cat out)"
check 'the rest is bounded' 20 "$(grep -c '^/open ' access.log)"

run limits bad.cfg --only 's*r' --json - # it may have recovered since it was last used up
run limits bad.cfg --only 's*r' --json -
check '--only' "['sooner']" "$(json out '[l["name"] for l in r["limits"]]')"
check 'used up already' True "$(json out 'r["limits"][0]["accepted"] < 5')"
check_match 'the end on standard error' '^1 limit: 0 as the profile says, 1 differs$' "$(cat err)"
run limits bad.cfg --only nothing
check 'no such limit: exit code' 2 "$code"
check_match 'no such limit' '^ramptop: --only nothing: no rate limit of the profile' "$(cat err)"
sed '/^rate_limits/d' ok.cfg | sed '/^  {/d;/^ *recovers/d;/^ *per =/d' >none.cfg
run limits none.cfg
check 'no limits: exit code' 2 "$code"
check_match 'no limits' '^ramptop: none.cfg names no rate limit; .* rate_limits = \( \{ .* after = 5; \} \);$' \
    "$(cat err)"
run limits ok.cfg --host http://127.0.0.1:1
check 'not reached: exit code' 3 "$code"
check_match 'not reached' 'not found, as a request failed after 0 accepted: ' "$(cat out)"
check_match 'not reached: the others are left out' '^1 limit: ' "$(cat out)"

# ---------------------------------------------------------------------------- Ctrl-C

a_profile '{ name = "long"; class = "A"; request = "GET /long"; after = 1; recovers = "20m"; }' >long.cfg
run limits long.cfg --max-wait 1s
check 'too long to wait for: exit code' 0 "$code"
check_match 'too long to wait for' 'not waited for: Retry-After says 10.0 min' "$(cat out)"
end_pid "$nginx_pid"
start_nginx "$port" || { echo 'nginx does not start again'; exit 99; }
if command -v tmux >/dev/null; then
    tmux_start 100 30
    command_line 'clear; ramptop limits long.cfg'
    wait_for 'long: the next request in 00:(10:00|09:5)' 'the wait is shown'
    keys C-z
    wait_for 'Stopped +ramptop limits' 'Ctrl-Z stops it'
    command_line 'clear; fg; echo code $?'
    wait_for 'long: the next request in 00:(10:00|09:[45])' 'and fg goes on'
    keys C-c
    wait_for 'recovery +interrupted after ' 'Ctrl-C ends the wait'
    wait_for '^interrupted: what was found until then' 'Ctrl-C: what was found'
    wait_for '^code 130' 'Ctrl-C: exit code'
fi

# ---------------------------------------------------------------------- the demo target

if ! grep -q '^#define HAVE_DEMO 1$' "$top_builddir/config.h"; then
    finish
fi
cat >d.demo <<'END'
title = "limits";
accounts = { users = ( { name = "*"; password = "right"; } );
             lockout = { failures = 5; time = "4s"; }; };
rate_limits = { saves = { requests = 12; window = "4s"; per = "user"; endpoints = ["POST /save"]; };
                reads = { requests = 9; window = "4s"; per = "address"; endpoints = ["GET /read"]; }; };
routes = ( { route = "POST /login"; login = true; json = "{\"token\": \"${token}\"}"; },
           { route = "POST /save"; auth = true; json = "{}"; },
           { route = "GET /read"; json = "{}"; } );
END
cat >d.cfg <<'END'
target = "http://127.0.0.1:1";
variables = { stranger = "x${hex:4}"; };
user_classes = ( { name = "A";
  on_start = ( { request = "POST /login"; json = "{\"username\": \"a${user}\", \"password\": \"right\"}";
                 capture = { token = "json:$.token"; }; } );
  tasks = ( { request = "POST /save"; auth = { bearer = "${token}"; }; } ); } );
rate_limits = (
  { name = "saves"; request = "POST /save"; auth = { bearer = "${token}"; }; expect = 200;
    after = 12; per = "user"; window = "4s"; retry_after = true; recovers = 20; },
  { name = "reads"; request = "GET /read"; login = false; expect = 200; after = 9; per = "address"; window = "4s";
    retry_after = true; recovers = 0; },
  { name = "lock"; request = "POST /login"; login = false; expect = 401;
    json = "{\"username\": \"${stranger}\", \"password\": \"wrong\"}";
    after = 5; per = "user"; retry_after = true; recovers = 20; } );
END
start_demo ./d.demo
run limits d.cfg --host "$demo" --json r.json
check 'the demo: exit code' 0 "$code"
[ "$code" = 0 ] || cat out err
check 'the demo: how many' '[12, 9, 5]' "$(json r.json '[l["accepted"] for l in r["limits"]]')"
check 'the demo: for whom' "['user', 'address', 'user']" "$(json r.json '[l["per"] for l in r["limits"]]')"
check 'the demo: it recovers' "['recovered', 'not asked', 'recovered']" \
    "$(json r.json '[l["recovery"]["end"] for l in r["limits"]]')"
check 'the demo: the window is kept' True "$(of saves '3 <= l["recovery"]["took_s"] < 15')"
check_match 'the demo: headers that count' \
    'ok       X-RateLimit  Limit 12, Remaining counts down from 11 to 0, Reset [34] s$' "$(cat out)"
end_pid "$demo_pid"

finish
