#!/bin/bash
# SPDX-License-Identifier: MIT
# The program without a terminal, against its own demo target: counts, reports, exit codes.

ramptop=$(realpath "${top_builddir:-.}")/ramptop
work=$(mktemp -d) || exit 99
target=
# shellcheck disable=SC2317 # called by the trap
cleanup()
{
    [ -z "$target" ] || kill "$target" 2>/dev/null
    rm -rf "$work"
}
trap cleanup EXIT
cd "$work" || exit 99
exec </dev/null
bad=0

# expect WHAT WANTED GOT
expect()
{
    [ "$2" = "$3" ] && return
    echo "$1: wanted $2, got $3"
    bad=1
}

# until_true SECONDS COMMAND...: polls for the condition
until_true()
{
    local end=$((SECONDS + $1))
    shift
    until "$@"; do
        [ $SECONDS -lt $end ] || return 1
        sleep 0.05
    done
}

# run WANTED-CODE ARGUMENT...
run()
{
    local wanted=$1
    shift
    timeout 60 "$ramptop" "$@" >out 2>err
    expect "exit code of ramptop $*" "$wanted" $?
}

# says FILE TEXT
says()
{
    grep -qF -- "$2" "$1" && return
    echo "no \"$2\" in $1:"
    cat "$1"
    bad=1
}

# field NAME: of the first line that has it in r.json
field()
{
    sed -n "s/^ *\"$1\": \"\{0,1\}\([^,\"]*\)\"\{0,1\},\{0,1\}\$/\1/p" r.json | head -1
}

# What must not start anything.
run 2
says err 'ramptop demo'
run 2 --user 5 http://127.0.0.1:1/
says err 'did you mean --users?'
run 2 http://127.0.0.1:1/
says err '-n 1000'
run 2 no-such.cfg
says err 'no-such.cfg'
run 2 -m PUT demo -n 1
run 0 --help
says out '--run-time'
run 0 --version

# The target alone tells where it is.
"$ramptop" demo --serve --truth truth >serve &
target=$!
until_true 20 grep -qs '^http://' serve || { echo 'the demo target does not start'; exit 1; }
url=$(cut -d ' ' -f 1 serve)

# Exactly so many requests, in the report and at the target.
run 0 "$url/about" -n 250 -u 7 --json r.json --quiet
expect 'requests in the report' 250 "$(field requests)"
expect 'failures in the report' 0 "$(field failures)"
expect schema ramptop-summary/1 "$(field schema)"
says out 'requests  250 '
expect 'standard error of a quiet run' '' "$(cat err)"

# JSON is alone on standard output; the variable stands for the flag.
RAMPTOP_REQUESTS=3 run 0 "$url/" --quiet --json -
expect 'first line of the output' '{' "$(head -1 out)"
expect 'last line of the output' '}' "$(tail -1 out)"
says err 'requests  3 '

# A body, a method, a header, from a file.
echo 'hello' >body
run 0 "$url/write" -n 4 -X PUT -d @body -H 'X-Test: 1' --quiet --json r.json
expect 'failures of the PUT' 0 "$(field failures)"

# A table while it runs, and the run's own end.
run 0 "$url/fast" -u 2 -t 2500ms
says err 'users 2 of 2'
says out 'the run time of 2.5 s is over'

# Signals: the summary comes all the same.
for signal in INT:130 TERM:143; do
    rm -f err # or the table of the run before would do
    # A script's background process would ignore SIGINT: env puts it back.
    env --default-signal=INT "$ramptop" "$url/fast" -u 2 --json r.json >out 2>err &
    pid=$!
    until_true 20 grep -qs 'users 2 of 2' err || { echo 'no table'; bad=1; }
    kill -"${signal%:*}" $pid
    wait $pid
    expect "exit code after ${signal%:*}" "${signal#*:}" $?
    says out 'requests  '
    expect "end of the run in the report" stopped "$(field end_reason)"
    rm -f r.json
done

# Reports that cannot be written are not passed over.
run 2 "$url/fast" -n 2 --quiet --json /dev/full
says err 'No space left on device'
says out 'requests  2 '
run 2 "$url/fast" -n 2 --quiet --json no/such/folder/r.json
timeout 60 "$ramptop" "$url/fast" -n 2 --quiet >/dev/full 2>err
expect 'exit code with a full standard output' 2 $?

# A failed request is data, an absent target is not.
run 0 "$url/no-such-page" -n 5 --quiet --json r.json
expect 'failures of a missing page' 5 "$(field failures)"
says r.json '"kind": "404"'

# The target's own log has every request and no more, and its end is clean.
kill -TERM $target
wait $target
expect 'exit code of the demo target' 0 $?
target=
expect 'GET requests of the first run at the target' 250 "$(grep -c ' GET /about ' truth)"
expect 'PUT requests at the target' 4 "$(grep -c ' PUT /write ' truth)"
run 3 "$url/" -n 5 --quiet
says out 'refused'

# A profile, one of its levels, and the demo by itself.
run 0 demo -t 1s --level smoke --quiet --json r.json
expect level smoke "$(field level)"
run 2 demo --level smok
says err 'did you mean smoke?'

exit $bad
