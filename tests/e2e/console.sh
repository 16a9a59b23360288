#!/bin/bash
# SPDX-License-Identifier: MIT
# An engineer at the console: the real program in tmux, against the demo target.  What the
# keys do is read from the screen; figures that vary are matched, not compared.

. "${top_srcdir:-.}/tests/e2e/lib.sh"
need tmux tmux
need_demo

tmux_start 120 40
# With this seed the very first GET /flaky fails: see where a mark is made.
command_line 'go demo --level smoke --servers 64 --service-ms 5 --seed 8'
wait_for 'users 10 . 10 ' 'the level starts by itself' || { finish; }
wait_for '^ ramptop +http://127.0.0.1:[0-9]+ +demo · smoke +LEVEL 10' 'target, profile, level and driver'
wait_for 'rps [0-9.]+ +failures [0-9.]+/s' 'rates'
wait_for '^ p50 .* p95 .* p99 .* max .* last .*generator ' 'percentiles with their window'
for endpoint in 'GET +/fast' 'GET +/' 'GET +/flaky' 'GET +/slow' 'POST +/write'; do
    wait_for "^[ >]$endpoint  " "endpoint ${endpoint/ +/ }"
done

# ---------------------------------------------------------------------- ramping by key

keys +
wait_for 'users 11, were 10 ' '+ is answered'
wait_for 'MANUAL 11 ' '+ one more, the keys drive'
wait_for '^ users 11 . 11 ' 'the users follow'
keys ']'
wait_for 'MANUAL 21 ' '] ten more'
keys -
wait_for 'MANUAL 20 ' '- one fewer'
keys '['
wait_for 'MANUAL 10 ' '[ ten fewer'
text '=250'
keys Enter
wait_for 'more than double: go there' 'a jump asks first'
keys Enter
wait_for_not 'go there' 'Enter is No'
wait_for 'MANUAL 10 ' 'then nothing has changed'
text '=250'
keys Enter
wait_for 'go there'
text y
wait_for 'MANUAL 250 ' '= sets the exact number'
wait_for '^ users (1[1-9]|[2-9][0-9]|[12][0-9][0-9]) . 250 ' 'and users come one after the other'
keys u
wait_for 'back to users 10' 'u undoes it'
wait_for 'MANUAL 10 '
text 'r500'
keys Enter
wait_for 'spawn rate 500 ' 'r sets the spawn rate'
text ':users 14'
keys Enter
wait_for 'MANUAL 14 ' ':users sets the number'
text ':windo'
keys Tab
wait_for '^:window$' ': completes'
text '1s'
keys Enter
wait_for 'last 1 s ' ':window is obeyed'
text ':userz 5'
keys Enter
wait_for 'did you mean' 'a mistyped command is explained'
keys Escape

# ---------------------------------------------------------------------- another level

keys p
wait_for 'level: 100 users' 'p lists the levels'
text base
wait_for_not 'level: 800 users' 'typing filters the list'
keys Enter
wait_for 'go there|baseline +LEVEL 100'
if screen_has 'go there'; then
    text y
fi
wait_for 'demo · baseline +LEVEL 100 ' 'the level drives'
wait_for '^ users 100 . 100 ' 'and brings its users'
keys P
keys Escape

# --------------------------------------------------- a broken profile, a right one

printf 'target = "http://127.0.0.1:9";\nuser_classes = ( );\n' >"$work/broken.cfg"
text ':profile broken.cfg'
keys Enter
wait_for 'broken\.cfg:2: ' 'a broken profile says why'
wait_for 'demo · baseline +LEVEL 100 ' 'and changes nothing'
wait_for '^ users 100 . 100 '
keys Escape

# --------------------------------------------------------------------- hold and go on

keys Space
wait_for '‖ held' 'space holds'
wait_for ' rps 0 ' 'no requests then'
wait_for 'in flight +0' 'and none under way'
keys Space
wait_for '● running' 'space goes on'
wait_for ' rps [1-9]' 'requests again'

# --------------------------------------------------------------- marks, freeze, window

# The first failure makes a mark of its own, and the newest has its text on the screen: it
# must not come in between.
wait_for '^ +[0-9:]{8} +500 +GET +/flaky' 'a failure is shown as it comes'
keys m
wait_for '^ *mark:'
text 'deploy 7'
keys Enter
wait_for '^ +marks .*a: deploy 7' 'a mark with its text on the time axis'
keys f
wait_for 'FROZEN' 'f freezes the view'
keys f
wait_for_not 'FROZEN' 'f again: live'
keys w
wait_for 'last [0-9]+ s( of 10 s)? ' 'w: the next window'

# ------------------------------------------------------------------ views, filter, sort

keys 2
wait_for '^ 1 overview   2 endpoints' 'tabs'
wait_for 'endpoint +.*p99▼ +p99\.9 +max' '2: endpoints'
keys '>'
wait_for 'max▼' '> sorts by the next column'
keys '<'
wait_for 'p99▼' '< by the previous one'
keys i
wait_for 'p99▲' 'i turns the order round'
keys i
keys /
text fast
wait_for_not '/write' 'the filter works while it is typed'
keys Enter
wait_for 'filter fast: 1 of 5' 'and stays'
keys Escape
wait_for '/write' 'Esc takes it away'
keys 3
wait_for 'kind +endpoint +count' '3: failures'
keys 4
wait_for 'p99\.999|p99\.9 ' '4: latency'
keys 5
wait_for 'nothing was logged|[0-9:]{8} ' '5: log'
keys '?'
wait_for 'a step more users' '?: help'
keys Escape
wait_for_not 'a step more users' 'Esc leaves the help'
keys 1
wait_for '^ *load( |$)' '1: overview'

# ------------------------------------------------------------------------------ sizes

# shape: the screen with each figure as N and each blank as one
shape()
{
    screen | sed -E 's/[0-9][0-9.,]*/N/g; s/ +/ /g; s/ $//'
}

# shellcheck disable=SC2317 # called by until_true
shape_has()
{
    shape | grep -qxF -- "$1"
}

# check_line NAME LINE: stands on the screen as a whole line
check_line()
{
    until_true "$DEADLINE" shape_has "$2" && { pass "$1"; return; }
    fail "$1: no line '$2'"
    shape
}

resize 80 24
check_line '80x24: key bar' ' +- users ±N [] ±N = exact spc hold p profile : cmd ? help q quit'
check_line '80x24: tabs' ' N overview N endpoints N failures N latency N log N target t: watch'
wait_for '^ endpoint +req/s +fails +p50 +p95 +p99▼ +max$' '80x24: the whole table'
wait_for '^ ?users [0-9]+ . [0-9]+ .* rps .* failures ' '80x24: users and rates'
check '80x24: rows' 24 "$(screen | wc -l)"
resize 40 10
check_line '40x10: key bar' ' +- users ±N = exact ? help q quit'
wait_for '^ ?users [0-9]+ ?. ?[0-9]+' '40x10: users'
wait_for '^ 1-3 of 5 +req/s +fails +p99▼$' '40x10: what is left of the table'
check '40x10: rows' 10 "$(screen | wc -l)"
keys +
wait_for '^ ?users [0-9]+ ?. ?110' '40x10: keys work'
resize 20 5
wait_for '40 ?x ?10' '20x5: a line says the size needed'
resize 120 40
check_line '120x40: key bar' ' +- users ±N [] ±N = exact r rate spc hold u undo p profile m mark w window f freeze : cmd ? help q quit'
wait_for '^ +marks .*a' '120x40 again: the timeline is still there'

# ------------------------------------------------------------------------------- end

keys q
wait_for '^exit code 0' 'q: exit code'
wait_for '^ran 00:' 'the summary is on the normal screen'
wait_for '^ 00:.* a +deploy 7' 'with the marks'
check_terminal 'after q'
check_none_left

# ------------------------------------------------------------------- Ctrl-Z and back

tm clear-history -t main
command_line clear
# stty_of_shell NAME: a name of its own each time, what was noted before may still be seen
stty_of_shell()
{
    command_line "stty -g >$1; echo noted $1"
    wait_for "^noted $1" && cat "$work/$1"
}
normal=$(stty_of_shell normal)
command_line 'clear; ramptop demo --level smoke --servers 64'
wait_for '^ users 10 . 10 '
keys C-z
wait_for 'Stopped' 'Ctrl-Z stops it'
command_line clear
check 'Ctrl-Z: the terminal is as it was' "$normal" "$(stty_of_shell stopped)"
command_line fg
wait_for '^ users 10 . 10 ' 'fg: the screen is back'
wait_for '^ +marks .*~' 'the time between is marked as a gap'
wait_for ' rps [1-9]' 'and the load goes on'
keys C-z
wait_for 'Stopped'
command_line 'clear; bg; read -t 4; fg' # bg: it needs the terminal and is stopped again
wait_for 'stopped for ([4-9]|[1-9][0-9]+)\.[0-9] s: a gap' 'the time behind bg belongs to the gap'
keys q
wait_for '^ran 00:'
command_line 'echo "exit code $?"'
wait_for '^exit code 0' 'after Ctrl-Z: exit code'
command_line clear
check 'after Ctrl-Z and q: the terminal is as it was' "$normal" "$(stty_of_shell ended)"

check_none_left
finish
