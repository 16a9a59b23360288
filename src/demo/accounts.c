/* SPDX-License-Identifier: MIT */
#include "src/demo/accounts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "src/base/mem.h"

#define TOKEN_BYTES 16
#define TOKEN_TEXT (2 * TOKEN_BYTES + 1)

static void release_token(struct table_entry *e)
{
    struct token *t = (struct token *)e;
    free(t->name);
    free(t);
}

void accounts_init(struct accounts *a, const struct accounts_spec *spec)
{
    *a = (struct accounts){.spec = spec};
    table_init(&a->tokens, ACCOUNTS_TOKENS, release_token);
    lock_init(&a->lock, spec->failures, spec->lock_ns);
}

void accounts_finish(struct accounts *a)
{
    table_finish(&a->tokens);
    lock_finish(&a->lock);
}

const char *accounts_role(const struct accounts *a, const char *name, const char *password)
{
    if (*name == '\0' || strlen(name) > ACCOUNTS_NAME_BYTES)
        return NULL;
    for (size_t i = 0; i < a->spec->n_users; i++) {
        const struct account_spec *u = &a->spec->users[i];
        if (description_matches(u->pattern, name))
            return strcmp(u->password, password) == 0 ? u->role : NULL;
    }
    return NULL;
}

static bool random_token_text(char out[TOKEN_TEXT])
{
    unsigned char random[TOKEN_BYTES];
    if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random)
        return false;
    for (size_t i = 0; i < sizeof random; i++)
        snprintf(out + 2 * i, 3, "%02x", random[i]);
    return true;
}

static const struct token *create_token(struct accounts *a, const char *name, const char *role,
                                        uint64_t t_ns)
{
    char text[TOKEN_TEXT], csrf[TOKEN_TEXT];
    if (!random_token_text(text) || !random_token_text(csrf))
        return NULL;
    struct token *t = mem_zalloc(sizeof *t);
    t->name = mem_strdup(name);
    t->role = role;
    t->ends_ns = t_ns + a->spec->token_ns;
    memcpy(t->csrf, csrf, sizeof csrf);
    table_add(&a->tokens, &t->entry, text, sizeof text - 1);
    return t;
}

enum login accounts_login(struct accounts *a, const char *name, const char *password,
                          uint32_t address, uint64_t t_ns, const struct token **token,
                          uint64_t *until_ns)
{
    char from[16];
    snprintf(from, sizeof from, "%08x", address);
    const char *key = a->spec->lock_address ? from : name;
    size_t len = strnlen(key, ACCOUNTS_NAME_BYTES);
    bool locks = a->spec->failures > 0;
    if (locks && lock_closed(&a->lock, key, len, t_ns, until_ns)) {
        a->locked++;
        return LOGIN_LOCKED;
    }
    const char *role = accounts_role(a, name, password);
    *token = role != NULL ? create_token(a, name, role, t_ns) : NULL;
    if (*token == NULL) {
        a->failed++;
        if (locks)
            lock_failed(&a->lock, key, len, t_ns);
        return LOGIN_FAILED;
    }
    a->passed++;
    if (locks)
        lock_passed(&a->lock, key, len);
    return LOGIN_PASSED;
}

const struct token *accounts_find(struct accounts *a, const char *text, size_t len, uint64_t t_ns)
{
    struct token *t = (struct token *)table_find(&a->tokens, text, len);
    if (t != NULL && t_ns >= t->ends_ns) {
        table_remove(&a->tokens, &t->entry);
        t = NULL;
    }
    if (t == NULL) {
        a->requests_unknown++;
        return NULL;
    }
    a->requests_known++;
    a->tokens_seen += !t->seen;
    t->seen = true;
    return t;
}

void accounts_logout(struct accounts *a, const char *text, size_t len)
{
    struct table_entry *e = table_find(&a->tokens, text, len);
    if (e != NULL)
        table_remove(&a->tokens, e);
}
