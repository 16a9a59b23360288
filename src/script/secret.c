/* SPDX-License-Identifier: MIT */
#include "src/script/secret.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/base/clean.h"
#include "src/base/mem.h"
#include "src/script/permissions.h"

#define FILE_MAX_BYTES 65536
#define SHOWN_MAX 200

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
static struct secret *read_environment(const char *source, struct permissions *all, struct err *e)
{
    char shown[SHOWN_MAX];
    const char *otherwise = strstr(source, ":-");
    char *name =
        mem_strndup(source, otherwise != NULL ? (size_t)(otherwise - source) : strlen(source));
    clean_text(shown, sizeof shown, name, strlen(name));
    const char *value = name[0] != '\0' ? permissions_variable(all, name) : NULL;
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

static struct secret *secret_read_file(const char *path, struct permissions *all, struct err *e)
{
    char shown[SHOWN_MAX];
    clean_text(shown, sizeof shown, path, strlen(path));
    if (path[0] == '\0') {
        err_set(e, "file: takes the path of a file, as in \"file:/run/secrets/password\"");
        return NULL;
    }
    int fd = permissions_open(all, path);
    if (fd < 0) {
        err_set(e, "cannot read %s: %s", shown, strerror(errno));
        return NULL;
    }
    struct secret *s = is_guarded(fd, shown, e) ? read_open_file(fd, shown, e) : NULL;
    close(fd);
    return s;
}

struct secret *secret_read(const char *source, struct permissions *all, struct err *e)
{
    if (strncmp(source, "env:", 4) == 0)
        return read_environment(source + 4, all, e);
    if (strncmp(source, "file:", 5) == 0)
        return secret_read_file(source + 5, all, e);
    err_set(e, "a secret comes from \"env:NAME\" or \"file:PATH\"");
    return NULL;
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
