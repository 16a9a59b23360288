/* SPDX-License-Identifier: MIT */
/* The redis probe: a Redis server, or one of its relatives, by PING and INFO on a connection of
 * its own. */
#include <errno.h>
#include <math.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "src/base/clean.h"
#include "src/base/mem.h"
#include "src/base/now.h"
#include "src/probe/probe.h"
#include "src/probe/resp.h"
#include "src/script/scrub.h"

#define LIMIT_NS (3 * NS_PER_S / 2)
#define HEEDLESS_NS (50 * NS_PER_MS)
#define PORT "6379"

struct redis {
    const struct probe_spec *spec;
    int fd;
    struct buf in, out;
    size_t taken;    /* length of the previous reply in `in` */
    char place[128]; /* cleaned */
    /* The probe's own share of the server's counters since it began, without this INFO's reply. */
    double ours, sent_bytes, got_bytes;
    double processed; /* total_commands_processed at the previous poll */
    char run_id[64];
    double uptime_s;
    bool known;            /* run_id and uptime_s are known */
    struct secrets hidden; /* secrets that the server may repeat in an error */
    bool refused;
    /* states at the previous poll, so that each beginning is reported once */
    bool evicting, rejecting, out_of_memory, saving, lost_master;
    struct probe_counter commands, hits, misses, evicted, expired, rejected, oom, cpu, in_bytes,
        out_bytes;
    int s_commands, s_clients, s_memory, s_cpu, s_ping, s_hits, s_evicted, s_expired, s_rejected,
        s_blocked, s_in, s_out;
};

static void *redis_open(struct probe *p, const struct probe_spec *spec)
{
    struct redis *s = mem_zalloc(sizeof *s);
    s->spec = spec;
    s->fd = -1;
    if (spec->password != NULL)
        secrets_add(&s->hidden, secret_copy(spec->password));
    clean_text(s->place, sizeof s->place, spec->where, strlen(spec->where));
    s->s_commands = probe_series(p, "", "commands", UNIT_PER_S, SERIES_MAIN);
    s->s_clients = probe_series(p, "", "clients", UNIT_COUNT, SERIES_MAIN | SERIES_RESOURCE);
    s->s_memory = probe_series(p, "", "memory", UNIT_BYTES, SERIES_MAIN | SERIES_RESOURCE);
    s->s_cpu = probe_series(p, "", "cpu", UNIT_PERCENT, SERIES_RESOURCE);
    s->s_ping = probe_series(p, "", "ping", UNIT_SECONDS, 0);
    s->s_hits = probe_series(p, "", "hit ratio", UNIT_PERCENT, 0);
    s->s_evicted = probe_series(p, "", "evicted", UNIT_PER_S, 0);
    s->s_expired = probe_series(p, "", "expired", UNIT_PER_S, 0);
    s->s_rejected = probe_series(p, "", "rejected", UNIT_PER_S, 0);
    s->s_blocked = probe_series(p, "", "blocked", UNIT_COUNT, 0);
    s->s_in = probe_series(p, "", "network in", UNIT_BYTES_PER_S, 0);
    s->s_out = probe_series(p, "", "network out", UNIT_BYTES_PER_S, 0);
    probe_where(p, "%s", s->place);
    return s;
}

/* Forgets counters, so that no rate covers a time without polls. */
static void redis_forget_rates(struct redis *s)
{
    s->commands.seen = s->hits.seen = s->misses.seen = s->evicted.seen = s->expired.seen =
        s->rejected.seen = s->oom.seen = s->cpu.seen = s->in_bytes.seen = s->out_bytes.seen = false;
}

static void redis_disconnect(struct redis *s)
{
    if (s->fd >= 0)
        close(s->fd);
    s->fd = -1;
    s->taken = 0;
    buf_clear(&s->in);
    redis_forget_rates(s);
}

static void redis_close(void *self)
{
    struct redis *s = self;
    redis_disconnect(s);
    buf_finish(&s->in);
    buf_finish(&s->out);
    secrets_finish(&s->hidden);
    free(s);
}

/* ------------------------------------------------------------------- the wire */

/* Waits for the socket.  Returns false with a sentence when time is up or the probe is to stop.
 * The wake descriptor stays readable until the poll is over: after waking for anything but the
 * end, the wait goes on in short pieces. */
static bool redis_wait(struct redis *s, struct probe *p, short events, uint64_t deadline_ns,
                       const char *what, struct err *e)
{
    struct pollfd fds[2] = {{.fd = s->fd, .events = events},
                            {.fd = probe_wake_fd(p), .events = POLLIN}};
    for (;;) {
        uint64_t now = now_ns(), left = now >= deadline_ns ? 0 : deadline_ns - now;
        uint64_t ns = fds[1].fd < 0 && left > HEEDLESS_NS ? HEEDLESS_NS : left;
        int n = poll(fds, 2, (int)((ns + NS_PER_MS - 1) / NS_PER_MS));
        if (n < 0 && errno == EINTR)
            continue;
        if (fds[0].revents != 0)
            return true;
        if (probe_stopping(p))
            return err_set(e, "the poll of %s was interrupted.", s->place);
        if (n > 0 && fds[1].revents != 0)
            fds[1].fd = -1;
        if (left == 0)
            return err_set(e, "%s %s: it hangs, or is too busy to be asked.", s->place, what);
    }
}

static bool redis_connect_failure(struct redis *s, int why, struct err *e)
{
    const char *remedy = why == ECONNREFUSED ? "is Redis running, and is that its port?"
                         : why == ENOENT     ? "is that the path of its socket?"
                         : why == EACCES     ? "who may use its socket? (unixsocketperm)"
                                             : "is the address right?";
    return err_set(e, "%s cannot be reached (%s): %s", s->place, strerror(why), remedy);
}

static bool redis_connect_address(struct redis *s, struct probe *p, const struct sockaddr *to,
                                  socklen_t len, uint64_t deadline_ns, struct err *e)
{
    int why = 0;
    socklen_t n = sizeof why;
    s->fd = socket(to->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (s->fd < 0)
        return redis_connect_failure(s, errno, e);
    if (connect(s->fd, to, len) != 0 && errno != EINPROGRESS)
        return redis_connect_failure(s, errno, e);
    if (!redis_wait(s, p, POLLOUT, deadline_ns, "does not accept connections", e))
        return false;
    getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &why, &n);
    return why == 0 || redis_connect_failure(s, why, e);
}

/* Splits HOST:PORT, [HOST]:PORT, HOST or :PORT. */
static void split_address(const char *where, char *host, size_t size, char *port, size_t port_size)
{
    const char *colon = strrchr(where, ':'), *bracket = strchr(where, ']');
    if (colon != NULL && (colon < bracket || (bracket == NULL && strchr(where, ':') != colon)))
        colon = NULL; /* an IPv6 address alone */
    size_t n = colon != NULL ? (size_t)(colon - where) : strlen(where);
    if (n >= 2 && where[0] == '[' && where[n - 1] == ']') {
        where++;
        n -= 2;
    }
    snprintf(host, size, "%.*s", (int)n, n > 0 ? where : "127.0.0.1");
    if (n == 0)
        snprintf(host, size, "127.0.0.1");
    snprintf(port, port_size, "%s", colon != NULL ? colon + 1 : PORT);
}

static bool redis_connect_unix(struct redis *s, struct probe *p, uint64_t deadline_ns,
                               struct err *e)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    if (strlen(s->spec->where) >= sizeof a.sun_path)
        return err_set(e, "%s is too long for the path of a socket.", s->place);
    memcpy(a.sun_path, s->spec->where, strlen(s->spec->where));
    return redis_connect_address(s, p, (const struct sockaddr *)&a, sizeof a, deadline_ns, e);
}

static bool redis_connect_tcp(struct redis *s, struct probe *p, uint64_t deadline_ns, struct err *e)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    struct addrinfo *all = NULL;
    char host[256], port[16];
    bool ok = false;
    split_address(s->spec->where, host, sizeof host, port, sizeof port);
    int why = getaddrinfo(host, port, &hints, &all);
    if (why != 0)
        return err_set(e, "%s cannot be found: %s.", s->place, gai_strerror(why));
    for (const struct addrinfo *a = all; a != NULL && !ok; a = a->ai_next) {
        if (s->fd >= 0)
            close(s->fd);
        s->fd = -1;
        ok = redis_connect_address(s, p, a->ai_addr, a->ai_addrlen, deadline_ns, e);
    }
    freeaddrinfo(all);
    return ok;
}

static bool redis_closed_connection(struct redis *s, int why, struct err *e)
{
    return err_set(e, "%s closed the connection%s%s.", s->place, why != 0 ? ": " : "",
                   why != 0 ? strerror(why) : "");
}

static bool redis_send_buffer(struct redis *s, struct probe *p, uint64_t deadline_ns, struct err *e)
{
    size_t sent = 0;
    while (sent < s->out.len) {
        ssize_t n = send(s->fd, s->out.data + sent, s->out.len - sent, MSG_NOSIGNAL);
        if (n >= 0) {
            sent += (size_t)n;
            s->sent_bytes += (double)n;
        } else if (errno != EAGAIN && errno != EINTR)
            return redis_closed_connection(s, errno, e);
        else if (!redis_wait(s, p, POLLOUT, deadline_ns, "takes no commands", e)) {
            return false;
        }
    }
    return true;
}

static bool redis_receive_reply(struct redis *s, struct probe *p, uint64_t deadline_ns,
                                struct resp *r, struct err *e)
{
    if (s->taken > 0)
        memmove(s->in.data, s->in.data + s->taken, s->in.len - s->taken);
    s->in.len -= s->taken;
    s->taken = 0;
    for (;;) {
        long n = resp_parse(s->in.data, s->in.len, r);
        if (n < 0)
            return err_set(e,
                           "%s does not speak Redis' protocol: is it the right port? TLS is "
                           "not spoken here.",
                           s->place);
        s->taken = (size_t)n;
        if (n > 0)
            return true;
        if (!redis_wait(s, p, POLLIN, deadline_ns, "does not answer", e))
            return false;
        buf_reserve(&s->in, 16384);
        ssize_t got = recv(s->fd, s->in.data + s->in.len, 16384, 0);
        if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR))
            return redis_closed_connection(s, got < 0 ? errno : 0, e);
        s->in.len += got > 0 ? (size_t)got : 0;
    }
}

/* Sends a command of one word. r->text points into s->in until the next command. */
static bool redis_command(struct redis *s, struct probe *p, const char *word, uint64_t deadline_ns,
                          struct resp *r, struct err *e)
{
    size_t len = strlen(word);
    buf_clear(&s->out);
    resp_command(&s->out, &word, &len, 1);
    struct err unused;
    if (redis_send_buffer(s, p, deadline_ns, e))
        return redis_receive_reply(s, p, deadline_ns, r, e);
    return redis_receive_reply(s, p, deadline_ns, r,
                               &unused); /* the server may have said why it closed */
}

/* ---------------------------------------------------------------------- errors */

static bool reply_begins_with(const struct resp *r, const char *word)
{
    return r->len >= strlen(word) && memcmp(r->text, word, strlen(word)) == 0;
}

/* Writes an error's text without secrets: a server that knows no AUTH repeats what it was sent,
 * perhaps cut. */
static void reply_error_text(const struct redis *s, const struct resp *r, char *out, size_t size)
{
    char *raw = mem_strndup(r->text, r->len), *sent = strstr(raw, ", with args");
    if (sent != NULL)
        *sent = '\0';
    secrets_scrub(&s->hidden, raw, strlen(raw));
    clean_text(out, size, raw, strlen(raw));
    free(raw);
}

/* Returns the state and the sentence for an error reply, after which the server may close. */
static enum probe_state reply_error_state(struct redis *s, struct probe *p, const struct resp *r,
                                          struct err *e)
{
    char text[120];
    bool wrong = reply_begins_with(r, "WRONGPASS") ||
                 reply_begins_with(r, "ERR invalid password"); /* before Redis 6 */
    reply_error_text(s, r, text, sizeof text);
    if (reply_begins_with(r, "ERR max number of clients")) {
        if (!s->refused)
            probe_event(p, EVENT_FINDING, "", "refuses connections: it has maxclients");
        s->refused = true;
        err_set(e, "%s refuses connections: it has as many clients as maxclients allows.",
                s->place);
        return PROBE_DOWN;
    }
    if (reply_begins_with(r, "NOAUTH") || wrong) {
        err_set(e,
                "%s wants %s log-in: set password = { secret = \"env:NAME\"; }, and user if it "
                "is not the default one.",
                s->place, wrong ? "another" : "a");
        return PROBE_DENIED;
    }
    if (reply_begins_with(r, "NOPERM")) {
        err_set(e, "%s does not let this user ask: ACL SETUSER %.40s +ping +info.", s->place,
                s->spec->user != NULL ? s->spec->user : "default");
        return PROBE_DENIED;
    }
    err_set(e, "%s answers: %s.", s->place, text);
    return PROBE_DOWN;
}

/* --------------------------------------------------------------------- log-in */

static enum probe_state redis_log_in(struct redis *s, struct probe *p, uint64_t deadline_ns,
                                     struct err *e)
{
    const char *words[3] = {"AUTH"};
    size_t lens[3] = {4}, n = 1;
    struct resp r;
    if (s->spec->password == NULL)
        return PROBE_LIVE;
    if (s->spec->user != NULL) {
        words[n] = s->spec->user;
        lens[n++] = strlen(s->spec->user);
    }
    words[n] = secret_reveal(s->spec->password, &lens[n]);
    n++;
    buf_clear(&s->out);
    buf_reserve(&s->out, lens[1] + lens[2] + 64); /* does not move later: no copy is left behind */
    resp_command(&s->out, words, lens, n);
    bool ok = redis_send_buffer(s, p, deadline_ns, e);
    explicit_bzero(s->out.data, s->out.len);
    if (!ok || !redis_receive_reply(s, p, deadline_ns, &r, e))
        return PROBE_DOWN;
    s->ours++;
    s->got_bytes += (double)s->taken;
    bool needless = r.kind == RESP_ERROR && (memmem(r.text, r.len, "without any password", 20) ||
                                             memmem(r.text, r.len, "no password is set", 18));
    return r.kind == RESP_ERROR && !needless ? reply_error_state(s, p, &r, e) : PROBE_LIVE;
}

static enum probe_state redis_connect(struct redis *s, struct probe *p, uint64_t deadline_ns,
                                      struct err *e)
{
    bool unix_path = s->spec->where[0] == '/';
    if (s->fd >= 0)
        return PROBE_LIVE;
    if (unix_path ? !redis_connect_unix(s, p, deadline_ns, e)
                  : !redis_connect_tcp(s, p, deadline_ns, e))
        return PROBE_DOWN;
    return redis_log_in(s, p, deadline_ns, e);
}

/* ------------------------------------------------------------------------ INFO */

/* Starts over when the server's counters did, with that many commands of the probe's so far. */
static void redis_restart_counters(struct redis *s, double ours)
{
    redis_forget_rates(s);
    s->ours = ours;
    s->sent_bytes = s->got_bytes = 0;
}

static void redis_check_restart(struct redis *s, struct probe *p, const struct resp *info)
{
    char id[sizeof s->run_id] = "";
    double uptime = resp_number(info, "uptime_in_seconds");
    double processed = resp_number(info, "total_commands_processed");
    resp_field(info, "run_id", id, sizeof id);
    if (s->known && (strcmp(id, s->run_id) != 0 || uptime < s->uptime_s)) {
        probe_event(p, EVENT_RESTART, "", "was started anew");
        redis_restart_counters(
            s, s->spec->password != NULL ? 2 : 1); /* AUTH and PING, before this INFO */
    } else if (s->known && processed < s->processed) {
        redis_restart_counters(s, 1); /* CONFIG RESETSTAT, and then our PING */
    }
    s->processed = processed;
    memcpy(s->run_id, id, sizeof id);
    s->uptime_s = uptime;
    s->known = true;
}

/* Returns the rate of a field without the probe's own share. */
static double info_rate_without_own(struct probe_counter *c, const struct resp *info,
                                    const char *name, double ours, double at_s)
{
    double v = resp_number(info, name);
    if (isnan(v)) {
        c->seen = false;
        return NAN;
    }
    return probe_rate(c, fmax(0, v - ours), at_s, NULL);
}

static double info_rate(struct probe_counter *c, const struct resp *info, const char *name,
                        double at_s)
{
    return info_rate_without_own(c, info, name, 0, at_s);
}

static void redis_publish_clients(struct redis *s, struct probe *p, const struct resp *info,
                                  double at_s)
{
    double clients = resp_number(info, "connected_clients"), most = resp_number(info, "maxclients");
    double rejected = info_rate(&s->rejected, info, "rejected_connections", at_s);
    probe_limit(p, s->s_clients, most);
    probe_value(p, s->s_clients, clients); /* includes this probe, as the limit does */
    probe_value(p, s->s_blocked, resp_number(info, "blocked_clients"));
    probe_value(p, s->s_rejected, rejected);
    if (rejected > 0 && !s->rejecting && !s->refused)
        probe_event(p, EVENT_FINDING, "", "refuses connections: %.0f of %.0f clients", clients,
                    most);
    s->rejecting = rejected > 0;
    s->refused = false;
}

/* Returns the number of writes refused for lack of memory; its line, errorstat_OOM:count=5,
 * exists from the first error on. */
static double count_refused_writes(const struct resp *info)
{
    char text[48];
    if (!resp_field(info, "errorstat_OOM", text, sizeof text) || strncmp(text, "count=", 6) != 0)
        return 0;
    return strtod(text + 6, NULL);
}

static void redis_publish_memory(struct redis *s, struct probe *p, const struct resp *info,
                                 double at_s)
{
    char policy[32] = "", limit[48];
    double most = resp_number(info, "maxmemory");
    double evicted = info_rate(&s->evicted, info, "evicted_keys", at_s);
    double refused = probe_rate(&s->oom, count_refused_writes(info), at_s, NULL);
    resp_field(info, "maxmemory_policy", policy, sizeof policy);
    snap_format_value(UNIT_BYTES, most, limit, sizeof limit);
    probe_limit(p, s->s_memory, most);
    probe_resource(p, s->s_memory, policy[0] == '\0' || strcmp(policy, "noeviction") == 0);
    probe_value(p, s->s_memory, resp_number(info, "used_memory"));
    probe_value(p, s->s_evicted, evicted);
    probe_value(p, s->s_expired, info_rate(&s->expired, info, "expired_keys", at_s));
    if (evicted > 0 && !s->evicting)
        probe_event(p, EVENT_FINDING, "", "evicts keys: its maxmemory of %s is full (%s)", limit,
                    policy);
    if (refused > 0 && !s->out_of_memory)
        probe_event(p, EVENT_FINDING, "", "refuses writes: its maxmemory of %s is full (%s)", limit,
                    policy);
    s->evicting = evicted > 0;
    s->out_of_memory = refused > 0;
}

/* Publishes the CPU of the main thread, which runs all commands: at 100 % the server can do no
 * more. */
static void redis_publish_cpu(struct redis *s, struct probe *p, const struct resp *info,
                              double at_s)
{
    double main_s = resp_number(info, "used_cpu_user_main_thread") +
                    resp_number(info, "used_cpu_sys_main_thread");
    double all_s = resp_number(info, "used_cpu_user") + resp_number(info, "used_cpu_sys");
    double used = isnan(main_s) ? all_s : main_s;
    probe_limit(p, s->s_cpu, isnan(main_s) ? NAN : 100);
    if (isnan(used))
        s->cpu.seen = false;
    probe_value(p, s->s_cpu, isnan(used) ? NAN : 100 * probe_rate(&s->cpu, used, at_s, NULL));
}

static void redis_publish_work(struct redis *s, struct probe *p, const struct resp *info,
                               double at_s)
{
    double before_h = s->hits.value, before_m = s->misses.value;
    double hits = info_rate(&s->hits, info, "keyspace_hits", at_s);
    double misses = info_rate(&s->misses, info, "keyspace_misses", at_s);
    double found = s->hits.value - before_h, asked = found + s->misses.value - before_m;
    bool known = !isnan(hits) && !isnan(misses) && asked > 0;
    probe_value(
        p, s->s_commands,
        info_rate_without_own(&s->commands, info, "total_commands_processed", s->ours, at_s));
    probe_value(p, s->s_hits, known ? 100 * found / asked : NAN);
    probe_value(
        p, s->s_in,
        info_rate_without_own(&s->in_bytes, info, "total_net_input_bytes", s->sent_bytes, at_s));
    probe_value(
        p, s->s_out,
        info_rate_without_own(&s->out_bytes, info, "total_net_output_bytes", s->got_bytes, at_s));
}

/* Publishes states that explain a slow moment. */
static void redis_publish_states(struct redis *s, struct probe *p, const struct resp *info)
{
    char role[16] = "", link[16] = "up";
    bool saving = resp_number(info, "rdb_bgsave_in_progress") > 0 ||
                  resp_number(info, "aof_rewrite_in_progress") > 0;
    bool loading = resp_number(info, "loading") > 0;
    double fork_us = resp_number(info, "latest_fork_usec");
    resp_field(info, "role", role, sizeof role);
    resp_field(info, "master_link_status", link, sizeof link);
    bool cut_off = strcmp(link, "up") != 0;
    if (saving && !s->saving && fork_us > 0)
        probe_event(p, EVENT_FINDING, "",
                    "saves in the background (it stood still %.1f ms "
                    "to fork)",
                    fork_us / 1000);
    if (cut_off && !s->lost_master)
        probe_event(p, EVENT_FINDING, "", "has lost the server that it copies");
    s->saving = saving;
    s->lost_master = cut_off;
    probe_status_text(p, "%s%s%s",
                      loading  ? "loading its data"
                      : saving ? "saving"
                               : "",
                      loading || saving ? ", " : "",
                      strcmp(role, "master") == 0 ? ""
                      : cut_off                   ? "a copy, cut off"
                                                  : "a copy");
}

static void redis_publish(struct redis *s, struct probe *p, const struct resp *info,
                          double received_s)
{
    char name[16] = "redis";
    double at_us = resp_number(info, "server_time_usec");
    double at_s = isnan(at_us) ? received_s : at_us / 1e6;
    redis_check_restart(s, p, info);
    if (resp_field(info, "server_name", name, sizeof name) && strcmp(name, "valkey") == 0)
        probe_type(p, name);
    redis_publish_clients(s, p, info, at_s);
    redis_publish_memory(s, p, info, at_s);
    redis_publish_cpu(s, p, info, at_s);
    redis_publish_work(s, p, info, at_s);
    redis_publish_states(s, p, info);
}

/* ------------------------------------------------------------------------ poll */

static enum probe_state redis_poll_server(struct redis *s, struct probe *p, uint64_t deadline_ns,
                                          struct err *e)
{
    struct resp r;
    enum probe_state state = redis_connect(s, p, deadline_ns, e);
    if (state != PROBE_LIVE)
        return state;
    uint64_t sent = now_ns();
    if (!redis_command(s, p, "PING", deadline_ns, &r, e))
        return PROBE_DOWN;
    uint64_t took = now_ns() - sent;
    s->ours++;
    s->got_bytes += (double)s->taken;
    if (r.kind == RESP_ERROR && !reply_begins_with(&r, "LOADING") &&
        !reply_begins_with(&r, "MASTERDOWN"))
        return reply_error_state(s, p, &r, e);
    if (!redis_command(s, p, "INFO", deadline_ns, &r, e))
        return PROBE_DOWN;
    if (r.kind != RESP_BULK)
        return reply_error_state(s, p, &r, e);
    probe_value(p, s->s_ping, (double)took / 1e9);
    redis_publish(s, p, &r, (double)now_ns() / 1e9);
    s->ours++; /* included in the counters from the next INFO on */
    s->got_bytes += (double)s->taken;
    return PROBE_LIVE;
}

static enum probe_state redis_poll(void *self, struct probe *p, uint64_t deadline_ns, struct err *e)
{
    struct redis *s = self;
    enum probe_state state = redis_poll_server(s, p, deadline_ns, e);
    if (state != PROBE_LIVE)
        redis_disconnect(s);
    return state;
}

const struct probe_ops probe_redis = {
    .type = PROBE_REDIS,
    .period_ns = NS_PER_S,
    .limit_ns = LIMIT_NS,
    .open = redis_open,
    .poll = redis_poll,
    .close = redis_close,
};
