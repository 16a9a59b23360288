#!/bin/bash
# SPDX-License-Identifier: MIT
# The short form of `make check-faults`: the first call of each kind fails, and some of the
# allocations; over check, list, import, headless, console and probes.

. "${top_srcdir:-.}/tests/e2e/lib.sh"
need python3 python3
export top_srcdir top_builddir

if timeout 600 python3 "$top_srcdir/tests/tools/fault_loop.py" --short; then
    pass 'each fault ends in a sentence or is overcome'
else
    fail 'a fault'
fi
finish
