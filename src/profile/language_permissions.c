/* SPDX-License-Identifier: MIT */
/* language_permissions.c - notes what a profile reads and reaches beyond its target and its folder,
 * where it is read. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"
#include "src/profile/language_parts.h"
#include "src/profile/url.h"

/* ---------------------------------------------------------------------- places */

static char *written_place(const struct doc *d, unsigned line)
{
    return mem_printf("%s:%u", source_file(d->source, line), source_line(d->source, line));
}

void language_here(struct context *c, const struct node *n)
{
    struct permissions *all = &c->p->permissions;
    free(c->place);
    c->place = n != NULL ? written_place(c->d, n->line) : NULL;
    all->place = c->place;
    all->typed = n != NULL && n->set != NULL;
}

/* Whether the text reads that variable: "env:NAME" with nothing more of a name behind it. */
static bool names_variable(const char *text, const char *name)
{
    size_t len = strlen(name);
    for (const char *at = text; (at = strstr(at, "env:")) != NULL; at++) {
        const char *end = at + 4 + len;
        if (strncmp(at + 4, name, len) == 0 && !isalnum((unsigned char)*end) && *end != '_')
            return true;
    }
    return false;
}

/* The first text of the tree that reads the variable, of those that were typed (--set) or of
 * those that were not; NULL: none does. */
static const struct node *reader_of(const struct node *n, const char *name, bool typed)
{
    if (n->kind == NODE_STRING && (n->set != NULL) == typed && names_variable(n->string, name))
        return n;
    for (size_t i = 0; i < n->n; i++) {
        const struct node *found = reader_of(&n->items[i], name, typed);
        if (found != NULL)
            return found;
    }
    return NULL;
}

static bool is_in_lines(const char *const *lines, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (names_variable(lines[i], name))
            return true;
    return false;
}

/* By --set, -H, or the user's own configuration file. */
static bool was_typed(const struct context *c, const struct node *root, const char *name)
{
    const struct profile_overrides *o = c->o;
    return reader_of(root, name, true) != NULL || is_in_lines(o->headers, o->n_headers, name) ||
           is_in_lines(o->under.headers, o->under.n_headers, name);
}

/* Templates are prepared without a word about where they stand. */
static void place_variables(struct context *c, const struct node *root)
{
    struct permissions *all = &c->p->permissions;
    for (size_t i = all->n; i-- > 0;) {
        struct permission *p = &all->items[i];
        if (p->kind != PERMISSION_VARIABLE || p->place != NULL)
            continue;
        const struct node *n = reader_of(root, p->words[0], false);
        if (n != NULL)
            p->place = written_place(c->d, n->line);
        else if (was_typed(c, root, p->words[0]))
            permissions_remove(all, i);
    }
}

/* Notes included files: their names cannot leave the folder, but a symbolic link can. */
static void permit_includes(struct context *c)
{
    const struct source *s = c->d->source;
    for (unsigned i = 1; i < s->n_files; i++) {
        c->p->permissions.place = s->files[0];
        permissions_file(&c->p->permissions, s->files[i]);
    }
    c->p->permissions.place = NULL;
}

/* Behind what it would get. */
static void permit_target(struct context *c, const struct node *n)
{
    if (c->common.named == NULL)
        return;
    language_here(c, n);
    permissions_add_one(&c->p->permissions, PERMISSION_TARGET, c->common.named);
    language_here(c, NULL);
}

void language_permissions(struct context *c, const struct node *root)
{
    permit_includes(c);
    place_variables(c, root);
    permit_target(c, node_get(root, "target"));
}

/* --------------------------------------------------------------------- servers */

/* Whether nothing but variables of the environment is filled in, and no log-in stands there. */
static bool may_be_shown(const char *text)
{
    const char *at = text;
    while ((at = strstr(at, "${")) != NULL) {
        if (strncmp(at, "${env:", 6) != 0)
            return false;
        at += 2;
    }
    return strchr(text, '@') == NULL;
}

char *language_server(const struct node *n, const char *origin)
{
    bool filled_in = n->kind == NODE_STRING && strstr(n->string, "${") != NULL;
    return mem_strdup(filled_in && may_be_shown(n->string) ? n->string : origin);
}

void language_permit_request(struct context *c, const struct node *n, const char *origin)
{
    if (origin == NULL || c->common.origin == NULL || url_same_host(origin, c->common.origin))
        return;
    const struct node *line = node_get(n, "request");
    bool of_class = c->here.origin != NULL && strcmp(origin, c->here.origin) == 0;
    if (of_class && c->here.named == NULL)
        return;
    language_here(c, line != NULL ? line : n);
    permissions_add_one(&c->p->permissions, PERMISSION_SERVER, of_class ? c->here.named : origin);
    language_here(c, NULL);
}

/* ---------------------------------------------------------------------- probes */

/* This machine's own: nothing that a probe reads there leaves it.  By number or localhost, as
 * any other name is whatever a name server says. */
static bool is_local_host(const char *host, size_t len)
{
    static const char *const words[] = {"localhost", "[::1]", "::1"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strlen(words[i]) == len && strncasecmp(host, words[i], len) == 0)
            return true;
    size_t dots = 0;
    for (size_t i = 0; i < len; i++) {
        if (host[i] != '.' && !isdigit((unsigned char)host[i]))
            return false;
        dots += host[i] == '.';
    }
    return len >= 9 && dots == 3 && strncmp(host, "127.", 4) == 0;
}

/* host[:port], with brackets around an IPv6 address. */
static bool is_local_address(const char *address)
{
    size_t len = strcspn(address, "/?#"), host = len;
    if (address[0] == '/') /* a socket's path */
        return true;
    if (address[0] == '[')
        host = strcspn(address, "]") + 1;
    else if (memchr(address, ':', len) != NULL)
        host = strcspn(address, ":");
    size_t port =
        host < len && address[host] == ':' ? 1 + strspn(address + host + 1, "0123456789") : 0;
    return host + port == len && is_local_host(address, host);
}

/* Returns a word of a conninfo without its quotes, to be freed; NULL: it ends there. */
static char *conninfo_word(const char **at, const char *ends)
{
    struct buf out = {0};
    const char *p = *at;
    bool quoted = *p == '\'';
    buf_text(&out, "");
    p += quoted;
    while (*p != '\0' && (quoted ? *p != '\'' : strchr(ends, *p) == NULL)) {
        p += *p == '\\' && p[1] != '\0';
        buf_char(&out, *p++);
    }
    p += quoted && *p == '\'';
    *at = p;
    return buf_take(&out);
}

static bool is_local_pair(const char *key, const char *value)
{
    static const char *const harmless[] = {"dbname",
                                           "user",
                                           "port",
                                           "connect_timeout",
                                           "sslmode",
                                           "application_name",
                                           "target_session_attrs",
                                           NULL};
    for (size_t i = 0; harmless[i] != NULL; i++) /* dbname may be a conninfo itself */
        if (strcmp(key, harmless[i]) == 0)
            return i > 0 || strpbrk(value, "=:") == NULL;
    if (strcmp(key, "host") != 0 && strcmp(key, "hostaddr") != 0)
        return false;
    while (*value != '\0') {
        size_t len = strcspn(value, ",");
        if (*value != '/' && *value != '@' && !is_local_host(value, len))
            return false;
        value += len + (value[len] == ',');
    }
    return true;
}

/* Nothing but where a database of this machine is; a service, a file or a URL may be anything. */
static bool is_local_conninfo(const char *text)
{
    static const char blanks[] = " \t\n\r\f\v";
    bool local = true;
    for (const char *at = text + strspn(text, blanks); local && *at != '\0';
         at += strspn(at, blanks)) {
        char *key = conninfo_word(&at, "= \t\n\r\f\v"), *value = NULL;
        at += strspn(at, blanks);
        local = *at == '=';
        if (local) {
            at++;
            at += strspn(at, blanks);
            value = conninfo_word(&at, blanks);
            local = is_local_pair(key, value);
        }
        free(key);
        free(value);
    }
    return local;
}

/* Docker's usual sockets, one that is named, or an engine that listens on this machine; a
 * context may lead anywhere. */
static bool is_local_engine(const char *where)
{
    const char *rest = strstr(where, "://");
    return where[0] == '\0' || strncmp(where, "unix://", 7) == 0 ||
           (rest != NULL && is_local_address(rest + 3));
}

/* Returns whether a URL leads to the target's host, which is asked already. */
static bool is_at_target(const struct context *c, const char *url)
{
    struct url u = {0};
    struct err e;
    bool same = c->common.origin != NULL && url_parse(&u, url, &e) &&
                url_same_host(u.origin, c->common.origin);
    url_finish(&u);
    return same;
}

/* Notes the server of a URL alone: the query may hold a secret. */
static void permit_url(struct context *c, const char *url)
{
    const char *host = strstr(url, "://") + 3;
    if (is_local_address(host) || is_at_target(c, url))
        return;
    char *server = mem_strndup(url, (size_t)(host - url) + strcspn(host, "/?#"));
    permissions_add_one(&c->p->permissions, PERMISSION_SERVER, server);
    free(server);
}

static void permit_ssh(struct context *c, const char *where)
{
    const char *const words[] = {"ssh", where};
    permissions_add(&c->p->permissions, PERMISSION_SSH, words, 2);
}

static void permit_address(struct context *c, bool local, const struct probe_spec *s)
{
    char *words = local ? NULL : mem_printf("%s %s", probe_type_words[s->type], s->where);
    if (words != NULL)
        permissions_add_one(&c->p->permissions, PERMISSION_SERVER, words);
    free(words);
}

static void permit_command(struct context *c, const struct probe_spec *s)
{
    struct permissions *all = &c->p->permissions;
    permissions_add(all, PERMISSION_COMMAND, (const char *const *)s->argv, s->n_argv);
    for (size_t i = 0; i < s->n_environment; i++)
        permissions_variable(all, s->environment[i]);
}

/* No default: a new type of probe is a warning here. */
static void permit_type(struct context *c, const struct probe_spec *s)
{
    switch (s->type) {
    case PROBE_DOCKER:
        if (strncmp(s->where, "ssh:", 4) == 0)
            permit_ssh(c, s->where);
        else
            permit_address(c, is_local_engine(s->where), s);
        break;
    case PROBE_POSTGRES:
    case PROBE_PGBOUNCER:
        permit_address(c, is_local_conninfo(s->where), s);
        break;
    case PROBE_HOST:
        if (s->where[0] != '\0')
            permit_ssh(c, s->where);
        break;
    case PROBE_REDIS:
        permit_address(c, is_local_address(s->where), s);
        break;
    case PROBE_NGINX:
    case PROBE_PROMETHEUS:
    case PROBE_PROMQL:
        permit_url(c, s->where);
        break;
    case PROBE_COMMAND:
        permit_command(c, s);
        break;
    case PROBE_PROCESS: /* watches this machine */
    case PROBE_TYPES:
        break;
    }
}

void language_permit_probe(struct context *c, const struct node *n, const struct probe_spec *s)
{
    language_here(c, n);
    permit_type(c, s);
    language_here(c, NULL);
}
