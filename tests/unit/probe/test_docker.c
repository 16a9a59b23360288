/* SPDX-License-Identifier: MIT */
/* What engines answered (recorded: docker 20.10 on cgroups v1 and v2, podman 4.3), read and
 * turned into figures.  The values wanted were computed apart from this program. */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/base/mem.h"
#include "src/probe/docker/cgroup.h"
#include "src/probe/docker/docker_figures.h"
#include "src/probe/docker/docker_json.h"
#include "src/probe/docker/logs.h"
#include "src/probe/docker/match.h"
#include "tests/unit/unit.h"

#define MIB 1048576.0

static const struct docker_limits no_limits = {NAN, NAN};

static char *recorded(const char *name, size_t *len)
{
    const char *top = getenv("top_srcdir");
    char *path = mem_printf("%s/tests/probes/docker/%s", top != NULL ? top : ".", name);
    FILE *f = fopen(path, "r");
    ck_assert_msg(f != NULL, "%s is not there", path);
    char *text = mem_zalloc(1 << 16);
    *len = fread(text, 1, (1 << 16) - 1, f);
    fclose(f);
    free(path);
    return text;
}

static struct docker_stats stats_of(const char *name)
{
    struct docker_stats s;
    size_t len;
    char *text = recorded(name, &len);
    ck_assert(docker_json_stats(text, len, &s));
    free(text);
    return s;
}

/* The lines of a recorded stream. */
static size_t stream_of(const char *name, struct docker_stats *out, size_t max)
{
    size_t len, n = 0;
    char *text = recorded(name, &len), *rest = text, *line;
    while (n < max && (line = strsep(&rest, "\n")) != NULL && line[0] != '\0')
        ck_assert(docker_json_stats(line, strlen(line), &out[n++]));
    free(text);
    return n;
}

static void near(double a, double b, double by)
{
    ck_assert_msg(fabs(a - b) <= by, "%.4f, wanted %.4f", a, b);
}

START_TEST(half_a_core_under_a_limit_is_all_it_has)
{
    struct docker_stats a = stats_of("v1_cpu.json"), b = stats_of("v1_cpu_later.json");
    struct docker_limits half = {0.5, NAN};
    struct docker_figures f;
    docker_figures(&a, &b, &half, &f);
    near(f.cores, 0.50225, 0.0001);
    near(f.cpu_percent, 100.45, 0.01);
    near(f.throttled, 100, 0.001);
    docker_figures(&a, &b, &no_limits, &f);
    near(f.cpu_percent, 25.112, 0.001); /* of two cores */
    docker_figures(&a, &b, &(struct docker_limits){4, NAN}, &f);
    near(f.cpu_percent, 25.112, 0.001); /* it may use more than there are */
    ck_assert(!f.cache_in);
    near(f.tasks, 1, 0);
}
END_TEST

START_TEST(cgroup_v2_tells_the_same)
{
    struct docker_stats s = stats_of("v2_cpu.json"), before = s;
    struct docker_figures f;
    ck_assert(s.running);
    near(s.periods, 268, 0);
    ck_assert(isnan(s.max_tasks)); /* 2^64-1, which is none */
    ck_assert(isnan(s.received) && isnan(s.read));
    before.read_ns -= INT64_C(1020580864);
    before.cpu_ns -= 510e6;
    before.periods -= 10;
    before.throttled_periods -= 10;
    docker_figures(&before, &s, &(struct docker_limits){0.5, NAN}, &f);
    near(f.cpu_percent, 2 * 49.97, 0.01);
    near(f.throttled, 100, 0);
    ck_assert(isnan(f.received_per_s) && isnan(f.read_per_s));
}
END_TEST

START_TEST(podman_by_the_wall_clock)
{
    struct docker_stats a = stats_of("podman_cpu.json"), all[4];
    struct docker_figures f;
    ck_assert_uint_eq(stream_of("podman_stream.jsonl", all, 4), 2);
    docker_figures(&a, &all[0], &(struct docker_limits){0.5, NAN}, &f);
    near(f.cpu_percent, 2 * 50.006, 0.01);
    ck_assert(f.cache_in);
    ck_assert(isnan(f.throttled));
    docker_figures(&all[0], &all[1], &no_limits, &f);
    ck_assert(isnan(f.cores)); /* it was started again in between */
}
END_TEST

/* It tells zeros for the network of a container that has none of its own. */
START_TEST(podman_on_the_network_of_the_host)
{
    struct docker_stats s = stats_of("podman_host_network.json");
    struct docker_inspect i;
    size_t len;
    char *text = recorded("podman_inspect.json", &len);
    near(s.received, 0, 0);
    ck_assert(isnan(s.max_tasks));
    ck_assert(docker_json_inspect(text, len, &i));
    ck_assert(i.running && !i.own_network);
    near(i.max_tasks, 2048, 0);
    ck_assert(isnan(i.cpus) && isnan(i.memory));
    free(text);
}
END_TEST

START_TEST(memory_without_page_cache)
{
    struct docker_stats s = stats_of("v2_cache.json");
    struct docker_figures f;
    docker_figures(NULL, &s, &no_limits, &f);
    near(s.memory / MIB, 67.93, 0.01);
    near(f.memory / MIB, 7.93, 0.01);
    near(s.memory_limit / MIB, 200, 0);
    ck_assert(isnan(f.cpu_percent)); /* one sample is no rate */
    s.memory = 1.8e19;
    docker_figures(NULL, &s, &no_limits, &f);
    ck_assert(isnan(f.memory));
}
END_TEST

START_TEST(v1_block_io_is_counted_once)
{
    struct docker_stats s = stats_of("v1_io.json");
    near(s.written, 42991616, 0);
    near(s.read, 0, 0);
    s = stats_of("v1_cpu.json");
    ck_assert(isnan(s.read) && isnan(s.written)); /* it knows none: not 0 */
    near(s.received, 1322, 0);
}
END_TEST

START_TEST(stop_start_restart)
{
    static const double wanted[] = {NAN, 50.13, 49.67, 49.92, NAN,   NAN,   NAN,
                                    NAN, 48.88, 49.92, NAN,   49.93, 49.59, 49.68};
    struct docker_stats all[16];
    struct docker_figures f;
    ck_assert_uint_eq(stream_of("stop_start.jsonl", all, 16), 14);
    for (size_t i = 0; i < 14; i++) {
        docker_figures(i > 0 ? &all[i - 1] : NULL, &all[i], &no_limits, &f);
        if (isnan(wanted[i]))
            ck_assert_msg(isnan(f.cores), "sample %zu: %f", i, f.cores);
        else
            near(100 * f.cores, wanted[i], 0.01);
        ck_assert(all[i].running == !(i >= 4 && i <= 6));
        ck_assert(isnan(f.memory) == !all[i].running);
    }
}
END_TEST

START_TEST(times_are_exact)
{
    struct docker_stats s;
    static const struct {
        const char *text;
        int64_t ns;
    } cases[] = {
        {"2026-11-20T22:43:13.98996966Z", INT64_C(1795214593989969660)},
        {"2026-11-20T23:43:13.98996966+01:00", INT64_C(1795214593989969660)},
        {"2026-11-20T22:43:13Z", INT64_C(1795214593000000000)},
        {"0001-01-01T00:00:00Z", -1},
        {"2026-13-01T00:00:00Z", -1},
        {"yesterday", -1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[160];
        snprintf(text, sizeof text, "{\"read\":\"%s\",\"cpu_stats\":{}}", cases[i].text);
        ck_assert(docker_json_stats(text, strlen(text), &s));
        ck_assert_msg(s.read_ns == cases[i].ns, "%s: %lld", cases[i].text, (long long)s.read_ns);
    }
}
END_TEST

START_TEST(what_is_no_answer)
{
    static const char *const bad[] = {"",
                                      "{",
                                      "[]",
                                      "null",
                                      "{}",
                                      "[{\"read\":1}]",
                                      "{\"read\":\"x\"}",
                                      "{\"cpu_stats\":{},\"read\":1e999}"};
    struct docker_stats s;
    struct docker_inspect i;
    struct docker_event ev;
    struct docker_list_entry *all;
    size_t n;
    for (size_t k = 0; k < sizeof bad / sizeof bad[0]; k++) {
        ck_assert(!docker_json_stats(bad[k], strlen(bad[k]), &s));
        ck_assert(!docker_json_inspect(bad[k], strlen(bad[k]), &i));
        ck_assert(!docker_json_event(bad[k], strlen(bad[k]), &ev));
    }
    ck_assert(!docker_json_list("{}", 2, &all, &n));
    ck_assert_ptr_null(all);
}
END_TEST

START_TEST(the_list_of_containers)
{
    struct docker_list_entry *all;
    size_t len, n;
    char *text = recorded("containers.json", &len);
    ck_assert(docker_json_list(text, len, &all, &n));
    ck_assert_uint_eq(n, 4);
    ck_assert_str_eq(all[0].who.name, "p-io");
    ck_assert_str_eq(all[0].who.project, "");
    ck_assert_str_eq(all[1].who.project, "shop");
    ck_assert_str_eq(all[1].who.service, "db");
    ck_assert_str_eq(all[1].addresses[0], "172.17.0.4");
    ck_assert_uint_eq(strlen(all[1].who.id), 64);
    free(all);
    free(text);
    static const char odd[] =
        "[{\"Id\":\"../../etc\"},{\"Id\":\"abc\",\"Names\":[\"/e\\u001bvil\\u0000x\"],"
        "\"Ports\":[{\"PublicPort\":8080,\"PrivatePort\":80,\"Type\":\"tcp\",\"IP\":\"0.0.0.0\"},"
        "{\"PublicPort\":8080,\"PrivatePort\":80,\"Type\":\"tcp\",\"IP\":\"::\"},"
        "{\"PublicPort\":53,\"PrivatePort\":53,\"Type\":\"udp\"},{\"PrivatePort\":9}],"
        "\"Labels\":{\"com.docker.compose.project\":\"shop\",\"com.docker.compose.service\":"
        "\"api\",\"com.docker.compose.container-number\":\"3\","
        "\"com.docker.compose.oneoff\":\"True\"}}]";
    ck_assert(docker_json_list(odd, strlen(odd), &all, &n));
    ck_assert_uint_eq(n, 1);
    ck_assert_ptr_null(strchr(all[0].who.name, '\033'));
    ck_assert_uint_eq(all[0].n_ports, 1);
    ck_assert_uint_eq(all[0].ports[0], 8080);
    ck_assert_uint_eq(all[0].who.number, 3);
    ck_assert(all[0].who.oneoff);
    free(all);
}
END_TEST

static double cpus_with(const char *host)
{
    char text[256];
    struct docker_inspect i;
    snprintf(text, sizeof text, "{\"State\":{\"Running\":true},\"HostConfig\":{%s}}", host);
    ck_assert(docker_json_inspect(text, strlen(text), &i));
    return i.cpus;
}

START_TEST(limits_of_a_container)
{
    static const char text[] =
        "{\"State\":{\"Running\":true,\"OOMKilled\":true,\"ExitCode\":137,\"Pid\":4711,"
        "\"Health\":{\"Status\":\"unhealthy\"}},\"RestartCount\":2,\"Config\":{\"Tty\":true,"
        "\"Env\":[\"PASSWORD=x\"]},\"HostConfig\":{\"Memory\":536870912,\"NanoCpus\":500000000,"
        "\"NetworkMode\":\"container:abc\"}}";
    struct docker_inspect i;
    ck_assert(docker_json_inspect(text, strlen(text), &i));
    ck_assert(i.running && i.oom_killed && i.tty && !i.own_network && isnan(i.max_tasks));
    ck_assert_int_eq(i.exit_code, 137);
    ck_assert_int_eq(i.pid, 4711);
    ck_assert_uint_eq(i.restarts, 2);
    ck_assert_str_eq(i.health, "unhealthy");
    near(i.cpus, 0.5, 0);
    near(i.memory, 512 * MIB, 0);
    near(cpus_with("\"CpuQuota\":150000,\"CpuPeriod\":0"), 1.5, 0);
    near(cpus_with("\"CpuQuota\":50000,\"CpuPeriod\":200000"), 0.25, 0);
    near(cpus_with("\"CpusetCpus\":\"0-2,5\""), 4, 0);
    near(cpus_with("\"NanoCpus\":2000000000,\"CpusetCpus\":\"3\""), 1, 0); /* the less of both */
    near(cpus_with("\"CpuQuota\":50000,\"CpusetCpus\":\"0-3\""), 0.5, 0);
    ck_assert(isnan(cpus_with("\"CpuQuota\":-1")));
    ck_assert(isnan(cpus_with("\"CpusetCpus\":\"5-2\"")));
    ck_assert(isnan(cpus_with("\"Memory\":0")));
}
END_TEST

START_TEST(events_of_a_kill)
{
    size_t len;
    char *text = recorded("events.jsonl", &len), *rest = text, *line, seen[512] = "";
    while ((line = strsep(&rest, "\n")) != NULL && line[0] != '\0') {
        struct docker_event ev;
        ck_assert(docker_json_event(line, strlen(line), &ev));
        ck_assert(ev.at_ns > INT64_C(1795214000000000000));
        if (strcmp(ev.who.name, "p-oom") == 0 && strlen(seen) < 60)
            snprintf(seen + strlen(seen), sizeof seen - strlen(seen), "%s %d, ", ev.action,
                     ev.exit_code);
    }
    ck_assert_str_eq(seen, "create -1, start -1, oom -1, die 137, start -1, oom -1, die 137, ");
    free(text);
    struct docker_event ev;
    text = recorded("events_podman.jsonl", &len);
    ck_assert(docker_json_event(text, len, &ev));
    ck_assert_int_eq(ev.exit_code, 137);
    ck_assert_str_eq(ev.who.name, "pd-cpu");
    free(text);
}
END_TEST

static void ends(int code, bool oom, double limit, const char *wanted)
{
    char text[160];
    docker_figures_exit(code, oom, limit, text, sizeof text);
    ck_assert_str_eq(text, wanted);
}

START_TEST(exit_codes_in_words)
{
    ends(0, false, NAN, "ended with exit code 0");
    ends(1, false, NAN, "ended with exit code 1");
    ends(127, false, NAN, "ended with exit code 127: its command was not found");
    ends(137, false, NAN, "was ended by SIGKILL (exit code 137)");
    ends(143, false, NAN, "was ended by SIGTERM (exit code 143)");
    ends(137, true, 512 * MIB, "was killed: out of memory (limit 512 MiB)");
    ends(137, true, NAN, "was killed: out of memory");
    ends(255, false, NAN, "ended with exit code 255");
    ends(-1, false, NAN, "ended");
}
END_TEST

START_TEST(reasons_of_errors)
{
    char out[64];
    static const char json[] = "{\"message\":\"No such container: x\"}";
    docker_json_reason(json, strlen(json), out, sizeof out);
    ck_assert_str_eq(out, "No such container: x");
    docker_json_reason("client version 1.11 is too old\n", 31, out, sizeof out);
    ck_assert_str_eq(out, "client version 1.11 is too old");
    docker_json_reason(NULL, 0, out, sizeof out);
    ck_assert_str_eq(out, "");
}
END_TEST

/* -------------------------------------------------------------------- cgroups */

static char root[] = "/tmp/ramptop-cgroup-XXXXXX";

static void put(const char *name, const char *text)
{
    char *path = mem_printf("%s/%s", root, name);
    for (char *slash = strchr(path + 5, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(path, 0700);
        *slash = '/';
    }
    FILE *f = fopen(path, "w");
    ck_assert(f != NULL);
    fputs(text, f);
    fclose(f);
    free(path);
}

START_TEST(what_podman_leaves_out)
{
    struct docker_stats s = {.memory_cache = NAN, .oom_kills = NAN}, none = s;
    ck_assert(mkdtemp(root) != NULL);
    put("proc/7/cgroup", "4:memory:/libpod_parent/libpod-abc\n3:cpu,cpuacct:/libpod-abc\n"
                         "2:cpuset:/x\n0::/\n");
    put("sys/fs/cgroup/memory/libpod_parent/libpod-abc/memory.stat",
        "inactive_file 1\ntotal_inactive_file 52428800\n");
    put("sys/fs/cgroup/cpu/libpod-abc/cpu.stat",
        "nr_periods 100\nnr_throttled 41\nthrottled_time 7\n");
    put("sys/fs/cgroup/memory/libpod_parent/libpod-abc/memory.oom_control",
        "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n");
    docker_cgroup_fill(root, 7, "abc", &s);
    near(s.oom_kills, 2, 0);
    near(s.memory_cache, 52428800, 0);
    near(s.periods, 100, 0);
    near(s.throttled_periods, 41, 0);
    put("proc/8/cgroup", "0::/machine.slice/libpod-abc.scope\n");
    put("sys/fs/cgroup/machine.slice/libpod-abc.scope/memory.stat",
        "file 62918656\ninactive_file 62914560\n");
    put("sys/fs/cgroup/machine.slice/libpod-abc.scope/cpu.stat",
        "usage_usec 1\nnr_periods 268\nnr_throttled 79\nthrottled_usec 3190000\n");
    put("sys/fs/cgroup/machine.slice/libpod-abc.scope/memory.events",
        "max 9\noom 4\noom_kill 3\noom_group_kill 0\n");
    s = none;
    docker_cgroup_fill(root, 8, "abc", &s);
    near(s.memory_cache, 62914560, 0);
    near(s.throttled_periods, 79, 0);
    near(s.oom_kills, 3, 0);
    put("proc/8/cgroup", "0::/machine.slice/libpod-abc.scope/container\n"); /* crun, systemd */
    put("sys/fs/cgroup/machine.slice/libpod-abc.scope/container/memory.stat", "inactive_file 1\n");
    put("sys/fs/cgroup/machine.slice/libpod-abc.scope/container/cpu.stat", "usage_usec 1\n");
    s = none;
    docker_cgroup_fill(root, 8, "abc", &s);
    near(s.memory_cache, 62914560, 0);
    near(s.throttled_periods, 79, 0);
    s = none;
    docker_cgroup_fill(root, 8, "abd", &s); /* the number is another process's by now */
    docker_cgroup_fill(root, 9, "abc", &s);
    docker_cgroup_fill(root, 0, "abc", &s);
    ck_assert(isnan(s.memory_cache) && isnan(s.oom_kills) && s.periods == 0);
    char *command = mem_printf("rm -rf '%s'", root);
    ck_assert_int_eq(system(command), 0);
    free(command);
}
END_TEST

/* ----------------------------------------------------------------------- logs */

static double count(const char *data, size_t len, size_t piece, const char *wanted, bool raw)
{
    struct docker_logs *l = mem_zalloc(sizeof *l);
    bool sampled;
    docker_logs_init(l, wanted, raw);
    for (size_t at = 0; at < len; at += piece)
        docker_logs_feed(l, data + at, len - at < piece ? len - at : piece);
    double n = docker_logs_take(l, &sampled);
    ck_assert(!sampled);
    if (l->broken)
        n = -1;
    free(l);
    return n;
}

START_TEST(lines_of_frames_in_pieces_of_any_size)
{
    size_t len;
    char *text = recorded("logs.bin", &len);
    for (size_t piece = 1; piece < 100; piece++) {
        ck_assert(count(text, len, piece, "error", false) == 5);
        ck_assert(count(text, len, piece, "line", false) == 5);
        ck_assert(count(text, len, piece, "BOOM 6", false) == 1);
        ck_assert(count(text, len, piece, "warning", false) == 0);
    }
    free(text);
}
END_TEST

START_TEST(a_line_counts_once_and_by_its_own_stream)
{
    static const char raw[] = "error error\r\nok\r\nan ERROR\r\nerr\nor\nerr";
    static const char mixed[] = "\1\0\0\0\0\0\0\3err\2\0\0\0\0\0\0\3or\n\1\0\0\0\0\0\0\3or\n";
    ck_assert(count(raw, sizeof raw - 1, 3, "error", true) == 2);
    ck_assert(count(mixed, sizeof mixed - 1, 100, "error", false) == 1);
    ck_assert(count("no frames at all", 16, 16, "error", false) == -1);
}
END_TEST

START_TEST(a_long_line_is_searched_across_its_pieces)
{
    size_t len = 3 * 4096;
    char *text = mem_zalloc(len);
    memset(text, 'x', len);
    memcpy(text + 4094, "ErRoR", 5);
    text[len - 1] = '\n';
    ck_assert(count(text, len, len, "error", true) == 1);
    ck_assert(count(text, len, 4095, "error", true) == 1);
    free(text);
}
END_TEST

START_TEST(a_flood_is_sampled_and_said_so)
{
    struct docker_logs *l = mem_zalloc(sizeof *l);
    static const char line[] = "an error of about thirty bytes\n";
    bool sampled;
    docker_logs_init(l, "error", true);
    size_t n = 4 * DOCKER_LOGS_BUDGET / (sizeof line - 1);
    for (size_t i = 0; i < n; i++)
        docker_logs_feed(l, line, sizeof line - 1);
    double matches = docker_logs_take(l, &sampled);
    ck_assert(sampled);
    near(matches / (double)n, 1, 0.05);
    ck_assert(docker_logs_take(l, &sampled) == 0);
    ck_assert(!sampled);
    free(l);
}
END_TEST

/* ---------------------------------------------------------------------- match */

static struct probe_spec *spec_for(const char *text)
{
    struct err e;
    struct probe_spec *s = probe_spec_parse(text, &e);
    ck_assert_msg(s != NULL, "%s", e.text);
    return s;
}

static bool matches(const char *text, const struct docker_list_entry *c)
{
    struct probe_spec *s = spec_for(text);
    bool yes = docker_match_entry(s, c);
    probe_spec_unref(s);
    return yes;
}

START_TEST(what_a_probe_means)
{
    struct docker_list_entry c = {
        .who = {.id = "1e01e218c8989e05",
                .name = "shop-api-1",
                .project = "shop",
                .service = "api",
                .number = 1},
        .n_ports = 1,
        .ports = {8080},
    };
    static const struct {
        const char *text;
        bool yes;
    } cases[] = {
        {"docker", true},
        {"docker:shop-api-1", true},
        {"docker:shop-*", true},
        {"docker:shop", false},
        {"docker:api", true},
        {"docker:compose:shop", true},
        {"docker:compose:shop/api", true},
        {"docker:compose:shop/db", false},
        {"docker:compose:sho", false},
        {"docker:compose:*/api", true},
        {"docker:port:8080", true},
        {"docker:port:808", false},
        {"docker:db,port:8080", true},
        {"docker:1e01e218c898", true},
        {"docker:1e01", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        ck_assert_msg(matches(cases[i].text, &c) == cases[i].yes, "%s", cases[i].text);
    c.who.oneoff = true;
    ck_assert(!matches("docker", &c));
    ck_assert(!matches("docker:compose:shop", &c));
    ck_assert(matches("docker:shop-api-1", &c));
}
END_TEST

START_TEST(names_and_places)
{
    struct docker_who a = {.name = "shop-api-1", .project = "shop", .service = "api", .number = 1};
    struct docker_who b = a, plain = {.name = "api"};
    char name[48];
    strcpy(b.name, "f00_shop-api-1");
    ck_assert(docker_match_same(&a, &b)); /* made anew, under another name for a moment */
    b.number = 2;
    ck_assert(!docker_match_same(&a, &b));
    ck_assert(!docker_match_same(&a, &plain));
    docker_match_name(&a, false, name, sizeof name);
    ck_assert_str_eq(name, "api");
    docker_match_name(&b, false, name, sizeof name);
    ck_assert_str_eq(name, "api-2");
    docker_match_name(&a, true, name, sizeof name);
    ck_assert_str_eq(name, "shop/api");
    docker_match_name(&plain, false, name, sizeof name);
    ck_assert_str_eq(name, "api");
}
END_TEST

int main(void)
{
    Suite *s = suite_create("docker");
    TCase *t = tcase_create("docker");
    tcase_add_test(t, half_a_core_under_a_limit_is_all_it_has);
    tcase_add_test(t, cgroup_v2_tells_the_same);
    tcase_add_test(t, podman_by_the_wall_clock);
    tcase_add_test(t, podman_on_the_network_of_the_host);
    tcase_add_test(t, memory_without_page_cache);
    tcase_add_test(t, v1_block_io_is_counted_once);
    tcase_add_test(t, stop_start_restart);
    tcase_add_test(t, times_are_exact);
    tcase_add_test(t, what_is_no_answer);
    tcase_add_test(t, the_list_of_containers);
    tcase_add_test(t, limits_of_a_container);
    tcase_add_test(t, events_of_a_kill);
    tcase_add_test(t, exit_codes_in_words);
    tcase_add_test(t, reasons_of_errors);
    tcase_add_test(t, what_podman_leaves_out);
    tcase_add_test(t, lines_of_frames_in_pieces_of_any_size);
    tcase_add_test(t, a_line_counts_once_and_by_its_own_stream);
    tcase_add_test(t, a_long_line_is_searched_across_its_pieces);
    tcase_add_test(t, a_flood_is_sampled_and_said_so);
    tcase_add_test(t, what_a_probe_means);
    tcase_add_test(t, names_and_places);
    suite_add_tcase(s, t);
    return unit_run(s);
}
