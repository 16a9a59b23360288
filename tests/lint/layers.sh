#!/bin/sh
# SPDX-License-Identifier: MIT
# What may use what: includes point down only, each outside library has one home, and
# nothing below main prints or ends the program.

cd "${top_srcdir:-.}" && [ -f src/main.c ] || exit 99
bad=0
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT

# complain TEXT: where something was found
complain()
{
    [ -z "$1" ] && return
    echo "$1"
    bad=1
}

# ----------------------------------------------------------------------------- includes

# One line each: the file, the header with its quotes or angle brackets.
awk 'match($0, /^[ \t]*#[ \t]*include[ \t]*["<][^">]*[">]/) {
        header = substr($0, RSTART, RLENGTH)
        sub(/^[^"<]*/, "", header)
        print FILENAME, header
    }' src/*.[ch] src/*/*.[ch] src/*/*/*.[ch] ui/*.[ch] >"$work/includes" || exit 99

complain "$(tr -d '"' <"$work/includes" | while read -r file header; do
    case $header in '<'* | config.h) continue ;; esac
    [ -f "$header" ] || echo "$file: includes $header, which is not written from the top"
done)"

# only FILES HEADERS: two patterns; the project's headers that these files may include
only()
{
    found=$(files=$1 headers=$2 awk '
        $1 ~ "^(" ENVIRON["files"] ")$" && $2 ~ /^"/ && $2 !~ "^\"(" ENVIRON["headers"] ")\"$" {
            print $1 ": may not include " $2 }' "$work/includes") || exit 99
    complain "$found"
}

# layer FOLDER FOLDER-IT-MAY-USE...
layer()
{
    from=$1
    shift
    only "$from/.*" "($(echo "$*" | tr -s ' ' '|'))/.*|config[.]h"
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
layer src/list    src/list src/profile src/base
layer src/demo    src/demo src/script src/settings src/base
layer src/run     src/run src/load src/probe src/profile src/stats src/base
layer src/record  src/record src/run src/profile src/stats src/base
layer src/bench   src/bench src/run src/report src/profile src/stats src/base
layer src/ratelimit src/ratelimit src/run src/load src/report src/profile src/script src/stats src/base
layer src/cli     src/cli ui src/record src/bench src/ratelimit src/list src/run src/report src/import src/demo \
                  src/load src/probe src/profile src/script src/settings src/stats src/base
layer ui          ui src/run src/report src/profile src/stats src/base
# The console draws snapshots itself; reports are for the frontend without a terminal.
complain "$(awk '$1 ~ /^ui\// && $1 !~ /^ui\/headless/ && $2 ~ /src\/report/ {
    print $1 ": may not include " $2 }' "$work/includes")"

only 'src/cli/cli[^/]*' 'src/cli/(cli|cli_table|subcommand)[.]h|src/base/.*'
only 'src/cli/conf[^/]*' 'src/cli/(conf|conf_locust|cli|cli_table|subcommand)[.]h|src/(profile|settings|base)/.*'
only 'src/cli/start[.].' 'src/(base|bench|cli|import|list|probe|profile|ratelimit|run|script|settings|stats)/.*'

# home HEADERS FILES: two patterns; the only users of a library
home()
{
    found=$(headers=$1 files=$2 awk '
        $2 ~ "^<(" ENVIRON["headers"] ")>$" && $1 !~ "^(" ENVIRON["files"] ")$" {
            print $1 ": " $2 " has its home in " ENVIRON["files"] }' "$work/includes") || exit 99
    complain "$found"
}

home '(n?curses(w/curses)?|term)\.h' 'ui/tty\.c'
home 'libconfig\.h' 'src/settings/read\.c'
home 'curl/.*' 'src/load/(transport_curl|curl_[a-z]*)\.[ch]|src/probe/http_client\.c'
home 'jansson\.h' 'src/report/(probes_)?json(_value)?\.[ch]|src/import/har\.c|src/(bench|list|probe|ratelimit)/([a-z]*/)?[a-z_]*json\.c'
home 'microhttpd\.h' 'src/demo/http\.c'
home 'libpq.*\.h|postgresql/.*' 'src/demo/postgres\.c|src/probe/postgres/pq\.c'
home 'pcre2.*\.h' 'src/script/pattern\.c'
home 'check\.h' 'none'

# Above the transports nobody knows libcurl, not even in a comment: another transport need not do
# as it does.  Only the table names the one that is made of it; src/import reads the program's words.
complain "$(awk '
    FILENAME ~ "^src/(import/.*|load/(transport_curl|transports|curl_[a-z]*)[.][ch]|probe/http_client[.][ch])$" { next }
    /libcurl|transport_curl|"src\/load\/curl_|(^|[^_[:alnum:]])(CURL|curl_(easy|free|global|multi|off_t|share|slist|socket|url|version))/ {
        print FILENAME ":" FNR ": speaks of libcurl: " $0 }
    ' src/*.[ch] src/*/*.[ch] src/*/*/*.[ch] ui/*.[ch])"

# -------------------------------------------------------------------------------- calls

awk -f tests/lint/strip.awk src/*.c src/*/*.c src/*/*/*.c ui/*.c >"$work/text" || exit 99

# forbid FILES WORDS WHY FILE...: two patterns; lines with WORDS in FILES but for those named
forbid()
{
    export files="$1" words="$2" why="$3"
    shift 3
    found=$(awk -v spared="$*" '
        BEGIN { n = split(spared, name, " "); while (n > 0) is_spared[name[n--]] = 1 }
        { file = $1; sub(/:.*/, "", file) }
        file in is_spared || file !~ "^(" ENVIRON["files"] ")$" { next }
        substr($0, length($1) + 1) ~ ENVIRON["words"] { print $0 " -- " ENVIRON["why"] }
        ' "$work/text") || exit 99
    complain "$found"
}

# What a profile makes the program read goes through src/script/permissions.c, which notes it for
# the user's trust.  Beside it: the profile itself with its includes, which are noted when they are
# all there (source.c), and what the user named (foreign.c, read.c's picker).
forbid 'src/(script|profile|settings)/.*' \
    '[^_[:alnum:]]((getenv|secure_getenv|open|openat|fopen|freopen|creat) *[(]|environ[^_[:alnum:]])' \
    'reads variables and files by src/script/permissions.h' \
    src/script/permissions.c src/settings/source.c src/profile/foreign.c
# A request of a profile gets its URL where its server is noted; profile.c: a bare URL's.
forbid 'src/profile/.*' '(->|[.])url = template_' "a request's URL is language_request's" \
    src/profile/language_request.c src/profile/profile.c

# Ends the program: only main; what runs out of memory, and processes of their own.
forbid '(src/.*|ui)/.*' '[^_>.[:alnum:]](exit|_Exit|quick_exit) *[(]' 'ends the program'
forbid '(src/.*|ui)/.*' '[^_>.[:alnum:]]abort *[(]' 'ends the program' src/base/mem.c
forbid '(src/.*|ui)/.*' '[^_>.[:alnum:]]_exit *[(]' 'ends the program' src/demo/child.c src/probe/guard.c
# What speaks to people does so through base/out.h, which cleans it.  Past that only the
# handlers of main write, where nothing may be allocated, and only texts of their own.
forbid '.*' '[^_>.[:alnum:]](v?d?printf|puts|putchar|perror) *[(]|[^_[:alnum:]](stdout|stderr)([^_[:alnum:]]|$)' \
    'writes past src/base/out.h'
forbid '.*' '[^_[:alnum:]]write *[(] *STD(OUT|ERR)_FILENO' 'writes past src/base/out.h' src/main.c

# The text of a secret is read where it is sent and where it is looked for, by files that know
# not to show it.
forbid '.*' '[^_[:alnum:]]secret_reveal([^_[:alnum:]]|$)' 'reveals a secret' src/script/secret.c \
    src/script/scrub.c src/script/template.c src/probe/http_client.c src/probe/redis.c \
    src/probe/postgres/pq.c

exit $bad
