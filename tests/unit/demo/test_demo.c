/* SPDX-License-Identifier: MIT */
/* The demo target as a client sees it: the real server in its own process, spoken to
 * over a socket. */
#include <arpa/inet.h>
#include <check.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "src/base/log.h"
#include "src/base/now.h"
#include "src/demo/demo.h"
#include "src/demo/description.h"
#include "src/demo/named.h"
#include "src/demo/plain.h"
#include "src/profile/read.h"
#include "tests/unit/profile/sent.h"
#include "tests/unit/unit.h"

#define DEADLINE_MS 20000

static struct demo_child child;
static char truth_path[64];

static void start(const struct demo_config *cfg)
{
    struct err e = {{0}};
    ck_assert_msg(demo_spawn(cfg, &child, &e), "%s", e.text);
    ck_assert_uint_gt(child.port, 0);
}

static struct demo_config quick(void)
{
    struct demo_config cfg = demo_defaults();
    cfg.service_ms = 0;
    return cfg;
}

static void with_truth(struct demo_config *cfg)
{
    strcpy(truth_path, "/tmp/ramptop-truth-XXXXXX");
    int fd = mkstemp(truth_path);
    ck_assert_int_ge(fd, 0);
    close(fd);
    cfg->truth = truth_path;
}

static void teardown(void)
{
    demo_end(&child);
    if (truth_path[0] != '\0')
        unlink(truth_path);
    truth_path[0] = '\0';
}

static int dial(void)
{
    struct sockaddr_in a = {.sin_family = AF_INET,
                            .sin_port = htons((uint16_t)child.port),
                            .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert_int_ge(fd, 0);
    ck_assert_msg(connect(fd, (struct sockaddr *)&a, sizeof a) == 0, "%s", strerror(errno));
    struct timeval limit = {.tv_sec = DEADLINE_MS / 1000};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    return fd;
}

static void say(int fd, const char *text)
{
    ck_assert_int_eq(send(fd, text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text));
}

static void ask(int fd, const char *method, const char *path)
{
    char text[256];
    snprintf(text, sizeof text, "%s %s HTTP/1.1\r\nHost: demo\r\n\r\n", method, path);
    say(fd, text);
}

struct heard {
    unsigned status;
    size_t len;
    const char *body; /* in text */
    char text[9216];
};

/* The length of the reply that text begins with; 0 while its head is not complete. */
static size_t reply_length(struct heard *r, bool has_body)
{
    const char *end = strstr(r->text, "\r\n\r\n");
    const char *length = strstr(r->text, "Content-Length: ");
    if (end == NULL)
        return 0;
    ck_assert_msg(length != NULL && length < end, "%s", r->text);
    ck_assert_int_eq(sscanf(r->text, "HTTP/1.1 %u", &r->status), 1);
    r->body = end + 4;
    size_t body = has_body ? strtoul(length + strlen("Content-Length: "), NULL, 10) : 0;
    return (size_t)(r->body - r->text) + body;
}

/* Reads one reply; the connection stays usable. */
static void hear(int fd, bool has_body, struct heard *r)
{
    *r = (struct heard){0};
    size_t want = 0;
    while (want == 0 || r->len < want) {
        ck_assert_uint_lt(r->len + 1, sizeof r->text);
        ssize_t n = recv(fd, r->text + r->len, sizeof r->text - 1 - r->len, 0);
        ck_assert_msg(n > 0, "no reply: \"%s\"", r->text);
        r->len += (size_t)n;
        want = reply_length(r, has_body);
    }
    ck_assert_msg(r->len == want, "more than one reply: \"%s\"", r->text);
}

static void get(int fd, const char *path, struct heard *r)
{
    ask(fd, "GET", path);
    hear(fd, true, r);
}

/* One figure from /metrics. */
static double metric(int fd, const char *name)
{
    struct heard r;
    get(fd, "/metrics", &r);
    ck_assert_uint_eq(r.status, 200);
    size_t len = strlen(name);
    for (const char *line = r.body; line != NULL; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, name, len) == 0 && line[len] == ' ')
            return strtod(line + len, NULL);
    }
    ck_abort_msg("no %s in:\n%s", name, r.body);
    return 0;
}

static void wait_for_metric(int fd, const char *name, double value)
{
    uint64_t deadline_ns = now_ns() + DEADLINE_MS * NS_PER_MS;
    while (metric(fd, name) != value)
        ck_assert_msg(now_ns() < deadline_ns, "%s did not become %g", name, value);
}

static bool ended(pid_t pid)
{
    int pid_fd = pidfd_open(pid, 0);
    if (pid_fd < 0)
        return true;
    struct pollfd p = {.fd = pid_fd, .events = POLLIN};
    int n = poll(&p, 1, DEADLINE_MS);
    close(pid_fd);
    return n == 1;
}

/* -------------------------------------------------------------------- pages */

static const struct {
    const char *method, *path;
    unsigned status;
    const char *head, *body; /* found in there */
} pages[] = {
    {"GET", "/", 200, "text/plain", "hello, I break at 400 requests per second\n"},
    {"HEAD", "/", 200, "Content-Length: 42", ""},
    {"GET", "/fast?x=1", 200, "application/json", "fast"},
    {"GET", "/slow", 200, "application/json", "slow"},
    {"GET", "/about", 200, "text/plain",
     "GET /slow                                              80          100"},
    {"GET", "/health", 200, "application/json", "{\"status\":\"ok\"}"},
    {"GET", "/metrics", 200, "text/plain; version=0.0.4", "# TYPE demo_requests_total counter"},
    {"GET", "/nothing", 404, "application/json", "{\"error\":\"not found\"}"},
    {"DELETE", "/fast", 405, "Allow: GET, HEAD\r\n", "wrong method"},
    {"GET", "/write", 405, "Allow: POST, PUT\r\n", "wrong method"},
    {"POST", "/write", 200, "application/json", "{\"bytes\":0}"},
    {"PUT", "/write", 200, "application/json", "{\"bytes\":0}"},
};

START_TEST(each_page_is_served_on_one_connection)
{
    struct demo_config cfg = demo_defaults();
    start(&cfg);
    int fd = dial();
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++) {
        struct heard r;
        ask(fd, pages[i].method, pages[i].path);
        hear(fd, strcmp(pages[i].method, "HEAD") != 0, &r);
        ck_assert_msg(r.status == pages[i].status && strstr(r.text, pages[i].head) != NULL &&
                          strstr(r.body, pages[i].body) != NULL,
                      "%s %s:\n%s", pages[i].method, pages[i].path, r.text);
    }
    ck_assert(metric(fd, "demo_connections") == 1);
    /* Counted by path, whatever the method. */
    ck_assert(metric(fd, "demo_requests_total{path=\"/write\",code=\"200\"}") == 2);
    ck_assert(metric(fd, "demo_requests_total{path=\"/write\",code=\"405\"}") == 1);
    ck_assert(metric(fd, "demo_requests_total{path=\"/fast\",code=\"405\"}") == 1);
    ck_assert(metric(fd, "demo_requests_total{path=\"other\",code=\"404\"}") == 1);
    ck_assert(metric(fd, "demo_requests_total{path=\"/flaky\",code=\"200\"}") == 0);
    close(fd);
}
END_TEST

START_TEST(a_body_in_pieces_is_read_whole)
{
    struct demo_config cfg = quick();
    start(&cfg);
    int fd = dial();
    static char piece[50001];
    memset(piece, 'x', sizeof piece - 1);
    for (int round = 0; round < 3; round++) {
        struct heard r;
        say(fd, "PUT /write HTTP/1.1\r\nHost: demo\r\nContent-Length: 100000\r\n\r\n");
        say(fd, piece);
        say(fd, piece);
        hear(fd, true, &r);
        ck_assert_str_eq(r.body, "{\"bytes\":100000}\n");
    }
    close(fd);
}
END_TEST

START_TEST(every_byte_of_a_form_counts)
{
    static const char form[] =
        "--x\r\nContent-Disposition: form-data; name=\"f\"; filename=\"f\"\r\n"
        "\r\nabc\r\n--x--\r\n";
    struct demo_config cfg = quick();
    struct heard r;
    char text[512], want[64];
    start(&cfg);
    int fd = dial();
    snprintf(
        text, sizeof text,
        "POST /write HTTP/1.1\r\nHost: demo\r\nContent-Type: multipart/form-data; boundary=x\r\n"
        "Content-Length: %zu\r\n\r\n%s",
        strlen(form), form);
    say(fd, text);
    hear(fd, true, &r);
    snprintf(want, sizeof want, "{\"bytes\":%zu}\n", strlen(form));
    ck_assert_str_eq(r.body, want);
    close(fd);
}
END_TEST

START_TEST(flaky_fails_now_and_then_and_says_so)
{
    struct demo_config cfg = quick();
    start(&cfg);
    int fd = dial();
    unsigned failed = 0;
    int last = 0;
    bool even = true;
    for (int i = 0; i < 2000; i++) {
        struct heard r;
        get(fd, "/flaky", &r);
        ck_assert(r.status == 200 || r.status == 500);
        failed += r.status == 500;
        if (r.status != 500)
            continue;
        ck_assert_str_eq(r.body, "{\"error\":\"bad luck\"}\n");
        even = even && (failed == 1 || i - last == 50);
        last = i;
    }
    ck_assert_uint_ge(failed, 20); /* 40 expected, 6.3 the deviation; the seed is fixed */
    ck_assert_uint_le(failed, 60);
    ck_assert(!even); /* by chance */
    ck_assert(metric(fd, "demo_requests_total{path=\"/flaky\",code=\"500\"}") == failed);
    ck_assert(metric(fd, "demo_requests_total{path=\"/flaky\",code=\"200\"}") == 2000 - failed);
    close(fd);
}
END_TEST

/* A line is a comment, or a name, labels if any, a blank and a number. */
START_TEST(metrics_are_what_a_scraper_accepts)
{
    struct demo_config cfg = quick();
    start(&cfg);
    int fd = dial();
    struct heard r;
    get(fd, "/", &r);
    get(fd, "/metrics", &r);
    size_t len = strlen(r.body);
    ck_assert(len > 0 && r.body[len - 1] == '\n');
    unsigned samples = 0;
    for (char *line = strtok(strstr(r.text, "\r\n\r\n") + 4, "\n"); line != NULL;
         line = strtok(NULL, "\n")) {
        if (strncmp(line, "# HELP demo_", 12) == 0 || strncmp(line, "# TYPE demo_", 12) == 0)
            continue;
        size_t name = strspn(line, "abcdefghijklmnopqrstuvwxyz_");
        const char *value = strchr(line, ' ');
        ck_assert_msg(name > 0 && value != NULL, "%s", line);
        ck_assert_msg(line[name] == ' ' || (line[name] == '{' && value[-1] == '}'), "%s", line);
        char *end;
        if (strcmp(value, " +Inf") != 0) {
            strtod(value, &end);
            ck_assert_msg(end != value && *end == '\0', "%s", line);
        }
        samples++;
    }
    ck_assert_uint_ge(samples, 15);
    close(fd);
}
END_TEST

/* -------------------------------------------------------------------- queue */

START_TEST(beyond_the_queue_it_refuses_at_once)
{
    struct demo_config cfg = demo_defaults();
    cfg.servers = 1;
    cfg.queue = 2;
    cfg.service_ms = 60000; /* far beyond the test's end: nothing here depends on speed */
    with_truth(&cfg);
    start(&cfg);
    int fd[3], probe = dial();
    for (int i = 0; i < 3; i++) {
        fd[i] = dial();
        ask(fd[i], "GET", "/");
        wait_for_metric(probe, "demo_accepted_total", i + 1);
    }
    ck_assert(metric(probe, "demo_queue_length") == 2);
    ck_assert(metric(probe, "demo_servers_busy") == 1);
    struct heard r;
    get(probe, "/", &r);
    ck_assert_uint_eq(r.status, 503);
    ck_assert_str_eq(r.body, "{\"error\":\"queue full\"}\n");
    ck_assert_ptr_nonnull(strstr(r.text, "Retry-After: 1\r\n"));
    get(probe, "/health", &r);
    ck_assert_uint_eq(r.status, 200);
    ck_assert(metric(probe, "demo_refused_total") == 1);

    /* What waits when it is ended is cut, and logged as such. */
    demo_end(&child);
    for (int i = 0; i < 3; i++)
        close(fd[i]);
    close(probe);
    FILE *f = fopen(truth_path, "r");
    ck_assert_ptr_nonnull(f);
    unsigned cut = 0;
    for (char line[512]; fgets(line, sizeof line, f) != NULL;)
        cut += strstr(line, " GET / 200 60000000 ") != NULL && strstr(line, " cut\n") != NULL;
    fclose(f);
    ck_assert_uint_eq(cut, 3);
}
END_TEST

static unsigned count_lines(const char *path)
{
    FILE *f = fopen(path, "r");
    ck_assert_ptr_nonnull(f);
    unsigned n = 0;
    for (int c; (c = getc(f)) != EOF;)
        n += c == '\n';
    fclose(f);
    return n;
}

static void wait_for_lines(const char *path, unsigned lines)
{
    uint64_t deadline_ns = now_ns() + DEADLINE_MS * NS_PER_MS;
    while (count_lines(path) < lines) {
        ck_assert_msg(now_ns() < deadline_ns, "%s has %u lines", path, count_lines(path));
        poll(NULL, 0, 20);
    }
    ck_assert_uint_eq(count_lines(path), lines);
}

START_TEST(the_truth_file_has_every_request_once)
{
    struct demo_config cfg = demo_defaults();
    cfg.servers = 2;
    cfg.service_ms = 2;
    cfg.service = DEMO_EXP;
    with_truth(&cfg);
    start(&cfg);
    enum { CLIENTS = 5, ROUNDS = 60 };
    int fd[CLIENTS];
    uint64_t first_ns = now_ns();
    for (int c = 0; c < CLIENTS; c++)
        fd[c] = dial();
    for (int i = 0; i < ROUNDS; i++) {
        for (int c = 0; c < CLIENTS; c++)
            ask(fd[c], "GET", "/fast");
        for (int c = 0; c < CLIENTS; c++) {
            struct heard r;
            hear(fd[c], true, &r);
            ck_assert_uint_eq(r.status, 200);
        }
    }
    say(fd[0], "GET /a\x7f?q HTTP/1.1\r\nHost: demo\r\n\r\n");
    struct heard r;
    hear(fd[0], true, &r);
    wait_for_lines(truth_path, 1 + CLIENTS * ROUNDS + 1); /* it does not keep them to the end */
    uint64_t last_ns = now_ns();
    demo_end(&child);

    FILE *f = fopen(truth_path, "r");
    ck_assert_ptr_nonnull(f);
    char line[512], method[32], path[300], reply[16];
    ck_assert_ptr_nonnull(fgets(line, sizeof line, f));
    ck_assert_str_eq(line, "received_ns sent_ns method path status service_us wait_us reply\n");
    unsigned fast = 0, other = 0;
    while (fgets(line, sizeof line, f) != NULL) {
        unsigned long long received, sent, service_us, wait_us;
        unsigned status;
        ck_assert_msg(sscanf(line, "%llu %llu %31s %299s %u %llu %llu %15s", &received, &sent,
                             method, path, &status, &service_us, &wait_us, reply) == 8,
                      "%s", line);
        ck_assert_str_eq(method, "GET");
        ck_assert_str_eq(reply, "sent");
        ck_assert(first_ns <= received && received <= sent && sent <= last_ns);
        ck_assert_msg(sent - received >= (service_us + wait_us) * 1000, "early: %s", line);
        fast += strcmp(path, "/fast") == 0 && status == 200;
        other += strcmp(path, "/a?") == 0 && status == 404;
    }
    fclose(f);
    ck_assert_uint_eq(fast, CLIENTS * ROUNDS);
    ck_assert_uint_eq(other, 1);
    for (int c = 0; c < CLIENTS; c++)
        close(fd[c]);
}
END_TEST

START_TEST(thousands_of_connections_are_served)
{
    struct rlimit limit;
    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
    limit.rlim_cur = limit.rlim_max;
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
    int n = limit.rlim_cur > 12300 ? 12000 : (int)limit.rlim_cur - 300;
    struct demo_config cfg = quick();
    start(&cfg);
    int *fd = calloc((size_t)n, sizeof *fd);
    ck_assert_ptr_nonnull(fd);
    for (int i = 0; i < n; i++)
        fd[i] = dial();
    for (int i = 0; i < n; i++)
        ask(fd[i], "GET", "/");
    for (int i = 0; i < n; i++) {
        struct heard r;
        hear(fd[i], true, &r);
        ck_assert_uint_eq(r.status, 200);
    }
    ck_assert(metric(fd[0], "demo_connections") == n);
    for (int i = 0; i < n; i++)
        close(fd[i]);
    free(fd);
}
END_TEST

static const char *const garbage[] = {
    "\x01\x02\x03\r\n\r\n",
    "GET\r\n\r\n",
    "GET / HTTP/9.9\r\n\r\n",
    "GET / HTTP/1.1\r\n\r\n", /* no Host */
    "POST /write HTTP/1.1\r\nHost: d\r\nContent-Length: -5\r\n\r\nabc",
    "POST /write HTTP/1.1\r\nHost: d\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    "POST /write HTTP/1.1\r\nHost: d\r\nContent-Length: 10\r\n\r\nabc", /* the rest never comes */
};

START_TEST(garbage_does_not_stop_it)
{
    struct demo_config cfg = quick();
    with_truth(&cfg);
    start(&cfg);
    for (size_t i = 0; i < sizeof garbage / sizeof *garbage; i++) {
        int fd = dial();
        say(fd, garbage[i]);
        shutdown(fd, SHUT_WR);
        char c[512];
        while (recv(fd, c, sizeof c, 0) > 0)
            continue;
        close(fd);
    }
    int fd = dial();
    struct heard r;
    get(fd, "/", &r);
    ck_assert_uint_eq(r.status, 200);
    close(fd);
}
END_TEST

/* ------------------------------------------------------------------ process */

START_TEST(it_ends_when_its_life_line_is_closed)
{
    struct demo_config cfg = quick();
    start(&cfg);
    ck_assert_int_eq(getpgid(child.pid), child.pid); /* the terminal's Ctrl-C goes elsewhere */
    close(child.life_fd);
    child.life_fd = -1;
    ck_assert(ended(child.pid));
    int status;
    ck_assert_int_eq(waitpid(child.pid, &status, 0), child.pid);
    ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    child = (struct demo_child){.life_fd = -1};
}
END_TEST

START_TEST(it_ends_cleanly_on_sigterm)
{
    struct demo_config cfg = quick();
    start(&cfg);
    int fd = dial();
    struct heard r;
    get(fd, "/", &r);
    kill(child.pid, SIGTERM);
    ck_assert(ended(child.pid));
    int status;
    ck_assert_int_eq(waitpid(child.pid, &status, 0), child.pid);
    ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    close(child.life_fd);
    close(fd);
    child = (struct demo_child){.life_fd = -1};
}
END_TEST

START_TEST(it_does_not_outlive_a_killed_parent)
{
    int fds[2];
    ck_assert_int_eq(pipe(fds), 0);
    pid_t parent = fork();
    if (parent == 0) {
        struct demo_config cfg = quick();
        struct demo_child c;
        bool ok = demo_spawn(&cfg, &c, NULL) && write(fds[1], &c.pid, sizeof c.pid) > 0;
        while (ok)
            pause();
        _exit(1);
    }
    pid_t server = 0;
    close(fds[1]);
    ck_assert_int_eq(read(fds[0], &server, sizeof server), (ssize_t)sizeof server);
    close(fds[0]);
    int pid_fd = pidfd_open(server, 0);
    ck_assert_int_ge(pid_fd, 0);
    kill(parent, SIGKILL);
    waitpid(parent, NULL, 0);
    struct pollfd p = {.fd = pid_fd, .events = POLLIN};
    ck_assert_int_eq(poll(&p, 1, DEADLINE_MS), 1);
    close(pid_fd);
}
END_TEST

START_TEST(a_taken_port_is_said_in_a_sentence)
{
    struct demo_config cfg = quick();
    start(&cfg);
    cfg.port = child.port;
    struct demo_child second;
    struct err e = {{0}};
    ck_assert(!demo_spawn(&cfg, &second, &e));
    char want[256];
    snprintf(want, sizeof want,
             "port %u on 127.0.0.1 is taken by another program; choose another port, or 0 for a "
             "free one",
             cfg.port);
    ck_assert_str_eq(e.text, want);
    ck_assert_int_eq(second.pid, 0);
    demo_end(&second);
}
END_TEST

START_TEST(an_impossible_truth_file_is_said_in_a_sentence)
{
    struct demo_config cfg = quick();
    struct err e = {{0}};
    cfg.truth = "/nowhere/truth";
    ck_assert(!demo_spawn(&cfg, &child, &e));
    ck_assert_str_eq(e.text,
                     "/nowhere/truth: the truth file cannot be written: No such file or directory");
}
END_TEST

START_TEST(a_full_disk_is_said_and_the_target_goes_on)
{
    struct demo_config cfg = quick();
    cfg.truth = "/dev/full";
    start(&cfg);
    int fd = dial();
    struct heard r;
    for (int i = 0; i < 2000; i++) { /* more than the buffer holds */
        get(fd, "/", &r);
        ck_assert_uint_eq(r.status, 200);
    }
    close(fd);
    demo_end(&child);
    struct log_line line;
    ck_assert_uint_eq(log_copy(&line, 1, NULL), 1);
    ck_assert_str_eq(line.text, "/dev/full: the truth file is incomplete: No space left on device");
}
END_TEST

START_TEST(the_profile_is_the_file)
{
    const char *top = getenv("top_srcdir");
    char path[1024];
    snprintf(path, sizeof path, "%s/profiles/demo.cfg", top != NULL ? top : ".");
    FILE *f = fopen(path, "r");
    ck_assert_msg(f != NULL, "%s: %s", path, strerror(errno));
    static char text[65536];
    size_t n = fread(text, 1, sizeof text - 1, f);
    fclose(f);
    ck_assert_uint_gt(n, 500);
    ck_assert_str_eq(demo_text("demo.cfg"), text);
}
END_TEST

static double task_factor(const struct description *d, const struct task *t)
{
    ck_assert_uint_eq(t->steps.n, 1);
    const struct request *r = t->steps.items[0].request;
    const char *url = sent_text(r->url);
    const char *host = "http://127.0.0.1:1";
    ck_assert_int_eq(strncmp(url, host, strlen(host)), 0);
    char name[100];
    snprintf(name, sizeof name, "%s %s", r->method, url + strlen(host));
    for (size_t i = 0; i < d->n_routes; i++)
        if (strcmp(d->routes[i].name, name) == 0)
            return description_busy_s(&d->routes[i], &d->pools[0]) /
                   description_busy_s(&d->routes[0], &d->pools[0]);
    ck_abort_msg("no %s", name);
    return 0;
}

/* The profile's comments promise that every class breaks the target at C / S. */
START_TEST(the_profiles_arithmetic_holds)
{
    const char *text = demo_text("demo.cfg");
    struct profile_overrides o = {.host = "http://127.0.0.1:1"};
    struct problems problems = {0};
    struct profile *p = profile_parse("demo.cfg", text, strlen(text), &o, &problems);
    ck_assert_msg(p != NULL && problems.n == 0, "%s", problems.n > 0 ? problems.lines[0] : "");
    struct demo_config cfg = demo_defaults();
    struct description *d = plain_describe(&cfg, NULL);
    for (size_t c = 0; c < p->n_classes; c++) {
        const struct user_class *class = &p->classes[c];
        double sum = 0;
        for (size_t t = 0; t < class->n_tasks; t++)
            sum += class->tasks[t].weight * task_factor(d, &class->tasks[t]);
        ck_assert_double_eq_tol(sum / class->total_weight, 1, 1e-9);
        /* one request a second from each user, so that users compare with capacity */
        ck_assert_uint_eq(class->wait.min_ns + class->wait.max_ns, 2 * NS_PER_S);
    }
    description_free(d);
    double capacity = demo_capacity(&cfg, 1);
    const struct level *busy = profile_level(p, "busy"), *over = profile_level(p, "overload");
    ck_assert(profile_level(p, "smoke") != NULL && profile_level(p, "baseline") != NULL);
    ck_assert(busy != NULL && busy->users > 0.8 * capacity && busy->users < capacity);
    ck_assert(over != NULL && over->users > capacity + cfg.queue + cfg.servers);
    ck_assert_uint_ge(p->max_users, over->users);
    profile_unref(p);
    problems_finish(&problems);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("demo");
    TCase *tc = tcase_create("demo");
    tcase_set_timeout(tc, 60);
    tcase_add_checked_fixture(tc, NULL, teardown);
    tcase_add_test(tc, each_page_is_served_on_one_connection);
    tcase_add_test(tc, a_body_in_pieces_is_read_whole);
    tcase_add_test(tc, every_byte_of_a_form_counts);
    tcase_add_test(tc, flaky_fails_now_and_then_and_says_so);
    tcase_add_test(tc, metrics_are_what_a_scraper_accepts);
    tcase_add_test(tc, beyond_the_queue_it_refuses_at_once);
    tcase_add_test(tc, the_truth_file_has_every_request_once);
    tcase_add_test(tc, thousands_of_connections_are_served);
    tcase_add_test(tc, garbage_does_not_stop_it);
    tcase_add_test(tc, it_ends_when_its_life_line_is_closed);
    tcase_add_test(tc, it_ends_cleanly_on_sigterm);
    tcase_add_test(tc, it_does_not_outlive_a_killed_parent);
    tcase_add_test(tc, a_taken_port_is_said_in_a_sentence);
    tcase_add_test(tc, an_impossible_truth_file_is_said_in_a_sentence);
    tcase_add_test(tc, a_full_disk_is_said_and_the_target_goes_on);
    tcase_add_test(tc, the_profile_is_the_file);
    tcase_add_test(tc, the_profiles_arithmetic_holds);
    suite_add_tcase(s, tc);
    return unit_run(s);
}
