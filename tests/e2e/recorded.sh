#!/bin/bash
# SPDX-License-Identifier: MIT
# A session that was recorded once runs again: with a token and ids of its own, against a
# server that knows the recorded ones no more.

. "${top_srcdir:-.}/tests/e2e/lib.sh"
need_demo
keep_secret lectern42
start_demo tutormax
cd "$work" || exit 99

# entry SECONDS TOOK_MS METHOD PATH STATUS HEADERS BODY REPLY
entry()
{
    printf '{"pageref": "p", "startedDateTime": "2026-11-21T10:00:%06.3fZ", "time": %s,\n' "$1" "$2"
    printf '"request": {"method": "%s", "url": "%s%s", "httpVersion": "HTTP/1.1", "headers": [%s]' \
        "$3" "$demo" "$4" "$6"
    [ -z "$7" ] || printf ', "postData": {"mimeType": "application/json", "text": %s}' "$7"
    printf '},\n"response": {"status": %s, "headers": [], "content": {"mimeType": ' "$5"
    printf '"application/json", "text": %s}}}\n' "$8"
}

auth='{"name": "Authorization", "value": "Bearer recorded-token-0815"}'
old=0b5c1f7e-1111-4222-8333-444455556666
{
    echo '{"log": {"version": "1.2", "pages": [{"id": "p", "title": "Sessions",'
    echo '"startedDateTime": "2026-11-21T10:00:00Z"}], "entries": ['
    entry 0 80 POST /api/auth/login 200 '' \
        '"{\"username\": \"ops@tutormax.example\", \"password\": \"lectern42\"}"' \
        '"{\"access_token\": \"recorded-token-0815\", \"token_type\": \"bearer\"}"'
    echo ,
    entry 0.6 90 GET /api/dashboard/metrics 200 "$auth" '' '"{}"'
    echo ,
    entry 0.61 70 GET /api/alerts 200 "$auth" '' '"[]"'
    echo ,
    entry 0.8 90 POST /api/sessions 201 "$auth" '"{\"tutor_id\": 7}"' "\"{\\\"id\\\": \\\"$old\\\"}\""
    echo ,
    entry 1.0 60 PATCH "/api/sessions/$old" 200 "$auth" '"{\"session_state\": \"done\"}"' '"{}"'
    echo ,
    entry 1.2 60 GET /api/sessions/no-such-session 404 "$auth" '' '"{}"'
    echo ']}}'
} >session.har

run import har session.har
check 'the session is imported' 0 "$code"
cp out session.cfg
check 'no recorded token, id or password is left' '' \
    "$(grep -e recorded-token -e "$old" -e lectern42 session.cfg)"
check_match 'requests side by side' 'parallel = \(' "$(cat session.cfg)"

run check session.cfg
check 'without its secret it is refused' 2 "$code"
check_match 'and says which one' PASSWORD "$(cat err)"

export PASSWORD=lectern42
run check session.cfg
check 'with it the profile is a right one' 0 "$code"
run --trust -n 18 -u 1 --json out.json session.cfg
check 'the session runs three times' 0 "$code"
check 'and nothing fails' 0 "$(sed -n 's/^ *"failures": *\([0-9]*\),*$/\1/p' out.json | head -n 1)"
check 'as many requests as were asked for' 18 \
    "$(sed -n 's/^ *"requests": *\([0-9]*\),*$/\1/p' out.json | head -n 1)"

end_pid "$demo_pid"
check_none_left
finish
