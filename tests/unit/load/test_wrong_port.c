/* SPDX-License-Identifier: MIT */
/* https to a plain port and http to a TLS port, by what servers and TLS libraries say. */
#include <check.h>
#include <string.h>

#include "src/load/wrong_port.h"
#include "tests/unit/unit.h"

static void begins(const char *words, const char *sentence)
{
    ck_assert_ptr_nonnull(sentence);
    ck_assert_msg(strstr(sentence, words) != NULL, "no '%s' in: %s", words, sentence);
}

START_TEST(https_to_a_plain_port)
{
    begins("https to a plain port:",
           wrong_port_handshake("error:0A00010B:SSL routines::wrong version number", true));
    begins("https to a plain port:",
           wrong_port_handshake("error:0A0000C6:SSL routines::packet length too long", false));
    begins("perhaps https to a plain port",
           wrong_port_handshake("SSL_connect: SSL_ERROR_SYSCALL in connection to x:1 ", false));
    ck_assert_ptr_null(wrong_port_handshake("SSL_connect: SSL_ERROR_SYSCALL", true));
    ck_assert_ptr_null(wrong_port_handshake("certificate has expired", false));
    ck_assert_ptr_null(wrong_port_handshake("", false));
}
END_TEST

START_TEST(http_to_a_tls_port)
{
    static const char apache[] = "Your browser sent a request that this server could not "
                                 "understand.<br />\nReason: You're speaking plain HTTP to an SSL-";
    begins("http to a TLS port:", wrong_port_bytes("\x15\x03\x01\0\2\2\x46", 7));
    begins("http to a TLS port:", wrong_port_body(apache, sizeof apache - 1));
    begins("http to a TLS port:",
           wrong_port_body("<title>400 The plain HTTP request was sent to HTTPS port</title>", 64));
    begins("http to a TLS port", wrong_port_silence());
    ck_assert_ptr_null(wrong_port_bytes("\x15\x03", 2));
    ck_assert_ptr_null(wrong_port_bytes("SSH-2.0", 7));
    ck_assert_ptr_null(wrong_port_body("bad request", 11));
    ck_assert_ptr_null(wrong_port_body("", 0));
}
END_TEST

int main(void)
{
    Suite *s = suite_create("wrong_port");
    TCase *tc = tcase_create("wrong_port");
    tcase_add_test(tc, https_to_a_plain_port);
    tcase_add_test(tc, http_to_a_tls_port);
    suite_add_tcase(s, tc);
    return unit_run(s);
}
