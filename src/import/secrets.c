/* SPDX-License-Identifier: MIT */
#include "src/import/secrets.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"
#include "src/base/words.h"
#include "src/import/lang.h"
#include "src/import/slots.h"
#include "src/script/secret_name.h"

#define EVERYWHERE_MIN 6 /* shorter values are looked for in their own places only */
#define MAX_VARIABLES 100u
#define MAX_COPIES 1000u

struct hidden {
    char *value; /* NULL for one that was a variable of the environment already */
    char *variable;
};

struct hiding {
    struct transcript *r;
    struct hidden *items;
    size_t n;
};

/* --------------------------------------------------------------- what is one */

bool secrets_look(const char *value)
{
    static const char *const makes[] = {"sk-",   "sk_live_", "sk_test_", "pk_live_",    "rk_live_",
                                        "ghp_",  "gho_",     "ghs_",     "github_pat_", "glpat-",
                                        "xoxb-", "xoxp-",    "AKIA",     "AIza",        NULL};
    size_t len = strlen(value);
    const char *dot = strchr(value, '.');
    if (len > 30 && strncmp(value, "eyJ", 3) == 0 && dot != NULL && strchr(dot + 1, '.') != NULL)
        return true;
    return len >= 16 && words_begin(makes, value) && strpbrk(value, " \t\n") == NULL;
}

static bool has_digit(const char *text)
{
    return strpbrk(text, "0123456789") != NULL;
}

/* A number is one only under a name that leaves no doubt: there are many "tokens": 100. */
static bool number_named(const char *key)
{
    static const char *const words[] = {"password", "pin", "otp",        "totp",
                                        "cvv",      "cvc", "cardnumber", NULL};
    char name[SECRET_NAME_MAX];
    secret_squeeze(key, name);
    return words_have(words, name);
}

/* "Bearer abc", whatever the header's name. */
static bool with_scheme(const char *value)
{
    return strncasecmp(value, "Bearer ", 7) == 0 || strncasecmp(value, "Basic ", 6) == 0 ||
           strncasecmp(value, "Token ", 6) == 0;
}

/* A whole JSON or XML text as the value of a query: it goes as a whole, as it is encoded. */
static bool document_holds_one(char *value)
{
    struct slots inner;
    bool found = false;
    slots_of_document(&inner, &value);
    for (size_t i = 0; i < inner.n && !found; i++) {
        const struct slot *s = &inner.items[i];
        found =
            s->place == PLACE_NUMBER ? number_named(s->key) : s->len > 0 && secret_named(s->key);
    }
    slots_finish(&inner);
    return found;
}

static bool is_secret(const struct slot *s, const struct tr_request *q, char *value)
{
    if (value != NULL && *value == '\0')
        return false;
    switch (s->place) {
    case PLACE_BEARER:
    case PLACE_PASSWORD:
    case PLACE_COOKIE:
        return true;
    case PLACE_USER: /* a key that is given as the name, without a password */
        return (q->password != NULL && *q->password == '\0') ||
               (value != NULL && secrets_look(value));
    case PLACE_NUMBER:
        return number_named(s->key);
    case PLACE_SEGMENT:
        return value != NULL && (secrets_look(value) ||
                                 (secret_named(s->key) && strlen(value) >= 16 && has_digit(value)));
    case PLACE_HEADER:
        if (secret_named_header(s->key) || (value != NULL && with_scheme(value)))
            return true;
        break;
    case PLACE_QUERY:
    case PLACE_RAW_FIELD:
        if (value != NULL && document_holds_one(value))
            return true;
        break;
    case PLACE_FIELD:
    case PLACE_STRING:
        break;
    }
    return secret_named(s->key) || (value != NULL && secrets_look(value));
}

/* ---------------------------------------------------------------- variables */

/* Describes a secret where it must be set; the words name a place, never the value. */
static char *about(const struct slot *s)
{
    switch (s->place) {
    case PLACE_BEARER:
        return mem_strdup("the bearer token");
    case PLACE_PASSWORD:
    case PLACE_USER:
        return mem_printf("the %s of the basic authentication",
                          s->place == PLACE_USER ? "user" : "password");
    case PLACE_COOKIE:
        return mem_printf("the cookie %s", s->key);
    case PLACE_HEADER:
        return mem_printf("the header %s", s->key);
    case PLACE_SEGMENT:
        return mem_strdup("in the path");
    case PLACE_QUERY:
        return mem_printf("%s in the query", s->key);
    case PLACE_RAW_FIELD: /* the body is sent as it is */
        return mem_printf("%s in the body, percent-encoded", s->key);
    case PLACE_FIELD:
    case PLACE_STRING:
    case PLACE_NUMBER:
        break;
    }
    return mem_printf("%s in the body", s->key);
}

/* Names that a shell, the C library or ramptop reads itself: `export PATH=...` would do harm,
 * and one that is set anyway would go to the target without a word. */
static bool taken(const char *name)
{
    static const char *const wholes[] = {
        "PATH",   "HOME",  "USER",   "SHELL",    "TERM",    "LANG",     "LANGUAGE", "PWD", "MAIL",
        "EDITOR", "IFS",   "TMPDIR", "HOSTNAME", "LOGNAME", "DISPLAY",  "COLUMNS",  "TZ",  "LINES",
        "UID",    "PAGER", "OLDPWD", "NO_COLOR", "ENV",     "NO_PROXY", NULL};
    static const char *const begins[] = {"LC_",    "LD_",  "XDG_",     "BASH",    "SSH_", "HTTP_",
                                         "HTTPS_", "ALL_", "RAMPTOP_", "LOCUST_", NULL};
    return words_have(wholes, name) || words_begin(begins, name);
}

static char *env_name(const char *variable)
{
    if (strcmp(variable, "token") == 0)
        return mem_strdup("API_TOKEN");
    char *out = mem_strdup(variable);
    for (char *c = out; *c != '\0'; c++)
        *c = (char)toupper((unsigned char)*c);
    if (!taken(out))
        return out;
    char *other = mem_printf("TARGET_%s", out);
    free(out);
    return other;
}

/* A group of a profile holds 200 settings; nobody would set so many. */
static const char *other_secrets(struct hiding *h, const char *value)
{
    struct tr_variable *v = &h->r->variables[h->r->n_variables - 1];
    if (h->r->n_variables == MAX_VARIABLES) {
        v = tr_variable(h->r, "other_secrets");
        v->env = mem_strdup("OTHER_SECRETS");
        v->about = mem_strdup("all others; give each a variable of its own");
    }
    h->items = mem_room(h->items, h->n, sizeof *h->items);
    h->items[h->n++] = (struct hidden){mem_strdup(value), mem_strdup(v->name)};
    return v->name;
}

/* value NULL: env names the variable of the environment that holds it. */
static const char *secret_remember(struct hiding *h, const struct slot *s, const char *value,
                                   char *env)
{
    for (size_t i = 0; i < h->n; i++) {
        if (value != NULL && h->items[i].value != NULL && strcmp(h->items[i].value, value) == 0)
            return h->items[i].variable;
    }
    for (size_t i = 0; env != NULL && i < h->r->n_variables; i++) {
        if (h->r->variables[i].env != NULL && strcmp(h->r->variables[i].env, env) == 0) {
            free(env);
            return h->r->variables[i].name;
        }
    }
    bool segment = s->place == PLACE_SEGMENT;
    if (h->r->n_variables >= MAX_VARIABLES && env == NULL)
        return other_secrets(h, value);
    char *wish = lang_variable(env != NULL ? env : segment ? "token" : s->key);
    struct tr_variable *v = tr_variable(h->r, wish);
    v->env = env != NULL ? env : env_name(v->name);
    v->about = about(s);
    h->items = mem_room(h->items, h->n, sizeof *h->items);
    h->items[h->n++] = (struct hidden){mem_strdup(value), mem_strdup(v->name)};
    free(wish);
    return v->name;
}

/* NAME if the text is just ${env:NAME}. */
static char *environment_of(const char *text, size_t len)
{
    bool variable;
    size_t special = lang_special(text, &variable);
    if (!variable || special != len || len < 8 || strncmp(text, "${env:", 6) != 0)
        return NULL;
    char *name = mem_strndup(text + 6, len - 7);
    if (strchr(name, ':') == NULL)
        return name;
    free(name); /* with a default it is no secret of the environment's */
    return NULL;
}

static void hide_slot(struct hiding *h, const struct tr_request *q, struct slot s)
{
    if (s.place == PLACE_HEADER && strcasecmp(s.key, "Authorization") == 0) {
        size_t scheme = strcspn(*s.text, " "); /* the scheme's name may stay */
        if ((*s.text)[scheme] == ' ' && s.at == 0) {
            s.at = scheme + 1;
            s.len -= s.at;
        }
    }
    char *value = slot_value(&s), *env = NULL;
    if (is_secret(&s, q, value)) {
        if (value == NULL)
            env = environment_of(*s.text + s.at, s.len);
        if (value != NULL || env != NULL)
            lang_put(s.text, s.at, s.len, secret_remember(h, &s, value, env), &h->r->dollar);
    }
    free(value);
}

/* --------------------------------------------------------------- everywhere */

struct search {
    const char *needle;
    const char *variable;
    bool *dollar;
};

static void replace_all(char **text, void *arg)
{
    const struct search *s = arg;
    lang_replace(text, s->needle, s->variable, s->dollar);
}

static void replace_everywhere(struct hiding *h, const char *needle, const char *variable)
{
    struct search s = {needle, variable, &h->r->dollar};
    if (strlen(needle) < EVERYWHERE_MIN)
        return;
    for (size_t i = 0; i < h->r->n; i++)
        slots_texts(&h->r->requests[i], replace_all, &s);
    for (size_t i = 0; i < h->r->n_pages; i++)
        replace_all(&h->r->pages[i], &s);
}

/* Web tokens within longer texts. */
static void hide_tokens(char **text, void *arg)
{
    static const char digits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.";
    static char key[] = "token";
    struct hiding *h = arg;
    for (size_t at = 0; (*text)[at] != '\0';) {
        bool variable;
        size_t special = lang_special(*text + at, &variable);
        size_t len = strncmp(*text + at, "eyJ", 3) == 0 ? strspn(*text + at, digits) : 0;
        char *value = len > 0 ? mem_strndup(*text + at, len) : NULL;
        if (value != NULL && secrets_look(value)) {
            struct slot s = {PLACE_BEARER, text, at, len, key};
            size_t behind = strlen(*text) - at - len;
            lang_put(text, at, len, secret_remember(h, &s, value, NULL), &h->r->dollar);
            at = strlen(*text) - behind;
        } else {
            at += special > 0 ? special : len > 0 ? len : 1;
        }
        free(value);
    }
}

/* A string of a JSON text without its escapes, as far as a quote or backslash is one. */
static char *without_escapes(const char *value)
{
    struct buf out = {0};
    for (; *value != '\0'; value++) {
        if (*value == '\\' && value[1] != '\0' && strchr("\"\\/", value[1]) != NULL)
            value++;
        buf_char(&out, *value);
    }
    return buf_take(&out);
}

/* A value may stand in other places too: in a longer text, or encoded in another way. */
static void hide_copies(struct hiding *h, const struct hidden *x)
{
    struct buf other = {0};
    if (x->value == NULL)
        return;
    char *plain = without_escapes(x->value);
    char *literal = lang_literal(x->value, strlen(x->value));
    char *plain_literal = lang_literal(plain, strlen(plain));
    replace_everywhere(h, literal, x->variable);
    replace_everywhere(h, plain_literal, x->variable);
    lang_percent_encode(&other, plain, strlen(plain));
    replace_everywhere(h, other.data != NULL ? other.data : "", x->variable);
    buf_finish(&other);
    free(plain_literal);
    free(literal);
    free(plain);
}

void secrets_hide(struct transcript *r)
{
    struct hiding h = {.r = r};
    for (size_t i = 0; i < r->n; i++) {
        struct slots s;
        slots_find(&s, &r->requests[i]);
        for (size_t k = s.n; k-- > 0;)
            hide_slot(&h, &r->requests[i], s.items[k]);
        slots_finish(&s);
        slots_texts(&r->requests[i], hide_tokens, &h);
    }
    for (size_t i = 0; i < h.n && i < MAX_COPIES; i++)
        hide_copies(&h, &h.items[i]);
    for (size_t i = 0; i < h.n; i++) {
        free(h.items[i].value);
        free(h.items[i].variable);
    }
    free(h.items);
}
