#!/bin/bash
# SPDX-License-Identifier: MIT
# Each fuzz target on its seeds and on a few thousand inputs made from them; the same
# inputs every time.

: "${top_srcdir:=.}" "${top_builddir:=.}"
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
failed=0
tried=0
for target in "$top_builddir"/tests/fuzz/fuzz_*; do
    case ${target##*/} in *.*) continue ;; esac # an object
    name=${target##*/fuzz_}
    mkdir "$work/$name"
    "$target" -seed=1 -runs=3000 -timeout=20 "-artifact_prefix=$work/" "$work/$name" \
        "$top_srcdir/tests/fuzz/seeds/$name" >"$work/log" 2>&1 || {
        echo "fuzz_$name:"
        tail -n 40 "$work/log"
        failed=1
    }
    tried=$((tried + 1))
done
if [ "$tried" -lt 16 ]; then
    echo "only $tried of the targets are built"
    exit 99
fi
exit $failed
