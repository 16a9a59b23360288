#!/bin/bash
# SPDX-License-Identifier: MIT
# Headers of all go to the target and to nobody else, unless the profile says so: what two servers
# received of each kind.

. "${top_srcdir:-.}/tests/e2e/lib.sh"
need python3 python3
cd "$work" || exit 99
start_echo_server 127.0.0.1
target=$echo target_log=$echo_log
start_echo_server 127.0.0.2
other=$echo other_log=$echo_log

# got LOG PATH NAME...: which of the headers that request brought, with their values
got()
{
    python3 - "$@" <<'END'
import json, sys
for line in open(sys.argv[1]):
    r = json.loads(line)
    if r["path"] == sys.argv[2]:
        found = {k.lower(): v for k, v in r["headers"].items()}
        print(" ".join(n + "=" + found[n.lower()] for n in sys.argv[3:] if n.lower() in found))
        break
else:
    print("no request")
END
}
all=(X-All X-Class X-Own X-Typed Authorization Cookie)

cat >profile.cfg <<END
target = "$target";
headers = { X-All = "all"; };
auth = { bearer = "of-all"; };
user_classes = (
  { name = "one"; headers = { X-Class = "one"; };
    on_start = ( { request = "GET /login"; } );
    tasks = ( { name = "both"; steps = (
      { request = "GET /at-target"; },
      { request = "GET $target/whole"; },
      { request = "GET $other/away"; headers = { X-Own = "own"; }; },
      { request = "GET $other/away-auth"; auth = { bearer = "own"; }; } ); } ); },
  { name = "two"; host = "$other"; headers = { X-Class = "two"; };
    tasks = ( { request = "GET /at-host"; } ); }
);
END
run --trust -n 12 -u 2 -H 'X-Typed: typed' profile.cfg
check 'exit code' 0 "$code"
check 'a path: all of them' \
    'X-All=all X-Class=one X-Typed=typed Authorization=Bearer of-all Cookie=sid=Set.by-the-target/4711' \
    "$(got "$target_log" /at-target "${all[@]}")"
check 'a whole URL of the target: the same' \
    'X-All=all X-Class=one X-Typed=typed Authorization=Bearer of-all Cookie=sid=Set.by-the-target/4711' \
    "$(got "$target_log" /whole "${all[@]}")"
check 'another server: what the request says' 'X-Own=own' "$(got "$other_log" /away "${all[@]}")"
check 'another server: its own auth' 'Authorization=Bearer own' \
    "$(got "$other_log" /away-auth "${all[@]}")"
check 'the host of a class: what the class says, and auth' \
    'X-Class=two Authorization=Bearer of-all' "$(got "$other_log" /at-host "${all[@]}")"

# ---- it is told

run check -H 'X-Typed: typed' profile.cfg
check_match 'check tells it' "^not sent to $other: X-Typed, X-Class, X-All \(" "$(cat out)"
check_match 'check tells it of a class' "^not sent to $other: X-Typed, X-All \(" "$(cat out)"
run list profile.cfg
check_match 'list tells it' "^not sent to $other: X-Class, X-All \(" "$(cat out)"
run list --json list.json -H 'X-Typed: hush' profile.cfg
check 'list tells it to programs' "$other X-Typed X-Class X-All" \
    "$(json list.json '" ".join([r["not_sent"][0]["server"]] + r["not_sent"][0]["headers"])')"
check 'without a value' 0 "$(grep -c hush list.json)"

# ---- unless the profile says so

{ echo "headers_to = [\"$other\"];"; cat profile.cfg; } >allowed.cfg
: >"$other_log"
run --trust -n 12 -u 2 -H 'X-Typed: typed' allowed.cfg
check 'headers_to: all of them, but for cookies' \
    'X-All=all X-Class=one X-Own=own X-Typed=typed Authorization=Bearer of-all' \
    "$(got "$other_log" /away "${all[@]}")"
run check allowed.cfg
check 'headers_to: nothing is left out' 0 "$(grep -c '^not sent' out)"
run check --set 'headers_to=["http://a/path"]' profile.cfg
check_match 'headers_to: a path is refused' 'a server is a scheme, a host' "$(cat err)"

# ---- --host: that is the target then

: >"$target_log"
: >"$other_log"
run --trust -n 6 -u 1 --host "$other" -H 'X-Typed: typed' profile.cfg
check '--host: it gets them' 'X-All=all X-Class=one X-Typed=typed Authorization=Bearer of-all Cookie=sid=Set.by-the-target/4711' \
    "$(got "$other_log" /at-target "${all[@]}")"
check '--host: the target of the file does not' '' "$(got "$target_log" /whole "${all[@]}")"

# ---- redirects

: >"$other_log"
run -n 2 -L -H 'X-Typed: typed' -H 'Authorization: Bearer typed' "$target/go?to=$other/there"
check 'a redirect to another server is not followed' 'no request' \
    "$(got "$other_log" /there "${all[@]}")"
run -n 2 -L -H 'X-Typed: typed' -H 'Authorization: Bearer typed' "$target/go?to=/here"
check 'one to the same server takes them along' 'X-Typed=typed Authorization=Bearer typed' \
    "$(got "$target_log" /here "${all[@]}")"
finish
