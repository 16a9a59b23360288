/* SPDX-License-Identifier: MIT */
/* Any lines as --set on a profile: settings as if they were written so, or sentences with
 * the key. */
#include "src/base/problems.h"
#include "src/profile/read.h"
#include "src/settings/read.h"
#include "src/settings/set.h"
#include "tests/fuzz/fuzz.h"

#define SETS 16

static const char profile[] =
    "target = \"http://h\"; headers = { A = \"b\"; };\n"
    "user_classes = ( { name = \"u\"; weight = 2; wait = { between = [1.0, 2.0]; };\n"
    "  tasks = ( { request = \"GET /\"; expect = [200, 201]; }, { name = \"t\"; steps = (\n"
    "    { request = \"GET /a\"; } ); } ); }, { name = \"v\"; tasks = ( { request = \"GET /\"; } ); } );\n"
    "levels = { smoke = { users = 3; spawn_rate = 1.0; }; };\n";

/* What the language relies on: names in groups and nowhere else, values of their kind. */
static void check_tree(const struct node *n)
{
    must(n->line > 0 && (n->kind != NODE_STRING || n->string != NULL));
    must(n->set == NULL || n->set_len <= strlen(n->set));
    for (size_t i = 0; i < n->n; i++) {
        must((n->kind == NODE_GROUP) == (n->items[i].name != NULL));
        check_tree(&n->items[i]);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *lines[SETS], *block;
    const char *sets[SETS];
    size_t n = fuzz_lines(data, size, lines, SETS, &block);
    struct source s;
    struct node root;
    struct problems problems = {0};
    for (size_t i = 0; i < n; i++)
        sets[i] = lines[i];
    must(source_from_text(&s, "p.cfg", profile, sizeof profile - 1, &problems) &&
         settings_read(&root, &s, &problems));
    must(settings_set(&root, sets, n, &problems) == (problems.n == 0));
    check_tree(&root);
    for (size_t i = 0; i < problems.n; i++)
        must(strncmp(problems.lines[i], "--set ", 6) == 0 && fuzz_is_clean(problems.lines[i]));
    node_finish(&root);
    source_finish(&s);
    problems_finish(&problems);

    const struct profile_overrides o = {.sets = sets, .n_sets = n};
    struct profile *p = profile_parse("p.cfg", profile, sizeof profile - 1, &o, &problems);
    must((p == NULL) == (problems.n > 0));
    profile_unref(p);
    problems_finish(&problems);
    free(block);
    return 0;
}
