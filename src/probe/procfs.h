/* SPDX-License-Identifier: MIT */
/* procfs.h - parses texts of /proc (proc(5)): processes, and the machine.
 *
 * Pure, so that texts of another machine (over ssh) and of tests are read by the same code.
 * Texts end with a NUL; a figure that is missing stays as it was. */
#ifndef RAMPTOP_PROBE_PROCFS_H
#define RAMPTOP_PROBE_PROCFS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ------------------------------------------------------------------- a process */

struct proc_stat {
    uint32_t pid, parent;
    char name[32];    /* the kernel's: 15 bytes, not cleaned */
    char state;       /* 'R', 'S', 'Z' ... */
    uint64_t ticks;   /* user and system time of the process itself */
    uint64_t waited;  /* the same of ended children that it has waited for */
    uint64_t started; /* ticks since boot: distinguishes processes with the same pid */
    uint32_t threads;
};

bool procfs_stat(const char *text, struct proc_stat *out); /* /proc/PID/stat */
/* Returns whether the process has ended.  A zombie with several threads has not: its first
 * thread ended before the others. */
bool procfs_ended(const struct proc_stat *s);
/* Reads a figure of /proc/PID/status or meminfo in bytes: "RssAnon", "MemAvailable". */
bool procfs_kb(const char *text, const char *key, uint64_t *bytes);
bool procfs_open_files(const char *limits, uint64_t *soft); /* /proc/PID/limits */
/* Lists the inodes of sockets that listen on that port, from /proc/net/tcp or tcp6.  Returns how
 * many, at most max. */
size_t procfs_listeners(const char *text, uint16_t port, uint64_t *inodes, size_t max);

/* ------------------------------------------------------------------ the machine */

struct machine {
    double at_s;                             /* the machine's own clock: /proc/uptime */
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
    uint64_t net_in, net_out; /* bytes since boot, of interfaces that lead out of the machine */
    double load1;
    double pressure_cpu, pressure_memory, pressure_io; /* "some avg10", percent; NaN: unknown */
};

/* Parses a file: "uptime", "stat", "meminfo", "diskstats", "net/dev", "loadavg", "pressure/cpu"
 * ...  Returns false for an unknown name. */
bool procfs_machine(const char *file, const char *text, struct machine *out);
extern const char *const procfs_machine_files[]; /* ends with NULL */
/* Parses several files in one text: "== NAME", a line feed, the file, the next.  Writes into the
 * text. */
void procfs_block(char *text, struct machine *out);

#endif
