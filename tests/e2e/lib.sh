# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034
# Harness of the tests from outside; each test script reads it in first.
#
# Everything a test starts is ended by its process id when the script ends, traffic stays
# on loopback, and nothing sleeps for a fixed time: until_true and wait_for poll for what
# the test needs, with a deadline.

set -u
unset TMUX TERM COLUMNS LINES NO_COLOR
for name in $(compgen -e RAMPTOP_ || :) $(compgen -e LOCUST_ || :); do
    unset "$name"
done
export LC_ALL=C.UTF-8 TZ=UTC PYTHONDONTWRITEBYTECODE=1
export XDG_CONFIG_HOME=/nonexistent HOME=/nonexistent # not the tester's own
: "${top_srcdir:=.}" "${top_builddir:=.}"
top_srcdir=$(cd "$top_srcdir" && pwd)
top_builddir=$(cd "$top_builddir" && pwd)
ramptop=$top_builddir/ramptop
DEADLINE=${DEADLINE:-20} # seconds, for one thing to happen

test_name=$(basename "$0" .sh)
failures=0
pids=
work=$(mktemp -d "${TMPDIR:-/tmp}/ramptop-$test_name-XXXXXX")
export XDG_STATE_HOME=$work/state # where runs are recorded
export RAMP_E2E=$work # marks every process of this test, see left_over
# What a sanitizer says goes there, also of a program whose standard error nobody keeps.
# (A runtime that is a library of its own wants to be the first that is loaded.)
export ASAN_OPTIONS=verify_asan_link_order=0:log_path=$work/sanitizer${ASAN_OPTIONS:+:$ASAN_OPTIONS}
export UBSAN_OPTIONS=log_path=$work/sanitizer${UBSAN_OPTIONS:+:$UBSAN_OPTIONS}
export TSAN_OPTIONS=log_path=$work/sanitizer${TSAN_OPTIONS:+:$TSAN_OPTIONS}
# Each ramptop that the test starts, however it does, tells there what it leaves open.
open_at_end=$top_builddir/tests/tools/open_at_end.so
export OPEN_AT_END=$work/open_at_end LD_PRELOAD=$open_at_end
secrets=()
[ -x "$ramptop" ] || { echo "$ramptop is not built"; exit 99; }
[ -e "$open_at_end" ] || { echo "$open_at_end is not built"; exit 99; }

# ------------------------------------------------------------------------- verdicts

pass()
{
    printf 'ok: %s\n' "$1"
}

fail()
{
    printf 'FAILED: %s\n' "$1"
    failures=$((failures + 1))
}

# check NAME WANTED GOT
check()
{
    if [ "$2" = "$3" ]; then
        pass "$1"
    else
        fail "$1: wanted '$2', got '$3'"
    fi
}

# check_match NAME REGEX TEXT
check_match()
{
    if grep -qE -e "$2" <<<"$3"; then
        pass "$1"
    else
        fail "$1: no '$2' in: $3"
    fi
}

# skip REASON
skip()
{
    echo "skipped: $1"
    exit 77
}

# need PROGRAM PACKAGE
need()
{
    command -v "$1" >/dev/null 2>&1 || skip "$1 is not installed (apt-get install $2)"
}

need_demo()
{
    grep -q '^#define HAVE_DEMO 1$' "$top_builddir/config.h" ||
        skip 'built without the demo target (apt-get install libmicrohttpd-dev)'
}

# until_true SECONDS COMMAND...
until_true()
{
    local end=$((SECONDS + $1))
    shift
    until "$@"; do
        [ "$SECONDS" -lt "$end" ] || return 1
        sleep 0.05
    done
}

# ----------------------------------------------------------------- servers, children

# end_pid PID [SIGNAL]: ends a process that this script started, and reaps it
end_pid()
{
    kill "-${2:-TERM}" "$1" 2>/dev/null
    wait "$1" 2>/dev/null
    pids=${pids/ $1 / }
}

# free_port: sets port.  Below those that the kernel gives to connections, so that load
# does not take it before a server does, nor between a server's end and the next one's start there;
# whoever starts there tries again with another.
free_port()
{
    local low rest
    read -r low rest </proc/sys/net/ipv4/ip_local_port_range
    [ "$low" -gt 12000 ] || low=32768
    while :; do
        port=$((10000 + (RANDOM * 32768 + RANDOM) % (low - 10000)))
        grep -qsE "^ *[0-9]+: [0-9A-F]+:$(printf %04X "$port") " /proc/net/tcp /proc/net/tcp6 ||
            return 0
    done
}

# start_fault_server PORT (0: a free one): sets fault_pid, fault_port, fault (its URL)
start_fault_server()
{
    : >"$work/fault.out"
    "$top_builddir/tests/tools/fault_server" "$1" >"$work/fault.out" 2>&1 </dev/null &
    fault_pid=$!
    pids="$pids $fault_pid "
    until_true "$DEADLINE" grep -q '^port ' "$work/fault.out" ||
        { cat "$work/fault.out"; echo 'the fault server does not start'; exit 99; }
    fault_port=$(sed -n 's/^port //p' "$work/fault.out")
    fault=http://127.0.0.1:$fault_port
}

# fetch PORT PATH: the body of a reply, without a tool that may be missing
fetch()
{
    local line
    exec 8<>"/dev/tcp/127.0.0.1/$1" || return 1
    printf 'GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' "$2" >&8
    local length=0
    while IFS= read -r -t "$DEADLINE" line <&8 && [ "$line" != $'\r' ]; do
        case $line in
        Content-Length:*) length=${line//[!0-9]/} ;;
        esac
    done
    LC_ALL=C read -r -t "$DEADLINE" -N "$length" line <&8
    exec 8<&-
    printf '%s' "$line"
}

# counted PATH: how many complete requests for it the fault server saw
counted()
{
    local n
    n=$(fetch "$fault_port" /counts | awk -v path="$1" '$1 == path { print $2 }')
    echo "${n:-0}"
}

# start_echo_server ADDRESS: sets echo_pid, echo (its URL), echo_log (what it was sent)
start_echo_server()
{
    local address=$1 out
    echo_log=$work/echo-$address.log
    out=$work/echo-$address.out
    : >"$echo_log"
    : >"$out"
    python3 "$top_srcdir/tests/tools/echo_server.py" "$echo_log" "$address" >"$out" 2>&1 </dev/null &
    echo_pid=$!
    pids="$pids $echo_pid "
    until_true "$DEADLINE" grep -q '^port ' "$out" ||
        { cat "$out"; echo 'the echo server does not start'; exit 99; }
    echo=http://$address:$(sed -n 's/^port //p' "$out")
}

# try_demo OPTION...: false when it does not start
try_demo()
{
    : >"$work/demo.out"
    "$ramptop" demo --serve "$@" >"$work/demo.out" 2>"$work/demo.err" </dev/null &
    demo_pid=$!
    pids="$pids $demo_pid "
    until_true "$DEADLINE" demo_is_known
    grep -q '127\.0\.0\.1:' "$work/demo.out" || { end_pid "$demo_pid"; return 1; }
    demo_port=$(sed -n 's|^http://127\.0\.0\.1:\([0-9]*\).*|\1|p' "$work/demo.out")
    demo=http://127.0.0.1:$demo_port
}

# Where it is, or that it has ended.
demo_is_known()
{
    grep -q '127\.0\.0\.1:' "$work/demo.out" || ! kill -0 "$demo_pid" 2>/dev/null
}

# start_demo OPTION...: sets demo_pid, demo_port, demo (its URL)
start_demo()
{
    try_demo "$@" || { cat "$work/demo.err"; echo 'the demo target does not start'; exit 99; }
}

# start_lasting_demo OPTION...: at a port that is still free when it is started there again
start_lasting_demo()
{
    for _ in 1 2 3 4 5; do
        free_port
        try_demo "$@" --port "$port" && return
    done
    cat "$work/demo.err"
    echo 'the demo target does not start'
    exit 99
}

# run ARGUMENT...: ramptop without a terminal; sets code, fills $work/out and $work/err
run()
{
    local before
    before=$(left_over)
    timeout -k 5 120 "$ramptop" "$@" >"$work/out" 2>"$work/err" </dev/null
    code=$?
    check_sanitizers
    check_descriptors
    check_secrets
    until_true "$DEADLINE" only_these_left "$before" ||
        fail "a process of ramptop $* is left: $(left_over | tr '\n' ' ')"
}

# keep_secret TEXT...: must be in nothing that the program writes
keep_secret()
{
    secrets+=("$@")
}

check_secrets()
{
    local text found
    for text in "${secrets[@]}"; do
        found=$(find "$work" -maxdepth 1 -type f \( -name out -o -name err -o -name '*.json' -o \
            -name 'console.err.*' -o -name 'demo.*' \) -exec grep -lF -e "$text" {} +)
        [ -z "$found" ] || fail "the secret '$text' is in ${found//$work\//}"
    done
}

# json FILE EXPRESSION: r is the report
json()
{
    python3 -c 'import json, sys; r = json.load(open(sys.argv[1])); print(eval(sys.argv[2]))' \
        "$1" "$2" 2>&1
}

# ------------------------------------------------------------------------------ tmux

tm()
{
    tmux -L "ramptop$$" -f /dev/null "$@"
}

# tmux_start COLS ROWS [TERM]: a private server with a plain shell in it
tmux_start()
{
    cat >"$work/shell.rc" <<RC
PS1='shell> '
LC_ALL=C.UTF-8
cd '$work'
unset TMUX HISTFILE
PATH=$top_builddir:\$PATH
# go ARGUMENT...: ramptop, with what the terminal was before and after
go()
{
    local code
    stty -g >before
    ramptop "\$@" 2>>console.err.\$\$
    code=\$?
    stty -g >after # before the line that tests wait for
    echo "exit code \$code"
}
RC
    : >"$work/before"
    TERM=xterm-256color tmux -u -L "ramptop$$" -f /dev/null new-session -d -x "$1" -y "$2" \
        -s main "env -u TMUX TERM=xterm-256color cat" || { echo 'tmux does not start'; exit 99; }
    tm set-option -g default-terminal "${3:-tmux-256color}"
    tm set-option -g status off
    tm set-option -g remain-on-exit on
    tm set-option -g window-size manual
    tm respawn-pane -k -t main "bash --noprofile --rcfile '$work/shell.rc' -i"
    tm resize-window -t main -x "$1" -y "$2"
    wait_for '^shell>'
}

tmux_end()
{
    tm kill-server 2>/dev/null
}

resize()
{
    tm resize-window -t main -x "$1" -y "$2"
}

# keys KEY...: as tmux names them (Enter, Space, C-z)
keys()
{
    tm send-keys -t main "$@"
}

# text TEXT: typed as it is
text()
{
    tm send-keys -t main -l -- "$1"
}

# command_line TEXT: typed and entered
command_line()
{
    text "$1"
    keys Enter
}

screen()
{
    tm capture-pane -p -t main
}

screen_has()
{
    screen | grep -qE -e "$1"
}

screen_has_not()
{
    ! screen_has "$1"
}

show_screen()
{
    echo '--- the screen:'
    screen | sed 's/^/| /'
}

# wait_for REGEX [NAME]: until a line of the screen matches; a failure shows the screen
wait_for()
{
    if until_true "$DEADLINE" screen_has "$1"; then
        [ -z "${2-}" ] || pass "$2"
    else
        fail "${2:-on the screen}: no '$1' within $DEADLINE s"
        show_screen
        return 1
    fi
}

wait_for_not()
{
    if until_true "$DEADLINE" screen_has_not "$1"; then
        [ -z "${2-}" ] || pass "$2"
    else
        fail "${2:-on the screen}: '$1' is still there after $DEADLINE s"
        show_screen
        return 1
    fi
}

# check_terminal NAME: after `go` has ended
check_terminal()
{
    check "$1: the terminal is as it was" "$(cat "$work/before")" "$(cat "$work/after")"
}

# --------------------------------------------------------------------------- clean up

# Processes of this test that run ramptop.
left_over()
{
    local p
    for p in /proc/[0-9]*; do
        [ "$p/exe" -ef "$ramptop" ] || continue
        { tr '\0' '\n' <"$p/environ" | grep -qxF "RAMP_E2E=$work"; } 2>/dev/null && echo "${p#/proc/}"
    done
}

# only_these_left PIDS: and no other process of this test
only_these_left()
{
    local p
    for p in $(left_over); do
        grep -qxF "$p" <<<"$1" || return 1
    done
}

none_left_over()
{
    [ -z "$(left_over)" ]
}

check_none_left()
{
    if until_true "$DEADLINE" none_left_over; then
        pass 'no process is left'
    else
        fail "left over: $(left_over | tr '\n' ' ')"
    fi
}

check_sanitizers()
{
    local found
    found=$(grep -lE 'Sanitizer|runtime error:' "$work"/*err* "$work"/sanitizer.* 2>/dev/null |
        head -n 1)
    [ -z "$found" ] || { fail 'a sanitizer complains'; head -n 60 "$found"; }
}

check_descriptors()
{
    [ -e "$OPEN_AT_END" ] || return
    fail 'descriptors are left open at the end of a run:'
    head -n 40 "$OPEN_AT_END"
    rm "$OPEN_AT_END"
}

# The last line of every test.
finish()
{
    check_descriptors
    check_sanitizers
    check_secrets
    if [ "$failures" = 0 ]; then
        exit 0
    fi
    echo "$test_name: $failures failed"
    exit 1
}

clean_up()
{
    local p
    tmux_end
    for p in $pids $(left_over); do
        kill "$p" 2>/dev/null
    done
    # shellcheck disable=SC2086
    [ -z "$pids" ] || wait $pids 2>/dev/null
    rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 99' INT TERM HUP
