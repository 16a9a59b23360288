#!/bin/bash
# SPDX-License-Identifier: MIT
# A target writes back what it was sent, in many encodings: nothing of a secret comes out of any
# output, wherever the secret is from.

. "${top_srcdir:-.}/tests/e2e/lib.sh"
need python3 python3
need tmux tmux
start_echo_server 127.0.0.1
cd "$work" || exit 99

secret='Sup3r/Secret+Tok=en?9Z~kQ7"<&>'
typed=Sup3rSecretTok9Z7kQ7
export SECRET=$secret

# told SECRET FILE...: which encodings of a piece of it are in the files; nothing is right
told()
{
    python3 - "$top_srcdir/tests/tools" "$@" <<'END'
import sys
sys.path.insert(0, sys.argv[1])
from echo_server import encoded
text = "".join(open(f, encoding="utf-8", errors="replace").read() for f in sys.argv[3:])
squeezed = "".join(text.split()).replace("\\\\", "\\").replace('\\"', '"')
def pieces(whole):
    """eight characters of the secret, as they are encoded"""
    n = 8 * max(1, len(whole) // len(sys.argv[2]))
    return {whole[i:i + n] for i in range(len(whole) - n + 1)}
forms = ("plain", "percent", "json", "unicode", "html", "hex", "upper")
found = {f for f in forms if any(p in squeezed for p in pieces(encoded(sys.argv[2], f)))}
for before in ("", "x", "xy"):
    coded = encoded(before + sys.argv[2], "base64").rstrip("=")[4:-4]
    for form, c in (("base64", coded), ("url64", coded.replace("+", "-").replace("/", "_"))):
        if any(p in squeezed for p in pieces(c)):
            found.add(form)
print(" ".join(sorted(found)))
END
}

# must_hide NAME SECRET ARGUMENT...: FORM in an argument or in profile.cfg becomes each encoding
must_hide()
{
    local name=$1 hidden=$2 form bad="" args
    shift 2
    for form in plain percent json unicode html base64 url64 hex hidden wrapped upper; do
        args=("${@//FORM/$form}")
        [ ! -e template.cfg ] || sed "s/FORM/$form/" template.cfg >profile.cfg
        rm -f report.json log
        run -n 2 --json report.json --log log "${args[@]}"
        [ "$code" = 0 ] || bad="$bad $form: exit code $code $(cat err)"
        grep -qF '500' report.json || bad="$bad $form: no failure"
        bad="$bad$(told "$hidden" out err report.json log)"
    done
    check "$name" '' "$bad"
}

must_hide '-H, a token' "$secret" -H "Authorization: Bearer $secret" "$echo/echo?as=FORM"
must_hide '-H, a key' "$secret" -H "X-Api-Key: $secret" "$echo/echo?as=FORM"
must_hide '-H, a cookie' "$typed" -H "Cookie: theme=dark; sid=$typed" "$echo/echo?as=FORM"
must_hide 'the password in a typed URL' "$typed" "http://bob:$typed@${echo#http://}/echo?as=FORM"
must_hide 'a token in its query' "$typed" "$echo/echo?as=FORM&tok=$typed"
must_hide '-d, a form' "$typed" -d "user=bob&password=$typed" "$echo/echo?as=FORM"
must_hide '-d, JSON' "$secret" -d "{\"user\": \"bob\", \"password\": $(printf %s "$secret" |
    python3 -c 'import json, sys; print(json.dumps(sys.stdin.read()))')}" "$echo/echo?as=FORM"

echo "target = \"$echo\"; user_classes = ( { name = \"u\";
  on_start = ( { request = \"GET /login\"; } ); tasks = ( { request = \"GET /echo?as=FORM\"; } ); } );" >template.cfg
must_hide 'a cookie that the target set' 'Set.by-the-target/4711' profile.cfg
echo "target = \"$echo\"; variables = { password = { secret = \"env:SECRET\"; }; }; user_classes = ( { name = \"u\";
  tasks = ( { request = \"POST /echo?as=FORM\"; body = \"\${password}\"; } ); } );" >template.cfg
must_hide 'a secret of the profile' "$secret" --trust profile.cfg
rm template.cfg

# ---- what is said before anything is sent

run check -H "X-Api-Key $secret" "$echo/"
check 'a header that is none' '2 ' "$code $(told "$secret" out err)"
run "$echo/a b?token=$typed" -n 1
check 'a URL that is none' '2 ' "$code $(told "$typed" out err)"
run "http://bob:$typed@127.0.0.1:99999/" -n 1
check 'a port that is none' '2 ' "$code $(told "$typed" out err)"
run list --json - -H "Authorization: Bearer $secret" "$echo/x?token=$typed"
check 'list' '0 ' "$code $(told "$typed" out err)$(told "$secret" out err)"

# ---- the console, and what it saves

tmux_start 120 40
command_line "go -H 'Cookie: sid=$typed' -u 2 '$echo/echo?as=plain&tok=$typed'"
wait_for 'fail' 'the console runs'
keys 3
wait_for '\*\*\*\*' 'the failures view shows an example'
screen >screen.txt
text ':save saved.txt'
keys Enter
until_true "$DEADLINE" test -s saved.txt || fail 'the screen is not saved'
# The shell's line above is not ours.
check 'the failures view and the saved screen' '' "$(told "$typed" screen.txt saved.txt)"
keys q
wait_for '^exit code'
finish
