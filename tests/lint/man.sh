#!/bin/sh
# SPDX-License-Identifier: MIT
# The manual names every subcommand and every option of --help and every key of the table, nothing
# else, and every setting of a profile; mandoc has nothing to say.

top_builddir=${top_builddir:-.}
case $top_builddir in /*) ;; *) top_builddir=$PWD/$top_builddir ;; esac
cd "${top_srcdir:-.}" && [ -f src/main.c ] || exit 99
bad=0
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT

# differs NAME-OF-A NAME-OF-B: what only one of the two sorted lists has
differs()
{
    comm -23 "$work/$1" "$work/$2" | sed "s|^|in $1, not in $2: |" >"$work/diff"
    comm -13 "$work/$1" "$work/$2" | sed "s|^|in $2, not in $1: |" >>"$work/diff"
    if [ -s "$work/diff" ]; then
        cat "$work/diff"
        bad=1
    fi
}

"$top_builddir/ramptop" --help | sed -n 's/^  .\{4\}--\([a-z0-9-]*\) .*/--\1/p' | sort -u >"$work/help"
sed -n '/^\.Sh OPTIONS/,/^\.Sh KEYS/ s/^\.It .*Fl Fl \([a-z0-9-]*\).*/--\1/p' man/ramptop.1 |
    sort -u >"$work/manual"
[ -s "$work/help" ] || { echo "ramptop --help shows no options"; bad=1; }
differs help manual

# Words of small letters behind "ramptop" call a subcommand.
"$top_builddir/ramptop" --help | sed -n 's/^ *ramptop \([a-z]*\)\( [a-z]*\)\{0,1\} .*  .*/\1\2/p' |
    sort -u >"$work/commands"
sed -n '/^\.Sh DESCRIPTION/,/^\.Sh OPTIONS/ s/^\.It Cm \([a-z ]*[a-z]\).*/\1/p' man/ramptop.1 |
    sort -u >"$work/described"
[ -s "$work/commands" ] || { echo "ramptop --help shows no subcommands"; bad=1; }
differs commands described

# X(ID, "keys", ...: all names of the table
sed -n 's/^ *X([A-Z0-9_]*, "\([^"]*\)".*/\1/p' ui/keys.h | tr ' ' '\n' | sort -u >"$work/keys"
sed -n '/^\.Sh KEYS/,/^\.Sh ENVIRONMENT/ s/^\.It Ic //p' man/ramptop.1 |
    sed 's/\\(ha/^/g; s/\\&//g' | tr ' ' '\n' | sort -u >"$work/page"
[ -s "$work/keys" ] || { echo "ui/keys.h has no keys"; bad=1; }
differs keys page

# The settings of a profile: all words of the tables of known ones.
awk '/(keys|own|kinds)\[\] = \{/ { on = 1 } on { print } /};/ { on = 0 }' src/profile/language*.c |
    grep -o '"[a-z0-9_]*"' | tr -d '"' | sort -u >"$work/settings"
grep '^\.I[tc] ' man/ramptop.cfg.5 | tr ' ' '\n' | sort -u >"$work/words"
[ -s "$work/settings" ] || { echo "src/profile/language*.c has no settings"; bad=1; }
if comm -23 "$work/settings" "$work/words" | grep .; then
    echo "settings that man/ramptop.cfg.5 does not name"
    bad=1
fi

tr -c 'a-z0-9_' '\n' <profiles/shop.cfg | sort -u >"$work/shop"
if comm -23 "$work/settings" "$work/shop" | grep .; then
    echo "settings that profiles/shop.cfg does not show"
    bad=1
fi

# The series of the probes: what they name, what thresholds may name, what the page names.
for kind in docker/container postgres/pg_probe postgres/pgbouncer process host redis nginx; do
    sed -n 's/.*"\([a-z -]*\)", UNIT_.*/\1/p' "src/probe/$kind.c"
    sed -n 's/.*wait_words\[WAITS\] = {"\(.*\)"};/\1/p' "src/probe/$kind.c" |
        sed 's/", "/\n/g' | sed 's/^/waiting /'
done | sort -u >"$work/series"
awk '/^static const char \*const [a-z]*\[\]/ { on = 1 } on { print } /};/ { on = 0 }' \
    src/profile/probe_series.c | grep -o '"[a-z -]*"' | tr -d '"' | sort -u >"$work/thresholds"
[ -s "$work/series" ] || { echo "src/probe names no series"; bad=1; }
differs series thresholds
sed -n '/^\.Sh PROBES/,/^\.Sh LIMITS/p' man/ramptop.cfg.5 | tr '\n' ' ' >"$work/text"
while read -r name; do
    grep -q "[ (]${name}[ ,.;]" "$work/text" && continue
    echo "man/ramptop.cfg.5 does not name the series $name"
    bad=1
done <"$work/series"

[ $bad = 0 ] || exit 1
command -v mandoc >/dev/null 2>&1 || {
    echo "skipped: mandoc is not installed (apt-get install mandoc)"
    exit 77
}
for page in man/*.[1-8]; do
    # Pages of ours that are not installed yet are no mistake.
    mandoc -Tlint -W style "$page" | grep -v 'referenced manual not found: Xr ramptop' >"$work/lint"
    if [ -s "$work/lint" ]; then
        cat "$work/lint"
        bad=1
    fi
done
exit $bad
