/* SPDX-License-Identifier: MIT */
/* Any text as a pasted curl command, and its lines as the words of one: a profile that can
 * be read, or a sentence. */
#include "src/import/import.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/printed.h"

#define MAX_WORDS 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct import_options keep = {.keep_secrets = true};
    char *words[MAX_WORDS], *block, *whole = malloc(size + 1);
    must(whole != NULL);
    if (size > 0)
        memcpy(whole, data, size);
    whole[size] = '\0';
    size_t n = fuzz_lines(data, size, words, MAX_WORDS, &block);
    for (int with = 0; with < 2; with++) {
        char *text = NULL;
        struct err e = {""};
        check_printed(import_curl(&whole, 1, with ? &keep : NULL, &text, &e), text, &e);
        e.text[0] = '\0';
        check_printed(import_curl(words, n, with ? &keep : NULL, &text, &e), text, &e);
    }
    free(block);
    free(whole);
    return 0;
}
