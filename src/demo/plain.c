/* SPDX-License-Identifier: MIT */
#include "src/demo/plain.h"

#include <math.h>

#include "src/base/buf.h"
#include "src/demo/description.h"

static const struct {
    const char *route;
    double factor; /* times the service time; 0: beside the queue, replies at once */
    const char *settings;
} endpoints[] = {
    {"GET /fast", 0.5, "json = \"{\\\"speed\\\":\\\"fast\\\"}\\n\";"},
    {"GET /slow", 4, "json = \"{\\\"speed\\\":\\\"slow\\\"}\\n\";"},
    {"POST /write", 2, "upload = { raw = true; }; json = \"{\\\"bytes\\\":${bytes}}\\n\";"},
    {"PUT /write", 2, "upload = { raw = true; }; json = \"{\\\"bytes\\\":${bytes}}\\n\";"},
    {"GET /flaky", 1,
     "json = \"{\\\"luck\\\":\\\"good\\\"}\\n\"; fail = { every = 50; random = true; };"},
    {"GET /health", 0, "json = \"{\\\"status\\\":\\\"ok\\\"}\\n\";"},
};

static void add_route(struct buf *text, const struct demo_config *cfg, const char *route,
                      double factor, const char *settings)
{
    static const char *const kinds[] = {
        [DEMO_CONST] = "constant", [DEMO_EXP] = "exponential", [DEMO_LOGNORMAL] = "lognormal"};
    buf_printf(text, "  { route = \"%s\"; %s", route, settings);
    if (factor > 0)
        buf_printf(text, " pool = \"servers\"; time = { mean = %.9f; kind = \"%s\"; };",
                   cfg->service_ms / 1000 * factor, kinds[cfg->service]);
    buf_text(text, " }");
}

static void write_description(struct buf *text, const struct demo_config *cfg)
{
    struct buf home = {0};
    double breaks_at = demo_capacity(cfg, 1);
    buf_text(&home, "type = \"text/plain\"; text = \"hello");
    if (isinf(breaks_at))
        buf_text(&home, " from the demo target: no service time\\n\";");
    else
        buf_printf(&home, ", I break at %.5g requests per second\\n\";", breaks_at);
    buf_printf(text,
               "title = \"A queue in front of servers\";\n"
               "pools = { servers = { size = %u; queue = %u; }; };\n"
               "routes = (\n",
               cfg->servers, cfg->queue);
    add_route(text, cfg, "GET /", 1, home.data);
    for (size_t i = 0; i < sizeof endpoints / sizeof *endpoints; i++) {
        buf_text(text, ",\n");
        add_route(text, cfg, endpoints[i].route, endpoints[i].factor, endpoints[i].settings);
    }
    buf_text(text, "\n);\n");
    buf_finish(&home);
}

struct description *plain_describe(const struct demo_config *cfg, struct err *e)
{
    struct buf text = {0};
    struct problems problems = {0};
    write_description(&text, cfg);
    struct description *d = description_parse("the demo target", text.data, text.len, &problems);
    if (d != NULL)
        d->plain = true;
    else
        err_set(e, "%s", problems.lines[0]);
    problems_finish(&problems);
    buf_finish(&text);
    return d;
}
