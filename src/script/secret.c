/* SPDX-License-Identifier: MIT */
#include "src/script/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/base/clean.h"
#include "src/base/mem.h"

#define FILE_MAX_BYTES 65536
#define SHOWN_MAX 200
#define SCRUB_MIN 4     /* bytes: a shorter secret would eat every text */
#define LONGEST_UNIT 12 /* bytes of one escaped character */

struct secret {
    char *text;
    size_t len;
};

static void (*first_secret_hook)(void);
static atomic_flag first_secret_made = ATOMIC_FLAG_INIT;

void secret_on_first(void (*hook)(void))
{
    first_secret_hook = hook;
    atomic_flag_clear(&first_secret_made);
}

struct secret *secret_from(const char *text, size_t len)
{
    if (!atomic_flag_test_and_set(&first_secret_made) && first_secret_hook != NULL)
        first_secret_hook();
    struct secret *s = mem_zalloc(sizeof *s);
    s->text = mem_array(len + 1, 1);
    memcpy(s->text, text, len);
    s->len = len;
    return s;
}

struct secret *secret_copy(const struct secret *s)
{
    size_t len;
    const char *text = secret_reveal(s, &len);
    return secret_from(text, len);
}

void secret_free(struct secret *s)
{
    if (s == NULL)
        return;
    explicit_bzero(s->text, s->len);
    free(s->text);
    free(s);
}

const char *secret_reveal(const struct secret *s, size_t *len)
{
    *len = s->len;
    return s->text;
}

/* --------------------------------------------------------------------------- reading */

/* As ${env:NAME:-default} has it: the default holds for an empty variable too. */
static struct secret *read_environment(const char *source, struct err *e)
{
    char shown[SHOWN_MAX];
    const char *otherwise = strstr(source, ":-");
    char *name =
        mem_strndup(source, otherwise != NULL ? (size_t)(otherwise - source) : strlen(source));
    clean_text(shown, sizeof shown, name, strlen(name));
    const char *value = name[0] != '\0' ? getenv(name) : NULL;
    bool named = name[0] != '\0';
    free(name);
    if (otherwise != NULL && (value == NULL || value[0] == '\0'))
        value = otherwise + 2;
    if (!named)
        err_set(e, "env: takes the name of an environment variable, as in \"env:PASSWORD\"");
    else if (value == NULL)
        err_set(e, "the environment variable %s is not set: export it before the run", shown);
    else if (value[0] == '\0')
        err_set(e, "the environment variable %s is empty", shown);
    else
        return secret_from(value, strlen(value));
    return NULL;
}

static bool is_guarded(int fd, const char *shown, struct err *e)
{
    struct stat st;
    if (fstat(fd, &st) != 0)
        return err_set(e, "cannot read %s: %s", shown, strerror(errno));
    if (!S_ISREG(st.st_mode))
        return err_set(e, "%s is no regular file", shown);
    if (st.st_uid != geteuid() && st.st_uid != 0)
        return err_set(e, "%s belongs to somebody else: a secret's file is your own or root's",
                       shown);
    if ((st.st_mode & 077) != 0)
        return err_set(e, "%s can be read or written by others (mode %04o): chmod 600 it", shown,
                       (unsigned)st.st_mode & 07777);
    return true;
}

/* Up to size bytes; -1 when it cannot be read. */
static ssize_t read_up_to(int fd, char *data, size_t size)
{
    size_t len = 0;
    while (len < size) {
        ssize_t n = read(fd, data + len, size - len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        if (n == 0)
            break;
        len += (size_t)n;
    }
    return (ssize_t)len;
}

static struct secret *read_open_file(int fd, const char *shown, struct err *e)
{
    enum { ROOM = FILE_MAX_BYTES + 2 }; /* the line feed, and one byte too many */
    struct secret *s = NULL;
    char *data = mem_array(ROOM, 1);
    ssize_t n = read_up_to(fd, data, ROOM);
    size_t len = n > 0 ? (size_t)n : 0;
    if (len > 0 && len < ROOM && data[len - 1] == '\n')
        len--;
    if (n < 0)
        err_set(e, "cannot read %s: %s", shown, strerror(errno));
    else if (len > FILE_MAX_BYTES)
        err_set(e, "%s is larger than %d bytes", shown, FILE_MAX_BYTES);
    else if (len == 0)
        err_set(e, "%s is empty", shown);
    else if (memchr(data, '\0', len) != NULL)
        err_set(e, "%s holds a NUL byte: a secret is text", shown);
    else
        s = secret_from(data, len);
    explicit_bzero(data, ROOM);
    free(data);
    return s;
}

static struct secret *read_file(const char *path, struct err *e)
{
    char shown[SHOWN_MAX];
    clean_text(shown, sizeof shown, path, strlen(path));
    if (path[0] == '\0') {
        err_set(e, "file: takes the path of a file, as in \"file:/run/secrets/password\"");
        return NULL;
    }
    /* Without O_NONBLOCK a named pipe would wait for its writer. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0) {
        err_set(e, "cannot read %s: %s", shown, strerror(errno));
        return NULL;
    }
    struct secret *s = is_guarded(fd, shown, e) ? read_open_file(fd, shown, e) : NULL;
    close(fd);
    return s;
}

struct secret *secret_read(const char *source, struct err *e)
{
    if (strncmp(source, "env:", 4) == 0)
        return read_environment(source + 4, e);
    if (strncmp(source, "file:", 5) == 0)
        return read_file(source + 5, e);
    err_set(e, "a secret comes from \"env:NAME\" or \"file:PATH\"");
    return NULL;
}

/* ------------------------------------------------------------------------- scrubbing */

/* How a target may write back what it was sent.  Each is tried by itself. */
enum form { FORM_PLAIN, FORM_PERCENT, FORM_JSON, FORM_HTML, FORMS };

struct unit {
    size_t used; /* bytes of the text */
    size_t len;
    char bytes[4]; /* what they stand for */
};

static int hex_digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* The number made of the digits from `at` on; *used counts them, at most max. */
static uint32_t read_digits(const char *text, size_t len, size_t max, unsigned base, size_t *used)
{
    uint32_t n = 0;
    for (*used = 0; *used < len && *used < max; ++*used) {
        int digit = hex_digit(text[*used]);
        if (digit < 0 || digit >= (int)base)
            break;
        n = n * base + (unsigned)digit;
    }
    return n;
}

static void set_character(struct unit *u, size_t used, uint32_t cp)
{
    u->used = used;
    u->len = clean_encode(cp, u->bytes);
}

static void read_percent(struct unit *u, const char *text, size_t len)
{
    size_t digits;
    uint32_t byte = read_digits(text + 1, len - 1, 2, 16, &digits);
    if (digits == 2)
        *u = (struct unit){.used = 3, .len = 1, .bytes = {(char)byte}};
}

static void read_json(struct unit *u, const char *text, size_t len)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    size_t digits, low_digits;
    if (len < 2)
        return;
    const char *at = text[1] != '\0' ? strchr(from, text[1]) : NULL;
    if (at != NULL)
        set_character(u, 2, (unsigned char)to[at - from]);
    if (text[1] != 'u')
        return;
    uint32_t cp = read_digits(text + 2, len - 2, 4, 16, &digits), low;
    if (digits < 4)
        return;
    if (cp >= 0xd800 && cp < 0xdc00 && len >= 12 && text[6] == '\\' && text[7] == 'u') {
        low = read_digits(text + 8, len - 8, 4, 16, &low_digits);
        if (low_digits == 4 && low >= 0xdc00 && low < 0xe000)
            set_character(u, 12, 0x10000 + ((cp - 0xd800) << 10) + (low - 0xdc00));
    } else if (cp < 0xd800 || cp >= 0xe000) {
        set_character(u, 6, cp);
    }
}

static void read_html(struct unit *u, const char *text, size_t len)
{
    static const struct {
        const char *name;
        char c;
    } entities[] = {
        {"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&apos;", '\''}};
    for (size_t i = 0; i < sizeof entities / sizeof *entities; i++) {
        size_t n = strlen(entities[i].name);
        if (n <= len && memcmp(text, entities[i].name, n) == 0)
            set_character(u, n, (unsigned char)entities[i].c);
    }
    if (len < 4 || text[1] != '#')
        return;
    bool hex = text[2] == 'x' || text[2] == 'X';
    size_t from = hex ? 3 : 2, digits;
    uint32_t cp = read_digits(text + from, len - from, 6, hex ? 16 : 10, &digits);
    if (digits > 0 && from + digits < len && text[from + digits] == ';' && cp < 0x110000 &&
        (cp < 0xd800 || cp >= 0xe000))
        set_character(u, from + digits + 1, cp);
}

static const char escape_of[FORMS] = {0, '%', '\\', '&'};

static struct unit read_unit(enum form form, const char *text, size_t len)
{
    struct unit u = {.used = 1, .len = 1, .bytes = {text[0]}};
    if (form == FORM_PLAIN || text[0] != escape_of[form])
        return u;
    if (form == FORM_PERCENT)
        read_percent(&u, text, len);
    else if (form == FORM_JSON)
        read_json(&u, text, len);
    else
        read_html(&u, text, len);
    return u;
}

/* How many bytes of text are the secret, from the first on; 0 for none.  A secret that is
 * cut off by the end of the text counts when enough of it is there. */
static size_t match_form(const struct secret *s, enum form form, const char *text, size_t len)
{
    size_t at = 0, done = 0;
    while (done < s->len) {
        bool cut = done >= SCRUB_MIN;
        if (at == len)
            return cut ? at : 0;
        struct unit u = read_unit(form, text + at, len - at);
        bool same = u.len <= s->len - done && memcmp(u.bytes, s->text + done, u.len) == 0;
        if (!same && form == FORM_PERCENT && text[at] == '+' && s->text[done] == ' ')
            same = true;
        if (!same)
            return cut && len - at < LONGEST_UNIT && text[at] == escape_of[form] ? len : 0;
        at += u.used;
        done += u.len;
    }
    return at;
}

/* Both alphabets of RFC 4648. */
static int base64_digit(char c)
{
    return c >= 'A' && c <= 'Z'   ? c - 'A'
           : c >= 'a' && c <= 'z' ? c - 'a' + 26
           : c >= '0' && c <= '9' ? c - '0' + 52
           : c == '+' || c == '-' ? 62
           : c == '/' || c == '_' ? 63
                                  : -1;
}

/* The six bits of the secret from that bit on. */
static int six_bits(const struct secret *s, size_t bit)
{
    const unsigned char *bytes = (const unsigned char *)s->text;
    size_t i = bit / 8;
    unsigned pair = (unsigned)bytes[i] << 8 | (i + 1 < s->len ? bytes[i + 1] : 0);
    return pair >> (10 - bit % 8) & 63;
}

/* The secret as a piece of a longer text in base64 (user:secret of Basic authentication):
 * `before` is how many bytes precede it in its group of three.  Only the digits that hold
 * nothing but the secret's bits are known. */
static size_t match_base64(const struct secret *s, size_t before, const char *text, size_t len)
{
    size_t bit = (6 - before * 8 % 6) % 6, at = 0;
    for (; bit + 6 <= s->len * 8; bit += 6, at++) {
        if (at == len)
            return at > SCRUB_MIN ? at : 0;
        if (base64_digit(text[at]) != six_bits(s, bit))
            return 0;
    }
    return at;
}

static size_t furthest(size_t a, size_t b)
{
    return a > b ? a : b;
}

/* How far a secret reaches that begins at text; *before: a digit in front of it holds some
 * of its bits. */
static size_t reach(const struct secret *s, const char *text, size_t len, bool *before)
{
    size_t most = 0;
    for (enum form form = FORM_PLAIN; form < FORMS; form++)
        most = furthest(most, match_form(s, form, text, len));
    for (size_t shift = 0; shift < 3; shift++) {
        size_t n = match_base64(s, shift, text, len);
        if (n == 0)
            continue;
        *before = *before || shift > 0;
        if (n < len && base64_digit(text[n]) >= 0)
            n++;
        most = furthest(most, n);
    }
    return most;
}

/* Where a longer text was cut, as excerpt.c does it: what stands before may be the beginning
 * of a secret.  The end of the text if nowhere. */
static size_t next_cut(const char *text, size_t at, size_t len)
{
    const char *dots = memmem(text + at, len - at, "...", 3);
    return dots != NULL ? (size_t)(dots - text) : len;
}

/* Matches look ahead only, so what lies behind can be overwritten at once, and secrets that
 * overlap are found all the same. */
void secrets_scrub(const struct secrets *all, char *text, size_t len)
{
    size_t until = 0, cut = next_cut(text, 0, len);
    for (size_t at = 0; at < len; at++) {
        bool before = false;
        if (at > cut)
            cut = next_cut(text, at, len);
        for (size_t i = 0; i < all->n; i++) {
            const struct secret *s = all->items[i];
            if (s->len < SCRUB_MIN)
                continue;
            until = furthest(until, at + reach(s, text + at, len - at, &before));
            if (cut < len)
                until = furthest(until, at + reach(s, text + at, cut - at, &before));
        }
        if (before && at > 0 && base64_digit(text[at - 1]) >= 0)
            text[at - 1] = '*';
        if (at < until)
            text[at] = '*';
    }
}

/* ------------------------------------------------------------------------- a collection */

struct secret *secrets_add(struct secrets *all, struct secret *s)
{
    all->items = mem_room(all->items, all->n, sizeof *all->items);
    return all->items[all->n++] = s;
}

void secrets_add_text(struct secrets *all, const char *text, size_t len)
{
    for (size_t i = 0; i < all->n; i++)
        if (all->items[i]->len == len && memcmp(all->items[i]->text, text, len) == 0)
            return;
    secrets_add(all, secret_from(text, len));
}

void secrets_finish(struct secrets *all)
{
    for (size_t i = 0; i < all->n; i++)
        secret_free(all->items[i]);
    free(all->items);
    *all = (struct secrets){0};
}
