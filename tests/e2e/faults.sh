#!/bin/bash
# SPDX-License-Identifier: MIT
# Each way in which a server can break HTTP ends in its own kind of failure, counts on both
# sides agree, and nothing of what a hostile server sends reaches the terminal raw.

. "${top_srcdir:-.}/tests/e2e/lib.sh"
need python3 python3
start_fault_server 0

# kinds: the kinds of failure in the report and how many there were of each
kinds()
{
    json "$work/out" '", ".join("%s %d" % (f["kind"], f["count"]) for f in r["failures_by_kind"]) or "ok"'
}

# expect PATH KINDS EXIT_CODE [OPTION...]: five requests, counted alike on both sides
expect()
{
    local path=$1 wanted=$2 wanted_code=$3 seen
    shift 3
    seen=$(counted "$path")
    run "$fault$path" -n 5 --headless --quiet --json - "$@"
    check "$path $*" "$wanted, 5 requests, exit code $wanted_code" \
        "$(kinds), $(sed -n 's/^  "requests": \([0-9]*\),*/\1/p' "$work/out") requests, exit code $code"
    [ "$path" = /redirect-loop ] || check "$path: the server's count" $((seen + 5)) "$(counted "$path")"
}

# Only what never ends has a short time-out: a busy machine may take long over the others.
expect /ok ok 0
expect /close ok 0
expect /surplus ok 0
expect /reset 'reset 5' 3
expect /empty 'empty reply 5' 3
expect /cut-headers 'cut headers 5' 0
expect /cut-body 'cut body 5' 0
expect /cut-chunk 'cut body 5' 0
expect /no-last-chunk 'cut body 5' 0
expect /bad-chunk 'protocol 5' 0
expect /reset-headers 'reset 5' 3
expect /reset-body 'reset 5' 3
expect /bad-length 'protocol 5' 0
expect /nul-header 'protocol 5' 0
expect /binary 'protocol 5' 0
expect /status-9999 'protocol 5' 0
expect /http09 'protocol 5' 0
expect /long-header 'header too big 5' 0
expect /endless-headers 'header too big 5' 0
expect /endless-trailers 'header too big 5' 0
expect /endless-body 'body too big 5' 0
expect /gzip-bomb 'body too big 5' 0
expect /stall 'timeout 5' 3 -u 5 --timeout 400ms
expect /stall-headers 'timeout 5' 3 -u 5 --timeout 400ms
expect /stall-body 'timeout 5' 3 -u 5 --timeout 400ms
expect /slowloris 'timeout 5' 3 -u 5 --timeout 400ms
expect /redirect ok 0
expect /redirect ok 0 -L
expect /redirect-loop 'redirect 5' 0 -L
expect /redirect-file 'redirect 5' 0 -L
expect /redirect-away 'redirect 5' 0 -L
expect /created-away ok 0 -L
expect /trailers ok 0
expect /error '503 5' 0
expect /escape '500 5' 0
expect /not-there '404 5' 0

# After /escape in every form of output: no control characters, nothing that turns text round.
hostile=$(printf '\033|\007|\302\233|\233|\342\200\256')
run "$fault/escape" -n 5 -t 3s --headless --json "$work/report.json"
for file in out err report.json; do
    if LC_ALL=C grep -qE "$hostile" "$work/$file"; then
        fail "raw text of the server in $file"
        cat -v "$work/$file"
    else
        pass "/escape: $file is clean"
    fi
done
check_match '/escape: the sample is there all the same' 'red' \
    "$(json "$work/report.json" 'r["failures_by_kind"][0]["sample"]')"

# Each user keeps its own cookies: one reply each sets one, the others bring it back.
run "$fault/cookie" -u 4 -r 1000 -n 400 --headless --quiet --json -
bringing=$(fetch "$fault_port" /counts | awk '/^user=/ { n += $2; who++ } END { print n, who }')
check 'cookies: all requests but the first of each user bring its own' 4 "${bringing#* }"
check 'cookies: the server counts all' 400 $((${bringing% *} + $(counted '(none)')))
check 'cookies: none is set twice' 4 "$(counted '(none)')"

# A target that says no and writes back what it was sent, and log-ins whose replies are not
# the wanted ones: what lets somebody in is in no report, no log and no table.
cat >"$work/echo.cfg" <<CFG
target = "$fault";
headers = { X-Api-Key = "literal-sesame"; };
user_classes = (
  { name = "in"; wait = { constant = 0.1; }; auth = { bearer = "\${it}"; };
    on_start = ( { request = "GET /echo"; name = "/in"; auth = false; expect = 200;
        headers = { X-New = "captured-sesame-\${hex:8}"; };
        capture = { it = "regex:X-New: ([a-z0-9-]+)"; }; } );
    tasks = ( { request = "GET /echo"; expect = 418; },
              { request = "GET /ok"; check = { body_contains = "\${it}"; }; } ); },
  { name = "out"; wait = { constant = 0.1; };
    tasks = ( { request = "GET /echo"; name = "/out"; expect = 201;
        headers = { X-New = "captured-sesame-\${hex:8}"; };
        capture = { token = "regex:X-New: ([a-z0-9-]+)"; }; } ); } );
CFG
run "$work/echo.cfg" -u 2 -r 100 -t 2s --headless --json "$work/echo.json" --log "$work/echo.log"
check 'echo: kinds' '200 200 check' "$(json "$work/echo.json" \
    '" ".join(sorted(f["kind"].split(" ")[0] for f in r["failures_by_kind"]))')"
check_match 'echo: the words are there, not the secrets' 'Authorization: Bearer \*+' \
    "$(cat "$work/echo.json")"
check 'echo: no secret in report, log, output' '' \
    "$(grep -o '[a-z]*-sesame.*' "$work/echo.json" "$work/echo.log" "$work/out" "$work/err")"

# A closed port: nothing to be reached, and it says so.
closed=$fault_port
end_pid "$fault_pid"
run "http://127.0.0.1:$closed/" -n 5 --headless --quiet --json -
check 'closed port: kind' 'refused 5' "$(kinds)"
check 'closed port: exit code' 3 "$code"
run 'http://no-such-host.invalid/' -n 2 --headless --quiet --json -
check_match 'a name that does not resolve' '^(dns 2|timeout 2)$' "$(kinds)"


# More users than this process may open files for: refused in words, before it starts.
start_fault_server 0
(ulimit -n 64 && timeout 60 "$ramptop" "$fault/ok" -u 500 -n 500 --headless --quiet) \
    >"$work/out" 2>"$work/err" </dev/null
check 'more users than files: exit code' 2 $?
check_match 'more users than files: in words' 'users.*(files|ulimit)' "$(cat "$work/err")"
check 'more users than files: nothing was started' 0 "$(counted /ok)"

check_none_left
finish
