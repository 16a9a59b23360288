/* SPDX-License-Identifier: MIT */
/* procfs.h - what the kernel says of processes and of the machine: texts of /proc in,
 * numbers out (proc(5)).
 *
 * Pure, so that texts of another machine (over ssh) and of tests are read by the same
 * code.  Texts end with a NUL; what is not there stays as it was. */
#ifndef RAMPTOP_PROBE_PROCFS_H
#define RAMPTOP_PROBE_PROCFS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ------------------------------------------------------------------- a process */

struct proc_stat {
    uint32_t pid, parent;
    char name[32];    /* as the kernel has it: 15 bytes, not cleaned */
    char state;       /* 'R', 'S', 'Z' ... */
    uint64_t ticks;   /* user and system, its own */
    uint64_t waited;  /* the same of children that have ended and that it has waited for */
    uint64_t started; /* ticks since boot: tells a process from a later one of the same pid */
    uint32_t threads;
};

bool procfs_stat(const char *text, struct proc_stat *out); /* /proc/PID/stat */
/* Nothing of it runs any more.  A zombie of several threads is one whose first thread ended
 * before the others. */
bool procfs_ended(const struct proc_stat *s);
/* A figure of /proc/PID/status or meminfo in bytes: "RssAnon", "MemAvailable". */
bool procfs_kb(const char *text, const char *key, uint64_t *bytes);
bool procfs_open_files(const char *limits, uint64_t *soft); /* /proc/PID/limits */
/* The inodes of sockets that listen on that port, from /proc/net/tcp or tcp6: how many, at
 * most max. */
size_t procfs_listeners(const char *text, uint16_t port, uint64_t *inodes, size_t max);

/* ------------------------------------------------------------------ the machine */

struct machine {
    double at_s;                             /* its own clock: /proc/uptime */
    uint64_t cpu_total, cpu_idle, cpu_steal; /* ticks of all cores since boot; idle with iowait */
    unsigned cores;
    uint64_t mem_total, mem_available, swap_total, swap_free; /* bytes */
    uint64_t disk_read, disk_written;                         /* bytes since boot, whole disks */
    size_t n_disks;
    struct machine_disk {
        char name[32];
        uint64_t busy_ms;
    } disks[32];
    size_t n_nets;
    uint64_t net_in, net_out; /* bytes since boot, of what leads out of the machine */
    double load1;
    double pressure_cpu, pressure_memory, pressure_io; /* "some avg10", percent; NaN: unknown */
};

/* One of the files: "uptime", "stat", "meminfo", "diskstats", "net/dev", "loadavg",
 * "pressure/cpu" ...  False for a name it does not know. */
bool procfs_machine(const char *file, const char *text, struct machine *out);
extern const char *const procfs_machine_files[]; /* ends with NULL */
/* Several of them in one text: "== NAME", a line feed, the file, the next.  Writes into the
 * text. */
void procfs_block(char *text, struct machine *out);

#endif
