/* SPDX-License-Identifier: MIT */
/* Any bytes as a HAR file: a profile that can be read, or a sentence. */
#include "src/import/import.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/printed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct import_options all = {
        .keep_secrets = true, .keep_static = true, .keep_all_hosts = true};
    for (int with = 0; with < 2; with++) {
        char *text = NULL;
        struct err e = {""};
        check_printed(
            import_har("fuzz.har", (const char *)data, size, with ? &all : NULL, &text, &e), text,
            &e);
    }
    return 0;
}
