/* SPDX-License-Identifier: MIT */
#include "src/demo/postgres.h"

#include "config.h"

#ifdef HAVE_LIBPQ

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <libpq-fe.h>

#include "src/base/clean.h"
#include "src/base/mem.h"
#include "src/base/now.h"
#include "src/demo/demo.h"

#define OPEN_NS (8 * NS_PER_S)      /* for postgres_open; less than the parent waits */
#define CONNECT_NS (5 * NS_PER_S)   /* for one connection of the pool */
#define ANSWER_NS (30 * NS_PER_S)   /* for a statement, beyond its own time */
#define PATIENCE_NS (30 * NS_PER_S) /* for a connection, as application pools have it */
#define IDLE_NS (30 * NS_PER_S)
#define SWEEP_NS NS_PER_S
#define EXTRA_MOST_NS NS_PER_MS
#define ROWS 1000
#define EVENTS 64

/* Updates of the same row wait for each other: room in each page for its next version, and
 * enough rows that two rarely meet. */
static const char make_table[] =
    "select pg_catalog.pg_advisory_xact_lock(1918987888, 1684368751);"
    "create schema if not exists ramptop_demo;"
    "create table if not exists ramptop_demo.item"
    " (id int primary key, note text not null, hits bigint not null default 0)"
    " with (fillfactor = 50);"
    "insert into ramptop_demo.item (id, note)"
    " select n, 'item ' || n from generate_series(1, 1000) n on conflict do nothing";

static const char look_at_table[] =
    "select count(*) = 1000,"
    " pg_catalog.has_table_privilege('ramptop_demo.item', 'update')"
    " and pg_catalog.current_setting('transaction_read_only') = 'off'"
    " from ramptop_demo.item where id between 1 and 1000";

static const char read_row[] = "select note, pg_catalog.pg_sleep($2::float8)"
                               " from ramptop_demo.item where id = $1::int";
/* The sleep comes first: the row is locked only while the transaction ends. */
static const char update_row[] = "with slept as (select pg_catalog.pg_sleep($2::float8))"
                                 " update ramptop_demo.item set hits = hits + 1"
                                 " from slept where id = $1::int";
static const char read_catalog[] = "select relname, pg_catalog.pg_sleep($2::float8)"
                                   " from pg_catalog.pg_class"
                                   " where oid = 1259 and $1::int is not null";

struct link {
    PGconn *conn;
    struct db_job *job; /* SLOT_BUSY: what it is at */
    bool failed;        /* the job's statement has */
    uint64_t slept_ns;  /* the sleep asked of the server */
    uint64_t deadline_ns;
    uint32_t generation; /* tells an event of this connection from one of its predecessor's */
};

/* ---------------------------------------------------------------- the string */

static bool has_password(const PQconninfoOption *all)
{
    for (const PQconninfoOption *o = all; o->keyword != NULL; o++)
        if (o->val != NULL && *o->val != '\0' &&
            (strcmp(o->keyword, "password") == 0 || strcmp(o->keyword, "sslpassword") == 0))
            return true;
    return false;
}

/* True for a text that libpq takes for more than the name of a database. */
static bool is_conninfo(const char *dsn)
{
    return strchr(dsn, '=') != NULL || strstr(dsn, "://") != NULL;
}

bool postgres_check(const char *dsn, bool shown, struct err *e)
{
    if (!is_conninfo(dsn))
        return true;
    char *told = NULL; /* may repeat the string, password and all */
    PQconninfoOption *all = PQconninfoParse(dsn, &told);
    PQfreemem(told);
    if (all == NULL)
        return err_set(e, "--postgres needs a connection string of PostgreSQL, such as "
                          "postgres://user@127.0.0.1:5432/db, \"host=/run/postgresql dbname=db\" "
                          "or service=NAME");
    bool secret = has_password(all);
    PQconninfoFree(all);
    if (secret && shown)
        return err_set(e, "--postgres has a password in it, which everybody on this machine can "
                          "read; leave it out and put it in PGPASSWORD, in ~/.pgpass, or name a "
                          "service=... of ~/.pg_service.conf");
    return true;
}

/* ---------------------------------------------------------------- connections */

static void drop_notice(void *cls, const PGresult *r)
{
    (void)cls;
    (void)r;
}

/* libpq says on standard error what it thinks of the modes of ~/.pgpass: there may be a
 * screen there. */
static PGconn *connect_silently(const char *const *names, const char *const *values)
{
    int null_fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
    int kept_fd = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
    if (null_fd >= 0 && kept_fd >= 0)
        dup2(null_fd, STDERR_FILENO);
    PGconn *c = PQconnectStartParams(names, values, 1);
    if (null_fd >= 0 && kept_fd >= 0)
        dup2(kept_fd, STDERR_FILENO);
    if (null_fd >= 0)
        close(null_fd);
    if (kept_fd >= 0)
        close(kept_fd);
    return c;
}

static PGconn *connect_start(const char *dsn)
{
    static const char *const names[] = {"dbname", "application_name", "client_encoding", NULL};
    const char *const values[] = {dsn, DEMO_APPLICATION, "UTF8", NULL};
    PGconn *c = connect_silently(names, values);
    if (c != NULL)
        PQsetNoticeReceiver(c, drop_notice, NULL);
    return c;
}

static void watch_link(struct postgres *p, size_t slot, uint32_t events)
{
    struct link *l = &p->links[slot];
    struct epoll_event ev = {.events = events,
                             .data.u64 = (uint64_t)l->generation << 32 | (uint32_t)slot};
    int fd = PQsocket(l->conn);
    /* While it connects libpq may close its socket and open another of the same number. */
    if (epoll_ctl(p->epoll_fd, EPOLL_CTL_MOD, fd, &ev) != 0)
        epoll_ctl(p->epoll_fd, EPOLL_CTL_ADD, fd, &ev);
}

static void job_end(struct postgres *p, struct db_job *job, enum db_end end)
{
    job->end = end;
    job->ended_ns = now_ns();
    job->next = NULL;
    *p->last = job;
    p->last = &job->next;
}

/* The slot's connection is closed; whoever had it is told. */
static void close_link(struct postgres *p, size_t slot)
{
    struct link *l = &p->links[slot];
    if (l->job != NULL)
        job_end(p, l->job, DB_LOST);
    l->job = NULL;
    PQfinish(l->conn);
    l->conn = NULL;
}

static void lose_link(struct postgres *p, size_t slot)
{
    dbpool_gone(&p->pool, slot, now_ns());
    close_link(p, slot);
}

/* Sends what is still to be sent. */
static void flush_link(struct postgres *p, size_t slot)
{
    int left = PQflush(p->links[slot].conn);
    if (left < 0)
        lose_link(p, slot);
    else
        watch_link(p, slot, left > 0 ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

/* The statement, its way there and back take some time themselves: that is part of the
 * service time.  Bounded, so that a machine that is busy is not taken for a slow sleep. */
static unsigned job_sleep_ms(struct postgres *p, const struct db_job *job)
{
    double ns = (double)job->busy_ns - p->extra_ns;
    return ns > 0 ? (unsigned)(ns / (double)NS_PER_MS + rng_unit(&p->rng)) : 0;
}

static void learn_extra(struct postgres *p, const struct link *l)
{
    uint64_t held_ns = now_ns() - l->job->started_ns;
    double extra_ns = held_ns > l->slept_ns ? (double)(held_ns - l->slept_ns) : 0;
    if (extra_ns > (double)EXTRA_MOST_NS)
        extra_ns = (double)EXTRA_MOST_NS;
    if (!l->job->write)
        p->extra_ns += (extra_ns - p->extra_ns) / 64;
}

static void send_job(struct postgres *p, size_t slot, struct db_job *job)
{
    struct link *l = &p->links[slot];
    char id[16], seconds[32];
    const char *const values[] = {id, seconds};
    const char *sql = !p->has_table                ? read_catalog
                      : job->write && p->may_write ? update_row
                                                   : read_row;
    unsigned ms = job_sleep_ms(p, job);
    snprintf(id, sizeof id, "%u", 1 + (unsigned)rng_below(&p->rng, ROWS));
    /* A little less: pg_sleep rounds up, and 0.019 is more than that in binary. */
    snprintf(seconds, sizeof seconds, "%.5f", ms > 0 ? ms / 1e3 - 5e-5 : 0);
    job->started_ns = now_ns();
    l->job = job;
    l->failed = false;
    l->slept_ns = ms * NS_PER_MS;
    l->deadline_ns = job->started_ns + job->busy_ns + ANSWER_NS;
    if (PQsendQueryParams(l->conn, sql, 2, NULL, values, NULL, NULL, 0) == 1)
        flush_link(p, slot);
    else
        lose_link(p, slot);
}

/* A connection has nothing to do. */
static void next_job(struct postgres *p, size_t slot)
{
    struct db_job *job = dbpool_ready(&p->pool, slot, now_ns());
    if (job != NULL)
        send_job(p, slot, job);
}

static void continue_connect(struct postgres *p, size_t slot)
{
    struct link *l = &p->links[slot];
    switch (PQconnectPoll(l->conn)) {
    case PGRES_POLLING_READING:
        watch_link(p, slot, EPOLLIN);
        break;
    case PGRES_POLLING_WRITING:
        watch_link(p, slot, EPOLLOUT);
        break;
    case PGRES_POLLING_OK:
        PQsetnonblocking(l->conn, 1);
        watch_link(p, slot, EPOLLIN);
        next_job(p, slot);
        break;
    default:
        lose_link(p, slot);
    }
}

static void connect_new(struct postgres *p, size_t slot)
{
    struct link *l = &p->links[slot];
    l->generation++;
    l->deadline_ns = now_ns() + CONNECT_NS;
    l->conn = connect_start(p->dsn);
    if (l->conn == NULL || PQstatus(l->conn) == CONNECTION_BAD)
        lose_link(p, slot);
    else
        watch_link(p, slot, EPOLLOUT);
}

/* -------------------------------------------------------------------- results */

/* True when the server has ended the session with it. */
static bool is_last_word(const PGresult *r)
{
    const char *severity = PQresultErrorField(r, PG_DIAG_SEVERITY_NONLOCALIZED);
    return severity != NULL && (strcmp(severity, "FATAL") == 0 || strcmp(severity, "PANIC") == 0);
}

/* A job that touched no row has not slept either: somebody has emptied the table. */
static bool is_good(PGresult *r)
{
    return (PQresultStatus(r) == PGRES_TUPLES_OK && PQntuples(r) == 1) ||
           (PQresultStatus(r) == PGRES_COMMAND_OK && strcmp(PQcmdTuples(r), "1") == 0);
}

static void read_results(struct postgres *p, size_t slot)
{
    struct link *l = &p->links[slot];
    bool over = false;
    while (!over && !PQisBusy(l->conn)) {
        PGresult *r = PQgetResult(l->conn);
        if (r == NULL)
            break;
        l->failed = l->failed || !is_good(r);
        over = is_last_word(r);
        PQclear(r);
    }
    if (over || PQstatus(l->conn) == CONNECTION_BAD) {
        lose_link(p, slot);
        return;
    }
    if (PQtransactionStatus(l->conn) == PQTRANS_ACTIVE)
        return;
    struct db_job *job = l->job;
    learn_extra(p, l);
    l->job = NULL;
    job_end(p, job, l->failed ? DB_ERROR : DB_DONE);
    next_job(p, slot);
}

static void read_link(struct postgres *p, size_t slot)
{
    struct link *l = &p->links[slot];
    if (p->pool.states[slot] == SLOT_OPENING) {
        continue_connect(p, slot);
    } else if (!PQconsumeInput(l->conn)) {
        lose_link(p, slot);
    } else if (l->job != NULL) {
        flush_link(p, slot);
        if (l->conn != NULL)
            read_results(p, slot);
    } else {
        PQfreemem(PQnotifies(l->conn)); /* also reads what else has come */
    }
}

/* ----------------------------------------------------------------------- loop */

static void lose_late_links(struct postgres *p, uint64_t t_ns)
{
    if (t_ns < p->sweep_ns)
        return;
    p->sweep_ns = t_ns + SWEEP_NS;
    for (size_t i = 0; i < p->pool.size; i++)
        if ((p->pool.states[i] == SLOT_OPENING || p->pool.states[i] == SLOT_BUSY) &&
            t_ns >= p->links[i].deadline_ns)
            lose_link(p, i);
}

static void tend_pool(struct postgres *p)
{
    uint64_t t_ns = now_ns();
    size_t slot;
    struct db_job *job;
    lose_late_links(p, t_ns);
    while (dbpool_shrink(&p->pool, t_ns, &slot))
        close_link(p, slot);
    while (dbpool_grow(&p->pool, t_ns, &slot))
        connect_new(p, slot);
    while ((job = dbpool_refuse(&p->pool, now_ns())) != NULL)
        job_end(p, job, DB_NONE);
}

void postgres_run(struct postgres *p)
{
    struct epoll_event events[EVENTS];
    int n = epoll_wait(p->epoll_fd, events, EVENTS, 0);
    for (int i = 0; i < n; i++) {
        size_t slot = (uint32_t)events[i].data.u64;
        const struct link *l = &p->links[slot];
        if (l->conn != NULL && l->generation == (uint32_t)(events[i].data.u64 >> 32))
            read_link(p, slot);
    }
    tend_pool(p);
}

enum dbpool_reply postgres_ask(struct postgres *p, struct db_job *job, uint64_t t_ns)
{
    size_t slot;
    job->asked_ns = t_ns;
    job->started_ns = 0;
    enum dbpool_reply reply = dbpool_ask(&p->pool, job, t_ns, &slot);
    if (reply == DBPOOL_TAKEN)
        send_job(p, slot, job);
    while (dbpool_grow(&p->pool, t_ns, &slot))
        connect_new(p, slot);
    return reply;
}

struct db_job *postgres_next(struct postgres *p)
{
    struct db_job *job = p->first;
    if (job == NULL)
        return NULL;
    p->first = job->next;
    if (p->first == NULL)
        p->last = &p->first;
    return job;
}

uint64_t postgres_due_ns(const struct postgres *p)
{
    uint64_t due_ns = dbpool_due_ns(&p->pool);
    if (p->first != NULL)
        return 0;
    return p->pool.busy + p->pool.opening > 0 && p->sweep_ns < due_ns ? p->sweep_ns : due_ns;
}

/* ---------------------------------------------------------------------- start */

static bool wait_for_socket(const PGconn *c, short events, uint64_t deadline_ns)
{
    uint64_t t_ns = now_ns();
    struct pollfd f = {.fd = PQsocket(c), .events = events};
    if (t_ns >= deadline_ns)
        return false;
    int n = poll(&f, 1, (int)((deadline_ns - t_ns) / NS_PER_MS) + 1);
    return n > 0 || (n < 0 && errno == EINTR);
}

static bool connected_by(PGconn *c, uint64_t deadline_ns)
{
    PostgresPollingStatusType s = PGRES_POLLING_WRITING;
    while (s != PGRES_POLLING_OK) {
        if (s == PGRES_POLLING_FAILED || PQstatus(c) == CONNECTION_BAD ||
            !wait_for_socket(c, s == PGRES_POLLING_READING ? POLLIN : POLLOUT, deadline_ns))
            return false;
        s = PQconnectPoll(c);
    }
    return true;
}

/* The last result, or that of the statement that failed; NULL when none came in time. */
static PGresult *result_by(PGconn *c, const char *sql, uint64_t deadline_ns)
{
    PGresult *last = NULL;
    if (!PQsendQuery(c, sql))
        return NULL;
    for (;;) {
        while (PQisBusy(c))
            if (!wait_for_socket(c, POLLIN, deadline_ns) || !PQconsumeInput(c)) {
                PQclear(last);
                return NULL;
            }
        PGresult *r = PQgetResult(c);
        if (r == NULL)
            return last;
        if (PQresultStatus(last) == PGRES_FATAL_ERROR && last != NULL) {
            PQclear(r);
            continue;
        }
        PQclear(last);
        last = r;
    }
}

static bool is_true(const PGresult *r, int column)
{
    return PQresultStatus(r) == PGRES_TUPLES_OK && PQntuples(r) == 1 &&
           strcmp(PQgetvalue(r, 0, column), "t") == 0;
}

static void find_table(struct postgres *p, PGconn *c, uint64_t deadline_ns)
{
    PGresult *r = result_by(c, make_table, deadline_ns);
    p->has_table = p->may_write = r != NULL && PQresultStatus(r) == PGRES_COMMAND_OK;
    PQclear(r);
    if (!p->has_table) {
        r = result_by(c, look_at_table, deadline_ns);
        p->has_table = r != NULL && is_true(r, 0);
        p->may_write = r != NULL && p->has_table && is_true(r, 1);
        PQclear(r);
    }
    p->remark = !p->has_table
                    ? "The table ramptop_demo.item could not be made: reads of the catalog, "
                      "no updates."
                : p->may_write ? "Each reads or updates a row of ramptop_demo.item."
                               : "Each reads a row of ramptop_demo.item, which may not be updated.";
}

/* Says why it failed: the first line of the server's words, or libpq's. */
static void explain_failure(const PGconn *c, struct err *e)
{
    char why[320];
    const char *text = c != NULL ? PQerrorMessage(c) : "out of memory";
    clean_text(why, sizeof why, text, strcspn(text, "\n"));
    if (c != NULL && PQconnectionNeedsPassword(c))
        err_set(e,
                "PostgreSQL wants a password: put it in PGPASSWORD, or in ~/.pgpass of mode 0600 "
                "(%s)",
                why);
    else
        err_set(e, "the demo target's PostgreSQL: %s", *why != '\0' ? why : "no answer within 8 s");
}

static void note_where(struct postgres *p, const PGconn *c)
{
    char text[512];
    const char *host = PQhost(c);
    int n = snprintf(text, sizeof text, "%s@%s:%s/%s", PQuser(c), host, PQport(c), PQdb(c));
    clean_text(p->where, sizeof p->where, text, n < (int)sizeof text ? (size_t)n : sizeof text - 1);
}

struct postgres *postgres_open(const struct postgres_config *cfg, struct err *e)
{
    uint64_t deadline_ns = now_ns() + OPEN_NS;
    struct postgres *p = mem_zalloc(sizeof *p);
    p->dsn = mem_strdup(cfg->dsn);
    p->last = &p->first;
    p->links = mem_array(cfg->pool, sizeof *p->links);
    dbpool_init(&p->pool, cfg->pool, cfg->queue, IDLE_NS, PATIENCE_NS);
    rng_seed(&p->rng, cfg->seed + 2);
    p->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    PGconn *c = connect_start(cfg->dsn);
    bool ok = c != NULL && connected_by(c, deadline_ns);
    if (ok) {
        note_where(p, c);
        find_table(p, c, deadline_ns);
        ok = PQstatus(c) == CONNECTION_OK && now_ns() < deadline_ns;
    }
    if (!ok)
        explain_failure(c, e);
    else if (p->epoll_fd < 0)
        ok = err_set(e, "the demo target cannot watch its connections: %s", strerror(errno));
    PQfinish(c);
    if (ok)
        return p;
    postgres_close(p);
    return NULL;
}

void postgres_close(struct postgres *p)
{
    if (p == NULL)
        return;
    for (size_t i = 0; i < p->pool.size; i++)
        PQfinish(p->links[i].conn);
    if (p->epoll_fd >= 0)
        close(p->epoll_fd);
    dbpool_finish(&p->pool);
    free(p->links);
    free(p->dsn);
    free(p);
}

#else

bool postgres_check(const char *dsn, bool shown, struct err *e)
{
    (void)dsn;
    (void)shown;
    return err_set(e, "this ramptop was built without PostgreSQL (libpq)");
}

/* None of the others is called: nothing can be opened. */

struct postgres *postgres_open(const struct postgres_config *cfg, struct err *e)
{
    postgres_check(cfg->dsn, false, e);
    return NULL;
}

void postgres_close(struct postgres *p)
{
    (void)p;
}

enum dbpool_reply postgres_ask(struct postgres *p, struct db_job *job, uint64_t t_ns)
{
    (void)p;
    (void)job;
    (void)t_ns;
    return DBPOOL_NONE;
}

uint64_t postgres_due_ns(const struct postgres *p)
{
    (void)p;
    return UINT64_MAX;
}

void postgres_run(struct postgres *p)
{
    (void)p;
}

struct db_job *postgres_next(struct postgres *p)
{
    (void)p;
    return NULL;
}

#endif
