#!/bin/bash
# SPDX-License-Identifier: MIT
# Every subcommand and every option of --help is offered by the three completions; bash's is also
# tried out.

top_builddir=$(realpath "${top_builddir:-.}")
cd "${top_srcdir:-.}" && [ -f src/main.c ] || exit 99
bad=0

for option in $("$top_builddir/ramptop" --help | sed -n 's/^  .\{4\}--\([a-z0-9-]*\) .*/\1/p'); do
    grep -qE -- "--$option([^a-z0-9-]|\$)" completions/bash/ramptop ||
        { echo "completions/bash/ramptop: --$option is missing"; bad=1; }
    grep -qE -- "--${option}[][{}' ]" completions/zsh/_ramptop ||
        { echo "completions/zsh/_ramptop: --$option is missing"; bad=1; }
    grep -qE -- "-l $option( |\$)" completions/fish/ramptop.fish ||
        { echo "completions/fish/ramptop.fish: --$option is missing"; bad=1; }
done

# Words of small letters behind "ramptop" call a subcommand; its second one is offered likewise.
commands=$("$top_builddir/ramptop" --help |
    sed -n 's/^ *ramptop \([a-z]*\)\( [a-z]*\)\{0,1\} .*  .*/\1\2/p')
for word in $(echo "$commands" | tr ' ' '\n' | sort -u); do
    grep -qE "(commands=|-W ).*\\<$word\\>" completions/bash/ramptop ||
        { echo "completions/bash/ramptop: $word is missing"; bad=1; }
    grep -qE "[( ']$word(\\\\:|\\[)" completions/zsh/_ramptop ||
        { echo "completions/zsh/_ramptop: $word is missing"; bad=1; }
    grep -qE -- "-a '?([a-z]* )*$word\\>" completions/fish/ramptop.fish ||
        { echo "completions/fish/ramptop.fish: $word is missing"; bad=1; }
done
[ "$(echo "$commands" | wc -l)" -gt 8 ] || { echo "ramptop --help shows no subcommands"; bad=1; }

# offers WANTED WORD...: is WANTED among what is offered for the last word?
offers()
{
    local wanted=$1
    shift
    COMP_WORDS=(ramptop "$@")
    COMP_CWORD=$#
    COMPREPLY=()
    _ramptop
    printf '%s\n' "${COMPREPLY[@]}" | grep -qxF -- "$wanted" && return
    echo "bash offers no $wanted for: ramptop $*"
    bad=1
}

# shellcheck disable=SC2317 # called by the completion; the real one only lives inside one
compopt() { :; }
# shellcheck source=completions/bash/ramptop
. completions/bash/ramptop
offers --users --us
offers --spawn-rate -u 5 --sp
offers braille --chars br
offers lognormal demo --service l
offers demo d
offers limits li
offers har import h
offers 1,10,25,50 bench --concurrency 1
offers visitor profiles/shop.cfg v
offers profiles/demo.cfg profiles/d
offers baseline profiles/demo.cfg --level b

for shell in zsh fish; do
    command -v $shell >/dev/null 2>&1 || continue
    $shell -n completions/$shell/*ramptop* || bad=1
done
exit $bad
