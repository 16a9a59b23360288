/* SPDX-License-Identifier: MIT */
#include "src/load/machine.h"

#include <dirent.h>
#include <sched.h>
#include <stdio.h>
#include <sys/resource.h>

/* Besides the users' sockets: the terminal, epoll, timers, libraries, probes. */
#define OTHER_FILES 64
#define FILES_PER_WORKER 8

uint64_t machine_raise_files(void)
{
    struct rlimit r;
    if (getrlimit(RLIMIT_NOFILE, &r) != 0)
        return 1024;
    if (r.rlim_cur < r.rlim_max) {
        r.rlim_cur = r.rlim_max;
        setrlimit(RLIMIT_NOFILE, &r);
        getrlimit(RLIMIT_NOFILE, &r);
    }
    return r.rlim_cur;
}

uint64_t machine_open_files(void)
{
    DIR *d = opendir("/proc/self/fd");
    uint64_t n = 0;
    if (d == NULL)
        return 0;
    while (readdir(d) != NULL)
        n++;
    closedir(d);
    return n > 3 ? n - 3 : 0; /* ".", ".." and the folder itself */
}

unsigned machine_cores(void)
{
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) != 0)
        return 1;
    int n = CPU_COUNT(&set);
    return n > 0 ? (unsigned)n : 1;
}

static uint64_t local_ports(void)
{
    unsigned low = 32768, high = 60999;
    FILE *f = fopen("/proc/sys/net/ipv4/ip_local_port_range", "re");
    if (f != NULL) {
        if (fscanf(f, "%u %u", &low, &high) != 2 || high < low)
            low = 32768, high = 60999;
        fclose(f);
    }
    return high - low + 1;
}

/* Returns how many users have their share of what there is. */
static unsigned long long users_for(uint64_t there, uint32_t users, uint64_t connections)
{
    return (unsigned long long)((double)there * users / (double)connections);
}

bool machine_allows(uint32_t users, uint64_t connections, unsigned workers, struct err *e)
{
    struct rlimit r;
    char at_once[64] = "";
    uint64_t others = OTHER_FILES + (uint64_t)workers * FILES_PER_WORKER;
    uint64_t need = connections + others, ports = local_ports();

    if (connections > users)
        snprintf(at_once, sizeof at_once, " with up to %llu requests at once",
                 (unsigned long long)connections);
    if (getrlimit(RLIMIT_NOFILE, &r) == 0 && need > r.rlim_cur)
        return err_set(e,
                       "%u users%s need %llu open files, the limit here is %llu: raise it "
                       "(ulimit -n %llu) or take at most %llu users",
                       users, at_once, (unsigned long long)need, (unsigned long long)r.rlim_cur,
                       (unsigned long long)need,
                       r.rlim_cur > others ? users_for(r.rlim_cur - others, users, connections)
                                           : 0);
    if (connections > ports)
        return err_set(e,
                       "%u users%s need as many local ports towards one address, this machine has "
                       "%llu (net.ipv4.ip_local_port_range): take at most %llu users",
                       users, at_once, (unsigned long long)ports,
                       users_for(ports, users, connections));
    return true;
}
