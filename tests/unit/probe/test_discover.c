/* SPDX-License-Identifier: MIT */
#include <arpa/inet.h>
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "src/probe/discover.h"
#include "src/profile/probe_spec.h"
#include "tests/unit/unit.h"

START_TEST(where_a_url_points)
{
    static const struct {
        const char *url, *host;
        unsigned port;
        bool local;
    } cases[] = {
        {"http://127.0.0.1:8080/x", "127.0.0.1", 8080, true},
        {"http://localhost", "localhost", 80, true},
        {"https://127.3.2.1", "127.3.2.1", 443, true},
        {"http://[::1]:9000/", "::1", 9000, true},
        {"http://[::1]/", "::1", 80, true},
        {"https://shop.example:8443", "shop.example", 8443, false},
        {"http://192.0.2.7", "192.0.2.7", 80, false},
    };
    struct discover_target t;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ck_assert(discover_target(cases[i].url, &t));
        ck_assert_str_eq(t.host, cases[i].host);
        ck_assert_uint_eq(t.port, cases[i].port);
        ck_assert_msg(t.local == cases[i].local, "%s", cases[i].url);
    }
    ck_assert(!discover_target("http://", &t));
    ck_assert(!discover_target("", &t));
}
END_TEST

static const struct docker_list_entry shop[] = {
    {.who = {.id = "aaaaaaaaaaaaaaaa", .name = "shop-db-1", .project = "shop", .service = "db"}},
    {.who = {.id = "bbbbbbbbbbbbbbbb", .name = "shop-api-1", .project = "shop", .service = "api"},
     .n_ports = 2,
     .ports = {8443, 8080},
     .n_addresses = 1,
     .addresses = {"172.17.0.3"}},
    {.who = {.id = "cccccccccccccccc", .name = "shop-api-2", .project = "shop", .service = "api"}},
    {.who = {.id = "dddddddddddddddd", .name = "other"}, .n_ports = 1, .ports = {9000}},
    {.who = {.id = "eeeeeeeeeeeeeeee", .name = "a,b*"}, .n_ports = 1, .ports = {9001}},
};

static uint32_t offers_of(bool podman, const char *url, struct snap_offer *out)
{
    struct discover_target t;
    ck_assert(discover_target(url, &t));
    t.podman = podman;
    return discover_containers(&t, shop, sizeof shop / sizeof shop[0], out, SNAP_OFFERS);
}

static uint32_t offers(const char *url, struct snap_offer *out)
{
    return offers_of(false, url, out);
}

START_TEST(the_container_behind_a_port_and_its_siblings)
{
    struct snap_offer out[SNAP_OFFERS];
    ck_assert_uint_eq(offers("http://localhost:8080", out), 2);
    ck_assert_str_eq(out[0].label, "compose project shop: db, api");
    ck_assert_str_eq(out[0].spec, "docker:compose:shop");
    ck_assert_str_eq(out[1].label, "container shop-api-1 (publishes port 8080)");
    ck_assert_str_eq(out[1].spec, "docker:shop-api-1");
    ck_assert_uint_eq(offers("http://127.0.0.1:9000", out), 1);
    ck_assert_str_eq(out[0].spec, "docker:other");
    ck_assert_uint_eq(offers("http://127.0.0.1:9001", out), 1);
    ck_assert_str_eq(out[0].spec,
                     "docker:eeeeeeeeeeee"); /* its name would say more than one thing */
    ck_assert_uint_eq(offers("http://127.0.0.1:1", out), 0);
    ck_assert_uint_eq(offers("http://192.0.2.7:8080", out), 0);
    ck_assert_uint_eq(offers("http://172.17.0.3:80", out), 2);
    ck_assert_str_eq(out[1].label, "container shop-api-1");
    ck_assert_uint_eq(offers_of(true, "http://localhost:8080", out), 2);
    ck_assert_str_eq(out[0].spec, "podman:compose:shop");
    ck_assert_str_eq(out[1].spec, "podman:shop-api-1");
}
END_TEST

START_TEST(offers_are_probes)
{
    struct snap_offer out[SNAP_OFFERS];
    uint32_t n = offers("http://localhost:8080", out);
    for (uint32_t i = 0; i < n; i++) {
        struct err e = {""};
        struct probe_spec *s = probe_spec_parse(out[i].spec, &e);
        ck_assert_msg(s != NULL, "%s: %s", out[i].spec, e.text);
        probe_spec_unref(s);
    }
}
END_TEST

START_TEST(the_process_that_listens)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;
    struct snap_offer out[SNAP_OFFERS];
    char url[64], wanted[32], mine[32];
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setenv("DOCKER_HOST", "unix:///nonexistent/docker.sock", 1);
    setenv("CONTAINER_HOST", "unix:///nonexistent/podman.sock", 1);
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
    ck_assert_int_eq(listen(fd, 1), 0);
    ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&at, &len), 0);
    unsigned port = ntohs(at.sin_port);
    snprintf(url, sizeof url, "http://127.0.0.1:%u/", port);
    snprintf(wanted, sizeof wanted, "process:port=%u", port);
    snprintf(mine, sizeof mine, "(%d, ", (int)getpid());
    uint32_t n = discover(url, out, SNAP_OFFERS);
    ck_assert_uint_eq(n, 2);
    ck_assert_str_eq(out[0].spec, wanted);
    /* The lowest pid that holds the socket: the parent of this test may hold none of it. */
    ck_assert_msg(strstr(out[0].label, mine) != NULL, "%s", out[0].label);
    ck_assert_str_eq(out[1].spec, "host");
    prctl(PR_SET_NAME, "conmon"); /* which holds ports for podman's containers */
    ck_assert_uint_eq(discover(url, out, SNAP_OFFERS), 1);
    ck_assert_str_eq(out[0].spec, "host");
    close(fd);
    ck_assert_uint_eq(discover(url, out, SNAP_OFFERS), 1);
    ck_assert_uint_eq(discover("http://192.0.2.7/", out, SNAP_OFFERS), 0);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("discover");
    TCase *t = tcase_create("discover");
    tcase_add_test(t, where_a_url_points);
    tcase_add_test(t, the_container_behind_a_port_and_its_siblings);
    tcase_add_test(t, offers_are_probes);
    tcase_add_test(t, the_process_that_listens);
    suite_add_tcase(s, t);
    return unit_run(s);
}
