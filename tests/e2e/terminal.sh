#!/bin/bash
# SPDX-License-Identifier: MIT
# The terminal in bad times: it hangs up, it is not read, the program crashes; and the
# kinds of terminal there are.

. "${top_srcdir:-.}/tests/e2e/lib.sh"
need tmux tmux
need python3 python3
ulimit -c 0

start_fault_server 0
tmux_start 100 30

# shellcheck disable=SC2317 # called by until_true
more_than()
{
    [ "$(counted /ok)" -gt "$1" ]
}

# pid_of_console: the one ramptop of this test
pid_of_console()
{
    left_over | head -n 1
}

# --------------------------------------------------------------------- kinds of terminal

for term in xterm-256color linux screen tmux-256color vt100; do
    command_line "clear; TERM=$term go $fault/slow?ms=20 -u 5"
    wait_for '^ users 5 [^ ]+ 5 ' "TERM=$term: drawn"
    wait_for '^ 1 overview +2 endpoints' "TERM=$term: tabs"
    keys q
    wait_for '^exit code 0' "TERM=$term: exit code"
    check_terminal "TERM=$term"
    check "TERM=$term: all rows scroll again" '0 29' \
        "$(tm display-message -p -t main '#{scroll_region_upper} #{scroll_region_lower}')"
done

# sent: what the program writes to the terminal, as it is, from here on
sent()
{
    tm pipe-pane -t main
    tm pipe-pane -t main "cat >'$work/sent'"
}

colours=$'\033''\[([0-9;]*;)?(3[0-7]|4[0-7]|9[0-7]|10[0-7]|38;[0-9;]*|48;[0-9;]*)(;[0-9;]*)?m'
for how in '' NO_COLOR=1 --no-color; do
    command_line clear
    sent
    case $how in
    NO_COLOR*) command_line "NO_COLOR=1 go $fault/error -u 5" ;;
    *) command_line "go $fault/error -u 5 $how" ;;
    esac
    wait_for '^ users 5 . 5 '
    wait_for '503 '
    keys q
    wait_for '^exit code 0'
    if [ -z "$how" ]; then
        check_match 'colours without NO_COLOR' "$colours" "$(cat "$work/sent")"
    elif grep -qE "$colours" "$work/sent"; then
        fail "$how: colours are sent: $(grep -oE "$colours" "$work/sent" | head -n 3 | cat -v | tr '\n' ' ')"
    else
        pass "$how: no colours"
    fi
done

# A hostile server: what it says is seen on the screen in a clean form, and the terminal
# gets none of it raw.  Its title and clipboard sequences end in BEL.
command_line clear
sent
command_line "go $fault/escape -u 2"
wait_for '500 .*red' 'the reply of a hostile server is shown'
keys 3
wait_for '^ .*red.*owned' 'and in the view of failures'
keys q
wait_for '^exit code 0'
if LC_ALL=C grep -qE "$(printf '\007|\033\\]52|\302\233|\342\200\256')|owned$(printf '\007')" "$work/sent"; then
    fail 'raw text of the server reaches the terminal'
else
    pass 'nothing of it reaches the terminal raw'
fi
tm pipe-pane -t main

# --------------------------------------------------------------------------- a crash

check_sanitizers # before one reports the crash, rightly
command_line 'clear; ulimit -c 0'
command_line "go $fault/ok?ms=1 -u 2"
wait_for '^ users 2 . 2 '
kill -SEGV "$(pid_of_console)"
wait_for '^exit code [1-9]' 'SIGSEGV: exit code'
check_match 'SIGSEGV: says so' 'crashed; the terminal is as it was' "$(cat "$work"/console.err*)"
rm -f "$work"/console.err* "$work"/sanitizer.*
check_terminal SIGSEGV
wait_for '^shell>' 'SIGSEGV: the shell is usable'

# ------------------------------------------------------------------------ hanging up

command_line "clear; go $fault/ok -u 2 --json hangup.json"
wait_for '^ users 2 . 2 '
until_true "$DEADLINE" more_than 100
tm respawn-pane -k -t main "bash --noprofile --rcfile '$work/shell.rc' -i"
wait_for '^shell>'
check_none_left
sanitized=$(counted /ok)
check 'hang-up: the load has stopped' "$sanitized" "$(counted /ok)"
check_match 'hang-up: the report is written' '^ *"requests": [1-9]' "$(cat "$work/hangup.json" 2>/dev/null)"

command_line "clear; go $fault/ok -u 2 --keep-running --json keep.json"
wait_for '^ users 2 . 2 '
tm respawn-pane -k -t main "bash --noprofile --rcfile '$work/shell.rc' -i"
wait_for '^shell>'
pid=$(pid_of_console)
if [ -n "$pid" ] && until_true "$DEADLINE" more_than $(($(counted /ok) + 1000)); then
    pass '--keep-running: the load goes on'
else
    fail '--keep-running: the load has stopped'
fi
[ -z "$pid" ] || kill -TERM "$pid"
check_none_left
check_match '--keep-running: the report is written' '^ *"requests": [1-9]' "$(cat "$work/keep.json" 2>/dev/null)"

# ------------------------------------------------------- a terminal that nobody reads

end_pid "$fault_pid"
start_fault_server 0
if seen=$(python3 "$top_srcdir/tests/tools/hung_terminal.py" "$ramptop" "$fault/ok" "$fault_port" \
    "$work/hung.json" 2>&1); then
    pass 'a terminal that is not read stops neither load nor statistics'
    check 'and every request of that time is in the report' "$seen" \
        "$(json "$work/hung.json" 'r["requests"]')"
else
    fail "a terminal that is not read: $seen"
fi

check_none_left
finish
