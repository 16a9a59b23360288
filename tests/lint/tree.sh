#!/bin/sh
# SPDX-License-Identifier: MIT
# Every source file stands in the tree of HACKING.md, and the tree names no file that is gone.

cd "${top_srcdir:-.}" && [ -f src/main.c ] || exit 99
bad=0
complain()
{
    echo "HACKING.md: $*"
    bad=1
}

for file in src/*.[ch] src/*/*.[ch] src/*/*/*.[ch] ui/*.[ch]; do
    case $file in
    *.h) [ -f "${file%h}c" ] && continue ;; # its .c stands for both
    esac
    [ "$file" = src/demo/texts.c ] && continue # made by the build
    [ "$file" = src/report/report.h ] && continue     # the header of the three files beside it
    [ "$file" = src/profile/profile.h ] && continue
    [ "$file" = src/import/import.h ] && continue
    [ "$file" = src/import/starter_text.c ] && continue
    grep -q -w -F -e "$file" HACKING.md || complain "$file is not in the tree"
done
grep -o -w -E '(src|ui|tests)/[a-z_0-9/]+\.(c|h|sh|supp)' HACKING.md | sort -u >"${TMPDIR:-/tmp}/tree.$$"
while read -r file; do
    [ -f "$file" ] || complain "$file is in the tree but is not there"
done <"${TMPDIR:-/tmp}/tree.$$"
rm -f "${TMPDIR:-/tmp}/tree.$$"
exit $bad
