#!/bin/bash
# SPDX-License-Identifier: MIT
# The programs that probes run get a minimal environment, and end with ramptop, also when it is
# killed: a command with what it started, and the ssh to an engine.

. "${top_srcdir:-.}/tests/e2e/lib.sh"
start_fault_server 0
cd "$work" || exit 99

# A stand-in for ssh, found first in PATH, that stays.
mkdir bin
cat >bin/ssh <<END
#!/bin/sh
env >'$work/ssh.env'
echo \$\$ >'$work/ssh.pid'
exec sleep 300
END
cat >bin/figures <<END
#!/bin/sh
env >'$work/command.env'
sleep 300 >/dev/null 2>&1 &
echo \$! >'$work/grandchild.pid'
echo \$\$ >'$work/command.pid'
echo depth=1
trap '' TERM
while :; do wait; done
END
chmod +x bin/ssh bin/figures
cat >profile.cfg <<END
target = "$fault";
probes = ( { type = "command"; command = ["$work/bin/figures"]; runs_on = true; },
           { type = "docker"; engine = "ssh://somebody@127.0.0.1"; } );
user_classes = ( { name = "u"; wait = { constant = 0.1; }; tasks = ( { request = "GET /ok"; } ); } );
END

running()
{
    [ -s "$1.pid" ] && kill -0 "$(cat "$1.pid")" 2>/dev/null
}

all_running()
{
    running command && running grandchild && running ssh
}

none_running()
{
    ! running command && ! running grandchild && ! running ssh
}

# begin: sets run_pid
begin()
{
    rm -f ./*.pid
    PATH=$work/bin:$PATH AWS_SECRET_ACCESS_KEY=geheim SSH_AUTH_SOCK=/nowhere/agent DOCKER_HOST=unix:///nowhere \
        "$ramptop" --headless --quiet --trust -u 1 -t 5m profile.cfg >out 2>err </dev/null &
    run_pid=$!
    pids="$pids $run_pid "
    until_true "$DEADLINE" all_running || { cat out err; fail 'the probes do not start'; }
}

# ended NAME
ended()
{
    if until_true "$DEADLINE" none_running; then
        pass "$1"
    else
        fail "$1: $(head command.pid grandchild.pid ssh.pid)"
        for name in command grandchild ssh; do kill -9 "$(cat $name.pid)" 2>/dev/null; done
    fi
}

begin
check 'a command does not get what is none of its business' '' \
    "$(grep -E 'AWS_|SSH_AUTH_SOCK|RAMP_E2E' command.env)"
check 'nor does ssh, which gets its agent' 'SSH_AUTH_SOCK=/nowhere/agent' \
    "$(grep -E 'AWS_|SSH_AUTH_SOCK|RAMP_E2E' ssh.env)"
check_match 'PATH is there' '^PATH=' "$(cat command.env)"
end_pid "$run_pid" KILL
ended 'killed: nothing is left'

begin
end_pid "$run_pid" TERM
ended 'ended in order: nothing is left'
check_none_left
finish
