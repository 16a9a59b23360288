#!/bin/bash
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2154 # work, demo, demo_port, ramptop are lib.sh's
# The target is restarted during a run and knows nobody any more: every user notices with its
# next request, logs in again by itself, and there are no failures from then on.

. "${top_srcdir:-.}/tests/e2e/lib.sh"
need python3 python3
need_demo

users=30

# server EXPRESSION: s is what the demo target counted; False while it cannot be asked
server()
{
    { fetch "$demo_port" /stats 2>/dev/null || echo '{}'; } | python3 -c 'import json, sys
try:
    s = json.load(sys.stdin)
    print(eval(sys.argv[1]))
except (ValueError, KeyError):
    print(False)' "$1" 2>/dev/null
}

server_says()
{
    [ "$(server "$1")" = True ]
}

# all_in NAME: every user has logged in and was served afterwards
all_in()
{
    if until_true "$DEADLINE" server_says \
        "s['tokens']['seen'] >= $users and s['tokens']['requests_known'] > 10 * $users"; then
        pass "$1"
    else
        fail "$1: $(server "s['tokens']")"
    fi
}

start_lasting_demo tlac --seed 1
classes=()
for class in TLACUser TeacherUser AdminUser; do
    classes+=(--set "user_classes.$class.wait={ constant = 0.2; }")
done
"$ramptop" "$top_srcdir/profiles/tlac.cfg" --host "$demo" --seed 5 --headless --quiet \
    -u "$users" -r 1000 -t 300s --json "$work/report.json" "${classes[@]}" \
    >"$work/out" 2>"$work/err" </dev/null &
load_pid=$!
pids="$pids $load_pid "

all_in 'all users are in'
end_pid "$demo_pid" KILL
start_demo tlac --seed 1 --port "$demo_port"
all_in 'all are in again after the restart'
turned_away=$(server "s['tokens']['requests_unknown']")
served=$(server "s['tokens']['requests_known']")
until_true "$DEADLINE" server_says "s['tokens']['requests_known'] > $served + 100" ||
    fail 'the load does not go on'
check 'nobody is turned away any more' "$turned_away" "$(server "s['tokens']['requests_unknown']")"

end_pid "$load_pid" INT
report=$work/report.json
# Each user is turned away once, by the request that tells it, unless a request failed its
# on_start before.
check 'a user is turned away once at most' True "$(json "$report" \
    "0 < sum(f['count'] for f in r['failures_by_kind'] if f['kind'] == '401') <= $users")"
check 'only kinds that fit a restarted target' '' "$(json "$report" \
    "'\n'.join(f['kind'] for f in r['failures_by_kind'])" |
    grep -vxE '401|refused|reset|empty reply|cut headers|cut body')"
end_pid "$demo_pid"
check_none_left
finish
