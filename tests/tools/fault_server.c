/* SPDX-License-Identifier: MIT */
/* fault_server - an HTTP server on loopback that breaks the protocol on request.
 *
 *     fault_server [PORT]     listens on 127.0.0.1 (a free port by default) and prints
 *                             "port N" on standard output
 *
 * The path chooses what goes wrong: one row of the table below.  /counts tells as lines
 * "PATH N" how many complete requests came for each path, and "connections N".  It is not
 * counted itself.  Ends on SIGTERM, and with its parent. */
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define REQUEST_MAX 65536
#define PATHS_MAX 128
#define EVENTS 256
#define DRIP_NS 50000000u

enum ending {
    END_KEEP,   /* wait for the next request */
    END_FIN,    /* close */
    END_RESET,  /* close with RST */
    END_STALL,  /* never send anything again */
    END_REPEAT, /* send the filler for ever */
    END_DRIP,   /* the reply one byte at a time */
};

struct client {
    int fd;
    char *in;
    size_t in_len;
    char *out; /* owned */
    size_t out_len, out_at;
    const char *filler;
    size_t filler_len, filler_at;
    enum ending ending;
    bool answering;
    uint64_t due_ns; /* nothing goes out before that */
    struct client *next, **link;
};

struct reply {
    char *data; /* goes to the client */
    size_t len;
};

struct fault {
    const char *path;
    const char *head;
    size_t head_len;
    enum ending ending;
    const char *filler;
    void (*make)(struct reply *r, const char *request); /* in place of head */
};

static struct {
    int epoll_fd, listen_fd;
    struct client *clients;
    struct {
        char path[64];
        uint64_t n;
    } counts[PATHS_MAX];
    size_t n_counts;
    uint64_t connections;
} server;

static _Noreturn void fail(const char *what)
{
    fprintf(stderr, "fault_server: %s: %s\n", what, strerror(errno));
    exit(1);
}

static uint64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* ------------------------------------------------------------ replies that are made */

static void append(struct reply *r, const void *data, size_t len)
{
    r->data = realloc(r->data, r->len + len + 1);
    if (r->data == NULL)
        fail("memory");
    memcpy(r->data + r->len, data, len);
    r->len += len;
    r->data[r->len] = '\0';
}

static void append_text(struct reply *r, const char *text)
{
    append(r, text, strlen(text));
}

static void ok_head(struct reply *r, const char *more, size_t body_len)
{
    char head[512];
    snprintf(head, sizeof head, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n%s\r\n", body_len, more);
    append_text(r, head);
}

static void make_echo(struct reply *r, const char *request)
{
    ok_head(r, "", strlen(request));
    append_text(r, request);
}

static void count(const char *path);

/* Sets a cookie once.  What comes back is the body, and is counted. */
static void make_cookie(struct reply *r, const char *request)
{
    static unsigned n;
    char set[64] = "", got[256] = "none";
    const char *line = strcasestr(request, "\r\nCookie: ");
    if (line != NULL)
        sscanf(line + strlen("\r\nCookie: "), "%255[^\r]", got);
    else
        snprintf(set, sizeof set, "Set-Cookie: user=%u; Path=/\r\n", ++n);
    count(line != NULL ? got : "(none)");
    ok_head(r, set, strlen(got));
    append_text(r, got);
}

static void make_long_header(struct reply *r, const char *request)
{
    (void)request;
    char *line = malloc(200 * 1024);
    if (line == NULL)
        fail("memory");
    memset(line, 'x', 200 * 1024);
    append_text(r, "HTTP/1.1 200 OK\r\nX-Long: ");
    append(r, line, 200 * 1024);
    append_text(r, "\r\nContent-Length: 2\r\n\r\nok");
    free(line);
}

static void make_counts(struct reply *r, const char *request)
{
    (void)request;
    struct reply body = {0};
    char line[128];
    for (size_t i = 0; i < server.n_counts; i++) {
        snprintf(line, sizeof line, "%s %llu\n", server.counts[i].path,
                 (unsigned long long)server.counts[i].n);
        append_text(&body, line);
    }
    snprintf(line, sizeof line, "connections %llu\n", (unsigned long long)server.connections);
    append_text(&body, line);
    ok_head(r, "", body.len);
    append(r, body.data, body.len);
    free(body.data);
}

/* Deflate by hand: a block of fixed codes, the letter A, then "258 bytes from 1 byte
 * back" again and again; 13 bits each, so that 8 of them are 13 whole bytes. */
struct bits {
    unsigned char bytes[16];
    size_t n;
};

static void put_bits(struct bits *b, const char *zeros_and_ones)
{
    for (const char *c = zeros_and_ones; *c != '\0'; c++, b->n++)
        b->bytes[b->n / 8] |= (unsigned char)((*c - '0') << (b->n % 8));
}

#define MATCH_258                                                                                  \
    "11000101"                                                                                     \
    "00000"

static void make_gzip_bomb(struct reply *r, const char *request)
{
    (void)request;
    struct bits b = {0};
    put_bits(&b, "010"
                 "01110001" MATCH_258);
    append_text(r, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n");
    append(r, "\x1f\x8b\x08\0\0\0\0\0\0\x03", 10);
    append(r, b.bytes, 3);
}

static char gzip_filler[13 * 1024];
static char text_filler[16 * 1024];

static void make_fillers(void)
{
    struct bits b = {0};
    for (int i = 0; i < 8; i++)
        put_bits(&b, MATCH_258);
    for (size_t i = 0; i < sizeof gzip_filler; i++)
        gzip_filler[i] = (char)b.bytes[i % 13];
    for (size_t i = 0; i < sizeof text_filler; i++)
        text_filler[i] = "Filler: nothing\r\n"[i % 17];
}

/* ------------------------------------------------------------------------ the table */

#define OK_BODY "fine; this reply has forty-two bytes here\n"
#define OK "HTTP/1.1 200 OK\r\nContent-Length: 42\r\n\r\n" OK_BODY
#define CHUNKED "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
/* Colour, a new window title, the clipboard, C1, and text that runs backwards. */
#define EVIL                                                                                       \
    "\x1b[31mred\x1b]0;owned\x07\x1b]52;c;b3duZWQ=\x07\xc2\x9b"                                    \
    "31m\xe2\x80\xaegnol\x9b"                                                                      \
    "5m"
#define ROW(path, text, end)                                                                       \
    {                                                                                              \
        path, text, sizeof(text) - 1, end, NULL, NULL                                              \
    }

static const struct fault faults[] = {
    ROW("/ok", OK, END_KEEP),
    ROW("/close", OK, END_FIN),
    ROW("/reset", "", END_RESET),
    ROW("/empty", "", END_FIN),
    ROW("/cut-headers", "HTTP/1.1 200 OK\r\nContent-Le", END_FIN),
    ROW("/cut-body", "HTTP/1.1 200 OK\r\nContent-Length: 4096\r\n\r\nthe rest is missing", END_FIN),
    ROW("/cut-chunk", CHUNKED "1000\r\nthe rest is missing", END_FIN),
    ROW("/no-last-chunk", CHUNKED "5\r\nwhole\r\n", END_FIN),
    ROW("/bad-chunk", CHUNKED "zz-not-hex\r\nwhole\r\n0\r\n\r\n", END_FIN),
    ROW("/reset-headers", "HTTP/1.1 200 OK\r\nContent-Le", END_RESET),
    ROW("/reset-body", "HTTP/1.1 200 OK\r\nContent-Length: 4096\r\n\r\nthe rest", END_RESET),
    ROW("/surplus", OK "and more that nobody asked for", END_FIN),
    ROW("/bad-length", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nbody", END_FIN),
    ROW("/nul-header", "HTTP/1.1 200 OK\r\nX-Nul: a\0b\r\nContent-Length: 2\r\n\r\nok", END_FIN),
    ROW("/binary", "\x16\x03\x01\x02\0\x01\0\xfe\xff\x80\x1b[2J\0\n\x05garbage\r\n\r\n", END_FIN),
    ROW("/status-9999", "HTTP/1.1 9999 Too Much\r\nContent-Length: 2\r\n\r\nok", END_FIN),
    ROW("/http09", "<html>no status line, no headers</html>\n", END_FIN),
    ROW("/endless-headers", "HTTP/1.1 200 OK\r\n", END_REPEAT),
    ROW("/endless-trailers", CHUNKED "5\r\nwhole\r\n0\r\n", END_REPEAT),
    ROW("/endless-body", "HTTP/1.1 200 OK\r\n\r\n", END_REPEAT),
    ROW("/stall", "", END_STALL),
    ROW("/stall-headers", "HTTP/1.1 200 OK\r\nContent-Le", END_STALL),
    ROW("/stall-body", "HTTP/1.1 200 OK\r\nContent-Length: 4096\r\n\r\nwait for it", END_STALL),
    ROW("/slowloris", OK, END_DRIP),
    ROW("/bad-gzip",
        "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 16\r\n\r\nnot gzip at all!",
        END_FIN),
    ROW("/redirect", "HTTP/1.1 302 Found\r\nLocation: /ok\r\nContent-Length: 0\r\n\r\n", END_KEEP),
    ROW("/redirect-loop",
        "HTTP/1.1 302 Found\r\nLocation: /redirect-loop\r\nContent-Length: 0\r\n\r\n", END_KEEP),
    ROW("/redirect-file",
        "HTTP/1.1 302 Found\r\nLocation: file:///etc/hostname\r\nContent-Length: 0\r\n\r\n",
        END_KEEP),
    ROW("/redirect-away",
        "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.2:9/\r\nContent-Length: 0\r\n\r\n",
        END_KEEP),
    ROW("/created-away",
        "HTTP/1.1 201 Created\r\nLocation: http://127.0.0.2:9/1\r\nContent-Length: 0\r\n\r\n",
        END_KEEP),
    ROW("/trailers", CHUNKED "5\r\nwhole\r\n0\r\nX-Sum: 1\r\n\r\n", END_KEEP),
    ROW("/error", "HTTP/1.1 503 Busy\r\nContent-Length: 9\r\n\r\npool full", END_KEEP),
    ROW("/escape",
        "HTTP/1.1 500 " EVIL "\r\nX-Evil: " EVIL "\r\nConnection: close\r\n\r\n" EVIL "\r\nmore",
        END_FIN),
    {"/gzip-bomb", NULL, 0, END_REPEAT, gzip_filler, make_gzip_bomb},
    {"/long-header", NULL, 0, END_FIN, NULL, make_long_header},
    {"/cookie", NULL, 0, END_KEEP, NULL, make_cookie},
    {"/echo", NULL, 0, END_KEEP, NULL, make_echo},
    {"/counts", NULL, 0, END_KEEP, NULL, make_counts},
    ROW("/slow", OK, END_KEEP), /* ?ms=N */
};

static const struct fault not_found =
    ROW("", "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", END_KEEP);

static const struct fault *find_fault(const char *path)
{
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        if (strcmp(faults[i].path, path) == 0)
            return &faults[i];
    }
    return &not_found;
}

static void count(const char *path)
{
    if (strcmp(path, "/counts") == 0)
        return;
    size_t i = 0;
    while (i < server.n_counts && strcmp(server.counts[i].path, path) != 0)
        i++;
    if (i == PATHS_MAX)
        return;
    if (i == server.n_counts) {
        snprintf(server.counts[i].path, sizeof server.counts[i].path, "%s", path);
        server.n_counts++;
    }
    server.counts[i].n++;
}

/* ------------------------------------------------------------------------- a client */

static void drop(struct client *c, bool reset)
{
    const struct linger now = {.l_onoff = 1, .l_linger = 0};
    if (reset)
        setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    close(c->fd);
    *c->link = c->next;
    if (c->next != NULL)
        c->next->link = c->link;
    free(c->in);
    free(c->out);
    free(c);
}

static void answer(struct client *c, const char *request, const char *path)
{
    const struct fault *f = find_fault(path);
    struct reply r = {0};
    const char *ms = strstr(request, "?ms=");

    count(path);
    if (f->make != NULL)
        f->make(&r, request);
    else
        append(&r, f->head, f->head_len);
    free(c->out);
    c->out = r.data;
    c->out_len = r.len;
    c->out_at = c->filler_at = 0;
    c->ending = f->ending;
    c->filler = f->filler != NULL ? f->filler : text_filler;
    c->filler_len = f->filler != NULL ? sizeof gzip_filler : sizeof text_filler;
    c->answering = true;
    c->due_ns = 0;
    /* The end goes out with the last bytes: a client that has read a reply to its end can know
     * that no other one will come, however busy the machine. */
    const int cork = f->ending == END_FIN;
    setsockopt(c->fd, IPPROTO_TCP, TCP_CORK, &cork, sizeof cork);
    if (strcmp(path, "/slow") == 0 && ms != NULL && ms < strstr(request, "\r\n"))
        c->due_ns = now_ns() + strtoull(ms + 4, NULL, 10) * 1000000u;
}

/* Takes one whole request from the input, if there is one. */
static bool take_request(struct client *c)
{
    c->in[c->in_len] = '\0';
    char *end = memmem(c->in, c->in_len, "\r\n\r\n", 4);
    char path[64] = "";
    if (end == NULL)
        return false;
    size_t len = (size_t)(end - c->in) + 4;
    end[2] = '\0'; /* the head alone is searched */
    const char *length = strcasestr(c->in, "\r\nContent-Length:");
    len += length != NULL ? strtoul(length + strlen("\r\nContent-Length:"), NULL, 10) : 0;
    if (c->in_len < len) {
        end[2] = '\r';
        return false;
    }
    sscanf(c->in, "%*s %63[^? \r\n]", path);
    answer(c, c->in, path);
    memmove(c->in, c->in + len, c->in_len - len);
    c->in_len -= len;
    return true;
}

/* False when the client is gone. */
static bool read_some(struct client *c)
{
    for (;;) {
        if (c->in_len + 1 >= REQUEST_MAX)
            return false;
        ssize_t n = recv(c->fd, c->in + c->in_len, REQUEST_MAX - 1 - c->in_len, 0);
        if (n < 0)
            return errno == EAGAIN || errno == EINTR;
        if (n == 0)
            return false;
        c->in_len += (size_t)n;
    }
}

static bool send_some(struct client *c, const char *data, size_t len, size_t *at)
{
    ssize_t n = send(c->fd, data + *at, len - *at, MSG_NOSIGNAL);
    if (n > 0)
        *at += (size_t)n;
    return n > 0;
}

/* Sends what is due and carries out the ending.  The client may be gone afterwards. */
static void go_on(struct client *c)
{
    while (c->answering && c->due_ns <= now_ns()) {
        if (c->out_at < c->out_len) {
            bool drip = c->ending == END_DRIP;
            if (!send_some(c, c->out, drip ? c->out_at + 1 : c->out_len, &c->out_at))
                break;
            if (drip)
                c->due_ns = now_ns() + DRIP_NS;
        } else if (c->ending == END_REPEAT) {
            if (!send_some(c, c->filler, c->filler_len, &c->filler_at))
                break;
            c->filler_at %= c->filler_len;
        } else if (c->ending == END_STALL) {
            break;
        } else if (c->ending == END_FIN || c->ending == END_RESET) {
            drop(c, c->ending == END_RESET);
            return;
        } else {
            c->answering = false;
            take_request(c);
        }
    }
}

static void on_client(struct client *c)
{
    if (!read_some(c)) {
        drop(c, false);
        return;
    }
    if (!c->answering)
        take_request(c);
    go_on(c);
}

static void on_new_client(void)
{
    int fd;
    while ((fd = accept4(server.listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        struct client *c = calloc(1, sizeof *c);
        char *in = malloc(REQUEST_MAX);
        if (c == NULL || in == NULL)
            fail("memory");
        *c = (struct client){.fd = fd, .in = in, .next = server.clients, .link = &server.clients};
        if (c->next != NULL)
            c->next->link = &c->next;
        server.clients = c;
        server.connections++;
        struct epoll_event e = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data.ptr = c};
        if (epoll_ctl(server.epoll_fd, EPOLL_CTL_ADD, fd, &e) != 0)
            fail("epoll_ctl");
    }
}

/* ------------------------------------------------------------------------- the loop */

/* Milliseconds until the first client is due, -1 for none. */
static int run_due(void)
{
    uint64_t t = now_ns(), first = UINT64_MAX;
    for (struct client *c = server.clients, *next; c != NULL; c = next) {
        next = c->next;
        if (!c->answering || c->due_ns == 0)
            continue;
        if (c->due_ns > t) {
            first = c->due_ns < first ? c->due_ns : first;
            continue;
        }
        c->due_ns = 0;
        go_on(c);
    }
    for (struct client *c = server.clients; c != NULL; c = c->next) {
        if (c->answering && c->due_ns > 0 && c->due_ns < first)
            first = c->due_ns;
    }
    if (first == UINT64_MAX)
        return -1;
    return first > t ? (int)((first - t) / 1000000u) + 1 : 0;
}

static void loop(void)
{
    struct epoll_event events[EVENTS];
    for (;;) {
        int n = epoll_wait(server.epoll_fd, events, EVENTS, run_due());
        if (n < 0 && errno != EINTR)
            fail("epoll_wait");
        for (int i = 0; i < n; i++) {
            if (events[i].data.ptr == NULL)
                on_new_client();
            else
                on_client(events[i].data.ptr);
        }
    }
}

static void listen_on(unsigned port)
{
    struct sockaddr_in a = {.sin_family = AF_INET,
                            .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                            .sin_port = htons((uint16_t)port)};
    socklen_t len = sizeof a;
    const int on = 1;
    struct epoll_event e = {.events = EPOLLIN, .data.ptr = NULL};

    server.listen_fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    server.epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (server.listen_fd < 0 || server.epoll_fd < 0)
        fail("socket");
    setsockopt(server.listen_fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(server.listen_fd, (struct sockaddr *)&a, sizeof a) != 0 ||
        listen(server.listen_fd, 4096) != 0 ||
        getsockname(server.listen_fd, (struct sockaddr *)&a, &len) != 0 ||
        epoll_ctl(server.epoll_fd, EPOLL_CTL_ADD, server.listen_fd, &e) != 0)
        fail("listen");
    printf("port %u\n", ntohs(a.sin_port));
    fflush(stdout);
}

int main(int argc, char **argv)
{
    struct rlimit files;
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
    make_fillers();
    listen_on(argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 0);
    loop();
}
