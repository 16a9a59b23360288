/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <string.h>

#include "src/probe/postgres/pg_words.h"
#include "tests/unit/unit.h"

static const struct pq_place here = {"mon", "127.0.0.1", "5432", "shop"};

static const struct {
    const char *name, *raw, *state, *words;
} splits[] = {
    {"wrong password",
     "connection to server at \"127.0.0.1\", port 5432 failed: FATAL:  28P01: password "
     "authentication failed for user \"mon\"\nLOCATION:  auth_failed, auth.c:331\n",
     "28P01", "password authentication failed for user \"mon\""},
    {"another language",
     "Verbindung zum Server auf \xc2\xbb::1\xc2\xab, Port 5432 fehlgeschlagen: FATAL:  53300: zu "
     "viele Verbindungen\n",
     "53300", "zu viele Verbindungen"},
    {"several hosts: the last that answered",
     "connection to server at \"a\", port 1 failed: FATAL:  57P03: the database system is starting "
     "up\nconnection to server at \"b\", port 1 failed: FATAL:  3D000: database \"x\" does not "
     "exist\n",
     "3D000", "database \"x\" does not exist"},
    {"nobody there",
     "connection to server at \"127.0.0.1\", port 1 failed: Connection refused\n\tIs the server "
     "running on that host and accepting TCP/IP connections?\n",
     "", "connection to server at \"127.0.0.1\", port 1 failed: Connection refused"},
    {"empty", "", "", ""},
    {"no state", ":  28p01: lower case\n", "", ":  28p01: lower case"},
    {"cut", "FATAL:  28P0", "", "FATAL:  28P0"},
};

START_TEST(the_servers_words_out_of_libpqs)
{
    char text[512], state[6];
    strcpy(text, splits[_i].raw);
    ck_assert_msg(pg_words_split(text, state) == (splits[_i].state[0] != '\0'), "%s",
                  splits[_i].name);
    ck_assert_str_eq(state, splits[_i].state);
    ck_assert_str_eq(text, splits[_i].words);
}
END_TEST

static const struct {
    struct pq_failure f;
    enum probe_state state;
    const char *wanted;
} sentences[] = {
    {{.why = WHY_SERVER, .connecting = true, .sqlstate = "53300", .text = "sorry, too many"},
     PROBE_DOWN,
     "mon@127.0.0.1:5432/shop takes no more connections (53300: sorry, too many). Start ramptop "
     "before the load"},
    {{.why = WHY_SERVER, .connecting = true, .sqlstate = "28P01"},
     PROBE_DENIED,
     "mon@127.0.0.1:5432/shop does not take the password of mon (28P01): give the probe password"},
    {{.why = WHY_SERVER, .connecting = true, .sqlstate = "28000", .text = "no hba"},
     PROBE_DENIED,
     "does not let mon in (no hba)"},
    {{.why = WHY_SERVER, .connecting = true, .sqlstate = "3D000"},
     PROBE_DENIED,
     "has no database \"shop\""},
    {{.why = WHY_SERVER, .connecting = true, .sqlstate = "57P03", .text = "starting up"},
     PROBE_DOWN,
     "57P03: starting up"},
    {{.why = WHY_SERVER, .sqlstate = "57P01"}, PROBE_DOWN, "shut down"},
    {{.why = WHY_SERVER, .sqlstate = "XX000", .text = "100 % odd"},
     PROBE_DOWN,
     "mon@127.0.0.1:5432/shop: 100 % odd (XX000)."},
    {{.why = WHY_LATE, .connecting = true, .waited_s = 3.01},
     PROBE_DOWN,
     "does not answer within 3.0 s: is it stopped, overloaded or behind a firewall?"},
    {{.why = WHY_LATE, .waited_s = 2.0}, PROBE_DOWN, "did not answer the probe's question"},
    {{.why = WHY_NO_PASSWORD, .connecting = true}, PROBE_DENIED, "set PGPASSWORD or ~/.pgpass"},
    {{.why = WHY_NO_PASSWORD, .connecting = true, .passfile = true}, PROBE_DENIED, "chmod 600 it"},
    {{.why = WHY_NOBODY, .connecting = true},
     PROBE_DOWN,
     "nobody listens at 127.0.0.1:5432: is it"},
    {{.why = WHY_LOST}, PROBE_DOWN, "closed the connection"},
    {{.why = WHY_CONNINFO, .text = "it is no URI"}, PROBE_DENIED, "cannot be read: it is no URI."},
    {{.why = WHY_OTHER, .text = "libpq said so"}, PROBE_DOWN, "libpq said so."},
};

START_TEST(each_failure_has_a_sentence_with_a_remedy)
{
    struct err e = {0};
    ck_assert_int_eq(pg_words_failure(&sentences[_i].f, &here, &e), sentences[_i].state);
    ck_assert_msg(strstr(e.text, sentences[_i].wanted) != NULL, "%s", e.text);
    ck_assert(strchr(".?", e.text[strlen(e.text) - 1]) != NULL);
    ck_assert_uint_lt(strlen(e.text), 232); /* room of a probe snapshot */
}
END_TEST

START_TEST(full_is_a_finding)
{
    struct pq_failure f = {.why = WHY_SERVER, .sqlstate = "53300"};
    ck_assert(pg_words_full(&f));
    f = (struct pq_failure){.why = WHY_SERVER,
                            .sqlstate = "08P01",
                            .text = "no more connections allowed (max_client_conn)"};
    ck_assert(pg_words_full(&f));
    f = (struct pq_failure){.why = WHY_SERVER, .sqlstate = "57P03"};
    ck_assert(!pg_words_full(&f));
    f = (struct pq_failure){.why = WHY_LATE};
    ck_assert(!pg_words_full(&f));
}
END_TEST

START_TEST(places)
{
    char text[256];
    pg_words_place(&here, text, sizeof text);
    ck_assert_str_eq(text, "mon@127.0.0.1:5432/shop");
    pg_words_place(&(struct pq_place){"mon", "::1", "5432", "shop"}, text, sizeof text);
    ck_assert_str_eq(text, "mon@[::1]:5432/shop");
    pg_words_place(&(struct pq_place){"", "/run/postgresql", "", ""}, text, sizeof text);
    ck_assert_str_eq(text, "/run/postgresql");
}
END_TEST

int main(void)
{
    Suite *s = suite_create("pg_words");
    TCase *tc = tcase_create("words");
    tcase_add_loop_test(tc, the_servers_words_out_of_libpqs, 0, sizeof splits / sizeof *splits);
    tcase_add_loop_test(tc, each_failure_has_a_sentence_with_a_remedy, 0,
                        sizeof sentences / sizeof *sentences);
    tcase_add_test(tc, full_is_a_finding);
    tcase_add_test(tc, places);
    suite_add_tcase(s, tc);
    return unit_run(s);
}
