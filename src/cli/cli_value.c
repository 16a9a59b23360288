/* SPDX-License-Identifier: MIT */
/* The value of one option: checked, or refused with what it needs and an example. */
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/human.h"
#include "src/base/mem.h"
#include "src/base/words.h"
#include "src/cli/cli_table.h"
#include "src/cli/subcommand.h"

static const char *const chars_words[] = {"auto", "braille", "block", "ascii", NULL};
static const char *const service_words[] = {"const", "exp", "lognormal", NULL};

/* given: how the option was named, "--users" or "RAMPTOP_USERS". */
static bool wrong(struct err *e, const char *given, const char *needs, const char *value)
{
    return err_set(e, "%s needs %s, not \"%.*s\"", given, needs, CLI_SHOWN, value);
}

static bool take_count(const char *given, const char *value, const char *needs, uint64_t min,
                       uint64_t max, uint64_t *out, struct err *e)
{
    uint64_t n = 0;
    if (!human_parse_count(value, &n) || n < min || n > max)
        return wrong(e, given, needs, value);
    *out = n;
    return true;
}

static bool take_unsigned(const char *given, const char *value, const char *needs, unsigned min,
                          unsigned max, unsigned *out, struct err *e)
{
    uint64_t n = 0;
    if (!take_count(given, value, needs, min, max, &n, e))
        return false;
    *out = (unsigned)n;
    return true;
}

static bool take_duration(const char *given, const char *value, uint64_t *out, struct err *e)
{
    uint64_t ns = 0;
    if (!human_parse_duration(value, &ns) || ns == 0)
        return wrong(e, given, "a time such as 90, 90s, 1m30s or 2h", value);
    *out = ns;
    return true;
}

/* A decimal number without sign, exponent or hex. */
static bool take_decimal(const char *given, const char *value, const char *needs, double min,
                         double max, double *out, struct err *e)
{
    char *end = NULL;
    double v =
        *value != '\0' && value[strspn(value, "0123456789.")] == '\0' ? strtod(value, &end) : NAN;
    if (end == NULL || end == value || *end != '\0' || !(v >= min && v <= max))
        return wrong(e, given, needs, value);
    *out = v;
    return true;
}

static bool take_word(const char *given, const char *value, const char *const *words,
                      const char *needs, int *out, struct err *e)
{
    for (int i = 0; words[i] != NULL; i++) {
        if (strcmp(words[i], value) == 0) {
            *out = i;
            return true;
        }
    }
    const char *near = words_nearest(value, words);
    wrong(e, given, needs, value);
    if (near != NULL)
        err_set(e, "%s needs %s, not \"%.*s\" (did you mean %s?)", given, needs, CLI_SHOWN, value,
                near);
    return false;
}

static bool take_chars(const char *given, const char *value, struct options *o, struct err *e)
{
    int i = 0;
    if (!take_word(given, value, chars_words, "auto, braille, block or ascii", &i, e))
        return false;
    o->chars = (enum cli_chars)i;
    return true;
}

static bool take_seed(const char *given, const char *value, struct options *o, struct err *e)
{
    char *end;
    errno = 0;
    unsigned long long n = strtoull(value, &end, 10);
    if (!isdigit((unsigned char)*value) || *end != '\0' || errno != 0 || n == 0)
        return wrong(e, given, "a whole number from 1, such as 42", value);
    o->seed = n;
    return true;
}

static bool take_users(const char *given, const char *value, struct options *o, struct err *e)
{
    uint64_t n = 0;
    if (!take_count(given, value, "a whole number from 0 to 1,000,000, such as 50", 0,
                    CLI_MAX_USERS, &n, e))
        return false;
    o->users = (uint32_t)n;
    o->users_set = true;
    return true;
}

static bool take_queue(const char *given, const char *value, struct options *o, struct err *e)
{
    uint64_t n = 0;
    if (!take_count(given, value, "a whole number such as 200", 0, INT32_MAX, &n, e))
        return false;
    o->demo_queue = (int64_t)n;
    return true;
}

static bool take_data(const char *value, struct options *o)
{
    o->body = *value == '@' ? NULL : value;
    o->body_file = *value == '@' ? value + 1 : NULL;
    return true;
}

static bool take_header(const char *value, struct options *o)
{
    o->headers = mem_grow(o->headers, o->n_headers + 1, sizeof *o->headers);
    o->headers[o->n_headers++] = value;
    return true;
}

static bool take_words(const char *given, const char *value, struct cli_texts *t, struct options *o,
                       struct err *e)
{
    size_t before = t->n;
    cli_add_words(o, t, value);
    return t->n > before || wrong(e, given, "a name, or several as in read,write", value);
}

/* "1,10,25,50" */
static bool take_concurrency(const char *given, const char *value, struct options *o, struct err *e)
{
    char part[24];
    o->n_concurrency = 0;
    for (const char *at = value;; at++) {
        size_t len = strcspn(at, ",");
        uint64_t n = 0;
        snprintf(part, sizeof part, "%.*s", len < sizeof part ? (int)len : 0, at);
        if (!human_parse_count(part, &n) || n < 1 || n > CLI_MAX_USERS ||
            o->n_concurrency == CLI_MAX_STEPS)
            return wrong(e, given, "up to 16 whole numbers from 1, such as 1,10,25,50", value);
        o->concurrency[o->n_concurrency++] = (unsigned)n;
        at += len;
        if (*at == '\0')
            return true;
    }
}

static bool take_grace(const char *given, const char *value, struct options *o, struct err *e)
{
    if (!human_parse_duration(value, &o->grace_ns) || o->grace_ns > CLI_MAX_GRACE_NS)
        return wrong(e, given, "a time of at most one hour, such as 10s, 500ms or 0", value);
    o->grace_set = true;
    return true;
}

static bool take_max_wait(const char *given, const char *value, struct options *o, struct err *e)
{
    if (!human_parse_duration(value, &o->max_wait_ns))
        return wrong(e, given, "a time such as 90s or 2m, or 0 for no wait", value);
    o->max_wait_set = true;
    return true;
}

/* Whether it names something is known when the profile is. */
static bool take_set(const char *given, const char *value, struct options *o, struct err *e)
{
    if (strchr(value, '=') == NULL || *value == '=')
        return wrong(e, given, "a setting and its value, such as levels.smoke.users=20", value);
    cli_add_text(&o->sets, value);
    return true;
}

static bool value_take_text(const char *given, const char *value, const char **out, struct err *e)
{
    if (*value == '\0')
        return err_set(e, "%s needs a value, not an empty text", given);
    *out = value;
    return true;
}

/* ----------------------------------------------------------- one option taken */

static bool take_profile(enum option_id id, const char *given, const char *value, struct options *o,
                         struct err *e)
{
    switch (id) {
    case OPT_TAGS:
        return take_words(given, value, &o->tags, o, e);
    case OPT_EXCLUDE_TAGS:
        return take_words(given, value, &o->exclude_tags, o, e);
    default:
        return take_set(given, value, o, e);
    }
}

static bool take_probe(const char *given, const char *value, struct options *o, struct err *e)
{
    const char *text = NULL;
    if (!value_take_text(given, value, &text, e))
        return false;
    cli_add_text(&o->probes, text);
    return true;
}

static bool take_bench(enum option_id id, const char *given, const char *value, struct options *o,
                       struct err *e)
{
    switch (id) {
    case OPT_CONCURRENCY:
        return take_concurrency(given, value, o, e);
    case OPT_ONLY:
        return value_take_text(given, value, &o->only, e);
    default:
        return take_max_wait(given, value, o, e);
    }
}

static bool take_keep_host(const char *given, const char *value, struct options *o, struct err *e)
{
    const char *host = NULL;
    if (!value_take_text(given, value, &host, e))
        return false;
    cli_add_text(&o->keep_hosts, host);
    return true;
}

static bool take_load(enum option_id id, const char *given, const char *value, struct options *o,
                      struct err *e)
{
    switch (id) {
    case OPT_USERS:
        return take_users(given, value, o, e);
    case OPT_SPAWN_RATE:
        return take_decimal(given, value, "users per second, such as 20 or 0.5", 1e-3, 1e6,
                            &o->spawn_rate, e);
    case OPT_RUN_TIME:
    case OPT_DURATION:
        return take_duration(given, value, &o->run_time_ns, e);
    case OPT_REQUESTS:
        return take_count(given, value, "a whole number from 1, such as 1000 or 10k", 1,
                          UINT64_C(1000000000000000), &o->requests, e);
    case OPT_GRACE:
        return take_grace(given, value, o, e);
    case OPT_LEVEL:
        return value_take_text(given, value, &o->level, e);
    case OPT_WORKERS:
        return take_unsigned(given, value, "a whole number from 1 to 64", 1, CLI_MAX_WORKERS,
                             &o->workers, e);
    default:
        return take_seed(given, value, o, e);
    }
}

static bool take_request(enum option_id id, const char *given, const char *value, struct options *o,
                         struct err *e)
{
    switch (id) {
    case OPT_HOST:
        return value_take_text(given, value, &o->host, e);
    case OPT_HEADER:
        return take_header(value, o);
    case OPT_METHOD:
        return value_take_text(given, value, &o->method, e);
    case OPT_DATA:
        return take_data(value, o);
    default:
        return take_duration(given, value, &o->timeout_ns, e);
    }
}

static bool take_demo(enum option_id id, const char *given, const char *value, struct options *o,
                      struct err *e)
{
    switch (id) {
    case OPT_PORT:
        return take_unsigned(given, value, "a port from 0 (a free one) to 65535", 0, 65535,
                             &o->demo_port, e);
    case OPT_SERVERS:
        return take_unsigned(given, value, "a whole number from 1, such as 8", 1, INT32_MAX,
                             &o->demo_servers, e);
    case OPT_SERVICE_MS:
        return take_decimal(given, value, "milliseconds, such as 20 or 0.5", 0, 1e9,
                            &o->demo_service_ms, e);
    case OPT_SERVICE:
        return take_word(given, value, service_words, "const, exp or lognormal", &o->demo_service,
                         e);
    case OPT_QUEUE:
        return take_queue(given, value, o, e);
    case OPT_POSTGRES:
        o->demo_postgres_shown = *given == '-';
        return value_take_text(given, value, &o->demo_postgres, e);
    case OPT_POOL:
        return take_unsigned(given, value, "a whole number from 1 to 1000, such as 20", 1, 1000,
                             &o->demo_pool, e);
    default:
        return value_take_text(given, value, &o->demo_truth, e);
    }
}

_Static_assert(OPT_COUNT <= 64, "each has a bit in options.given");

static uint64_t bit(enum option_id id)
{
    return UINT64_C(1) << (id == OPT_DURATION ? OPT_RUN_TIME : id);
}

bool cli_given(const struct options *o, enum option_id id)
{
    return (o->given & bit(id)) != 0;
}

bool cli_take_value(enum option_id id, const char *given, const char *value, struct options *o,
                    struct err *e)
{
    o->given |= bit(id);
    switch (id) {
    case OPT_CHARS:
        return take_chars(given, value, o, e);
    case OPT_JSON:
        return value_take_text(given, value, &o->json, e);
    case OPT_RECORD:
        return value_take_text(given, value, &o->record, e);
    case OPT_LOG:
        return value_take_text(given, value, &o->log_file, e);
    default:
        break;
    }
    switch (cli_table[id].group) {
    case CLI_LOAD:
        return take_load(id, given, value, o, e);
    case CLI_PROFILE:
        return take_profile(id, given, value, o, e);
    case CLI_REQUEST:
        return take_request(id, given, value, o, e);
    case CLI_PROBES:
        return take_probe(given, value, o, e);
    case CLI_FOR_BENCH:
        return take_bench(id, given, value, o, e);
    case CLI_FOR_IMPORT:
        return take_keep_host(given, value, o, e);
    default:
        return take_demo(id, given, value, o, e);
    }
}

void cli_take_switch(enum option_id id, bool on, struct options *o)
{
    o->given |= bit(id);
    switch (id) {
    case OPT_EQUAL_WEIGHTS:
        o->equal_weights = on;
        break;
    case OPT_KEEP_SECRETS:
        o->keep_secrets = on;
        break;
    case OPT_KEEP_ALL_HOSTS:
        o->keep_all_hosts = on;
        break;
    case OPT_KEEP_STATIC:
        o->keep_static = on;
        break;
    case OPT_INSECURE:
        o->insecure = on;
        break;
    case OPT_HTTP2:
        o->http2 = on;
        break;
    case OPT_LOCATION:
        o->follow = on;
        break;
    case OPT_TRUST:
    case OPT_ALLOW_EXEC:
        o->trust = on;
        break;
    case OPT_YES:
        o->yes = on;
        break;
    case OPT_NO_PROBES:
        o->no_probes = on;
        break;
    case OPT_HEADLESS:
        o->headless = on;
        break;
    case OPT_QUIET:
        o->quiet = on;
        break;
    case OPT_NO_RECORD:
        o->no_record = on;
        break;
    case OPT_NO_COLOR:
        o->no_color = on;
        break;
    case OPT_KEEP_RUNNING:
        o->keep_running = on;
        break;
    case OPT_SERVE:
        o->demo_serve = on;
        break;
    case OPT_HELP:
        o->command = &cmd_help;
        break;
    case OPT_VERSION:
        o->command = &cmd_version;
        break;
    default:
        break;
    }
}

bool cli_take_flag_word(enum option_id id, const char *given, const char *value, struct options *o,
                        struct err *e)
{
    static const char *const words[] = {"1", "yes", "true", "on", "0", "no", "false", "off", NULL};
    int i = 0;
    if (!take_word(given, value, words, "1 or 0 (yes or no)", &i, e))
        return false;
    cli_take_switch(id, i < 4, o);
    return true;
}
