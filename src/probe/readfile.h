/* SPDX-License-Identifier: MIT */
/* readfile.h - the files in which the kernel tells figures: /proc, control groups.  They have
 * no length, and may come in pieces.  Any thread. */
#ifndef RAMPTOP_PROBE_READFILE_H
#define RAMPTOP_PROBE_READFILE_H

#include <stddef.h>
#include <sys/types.h>

/* The beginning of the file, with a NUL behind it; its length, -1 when it cannot be read: then
 * out is empty. */
ssize_t readfile(const char *path, char *out, size_t size);

#endif
