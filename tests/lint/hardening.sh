#!/bin/sh
# SPDX-License-Identifier: MIT
# The program is built so that a fault in it is hard to use: its tables are read-only once it
# is loaded, its addresses are random, no stack can be executed or jumped over.

top_builddir=${top_builddir:-.}
program=$top_builddir/ramptop
[ -x "$program" ] || { echo "$program is not built"; exit 99; }
command -v readelf >/dev/null 2>&1 || {
    echo 'skipped: readelf is not installed (apt-get install binutils)'
    exit 77
}
bad=0

# wanted NAME PATTERN TEXT
wanted()
{
    echo "$3" | grep -qE "$2" || {
        echo "$program: $1 is missing"
        bad=1
    }
}

segments=$(readelf -lW "$program")
wanted 'a random address (PIE)' 'DYN \(' "$(readelf -hW "$program")"
wanted 'a read-only table of addresses (RELRO)' 'GNU_RELRO' "$segments"
wanted 'binding at the start (full RELRO)' 'BIND_NOW|FLAGS.*NOW' "$(readelf -dW "$program")"
wanted 'a stack that cannot be executed' 'GNU_STACK +([0-9xa-f]+ +){5}RW +' "$segments"

# What leaves no mark in the file: the compiler was told, if it takes it.
compiler=$(sed -n 's/^CC = //p' "$top_builddir/Makefile")
flags=$(sed -n 's/^HARDEN_CFLAGS = //p' "$top_builddir/Makefile")
for flag in -fstack-protector-strong -fstack-clash-protection -fcf-protection=full; do
    # shellcheck disable=SC2086 # a compiler may come with words of its own
    if echo 'int x;' | $compiler -Werror "$flag" -c -x c -o /dev/null - 2>/dev/null; then
        wanted "$flag, which the compiler takes," "(^| )$flag( |\$)" "$flags"
    fi
done
exit $bad
