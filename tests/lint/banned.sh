#!/bin/sh
# SPDX-License-Identifier: MIT
# Functions that overflow, hide errors or share state between threads have no place in
# the program; each has a better one.  What allocates is in base/mem.h, which is never NULL.

cd "${top_srcdir:-.}" && [ -f src/main.c ] || exit 99
command -v "${CC:-cc}" >/dev/null 2>&1 || {
    echo "skipped: no C compiler to read the sources with (apt-get install gcc)"
    exit 77
}
bad=0
words='sprintf|vsprintf|strcpy|strcat|strncpy|gets|atoi|atol|atoll|atof|strtok|localtime|gmtime|asctime|ctime|asctime_r|ctime_r|rand|srand|random|tmpnam|tempnam|mktemp|alloca|system|popen|usleep|gethostbyname|bcopy|bzero'
unchecked='malloc|calloc|realloc|aligned_alloc|posix_memalign|strdup|strndup|asprintf|vasprintf|open_memstream|getline|getdelim'

for file in src/*.[ch] src/*/*.[ch] src/*/*/*.[ch] ui/*.[ch]; do
    here=$words
    [ "$file" = src/base/mem.c ] || here="$words|$unchecked"
    found=$("${CC:-cc}" -fpreprocessed -E -P -w -x c "$file" 2>/dev/null |
        sed 's/\\"//g; s/"[^"]*"/""/g' |
        grep -nE "(^|[^_[:alnum:]])($here) *\(" | head -3)
    if [ -n "$found" ]; then
        echo "$file: banned: $found"
        bad=1
    fi
    head -1 "$file" | grep -q 'SPDX-License-Identifier: MIT' || {
        echo "$file: the first line must name the licence"
        bad=1
    }
done
exit $bad
