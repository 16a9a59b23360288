/* SPDX-License-Identifier: MIT */
/* The file's bytes are turned into cells in place: without quotes and separators they only
 * get fewer.  Each cell ends with a NUL, and the next one begins right behind it. */
#include "src/script/feeder.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/base/buf.h"
#include "src/base/clean.h"
#include "src/base/mem.h"
#include "src/script/permissions.h"

#define SHOWN_MAX 200

struct feeder {
    char *name; /* in the profile */
    char *text;
    uint32_t *starts; /* where each cell begins, row by row, and where the next would */
    size_t n;         /* cells */
    char **names;     /* the columns' names */
    unsigned columns;
    uint32_t rows;
    enum feeder_order order;
    enum feeder_end at_end;
};

/* --------------------------------------------------------------------------- parsing */

struct reader {
    struct feeder *f;
    const char *in, *end;
    char *out;
    char delimiter;
    unsigned long row; /* as a spreadsheet counts: the first line is row 1 */
    struct err *e;
};

static bool begin_cell(struct reader *r)
{
    struct feeder *f = r->f;
    f->starts = mem_room(f->starts, f->n, sizeof *f->starts);
    f->starts[f->n++] = (uint32_t)(r->out - f->text);
    return true;
}

/* 1 or 2 for a line feed alone or behind a carriage return, else 0. */
static unsigned at_line_end(const struct reader *r)
{
    if (r->in < r->end && *r->in == '\n')
        return 1;
    return r->end - r->in >= 2 && r->in[0] == '\r' && r->in[1] == '\n' ? 2 : 0;
}

static bool at_cell_end(const struct reader *r)
{
    return r->in == r->end || *r->in == r->delimiter || at_line_end(r) > 0;
}

static bool cell_read_quoted(struct reader *r)
{
    for (r->in++;; *r->out++ = *r->in++) {
        if (r->in == r->end)
            return err_set(r->e, "row %lu: a quoted field is not closed", r->row);
        if (*r->in != '"')
            continue;
        if (++r->in == r->end || *r->in != '"')
            break;
    }
    return at_cell_end(r) ||
           err_set(r->e,
                   "row %lu: there is text behind a closing quote (a quote inside a quoted "
                   "field is written twice)",
                   r->row);
}

static bool cell_read_bare(struct reader *r)
{
    for (; !at_cell_end(r); *r->out++ = *r->in++) {
        if (*r->in == '"')
            return err_set(r->e,
                           "row %lu: a quote stands inside a field that does not begin "
                           "with one",
                           r->row);
        if (*r->in == '\r')
            return err_set(r->e, "row %lu: a carriage return stands alone", r->row);
    }
    return true;
}

static bool is_text(const char *text, size_t len)
{
    for (size_t i = 0, n; i < len; i += n) {
        uint32_t cp;
        n = (unsigned char)text[i] < 0x80 ? 1 : clean_decode(text + i, len - i, &cp);
        if (n == 0)
            return false;
    }
    return true;
}

static bool read_cell(struct reader *r)
{
    const char *begin = r->out;
    begin_cell(r);
    if (!(r->in < r->end && *r->in == '"' ? cell_read_quoted(r) : cell_read_bare(r)))
        return false;
    size_t len = (size_t)(r->out - begin);
    if (memchr(begin, '\0', len) != NULL)
        return err_set(r->e, "row %lu holds a NUL byte", r->row);
    if (!is_text(begin, len))
        return err_set(r->e, "row %lu is not UTF-8", r->row);
    return true;
}

/* Reads a row's cells and the line end behind them. */
static bool feeder_read_row(struct reader *r, unsigned *cells)
{
    for (*cells = 1;; ++*cells) {
        if (*cells > FEEDER_MAX_COLUMNS)
            return err_set(r->e, "row %lu has more than %u fields", r->row, FEEDER_MAX_COLUMNS);
        if (!read_cell(r))
            return false;
        /* The NUL falls on what was read already, or behind the end. */
        bool more = r->in < r->end && *r->in == r->delimiter;
        r->in += more ? 1 : at_line_end(r);
        *r->out++ = '\0';
        if (!more)
            return true;
    }
}

static bool name_columns(struct feeder *f, unsigned columns, struct err *e)
{
    f->columns = columns;
    f->names = mem_array(columns + 1, sizeof *f->names);
    for (unsigned i = 0; i < columns; i++) {
        const char *name = f->text + f->starts[i];
        size_t len;
        name += strspn(name, " \t");
        for (len = strlen(name); len > 0 && strchr(" \t", name[len - 1]) != NULL;)
            len--;
        if (len == 0)
            return err_set(e, "column %u has no name in the first line", i + 1);
        char *copy = mem_strndup(name, len), shown[SHOWN_MAX];
        bool twice = feeder_column(f, copy) >= 0;
        f->names[i] = copy;
        clean_text(shown, sizeof shown, copy, len);
        if (twice)
            return err_set(e, "two columns are named \"%s\"", shown);
    }
    return true;
}

static bool read_rows(struct reader *r)
{
    struct feeder *f = r->f;
    while (r->in < r->end) {
        unsigned cells, blank = at_line_end(r);
        r->row++;
        r->in += blank;
        if (blank > 0)
            continue;
        if (!feeder_read_row(r, &cells))
            return false;
        if (f->names == NULL) {
            if (!name_columns(f, cells, r->e))
                return false;
            continue;
        }
        if (cells != f->columns)
            return err_set(r->e, "row %lu has %u field%s, the first line has %u", r->row, cells,
                           cells == 1 ? "" : "s", f->columns);
        if (f->rows == FEEDER_MAX_ROWS)
            return err_set(r->e, "there are more than %u rows", FEEDER_MAX_ROWS);
        f->rows++;
    }
    begin_cell(r); /* where the last cell's NUL ends */
    if (f->names == NULL)
        return err_set(r->e, "the file is empty: its first line names the columns");
    return f->rows > 0 || err_set(r->e, "no row stands below the names of the columns");
}

static bool is_delimiter(char c)
{
    return c != '"' && c != '\r' && c != '\n' && (c == '\t' || (c >= ' ' && c < 0x7f));
}

/* Takes the text over, and the byte behind it. */
static struct feeder *feeder_parse_text(struct buf *from, const struct feeder_config *cfg,
                                        struct err *e)
{
    struct feeder *f = mem_zalloc(sizeof *f);
    size_t len = from->len;
    char *text = f->text = buf_take(from);
    f->order = cfg->order;
    f->at_end = cfg->at_end;
    f->name = mem_strdup(cfg->name != NULL ? cfg->name : "");
    struct reader r = {.f = f, .in = text, .end = text + len, .out = text, .e = e};
    r.delimiter = cfg->delimiter != '\0' ? cfg->delimiter : ',';
    bool ok = true;
    if (!is_delimiter(r.delimiter))
        ok = err_set(e, "a delimiter is one character such as , or ; or a tab, no quote");
    else if (len > FEEDER_MAX_BYTES)
        ok = err_set(e, "the file is larger than %u MiB", FEEDER_MAX_BYTES >> 20);
    else if (len >= 2 && (memcmp(text, "\xff\xfe", 2) == 0 || memcmp(text, "\xfe\xff", 2) == 0))
        ok = err_set(e, "the file is UTF-16: save it as UTF-8");
    r.in += clean_mark_len(text, len);
    if (ok && read_rows(&r))
        return f;
    feeder_free(f);
    return NULL;
}

struct feeder *feeder_parse(const char *text, size_t len, const struct feeder_config *cfg,
                            struct err *e)
{
    struct buf copy = {0};
    buf_add(&copy, text, len);
    return feeder_parse_text(&copy, cfg, e);
}

/* --------------------------------------------------------------------------- reading */

struct feeder *feeder_read(const char *path, const struct feeder_config *cfg, struct err *e)
{
    char shown[SHOWN_MAX];
    clean_text(shown, sizeof shown, path, strlen(path));
    int fd = permissions_open(cfg->permissions, path);
    struct stat st;
    if (fd < 0 || fstat(fd, &st) != 0) {
        err_set(e, "cannot read %s: %s", shown, strerror(errno));
        if (fd >= 0)
            close(fd);
        return NULL;
    }
    struct feeder *f = NULL;
    struct err half;
    struct buf text = {0};
    if (!S_ISREG(st.st_mode))
        err_set(e, "%s is no regular file", shown);
    else if (st.st_size > (off_t)FEEDER_MAX_BYTES)
        err_set(e, "%s is larger than %u MiB", shown, FEEDER_MAX_BYTES >> 20);
    else if (!buf_read(&text, fd, FEEDER_MAX_BYTES))
        err_set(e, "cannot read %s: %s", shown, strerror(errno));
    else if ((f = feeder_parse_text(&text, cfg, &half)) == NULL)
        err_set(e, "%s: %s", shown, half.text);
    buf_finish(&text);
    close(fd);
    return f;
}

void feeder_free(struct feeder *f)
{
    if (f == NULL)
        return;
    for (unsigned i = 0; f->names != NULL && i < f->columns; i++)
        free(f->names[i]);
    free(f->names);
    free(f->starts);
    free(f->text);
    free(f->name);
    free(f);
}

/* ----------------------------------------------------------------------------- using */

const char *feeder_name(const struct feeder *f)
{
    return f->name;
}

uint32_t feeder_rows(const struct feeder *f)
{
    return f->rows;
}

enum feeder_order feeder_order(const struct feeder *f)
{
    return f->order;
}

const char *feeder_column_name(const struct feeder *f, unsigned i)
{
    return i < f->columns ? f->names[i] : NULL;
}

int feeder_column(const struct feeder *f, const char *name)
{
    for (unsigned i = 0; i < f->columns && f->names[i] != NULL; i++) {
        if (strcmp(f->names[i], name) == 0)
            return (int)i;
    }
    return -1;
}

const char *feeder_cell(const struct feeder *f, uint32_t row, unsigned column, size_t *len)
{
    size_t i = ((size_t)row + 1) * f->columns + column; /* the names are the row before the first */
    *len = f->starts[i + 1] - f->starts[i] - 1;
    return f->text + f->starts[i];
}

enum feeder_row feeder_take(const struct feeder *f, _Atomic uint64_t *cursor, uint32_t user,
                            struct rng *rng, uint32_t *row)
{
    uint64_t next = user;
    if (f->order == FEEDER_RANDOM)
        next = rng_below(rng, f->rows);
    if (f->order == FEEDER_SEQUENTIAL) /* only the number counts, nothing is ordered by it */
        next = atomic_fetch_add_explicit(cursor, 1, memory_order_relaxed);
    if (next >= f->rows && f->at_end == FEEDER_STOP)
        return FEEDER_NO_ROW;
    *row = (uint32_t)(next % f->rows);
    return next >= f->rows && f->order == FEEDER_UNIQUE ? FEEDER_SHARED_ROW : FEEDER_OWN_ROW;
}
