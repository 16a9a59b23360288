/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/base/buf.h"
#include "src/base/clean.h"
#include "src/base/out.h"
#include "src/import/import.h"

#define NAME_SHOWN 300

static const char *path_shown(char out[NAME_SHOWN], const char *file)
{
    clean_text(out, NAME_SHOWN, file, strlen(file));
    return out;
}

static bool import_read_all(int fd, const char *name, struct buf *text, struct err *e)
{
    if (!buf_read(text, fd, IMPORT_MAX_BYTES))
        return err_set(e, "%s: cannot be read (%s).", name, strerror(errno));
    return text->len <= IMPORT_MAX_BYTES ||
           err_set(e, "%s: is larger than %u MiB; record a shorter session.", name,
                   IMPORT_MAX_BYTES / 1024 / 1024);
}

bool import_read_file(const char *file, char **text, size_t *len, struct err *e)
{
    bool in = strcmp(file, "-") == 0;
    char name[NAME_SHOWN];
    struct stat st;
    path_shown(name, in ? "standard input" : file);
    *text = NULL;
    /* A pipe that nobody writes to must not hold us up before we know what it is. */
    int fd = in ? STDIN_FILENO : open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return err_set(e, "%s: cannot be opened (%s).", name, strerror(errno));
    struct buf bytes = {0};
    bool ok = in || (fstat(fd, &st) == 0 && S_ISREG(st.st_mode));
    if (!ok)
        err_set(e, "%s: is not a regular file.", name);
    else
        ok = import_read_all(fd, name, &bytes, e);
    if (!in)
        close(fd);
    *len = bytes.len;
    *text = ok ? buf_take(&bytes) : NULL;
    buf_finish(&bytes);
    return ok;
}

bool import_write_new(const char *file, const char *text, struct err *e)
{
    char name[NAME_SHOWN];
    int fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    path_shown(name, file);
    if (fd < 0 && errno == EEXIST)
        return err_set(e, "%s: is there already and stays as it is; name another file.", name);
    if (fd < 0)
        return err_set(e, "%s: cannot be written (%s).", name, strerror(errno));
    int why = out_write_file(fd, text);
    if (close(fd) != 0 && why == 0)
        why = errno;
    if (why == 0)
        return true;
    unlink(file); /* ours: O_EXCL made it */
    return err_set(e, "%s: cannot be written (%s).", name, strerror(why));
}
