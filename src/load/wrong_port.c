/* SPDX-License-Identifier: MIT */
#include "src/load/wrong_port.h"

#include <string.h>

#define HTTPS_TO_PLAIN "https to a plain port: what answers there speaks no TLS, so say http"
#define HTTP_TO_TLS "http to a TLS port: what answers there speaks TLS, so say https"

static bool text_holds(const char *text, size_t len, const char *words)
{
    return memmem(text, len, words, strlen(words)) != NULL;
}

const char *wrong_port_handshake(const char *error, bool answered)
{
    /* OpenSSL, whatever the bytes were; OpenSSL 3.4; GnuTLS; mbedTLS. */
    static const char *const not_tls[] = {"wrong version number", "packet length too long",
                                          "record layer failure", "unexpected TLS packet",
                                          "invalid SSL record"};
    static const char *const ended[] = {"unexpected eof", "SSL_ERROR_SYSCALL",
                                        "non-properly terminated"};
    for (size_t i = 0; i < sizeof not_tls / sizeof *not_tls; i++)
        if (strstr(error, not_tls[i]) != NULL)
            return HTTPS_TO_PLAIN;
    for (size_t i = 0; !answered && i < sizeof ended / sizeof *ended; i++)
        if (strstr(error, ended[i]) != NULL)
            return "the target ended the TLS handshake: perhaps https to a plain port";
    return NULL;
}

/* A TLS record that is an alert, or a part of a handshake. */
const char *wrong_port_bytes(const char *data, size_t len)
{
    bool record = len >= 3 && (data[0] == 0x15 || data[0] == 0x16) && data[1] == 3 && data[2] <= 4;
    return record ? HTTP_TO_TLS : NULL;
}

const char *wrong_port_body(const char *body, size_t len)
{
    static const char *const said[] = {
        "plain HTTP request was sent to HTTPS port", /* nginx */
        "speaking plain HTTP to",                    /* Apache: an SSL-enabled server port */
        "HTTP request to an HTTPS server",           /* Go */
        "combination of host and port requires TLS", /* Tomcat */
    };
    for (size_t i = 0; i < sizeof said / sizeof *said; i++)
        if (text_holds(body, len, said[i]))
            return HTTP_TO_TLS;
    return NULL;
}

const char *wrong_port_silence(void)
{
    return "the target ended the connection without a reply, and has sent none by now: perhaps "
           "http to a TLS port";
}
