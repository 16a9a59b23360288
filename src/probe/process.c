/* SPDX-License-Identifier: MIT */
/* The process probe: a process of this machine with all its descendants, by /proc.
 *
 * Memory is RssAnon: pages that a server's processes share would count once for each of them in
 * RSS (postgres: 545 MB of RSS where 86 are used).  RSS is shown beside it for a single process
 * only. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "src/base/mem.h"
#include "src/base/now.h"
#include "src/probe/probe.h"
#include "src/probe/procfs.h"
#include "src/probe/readfile.h"
#include "src/probe/tree_cpu.h"

#define PERIOD_NS NS_PER_S
#define LIMIT_NS NS_PER_S
#define LISTENERS 16
#define TEXT_BYTES 16384 /* hundreds of groups stand before the figures of memory */
/* Scanning all processes of a machine takes 2 ms: too much for each poll. */
#define POLLS_PER_SCAN 5
#define CHEAP_NS (10 * NS_PER_MS) /* CPU time of a scan that may be made in each poll */

struct member {
    struct proc_stat now;
    bool in_tree;
};

struct process {
    const struct probe_spec *spec;
    struct member *all; /* all processes of the machine at this poll; sorted by pid */
    size_t n_all;
    struct proc_stat *tree; /* the members of the tree */
    size_t n_tree;
    struct tree_cpu used; /* holds the tree of the previous poll */
    unsigned polls;       /* since the last scan */
    uint64_t scan_ns;     /* CPU time of that scan */
    bool lost;            /* a process of the tree is missing: others may have come in its place */
    uint64_t polled_ns;
    uint32_t root; /* at the previous poll; 0: none */
    uint64_t root_started;
    double tick_s;
    unsigned cores;
    bool found;
    int cpu, memory, resident, threads, files, processes;
};

static void *process_open(struct probe *p, const struct probe_spec *spec)
{
    struct process *s = mem_zalloc(sizeof *s);
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    s->spec = spec;
    s->tick_s = 1.0 / (double)sysconf(_SC_CLK_TCK);
    s->cores = cores > 0 ? (unsigned)cores : 1;
    s->cpu = probe_series(p, "", "cpu", UNIT_PERCENT, SERIES_MAIN | SERIES_RESOURCE);
    s->memory = probe_series(p, "", "memory", UNIT_BYTES, SERIES_MAIN | SERIES_LEAK);
    s->resident = probe_series(p, "", "resident", UNIT_BYTES, 0);
    s->threads = probe_series(p, "", "threads", UNIT_COUNT, 0);
    s->files = probe_series(p, "", "descriptors", UNIT_COUNT, SERIES_RESOURCE);
    s->processes = probe_series(p, "", "processes", UNIT_COUNT, 0);
    probe_limit(p, s->cpu, 100);
    return s;
}

static void process_close(void *self)
{
    struct process *s = self;
    free(s->all);
    free(s->tree);
    tree_cpu_finish(&s->used);
    free(s);
}

/* -------------------------------------------------------------- reading /proc */

static ssize_t read_proc_file(uint32_t pid, const char *file, char *out, size_t size)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%u/%s", pid, file);
    return readfile(path, out, size);
}

static int member_by_pid(const void *a, const void *b)
{
    const struct member *x = a, *y = b;
    return (x->now.pid > y->now.pid) - (x->now.pid < y->now.pid);
}

static bool scan_processes(struct process *s, struct err *e)
{
    char text[TEXT_BYTES];
    uint64_t begun = now_thread_cpu_ns(); /* CPU time, which does not grow on a busy machine */
    DIR *dir = opendir("/proc");
    if (dir == NULL)
        return err_set(e, "/proc cannot be read: %s.", strerror(errno));
    s->n_all = 0;
    for (struct dirent *d = readdir(dir); d != NULL; d = readdir(dir)) {
        struct member m = {0};
        if (!isdigit((unsigned char)d->d_name[0]) ||
            read_proc_file((uint32_t)strtoul(d->d_name, NULL, 10), "stat", text, sizeof text) <=
                0 ||
            !procfs_stat(text, &m.now))
            continue;
        s->all = mem_room(s->all, s->n_all, sizeof *s->all);
        s->all[s->n_all++] = m;
    }
    closedir(dir);
    qsort(s->all, s->n_all, sizeof *s->all, member_by_pid);
    s->scan_ns = now_thread_cpu_ns() - begun;
    return true;
}

/* Reads only the processes that were in the tree at the previous poll.  Returns false when the
 * root has ended, or when a process is missing and its successor must be found.  A crashed
 * server ends all of its workers and starts others at once, not all of them by the next poll:
 * two scans in a row follow. */
static bool read_known_tree(struct process *s)
{
    char text[TEXT_BYTES];
    bool root = false, lost = s->lost;
    s->n_all = 0;
    for (size_t i = 0; i < s->used.n; i++) {
        const struct tree_past *was = &s->used.past[i];
        struct member m = {.in_tree = true};
        if (read_proc_file(was->pid, "stat", text, sizeof text) <= 0 ||
            !procfs_stat(text, &m.now) || m.now.started != was->started)
            continue;
        root = root || (m.now.pid == s->root && !procfs_ended(&m.now));
        s->all = mem_room(s->all, s->n_all, sizeof *s->all);
        s->all[s->n_all++] = m;
    }
    s->lost = s->n_all < s->used.n;
    return root && ((!s->lost && !lost) || s->scan_ns > CHEAP_NS); /* still sorted by pid */
}

static struct member *find_proc_member(const struct process *s, uint32_t pid)
{
    const struct member key = {.now.pid = pid};
    return s->n_all == 0 ? NULL : bsearch(&key, s->all, s->n_all, sizeof key, member_by_pid);
}

/* Returns that very process, if it still runs. */
static struct member *find_living_member(const struct process *s, uint32_t pid, uint64_t started)
{
    struct member *m = find_proc_member(s, pid);
    return m != NULL && m->now.started == started && !procfs_ended(&m->now) ? m : NULL;
}

/* ------------------------------------------------------------- finding the tree */

static size_t listening_inodes(const struct process *s, uint64_t *inodes)
{
    static const char *const files[] = {"/proc/net/tcp", "/proc/net/tcp6"};
    size_t n = 0, size = 1 << 20; /* a thousand connections need 150 KB */
    char *text = mem_zalloc(size);
    for (size_t i = 0; i < 2; i++)
        if (readfile(files[i], text, size) > 0)
            n += procfs_listeners(text, s->spec->port, inodes + n, LISTENERS - n);
    free(text);
    return n;
}

static bool pid_holds_socket(uint32_t pid, const uint64_t *inodes, size_t n)
{
    char path[64], link[64];
    bool holds = false;
    snprintf(path, sizeof path, "/proc/%u/fd", pid);
    DIR *dir = opendir(path);
    if (dir == NULL)
        return false;
    for (struct dirent *d = readdir(dir); d != NULL && !holds; d = readdir(dir)) {
        unsigned long long inode;
        ssize_t len = readlinkat(dirfd(dir), d->d_name, link, sizeof link - 1);
        if (len <= 0)
            continue;
        link[len] = '\0';
        if (sscanf(link, "socket:[%llu]", &inode) != 1)
            continue;
        for (size_t i = 0; i < n; i++)
            holds = holds || inodes[i] == inode;
    }
    closedir(dir);
    return holds;
}

/* Compares with argv[0] without its folder, too: the kernel cuts its own name after 15 bytes. */
static bool member_has_name(const struct member *m, const char *name)
{
    char line[TEXT_BYTES];
    if (strcmp(m->now.name, name) == 0)
        return true;
    if (read_proc_file(m->now.pid, "cmdline", line, sizeof line) <= 0)
        return false;
    const char *slash = strrchr(line, '/');
    return strcmp(slash != NULL ? slash + 1 : line, name) == 0;
}

static void mark_tree_roots(struct process *s,
                            bool (*fits)(const struct process *, const struct member *,
                                         const uint64_t *, size_t),
                            const uint64_t *inodes, size_t n)
{
    for (size_t i = 0; i < s->n_all; i++)
        s->all[i].in_tree = !procfs_ended(&s->all[i].now) && fits(s, &s->all[i], inodes, n);
}

static bool member_fits_name(const struct process *s, const struct member *m,
                             const uint64_t *inodes, size_t n)
{
    (void)inodes;
    (void)n;
    return m->now.pid != (uint32_t)getpid() && member_has_name(m, s->spec->process);
}

static bool member_fits_port(const struct process *s, const struct member *m,
                             const uint64_t *inodes, size_t n)
{
    (void)s;
    return pid_holds_socket(m->now.pid, inodes, n);
}

/* Keeps the root while it lives: finding the listener reads every descriptor of the machine. */
static bool keep_known_root(struct process *s)
{
    struct member *m = s->root != 0 ? find_living_member(s, s->root, s->root_started) : NULL;
    if (m == NULL)
        return false;
    m->in_tree = true;
    return true;
}

static bool member_is_systemd(const struct member *m)
{
    return strcmp(m->now.name, "systemd") == 0;
}

/* Leaves systemd out, which opens sockets for services and keeps them: the service is meant, not
 * all that systemd has started. */
static void unmark_systemd(struct process *s)
{
    bool others = false;
    for (size_t i = 0; i < s->n_all; i++)
        others = others || (s->all[i].in_tree && !member_is_systemd(&s->all[i]));
    for (size_t i = 0; i < s->n_all && others; i++)
        s->all[i].in_tree = s->all[i].in_tree && !member_is_systemd(&s->all[i]);
}

static bool find_root_by_port(struct process *s, struct err *e)
{
    uint64_t inodes[LISTENERS];
    if (keep_known_root(s))
        return true;
    size_t n = listening_inodes(s, inodes);
    if (n == 0)
        return err_set(e, "nobody listens on port %u of this machine.", s->spec->port);
    mark_tree_roots(s, member_fits_port, inodes, n);
    unmark_systemd(s);
    for (size_t i = 0; i < s->n_all; i++)
        if (s->all[i].in_tree)
            return true;
    return err_set(
        e,
        "the listener on port %u belongs to another user: run ramptop as that user or as "
        "root, or give its name or pid.",
        s->spec->port);
}

static bool find_roots(struct process *s, struct err *e)
{
    const struct probe_spec *spec = s->spec;
    if (spec->port != 0)
        return find_root_by_port(s, e);
    if (spec->pid != 0) {
        struct member *m = find_proc_member(s, spec->pid);
        bool same = m != NULL && (s->root == 0 || m->now.started == s->root_started);
        if (!same || procfs_ended(&m->now))
            return err_set(e, "there is no process %u%s.", spec->pid, s->found ? " any more" : "");
        m->in_tree = true;
        return true;
    }
    mark_tree_roots(s, member_fits_name, NULL, 0);
    for (size_t i = 0; i < s->n_all; i++)
        if (s->all[i].in_tree)
            return true;
    return err_set(e, "no process of this machine is called %.60s.", spec->process);
}

/* Keeps children whose parent ended: they belong to init by now, and still to the tree. */
static void keep_orphans(struct process *s)
{
    const struct member *root = s->found ? find_living_member(s, s->root, s->root_started) : NULL;
    for (size_t i = 0; root != NULL && root->in_tree && i < s->used.n; i++) {
        const struct tree_past *was = &s->used.past[i];
        struct member *m = find_living_member(s, was->pid, was->started);
        if (m != NULL)
            m->in_tree = true;
    }
}

/* Adds descendants until there are no more: a parent may have a higher pid than its child. */
static void add_descendants(struct process *s)
{
    bool more = true;
    while (more) {
        more = false;
        for (size_t i = 0; i < s->n_all; i++) {
            struct member *m = &s->all[i];
            const struct member *parent = m->in_tree ? NULL : find_proc_member(s, m->now.parent);
            if (parent != NULL && parent->in_tree)
                m->in_tree = more = true;
        }
    }
}

/* Returns the process whose parent is not in the tree; the oldest of several. */
static const struct member *tree_root(const struct process *s)
{
    const struct member *root = NULL;
    for (size_t i = 0; i < s->n_all; i++) {
        const struct member *m = &s->all[i];
        const struct member *parent = m->in_tree ? find_proc_member(s, m->now.parent) : NULL;
        if (m->in_tree && !procfs_ended(&m->now) && (parent == NULL || !parent->in_tree) &&
            (root == NULL || m->now.started < root->now.started))
            root = m;
    }
    return root;
}

static void update_root(struct process *s, struct probe *p)
{
    const struct member *root = tree_root(s);
    if (root == NULL)
        return; /* parents changed while they were read */
    bool other = s->found && (root->now.pid != s->root || root->now.started != s->root_started);
    if (other) {
        probe_event(p, EVENT_RESTART, "", "was started again: pid %u, was %u", root->now.pid,
                    s->root);
        tree_cpu_forget(&s->used);
    }
    if (other || !s->found)
        probe_where(p, "pid %u (%s)", root->now.pid, root->now.name);
    s->found = true;
    s->root = root->now.pid;
    s->root_started = root->now.started;
}

/* --------------------------------------------------------------------- figures */

static double uptime_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_BOOTTIME, &t); /* the clock of `started` */
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void collect_tree(struct process *s)
{
    s->n_tree = 0;
    for (size_t i = 0; i < s->n_all; i++) {
        if (!s->all[i].in_tree)
            continue;
        s->tree = mem_room(s->tree, s->n_tree, sizeof *s->tree);
        s->tree[s->n_tree++] = s->all[i].now;
    }
}

static void process_publish_cpu(struct process *s, struct probe *p)
{
    uint64_t now = now_ns();
    double passed_s = (double)(now - s->polled_ns) / (double)NS_PER_S;
    double ticks =
        tree_cpu_used(&s->used, s->tree, s->n_tree, uptime_s() / s->tick_s, passed_s / s->tick_s);
    s->polled_ns = now;
    if (isnan(ticks))
        return;
    double cores = ticks * s->tick_s / passed_s;
    probe_note(p, s->cpu, "%.2f of %u cores", cores, s->cores);
    probe_value(p, s->cpu, fmin(100, 100 * cores / s->cores));
}

/* Counts open descriptors.  Since Linux 6.2 the folder's size is the number, also for other
 * users' processes. */
static bool count_descriptors(uint32_t pid, uint64_t *out)
{
    char path[64];
    struct stat st;
    snprintf(path, sizeof path, "/proc/%u/fd", pid);
    if (stat(path, &st) == 0 && st.st_size > 0) {
        *out = (uint64_t)st.st_size;
        return true;
    }
    DIR *dir = opendir(path);
    if (dir == NULL)
        return false;
    *out = 0;
    for (struct dirent *d = readdir(dir); d != NULL; d = readdir(dir))
        *out += d->d_name[0] != '.';
    closedir(dir);
    return true;
}

struct sums {
    uint64_t anon, resident, threads, processes;
    bool anon_known;
    uint64_t files, files_limit; /* for the process that is nearest to its limit */
    uint32_t files_pid;
};

static void add_descriptors(struct sums *sum, uint32_t pid, char *text, size_t size)
{
    uint64_t files, limit = 0;
    if (!count_descriptors(pid, &files))
        return;
    if (read_proc_file(pid, "limits", text, size) > 0)
        procfs_open_files(text, &limit);
    double share = limit > 0 ? (double)files / (double)limit : 0;
    double most = sum->files_limit > 0 ? (double)sum->files / (double)sum->files_limit : 0;
    if (sum->files_pid == 0 || share > most) {
        sum->files = files;
        sum->files_limit = limit;
        sum->files_pid = pid;
    }
}

/* Adds a process's memory, unless it has ended since it was found. */
static void add_memory(struct sums *sum, uint32_t pid, char *text, size_t size)
{
    uint64_t anon = 0, resident = 0;
    if (read_proc_file(pid, "status", text, size) <= 0 || !procfs_kb(text, "RssAnon", &anon))
        return;
    procfs_kb(text, "VmRSS", &resident);
    sum->anon += anon;
    sum->resident += resident;
    sum->anon_known = true;
}

static struct sums sum_tree(const struct process *s)
{
    struct sums sum = {0};
    char text[TEXT_BYTES];
    for (size_t i = 0; i < s->n_tree; i++) {
        if (procfs_ended(&s->tree[i]))
            continue;
        sum.processes++;
        sum.threads += s->tree[i].threads;
        add_memory(&sum, s->tree[i].pid, text, sizeof text);
        add_descriptors(&sum, s->tree[i].pid, text, sizeof text);
    }
    return sum;
}

static void process_publish_sums(const struct process *s, struct probe *p)
{
    struct sums sum = sum_tree(s);
    probe_value(p, s->memory, sum.anon_known ? (double)sum.anon : NAN);
    probe_value(p, s->resident, sum.processes == 1 && sum.anon_known ? (double)sum.resident : NAN);
    probe_value(p, s->threads, (double)sum.threads);
    probe_value(p, s->processes, (double)sum.processes);
    probe_limit(p, s->files, (double)sum.files_limit);
    probe_value(p, s->files, sum.files_pid != 0 ? (double)sum.files : NAN);
    if (sum.processes > 1 && sum.files_pid != 0)
        probe_note(p, s->files, "pid %u", sum.files_pid);
    else
        probe_note(p, s->files, "%s", "");
}

static enum probe_state process_poll(void *self, struct probe *p, uint64_t deadline_ns,
                                     struct err *e)
{
    struct process *s = self;
    (void)deadline_ns; /* /proc does not wait */
    bool known = s->found && s->used.n > 0 && ++s->polls < POLLS_PER_SCAN && read_known_tree(s);
    if (!known) {
        s->polls = 0;
        if (!scan_processes(s, e) || !find_roots(s, e)) {
            tree_cpu_forget(&s->used);
            return PROBE_DOWN;
        }
        keep_orphans(s);
        add_descendants(s);
        update_root(s, p);
    }
    collect_tree(s);
    process_publish_cpu(s, p);
    process_publish_sums(s, p);
    return PROBE_LIVE;
}

const struct probe_ops probe_process = {
    .type = PROBE_PROCESS,
    .period_ns = PERIOD_NS,
    .limit_ns = LIMIT_NS,
    .open = process_open,
    .poll = process_poll,
    .close = process_close,
};
