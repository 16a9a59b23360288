/* SPDX-License-Identifier: MIT */
#include "src/probe/procfs.h"

#include <ctype.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TCP_LISTEN 0x0A
#define SECTOR 512u
#define LINE_BYTES 256 /* bytes of a line that is read by columns */

/* ------------------------------------------------------------------- a process */

/* Parses /proc/PID/stat.  The name stands in brackets and may hold brackets too: fields begin
 * behind the last. */
bool procfs_stat(const char *text, struct proc_stat *out)
{
    const char *open = strchr(text, '('), *close = strrchr(text, ')');
    unsigned long long user, system, started;
    long long waited_user, waited_system;
    unsigned parent, threads;
    char state;
    if (open == NULL || close == NULL || close < open)
        return false;
    int n =
        sscanf(close + 1,
               " %c %u %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu %lld %lld %*d %*d %u %*d "
               "%llu",
               &state, &parent, &user, &system, &waited_user, &waited_system, &threads, &started);
    if (n != 8)
        return false;
    size_t len = (size_t)(close - open - 1);
    if (len >= sizeof out->name)
        len = sizeof out->name - 1;
    memcpy(out->name, open + 1, len);
    out->name[len] = '\0';
    out->pid = (uint32_t)strtoul(text, NULL, 10);
    out->parent = parent;
    out->state = state;
    out->ticks = user + system;
    out->waited = (uint64_t)waited_user + (uint64_t)waited_system;
    out->threads = threads;
    out->started = started;
    return out->pid != 0;
}

bool procfs_ended(const struct proc_stat *s)
{
    return s->state == 'X' || (s->state == 'Z' && s->threads <= 1);
}

/* Returns the text behind a key at a line's start; NULL: no line begins with it. */
static const char *line_after_key(const char *text, const char *key)
{
    size_t len = strlen(key);
    while (text != NULL) {
        if (strncmp(text, key, len) == 0)
            return text + len;
        text = strchr(text, '\n');
        text = text != NULL ? text + 1 : NULL;
    }
    return NULL;
}

bool procfs_kb(const char *text, const char *key, uint64_t *bytes)
{
    const char *at = line_after_key(text, key);
    char *end;
    if (at == NULL || *at != ':')
        return false;
    unsigned long long kb = strtoull(at + 1, &end, 10);
    if (end == at + 1)
        return false;
    *bytes = kb * 1024;
    return true;
}

bool procfs_open_files(const char *limits, uint64_t *soft)
{
    const char *at = line_after_key(limits, "Max open files");
    unsigned long long v;
    if (at == NULL || sscanf(at, " %llu", &v) != 1)
        return false;
    *soft = v;
    return true;
}

/* Copies the first line, since sscanf() goes to the end of a text of megabytes before it reads a
 * line of it. */
static void copy_first_line(const char *text, char out[LINE_BYTES])
{
    size_t len = strcspn(text, "\n");
    if (len >= LINE_BYTES)
        len = LINE_BYTES - 1;
    memcpy(out, text, len);
    out[len] = '\0';
}

size_t procfs_listeners(const char *text, uint16_t port, uint64_t *inodes, size_t max)
{
    size_t n = 0;
    char one[LINE_BYTES];
    for (const char *line = strchr(text, '\n'); line != NULL && n < max;
         line = strchr(line + 1, '\n')) {
        unsigned local, state;
        unsigned long long inode;
        copy_first_line(line + 1, one);
        if (sscanf(one,
                   " %*d: %*[0-9A-Fa-f]:%x %*[0-9A-Fa-f]:%*x %x %*x:%*x %*x:%*x %*x %*u %*u %llu",
                   &local, &state, &inode) == 3 &&
            local == port && state == TCP_LISTEN && inode != 0)
            inodes[n++] = inode;
    }
    return n;
}

/* ------------------------------------------------------------------ the machine */

const char *const procfs_machine_files[] = {
    "uptime",  "stat",         "meminfo",         "diskstats",   "net/dev",
    "loadavg", "pressure/cpu", "pressure/memory", "pressure/io", NULL};

static unsigned count_cores(const char *text)
{
    unsigned n = 0;
    for (const char *at = strstr(text, "\ncpu"); at != NULL; at = strstr(at + 1, "\ncpu"))
        n += isdigit((unsigned char)at[4]) != 0;
    return n;
}

static void read_stat(const char *text, struct machine *m)
{
    unsigned long long t[8] = {0};
    if (sscanf(text, "cpu %llu %llu %llu %llu %llu %llu %llu %llu", &t[0], &t[1], &t[2], &t[3],
               &t[4], &t[5], &t[6], &t[7]) < 4)
        return;
    m->cpu_total = 0;
    for (int i = 0; i < 8; i++)
        m->cpu_total += t[i];
    m->cpu_idle = t[3] + t[4]; /* waiting for a disk is idle time */
    m->cpu_steal = t[7];
    m->cores = count_cores(text);
}

static void read_meminfo(const char *text, struct machine *m)
{
    procfs_kb(text, "MemTotal", &m->mem_total);
    procfs_kb(text, "MemAvailable", &m->mem_available);
    procfs_kb(text, "SwapTotal", &m->swap_total);
    procfs_kb(text, "SwapFree", &m->swap_free);
}

/* Returns whether the name is a whole disk: partitions and devices built on disks would count
 * twice, as would the paths to an NVMe disk that has several (nvme0c0n1 beside nvme0n1). */
static bool is_disk(const char *name)
{
    size_t len = strlen(name);
    if (strncmp(name, "nvme", 4) == 0)
        return strpbrk(name + 4, "pc") == NULL;
    if (strncmp(name, "mmcblk", 6) == 0)
        return strchr(name, 'p') == NULL;
    if (strncmp(name, "sd", 2) != 0 && strncmp(name, "vd", 2) != 0 &&
        strncmp(name, "xvd", 3) != 0 && strncmp(name, "hd", 2) != 0)
        return false;
    return len > 0 && !isdigit((unsigned char)name[len - 1]);
}

static void read_disk(const char *line, struct machine *m)
{
    char name[32];
    unsigned long long sectors_read, sectors_written, busy;
    if (sscanf(line, "%*u %*u %31s %*u %*u %llu %*u %*u %*u %llu %*u %*u %llu", name, &sectors_read,
               &sectors_written, &busy) != 4 ||
        !is_disk(name))
        return;
    m->disk_read += sectors_read * SECTOR;
    m->disk_written += sectors_written * SECTOR;
    if (m->n_disks < sizeof m->disks / sizeof *m->disks) {
        memcpy(m->disks[m->n_disks].name, name, sizeof name);
        m->disks[m->n_disks++].busy_ms = busy;
    }
}

/* Returns whether the interface is virtual: its traffic goes through a card as well, or never
 * leaves the machine (bridges, container and guest ends, bonds, VLANs, tunnels). */
static bool is_virtual_interface(const char *name)
{
    static const char *const globs[] = {"lo",
                                        "veth*",
                                        "docker*",
                                        "podman*",
                                        "br[0-9-]*",
                                        "virbr*",
                                        "vnet*",
                                        "tap*",
                                        "fwbr*",
                                        "fwln*",
                                        "fwpr*",
                                        "vmbr*",
                                        "cni*",
                                        "cali*",
                                        "cilium*",
                                        "flannel*",
                                        "lxc*",
                                        "lxdbr*",
                                        "bond*",
                                        "team*",
                                        "dummy*",
                                        "ifb*",
                                        "tun*",
                                        "wg[0-9]*",
                                        "vxlan*",
                                        "kube-*",
                                        "*.*",
                                        "vlan*",
                                        "macv*",
                                        "ipvl*",
                                        "ovs-*",
                                        "genev*",
                                        "gke[0-9a-f]*",
                                        "azv[0-9a-f]*",
                                        "tailscale*",
                                        "incusbr*",
                                        "eni[0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f]*"};
    for (size_t i = 0; i < sizeof globs / sizeof *globs; i++)
        if (fnmatch(globs[i], name, 0) == 0)
            return true;
    return false;
}

static void read_net(const char *line, struct machine *m)
{
    char name[32];
    unsigned long long in, out;
    if (sscanf(line, " %31[^: ]: %llu %*u %*u %*u %*u %*u %*u %*u %llu", name, &in, &out) != 3 ||
        is_virtual_interface(name))
        return;
    m->n_nets++;
    m->net_in += in;
    m->net_out += out;
}

static void parse_each_line(const char *text, void (*take)(const char *, struct machine *),
                            struct machine *m)
{
    while (text != NULL && *text != '\0') {
        take(text, m);
        text = strchr(text, '\n');
        text = text != NULL ? text + 1 : NULL;
    }
}

static void read_pressure(const char *text, double *out)
{
    double v;
    const char *some = line_after_key(text, "some");
    if (some != NULL && sscanf(some, " avg10=%lf", &v) == 1)
        *out = v;
}

bool procfs_machine(const char *file, const char *text, struct machine *m)
{
    if (strcmp(file, "uptime") == 0)
        sscanf(text, "%lf", &m->at_s);
    else if (strcmp(file, "stat") == 0)
        read_stat(text, m);
    else if (strcmp(file, "meminfo") == 0)
        read_meminfo(text, m);
    else if (strcmp(file, "diskstats") == 0)
        parse_each_line(text, read_disk, m);
    else if (strcmp(file, "net/dev") == 0)
        parse_each_line(text, read_net, m);
    else if (strcmp(file, "loadavg") == 0)
        sscanf(text, "%lf", &m->load1);
    else if (strcmp(file, "pressure/cpu") == 0)
        read_pressure(text, &m->pressure_cpu);
    else if (strcmp(file, "pressure/memory") == 0)
        read_pressure(text, &m->pressure_memory);
    else if (strcmp(file, "pressure/io") == 0)
        read_pressure(text, &m->pressure_io);
    else
        return false;
    return true;
}

void procfs_block(char *block, struct machine *m)
{
    char *at = strncmp(block, "== ", 3) == 0 ? block : strstr(block, "\n== ");
    while (at != NULL) {
        at += *at == '\n' ? 4 : 3;
        char *end = strchr(at, '\n');
        if (end == NULL)
            return;
        char *next =
            strstr(end, "\n== "); /* begins at the line feed, since the file may be empty */
        if (next != NULL)
            *next = '\0';
        *end = '\0';
        procfs_machine(at, next == end ? "" : end + 1, m);
        if (next != NULL)
            *next = '\n';
        at = next;
    }
}
