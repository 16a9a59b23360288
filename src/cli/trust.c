/* SPDX-License-Identifier: MIT */
#include "src/cli/trust.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/base/buf.h"
#include "src/base/log.h"
#include "src/base/mem.h"
#include "src/base/sha256.h"
#include "src/cli/state.h"

#define FILE_MOST (1u << 20)

/* ----------------------------------------------------------------------- lines */

/* Any byte that is no plain character is written as its number: what is shown is what is run,
 * and a line is a line. */
static void add_word(struct buf *out, const char *word)
{
    buf_char(out, '"');
    for (const char *c = word; *c != '\0'; c++) {
        if (*c == '"' || *c == '\\')
            buf_printf(out, "\\%c", *c);
        else if (*c < ' ' || *c > '~')
            buf_printf(out, "\\x%02x", (unsigned char)*c);
        else
            buf_char(out, *c);
    }
    buf_char(out, '"');
}

/* Adds a digest of a file's contents, so that a changed file is another. */
static void add_digest(struct buf *out, int fd)
{
    char data[65536], hex[SHA256_HEX];
    struct sha256 digest;
    ssize_t n;
    sha256_begin(&digest);
    while ((n = read(fd, data, sizeof data)) > 0)
        sha256_add(&digest, data, (size_t)n);
    sha256_end(&digest, hex);
    buf_printf(out, " %s", n == 0 ? hex : "unreadable");
}

/* A word that names a file: its real path, and what is in it. */
static bool add_file(struct buf *out, const char *path)
{
    struct stat st;
    char *real = realpath(path, NULL);
    int fd = real != NULL ? open(real, O_RDONLY | O_CLOEXEC | O_NONBLOCK) : -1;
    bool is = fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
    if (is) {
        buf_char(out, ' ');
        add_word(out, real);
        add_digest(out, fd);
    }
    if (fd >= 0)
        close(fd);
    free(real);
    return is;
}

/* As posix_spawnp finds it. */
static void add_program(struct buf *out, const char *name)
{
    const char *path = getenv("PATH");
    if (strchr(name, '/') != NULL) {
        add_file(out, name);
        return;
    }
    while (path != NULL && *path != '\0') {
        size_t len = strcspn(path, ":");
        char *whole = mem_printf("%.*s/%s", len > 0 ? (int)len : 1, len > 0 ? path : ".", name);
        bool found = access(whole, X_OK) == 0 && add_file(out, whole);
        free(whole);
        if (found)
            return;
        path += len + (path[len] == ':');
    }
}

/* By enum permission_kind, as an infinitive; for what is sent, and for a probe. */
static const char *const verbs[][2] = {
    [PERMISSION_COMMAND] = {"run", "run"},
    [PERMISSION_SSH] = {"run", "run"},
    [PERMISSION_VARIABLE] = {"read the variable", "read for a probe the variable"},
    [PERMISSION_FILE] = {"read the file", "read for a probe the file"},
    [PERMISSION_SERVER] = {"send requests to", "watch"},
    [PERMISSION_TARGET] = {"send what it reads to", "send what it reads to"},
};

static void add_words(struct buf *out, const struct permission *p)
{
    for (size_t i = 0; i < p->n_words; i++) {
        if (i > 0)
            buf_char(out, ' ');
        add_word(out, p->words[i]);
    }
}

/* Adds what is asked for, and where: "run "df" "-h" (shop.cfg:12)". */
static void add_shown(struct buf *out, const struct permission *p)
{
    buf_printf(out, "%s ", verbs[p->kind][p->of_probe]);
    add_words(out, p);
    if (p->place != NULL)
        buf_printf(out, " (%s)", p->place);
}

/* The line of the file: the words, and which files those of a command mean. */
static void trust_add_line(struct buf *out, const struct permission *p)
{
    if (p->kind != PERMISSION_COMMAND && p->kind != PERMISSION_SSH)
        buf_printf(out, "%s ", verbs[p->kind][p->of_probe]);
    add_words(out, p);
    if (p->kind == PERMISSION_COMMAND && p->n_words > 0)
        add_program(out, p->words[0]);
    for (size_t i = 1; p->kind == PERMISSION_COMMAND && i < p->n_words; i++)
        add_file(out, p->words[i]);
    buf_char(out, '\n');
}

/* Adds the beginning of a profile's lines; false: it is no file. */
static bool add_profile(struct buf *out, const struct profile *p)
{
    char *real = p->file != NULL ? realpath(p->file, NULL) : NULL;
    if (real == NULL && p->file == NULL)
        return false;
    add_word(out, real != NULL ? real : p->file);
    buf_text(out, ": ");
    free(real);
    return true;
}

/* ------------------------------------------------------------ what is asked for */

/* The part of what a profile reads and reaches that is meant. */
struct extent {
    bool probes; /* the needs of its probes, too */
    bool unset;  /* variables that have no value now too */
};

static bool is_within(const struct permission *p, struct extent extent)
{
    return (extent.probes || !p->of_probe) && (extent.unset || !p->unset);
}

static bool reads_anything(const struct profile *p, struct extent extent)
{
    for (size_t i = 0; i < p->permissions.n; i++) {
        const struct permission *one = &p->permissions.items[i];
        if ((one->kind == PERMISSION_VARIABLE || one->kind == PERMISSION_FILE) &&
            is_within(one, extent))
            return true;
    }
    return false;
}

/* A target that gets nothing but requests is what a profile is for. */
static bool is_asked(const struct profile *p, const struct permission *one, struct extent extent)
{
    return is_within(one, extent) && (one->kind != PERMISSION_TARGET || reads_anything(p, extent));
}

size_t trust_list(const struct profile *p, char **text)
{
    struct buf out = {0};
    size_t n = 0;
    buf_text(&out, "");
    for (size_t i = 0; i < p->permissions.n; i++) {
        const struct permission *one = &p->permissions.items[i];
        if (p->shipped || !is_asked(p, one, (struct extent){true, true}))
            continue;
        buf_text(&out, "  ");
        add_shown(&out, one);
        buf_char(&out, '\n');
        n++;
    }
    *text = buf_take(&out);
    return n;
}

/* -------------------------------------------------------------------- the file */

static char *file_in(const char *in)
{
    return mem_printf("%s/trusted", in);
}

/* Whether only this user can have written it. */
static bool is_ours(int fd)
{
    struct stat st;
    return fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_uid == geteuid() &&
           (st.st_mode & 022) == 0;
}

/* Empty when there is none. */
static void trust_read_file(const char *path, struct buf *out)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0)
        return;
    if (is_ours(fd))
        buf_read(out, fd, FILE_MOST);
    else
        log_warn("%s is not believed: others may have written it (chmod 600).", path);
    close(fd);
}

static bool has_line(const struct buf *file, const char *line)
{
    size_t n = strlen(line);
    const char *at = file->data;
    while (at != NULL && *at != '\0') {
        const char *feed = strchr(at, '\n');
        if (strncmp(at, line, n) == 0)
            return true;
        at = feed != NULL ? feed + 1 : NULL;
    }
    return false;
}

static bool is_given(const struct buf *file, const struct profile *p, const struct permission *one)
{
    struct buf line = {0};
    bool given = add_profile(&line, p);
    trust_add_line(&line, one); /* with its line feed: no other goes on */
    given = given && has_line(file, line.data);
    buf_finish(&line);
    return given;
}

/* The first is named, the others are counted. */
static void name_first(const struct profile *p, const struct permission *first, size_t more,
                       struct err *e)
{
    struct buf text = {0};
    add_shown(&text, first);
    if (more > 0)
        err_set(e, "%.120s asks to %.300s and %zu more", p->file, text.data, more);
    else
        err_set(e, "%.120s asks to %.300s", p->file, text.data);
    buf_finish(&text);
}

static bool all_given(const struct buf *file, const struct profile *p, struct extent extent,
                      struct problems *asks, struct err *e)
{
    const struct permission *first = NULL;
    struct buf text = {0};
    size_t missing = 0;
    for (size_t i = 0; i < p->permissions.n; i++) {
        const struct permission *one = &p->permissions.items[i];
        if (!is_asked(p, one, extent) || is_given(file, p, one))
            continue;
        first = missing++ == 0 ? one : first;
        buf_clear(&text);
        add_shown(&text, one);
        if (asks != NULL)
            problems_add(asks, "%.120s asks to %.800s", p->file, text.data);
    }
    if (missing > 0)
        name_first(p, first, missing - 1, e);
    buf_finish(&text);
    return missing == 0;
}

bool trust_given(const struct profile *p, bool probes, struct problems *asks, struct err *e)
{
    if (p->shipped || p->permissions.n == 0)
        return true;
    char *in = state_folder(), *path = in != NULL ? file_in(in) : NULL;
    struct buf file = {0};
    if (path != NULL)
        trust_read_file(path, &file);
    bool given = all_given(&file, p, (struct extent){.probes = probes}, asks, e);
    buf_finish(&file);
    free(path);
    free(in);
    return given;
}

/* --------------------------------------------------------------------- writing */

/* All lines but those of that profile. */
static void keep_others(const struct buf *before, const char *profile, struct buf *out)
{
    const char *at = before->data;
    while (at != NULL && *at != '\0') {
        const char *feed = strchr(at, '\n');
        size_t n = feed != NULL ? (size_t)(feed - at) + 1 : strlen(at);
        if (feed != NULL && strncmp(at, profile, strlen(profile)) != 0)
            buf_add(out, at, n);
        at += n;
    }
}

/* Beside it, then put in its place: it is whole at any time. */
static bool replace(const char *path, const struct buf *text)
{
    char *beside = mem_printf("%s.XXXXXX", path);
    int fd = mkstemp(beside);
    bool ok = fd >= 0 && fchmod(fd, 0600) == 0 && fcntl(fd, F_SETFD, FD_CLOEXEC) == 0 &&
              (text->len == 0 || write(fd, text->data, text->len) == (ssize_t)text->len) &&
              fsync(fd) == 0;
    if (fd >= 0)
        ok = close(fd) == 0 && ok;
    ok = ok && rename(beside, path) == 0;
    if (!ok && fd >= 0)
        unlink(beside);
    free(beside);
    return ok;
}

static bool write_trust(const struct profile *p, char *in, const char *path)
{
    struct buf before = {0}, profile = {0}, text = {0};
    bool ok = state_make_folder(in) && add_profile(&profile, p);
    if (ok) {
        trust_read_file(path, &before);
        keep_others(&before, profile.data, &text);
        for (size_t i = 0; i < p->permissions.n; i++) {
            if (!is_asked(p, &p->permissions.items[i], (struct extent){true, true}))
                continue;
            buf_add(&text, profile.data, profile.len);
            trust_add_line(&text, &p->permissions.items[i]);
        }
        ok = replace(path, &text);
    }
    buf_finish(&before);
    buf_finish(&profile);
    buf_finish(&text);
    return ok;
}

bool trust_give(const struct profile *p, struct err *e)
{
    char *in = state_folder();
    if (in == NULL)
        return err_set(e, "there is no place to remember it: set HOME or XDG_STATE_HOME");
    char *path = file_in(in);
    bool ok = write_trust(p, in, path);
    if (!ok)
        err_set(e, "%s cannot be written: %s", path, strerror(errno));
    free(path);
    free(in);
    return ok;
}
