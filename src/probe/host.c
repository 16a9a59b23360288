/* SPDX-License-Identifier: MIT */
/* The host probe: a whole machine by its /proc, this one, or another by one ssh that keeps
 * running.
 *
 * One ssh for each poll would cost a fifth of a second and 55 ms of CPU; here a loop on the
 * other side sends the files as they are, a block a second, and rates are computed here from
 * that machine's own clock. */
#include <errno.h>
#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "src/base/buf.h"
#include "src/base/clean.h"
#include "src/base/mem.h"
#include "src/base/now.h"
#include "src/probe/probe.h"
#include "src/probe/procfs.h"
#include "src/probe/subprocess.h"

#define PERIOD_NS NS_PER_S
#define LIMIT_NS (12 * NS_PER_S) /* time for ssh to connect and for the first block */
#define GRACE_NS (100 * NS_PER_MS)
#define FILE_BYTES (64u << 10)
#define BLOCK_MOST (512u << 10)
#define BLOCK_END "== end\n"
#define WORDS_TURNS 32

struct host {
    const struct probe_spec *spec;
    struct machine before;
    bool seen;
    struct subprocess ssh;
    struct buf in;   /* ssh's output since the last block */
    bool no_figures; /* the newest block had no figures */
    char said[160];  /* ssh's last message, cleaned */
    uint64_t ssh_cpu_ns;
    int cpu, memory, swap, load, disk, disk_read, disk_write, net_in, net_out;
    int pressure_cpu, pressure_memory, pressure_io;
};

static void *host_open(struct probe *p, const struct probe_spec *spec)
{
    struct host *s = mem_zalloc(sizeof *s);
    s->spec = spec;
    s->ssh.out_fd = s->ssh.err_fd = -1;
    s->cpu = probe_series(p, "", "cpu", UNIT_PERCENT, SERIES_MAIN | SERIES_RESOURCE);
    s->memory = probe_series(p, "", "memory", UNIT_BYTES, SERIES_MAIN | SERIES_RESOURCE);
    s->disk = probe_series(p, "", "disk busy", UNIT_PERCENT, SERIES_RESOURCE);
    s->disk_read = probe_series(p, "", "disk read", UNIT_BYTES_PER_S, 0);
    s->disk_write = probe_series(p, "", "disk written", UNIT_BYTES_PER_S, 0);
    s->net_in = probe_series(p, "", "network in", UNIT_BYTES_PER_S, 0);
    s->net_out = probe_series(p, "", "network out", UNIT_BYTES_PER_S, 0);
    s->pressure_cpu = probe_series(p, "", "cpu pressure", UNIT_PERCENT, 0);
    s->pressure_memory = probe_series(p, "", "memory pressure", UNIT_PERCENT, 0);
    s->pressure_io = probe_series(p, "", "io pressure", UNIT_PERCENT, 0);
    s->load = probe_series(p, "", "load", UNIT_COUNT, 0);
    s->swap = probe_series(p, "", "swap", UNIT_BYTES, 0);
    probe_limit(p, s->cpu, 100);
    probe_limit(p, s->disk, 100);
    probe_where(p, "%s", spec->where[0] != '\0' ? spec->where : "this machine");
    return s;
}

static void host_close(void *self)
{
    struct host *s = self;
    subprocess_end(&s->ssh, GRACE_NS);
    buf_finish(&s->in);
    free(s);
}

/* --------------------------------------------------------------------- figures */

static double host_rate(uint64_t now, uint64_t before, double passed_s)
{
    return now < before ? NAN : (double)(now - before) / passed_s;
}

/* Returns the growth of a counter; 0 when it went back, as disk wait times may (proc(5)). */
static double counter_gain(uint64_t now, uint64_t before)
{
    return now > before ? (double)(now - before) : 0;
}

static void host_publish_cpu(const struct host *s, struct probe *p, const struct machine *m)
{
    double total = counter_gain(m->cpu_total, s->before.cpu_total);
    double idle = counter_gain(m->cpu_idle, s->before.cpu_idle);
    double stolen = counter_gain(m->cpu_steal, s->before.cpu_steal);
    if (total <= 0)
        return;
    if (100 * stolen >= total)
        probe_note(p, s->cpu, "%u cores, steal %.0f %%", m->cores, 100 * stolen / total);
    else
        probe_note(p, s->cpu, "%u cores", m->cores);
    probe_value(p, s->cpu, fmin(100, fmax(0, 100 * (total - idle) / total)));
}

static uint64_t disk_busy_before(const struct host *s, const char *name, bool *known)
{
    for (size_t i = 0; i < s->before.n_disks; i++)
        if (strcmp(s->before.disks[i].name, name) == 0)
            return s->before.disks[i].busy_ms;
    *known = false;
    return 0;
}

/* Publishes the busiest disk: several half-busy ones are no limit yet. */
static void host_publish_disks(const struct host *s, struct probe *p, const struct machine *m,
                               double passed_s)
{
    double most = NAN;
    for (size_t i = 0; i < m->n_disks; i++) {
        bool known = true;
        uint64_t before = disk_busy_before(s, m->disks[i].name, &known);
        double percent = known ? host_rate(m->disks[i].busy_ms, before, passed_s) / 10 : NAN;
        if (isnan(percent) || percent <= most)
            continue;
        most = fmin(100, percent);
        probe_note(p, s->disk, "%s", m->disks[i].name);
    }
    bool some = m->n_disks > 0;
    probe_value(p, s->disk, most);
    probe_value(p, s->disk_read,
                some ? host_rate(m->disk_read, s->before.disk_read, passed_s) : NAN);
    probe_value(p, s->disk_write,
                some ? host_rate(m->disk_written, s->before.disk_written, passed_s) : NAN);
}

static void host_publish_net(const struct host *s, struct probe *p, const struct machine *m,
                             double passed_s)
{
    bool some = m->n_nets > 0;
    probe_value(p, s->net_in, some ? host_rate(m->net_in, s->before.net_in, passed_s) : NAN);
    probe_value(p, s->net_out, some ? host_rate(m->net_out, s->before.net_out, passed_s) : NAN);
}

static void host_publish_rates(const struct host *s, struct probe *p, const struct machine *m)
{
    double passed_s = m->at_s - s->before.at_s;
    if (passed_s <= 0)
        return;
    host_publish_cpu(s, p, m);
    host_publish_disks(s, p, m, passed_s);
    host_publish_net(s, p, m, passed_s);
}

/* Returns all - free; NaN for nonsense, since another machine may send anything. */
static double used_bytes(uint64_t all, uint64_t free)
{
    return free > all || all == 0 ? NAN : (double)(all - free);
}

static void host_publish(struct host *s, struct probe *p, const struct machine *m)
{
    bool again = m->at_s < s->before.at_s; /* the machine was restarted, so ssh was, too */
    if (again)
        probe_event(p, EVENT_RESTART, "", "the machine was started again");
    if (s->seen && !again)
        host_publish_rates(s, p, m);
    probe_limit(p, s->memory, (double)m->mem_total);
    probe_value(p, s->memory, used_bytes(m->mem_total, m->mem_available));
    probe_limit(p, s->swap, (double)m->swap_total);
    probe_value(p, s->swap, used_bytes(m->swap_total, m->swap_free));
    probe_value(p, s->load, m->load1);
    probe_value(p, s->pressure_cpu, m->pressure_cpu);
    probe_value(p, s->pressure_memory, m->pressure_memory);
    probe_value(p, s->pressure_io, m->pressure_io);
    s->before = *m;
    s->seen = true;
}

static struct machine machine_unknown(void)
{
    return (struct machine){.mem_available = UINT64_MAX,
                            .load1 = NAN,
                            .pressure_cpu = NAN,
                            .pressure_memory = NAN,
                            .pressure_io = NAN};
}

/* ---------------------------------------------------------------- this machine */

static bool read_local_machine(struct machine *m, struct err *e)
{
    char *text = mem_zalloc(FILE_BYTES), path[64];
    for (size_t i = 0; procfs_machine_files[i] != NULL; i++) {
        snprintf(path, sizeof path, "/proc/%s", procfs_machine_files[i]);
        FILE *f = fopen(path, "re");
        if (f == NULL)
            continue; /* older kernels have no pressure files */
        size_t n = fread(text, 1, FILE_BYTES - 1, f);
        fclose(f);
        text[n] = '\0';
        procfs_machine(procfs_machine_files[i], text, m);
    }
    free(text);
    return m->cpu_total > 0 || err_set(e, "/proc/stat cannot be read: is /proc mounted?");
}

/* ------------------------------------------------------------- another, by ssh */

/* The loop ends when ssh does: the next block cannot be written then.  The login shell may not
 * know `while :; do`, and not every sleep knows fractions, so a whole second has none. */
static const char loop[] = "exec sh -c '"
                           "while :; do "
                           "for f in uptime stat meminfo diskstats net/dev loadavg pressure/cpu "
                           "pressure/memory pressure/io; do "
                           "[ -r /proc/$f ] && echo \"== $f\" && cat /proc/$f 2>/dev/null; done; "
                           "echo \"== end\"; sleep %.4g || exit; done'";

static bool host_start_ssh(struct host *s, uint64_t period_ns, struct err *e)
{
    char command[sizeof loop + 16];
    snprintf(command, sizeof command, loop, (double)period_ns / (double)NS_PER_S);
    /* A connection that is already shared is used (ControlPath); a new one is not kept. */
    const char *const argv[] = {"ssh",   "-T",
                                "-o",    "BatchMode=yes",
                                "-o",    "ConnectTimeout=5",
                                "-o",    "ServerAliveInterval=5",
                                "-o",    "ServerAliveCountMax=2",
                                "-o",    "ControlMaster=no",
                                "--",    s->spec->where,
                                command, NULL};
    s->seen = s->no_figures = false;
    s->said[0] = '\0';
    s->ssh_cpu_ns = 0;
    buf_clear(&s->in);
    return subprocess_start(&s->ssh, argv, NULL, e);
}

/* Keeps ssh's last line, which is the reason; its full stop is left to our sentence. */
static void keep_last_ssh_line(struct host *s, const char *raw, size_t n)
{
    while (n > 0 && (raw[n - 1] == '\n' || raw[n - 1] == '\r' || raw[n - 1] == '.'))
        n--;
    size_t from = n;
    while (from > 0 && raw[from - 1] != '\n')
        from--;
    if (n > 0)
        clean_text(s->said, sizeof s->said, raw + from, n - from);
}

/* Reads what ssh has written so far, and no more: a long warning may stand before the last line. */
static void read_ssh_errors(struct host *s)
{
    char raw[2048];
    ssize_t n = 0;
    for (int i = 0; i < WORDS_TURNS && (n = read(s->ssh.err_fd, raw, sizeof raw)) > 0; i++)
        keep_last_ssh_line(s, raw, (size_t)n);
    if (n == 0) { /* closed: always readable from now on */
        close(s->ssh.err_fd);
        s->ssh.err_fd = -1;
    }
}

static bool read_ssh_output(struct host *s)
{
    char raw[16384];
    ssize_t n = read(s->ssh.out_fd, raw, sizeof raw);
    if (n > 0)
        buf_add(&s->in, raw, (size_t)n);
    return n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR));
}

static bool take_oldest_block(struct host *s, struct machine *m)
{
    size_t len = strlen(BLOCK_END);
    char *end = s->in.len > 0 ? memmem(s->in.data, s->in.len, BLOCK_END, len) : NULL;
    if (end == NULL)
        return false;
    *end = '\0';
    *m = machine_unknown();
    procfs_block(s->in.data, m);
    size_t used = (size_t)(end - s->in.data) + len;
    memmove(s->in.data, s->in.data + used, s->in.len - used);
    s->in.len -= used;
    return true;
}

/* Takes the newest whole block. */
static bool take_newest_block(struct host *s, struct machine *m)
{
    bool any = false;
    while (take_oldest_block(s, m))
        any = true;
    s->no_figures = any && m->cpu_total == 0;
    return any;
}

/* Adds ssh's CPU time on this machine to the probe's cost. */
static void add_ssh_cost(struct host *s, struct probe *p)
{
    uint64_t used = subprocess_cpu_ns(&s->ssh);
    if (used > s->ssh_cpu_ns)
        probe_cost(p, used - s->ssh_cpu_ns);
    s->ssh_cpu_ns = used;
}

static enum probe_state ssh_ended_state(struct host *s, struct err *e)
{
    if (s->ssh.err_fd >= 0)
        read_ssh_errors(s);
    bool denied = strstr(s->said, "ermission denied") != NULL ||
                  strstr(s->said, "verification failed") != NULL;
    subprocess_end(&s->ssh, GRACE_NS);
    if (denied)
        err_set(e,
                "ssh to %.80s ended: %s; it must work without a question: try ssh -o "
                "BatchMode=yes %.80s true.",
                s->spec->where, s->said, s->spec->where);
    else
        err_set(e, "ssh to %.80s ended: %s.", s->spec->where,
                s->said[0] != '\0' ? s->said : "it said nothing");
    return denied ? PROBE_DENIED : PROBE_DOWN;
}

/* Reports a machine without /proc as denied: only its owner can change that. */
static enum probe_state no_figures_state(struct host *s, struct err *e)
{
    subprocess_end(&s->ssh, GRACE_NS);
    err_set(e, "%.80s has no /proc/stat to read: only Linux machines can be watched.",
            s->spec->where);
    return PROBE_DENIED;
}

static enum probe_state wrong_output_state(struct host *s, struct err *e)
{
    subprocess_end(&s->ssh, GRACE_NS);
    err_set(e,
            "%.80s sends something else than the figures of its /proc: does a start-up file "
            "there print?",
            s->spec->where);
    return PROBE_DOWN;
}

static enum probe_state silent_ssh_state(struct host *s, struct err *e)
{
    subprocess_end(&s->ssh, GRACE_NS);
    err_set(e, "%.80s has sent nothing for %.0f s%s%s.", s->spec->where,
            (double)LIMIT_NS / (double)NS_PER_S, s->said[0] != '\0' ? ": " : "", s->said);
    return PROBE_DOWN;
}

/* Waits for a block.  Blocks come a period apart, which sets the pace. */
static enum probe_state poll_remote_machine(struct host *s, struct probe *p, uint64_t deadline_ns,
                                            struct err *e)
{
    struct machine m;
    if (s->ssh.pid == 0 &&
        !host_start_ssh(s, s->spec->period_ns != 0 ? s->spec->period_ns : PERIOD_NS, e))
        return PROBE_DENIED;
    while (!take_newest_block(s, &m)) {
        struct pollfd fds[] = {{.fd = s->ssh.out_fd, .events = POLLIN},
                               {.fd = s->ssh.err_fd, .events = POLLIN},
                               {.fd = probe_wake_fd(p), .events = POLLIN}};
        uint64_t now = now_ns();
        if (s->in.len > BLOCK_MOST)
            return wrong_output_state(s, e);
        if (now >= deadline_ns)
            return silent_ssh_state(s, e);
        poll(fds, 3, (int)((deadline_ns - now) / NS_PER_MS) + 1);
        if (fds[2].revents != 0) /* woken: nothing is wrong */
            return s->seen ? PROBE_LIVE : PROBE_CONNECTING;
        if (fds[1].revents != 0)
            read_ssh_errors(s);
        if (fds[0].revents != 0 && !read_ssh_output(s))
            return ssh_ended_state(s, e);
    }
    if (s->no_figures)
        return no_figures_state(s, e);
    add_ssh_cost(s, p);
    host_publish(s, p, &m);
    return PROBE_LIVE;
}

static enum probe_state host_poll(void *self, struct probe *p, uint64_t deadline_ns, struct err *e)
{
    struct host *s = self;
    if (s->spec->where[0] != '\0')
        return poll_remote_machine(s, p, deadline_ns, e);
    struct machine m = machine_unknown();
    if (!read_local_machine(&m, e))
        return PROBE_DOWN;
    host_publish(s, p, &m);
    return PROBE_LIVE;
}

const struct probe_ops probe_host = {
    .type = PROBE_HOST,
    .period_ns = PERIOD_NS,
    .limit_ns = LIMIT_NS,
    .open = host_open,
    .poll = host_poll,
    .close = host_close,
};
