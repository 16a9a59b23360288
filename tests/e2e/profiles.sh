#!/bin/bash
# SPDX-License-Identifier: MIT
# Broken profiles: each mistake is named with its file and line, the exit code is 2, and
# nothing reaches the target.

. "${top_srcdir:-.}/tests/e2e/lib.sh"
start_fault_server 0
cd "$work" || exit 99

target="target = \"$fault\";"
users='user_classes = ( { name = "u"; tasks = ( { request = "GET /ok"; } ); } );'

# with SETTINGS: a profile that is right but for these, on line 3
with()
{
    printf '%s\n%s\n%s\n' "$target" "$users" "$1"
}

# a_class SETTINGS, a_request SETTINGS: the mistake is on line 2
a_class()
{
    printf '%s\nuser_classes = ( { name = "u"; %s } );\n' "$target" "$1"
}

a_request()
{
    a_class "tasks = ( { $1 } );"
}

# broken NAME REGEX...: the profile is on standard input; each regex must match a message
broken()
{
    local name=$1 file=$1.cfg regex
    shift
    cat >"$file"
    run check "$file"
    for regex in "$@"; do
        check_match "$name: said with its place" "$regex" "$(cat err)"
    done
    check "$name: ramptop check: exit code" 2 "$code"
    run "$file" -u 1 -n 1 --headless
    check "$name: a run: exit code" 2 "$code"
}

with '' >good.cfg
run check good.cfg
check 'a right profile is fine' 0 "$code"

broken unclosed '^unclosed\.cfg:2: .*"\}" would' <<<"$target
user_classes = ( { name = \"u\"; tasks = 5 ); };"
broken comment '^comment\.cfg:3: the comment that begins here has no end' <<<"$(with '/* never closed')"
broken wraps '^wraps\.cfg:3: the number 4294967296 is too large' \
    <<<"$(with 'levels = { a = { users = 4294967296; }; };')"
broken negative '^negative\.cfg:3: users must be from' <<<"$(with 'levels = { a = { users = -5; }; };')"
broken no-target '^no-target\.cfg:1: the profile has no target' <<<"$users"
broken scheme '^scheme\.cfg:1: target: only http and https' <<<"target = \"ftp://127.0.0.1/\"; $users"
broken misspelt '^misspelt\.cfg:3: unknown setting "timeot".*did you mean "timeout"' \
    <<<"$(with 'timeot = 5.0;')"
broken no-classes '^no-classes\.cfg:1: the profile has no user_classes' <<<"$target"
broken no-tasks '^no-tasks\.cfg:2: tasks is empty' <<<"$(a_class 'tasks = ();')"
broken method '^method\.cfg:2: request must be a method and a path' <<<"$(a_request 'request = "FETCH/";')"
broken weight '^weight\.cfg:2: weight must be from' \
    <<<"$(a_class 'weight = -1; tasks = ( { request = "GET /ok"; } );')"
broken swapped '^swapped\.cfg:2: .*swap them' \
    <<<"$(a_class 'wait = { between = [3.0, 1.0]; }; tasks = ( { request = "GET /ok"; } );')"
broken wait '^wait\.cfg:2: unknown setting "sometimes"' \
    <<<"$(a_class 'wait = { sometimes = 1.0; }; tasks = ( { request = "GET /ok"; } );')"
broken status '^status\.cfg:2: a status of expect' <<<"$(a_request 'request = "GET /ok"; expect = [99];')"
broken time '^time\.cfg:3: run_time must be a time' \
    <<<"$(with 'levels = { a = { users = 5; run_time = "soon"; }; };')"
broken include '^include\.cfg:3: @include' <<<"$(with '@include "/etc/passwd"')"
broken two-bodies '^two-bodies\.cfg:2: a request has one body, and body is one already' \
    <<<"$(a_request 'request = "POST /ok"; body = "x"; json = "{}";')"
broken header '^header\.cfg:3: the header "X"' <<<"$(with 'headers = { X = "a\r\nEvil: b"; };')"
broken twice '^twice\.cfg:3: "target" is given twice' <<<"$(with "$target")"
broken cap '^cap\.cfg:3: users is more than' \
    <<<"$(with 'limits = { max_users = 10; }; levels = { a = { users = 50; }; };')"
broken kinds '^kinds\.cfg:1: target must be a string' '^kinds\.cfg:2: timeout must be a time' \
    '^kinds\.cfg:4: users must be a whole number' <<<"target = 5;
timeout = \"-3\";
$users
levels = { a = { users = \"many\"; }; };"
printf '%s\n%s\n\0\n' "$target" "$users" | broken nul '^nul\.cfg:3: a NUL byte'
head -c 300000 /dev/zero | tr '\0' '#' | broken large 'large\.cfg: .*larger than 256 KiB'
printf '%s # \377\n%s\n' "$target" "$users" | broken bytes '^bytes\.cfg:1: .*UTF-8'
mkdir folder.cfg
run check folder.cfg
check_match 'a folder is no profile' 'folder\.cfg.*is a folder' "$(cat err)"

check 'nothing was started: connections to the target but this one' 'connections 1' \
    "$(fetch "$fault_port" /counts)"
check_none_left
finish
