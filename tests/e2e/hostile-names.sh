#!/bin/bash
# SPDX-License-Identifier: MIT
# A profile from a stranger whose names try to steer the terminal, to hide text or to forge a
# line: every command prints them as plain text in one line.

. "${top_srcdir:-.}/tests/e2e/lib.sh"
need python3 python3

start_fault_server 0
cd "$work" || exit 99
python3 - "$fault" <<'END'
import sys
# A title, a line that looks like the program's own, C1 controls, a text that runs backwards,
# something without width, a BEL.  libconfig itself turns \n into a line feed.
evil = r"\n" + "\x1b]0;owned\x07" + r"\nFORGED line" + "\x9b31m\u202eabc\u200bde\x1b[2J"
text = """target = "%s";
user_classes = ( { name = "EVc"; weight = 1; wait = { constant = 0.01; };
    tasks = ( { name = "EVt"; tags = ["EVg"]; weight = 2;
        steps = ( { request = "GET /ok"; name = "EVn"; }, { request = "GET /error"; name = "EVe"; } ); } ); } );
levels = { few = { users = 1; run_time = "1s"; }; };
goals = ( { name = "EVgoal"; endpoints = ["GET *"]; p95 = 1.0;
            throughput = ( { at = 1; rps = [3.0, 2.0]; } ); } );
rate_limits = ( { name = "EVl"; class = "EVc"; request = "GET /ok"; after = 2; window = "1s"; } );
probes = ( { name = "\x1b[31mp\u202e"; type = "command"; command = ["/bin/echoEVx", "EVa"]; },
           { type = "docker"; match = ["EVm"]; }, { type = "process"; name = "\x1b[31mq"; process = "EVq"; } );
""" % sys.argv[1]
open("evil.cfg", "w", encoding="utf-8").write(text.replace("EV", evil))
for name in "", "missing ":
    open(name + "evil\x1b[31m\nFORGED file\u202e.cfg", "w").write(
        'target = "%s"; user_classes = ( { name = "u"; tasks = ( { request = "GET /ok"; } ); } );' % sys.argv[1]
        if name == "" else "target = ")
END
name=$(printf 'evil\033[31m\nFORGED file\342\200\256.cfg')

# plain WHAT: nothing in out and err steers a terminal or stands in a line of its own
plain()
{
    local bad
    bad=$(LC_ALL=C grep -anE "$(printf '[\001-\010\013-\037\177]|\302[\200-\237]|\342\200[\213-\217\252-\256]')|^FORGED" \
        out err | head -n 3 | cat -v)
    check "$1: prints nothing but text" '' "$bad"
    [ -s out ] || [ -s err ] || fail "$1: prints nothing at all"
}

for command in 'check evil.cfg' 'list evil.cfg' 'list --json - evil.cfg' 'trust --yes evil.cfg' \
    'bench --concurrency 1 --duration 200ms --json - evil.cfg' \
    'bench --concurrency 1 --duration 200ms evil.cfg' 'limits evil.cfg' \
    '--headless evil.cfg' '--headless --json - evil.cfg' \
    '--level nine evil.cfg' '--set levels.few.users=x evil.cfg' 'evil.cfg no-such-class'; do
    # shellcheck disable=SC2086 # words
    XDG_STATE_HOME=$work/state run $command
    plain "$command"
    case $command in
    list* | check*) check "$command: exit code" 0 "$code" ;;
    esac
done
for command in check list trust bench limits; do
    run $command "$name"
    plain "$command of a file with such a name"
    run $command "missing $name"
    plain "$command of a wrong file with such a name"
    run $command "no $name"
    plain "$command of no file"
done
run --host "$(printf 'http://127.0.0.1:1/\033[31m\342\200\256')" --headless -n 1
plain 'a URL'
run "$(printf -- '--\033[31m\nFORGED option')"
plain 'an option'
run new "$(printf 'new\033[31m\nFORGED file.cfg')"
plain new

finish
