/* SPDX-License-Identifier: MIT */
#include "src/probe/docker/docker_json.h"

#include <jansson.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "src/base/clean.h"
#include "src/base/mem.h"

#define MAX_NETWORKS 1024u
#define MAX_DEVICES 4096u
#define COMPOSE "com.docker.compose."

/* Parses an event with exact integers: a double cannot hold nanoseconds since 1970. */
static json_t *parse_event_json(const char *text, size_t len)
{
    return json_loadb(text, len, JSON_ALLOW_NUL, NULL);
}

/* Parses integers as doubles: pids_stats.limit is 2^64-1 when there is none, for which jansson
 * would refuse the whole text. */
static json_t *parse_json(const char *text, size_t len)
{
    json_t *root = json_loadb(text, len, JSON_DECODE_INT_AS_REAL | JSON_ALLOW_NUL, NULL);
    if (root != NULL && !json_is_object(root) && !json_is_array(root)) {
        json_decref(root);
        root = NULL;
    }
    return root;
}

static json_t *parse_json_object(const char *text, size_t len)
{
    json_t *root = parse_json(text, len);
    if (root != NULL && !json_is_object(root)) {
        json_decref(root);
        root = NULL;
    }
    return root;
}

static const json_t *json_member(const json_t *object, const char *name)
{
    return json_object_get(object, name);
}

/* Returns a count, not negative and below 2^63, since engines write -1 as 2^64-1; else
 * `otherwise`. */
static double json_count(const json_t *v, double otherwise)
{
    double d = json_is_number(v) ? json_number_value(v) : NAN;
    return d >= 0 && d < 9.2e18 ? d : otherwise;
}

static double member_count(const json_t *object, const char *name, double otherwise)
{
    return json_count(json_member(object, name), otherwise);
}

static int member_int(const json_t *object, const char *name, int otherwise)
{
    const json_t *v = json_member(object, name);
    double d = json_is_number(v) ? json_number_value(v) : NAN;
    return d >= INT_MIN && d <= INT_MAX ? (int)d : otherwise;
}

static bool member_is_true(const json_t *object, const char *name)
{
    return json_is_true(json_member(object, name));
}

static void json_clean_text(const json_t *v, char *out, size_t size)
{
    out[0] = '\0';
    if (json_is_string(v))
        clean_text(out, size, json_string_value(v), json_string_length(v));
}

static void member_text(const json_t *object, const char *name, char *out, size_t size)
{
    json_clean_text(json_member(object, name), out, size);
}

static void json_id(const json_t *v, char out[DOCKER_ID])
{
    const char *s = json_string_value(v);
    size_t len = s != NULL ? strlen(s) : 0;
    out[0] = '\0';
    if (len > 0 && len < DOCKER_ID && strspn(s, "0123456789abcdef") == len)
        memcpy(out, s, len + 1);
}

/* Parses a time, "2026-11-20T22:43:13.98996966Z" or "...+01:00"; -1 for anything else.  Go's
 * zero time, in the year 1, is before 0. */
static int64_t parse_time_ns(const char *s)
{
    int y, mo, d, h, mi, sec, used = 0, off_h, off_m;
    if (s == NULL || sscanf(s, "%4d-%2d-%2dT%2d:%2d:%2d%n", &y, &mo, &d, &h, &mi, &sec, &used) < 6)
        return -1;
    if (y < 1970 || y > 2200 || mo < 1 || mo > 12 || d < 1 || d > 31 || h < 0 || h > 24 || mi < 0 ||
        mi > 60 || sec < 0 || sec > 61)
        return -1;
    struct tm tm = {.tm_year = y - 1900,
                    .tm_mon = mo - 1,
                    .tm_mday = d,
                    .tm_hour = h,
                    .tm_min = mi,
                    .tm_sec = sec};
    int64_t ns = (int64_t)timegm(&tm) * 1000000000;
    const char *rest = s + used;
    if (*rest == '.') {
        int64_t unit = 100000000;
        for (rest++; *rest >= '0' && *rest <= '9'; rest++, unit /= 10)
            ns += (*rest - '0') * unit;
    }
    if ((*rest == '+' || *rest == '-') && sscanf(rest + 1, "%2d:%2d", &off_h, &off_m) == 2 &&
        off_h >= 0 && off_m >= 0)
        ns -= (*rest == '+' ? 1 : -1) * (int64_t)(off_h * 60 + off_m) * 60 * 1000000000;
    return ns;
}

/* ---------------------------------------------------------------------- stats */

static void read_cpu(const json_t *cpu, struct docker_stats *s)
{
    const json_t *usage = json_member(cpu, "cpu_usage");
    const json_t *throttling = json_member(cpu, "throttling_data");
    s->cpu_ns = member_count(usage, "total_usage", NAN);
    double cpus = member_count(cpu, "online_cpus", 0);
    if (cpus < 1)
        cpus = (double)json_array_size(json_member(usage, "percpu_usage"));
    s->cpus = cpus < 65536 ? (unsigned)cpus : 0;
    s->periods = member_count(throttling, "periods", NAN);
    s->throttled_periods = member_count(throttling, "throttled_periods", NAN);
}

/* Reads memory figures. cgroup v1 has those of the whole tree as total_*; v2 has no others. */
static void read_memory(const json_t *memory, struct docker_stats *s)
{
    const json_t *stats = json_member(memory, "stats");
    s->memory = member_count(memory, "usage", NAN);
    s->memory_limit = member_count(memory, "limit", NAN);
    s->memory_cache =
        member_count(stats, "total_inactive_file", member_count(stats, "inactive_file", NAN));
}

static void read_networks(json_t *networks, struct docker_stats *s)
{
    const char *name;
    json_t *one;
    unsigned n = 0;
    s->received = s->sent = NAN;
    json_object_foreach(networks, name, one)
    {
        if (n++ == 0)
            s->received = s->sent = 0;
        if (n > MAX_NETWORKS)
            return;
        s->received += member_count(one, "rx_bytes", 0);
        s->sent += member_count(one, "tx_bytes", 0);
    }
}

/* Reads block I/O. v1 lists the same bytes as Read and Write, and again as Sync, Async, Discard
 * and Total. */
static void read_blocks(const json_t *entries, struct docker_stats *s)
{
    size_t n = json_array_size(entries);
    s->read = s->written = NAN;
    if (n > 0)
        s->read = s->written = 0;
    for (size_t i = 0; i < n && i < MAX_DEVICES; i++) {
        const json_t *one = json_array_get(entries, i);
        const char *op = json_string_value(json_member(one, "op"));
        char what = op != NULL ? op[0] : '\0';
        if (what == 'r' || what == 'R')
            s->read += member_count(one, "value", 0);
        if (what == 'w' || what == 'W')
            s->written += member_count(one, "value", 0);
    }
}

bool docker_json_stats(const char *text, size_t len, struct docker_stats *out)
{
    *out = (struct docker_stats){.oom_kills = NAN};
    json_t *root = parse_json_object(text, len);
    const char *read = json_string_value(json_member(root, "read"));
    bool ok = read != NULL && json_member(root, "cpu_stats") != NULL;
    if (ok) {
        const json_t *tasks = json_member(root, "pids_stats");
        out->read_ns = parse_time_ns(read);
        out->running = out->read_ns > 0;
        read_cpu(json_member(root, "cpu_stats"), out);
        read_memory(json_member(root, "memory_stats"), out);
        read_networks(json_object_get(root, "networks"), out);
        read_blocks(json_member(json_member(root, "blkio_stats"), "io_service_bytes_recursive"),
                    out);
        out->tasks = member_count(tasks, "current", NAN);
        out->max_tasks = member_count(tasks, "limit", NAN);
        if (out->max_tasks < 1)
            out->max_tasks = NAN;
    }
    json_decref(root);
    return ok;
}

/* ------------------------------------------------------------------ containers */

static void read_labels(const json_t *labels, struct docker_who *who)
{
    const char *number = json_string_value(json_member(labels, COMPOSE "container-number"));
    const char *oneoff = json_string_value(json_member(labels, COMPOSE "oneoff"));
    member_text(labels, COMPOSE "project", who->project, sizeof who->project);
    member_text(labels, COMPOSE "service", who->service, sizeof who->service);
    unsigned long n = number != NULL ? strtoul(number, NULL, 10) : 0;
    who->number = n < 100000 ? (unsigned)n : 0;
    who->oneoff = oneoff != NULL && (oneoff[0] == 'T' || oneoff[0] == 't');
    if (who->project[0] == '\0' || who->service[0] == '\0')
        who->project[0] = who->service[0] = '\0';
}

/* Reads a container's name: docker writes "/shop-api-1", podman "shop-api-1". */
static void read_container_name(const json_t *v, struct docker_who *who)
{
    json_clean_text(v, who->name, sizeof who->name);
    if (who->name[0] == '/')
        memmove(who->name, who->name + 1, strlen(who->name));
}

static void read_ports(const json_t *ports, struct docker_list_entry *c)
{
    for (size_t i = 0; i < json_array_size(ports) && c->n_ports < DOCKER_PORTS; i++) {
        const json_t *one = json_array_get(ports, i);
        const char *type = json_string_value(json_member(one, "Type"));
        int outer = member_int(one, "PublicPort", 0);
        bool seen = outer < 1 || outer > 65535 || (type != NULL && strcmp(type, "tcp") != 0);
        for (size_t k = 0; k < c->n_ports && !seen; k++)
            seen = c->ports[k] == outer; /* the same port for IPv4 and IPv6 */
        if (!seen)
            c->ports[c->n_ports++] = (uint16_t)outer;
    }
}

static void read_addresses(json_t *networks, struct docker_list_entry *c)
{
    const char *name;
    json_t *one;
    json_object_foreach(networks, name, one)
    {
        if (c->n_addresses == DOCKER_ADDRESSES)
            return;
        char *slot = c->addresses[c->n_addresses];
        member_text(one, "IPAddress", slot, sizeof c->addresses[0]);
        if (slot[0] != '\0')
            c->n_addresses++;
    }
}

static bool read_container(const json_t *v, struct docker_list_entry *c)
{
    *c = (struct docker_list_entry){0};
    json_id(json_member(v, "Id"), c->who.id);
    if (c->who.id[0] == '\0')
        return false;
    read_container_name(json_array_get(json_member(v, "Names"), 0), &c->who);
    read_labels(json_member(v, "Labels"), &c->who);
    member_text(v, "Image", c->image, sizeof c->image);
    read_ports(json_member(v, "Ports"), c);
    read_addresses(json_object_get(json_member(v, "NetworkSettings"), "Networks"), c);
    return true;
}

bool docker_json_list(const char *text, size_t len, struct docker_list_entry **out, size_t *n)
{
    *out = NULL;
    *n = 0;
    json_t *root = parse_json(text, len);
    bool ok = json_is_array(root);
    for (size_t i = 0; ok && i < json_array_size(root) && *n < DOCKER_LIST_MAX; i++) {
        *out = mem_room(*out, *n, sizeof **out);
        if (read_container(json_array_get(root, i), &(*out)[*n]))
            (*n)++;
    }
    json_decref(root);
    return ok;
}

/* Returns the number of CPUs in a set such as "0-3,6". */
static double cpus_of_set(const char *set)
{
    unsigned n = 0;
    while (set != NULL && *set >= '0' && *set <= '9') {
        char *end;
        unsigned long from = strtoul(set, &end, 10), to = from;
        if (*end == '-')
            to = strtoul(end + 1, &end, 10);
        if (to < from || to > 65535)
            return NAN;
        n += (unsigned)(to - from + 1);
        if (*end != ',')
            break;
        set = end + 1;
    }
    return n > 0 && n < 65536 ? n : NAN;
}

static double allowed_cpus(const json_t *host)
{
    double nano = member_count(host, "NanoCpus", 0), quota = member_count(host, "CpuQuota", 0);
    double period = member_count(host, "CpuPeriod", 0);
    double set = cpus_of_set(json_string_value(json_member(host, "CpusetCpus")));
    if (nano > 0)
        return fmin(nano / 1e9, set); /* NaN: no set */
    if (quota > 0)
        return fmin(quota / (period > 0 ? period : 100000), set);
    return set;
}

bool docker_json_inspect(const char *text, size_t len, struct docker_inspect *out)
{
    *out = (struct docker_inspect){.cpus = NAN, .memory = NAN, .max_tasks = NAN};
    json_t *root = parse_json_object(text, len);
    const json_t *state = json_member(root, "State"), *host = json_member(root, "HostConfig");
    bool ok = json_is_object(state) && json_is_object(host);
    if (ok) {
        const char *mode = json_string_value(json_member(host, "NetworkMode"));
        out->running = member_is_true(state, "Running");
        out->oom_killed = member_is_true(state, "OOMKilled");
        out->exit_code = member_int(state, "ExitCode", 0);
        out->pid = member_int(state, "Pid", 0);
        member_text(json_member(state, "Health"), "Status", out->health, sizeof out->health);
        out->restarts = (unsigned)member_count(root, "RestartCount", 0) % 1000000;
        out->tty = member_is_true(json_member(root, "Config"), "Tty");
        out->own_network = mode == NULL || (strncmp(mode, "container:", 10) != 0 &&
                                            strcmp(mode, "host") != 0 && strcmp(mode, "none") != 0);
        out->cpus = allowed_cpus(host);
        out->memory = member_count(host, "Memory", NAN);
        if (!(out->memory > 0))
            out->memory = NAN;
        out->max_tasks = member_count(host, "PidsLimit", NAN);
        if (!(out->max_tasks > 0))
            out->max_tasks = NAN;
    }
    json_decref(root);
    return ok;
}

/* --------------------------------------------------------------------- events */

static int event_exit_code(const json_t *attributes)
{
    static const char *const names[] = {"exitCode", "containerExitCode"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *s = json_string_value(json_member(attributes, names[i]));
        char *end;
        long code = s != NULL ? strtol(s, &end, 10) : -1;
        if (s != NULL && end != s && *end == '\0' && code >= 0 && code < 1000)
            return (int)code;
    }
    return -1;
}

bool docker_json_event(const char *text, size_t len, struct docker_event *out)
{
    *out = (struct docker_event){.exit_code = -1};
    json_t *root = parse_event_json(text, len);
    const char *type = json_string_value(json_member(root, "Type"));
    const json_t *actor = json_member(root, "Actor"), *about = json_member(actor, "Attributes");
    bool ok = type != NULL && strcmp(type, "container") == 0;
    if (ok) {
        json_int_t ns = json_integer_value(json_member(root, "timeNano"));
        double s = member_count(root, "time", 0);
        json_id(json_member(actor, "ID"), out->who.id);
        read_container_name(json_member(about, "name"), &out->who);
        read_labels(about, &out->who);
        member_text(root, "Action", out->action, sizeof out->action);
        out->exit_code = event_exit_code(about);
        out->at_ns = ns > 0 ? ns : s < 9e9 ? (int64_t)(s * 1e9) : 0;
        ok = out->who.id[0] != '\0' && out->action[0] != '\0';
    }
    json_decref(root);
    return ok;
}

/* --------------------------------------------------------------------- others */

void docker_json_reason(const char *text, size_t len, char *out, size_t size)
{
    json_t *root = parse_json_object(text, len);
    member_text(root, "message", out, size);
    if (root == NULL && len > 0)
        clean_text(out, size, text, len);
    json_decref(root);
    for (size_t n = strlen(out); n > 0 && (out[n - 1] == ' ' || out[n - 1] == '.'); n--)
        out[n - 1] = '\0';
}

bool docker_json_context(const char *text, size_t len, struct docker_context *out)
{
    *out = (struct docker_context){0};
    json_t *root = parse_json_object(text, len);
    const json_t *docker = json_member(json_member(root, "Endpoints"), "docker");
    bool ok =
        json_is_string(json_member(root, "Name")) && json_is_string(json_member(docker, "Host"));
    if (ok) {
        member_text(root, "Name", out->name, sizeof out->name);
        member_text(docker, "Host", out->host, sizeof out->host);
        out->skip_tls_verify = member_is_true(docker, "SkipTLSVerify");
    }
    json_decref(root);
    return ok;
}

bool docker_json_current(const char *text, size_t len, char *out, size_t size)
{
    json_t *root = parse_json_object(text, len);
    member_text(root, "currentContext", out, size);
    bool ok = root != NULL;
    json_decref(root);
    return ok;
}
