/* SPDX-License-Identifier: MIT */
/* machine.h - what this machine lets a load generator have. */
#ifndef RAMPTOP_LOAD_MACHINE_H
#define RAMPTOP_LOAD_MACHINE_H

#include <stdbool.h>
#include <stdint.h>

#include "src/base/err.h"

/* Raises the soft limit of open files to the hard one; returns what it is now. */
uint64_t machine_raise_files(void);
uint64_t machine_open_files(void); /* in use now (entries of /proc/self/fd) */
unsigned machine_cores(void);      /* this process may run on (affinity) */

/* Can that many users be had, with that many connections at once between them?  Each of these
 * needs a socket and, towards one address, a local port.  False with a sentence that says what
 * is short and what to do. */
bool machine_allows(uint32_t users, uint64_t connections, unsigned workers, struct err *e);

#endif
