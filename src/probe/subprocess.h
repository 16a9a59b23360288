/* SPDX-License-Identifier: MIT */
/* subprocess.h - a program run by a probe: a command, ssh.
 *
 * The program gets /dev/null as input, pipes for both outputs, default signals, a process group
 * of its own and no other descriptor of ours (a library's sockets may stay open in
 * children).  Its environment is PATH, HOME, USER, LOGNAME, SHELL, TMPDIR, LANG, LC_*, TZ,
 * XDG_RUNTIME_DIR, DOCKER_* and CONTAINER_HOST, and the variables that the caller names; ssh also
 * gets SSH_AUTH_SOCK.  Ending it ends its whole group, and so does our own end, of whatever kind
 * (guard.h).  One thread: its probe's. */
#ifndef RAMPTOP_PROBE_SUBPROCESS_H
#define RAMPTOP_PROBE_SUBPROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "src/base/err.h"

struct subprocess {
    pid_t pid;   /* 0: none */
    pid_t group; /* group of an ended program: others may be left in it; 0: not known */
    int out_fd;  /* not blocking, as is err_fd; -1: none */
    int err_fd;
    uint64_t cpu_ns; /* CPU time, with the children it waited for; known once ended */
    int status;      /* as of waitpid, once ended */
};

/* Starts a program.  argv[0] is looked for in PATH when it has no slash; argv ends with NULL, and
 * so does more: names of further variables for its environment; NULL: none.  Returns false with a
 * sentence. */
bool subprocess_start(struct subprocess *c, const char *const argv[], const char *const more[],
                      struct err *e);

/* Returns whether the program has ended by itself, and reaps it then. */
bool subprocess_ended(struct subprocess *c);
/* Does the same, but waits for the end for at most ns. */
bool subprocess_ends_within(struct subprocess *c, uint64_t ns);

/* Returns the CPU time used so far, without children; 0 when there is no program. */
uint64_t subprocess_cpu_ns(const struct subprocess *c);

/* Ends the program and whatever it left behind: TERM to its group, KILL after grace_ns; closes
 * the pipes.  Does nothing when there is none. */
void subprocess_end(struct subprocess *c, uint64_t grace_ns);

/* Formats how the program ended: "exit status 3", "killed by signal 9 (Killed)"; explains 126
 * and 127. */
void subprocess_status(const struct subprocess *c, char *out, int size);

#endif
