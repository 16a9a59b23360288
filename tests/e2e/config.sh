#!/bin/bash
# SPDX-License-Identifier: MIT
# The user's configuration file: it counts behind flag, variable and profile, and a wrong
# one starts nothing.

. "${top_srcdir:-.}/tests/e2e/lib.sh"
start_fault_server 0
cd "$work" || exit 99
export XDG_CONFIG_HOME=$work/config
file=$XDG_CONFIG_HOME/ramptop/ramptop.cfg

# requests: how many the report in out.json counts
requests()
{
    sed -n 's/^ *"requests": *\([0-9]*\),*$/\1/p' out.json | head -n 1
}

run -n 3 --headless --json out.json "$fault/ok"
check 'no file is fine' 0 "$code"

mkdir -p "${file%/*}"
cat >"$file" <<'END'
requests = 7;
headless = true;
json = "out.json";
END
run "$fault/ok"
check 'the file counts: exit code' 0 "$code"
check 'the file counts' 7 "$(requests)"
RAMPTOP_REQUESTS=5 run "$fault/ok"
check 'a variable wins over it' 5 "$(requests)"
RAMPTOP_REQUESTS=5 run -n 4 "$fault/ok"
check 'a flag wins over both' 4 "$(requests)"

printf 'host = "http://127.0.0.1:1";\n' >>"$file"
printf 'target = "%s";\nuser_classes = ( { name = "u"; tasks = ( { request = "GET /ok"; } ); } );\n' \
    "$fault" >own.cfg
run own.cfg
check "the profile's target wins over the file's host" 0 "$code"
sed 1d own.cfg >none.cfg
run none.cfg
check "a profile without a target takes the file's host, where nobody is" 3 "$code"

before=$(counted /ok)
printf '\nno_colour = true;\nusers = "many";\n' >>"$file"
run "$fault/ok"
check 'a wrong file: exit code' 2 "$code"
check_match 'a wrong file: the place and the near word' \
    'ramptop\.cfg:6: unknown setting "no_colour".*did you mean "no_color"' "$(cat err)"
check_match 'a wrong file: all mistakes at once' 'ramptop\.cfg:7: users needs a whole number' \
    "$(cat err)"
check 'a wrong file: nothing was sent' "$before" "$(counted /ok)"
run --help
check 'help works all the same' 0 "$code"

echo 'requests = 7;' >"$file"
chmod o+w "$file"
run "$fault/ok"
check 'a file that everybody may write to: exit code' 2 "$code"
check_match 'a file that everybody may write to' 'everybody may write to it' "$(cat err)"

check_none_left
finish
