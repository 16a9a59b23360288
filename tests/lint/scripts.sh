#!/bin/sh
# SPDX-License-Identifier: MIT
# No script gives shellcheck anything to say.  No test from outside does without the harness, which
# looks for what each run leaves behind, and without its last word.

cd "${top_srcdir:-.}" && [ -f src/main.c ] || exit 99
bad=0
for script in tests/e2e/*.sh; do
    case $script in */lib.sh | */engines.sh) continue ;; esac # are read in
    if ! grep -q '^\. .*/lib\.sh"$' "$script" || [ "$(tail -n 1 "$script")" != finish ]; then
        echo "$script: does not read lib.sh in, or does not end with finish"
        exit 1
    fi
done
command -v shellcheck >/dev/null 2>&1 || {
    echo "skipped: shellcheck is not installed (apt-get install shellcheck)"
    exit 77
}
# Each script alone, without those that it reads in, which are read as often as there are scripts:
# they are checked on their own (1091), and what they set is not known (2154).  2317: functions are
# called by name, which shellcheck takes for never.
for script in build-aux/git-version-gen completions/bash/ramptop quickstart .ci/run tests/*/*.sh tests/*/*/*.sh; do
    [ -f "$script" ] || continue
    case $script in completions/*) shell=--shell=bash ;; *) shell= ;; esac
    # shellcheck disable=SC2086
    shellcheck $shell --exclude=SC1091,SC2154,SC2317 "$script" || bad=1
done
exit $bad
