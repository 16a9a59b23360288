#!/bin/bash
# SPDX-License-Identifier: MIT
# A stranger's profile: what it reads and reaches beyond its target and its folder is asked for
# before anything is sent, and again when it asks for more.
# shellcheck disable=SC2016 # ${...} is the profile's

. "${top_srcdir:-.}/tests/e2e/lib.sh"
need tmux tmux
export XDG_STATE_HOME=$work/state
keep_secret 'variable of mine' 'file of mine'
start_fault_server 0
other=${fault/127.0.0.1/localhost} # by another name another host
start_fault_server 0
mkdir "$work/profiles" && cd "$work/profiles" || exit 99
printf 'file of mine\n' >../key
chmod 600 ../key
printf 'a\n1\n' >rows.csv
ln -s ../key link
export STRANGE='variable of mine'

# profile FILE SETTINGS [REQUEST] [MORE]
profile()
{
    cat >"$1.cfg" <<END
target = "$fault";
$2
user_classes = ( { name = "u"; tasks = ( { request = "${3:-GET /ok}"; ${4-} } ); } );
END
}

profile variable 'headers = { X = "${env:STRANGE:-none}"; };'
profile secret 'auth = { bearer = { secret = "env:STRANGE"; }; };'
profile file 'auth = { bearer = { secret = "file:../key"; }; };'
profile symlink '' 'POST /ok' 'file = "link";'
profile server '' "GET $other/ok"
profile watched 'probes = ( { type = "nginx"; url = "http://other.invalid/status"; } );'
profile command "probes = ( { type = \"command\"; command = [ \"sh\", \"-c\", \"touch $work/ran; echo a=1\" ]; } );"

# refused NAME WHAT: by one sentence, with nothing sent
refused()
{
    local before
    before=$(counted /ok)
    run "$1.cfg" -n 2 --headless
    check "$1: refused" "2 1 $before" "$code $(wc -l <"$work/err") $(counted /ok)"
    check_match "$1: says what and the remedy" \
        "^ramptop: $1\.cfg asks to $2.*: \`ramptop trust $1\.cfg\` .*, --trust this once\$" "$(cat "$work/err")"
}

goes()
{
    run "$1.cfg" -n 2 --headless --quiet "${@:2}"
    check "$1: goes (${*:2})" '0 ' "$code $(grep asks "$work/err")"
}

refused variable 'read the variable "STRANGE" \(variable\.cfg:2\) and 1 more'
refused secret 'read the variable "STRANGE" \(secret\.cfg:2\) and 1 more'
refused file "read the file \"$work/key\" \\(file\\.cfg:2\\) and 1 more"
refused symlink "read the file \"$work/key\" \\(symlink\\.cfg:3\\) and 1 more"
refused server "send requests to \"$other\" \\(server\\.cfg:3\\)"
refused watched 'watch "http://other\.invalid" \(watched\.cfg:2\)'
refused command 'run "sh" "-c" "touch .*" \(command\.cfg:2\)'
check 'no command ran' no "$([ -e "$work/ran" ] && echo yes || echo no)"
for job in 'bench --only /ok' limits; do
    # shellcheck disable=SC2086
    run $job variable.cfg
    check_match "$job: refused" '^2 ramptop: variable.cfg asks to read' "$code $(cat "$work/err")"
done

# What nothing is asked for.
profile port '' "GET ${other/localhost/127.0.0.1}/ok"
goes port
profile plain 'headers = { X = "x"; }; feeders = { f = { csv = "rows.csv"; }; };' 'GET /ok?a=${f.a}'
goes plain
STRANGE='' goes variable
goes watched --no-probes
goes command --no-probes
goes plain --set 'headers.X="${env:STRANGE}"'
goes plain -H 'X: ${env:STRANGE}'
run new starter.cfg
check 'a new profile asks for nothing that is set' '0 0' \
    "$code $("$ramptop" starter.cfg --host "$fault" -n 1 --headless --quiet 2>&1 | grep -c asks)"
goes variable --trust
refused variable 'read the variable "STRANGE"' # once was once

# Named, let, and asked for anew.
run check variable.cfg
check_match 'check names it' '^  read the variable "STRANGE" \(variable\.cfg:2\)$' "$(cat "$work/out")"
check_match 'and who gets it' "^  send what it reads to \"$fault\" " "$(cat "$work/out")"
for name in variable secret file symlink server command; do
    run trust --yes "$name.cfg"
    check "$name: trusted" 0 "$code"
    goes "$name"
    sed -i 's/GET \/ok/HEAD \/ok/; $a timeout = 5;' "$name.cfg"
    goes "$name"
done
check 'the command ran' yes "$([ -e "$work/ran" ] && echo yes || echo no)"
sed -i '$a variables = { h = "${env:HOME}"; };' variable.cfg
refused variable 'read the variable "HOME" \(variable\.cfg:[0-9]*\)'
sed -i 's/file:\.\.\/key/file:link/' file.cfg # the same file
goes file
sed -i "s|$other|http://127.0.0.3:1|" server.cfg
refused server 'send requests to "http://127\.0\.0\.3:1"'
sed -i "s|^target.*|target = \"$other\";|" secret.cfg
refused secret "send what it reads to \"$other\""
sed -i 's/a=1/a=2/' command.cfg
refused command 'run "sh"'

# A command gets a variable that is asked for.
cat >figures <<'END'
#!/bin/sh
printf '%s' "$STRANGE" | cksum >got
echo a=1
END
chmod 700 figures
profile environment "probes = ( { type = \"command\"; command = [ \"$work/profiles/figures\" ]; environment = [ \"STRANGE\" ]; } );"
refused environment 'run .* and 2 more'
goes environment --trust
check 'its command gets it' "$(printf '%s' "$STRANGE" | cksum)" "$(cat got)"

# At a terminal.
profile asking 'headers = { X = "${env:STRANGE}"; };' 'GET /status/201'
tmux_start 120 30
command_line "export XDG_STATE_HOME='$XDG_STATE_HOME' STRANGE=x; cd profiles; clear"
command_line 'go asking.cfg -u 1'
wait_for 'read the variable "STRANGE" \(asking\.cfg:2\)' 'the console asks'
wait_for '\[y/N\]'
keys n
wait_for 'exit code 2' 'no is no'
check 'nothing was sent' 0 "$(counted /status/201)"
command_line 'clear; go plain.cfg -u 1'
wait_for 'GET +/ok' 'the console of one that asks for nothing'
command_line ':profile asking.cfg'
wait_for 'let it \(2 things, all in the log\)\?  asking\.cfg asks to read the variable "STRANGE"' 'a picked profile asks'
keys n
wait_for 'nothing has changed' 'and no is no'
check 'still nothing was sent' 0 "$(counted /status/201)"
command_line ':profile asking.cfg'
wait_for 'let it \(2'
keys y
wait_for 'GET +/status/201' 'yes is yes'
keys q
wait_for 'exit code 0'
command_line 'clear; go asking.cfg -u 1'
wait_for 'GET +/status/201' 'and is remembered'
keys q
wait_for 'exit code 0'
tmux_end
check_none_left
finish
