#!/bin/bash
# SPDX-License-Identifier: MIT
# The program without a terminal, against its own demo target: counts, reports, exit codes.

. "${top_srcdir:-.}/tests/e2e/lib.sh"
need_demo
cd "$work" || exit 99

# ends CODE ARGUMENT...
ends()
{
    local wanted=$1
    shift
    run "$@"
    check "exit code of ramptop $*" "$wanted" "$code"
}

# says FILE TEXT
says()
{
    grep -qF -- "$2" "$1" && return
    fail "no \"$2\" in $1:"
    cat "$1"
}

# field NAME: of the first line that has it in r.json
field()
{
    sed -n "s/^ *\"$1\": \"\{0,1\}\([^,\"]*\)\"\{0,1\},\{0,1\}\$/\1/p" r.json | head -1
}

# What must not start anything.
ends 2
says err 'ramptop demo'
ends 2 --user 5 http://127.0.0.1:1/
says err 'did you mean --users?'
ends 2 http://127.0.0.1:1/
says err '-n 1000'
ends 2 no-such.cfg
says err 'no-such.cfg'
ends 2 -m PUT demo -n 1
ends 0 --help
says out '--run-time'
ends 0 --version

# The target alone tells where it is.
start_demo --truth truth
url=$demo

# Exactly so many requests, in the report and at the target.
ends 0 "$url/about" -n 250 -u 7 --json r.json --quiet
check 'requests in the report' 250 "$(field requests)"
check 'failures in the report' 0 "$(field failures)"
check schema ramptop-summary/1 "$(field schema)"
says out 'requests  250 '
check 'standard error of a quiet run' '' "$(cat err)"

# JSON is alone on standard output; the variable stands for the flag.
RAMPTOP_REQUESTS=3 ends 0 "$url/" --quiet --json -
check 'first line of the output' '{' "$(head -1 out)"
check 'last line of the output' '}' "$(tail -1 out)"
says err 'requests  3 '

# A body, a method, a header, from a file.
echo 'hello' >body
ends 0 "$url/write" -n 4 -X PUT -d @body -H 'X-Test: 1' --quiet --json r.json
check 'failures of the PUT' 0 "$(field failures)"

# A table while it runs, and the run's own end.
ends 0 "$url/fast" -u 2 -t 2500ms
says err 'users 2 of 2'
says out 'the run time of 2.5 s is over'

# Signals: the summary comes all the same.
for signal in INT:130 TERM:143; do
    rm -f err # or the table of the run before would do
    # A script's background process would ignore SIGINT: env puts it back.
    env --default-signal=INT "$ramptop" "$url/fast" -u 2 --json r.json >out 2>err &
    pid=$!
    pids="$pids $pid "
    until_true "$DEADLINE" grep -qs 'users 2 of 2' err || fail 'no table'
    kill -"${signal%:*}" $pid
    wait $pid
    code=$?
    pids=${pids/ $pid / }
    check "exit code after ${signal%:*}" "${signal#*:}" "$code"
    says out 'requests  '
    check "end of the run in the report" stopped "$(field end_reason)"
    rm -f r.json
done

# Reports that cannot be written are not passed over.
ends 2 "$url/fast" -n 2 --quiet --json /dev/full
says err 'No space left on device'
says out 'requests  2 '
ends 2 "$url/fast" -n 2 --quiet --json no/such/folder/r.json
timeout 60 "$ramptop" "$url/fast" -n 2 --quiet >/dev/full 2>err
check 'exit code with a full standard output' 2 $?

# A failed request is data, an absent target is not.
ends 0 "$url/no-such-page" -n 5 --quiet --json r.json
check 'failures of a missing page' 5 "$(field failures)"
says r.json '"kind": "404"'

# The target's own log has every request and no more, and its end is clean.
kill -TERM "$demo_pid"
wait "$demo_pid"
check 'exit code of the demo target' 0 $?
pids=
check 'GET requests of the first run at the target' 250 "$(grep -c ' GET /about ' truth)"
check 'PUT requests at the target' 4 "$(grep -c ' PUT /write ' truth)"
ends 3 "$url/" -n 5 --quiet
says out 'refused'

# A profile, one of its levels, and the demo by itself.
ends 0 demo -t 1s --level smoke --quiet --json r.json
check level smoke "$(field level)"
ends 2 demo --level smok
says err 'did you mean smoke?'

check_none_left
finish
