/* SPDX-License-Identifier: MIT */
#include "src/probe/postgres/pq.h"

#include <errno.h>
#include <libpq-fe.h>
#include <math.h>
#include <poll.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/base/clean.h"
#include "src/base/mem.h"
#include "src/base/now.h"
#include "src/probe/postgres/pg_words.h"
#include "src/script/scrub.h"

#define CONNECT_NS (3 * NS_PER_S)
#define ASK_NS (2 * NS_PER_S)
#define HEEDLESS_NS (50 * NS_PER_MS)
#define SETTINGS                                                                                   \
    "-c statement_timeout=2000 -c lock_timeout=500"                                                \
    " -c idle_in_transaction_session_timeout=10000 -c default_transaction_read_only=on"

struct pq {
    struct pq_config cfg;
    PGconn *conn;
    bool bare;
    bool unprepared;       /* prepared statements do not last */
    char prepared[32];     /* name of this connection's prepared statement */
    bool passfile;         /* the password file was ignored */
    struct secrets hidden; /* secrets known to libpq */
    struct pq_place place;
    char farewell[6]; /* SQLSTATE of the server's notice that the session ends */
};

struct pq_rows {
    PGresult *res;
};

struct pq *pq_new(const struct pq_config *cfg)
{
    struct pq *q = mem_zalloc(sizeof *q);
    q->cfg = *cfg;
    return q;
}

void pq_disconnect(struct pq *q)
{
    PQfinish(q->conn);
    q->conn = NULL;
    q->prepared[0] = '\0';
}

void pq_free(struct pq *q)
{
    if (q == NULL)
        return;
    pq_disconnect(q);
    secrets_finish(&q->hidden);
    free(q);
}

bool pq_connected(const struct pq *q)
{
    return q->conn != NULL;
}

const struct pq_place *pq_place(const struct pq *q)
{
    return &q->place;
}

int pq_version(const struct pq *q)
{
    return q->conn != NULL ? PQserverVersion(q->conn) : 0;
}

bool pq_bare(const struct pq *q)
{
    return q->bare || q->unprepared;
}

/* -------------------------------------------------------------------- failing */

static void failure_set_message(const struct pq *q, struct pq_failure *f, const char *text)
{
    char *copy = mem_strdup(text);
    size_t len = strlen(copy);
    secrets_scrub(&q->hidden, copy, len);
    clean_text(f->text, sizeof f->text, copy, len);
    free(copy);
}

static bool failure_set_why(struct pq_failure *f, enum pq_why why, uint64_t begun_ns)
{
    f->why = why;
    f->waited_s = (double)(now_ns() - begun_ns) / (double)NS_PER_S;
    return false;
}

/* ------------------------------------------------------------------- conninfo */

static bool conninfo_is_uri(const char *conninfo)
{
    return strncmp(conninfo, "postgresql://", 13) == 0 || strncmp(conninfo, "postgres://", 11) == 0;
}

static const char *conninfo_option(const PQconninfoOption *all, const char *keyword)
{
    for (; all != NULL && all->keyword != NULL; all++)
        if (strcmp(all->keyword, keyword) == 0 && strchr(all->dispchar, '*') == NULL)
            return all->val;
    return NULL;
}

/* Explains an invalid conninfo. libpq's own message may quote a part of a password. */
static void explain_conninfo(const struct pq *q, const char *libpq, struct pq_failure *f)
{
    const char *c = q->cfg.conninfo;
    if (libpq != NULL && !conninfo_is_uri(c) && strcasestr(c, "pass") == NULL)
        failure_set_message(q, f, libpq);
    else
        failure_set_message(
            q, f,
            conninfo_is_uri(c)
                ? "it is no valid URI; @, :, / and % in its parts are written %40, %3A, "
                  "%2F and %25"
                : "words are written as name=value, those with blanks in quotes");
}

/* Returns a value of the conninfo, or else of its variable; owned. */
static char *conninfo_or_variable(const PQconninfoOption *all, const char *keyword,
                                  const char *variable)
{
    const char *value = conninfo_option(all, keyword);
    return mem_strdup(value != NULL ? value : getenv(variable));
}

/* Checks the conninfo, and returns the user's options, to which ours are added (a second
 * `options` would replace them), and password file. */
static bool read_conninfo(const struct pq *q, char **options, char **passfile, struct pq_failure *f)
{
    const char *c = q->cfg.conninfo;
    bool words = conninfo_is_uri(c) || strchr(c, '=') != NULL, fine = true;
    char *error = NULL;
    PQconninfoOption *all = words ? PQconninfoParse(c, &error) : NULL;
    const char *host = conninfo_option(all, "host");
    if (words && all == NULL)
        fine = false;
    else if (conninfo_is_uri(c) && host != NULL && strchr(host, '@') != NULL)
        fine = false; /* the host holds a part of a password */
    *options = conninfo_or_variable(all, "options", "PGOPTIONS");
    *passfile = conninfo_or_variable(all, "passfile", "PGPASSFILE");
    if (!fine)
        explain_conninfo(q, error, f);
    PQfreemem(error);
    PQconninfoFree(all);
    return fine || failure_set_why(f, WHY_CONNINFO, now_ns());
}

static char *home_passfile(void)
{
    const char *home = getenv("HOME");
    char room[4096];
    struct passwd pw, *found = NULL;
    if (home == NULL || home[0] == '\0')
        home = getpwuid_r(geteuid(), &pw, room, sizeof room, &found) == 0 && found != NULL
                   ? pw.pw_dir
                   : "";
    return mem_printf("%s/.pgpass", home);
}

/* Returns whether others may read the password file: libpq would warn about that on stderr, into
 * the middle of the console. */
static bool passfile_is_exposed(const char *named)
{
    char *path = named != NULL && named[0] != '\0' ? mem_strdup(named) : home_passfile();
    struct stat st;
    bool bad =
        stat(path, &st) == 0 && (!S_ISREG(st.st_mode) || (st.st_mode & (S_IRWXG | S_IRWXO)) != 0);
    free(path);
    return bad;
}

enum { PAIRS = 16 };

struct pairs {
    const char *keys[PAIRS], *values[PAIRS];
    int n;
};

static void add_conninfo_pair(struct pairs *p, const char *key, const char *value)
{
    p->keys[p->n] = key;
    p->values[p->n++] = value;
}

/* Adds parameters before the conninfo (as dbname), which it may override, and behind it, which
 * it may not. */
static void fill_conninfo_pairs(const struct pq *q, const char *options, struct pairs *p)
{
    add_conninfo_pair(p, "fallback_application_name", "ramptop-probe");
    add_conninfo_pair(p, "keepalives", "1");
    add_conninfo_pair(p, "keepalives_idle", "5");
    add_conninfo_pair(p, "keepalives_interval", "2");
    add_conninfo_pair(p, "keepalives_count", "2");
    add_conninfo_pair(p, "tcp_user_timeout", "5000");
    if (q->cfg.port != NULL && getenv("PGPORT") == NULL)
        add_conninfo_pair(p, "port", q->cfg.port);
    if (q->cfg.conninfo[0] != '\0')
        add_conninfo_pair(p, "dbname", q->cfg.conninfo);
    if (q->cfg.database != NULL)
        add_conninfo_pair(p, "dbname", q->cfg.database);
    if (q->cfg.password != NULL) {
        size_t len;
        add_conninfo_pair(p, "password", secret_reveal(q->cfg.password, &len));
    }
    if (q->passfile)
        add_conninfo_pair(p, "passfile", "/nonexistent/.pgpass");
    add_conninfo_pair(p, "client_encoding", "UTF8");
    add_conninfo_pair(p, "options", options);
    add_conninfo_pair(p, NULL, NULL);
}

/* ----------------------------------------------------------------- connecting */

/* Keeps the reason for the session's end, and prints nothing: when the server ends all sessions
 * after a crash, a warning is the only message about it. */
static void on_server_notice(void *arg, const PGresult *res)
{
    struct pq *q = arg;
    const char *state = PQresultErrorField(res, PG_DIAG_SQLSTATE);
    if (state != NULL && strncmp(state, "57P", 3) == 0)
        snprintf(q->farewell, sizeof q->farewell, "%.5s", state);
}

static void hide_secret_text(struct pq *q, const char *text)
{
    if (text != NULL && text[0] != '\0')
        secrets_add(&q->hidden, secret_from(text, strlen(text)));
}

static void copy_clean_text(char *out, size_t size, const char *text)
{
    clean_text(out, size, text != NULL ? text : "", text != NULL ? strlen(text) : 0);
}

/* Reads the place that libpq derived from conninfo, variables and files. */
static void read_connection_place(struct pq *q)
{
    PQconninfoOption *all = PQconninfo(q->conn);
    const char *host = PQhost(q->conn);
    secrets_finish(&q->hidden);
    for (const PQconninfoOption *o = all; o != NULL && o->keyword != NULL; o++)
        if (strchr(o->dispchar, '*') != NULL)
            hide_secret_text(q, o->val);
    hide_secret_text(q, PQpass(q->conn));
    copy_clean_text(q->place.user, sizeof q->place.user, conninfo_option(all, "user"));
    copy_clean_text(q->place.host, sizeof q->place.host,
                    host != NULL && host[0] != '\0' ? host : conninfo_option(all, "host"));
    copy_clean_text(q->place.port, sizeof q->place.port, PQport(q->conn));
    copy_clean_text(q->place.database, sizeof q->place.database, conninfo_option(all, "dbname"));
    PQconninfoFree(all);
}

enum ready { READY, READY_LATE, READY_STOPPED };

/* Waits until the connection's descriptor is ready.  The wake descriptor stays readable until
 * the poll is over: after waking for anything but the end, the wait goes on in short pieces. */
static enum ready wait_connection(const struct pq *q, short events, uint64_t deadline_ns)
{
    struct pollfd fds[2] = {{.fd = PQsocket(q->conn), .events = events},
                            {.fd = probe_wake_fd(q->cfg.probe), .events = POLLIN}};
    for (;;) {
        uint64_t now = now_ns(), left = deadline_ns > now ? deadline_ns - now : 0;
        bool heedless = fds[1].fd < 0;
        uint64_t ns = heedless && left > HEEDLESS_NS ? HEEDLESS_NS : left;
        int n = poll(fds, 2, (int)((ns + NS_PER_MS - 1) / NS_PER_MS));
        if (n < 0 && errno != EINTR)
            return READY; /* libpq will meet the same error and explain it */
        if (probe_stopping(q->cfg.probe))
            return READY_STOPPED;
        if (n > 0 && fds[0].revents != 0)
            return READY;
        if (n > 0 && fds[1].revents != 0)
            fds[1].fd = -1;
        if (left == 0)
            return READY_LATE;
    }
}

static bool message_names_errno(const char *message, int number)
{
    return strstr(message, strerrordesc_np(number)) != NULL;
}

/* Sets the reason why there is no connection. */
static bool pq_connect_failure(struct pq *q, struct pq_failure *f, uint64_t begun_ns)
{
    const char *message = PQerrorMessage(q->conn);
    enum pq_why why = WHY_OTHER;
    char *words = mem_strdup(message);
    if (pg_words_split(words, f->sqlstate))
        why = WHY_SERVER;
    else if (PQconnectionNeedsPassword(q->conn))
        why = WHY_NO_PASSWORD;
    else if (message_names_errno(message, ECONNREFUSED) || message_names_errno(message, ENOENT))
        why = WHY_NOBODY;
    failure_set_message(q, f, words);
    free(words);
    f->passfile = q->passfile;
    return failure_set_why(f, why, begun_ns);
}

static bool pq_poll_connection(struct pq *q, uint64_t deadline_ns, struct pq_failure *f)
{
    uint64_t begun = now_ns();
    PostgresPollingStatusType step = PGRES_POLLING_WRITING;
    if (deadline_ns > begun + CONNECT_NS)
        deadline_ns = begun + CONNECT_NS;
    while (step != PGRES_POLLING_OK) {
        if (step == PGRES_POLLING_FAILED || PQstatus(q->conn) == CONNECTION_BAD)
            return pq_connect_failure(q, f, begun);
        enum ready r =
            wait_connection(q, step == PGRES_POLLING_READING ? POLLIN : POLLOUT, deadline_ns);
        if (r != READY)
            return failure_set_why(f, r == READY_LATE ? WHY_LATE : WHY_STOPPED, begun);
        step = PQconnectPoll(q->conn);
    }
    return true;
}

static bool pq_connect_once(struct pq *q, uint64_t deadline_ns, struct pq_failure *f)
{
    struct pairs pairs = {.n = 0};
    char *own, *passfile;
    *f = (struct pq_failure){.connecting = true};
    bool fine = read_conninfo(q, &own, &passfile, f);
    bool settings = q->cfg.guarded && !q->bare;
    char *options = mem_printf("%s %s", own != NULL ? own : "", settings ? SETTINGS : "");
    q->passfile = passfile_is_exposed(passfile);
    if (fine) {
        fill_conninfo_pairs(q, own != NULL || settings ? options : NULL, &pairs);
        q->conn = PQconnectStartParams(pairs.keys, pairs.values, 1);
    }
    free(options);
    free(own);
    free(passfile);
    if (!fine)
        return false;
    /* Otherwise the SQLSTATE of a failed log-in is not available. */
    PQsetErrorVerbosity(q->conn, PQERRORS_VERBOSE);
    PQsetNoticeReceiver(q->conn, on_server_notice, q);
    q->farewell[0] = '\0';
    read_connection_place(q);
    fine = pq_poll_connection(q, deadline_ns, f);
    if (fine) {
        read_connection_place(q); /* the host that answered, of several */
        PQsetnonblocking(q->conn, 1);
    } else {
        pq_disconnect(q);
    }
    return fine;
}

/* Returns whether a pooler refused the settings at the start.  Settings made later would stay
 * with the server's session and affect the application. */
static bool pooler_refuses_settings(const struct pq *q, const struct pq_failure *f)
{
    bool state = strcmp(f->sqlstate, "08P01") == 0 || strcmp(f->sqlstate, "0A000") == 0;
    return q->cfg.guarded && !q->bare && state && strstr(f->text, "option") != NULL;
}

bool pq_connect(struct pq *q, uint64_t deadline_ns, struct pq_failure *f)
{
    pq_disconnect(q);
    if (pq_connect_once(q, deadline_ns, f))
        return true;
    if (!pooler_refuses_settings(q, f))
        return false;
    q->bare = true;
    return pq_connect_once(q, deadline_ns, f);
}

/* --------------------------------------------------------------------- asking */

static bool flush_query(struct pq *q, uint64_t deadline_ns, struct pq_failure *f, uint64_t begun)
{
    int left;
    while ((left = PQflush(q->conn)) == 1) {
        enum ready r = wait_connection(q, POLLIN | POLLOUT, deadline_ns);
        if (r != READY)
            return failure_set_why(f, r == READY_LATE ? WHY_LATE : WHY_STOPPED, begun);
        if (!PQconsumeInput(q->conn))
            return failure_set_why(f, WHY_LOST, begun);
    }
    return left == 0 || failure_set_why(f, WHY_LOST, begun);
}

/* Reads the answer's first result and drops the others. */
static bool read_query_result(struct pq *q, uint64_t deadline_ns, PGresult **out,
                              struct pq_failure *f, uint64_t begun)
{
    PGresult *next;
    *out = NULL;
    for (;;) {
        while (PQisBusy(q->conn)) {
            enum ready r = wait_connection(q, POLLIN, deadline_ns);
            if (r != READY)
                return failure_set_why(f, r == READY_LATE ? WHY_LATE : WHY_STOPPED, begun);
            if (!PQconsumeInput(q->conn))
                return failure_set_why(f, WHY_LOST, begun);
        }
        if ((next = PQgetResult(q->conn)) == NULL)
            return true;
        if (*out == NULL)
            *out = next;
        else
            PQclear(next);
    }
}

/* A query to send.  Without parameters it uses the simple protocol, the only one that a pooler's
 * console knows. */
struct query {
    const char *sql;
    const char *name; /* name of a prepared statement: made of sql, or executed when sql is NULL */
    const char *const *params;
    int n_params;
};

static int send_query(PGconn *conn, const struct query *w)
{
    if (w->name != NULL && w->sql != NULL)
        return PQsendPrepare(conn, w->name, w->sql, 0, NULL);
    if (w->name != NULL)
        return PQsendQueryPrepared(conn, w->name, w->n_params, w->params, NULL, NULL, 0);
    if (w->params == NULL)
        return PQsendQuery(conn, w->sql);
    return PQsendQueryParams(conn, w->sql, w->n_params, NULL, w->params, NULL, NULL, 0);
}

static bool run_query(struct pq *q, const struct query *w, uint64_t deadline_ns, PGresult **res,
                      struct pq_failure *f)
{
    uint64_t begun = now_ns();
    *res = NULL;
    if (q->conn == NULL)
        return failure_set_why(f, WHY_LOST, begun);
    if (deadline_ns > begun + ASK_NS)
        deadline_ns = begun + ASK_NS;
    if (!send_query(q->conn, w))
        return failure_set_why(f, WHY_LOST, begun);
    return flush_query(q, deadline_ns, f, begun) &&
           read_query_result(q, deadline_ns, res, f, begun);
}

/* Sets the server's message when it sent an error instead of rows. */
static void take_refusal(struct pq *q, const PGresult *res, struct pq_failure *f, uint64_t begun)
{
    const char *state = PQresultErrorField(res, PG_DIAG_SQLSTATE);
    const char *text = PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY);
    failure_set_why(f, state != NULL ? WHY_SERVER : WHY_OTHER, begun);
    snprintf(f->sqlstate, sizeof f->sqlstate, "%.5s", state != NULL ? state : "");
    failure_set_message(q, f, text != NULL ? text : "an answer without rows");
}

/* Runs a query and returns its result if it has the wanted status, else NULL with *f. */
static PGresult *expect_result(struct pq *q, const struct query *w, ExecStatusType wanted,
                               uint64_t deadline_ns, struct pq_failure *f)
{
    PGresult *res;
    uint64_t begun = now_ns();
    *f = (struct pq_failure){0};
    bool answered = run_query(q, w, deadline_ns, &res, f);
    if (answered && PQresultStatus(res) == wanted)
        return res;
    if (answered || PQresultErrorField(res, PG_DIAG_SQLSTATE) != NULL) {
        take_refusal(q, res, f, begun);
    } else if (f->why == WHY_LOST && q->farewell[0] != '\0') {
        f->why = WHY_SERVER;
        memcpy(f->sqlstate, q->farewell, sizeof f->sqlstate);
    }
    /* PQcancel would wait for another connection: the server's own time-out ends the query. */
    if (!answered || PQstatus(q->conn) == CONNECTION_BAD)
        pq_disconnect(q);
    PQclear(res);
    return NULL;
}

static struct pq_rows *query_rows(struct pq *q, const struct query *w, uint64_t deadline_ns,
                                  struct pq_failure *f)
{
    PGresult *res = expect_result(q, w, PGRES_TUPLES_OK, deadline_ns, f);
    if (res == NULL)
        return NULL;
    struct pq_rows *r = mem_zalloc(sizeof *r);
    r->res = res;
    return r;
}

struct pq_rows *pq_query(struct pq *q, const char *sql, const char *const *params, int n_params,
                         uint64_t deadline_ns, struct pq_failure *f)
{
    struct query w = {.sql = sql, .params = params, .n_params = n_params};
    return query_rows(q, &w, deadline_ns, f);
}

static bool prepare_statement(struct pq *q, const char *name, const char *sql, uint64_t deadline_ns,
                              struct pq_failure *f)
{
    struct query w = {.sql = sql, .name = name};
    if (strcmp(q->prepared, name) == 0)
        return true;
    PGresult *res = expect_result(q, &w, PGRES_COMMAND_OK, deadline_ns, f);
    PQclear(res);
    if (res != NULL)
        snprintf(q->prepared, sizeof q->prepared, "%s", name);
    return res != NULL;
}

/* Returns whether the prepared statement is another session's: a pooler may hand each statement
 * to another one. */
static bool statement_is_elsewhere(const struct pq_failure *f)
{
    return strcmp(f->sqlstate, "26000") == 0 || strcmp(f->sqlstate, "42P05") == 0;
}

struct pq_rows *pq_query_prepared(struct pq *q, const char *name, const char *sql,
                                  const char *const *params, int n_params, uint64_t deadline_ns,
                                  struct pq_failure *f)
{
    struct query w = {.name = name, .params = params, .n_params = n_params};
    if (q->bare || q->unprepared)
        return pq_query(q, sql, params, n_params, deadline_ns, f);
    struct pq_rows *r =
        prepare_statement(q, name, sql, deadline_ns, f) ? query_rows(q, &w, deadline_ns, f) : NULL;
    if (r != NULL || !statement_is_elsewhere(f) || !pq_connected(q))
        return r;
    q->unprepared = true;
    return pq_query(q, sql, params, n_params, deadline_ns, f);
}

int pq_count(const struct pq_rows *r)
{
    return PQntuples(r->res);
}

int pq_column(const struct pq_rows *r, const char *name)
{
    return PQfnumber(r->res, name);
}

const char *pq_text(const struct pq_rows *r, int row, int column)
{
    bool there = row < PQntuples(r->res) && column >= 0 && column < PQnfields(r->res);
    return there && !PQgetisnull(r->res, row, column) ? PQgetvalue(r->res, row, column) : NULL;
}

double pq_number(const struct pq_rows *r, int row, int column)
{
    const char *text = pq_text(r, row, column);
    char *end;
    if (text == NULL)
        return NAN;
    double v = strtod(text, &end);
    return end != text && *end == '\0' && isfinite(v) ? v : NAN;
}

double pq_figure(const struct pq_rows *r, const char *name)
{
    return pq_number(r, 0, pq_column(r, name));
}

void pq_rows_free(struct pq_rows *r)
{
    if (r == NULL)
        return;
    PQclear(r->res);
    free(r);
}
