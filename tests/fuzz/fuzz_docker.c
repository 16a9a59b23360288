/* SPDX-License-Identifier: MIT */
/* Any bytes as what a docker engine answers and as a container's log: taken or refused,
 * texts clean, figures never infinite, lines counted the same in any pieces. */
#include <math.h>

#include "src/probe/docker/docker_figures.h"
#include "src/probe/docker/docker_json.h"
#include "src/probe/docker/logs.h"
#include "tests/fuzz/fuzz.h"

static void is_who(const struct docker_who *w)
{
    must(fuzz_is_clean(w->name) && fuzz_is_clean(w->project) && fuzz_is_clean(w->service));
    must(strspn(w->id, "0123456789abcdef") == strlen(w->id));
}

static void is_share(double v)
{
    must(isnan(v) || (v >= 0 && !isinf(v)));
}

static void figures(const char *text, size_t len)
{
    static const struct docker_limits limits = {0.5, 1 << 29};
    struct docker_stats s, before;
    struct docker_figures f;
    if (!docker_json_stats(text, len, &s))
        return;
    docker_figures(NULL, &s, &limits, &f);
    is_share(f.memory);
    before = s;
    before.read_ns -= 1000000000;
    before.cpu_ns /= 2;
    before.periods /= 2;
    docker_figures(&before, &s, &limits, &f);
    is_share(f.cores);
    is_share(f.cpu_percent);
    must(isnan(f.throttled) || (f.throttled >= 0 && f.throttled <= 100));
    is_share(f.received_per_s);
    is_share(f.written_per_s);
}

static void answers(const char *text, size_t len)
{
    struct docker_list_entry *all;
    struct docker_inspect info;
    struct docker_event ev;
    struct docker_context context;
    char reason[100];
    size_t n;
    if (docker_json_list(text, len, &all, &n))
        for (size_t i = 0; i < n; i++) {
            is_who(&all[i].who);
            must(all[i].n_ports <= DOCKER_PORTS && all[i].n_addresses <= DOCKER_ADDRESSES);
        }
    free(all);
    if (docker_json_inspect(text, len, &info))
        must(fuzz_is_clean(info.health) && !(info.cpus <= 0) && !(info.memory <= 0));
    if (docker_json_event(text, len, &ev)) {
        is_who(&ev.who);
        must(ev.who.id[0] != '\0' && fuzz_is_clean(ev.action));
    }
    if (docker_json_context(text, len, &context))
        must(fuzz_is_clean(context.name) && fuzz_is_clean(context.host));
    docker_json_reason(text, len, reason, sizeof reason);
    must(fuzz_is_clean(reason));
}

static double count(const char *text, size_t len, size_t piece, bool raw)
{
    static struct docker_logs l;
    bool sampled;
    docker_logs_init(&l, "Err", raw);
    for (size_t at = 0; at < len; at += piece)
        docker_logs_feed(&l, text + at, len - at < piece ? len - at : piece);
    double n = docker_logs_take(&l, &sampled);
    must(n >= 0 && n <= (double)len);
    return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    figures(text, size);
    answers(text, size);
    for (int raw = 0; raw < 2; raw++) {
        double whole = count(text, size, size + 1, raw);
        must(count(text, size, 1, raw) == whole);
        must(count(text, size, 7, raw) == whole);
    }
    return 0;
}
