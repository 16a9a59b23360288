/* SPDX-License-Identifier: MIT */
/* bench_script - what the texts of one request cost.
 *
 *   tests/bench/bench_script [ROUNDS]      2,000,000 unless told
 *
 * Each line is one figure, nanoseconds per rendering, with the floor beside it: copying
 * as many bytes with memcpy.  CPU time of this thread, the best of five runs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/buf.h"
#include "src/base/now.h"
#include "src/script/names.h"
#include "src/script/scope.h"
#include "src/script/template.h"

#define RUNS 5
#define MOST_TEXTS 4

static struct names *names;
static struct scope scope;
static unsigned long rounds = 2000000;

/* The dearest thing to get wrong: that the compiler sees through the loop. */
static void keep(const void *p)
{
    __asm__ volatile("" : : "r"(p) : "memory");
}

static double best_ns(void (*once)(void *), void *arg)
{
    double best = 0;
    for (int run = 0; run < RUNS; run++) {
        uint64_t begin = now_thread_cpu_ns();
        for (unsigned long i = 0; i < rounds; i++)
            once(arg);
        double took = (double)(now_thread_cpu_ns() - begin) / (double)rounds;
        best = run == 0 || took < best ? took : best;
    }
    return best;
}

/* ------------------------------------------------------------------------- templates */

struct texts {
    struct template *items[MOST_TEXTS];
    size_t n;
    struct buf out;
};

static void render(void *arg)
{
    struct texts *t = arg;
    struct err why;
    buf_clear(&t->out);
    for (size_t i = 0; i < t->n; i++)
        template_render(t->items[i], &scope, &t->out, &why);
    keep(t->out.data);
}

struct copy {
    const char *from;
    char *to;
    size_t len;
};

static void copy(void *arg)
{
    struct copy *c = arg;
    memcpy(c->to, c->from, c->len);
    keep(c->to);
}

static void add(struct texts *t, const char *text, enum encoding how)
{
    struct err e;
    t->items[t->n] = template_compile(text, how, names, &e);
    if (t->items[t->n++] == NULL) {
        fprintf(stderr, "bench_script: %s\n", e.text);
        exit(1);
    }
}

static void show(const char *what, struct texts *t)
{
    double ns = best_ns(render, t);
    struct copy c = {.from = t->out.data, .len = t->out.len};
    c.to = malloc(c.len + 1);
    double floor = c.to != NULL ? best_ns(copy, &c) : 0;
    printf("  %-52s %7.1f ns   (memcpy of its %zu bytes: %.1f ns)\n", what, ns, c.len, floor);
    free(c.to);
    for (size_t i = 0; i < t->n; i++)
        template_free(t->items[i]);
    buf_finish(&t->out);
}

static void one(const char *text, enum encoding how)
{
    struct texts t = {0};
    add(&t, text, how);
    show(text, &t);
}

static void bench_request(void)
{
    struct texts t = {0};
    add(&t, "/api/sessions/${session}/state?view=full", ENCODE_URL);
    add(&t, "{\"user\": \"${user_name}\", \"text\": \"${text}\", \"final\": false}", ENCODE_JSON);
    add(&t, "Bearer ${token}", ENCODE_HEADER);
    show("URL with 1 variable, JSON with 2, header with 1", &t);
}

static void bench_places(void)
{
    one("a text without any place in it, as most of them are", ENCODE_PLAIN);
    one("/api/sessions/${session}", ENCODE_URL);
    one("q=${text}", ENCODE_QUERY);
    one("{\"text\": \"${text}\"}", ENCODE_JSON);
    one("Bearer ${token}", ENCODE_HEADER);
}

static void bench_generators(void)
{
    static const char *const texts[] = {"${uuid}",
                                        "${int:1:500}",
                                        "${float:0:1:3}",
                                        "${choice:a|b|c}",
                                        "${weighted:a=70|b=20|c=10}",
                                        "${name}",
                                        "${email}",
                                        "${sentence}",
                                        "${date}",
                                        "${seq}",
                                        "${hex:16}",
                                        "${base64:16}"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        one(texts[i], ENCODE_JSON);
}

static void set(const char *name, const char *value)
{
    struct err e;
    uint32_t slot;
    if (!names_slot(names, name, &slot, &e)) {
        fprintf(stderr, "bench_script: %s\n", e.text);
        exit(1);
    }
    value_set(&scope.values[slot], value, strlen(value));
}

int main(int argc, char **argv)
{
    static _Atomic uint64_t sequences[16];
    if (argc > 1)
        rounds = strtoul(argv[1], NULL, 10);
    names = names_create();
    scope_init(&scope, 4, NULL, 0);
    scope.sequences = sequences;
    rng_seed(&scope.rng, 1);
    set("session", "0b9ad1c3-2f6f-4e0a-9d5e-6b7c8d9e0f1a");
    set("user_name", "pupil0042");
    set("text", "The quick brown fox said \"hello\" and jumped over the lazy dog.");
    set("token", "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3");
    printf("one rendering, CPU time, best of %d runs of %lu:\n", RUNS, rounds);
    bench_request();
    bench_places();
    bench_generators();
    scope_finish(&scope);
    names_free(names);
    return 0;
}
