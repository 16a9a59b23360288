/* SPDX-License-Identifier: MIT */
#include "src/load/curl_outcome.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "src/base/num.h"
#include "src/load/message.h"
#include "src/load/own_fault.h"
#include "src/load/wrong_port.h"
#include "src/profile/profile.h"

static bool body_counts_twice; /* body_in_request_size */

void curl_outcome_init(void)
{
    body_counts_twice = curl_version_info(CURLVERSION_NOW)->version_num < 0x080700;
}

void curl_seen_begin(struct curl_seen *seen)
{
    /* All but the texts, which the lengths and the first byte empty. */
    memset(seen, 0, offsetof(struct curl_seen, body));
    seen->error[0] = seen->words[0] = '\0';
}

void curl_seen_ask(struct curl_seen *seen, CURL *easy)
{
    if (seen->header_bytes > 0) /* else it is the first and follows on nothing */
        curl_easy_getinfo(easy, CURLINFO_REQUEST_SIZE, &seen->sent_before);
    seen->asked = true;
    seen->leg_bytes = 0;
}

void curl_seen_redirect(struct curl_seen *seen)
{
    seen->asked = false;
}

static long request_sent(const struct curl_seen *seen, CURL *easy)
{
    long all = 0;
    curl_easy_getinfo(easy, CURLINFO_REQUEST_SIZE, &all);
    return all - seen->sent_before;
}

/* libcurl counts every sixth of the requests that it may not send again as one that it has
 * tried often enough (7.88). */
static bool request_was_given_up(const struct curl_seen *seen)
{
    return seen->leg_bytes == 0 && strstr(seen->error, "Connection died, tried") != NULL;
}

/* HTTP/2 refuses a stream, which may happen to the first request of a connection and leaves no
 * text; all else that makes libcurl send a request again happens to one on a kept connection. */
static bool stream_may_be_refused(const struct curl_seen *seen)
{
    return seen->http2 || !seen->kept;
}

static bool stream_was_refused(const struct curl_seen *seen)
{
    return seen->stop == STOP_REFUSED ||
           (request_was_given_up(seen) && stream_may_be_refused(seen));
}

/* A kept connection ended before the reply. */
static bool connection_was_dropped(const struct curl_seen *seen)
{
    return seen->stop == STOP_DROPPED || request_was_given_up(seen);
}

static int os_error(CURL *easy)
{
    long error = 0;
    curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &error);
    return (int)error;
}

/* libcurl may read it in the very call that sent the request, and nobody else then. */
static void note_reset(struct curl_seen *seen, CURL *easy)
{
    if (seen->end == KEPT_OPEN && seen->kept && seen->error[0] != '\0' &&
        os_error(easy) == ECONNRESET)
        seen->end = KEPT_RESET;
}

bool curl_seen_end_and_reset(const struct curl_seen *seen, CURL *easy)
{
    static const char text[] = "Send failure";
    return seen->tls && os_error(easy) == ECONNRESET &&
           strncmp(seen->error, text, sizeof text - 1) == 0;
}

bool curl_seen_again(struct curl_seen *seen, CURL *easy)
{
    long status = 0;
    if (!seen->asked || request_sent(seen, easy) <= 0)
        return false;
    if (seen->leg_bytes > 0)
        curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    note_reset(seen, easy);
    if (status >= 200)
        seen->stop = STOP_ANSWERED;
    else if (strstr(seen->error, "HTTP_1_1_REQUIRED") != NULL)
        seen->stop = STOP_HTTP_1_1;
    else
        seen->stop =
            seen->error[0] == '\0' && stream_may_be_refused(seen) ? STOP_REFUSED : STOP_DROPPED;
    return true;
}

void curl_seen_refusal(struct curl_seen *seen, enum fail own, const char *why)
{
    if (seen->own != FAIL_NONE)
        return;
    seen->own = own;
    snprintf(seen->error, sizeof seen->error, "%s", why);
}

void curl_seen_fault(struct curl_seen *seen, const char *call, int error)
{
    char why[CURL_ERROR_SIZE];
    enum fail own = own_fault(error);
    snprintf(why, sizeof why, "%s on this machine: %s", call, strerror(error));
    curl_seen_refusal(seen, own != FAIL_NONE ? own : FAIL_CLIENT_FAULT, why);
}

/* A missing local port and a missing route look like a refusal to libcurl. */
static enum fail connect_failure(CURL *easy)
{
    int error = os_error(easy);
    if (own_fault(error) != FAIL_NONE)
        return own_fault(error);
    switch (error) {
    case ENETUNREACH:
    case EHOSTUNREACH:
    case EHOSTDOWN:
        return FAIL_UNREACHABLE;
    case ETIMEDOUT:
        return FAIL_TIMEOUT;
    default:
        return FAIL_REFUSED;
    }
}

bool curl_seen_byte(CURL *easy)
{
    curl_off_t us = 0;
    curl_easy_getinfo(easy, CURLINFO_STARTTRANSFER_TIME_T, &us);
    return us > 0;
}

static enum fail transfer_failure(CURL *easy, const struct curl_seen *seen)
{
    int error = os_error(easy);
    if (own_fault(error) != FAIL_NONE)
        return own_fault(error);
    if (error == ECONNRESET || error == EPIPE)
        return FAIL_RESET;
    /* libcurl's cap of 300 KB of headers comes without a code of its own. */
    if (strstr(seen->error, "Too large response headers") != NULL)
        return FAIL_HEADER_TOO_BIG;
    return FAIL_PROTOCOL;
}

bool curl_seen_unseen(const struct curl_seen *seen, CURLcode rc)
{
    if (seen->header_bytes > 0) /* after a redirect: the requests before were seen */
        return false;
    if (seen->stop == STOP_STALE || seen->unread)
        return true;
    /* GOAWAY came while the request was on its way, and says that it was not looked at. */
    return rc == CURLE_HTTP2 && seen->stop == STOP_NONE && seen->http2 && seen->error[0] == '\0';
}

/* libcurl's codes, as they were measured against a hostile server (7.88). */
static enum fail failure_of_code(CURL *easy, const struct curl_seen *seen, CURLcode rc)
{
    if (rc != CURLE_OK && seen->own != FAIL_NONE)
        return seen->own;
    if (seen->stop == STOP_BODY_CAP)
        return FAIL_BODY_TOO_BIG;
    if (seen->stop == STOP_REDIRECT)
        return FAIL_REDIRECT;
    if (seen->stop == STOP_FILE)
        return FAIL_CLIENT_FILE;
    if (seen->stop == STOP_HEADER_CAP)
        return FAIL_HEADER_TOO_BIG;
    if (seen->stop == STOP_DECODE)
        return FAIL_DECODE;
    if (seen->stop == STOP_ANSWERED)
        return FAIL_NONE;
    if (seen->stop == STOP_HTTP_1_1 || seen->stop == STOP_NOT_HTTP)
        return FAIL_PROTOCOL;
    if (rc != CURLE_OK && seen->end == KEPT_RESET && seen->header_bytes == 0)
        return FAIL_RESET; /* the error was taken off the socket to know it */
    if (rc != CURLE_OK && (stream_was_refused(seen) || connection_was_dropped(seen)))
        return stream_was_refused(seen) ? FAIL_RESET : FAIL_EMPTY_REPLY;
    switch (rc) {
    case CURLE_OK:
        /* A reply that is cut inside its headers counts as complete for libcurl. */
        if (seen->leg_bytes == 0) /* HTTP/0.9 for it, to a HEAD */
            return FAIL_PROTOCOL;
        return seen->headers_complete ? FAIL_NONE : FAIL_CUT_HEADERS;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
        return FAIL_DNS;
    case CURLE_COULDNT_CONNECT:
        return connect_failure(easy);
    case CURLE_OPERATION_TIMEDOUT:
        return FAIL_TIMEOUT;
    case CURLE_GOT_NOTHING:
        return FAIL_EMPTY_REPLY;
    case CURLE_PARTIAL_FILE:
        return FAIL_CUT_BODY;
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
        return transfer_failure(easy, seen);
    case CURLE_OUT_OF_MEMORY: /* or a header line over 100 KB */
        return curl_seen_byte(easy) ? FAIL_HEADER_TOO_BIG : FAIL_CLIENT_MEMORY;
    case CURLE_BAD_CONTENT_ENCODING:
        return FAIL_DECODE;
    case CURLE_TOO_MANY_REDIRECTS:
        return FAIL_REDIRECT;
    case CURLE_SSL_CONNECT_ERROR:
        return own_fault(os_error(easy)) != FAIL_NONE ? own_fault(os_error(easy)) : FAIL_TLS;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
        return FAIL_TLS;
    case CURLE_UNSUPPORTED_PROTOCOL: {
        long redirects = 0;
        curl_easy_getinfo(easy, CURLINFO_REDIRECT_COUNT, &redirects);
        if (redirects > 0)
            return FAIL_REDIRECT;
        return seen->asked ? FAIL_PROTOCOL : FAIL_CLIENT_REQUEST; /* also a status of four digits */
    }
    case CURLE_URL_MALFORMAT:
        return seen->header_bytes > 0 ? FAIL_REDIRECT : FAIL_CLIENT_REQUEST;
    case CURLE_INTERFACE_FAILED:
        return FAIL_CLIENT_PORTS;
    case CURLE_BAD_FUNCTION_ARGUMENT:
    case CURLE_FAILED_INIT:
    case CURLE_NOT_BUILT_IN:
    case CURLE_UNKNOWN_OPTION:
    case CURLE_AGAIN:
    case CURLE_SSL_ENGINE_NOTFOUND:
        return FAIL_CLIENT_FAULT;
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
        return FAIL_PROTOCOL;
    default:
        return FAIL_OTHER;
    }
}

static uint32_t info_us(CURL *easy, CURLINFO what)
{
    curl_off_t us = 0;
    curl_easy_getinfo(easy, what, &us);
    return us < 0 ? 0 : num_saturate((uint64_t)us);
}

/* libcurl knows 0 both as "now" and as "not said". */
static uint32_t retry_after_s(CURL *easy, unsigned status)
{
    curl_off_t s = 0;
    if (status >= 300) /* where it may stand; not worth the question otherwise */
        curl_easy_getinfo(easy, CURLINFO_RETRY_AFTER, &s);
    return s <= 0 || s >= UINT32_MAX ? UINT32_MAX : (uint32_t)s;
}

static uint64_t info_size(CURL *easy, CURLINFO what)
{
    curl_off_t n = 0;
    curl_easy_getinfo(easy, what, &n);
    return n > 0 ? (uint64_t)n : 0;
}

/* Until libcurl 8.7 a body that went out together with its head over HTTP/1.1, which a short one in
 * memory does, is in CURLINFO_REQUEST_SIZE, too. */
static uint64_t body_in_request_size(const struct message *m, bool http2, uint64_t sent)
{
    static const uint64_t longest = 64 * 1024;
    bool in_memory = m->n_pieces == 0 || (m->n_pieces == 1 && m->body[0].kind == PIECE_BYTES);
    return body_counts_twice && !http2 && in_memory && m->body_len < longest && sent <= m->body_len
               ? sent
               : 0;
}

/* Adds the body, as far as it went out, to so many bytes of CURLINFO_REQUEST_SIZE. */
static uint64_t add_body_sent(CURL *easy, const struct message *m, bool http2, uint64_t request)
{
    if (!m->has_body)
        return request;
    uint64_t sent = info_size(easy, CURLINFO_SIZE_UPLOAD_T);
    return request + sent - body_in_request_size(m, http2, sent);
}

uint64_t curl_seen_sent(const struct curl_seen *seen, CURL *easy, const struct message *m)
{
    long request = request_sent(seen, easy);
    return request > 0 ? add_body_sent(easy, m, seen->http2, (uint64_t)request) : 0;
}

static uint64_t bytes_sent(CURL *easy, const struct message *m, bool http2)
{
    long request = 0;
    curl_easy_getinfo(easy, CURLINFO_REQUEST_SIZE, &request);
    return add_body_sent(easy, m, http2, (uint64_t)request);
}

void curl_outcome(CURL *easy, const struct curl_seen *seen, const struct message *m,
                  struct outcome *o)
{
    long status = 0, version = 0;

    memset(o, 0, sizeof *o);
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(easy, CURLINFO_HTTP_VERSION, &version);
    o->status = status > 0 && status < 1000 ? (unsigned)status : 0;
    o->new_connection = seen->connected;
    o->http2 = version == CURL_HTTP_VERSION_2_0;
    o->body_bytes = seen->body_bytes;
    o->bytes_in = seen->header_bytes + seen->wire_bytes;
    o->bytes_out = bytes_sent(easy, m, o->http2);
    o->retry_after_s = retry_after_s(easy, o->status);
    o->first_byte_us = info_us(easy, CURLINFO_STARTTRANSFER_TIME_T);
    if (seen->connected) {
        o->dns_us = info_us(easy, CURLINFO_NAMELOOKUP_TIME_T);
        o->connect_us = info_us(easy, CURLINFO_CONNECT_TIME_T);
        o->tls_us = info_us(easy, CURLINFO_APPCONNECT_TIME_T);
    }
    o->reason = "";
    o->body = seen->body;
    o->body_len = seen->body_kept;
}

_Static_assert(PROFILE_DEFAULT_BODY_CAP == UINT64_C(64) << 20, "own_reason says so");

static const char *stop_reason(enum fail f)
{
    switch (f) {
    case FAIL_CUT_HEADERS:
        return "the connection was closed inside the reply's headers";
    case FAIL_BODY_TOO_BIG:
        return "the reply's body is larger than 64 MiB, and no more of one is read";
    case FAIL_HEADER_TOO_BIG:
        return "the reply's headers are larger than 256 KiB with its trailers, or one of them "
               "than 100 KB, and no more is read";
    case FAIL_CLIENT_FDS:
        return "no file descriptor left on this machine (ulimit -n)";
    case FAIL_CLIENT_PORTS:
        return "no local port left on this machine (net.ipv4.ip_local_port_range)";
    case FAIL_CLIENT_FILE:
        return "the file to send is shorter than when the profile was read, or unreadable";
    default:
        return NULL;
    }
}

/* Was it sent to a port that speaks the other thing?  A sentence then. */
static const char *wrong_port_reason(const struct curl_seen *seen, enum fail f, CURLcode rc)
{
    if (seen->tls && f == FAIL_TLS)
        return wrong_port_handshake(seen->error, seen->answered);
    if (!seen->tls && !seen->answered && seen->header_bytes == 0 &&
        (f == FAIL_EMPTY_REPLY || (f == FAIL_RESET && rc == CURLE_RECV_ERROR)))
        return wrong_port_silence();
    return NULL;
}

void curl_seen_not_http(struct curl_seen *seen, const char *data, size_t len)
{
    const char *words = wrong_port_bytes(data, len);
    seen->stop = STOP_NOT_HTTP;
    snprintf(seen->words, sizeof seen->words, "%s",
             words != NULL ? words : "the reply is not HTTP: it has no status line");
}

/* The error buffer may hold the text of an earlier problem (a retried connection),
 * so it is only used where it belongs to the code. */
static const char *failure_reason(const struct curl_seen *seen, enum fail f, CURLcode rc)
{
    if (f == FAIL_REDIRECT && seen->stop == STOP_REDIRECT)
        return "a redirect leads to another host, which is not followed";
    if (f == FAIL_RESET && stream_was_refused(seen))
        return "the target refused the HTTP/2 stream (REFUSED_STREAM)";
    if (seen->stop == STOP_HTTP_1_1)
        return "the target wants HTTP/1.1 for this (HTTP_1_1_REQUIRED): leave out http2";
    if (f == FAIL_RESET && seen->end == KEPT_RESET)
        return "the target reset a kept connection before it replied";
    if (f == FAIL_EMPTY_REPLY && connection_was_dropped(seen))
        return "the target closed a kept connection before it replied";
    if (seen->own != FAIL_NONE && seen->error[0] != '\0')
        return seen->error;
    if (seen->words[0] != '\0' && (f == FAIL_DECODE || f == FAIL_PROTOCOL))
        return seen->words;
    if (wrong_port_reason(seen, f, rc) != NULL)
        return wrong_port_reason(seen, f, rc);
    if (stop_reason(f) != NULL)
        return stop_reason(f);
    if (rc == CURLE_OK)
        return "";
    if (seen->error[0] != '\0' && rc != CURLE_TOO_MANY_REDIRECTS)
        return seen->error;
    return curl_easy_strerror(rc);
}

void curl_verdict(CURL *easy, const struct curl_seen *seen, CURLcode rc, struct outcome *o)
{
    const char *words = NULL;
    o->fail = failure_of_code(easy, seen, rc);
    if (o->fail != FAIL_NONE)
        o->reason = failure_reason(seen, o->fail, rc);
    else if (o->status == 400 && !seen->tls)
        words = wrong_port_body(seen->body, seen->body_kept);
    if (words != NULL)
        o->reason = words;
}

static const char *phase_text(CURL *easy, const struct curl_seen *seen, const struct outcome *o)
{
    if (o->first_byte_us != 0 || o->status != 0)
        return "while the reply was coming in";
    if (info_us(easy, CURLINFO_PRETRANSFER_TIME_T) != 0)
        return "waiting for the first byte";
    if (info_us(easy, CURLINFO_CONNECT_TIME_T) != 0 || (seen->tls && seen->reached))
        return seen->answered ? "in the TLS handshake"
                              : "in the TLS handshake: perhaps https to a plain port";
    if (info_us(easy, CURLINFO_NAMELOOKUP_TIME_T) != 0)
        return "while connecting";
    return "while resolving the name";
}

void curl_phase(CURL *easy, const struct curl_seen *seen, struct outcome *o)
{
    o->reason = phase_text(easy, seen, o);
}
