#!/bin/sh
# SPDX-License-Identifier: MIT
# Functions that overflow, hide errors or share state between threads have no place in
# the program; each has a better one.  What allocates is in base/mem.h, which is never NULL.

cd "${top_srcdir:-.}" && [ -f src/main.c ] || exit 99
bad=0
words='sprintf|vsprintf|strcpy|strcat|strncpy|gets|atoi|atol|atoll|atof|strtok|localtime|gmtime|asctime|ctime|asctime_r|ctime_r|rand|srand|random|tmpnam|tempnam|mktemp|alloca|system|popen|usleep|gethostbyname|bcopy|bzero'
unchecked='malloc|calloc|realloc|aligned_alloc|posix_memalign|strdup|strndup|asprintf|vasprintf|open_memstream|getline|getdelim'

sources=$(printf '%s\n' src/*.[ch] src/*/*.[ch] src/*/*/*.[ch] ui/*.[ch] | grep -v '\*')
# shellcheck disable=SC2086
found=$(awk -f tests/lint/strip.awk $sources |
    awk -v words="[^_[:alnum:]]($words) *[(]" -v unchecked="[^_[:alnum:]]($unchecked) *[(]" '
        $0 ~ words || !/^src\/base\/mem\.c:/ && $0 ~ unchecked')
[ -z "$found" ] || {
    echo "banned:"
    echo "$found"
    bad=1
}
# shellcheck disable=SC2086
awk 'FNR == 1 && !/SPDX-License-Identifier: MIT/ {
        print FILENAME ": the first line must name the licence"; bad = 1 }
    END { exit bad }' $sources || bad=1
exit $bad
