/* SPDX-License-Identifier: MIT */
/* subprocess.h - a program that a probe runs: a command, ssh.
 *
 * It gets /dev/null as input, pipes for both outputs, default signals, a process group of
 * its own and no other descriptor of ours (libcurl 7.88 does not close its sockets in
 * children).  Of the environment it gets PATH, HOME, USER, LOGNAME, SHELL, TMPDIR, LANG, LC_*,
 * TZ, XDG_RUNTIME_DIR, DOCKER_* and CONTAINER_HOST, and what it is to get besides; ssh also
 * SSH_AUTH_SOCK.  Ending it ends its
 * whole group, and so does our own end, of whatever kind (guard.h).  One thread: its probe's. */
#ifndef RAMPTOP_PROBE_SUBPROCESS_H
#define RAMPTOP_PROBE_SUBPROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "src/base/err.h"

struct subprocess {
    pid_t pid;   /* 0: none */
    pid_t group; /* of one that has ended: others may be left in it; 0: not known */
    int out_fd;  /* not blocking, as is err_fd; -1: none */
    int err_fd;
    uint64_t cpu_ns; /* what it used, its children that it waited for included; known once ended */
    int status;      /* as of waitpid, once ended */
};

/* argv[0] is looked for in PATH when it has no slash; argv ends with NULL, and so does more: names
 * of further variables that it gets; NULL: none.  False with a sentence. */
bool subprocess_start(struct subprocess *c, const char *const argv[], const char *const more[],
                      struct err *e);

/* Whether it has ended by itself; reaps it then. */
bool subprocess_ended(struct subprocess *c);
/* The same, waiting for it at most so long. */
bool subprocess_ends_within(struct subprocess *c, uint64_t ns);

/* What it has used up to now, without its children; 0 when there is none. */
uint64_t subprocess_cpu_ns(const struct subprocess *c);

/* TERM to its group, KILL after grace_ns, reaped; the pipes are closed.  Also what it left behind
 * when it ended by itself.  Nothing to do when there is none. */
void subprocess_end(struct subprocess *c, uint64_t grace_ns);

/* How it ended, in words: "exit status 3", "killed by signal 9 (Killed)"; what 126 and 127
 * mean. */
void subprocess_status(const struct subprocess *c, char *out, int size);

#endif
