/* SPDX-License-Identifier: MIT */
/* printed.h - what an import promises: a profile's text whose settings can be read, or one
 * clean sentence. */
#ifndef RAMPTOP_TESTS_PRINTED_H
#define RAMPTOP_TESTS_PRINTED_H

#include "src/base/err.h"
#include "src/settings/read.h"
#include "tests/fuzz/fuzz.h"

/* Takes text over. */
static inline void check_printed(bool ok, char *text, const struct err *e)
{
    struct problems problems = {0};
    struct source s = {0};
    struct node root = {0};
    must(ok == (text != NULL) && ok == (e->text[0] == '\0'));
    must(fuzz_is_clean(e->text));
    if (ok) {
        must(source_from_text(&s, "printed.cfg", text, strlen(text), &problems));
        must(settings_read(&root, &s, &problems));
        must(node_get(&root, "target") != NULL && node_get(&root, "user_classes") != NULL);
        node_finish(&root);
        source_finish(&s);
    }
    problems_finish(&problems);
    free(text);
}

#endif
