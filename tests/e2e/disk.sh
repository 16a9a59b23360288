#!/bin/bash
# SPDX-License-Identifier: MIT
# What happens on disk does not harm a run under way: the profile is written over, its feeder
# cut off, the file that it sends made shorter.

. "${top_srcdir:-.}/tests/e2e/lib.sh"
need python3 python3
need_demo

start_demo --seed 1
cd "$work" || exit 99

printf 'note\nfirst\nsecond\nthird\n' >notes.csv
head -c 200000 /dev/urandom >send.bin
cat >part.cfg <<END
levels = { all = { users = 8; spawn_rate = 100.0; run_time = "6s"; }; };
END
cat >p.cfg <<END
target = "$demo";
feeders = { notes = { csv = "notes.csv"; }; };
user_classes = (
  { name = "Reader"; wait = { constant = 0.1; };
    tasks = ( { request = "GET /fast?note=\${notes.note}"; name = "/fast"; } ); },
  { name = "Writer"; wait = { constant = 0.1; };
    tasks = ( { request = "POST /write"; file = "send.bin"; } ); } );
@include "part.cfg"
END

"$ramptop" p.cfg --headless --json r.json >out 2>err </dev/null &
run=$!
pids="$pids $run "
sent()
{
    fetch "$demo_port" /metrics | grep -q '^[a-z_]*requests[a-z_]*{.*/write.*} [1-9][0-9]'
}
until_true "$DEADLINE" sent || fail 'files are sent'
: >notes.csv
printf 'target = ; \x00\xff' >p.cfg
rm part.cfg
head -c 1000 /dev/zero >send.bin # the same file, shorter
wait "$run"
code=$?
pids=${pids/ $run / }
check_sanitizers
check 'the run went on to its end, and not all could be sent' 1 "$code"
check 'and says so' 'the run time of 6 s is over' "$(json r.json 'r["end_reason"]')"
check 'no failure of the target' 0 "$(json r.json 'r["failures"]')"
check 'the feeder still has its rows' True \
    "$(json r.json '[e["requests"] for e in r["endpoints"] if e["name"] == "/fast"][0] > 100')"
check 'a file that got shorter is our own failure' "['file (client)']" \
    "$(json r.json 'sorted(set(f["kind"] for f in r["failures_by_kind"]))')"

finish
