/* SPDX-License-Identifier: MIT */
/* readfile.h - reads the files in which the kernel publishes figures: /proc, control groups.
 * Such files have no length, and may come in pieces.  Any thread. */
#ifndef RAMPTOP_PROBE_READFILE_H
#define RAMPTOP_PROBE_READFILE_H

#include <stddef.h>
#include <sys/types.h>

/* Reads the beginning of a file and adds a NUL.  Returns its length, or -1 when it cannot be
 * read: out is empty then. */
ssize_t readfile(const char *path, char *out, size_t size);

#endif
