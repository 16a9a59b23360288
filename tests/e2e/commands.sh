#!/bin/bash
# SPDX-License-Identifier: MIT
# The commands that are no run, and what of a profile a run may change: --set, Locust's names.

. "${top_srcdir:-.}/tests/e2e/lib.sh"
start_fault_server 0
cd "$work" || exit 99
export HOME=$work/home
mkdir home

# requests: how many the report in out.json counts
requests()
{
    sed -n 's/^ *"requests": *\([0-9]*\),*$/\1/p' out.json | head -n 1
}

cat >shop.cfg <<END
target = "$fault";
user_classes = (
  { name = "visitor"; weight = 3; tasks = ( { name = "look"; request = "GET /ok"; } ); },
  { name = "buyer"; tasks = ( { request = "GET /status/201"; } ); }
);
levels = { smoke = { users = 2; spawn_rate = 10.0; run_time = "1m"; }; };
END

# ---- list, new

run list shop.cfg
check 'list: exit code' 0 "$code"
check_match 'list: a class with its share' '^visitor +3 +75\.0 %  no wait$' "$(cat out)"
check_match 'list: a level' '^smoke +2 +10/s +1m$' "$(cat out)"
run list --json - shop.cfg
check_match 'list: as JSON alone' '^\{$' "$(head -n 1 out)"
run list --set user_classes.buyer.weight=1 --set user_classes.visitor.weight=1 shop.cfg
check_match 'list: what is set counts' '^visitor +1 +50\.0 %' "$(cat out)"
run new fresh.cfg
check 'new: exit code' 0 "$code"
run new fresh.cfg
check 'new: does not write over a file' 2 "$code"
run new
check 'new: the same on standard output' "$(cat fresh.cfg)" "$(cat out)"

# ---- check

# The examples of probes are comments; without their signs they are right.
for profile in starter tlac tutormax juragpt-auditor therapybridge prismq; do
    sed '/^# probes = ($/,/^# );$/ s/^# //' "$top_srcdir/profiles/$profile.cfg" >"probed-$profile.cfg"
    run check "probed-$profile.cfg"
    check_match "check: the probes of $profile" '^profile ok: .*, [2-4] probes$' "$(cat out err)"
done
run check --probe dokcer shop.cfg
check 'check: what --probe says is looked at: exit code' 2 "$code"
check_match 'check: what --probe says is looked at' 'did you mean docker\?' "$(cat err)"
run check shop.cfg
check 'check: no word of probes without any' 'profile ok: 2 classes, 2 endpoints, 1 level' "$(cat out)"

# ---- import

run import curl "curl '$fault/ok' -H 'Accept: text/html'"
check 'import curl: exit code' 0 "$code"
cp out pasted.cfg
run check pasted.cfg
check 'import curl: the profile is a right one' 0 "$code"
before=$(counted /ok)
run -n 3 -u 1 pasted.cfg
check 'import curl: and does what curl would' $((before + 3)) "$(counted /ok)"

run import har "$top_srcdir/tests/unit/import/shop.har"
check 'import har: exit code' 0 "$code"
check_match 'import har: the tasks of the session' 'name = "Log in";' "$(cat out)"
check 'import har: no secret is printed' '' "$(grep -e Sommer-2026 -e tok-9f8e -e all-of-it out)"
run import --keep-secrets har "$top_srcdir/tests/unit/import/shop.har"
check_match 'import har: unless it is asked for' 'Sommer-2026!' "$(cat out)"
run import har shop.cfg
check 'import har: another file: exit code' 2 "$code"
check_match 'import har: another file' '^ramptop: shop\.cfg:1: is not JSON' "$(cat err)"

# ---- --set

before=$(counted /ok)
run -n 4 --json out.json --set 'user_classes=({ name = "u"; tasks = ({ request = "GET /ok"; }); })' \
    --set levels.smoke.users=1 shop.cfg
check '--set: exit code' 0 "$code"
check '--set: the new task is what runs' $((before + 4)) "$(counted /ok)"
run --set levels.smok.users=1 --set levels.smoke.users=many shop.cfg
check '--set: a wrong key: exit code' 2 "$code"
check_match '--set: a wrong key' \
    '^--set levels\.smok\.users: there is no "smok" in levels \(did you mean "smoke"\?\)\.$' "$(cat err)"
check_match '--set: a wrong value' '^--set levels\.smoke\.users: users must be' "$(cat err)"
run --set a=1 "$fault/ok"
check_match '--set: not for a URL' 'goes with a profile' "$(cat err)"

# ---- Locust's names

sed 1d shop.cfg >none.cfg
printf 'host = %s # here\nheadless\ncsv = out\n' "$fault" >locust.conf
echo 'host = http://127.0.0.1:1' >home/.locust.conf
run -n 2 --json out.json --log log none.cfg
check 'locust.conf: its host counts' '0 2' "$code $(requests)"
check_match 'locust.conf: the first line of the log' 'locust\.conf.*: host, headless' \
    "$(head -n 1 log)"
check_match 'locust.conf: what is not done' 'csv, not written yet' "$(cat log)"
LOCUST_HOST=http://127.0.0.1:1 run -n 2 none.cfg
check 'LOCUST_HOST wins over it' 3 "$code"
LOCUST_HOST=http://127.0.0.1:1 RAMPTOP_HOST=$fault run -n 2 none.cfg
check 'RAMPTOP_HOST wins over LOCUST_HOST' 0 "$code"
rm locust.conf
run -n 2 none.cfg
check 'the one in the home folder counts last' 3 "$code"
printf '\nusers = many\n' >locust.conf
run -n 2 "$fault/ok"
check 'a wrong locust.conf: exit code' 2 "$code"
check_match 'a wrong locust.conf: its place' '^locust\.conf:2: users needs a whole number' "$(cat err)"
run new
check 'a wrong locust.conf is nothing to ramptop new' 0 "$code"

check_none_left
finish
