#!/bin/sh
# SPDX-License-Identifier: MIT
# Tries every interleaving of the ring's two sides with Spin: nothing lost, doubled
# or reordered.  Then breaks the order of the steps on purpose and expects a fault
# to be found, so that a model that proves nothing cannot pass.  Exit 77: no Spin.

model=${top_srcdir:-.}/tests/model/ring.pml
for tool in spin "${CC_FOR_MODEL:-cc}"; do
    command -v "$tool" >/dev/null 2>&1 || {
        echo "skipped: $tool is not installed (apt-get install spin gcc)"
        exit 77
    }
done
case $model in /*) ;; *) model=$PWD/$model ;; esac
dir=$(mktemp -d) || exit 99
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 99

# verify NAME WANTED-ERRORS SPIN-FLAGS...
verify()
{
    name=$1 wanted=$2
    shift 2
    spin -a "$@" "$model" >spin.log 2>&1 || { cat spin.log; exit 1; }
    "${CC_FOR_MODEL:-cc}" -O1 -w -DSAFETY -DMEMLIM=512 -o pan pan.c || exit 1
    ./pan -m200000 >pan.log 2>&1
    errors=$(sed -n 's/.*errors: \([0-9]*\)$/\1/p' pan.log)
    states=$(sed -n 's/^ *\([0-9]*\) states, stored.*/\1/p' pan.log)
    if grep -q 'error: max search depth' pan.log || grep -q 'out of memory' pan.log; then
        echo "$name: the search was cut short"
        cat pan.log
        exit 1
    fi
    if [ "$wanted" = none ] && [ "$errors" != 0 ]; then
        echo "$name: the ring is wrong"
        cat pan.log
        exit 1
    fi
    if [ "$wanted" = some ] && { [ -z "$errors" ] || [ "$errors" = 0 ]; }; then
        echo "$name: a known fault was not found"
        exit 1
    fi
    echo "$name: $states states, errors: $errors (wanted: $wanted)"
}

verify "2 slots" none -DSLOTS=2 -DN=8
verify "3 slots" none -DSLOTS=3 -DN=9
verify "4 slots" none -DSLOTS=4 -DN=10
verify "4 slots, counted before it is whole" some -DSLOTS=4 -DN=10 -DLATE_SLOT
verify "4 slots, given back before it was read" some -DSLOTS=4 -DN=10 -DEARLY_HEAD
