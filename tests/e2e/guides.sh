#!/bin/bash
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2016,SC2154 # ${lesson} is the profile's; work, demo, code are lib.sh's
# The five guides, each against the demo target that stands in for its service: who takes
# part, what they do and how often, that what a reply brought is what later requests send,
# that both sides counted the same, and that limits are where they are set.
#
# Waits are shortened, so that seconds are enough; a fixed seed keeps the dice the same.

. "${top_srcdir:-.}/tests/e2e/lib.sh"
need python3 python3
need_demo

mix_py=$top_srcdir/tests/tools/mix.py

# held NAME ARGUMENT...: what mix.py finds
held()
{
    local name=$1 found
    shift
    if found=$(python3 "$mix_py" "$@" 2>&1); then
        pass "$name${found:+: $found}"
    else
        fail "$name: $found"
    fi
}

# guide NAME CLASS...: its demo target, and settings that make these classes quick
guide()
{
    guide=$1
    shift
    [ -z "${demo_pid-}" ] || end_pid "$demo_pid"
    start_demo "$guide" --seed 1
    reports=()
    quick=()
    patient=()
    local class
    for class; do
        quick+=(--set "user_classes.$class.wait={ constant = 0.02; }")
        patient+=(--set "user_classes.$class.wait={ constant = 600.0; }")
    done
}

# load NAME OPTION...: a run without a failure; its report is the last of reports
load()
{
    local name="$guide, $1"
    shift
    report=$work/$guide-${#reports[@]}.json
    run "$top_srcdir/profiles/$guide.cfg" --host "$demo" --seed 11 --quiet --headless \
        --json "$report" "$@"
    reports+=("$report")
    check "$name: exit code" 0 "$code"
    check "$name: failures, given up, lost" '0 [] 0 0' "$(json "$report" \
        '"%d %s %d %d" % (r["failures"], r["failures_by_kind"], r["aborted"], r["generator"]["ring_lost"])')"
}

# classes USERS REQUESTS WANTED...: every user does one task, and then waits
classes()
{
    load 'one task each' -u "$1" -r 1000 -n "$2" -t 60s "${patient[@]}"
    shift 2
    held "$guide: users of each class" exact "$report" "$@"
}

# tasks CLASS REQUESTS SHARE... [-- OTHER...]
tasks()
{
    local class=$1 n=$2
    shift 2
    load "$class" "$class" -u 20 -r 1000 -n "$n" -t 60s "${quick[@]}"
    held "$guide: what $class does" shares "$report" "$@"
}

# level NAME USERS: as it is, but for 2 seconds
level()
{
    load "level $1" --level "$1" -t 2s \
        --set "levels.$1.spawn_rate=200.0"
    check "$guide, level $1: users" "$2" "$(json "$report" 'r["users_peak"]')"
}

# only LEVEL REQUESTS ENDPOINT: a level that one class has for itself
only()
{
    load "level $1" --level "$1" -r 1000 -n "$2" -t 60s
    held "$guide, level $1: nobody else" exact "$report" "$3=$2"
}

# burst LEVEL USERS ENDPOINT: all of them at once.  How long the replies take here is not
# the question, so the bound of p95 goes.
burst()
{
    load "level $1" --level "$1" -r 1000 -t 60s --set "levels.$1.p95=\"60s\""
    check "$guide, level $1: the burst" "1 $2 0 $2 1.0 ok" "$(json "$report" \
        '" ".join("%d %d %d %d %.1f %s" % (b["of"], b["users"], b["not_ready"], b["requests"], b["success"], b["verdict"]) for b in r["bursts"])')"
    held "$guide, level $1: $3" exact "$report" "$3=$2"
}

# found_limits ACCOUNT LIMIT...: each where the profile says, and the target has it, exactly
found_limits()
{
    local limit account=$1
    shift
    run limits "$top_srcdir/profiles/$guide.cfg" --host "$demo" --max-wait 0s \
        --set "variables.$account" --json "$work/limits.json"
    check "$guide: limits: exit code" 0 "$code"
    json "$work/limits.json" '"\n".join("%s: %d %s %s" % (l["name"], l["accepted"], l["per"],
        l["verdict"]) for l in r["limits"])' >"$work/limits.txt"
    check "$guide: how many limits" $# "$(wc -l <"$work/limits.txt")"
    for limit; do
        check "$guide: limit" "$limit" "$(grep -xF "$limit" "$work/limits.txt")"
    done
}

stats()
{
    fetch "$demo_port" /stats >"$work/stats.json"
}

# server NAME WANTED EXPRESSION: s is what the demo target counted
server()
{
    check "$guide: $1" "$2" "$(python3 -c 'import json, sys
s = json.load(open(sys.argv[1]))
print(eval(sys.argv[2]))' "$work/stats.json" "$3" 2>&1)"
}

both_counted_the_same()
{
    stats
    held "$guide: both sides counted the same" counts "$work/stats.json" "${reports[@]}"
    server 'nothing is cut off, nobody asks for what is not there' '0 {}' \
        '"%d %s" % (s["cut"], s["routes"]["other"])'
}

tokens_came_back()
{
    server 'every token of a login came back, and no other' 'True 0' \
        '"%s %d" % (s["tokens"]["issued"] == s["tokens"]["seen"] > 0, s["tokens"]["requests_unknown"])'
}

# ids COLLECTION READ WRITTEN: were ids read and written, and all of them known?
ids()
{
    server "$1: ids that replies brought are used, no other" "$2 $3 0 0" \
        "(lambda c: '%s %s %d %d' % (c['read_known'] > 0, c['written_known'] > 0, c['read_unknown'], c['written_unknown']))(s['collections']['$1'])"
}

# -------------------------------------------------------------------------------- TLAC

guide tlac TLACUser TeacherUser AdminUser
login=('POST /api/auth/login' 'GET /api/auth/me (login)')
classes 100 290 'POST /api/auth/login=100' 'GET /api/auth/me (login)=90' \
    'GET /api/auth/me + GET /api/activity/state/${lesson}/${activity} + POST /api/activity/state/${lesson}/${activity} + POST /api/python/run + GET /lessons/manifest.json=70'
tasks TLACUser 600 'GET /api/auth/me=5' 'GET /api/activity/state/${lesson}/${activity}=3' \
    'POST /api/activity/state/${lesson}/${activity}=2' 'POST /api/python/run=1' \
    'GET /lessons/manifest.json=1' -- "${login[@]}"

# The same report held against other weights: the test can tell them apart.
if python3 "$mix_py" shares "$report" 'GET /api/auth/me=4' \
    'GET /api/activity/state/${lesson}/${activity}=4' \
    'POST /api/activity/state/${lesson}/${activity}=2' 'POST /api/python/run=1' \
    'GET /lessons/manifest.json=1' -- "${login[@]}" >"$work/other.out" 2>&1; then
    fail "other weights fit as well: $(cat "$work/other.out")"
else
    pass "other weights do not fit: $(tail -n 1 "$work/other.out")"
fi

tasks TeacherUser 400 'GET /api/health=3' \
    'GET /api/teacher/pupil/{username}/lesson/{lesson}=2' 'POST /api/teacher/mark=1' \
    -- "${login[@]}"
tasks AdminUser 400 'GET /api/admin/metrics=5' 'GET /api/health=2' 'GET /api/admin/audit=1' \
    -- "${login[@]}"
level classroom 50
burst logins 100 'POST /api/auth/login'
burst saves 200 'POST /api/activity/state/${lesson}/${activity}'
burst code_runs 30 'POST /api/python/run'
both_counted_the_same
server 'every token came back but those of the 100 who only log in' '100 0' \
    '"%d %d" % (s["tokens"]["issued"] - s["tokens"]["seen"], s["tokens"]["requests_unknown"])'

found_limits 'pupil=limits.${user}' 'failed logins: 5 user ok' 'activity saves: 60 user ok' 'code runs: 30 user ok'

# ---------------------------------------------------------------------------- TutorMax

guide tutormax DashboardUser SessionCreator TutorPerformanceViewer InterventionManager \
    AdminUser StudentFeedbackUser
login=('POST /api/auth/login')
classes 100 195 'POST /api/auth/login=95' 'GET /api/dashboard/metrics=40' \
    'POST /api/sessions=20' 'GET /api/tutors=15' 'GET /api/interventions=15' \
    'GET /api/admin/users=5' 'POST /api/feedback/{token}=5'
tasks DashboardUser 300 'GET /api/dashboard/metrics=1' 'GET /api/performance/analytics=1' \
    'GET /api/alerts=1' 'GET /api/interventions=1' -- "${login[@]}"
tasks SessionCreator 300 'POST /api/sessions=1' 'PATCH /api/sessions/{id}=1' -- "${login[@]}"
tasks TutorPerformanceViewer 400 'GET /api/tutors=3' 'GET /api/tutors/{id}=2' \
    'GET /api/tutors/{id}/sessions=2' 'GET /api/tutors/{id}/recommendations=1' -- "${login[@]}"
tasks InterventionManager 400 'GET /api/interventions=3' 'GET /api/interventions/{id}=2' \
    'POST /api/interventions/{id}/assign=1' 'POST /api/interventions/{id}/outcome=1' \
    -- "${login[@]}"
tasks AdminUser 400 'GET /api/admin/users=6' 'GET /api/admin/users/{id}=1' \
    'PATCH /api/admin/users/{id}/roles=1' -- "${login[@]}"
tasks StudentFeedbackUser 100 'POST /api/feedback/{token}=1'
level light 50
both_counted_the_same
tokens_came_back
ids sessions False True

# --------------------------------------------------------------------- JuraGPT Auditor

guide juragpt-auditor AuditorUser BurstUser HeavyUser
classes 100 170 'GET /health (start)=70' 'POST /verify (burst)=20' 'POST /verify (large)=10'
tasks AuditorUser 240 'POST /verify (standard)=10' 'POST /verify (many sources)=3' \
    'POST /verify (strict mode)=2' 'GET /health=1' 'GET /metrics=1' -- 'GET /health (start)'
tasks BurstUser 40 'POST /verify (burst)=1'
tasks HeavyUser 40 'POST /verify (large)=1'
level smoke 10
only burst 20 'POST /verify (burst)'
only heavy 20 'POST /verify (large)'
both_counted_the_same

# ----------------------------------------------------------------------- TherapyBridge

guide therapybridge TherapyBridgeUser DatabaseConnectionPoolUser BaselineUser
login=('POST /api/v1/auth/login' 'GET /api/patients/ (setup)' 'GET /api/sessions/ (setup)')
classes 20 80 "${login[0]}=20" "${login[1]}=20" "${login[2]}=20"
tasks TherapyBridgeUser 600 'GET /health=3' 'GET /ready=2' 'GET /api/sessions/=5' \
    'GET /api/sessions/{id}=3' 'GET /api/patients/=2' 'GET /api/patients/{id}/sessions=1' \
    'POST /api/sessions/upload=1' 'POST /api/sessions/{id}/extract-notes=1' -- "${login[@]}"
tasks DatabaseConnectionPoolUser 300 'GET /api/sessions/ (db pool)=1' 'GET /health (db pool)=1' \
    -- "${login[@]}"
tasks BaselineUser 400 'GET /=1' 'GET /health=1' 'GET /ready=1' 'GET /live=1'
level quick 5
burst burst_health 100 'GET /health'
burst burst_sessions 50 'GET /api/sessions/'
burst burst_uploads 10 'POST /api/sessions/upload'
burst burst_database 100 'GET /api/sessions/'
both_counted_the_same
tokens_came_back
ids sessions True True
ids patients True False
server 'each upload is 100 KB' True \
    '(lambda u: u["bytes"] == 102400 * u["taken"] > 0)(s["uploads"]["POST /api/sessions/upload"])'

load 'sustained' SustainedUser -u 10 -r 1000 -n 30 -t 60s --set variables.account=sustained@h
load 'a large upload' LargeUploadUser -u 1 -n 3 -t 60s --set variables.account=large@h
stats
server 'the large upload has 10 to 50 MB' True \
    '(lambda u: 10e6 < u["bytes"] - 102400 * (u["taken"] - 1) < 55e6)(s["uploads"]["POST /api/sessions/upload"])'

found_limits 'account=limits.${user}@h' '100 a minute: 100 user ok' '10 uploads an hour: 10 user ok'

# ------------------------------------------------------------------------------ PrismQ

guide prismq WebClientUser HighLoadUser BurstUser
start=('GET /api/modules (start)' 'GET /api/runs (start)' 'DELETE /api/runs/{id}')
classes 99 264 "${start[0]}=33" "${start[1]}=33"
tasks WebClientUser 640 'GET /api/modules=5' 'GET /api/runs=4' 'GET /api/modules/{id}/config=3' \
    'GET /api/health=2' 'GET /api/system/stats=2' 'POST /api/modules/{id}/run=1' \
    'POST /api/modules/{id}/config=1' 'GET /api/runs/{id}=1' 'GET /api/runs/{id}/logs=1' \
    -- "${start[@]}"
tasks HighLoadUser 400 'GET /api/runs (polled)=10' 'GET /api/system/stats=5' 'GET /api/health=3'
tasks BurstUser 200 'GET /api/modules=1' 'GET /api/runs=1' 'GET /api/system/stats=1' \
    'GET /api/health=1'
level light 10
both_counted_the_same
server 'runs: ids that replies brought are used, no other' 'True 0' \
    '(lambda c: "%s %d" % (c["read_known"] > 0, c["read_unknown"]))(s["collections"]["runs"])'

end_pid "$demo_pid"
check_none_left
finish
