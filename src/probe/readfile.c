/* SPDX-License-Identifier: MIT */
#include "src/probe/readfile.h"

#include <fcntl.h>
#include <unistd.h>

ssize_t readfile(const char *path, char *out, size_t size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    size_t len = 0;
    ssize_t n = -1;
    while (fd >= 0 && len + 1 < size && (n = read(fd, out + len, size - 1 - len)) > 0)
        len += (size_t)n;
    if (fd >= 0)
        close(fd);
    out[len] = '\0';
    return n < 0 && len == 0 ? -1 : (ssize_t)len;
}
