/* SPDX-License-Identifier: MIT */
/* Any bytes read as a table: what is accepted has the promised form, and written out as
 * CSV and read again it is the same table.  The first byte chooses the delimiter. */
#include "src/base/buf.h"
#include "src/script/feeder.h"
#include "tests/fuzz/fuzz.h"

static void write_cell(struct buf *csv, const char *cell, size_t len)
{
    buf_char(csv, '"');
    for (size_t i = 0; i < len; i++) {
        if (cell[i] == '"')
            buf_char(csv, '"');
        buf_char(csv, cell[i]);
    }
    buf_char(csv, '"');
}

static unsigned count_columns(const struct feeder *f)
{
    unsigned n = 0;
    while (feeder_column_name(f, n) != NULL)
        n++;
    must(n > 0 && n <= FEEDER_MAX_COLUMNS);
    return n;
}

static void write_table(const struct feeder *f, struct buf *csv)
{
    unsigned columns = count_columns(f);
    for (unsigned i = 0; i < columns; i++) {
        const char *name = feeder_column_name(f, i);
        must(feeder_column(f, name) == (int)i);
        buf_text(csv, i > 0 ? "," : "");
        write_cell(csv, name, strlen(name));
    }
    buf_text(csv, "\r\n");
    for (uint32_t row = 0; row < feeder_rows(f); row++) {
        for (unsigned i = 0; i < columns; i++) {
            size_t len;
            const char *cell = feeder_cell(f, row, i, &len);
            must(strlen(cell) == len);
            buf_text(csv, i > 0 ? "," : "");
            write_cell(csv, cell, len);
        }
        buf_text(csv, "\r\n");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    struct feeder_config cfg = {.delimiter = (char)data[0]};
    struct err e = {""};
    struct feeder *f = feeder_parse((const char *)data + 1, size - 1, &cfg, &e);
    if (f == NULL) {
        must(e.text[0] != '\0' && fuzz_is_clean(e.text));
        return 0;
    }
    must(feeder_rows(f) > 0);
    struct buf once = {0}, twice = {0};
    write_table(f, &once);
    cfg.delimiter = ',';
    struct feeder *again = feeder_parse(once.data, once.len, &cfg, &e);
    must(again != NULL);
    write_table(again, &twice);
    must(once.len == twice.len && memcmp(once.data, twice.data, once.len) == 0);
    feeder_free(f);
    feeder_free(again);
    buf_finish(&once);
    buf_finish(&twice);
    return 0;
}
