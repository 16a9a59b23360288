#!/bin/bash
# SPDX-License-Identifier: MIT
# What `ramptop import curl` makes of a command sends what curl sends, for the commands of
# import-curl.txt: options, quoting of three shells, files, what stands around a command.

. "${top_srcdir:-.}/tests/e2e/lib.sh"
need python3 python3
need curl curl
cd "$work" || exit 99

# Other versions of curl encode some things in another way (blanks in a query, digits).
version=$(curl --version | sed -n 's/^curl \([0-9]*\.[0-9]*\).*/\1/p')
[ "$version" = 7.88 ] || skip "curl $version is not the 7.88 that the import follows"

python3 "$top_srcdir/tests/tools/same_as_curl.py" "$ramptop" "$top_srcdir/tests/e2e/import-curl.txt" \
    >told 2>&1
check 'all commands send what curl sends' 0 $?
cat told
check_none_left
finish
