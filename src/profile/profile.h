/* SPDX-License-Identifier: MIT */
/* profile.h - what to request: the target, the user classes and what they do, the
 * named levels, the goals.
 *
 * Built by profile_read (profile/read.h) or profile_from_url, immutable once
 * built, shared by reference: workers read it without a lock while a new one is
 * published.  Every text, condition, check and capture is prepared here once
 * (src/script), so that a worker only evaluates it.  All texts that are shown (names,
 * paths) are cleaned; secrets are never among them. */
#ifndef RAMPTOP_PROFILE_PROFILE_H
#define RAMPTOP_PROFILE_PROFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/base/err.h"
#include "src/base/problems.h"
#include "src/profile/probe_spec.h"
#include "src/profile/url.h"
#include "src/script/capture.h"
#include "src/script/check.h"
#include "src/script/condition.h"
#include "src/script/feeder.h"
#include "src/script/permissions.h"
#include "src/script/secret.h"
#include "src/script/template.h"

#define PROFILE_MAX_USERS 1000000u
#define PROFILE_MAX_ENDPOINTS 4096u
#define PROFILE_DEFAULT_TIMEOUT_NS (UINT64_C(30) * 1000000000)
#define PROFILE_DEFAULT_GRACE_NS (UINT64_C(2) * 1000000000)
#define PROFILE_MAX_GRACE_NS (UINT64_C(3600) * 1000000000)
#define PROFILE_MIN_DNS_TTL_NS (UINT64_C(1) * 1000000000)
#define PROFILE_MAX_DNS_TTL_NS (UINT64_C(86400) * 1000000000)
#define PROFILE_DEFAULT_BODY_CAP (UINT64_C(64) << 20)
#define PROFILE_DEFAULT_MAX_REDIRECTS 5

#define PROFILE_MAX_LOOPS 8u     /* loops inside one another */
#define PROFILE_MAX_PARALLEL 32u /* requests of one user at once */

/* ------------------------------------------------------------------ requests */

/* A header, query value, form field or cookie. */
struct field {
    char *name; /* as it goes out: in a query or form percent-encoded */
    struct template *value;
};

struct fields {
    struct field *items; /* owned */
    size_t n;
};

/* Statuses.  Those that are a success, if empty: 100..399. */
struct status_set {
    uint16_t *codes; /* owned, sorted */
    size_t n;
};

enum auth_kind { AUTH_NONE, AUTH_BASIC, AUTH_BEARER };

/* BASIC: the template renders "user:password"; BEARER: the token. */
struct auth {
    enum auth_kind kind;
    struct template *text;
};

/* A file to send, opened when the profile is read: what is renamed or written over later
 * does not change the load; a file that gets shorter makes its requests fail. */
struct upload {
    char *path;
    int fd;
    uint64_t size;
};

/* A body, or one part of a multipart body.  The header Content-Type of PARTS is made with
 * each message, as it names the boundary: it is not among request->headers. */
enum content_kind {
    CONTENT_NONE,
    CONTENT_TEXT,
    CONTENT_FORM,
    CONTENT_PARTS,
    CONTENT_PAYLOAD,
    CONTENT_FILE
};

struct content {
    enum content_kind kind;
    struct template *text; /* TEXT */
    struct fields form;    /* FORM: ENCODE_FORM */
    struct part *parts;    /* PARTS; owned */
    size_t n_parts;
    uint64_t min_bytes, max_bytes; /* PAYLOAD: drawn for each request, log-uniform */
    const struct upload *file;     /* FILE: one of profile->uploads */
};

struct part {
    char *name;
    char *filename;         /* NULL for none */
    char *type;             /* content type, NULL for none */
    struct content content; /* TEXT, PAYLOAD or FILE */
};

/* The failures that are tried again, and when. */
struct retry {
    unsigned times;                /* further attempts; 0: none */
    uint64_t first_ns, longest_ns; /* pauses, doubling, with jitter */
    struct status_set statuses;
    bool on_connect, on_timeout;
    bool retry_after; /* the reply's Retry-After counts in place of the pause */
};

struct request {
    uint32_t number;      /* index into profile->requests */
    uint32_t endpoint;    /* index into profile->endpoints */
    char *method;         /* "GET"; what goes out, its endpoint may say it otherwise */
    struct origin origin; /* the server of the request */
    struct template *url; /* absolute, begins with origin; `query` is added; ENCODE_URL */
    char *name;           /* counted under this: the path without query, or a given name */
    struct fields query;  /* ENCODE_QUERY; behind the URL */
    struct fields
        headers;   /* profile's, class's and its own merged; the innermost wins; ENCODE_HEADER */
    char **unsent; /* names of headers that no transport sends of its own, either; owned */
    size_t n_unsent;
    char *left_out; /* NULL, or "http://other: X-Api-Key, X-Run": headers of all that do not go to
                     * this server, as it is not the target */
    struct fields cookies; /* besides what the server set; ENCODE_HEADER */
    struct auth auth;      /* NONE also where a header Authorization is given */
    struct content body;
    struct status_set expect;
    struct check **checks; /* owned; judged in this order */
    size_t n_checks;
    struct capture **captures; /* owned; taken when status and checks are right */
    size_t n_captures;
    unsigned keep; /* parts of the reply to be kept for them: enum reply_part */
    struct retry retry;
    uint64_t timeout_ns;
    uint64_t body_cap;      /* bytes of reply, decoded, beyond which the request fails */
    unsigned max_redirects; /* 0: redirects are not followed */
    bool gzip;              /* compressed replies are asked for */
};

/* --------------------------------------------------------------------- steps */

enum wait_kind { WAIT_NONE, WAIT_CONSTANT, WAIT_BETWEEN, WAIT_PACING, WAIT_EXPONENTIAL };

/* How long a user waits after each task, or inside one (`think`: NONE to BETWEEN). */
struct wait {
    enum wait_kind kind;
    uint64_t min_ns, max_ns; /* BETWEEN: from, to; the others: both the same */
};

/* Steps are one after the other in an array; what holds other steps is flattened:
 *
 *     loop = 3; steps = (A)          0 LOOP times 3, to 3    1 A    2 LOOP_END to 1 3 ...
 *     parallel = (A, B)              0 PARALLEL count 2      1 A    2 B             3 ...
 *     when C; steps = (A) else (B)   0 IF to 3     1 A   2 JUMP to 4   3 B          4 ...
 *
 * `to` may be n (the end).  A user is thus one number and a counter per loop. */
enum step_kind {
    STEP_REQUEST,
    STEP_THINK,
    STEP_LOOP,
    STEP_LOOP_END,
    STEP_PARALLEL,
    STEP_IF,
    STEP_JUMP,
    STEP_RESTART, /* in tasks only */
    STEP_STOP
};

struct step {
    enum step_kind kind;
    const struct request *request; /* REQUEST; one of profile->requests */
    struct wait pause;             /* THINK */
    struct condition *condition;   /* IF: if it does not hold, go to `to`; owned */
    uint32_t count;                /* LOOP: times (>= 1); PARALLEL: requests that follow (>= 1) */
    uint32_t to;                   /* LOOP_END: the loop's first step; LOOP, IF, JUMP: index */
    uint8_t depth;                 /* LOOP, LOOP_END: which counter, < PROFILE_MAX_LOOPS */
};

struct steps {
    struct step *items; /* owned */
    size_t n;
    uint32_t
        *feeders; /* owned: the feeders whose rows they use (not UNIQUE: those are the user's) */
    size_t n_feeders;
};

struct task {
    char *name;
    unsigned weight; /* >= 1 */
    bool own_wait;
    struct wait wait;   /* if own_wait */
    struct steps steps; /* n >= 1 */
    char **tags;
    size_t n_tags;
};

/* -------------------------------------------------------------- user classes */

/* A column of a feeder. */
struct column_ref {
    uint32_t feeder, column;
};

struct user_class {
    char *name;
    unsigned weight;      /* 0: not in the mix */
    uint32_t fixed_count; /* > 0: exactly so many, whatever the weights */
    struct wait wait;
    struct steps on_start, on_stop; /* n = 0 for none */
    struct task *tasks;
    size_t n_tasks;        /* >= 1 */
    unsigned total_weight; /* sum over the tasks */
    bool sequence;         /* tasks in order, each `weight` times, instead of drawn */
    bool cookies;          /* the server's cookies are kept and sent */
    /* A request of a task that fails with one of these has its user restart. */
    struct status_set restart_on;
    uint32_t *hidden; /* owned: slots whose values must not be seen (load/validate.h) */
    size_t n_hidden;
    struct column_ref *hidden_cells; /* owned: the same of feeders */
    size_t n_hidden_cells;
    uint32_t *feeders; /* owned: of which a row is taken when the user starts: unique ones, and
                        * those of its draws */
    size_t n_feeders;
    uint32_t *draws; /* owned: of the profile's, in its order, those that this class needs */
    size_t n_draws;
};

/* The class of user number k (0, 1, 2 ...): fixed[k] for the first ones, then
 * class_of[(k - n_fixed) % n_class_of], a smooth weighted sequence, so that any number of
 * users has the best possible mix.  n_class_of is 0 when all classes have fixed counts:
 * then there are n_fixed users and no more. */
struct mix {
    uint16_t *fixed, *class_of; /* owned; indices into profile->classes */
    size_t n_fixed, n_class_of;
};

/* A variable that is drawn when a user starts whose class needs it; in this order. */
struct draw {
    uint32_t slot;
    struct template *text;
    bool captured; /* some reply may replace the value */
    bool hidden;   /* by its name */
};

/* -------------------------------------------------------------------- levels */

enum level_kind { LEVEL_STEADY, LEVEL_STAGES, LEVEL_BURST };

struct stage {
    uint32_t users;
    uint64_t over_ns; /* a straight ramp to them; 0: at once */
    uint64_t hold_ns; /* UINT64_MAX: for ever (only the last) */
};

/* A figure and its goal, [target, acceptable]; both the same where one was given. */
enum goal_metric { GOAL_AVERAGE, GOAL_P50, GOAL_P95, GOAL_P99, GOAL_SUCCESS, GOAL_METRICS };

struct bound {
    bool set;
    double target, acceptable; /* times: microseconds, at most; success: a share, at least */
};

struct goal_rate {
    uint32_t at;      /* requests at once */
    struct bound rps; /* at least */
};

struct goal {
    char *name;
    char **patterns; /* globs over "METHOD name"; owned */
    size_t n_patterns;
    struct bound bounds[GOAL_METRICS];
    struct goal_rate *rates; /* owned */
    size_t n_rates;
};

struct level {
    char *name;
    enum level_kind kind;
    uint32_t users;    /* STEADY: that many; STAGES: the most of them; BURST: its size */
    double spawn_rate; /* users per second, > 0; STAGES: unused */
    uint64_t
        run_time_ns; /* from the level's start; 0: no end; STAGES: the sum, 0 if the last holds */
    struct stage *stages; /* STAGES; owned */
    size_t n_stages;
    uint32_t repeat;   /* BURST: how often, >= 1 */
    uint64_t every_ns; /* BURST: from one release to the next */
    struct goal goal;  /* BURST: judged after each; nothing set for none */
    struct mix *mix;   /* owned; NULL: the profile's */
};

/* --------------------------------------------------------------- rate limits */

enum limit_scope { LIMIT_ANY, LIMIT_PER_USER, LIMIT_PER_ADDRESS };

/* A limit that the target is said to have, for `ramptop limits`. */
struct rate_limit {
    char *name;
    uint16_t class;                /* index */
    bool on_start;                 /* the class's on_start runs first */
    const struct request *request; /* borrowed from profile->requests */
    struct steps steps;            /* the request alone, with the feeders whose rows it uses */
    uint32_t after_min, after_max; /* accepted requests before the first refusal */
    unsigned status;               /* the status of a refusal: 429 */
    enum limit_scope per;
    uint64_t window_ns; /* 0: not said */
    uint32_t max_requests;
    uint64_t recovers_ns; /* longest wait to see it recover; 0: none */
    bool retry_after;     /* a refusal must have the header */
};

struct endpoint {
    char *method;
    char *name;
};

struct profile {
    char *name;   /* the file's name without folder and ending, or the URL's host */
    char *file;   /* as given; NULL for a bare URL */
    bool shipped; /* a part of the package: nothing that it asks for needs the user's trust */
    char *target; /* base URL without userinfo and trailing slash */
    bool insecure, http2;
    bool tls;            /* some request goes by https */
    uint32_t max_users;  /* limits.max_users, 0 for none */
    uint64_t grace_ns;   /* for requests under way when the load ends; 0: none */
    uint64_t dns_ttl_ns; /* how long the addresses of a name are used; 0: as is usual */
    struct user_class *classes;
    size_t n_classes;
    struct mix mix; /* over all classes */
    struct level *levels;
    size_t n_levels;
    struct endpoint *endpoints;
    size_t n_endpoints;
    struct request **requests; /* owned; all of them, those of on_start and limits too */
    size_t n_requests;
    struct goal *goals;
    size_t n_goals;
    struct rate_limit *rate_limits;
    size_t n_rate_limits;
    struct probe_specs probes;
    struct permissions permissions; /* files, variables and servers beyond its target and folder */
    /* the sources of the texts */
    struct secrets secrets;
    struct feeder **feeders; /* owned */
    size_t n_feeders;
    struct upload *uploads;
    size_t n_uploads;
    uint32_t n_slots; /* variables of a user */
    struct draw *draws;
    size_t n_draws;
    uint64_t *sequence_starts; /* a start per ${seq} */
    size_t n_sequences;
    /* private */
    struct profile *base; /* lends all but name, classes and mix (alone.h) */
    unsigned refs;        /* atomic access only */
};

/* Settings of the configuration file, where neither the command line nor the profile says. */
struct profile_under {
    const char *host;
    const char *const *headers;
    size_t n_headers;
    uint64_t timeout_ns;
    bool grace_set;
    uint64_t grace_ns;
    bool insecure, http2, follow;
};

/* Settings that the command line lays over a profile; all NULL/0 means nothing. */
struct profile_overrides {
    const char *host;           /* replaces the target */
    bool insecure;              /* -k */
    bool http2;                 /* --http2 */
    const char *method, *body;  /* for a bare URL only */
    const char *const *headers; /* "Name: value", n_headers of them; laid over every request */
    size_t n_headers;
    uint64_t timeout_ns;     /* 0: as the profile says */
    bool grace_set;          /* else as the profile says; */
    uint64_t grace_ns;       /* at most PROFILE_MAX_GRACE_NS */
    bool follow;             /* follow redirects */
    bool equal_weights;      /* all weights are 1 */
    const char *const *sets; /* "key=value", in order */
    size_t n_sets;
    const char *const *tags; /* only tasks with one of these; none: all */
    size_t n_tags;
    const char *const *exclude_tags; /* no task with one of these */
    size_t n_exclude_tags;
    const char *const *classes; /* only these user classes; none: all */
    size_t n_classes;
    struct profile_under under; /* the host is not for a bare URL, which names its own */
};

/* A profile of one class ("user"), one task, one endpoint, no wait, no level.
 * `http://` is put in front when there is no scheme.  Wrong URLs, methods and
 * headers are added to problems.  NULL when there are any. */
struct profile *profile_from_url(const char *url, const struct profile_overrides *o,
                                 struct problems *problems);

/* Takes a further reference / gives one back; the last one frees it.  Any thread. */
struct profile *profile_ref(struct profile *p);
void profile_unref(struct profile *p); /* NULL is fine */

/* The level of that name, or NULL. */
const struct level *profile_level(const struct profile *p, const char *name);

/* The mix of classes of a level of the profile; NULL, or one without its own: the profile's. */
const struct mix *profile_mix(const struct profile *p, const struct level *level);

/* The first request among the steps; NULL where there is none. */
const struct request *steps_first_request(const struct steps *steps);

/* The class of user k in a mix: an index into profile->classes, or -1: no such user. */
int mix_class(const struct mix *m, uint32_t k);

/* The most connections that a user of the class has at once: more than one by its parallel
 * steps.  And that the first so many users of a mix have together. */
unsigned class_connections(const struct user_class *c);
uint64_t profile_connections(const struct profile *p, const struct mix *m, uint32_t users);

/* The goal that an endpoint belongs to, or NULL. */
const struct goal *profile_goal(const struct profile *p, const char *method, const char *name);

bool status_is_in(const struct status_set *s, unsigned status);
bool status_expected(const struct status_set *s, unsigned status);

#endif
