#!/bin/sh
# SPDX-License-Identifier: MIT
# Every header compiles alone, twice, and has a guard made from its path.

cd "${top_srcdir:-.}" && [ -f src/main.c ] || exit 99
command -v "${CC:-cc}" >/dev/null 2>&1 || {
    echo "skipped: no C compiler (apt-get install gcc)"
    exit 77
}
bad=0
for header in src/*/*.h src/*/*/*.h ui/*.h; do
    printf '#include "%s"\n#include "%s"\n' "$header" "$header" |
        "${CC:-cc}" -fsyntax-only -Wall -Wextra -Wstrict-prototypes -Werror -D_GNU_SOURCE -I. \
            -I"${top_builddir:-.}" -x c - || {
        echo "$header: does not compile alone"
        bad=1
    }
    guard=RAMPTOP_$(echo "${header#src/}" | tr 'a-z/.' 'A-Z__')
    grep -q "^#ifndef $guard\$" "$header" || {
        echo "$header: the guard is not $guard"
        bad=1
    }
done
exit $bad
