#!/bin/sh
# SPDX-License-Identifier: MIT
# The words of the sources.  A static function's name stands in one file alone, so that grep, gdb
# and perf say where it is; so does a file's name.  A comment does not begin with a pronoun or a
# relative word: who reads it first does not know yet what that refers to.

cd "${top_srcdir:-.}" && [ -f src/main.c ] || exit 99
# What a file of that name is in its folder is plain, and no other name would say it better.
known='json\.c|reply\.c|read\.[ch]|words\.[ch]|write\.c'
bad=0

sources=$(printf '%s\n' src/*.[ch] src/*/*.[ch] src/*/*/*.[ch] ui/*.[ch] |
    grep -v -x -e src/demo/texts.c -e src/import/starter_text.c) # made by the build

# One line per static function: its name, its file.
functions()
{
    # shellcheck disable=SC2086
    awk '/^static / && match($0, /[a-z_0-9]+\(/) && !/^static [^(]*[=;{]/ {
        print substr($0, RSTART, RLENGTH - 1), FILENAME }' $sources
}

# One line per comment: 1 when its first word is one of those, and its file.
openings()
{
    # shellcheck disable=SC2086
    awk 'BEGIN {
        n = split("of what who whom whose whoever whatever which whichever that those these " \
            "it its they them their one ones such", w, " ")
        for (i = 1; i <= n; i++) odd[w[i]] = 1
    }
    {
        line = $0
        while (match(line, /\/\*<?[ *]*[A-Za-z]+/)) {
            word = substr(line, RSTART, RLENGTH)
            sub(/^[^A-Za-z]*/, "", word)
            line = substr(line, RSTART + RLENGTH)
            if (word != "SPDX") print (tolower(word) in odd) + 0, FILENAME ":" FNR
        }
    }' $sources
}

# twice WHAT: lines of name and file; those names that stand in two files
twice()
{
    found=$(sort -u | awk '{ n[$1]++; files[$1] = files[$1] " " $2 }
        END { for (name in n) if (n[name] > 1) print name ":" files[name] }' | sort)
    [ -z "$found" ] || {
        echo "$1 twice:"
        echo "$found"
        bad=1
    }
}

tmp=$(mktemp -d) || exit 99
trap 'rm -rf "$tmp"' EXIT
# No pipe into it: a complaint of a subshell would be lost.
functions >"$tmp/functions"
twice 'static functions' <"$tmp/functions"
echo "$sources" | sed 's|^\(.*/\)\(.*\)$|\2 \1\2|' | grep -v -E "^($known) " >"$tmp/files"
twice 'file names' <"$tmp/files"

openings >"$tmp/openings"
awk '{ all++; odd += $1; if ($1) print $2 }
    END {
        printf "%d of %d comments (%.1f %%) begin with a pronoun or a relative word\n", odd, all,
            100 * odd / all
        exit odd * 50 > all
    }' "$tmp/openings" || bad=1
exit $bad
