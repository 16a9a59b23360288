/* SPDX-License-Identifier: MIT */
#include "src/probe/postgres/pg_words.h"

#include <stdio.h>
#include <string.h>

#include "src/base/buf.h"

#define PASSWORD_REMEDY                                                                            \
    "give the probe password = { secret = \"env:NAME\"; }, or set PGPASSWORD or ~/.pgpass"

static bool is_sqlstate(const char *s)
{
    return strspn(s, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 5 && s[5] == ':' && s[6] == ' ';
}

/* Finds the SQLSTATE in "FATAL:  28P01: password ...": the severity is translated, the blanks
 * are not. */
static char *find_sqlstate(char *text)
{
    char *found = NULL;
    for (char *p = text; (p = strstr(p, ":  ")) != NULL; p++)
        if (is_sqlstate(p + 3))
            found = p + 3; /* the last host that was tried, of several */
    return found;
}

bool pg_words_split(char *text, char sqlstate[6])
{
    char *state = find_sqlstate(text), *from = state != NULL ? state + 7 : text;
    sqlstate[0] = '\0';
    if (state != NULL) {
        memcpy(sqlstate, state, 5);
        sqlstate[5] = '\0';
    }
    size_t len = strcspn(from, "\n");
    memmove(text, from, len);
    text[len] = '\0';
    return state != NULL;
}

void pg_words_place(const struct pq_place *at, char *out, int size)
{
    bool six = strchr(at->host, ':') != NULL;
    snprintf(out, (size_t)size, "%s%s%s%s%s%s%s%s%s", at->user, at->user[0] != '\0' ? "@" : "",
             six ? "[" : "", at->host, six ? "]" : "", at->port[0] != '\0' ? ":" : "", at->port,
             at->database[0] != '\0' ? "/" : "", at->database);
}

bool pg_words_full(const struct pq_failure *f)
{
    return f->why == WHY_SERVER && (strcmp(f->sqlstate, "53300") == 0 ||
                                    strstr(f->text, "no more connections allowed") != NULL);
}

/* The meaning of a SQLSTATE for the probe.  Placeholders: %w where, %u user, %d database, %m the
 * server's message. */
struct meaning {
    const char *state; /* or its first two characters, a class */
    enum probe_state probe;
    const char *words;
};

static const struct meaning meanings[] = {
    {"53300", PROBE_DOWN,
     "%w takes no more connections (53300: %m). Start ramptop before the load, so that the "
     "probe has its own; raise max_connections, or make the pools smaller."},
    {"28P01", PROBE_DENIED, "%w does not take the password of %u (28P01): " PASSWORD_REMEDY "."},
    {"28", PROBE_DENIED,
     "%w does not let %u in (%m): is there that role, and a line for it in pg_hba.conf?"},
    {"3D000", PROBE_DENIED, "%w has no database \"%d\" (3D000): name one with dbname=."},
    {"42501", PROBE_DENIED,
     "%w denies it (42501: %m): GRANT CONNECT ON DATABASE %d TO %u, and pg_monitor."},
    {"57P03", PROBE_DOWN, "%w is starting up or shutting down (57P03: %m)."},
    {"57P01", PROBE_DOWN,
     "%w ended the probe's session: it was shut down, or an administrator ended it (57P01)."},
    {"57P02", PROBE_DOWN,
     "%w ended all sessions because one of its processes crashed, and recovers (57P02)."},
    {"57014", PROBE_DOWN,
     "%w took more than 2 s for the probe's question (57014): is it overloaded?"},
    {"08P01", PROBE_DENIED, "%w does not take the connection (08P01: %m)."},
};

static const struct meaning *find_meaning(const char *state)
{
    for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++)
        if (strncmp(meanings[i].state, state, strlen(meanings[i].state)) == 0)
            return &meanings[i];
    return NULL;
}

static const char *placeholder_value(char letter, const struct pq_failure *f,
                                     const struct pq_place *at, const char *where)
{
    return letter == 'w'   ? where
           : letter == 'u' ? at->user
           : letter == 'd' ? at->database
                           : f->text;
}

static void fill_placeholders(const char *words, const struct pq_failure *f,
                              const struct pq_place *at, const char *where, struct err *e)
{
    struct buf out = {0};
    for (const char *p = words; *p != '\0'; p++) {
        if (*p != '%')
            buf_char(&out, *p);
        else
            buf_text(&out, placeholder_value(*++p, f, at, where));
    }
    err_set(e, "%s", out.data);
    buf_finish(&out);
}

static enum probe_state explain_server_error(const struct pq_failure *f, const struct pq_place *at,
                                             const char *where, struct err *e)
{
    const struct meaning *m = find_meaning(f->sqlstate);
    if (pg_words_full(f) && strcmp(f->sqlstate, "53300") != 0) {
        err_set(e, "%s takes no more connections (%s): raise max_client_conn.", where, f->text);
        return PROBE_DOWN;
    }
    if (m == NULL) {
        err_set(e, "%s: %s (%s).", where, f->text, f->sqlstate);
        return PROBE_DOWN;
    }
    fill_placeholders(m->words, f, at, where, e);
    return m->probe;
}

static enum probe_state explain_timeout(const struct pq_failure *f, const char *where,
                                        struct err *e)
{
    err_set(e, "%s %s within %.1f s: is it stopped, overloaded%s?", where,
            f->connecting ? "does not answer" : "did not answer the probe's question", f->waited_s,
            f->connecting ? " or behind a firewall" : "");
    return PROBE_DOWN;
}

static enum probe_state explain_no_password(const struct pq_failure *f, const struct pq_place *at,
                                            const char *where, struct err *e)
{
    if (f->passfile)
        err_set(e,
                "%s wants a password of %s; ~/.pgpass was not read, because others may read it: "
                "chmod 600 it.",
                where, at->user);
    else
        err_set(e, "%s wants a password of %s: " PASSWORD_REMEDY ".", where, at->user);
    return PROBE_DENIED;
}

enum probe_state pg_words_failure(const struct pq_failure *f, const struct pq_place *at,
                                  struct err *e)
{
    char where[256];
    struct pq_place address = *at;
    address.user[0] = address.database[0] = '\0';
    pg_words_place(at, where, sizeof where);
    switch (f->why) {
    case WHY_SERVER:
        return explain_server_error(f, at, where, e);
    case WHY_LATE:
        return explain_timeout(f, where, e);
    case WHY_NO_PASSWORD:
        return explain_no_password(f, at, where, e);
    case WHY_CONNINFO:
        err_set(e, "the probe's conninfo cannot be read: %s.", f->text);
        return PROBE_DENIED;
    case WHY_NOBODY:
        pg_words_place(&address, where, sizeof where);
        err_set(e, "nobody listens at %s: is it running, are host= and port= right?", where);
        return PROBE_DOWN;
    case WHY_LOST:
        err_set(e, "%s closed the connection: has it been stopped?", where);
        return PROBE_DOWN;
    case WHY_STOPPED:
        err_set(e, "the probe was stopped.");
        return PROBE_DOWN;
    case WHY_OTHER:
        break;
    }
    err_set(e, "%s: %s.", where, f->text);
    return PROBE_DOWN;
}
