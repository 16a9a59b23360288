/* SPDX-License-Identifier: MIT */
/* Any bytes cleaned: what comes out can be shown, fits, and stays as it is when it is
 * cleaned again.  The first byte says how much room there is. */
#include "src/base/clean.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    size_t room = data[0] < 0xff ? data[0] : size * 3 + 1;
    char *once = malloc(room + 1), *twice = malloc(room + 1);
    must(once != NULL && twice != NULL);
    once[room] = 'x';
    size_t n = clean_text(once, room, (const char *)data + 1, size - 1);
    must(once[room] == 'x' && (room == 0 ? n == 0 : n < room && strlen(once) == n));
    if (room > 0) {
        must(fuzz_is_clean(once));
        must(clean_text(twice, room, once, n) == n && strcmp(once, twice) == 0);
    }
    free(once);
    free(twice);
    return 0;
}
