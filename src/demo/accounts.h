/* SPDX-License-Identifier: MIT */
/* accounts.h - who may log in to a described service, and the tokens they were given.
 *
 * A token is 32 random hex digits of the kernel's.  At most ACCOUNTS_TOKENS are valid; the
 * oldest goes.  Time is a parameter.  One thread. */
#ifndef RAMPTOP_DEMO_ACCOUNTS_H
#define RAMPTOP_DEMO_ACCOUNTS_H

#include "src/demo/description.h"
#include "src/demo/limit.h"
#include "src/base/table.h"

#define ACCOUNTS_TOKENS 200000u
#define ACCOUNTS_NAME_BYTES 200u

struct token {
    struct table_entry entry; /* key: the token */
    char *name;
    const char *role;
    char csrf[33]; /* must come with forms */
    uint64_t ends_ns;
    bool seen; /* was used after it was given out */
};

struct accounts {
    const struct accounts_spec *spec; /* borrowed */
    struct table tokens;
    struct lock lock;
    /* counted, never reset */
    uint64_t passed, failed, locked;           /* logins */
    uint64_t tokens_seen;                      /* tokens that came back at least once */
    uint64_t requests_known, requests_unknown; /* by whether the token was valid */
};

enum login { LOGIN_PASSED, LOGIN_FAILED, LOGIN_LOCKED };

void accounts_init(struct accounts *a, const struct accounts_spec *spec);
void accounts_finish(struct accounts *a);

/* The role of a user with that password, NULL for nobody. */
const char *accounts_role(const struct accounts *a, const char *name, const char *password);

/* PASSED: *token is valid until the next call.  LOCKED: until *until_ns. */
enum login accounts_login(struct accounts *a, const char *name, const char *password,
                          uint32_t address, uint64_t t_ns, const struct token **token,
                          uint64_t *until_ns);
const struct token *accounts_find(struct accounts *a, const char *text, size_t len, uint64_t t_ns);
void accounts_logout(struct accounts *a, const char *text, size_t len);

#endif
