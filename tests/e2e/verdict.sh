#!/bin/bash
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2154 # work, code are lib.sh's
# The sentence that says how the target does: calm, slow, failing, resetting, hung, back, killed
# and started again; without a probe and with one.  What was is not told as what is.
. "${top_srcdir:-.}/tests/e2e/lib.sh"
need python3 python3
need tmux tmux

# start_moods [PORT]: sets moods_pid, moods_port
start_moods()
{
    : >"$work/moods.out"
    python3 "$top_srcdir/tests/tools/moods.py" "$work/mood" "$@" >"$work/moods.out" 2>&1 &
    moods_pid=$!
    pids="$pids $moods_pid "
    until_true "$DEADLINE" grep -q '^port ' "$work/moods.out" ||
        { cat "$work/moods.out"; echo 'the server does not start'; exit 99; }
    moods_port=$(sed -n 's/^port //p' "$work/moods.out")
}

mood()
{
    echo "$1" >"$work/mood.new"
    mv "$work/mood.new" "$work/mood"
}

# The sentence is the fourth line.
sentence()
{
    screen | sed -n 4p
}

says()
{
    sentence | grep -qE -e "$1"
}

# wait_said REGEX NAME
wait_said()
{
    if until_true "$DEADLINE" says "$1"; then
        pass "$run: $2"
    else
        fail "$run: $2: no '$1' in: $(sentence)"
        show_screen
    fi
}

told='since [0-9:]+ \([0-9,]+ users?, [0-9,.]+ req/s\): '

# play NAME COLS ARGUMENT...
play()
{
    run=$1
    mood calm
    free_port # it goes and comes back there
    start_moods "$port"
    tmux_start "$2" 24
    shift 2
    command_line "go http://127.0.0.1:$moods_port/ -u 20 --json report.json $*"
    wait_for ' users 20 . 20 '
    wait_for ' rps [1-9]' "$run: the load is on"
    wait_for '^ ramptop .* 00:00:[1-5][0-9]' "$run: so long that something is usual"

    mood slow
    wait_said "breaking $told" 'a latency that breaks, since when and under which load'
    mood failing
    wait_said '[0-9.]+ % fail' 'failures'
    mood reset
    # On a machine so busy that the latency is not what was usual, that it breaks comes first.
    wait_said '[0-9.]+ % fail since [0-9:]+: (reset|empty reply)|breaking .*; [0-9.]+ % fail' 'resets'
    wait_for '^ [0-9:]{8}  (reset|empty re)' "$run: by name"
    mood hung
    wait_said 'no reply for [0-9]+ s' 'a hang, over the failures that were before it'
    wait_for ' rps 0 ' "$run: no rate is shown for it"
    wait_for 'p50 - .*p99 - .* now ' "$run: and no latency"
    mood calm
    # Where a second look comes late, the latency is already said to be as before.
    wait_said 'replies again|no failure for|is below .* again since' 'that it is over'
    until_true "$DEADLINE" eval '! says "replies again|no failure for"' ||
        fail "$run: it is said for ever: $(sentence)"
    keys Space
    wait_said '^ *held: ' 'held'
    wait_for ' rps 0 ' "$run: held, no rate"
    keys Space

    end_pid "$moods_pid" KILL
    wait_said 'every request fails.*: refused' 'a target that has gone'
    start_moods "$moods_port"
    wait_said 'no failure for [0-9]+ s' 'that it is back'
    until_true "$DEADLINE" eval '! says "no failure for|fail"' ||
        fail "$run: it is said for ever: $(sentence)"
    keys q
    wait_for '^exit code 0' "$run: exit code"
    tmux_end
    check "$run: the break is in the report" True "$(json "$work/report.json" \
        "r['breaks'][0]['users'] == 20 and r['breaks'][0]['rps'] > 0 and 'p99' in r['finding']")"
    end_pid "$moods_pid"
}

play 'no probe' 80
play 'a probe' 120 --probe host

# What a name of wide characters leaves on a screen that has ASCII only.
mood calm
start_moods
tmux_start 80 24
command_line 'LC_ALL=C'
cat >"$work/wide.cfg" <<CFG
target = "http://127.0.0.1:$moods_port";
user_classes = ( { name = "a"; wait = { constant = 0.1; }; tasks = (
    { request = "GET /a"; name = "/plain/name"; },
    { request = "GET /b"; name = "/登录/商品"; }, { request = "GET /c"; name = "/café/🚀"; } ); } );
CFG
command_line 'go wide.cfg -u 6'
wait_for '^[ >]GET +/plain/name +[0-9.]+ +0 ' 'a plain name'
wait_for '^[ >]GET +/\?\?\?\?/\?\?\?\? +[0-9.]+ +0 ' 'a wide one'
wait_for '^[ >]GET +/caf.*/\?\? +[0-9.]+ +0 ' 'marks and emoji'
ends=$(screen | grep -E '^[ >]GET +/' | awk '{ print length($0) }' | sort -u | wc -l)
check 'their figures end in the same column' 1 "$ends"
keys q
wait_for '^exit code 0' 'exit code'
wide=$(screen | grep -E '^ GET /' | LC_ALL=C.UTF-8 python3 -c 'import sys, unicodedata as u
width = lambda s: sum(0 if u.combining(c) else 2 if u.east_asian_width(c) in "WF" else 1 for c in s)
print(len({width(l.rstrip("\n")) for l in sys.stdin}))')
check 'nor does the summary lose its columns' 1 "$wide"
tmux_end
end_pid "$moods_pid"
check_none_left
finish
