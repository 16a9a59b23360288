#!/bin/sh
# SPDX-License-Identifier: MIT
# What may use what: includes point down only, each outside library has one home, and
# nothing below main prints or ends the program.

cd "${top_srcdir:-.}" && [ -f src/main.c ] || exit 99
bad=0

complain()
{
    echo "$1"
    bad=1
}

# includes FILE: the project's headers it includes
includes()
{
    sed -n 's/^[[:space:]]*#[[:space:]]*include[[:space:]]*"\([^"]*\)".*/\1/p' "$1"
}

# layer FOLDER FOLDER-IT-MAY-USE...
layer()
{
    from=$1
    shift
    for file in "$from"/*.[ch] "$from"/*/*.[ch]; do
        [ -e "$file" ] || continue
        for header in $(includes "$file"); do
            case $header in config.h) continue ;; esac
            ok=no
            for to in "$@"; do
                case $header in "$to"/*) ok=yes ;; esac
            done
            [ $ok = yes ] || complain "$file: may not include $header"
            [ -f "$header" ] || complain "$file: includes $header, which is not written from the top"
        done
    done
}

layer src/base    src/base
layer src/stats   src/stats src/base
layer src/settings src/settings src/base
layer src/script  src/script src/base
layer src/profile src/profile src/script src/settings src/base
layer src/import  src/import src/script src/base
layer src/load    src/load src/profile src/script src/stats src/base
layer src/probe   src/probe src/profile src/script src/stats src/base
layer src/report  src/report src/stats src/base
layer src/list    src/list src/profile src/script src/stats src/base
layer src/demo    src/demo src/script src/settings src/base
layer src/run     src/run src/load src/probe src/profile src/stats src/base
layer src/bench   src/bench src/run src/report src/profile src/stats src/base
layer src/ratelimit src/ratelimit src/run src/load src/report src/profile src/script src/stats src/base
layer src/cli     src/cli ui src/bench src/ratelimit src/list src/run src/report src/import src/demo src/load src/probe src/profile \
                  src/script src/settings src/stats src/base
layer ui          ui src/run src/report src/profile src/stats src/base

for header in $(for file in src/cli/cli*.[ch]; do includes "$file"; done); do
    case $header in
    src/cli/cli.h | src/cli/cli_table.h | src/base/*) ;;
    *) complain "src/cli/cli*.[ch]: may not include $header" ;;
    esac
done
for header in $(for file in src/cli/conf*.[ch]; do includes "$file"; done); do
    case $header in
    src/cli/conf.h | src/cli/conf_locust.h | src/cli/cli.h | src/cli/cli_table.h | src/profile/* | src/settings/* | src/base/*) ;;
    *) complain "src/cli/conf*.[ch]: may not include $header" ;;
    esac
done
for header in $(includes src/cli/start.c) $(includes src/cli/start.h); do
    case $header in
    src/load/* | src/demo/* | src/report/* | ui/*) complain "src/cli/start.[ch]: may not include $header" ;;
    esac
done

# What a profile makes the program read goes through src/script/permissions.c, which notes it for
# the user's trust.  Beside it: the profile itself with its includes, which are noted when they are
# all there (source.c), and what the user named (foreign.c, read.c's picker).
for file in src/script/*.c src/profile/*.c src/settings/*.c; do
    case $file in
    src/script/permissions.c | src/settings/source.c | src/profile/foreign.c) continue ;;
    esac
    grep -nE '(^|[^_[:alnum:]])(getenv|secure_getenv|open|openat|fopen|freopen|creat|environ) *\(' "$file" |
        grep -v '^[0-9]*: *\*' | grep -q . && complain "$file: reads variables and files by src/script/permissions.h"
done
# A request of a profile gets its URL where its server is noted.
for file in src/profile/*.c; do
    case $file in
    src/profile/language_request.c | src/profile/profile.c) continue ;; # profile.c: a bare URL's
    esac
    grep -qE '(->|\.)url = template_' "$file" && complain "$file: a request's URL is language_request's"
done

# home PATTERN-OF-HEADERS PATTERN-OF-FILES: the only users of a library
home()
{
    for file in src/*.[ch] src/*/*.[ch] src/*/*/*.[ch] ui/*.[ch]; do
        grep -Eq "^[[:space:]]*#[[:space:]]*include[[:space:]]*<($1)>" "$file" || continue
        echo "$file" | grep -Eq "^($2)\$" || complain "$file: $1 has its home in $2"
    done
}

home '(n?curses(w/curses)?|term)\.h' 'ui/tty\.c'
home 'libconfig\.h' 'src/settings/read\.c'
home 'curl/.*' 'src/load/[a-z_]*\.[ch]|src/probe/http_client\.c'
home 'jansson\.h' 'src/report/(probes_)?json(_value)?\.[ch]|src/import/har\.c|src/(bench|list|probe|ratelimit)/([a-z]*/)?[a-z_]*json\.c'
home 'microhttpd\.h' 'src/demo/http\.c'
home 'libpq.*\.h|postgresql/.*' 'src/demo/postgres\.c|src/probe/postgres/pq\.c'
home 'pcre2.*\.h' 'src/script/pattern\.c'
home 'check\.h' 'none'

# The sources without their comments and string literals: once, for all that is asked below.
stripped=$(mktemp -d) || exit 99
trap 'rm -rf "$stripped"' EXIT
strip_sources()
{
    for file in src/*.c src/*/*.c src/*/*/*.c ui/*.c; do
        mkdir -p "$stripped/${file%/*}"
        "${CC:-cc}" -fpreprocessed -E -P -w -x c "$file" 2>/dev/null |
            sed 's/\\"//g; s/"[^"]*"/""/g' >"$stripped/$file"
    done
}

command -v "${CC:-cc}" >/dev/null 2>&1 || {
    echo "skipped: no C compiler to read the sources with (apt-get install gcc)"
    exit 77
}
strip_sources
for file in src/*/*.c src/*/*/*.c ui/*.c; do
    words='(^|[^_>.[:alnum:]])(printf|puts|putchar|perror|vprintf|_?exit|_Exit|quick_exit|abort) *\(|(stdout|stderr)([^_[:alnum:]]|$)'
    case $file in
    src/base/mem.c) words=$(echo "$words" | sed 's/|abort//') ;;        # memory has run out
    src/demo/child.c | src/probe/guard.c) words=$(echo "$words" | sed 's/|_?exit/|exit/') ;; # processes of their own
    ui/headless.c) words=$(echo "$words" | sed 's/(stdout|stderr)/(stdout)/') ;; # a frontend
    esac
    found=$(grep -nE "$words" "$stripped/$file" | head -3)
    [ -z "$found" ] || complain "$file: prints or ends the program: $found"
done
# What speaks to people does so through base/out.h, which cleans it.  Past that only the
# handlers of main write, where nothing may be allocated, and only texts of their own.
for file in src/*.c src/*/*.c src/*/*/*.c ui/*.c; do
    words='(^|[^_>.[:alnum:]])(v?printf|v?dprintf|puts|putchar|perror) *\(|(^|[^_[:alnum:]])(stdout|stderr)([^_[:alnum:]]|$)'
    [ "$file" = src/main.c ] || words="$words|[^_[:alnum:]]write *\( *STD(OUT|ERR)_FILENO"
    found=$(grep -nE "$words" "$stripped/$file" | head -3)
    [ -z "$found" ] || complain "$file: writes past src/base/out.h: $found"
done

# The text of a secret is read where it is sent and where it is looked for, by files that know
# not to show it.
for file in src/*.c src/*/*.c src/*/*/*.c ui/*.c; do
    case $file in src/script/secret.c | src/script/scrub.c | src/script/template.c) continue ;;
    src/probe/http_client.c | src/probe/redis.c | src/probe/postgres/pq.c) continue ;; esac
    found=$(grep -nE '(^|[^_[:alnum:]])secret_reveal([^_[:alnum:]]|$)' "$stripped/$file" | head -3)
    [ -z "$found" ] || complain "$file: reveals a secret: $found"
done

exit $bad
