/* SPDX-License-Identifier: MIT */
/* Whatever a machine sends in place of its /proc. */
#include "src/probe/procfs.h"
#include "tests/fuzz/fuzz.h"

static void as_process(const char *text)
{
    struct proc_stat s = {0};
    uint64_t v, inodes[4];
    if (procfs_stat(text, &s))
        must(s.pid != 0 && strlen(s.name) < sizeof s.name);
    procfs_kb(text, "RssAnon", &v);
    procfs_open_files(text, &v);
    must(procfs_listeners(text, 8080, inodes, 4) <= 4);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    struct machine m = {0};
    must(text != NULL);
    memcpy(text, data, size);
    text[size] = '\0';
    as_process(text);
    procfs_block(text, &m);
    must(m.n_disks <= sizeof m.disks / sizeof *m.disks);
    for (size_t i = 0; i < m.n_disks; i++)
        must(strlen(m.disks[i].name) < sizeof m.disks[i].name);
    free(text);
    return 0;
}
