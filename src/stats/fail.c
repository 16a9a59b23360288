/* SPDX-License-Identifier: MIT */
#include "src/stats/fail.h"

static const struct {
    const char *word, *explain;
} kinds[FAIL_KINDS] = {
    [FAIL_NONE] = {"ok", "The request succeeded."},
    [FAIL_STATUS] = {"status",
                     "The target answered with a status that the profile does not expect; "
                     "look at the target's log."},
    [FAIL_TIMEOUT] = {"timeout", "No complete reply came within the time-out; the target is "
                                 "overloaded or hangs."},
    [FAIL_REFUSED] = {"refused", "Nothing accepts connections there; the target is down or its "
                                 "queue of new connections is full."},
    [FAIL_UNREACHABLE] = {"unreachable", "There is no way to the target; look at the network, the "
                                         "route and the firewall."},
    [FAIL_DNS] = {"dns",
                  "The target's name does not resolve; look at its spelling and the resolver."},
    [FAIL_TLS] = {"tls", "The TLS handshake failed or the certificate was not accepted; see "
                         "--insecure for self-signed ones."},
    [FAIL_RESET] = {"reset", "The connection was torn down; the target or a proxy before it "
                             "crashed, restarted or shed load."},
    [FAIL_EMPTY_REPLY] = {"empty reply", "The connection was closed before the first byte of a "
                                         "reply; the target dropped the request."},
    [FAIL_CUT_HEADERS] = {"cut headers", "The connection was closed inside the reply's headers; "
                                         "the target died while answering."},
    [FAIL_CUT_BODY] = {"cut body", "The connection was closed inside the reply's body; the target "
                                   "died or gave up while answering."},
    [FAIL_PROTOCOL] = {"protocol", "The reply is not proper HTTP; look at its status line, chunks "
                                   "and lengths."},
    [FAIL_HEADER_TOO_BIG] = {"header too big",
                             "The reply's headers are larger than ramptop accepts."},
    [FAIL_BODY_TOO_BIG] = {"body too big", "The reply's body is larger than ramptop accepts."},
    [FAIL_DECODE] = {"decode", "The reply's content encoding is damaged or unknown."},
    [FAIL_REDIRECT] = {"redirect", "There were too many redirects, or one led to where the profile "
                                   "does not allow."},
    [FAIL_CLIENT_PORTS] = {"no ports (client)",
                           "This machine has no free local port left; reuse connections, widen "
                           "net.ipv4.ip_local_port_range or use a second machine."},
    [FAIL_CLIENT_FDS] = {"no files (client)",
                         "This process may not open more files; raise the limit (ulimit -n)."},
    [FAIL_CLIENT_MEMORY] = {"no memory (client)",
                            "This machine is out of memory; use fewer users or a bigger machine."},
    [FAIL_OTHER] = {"other", "None of the known kinds; the sample message tells more."},
    [FAIL_NO_VALUE] = {"no value (client)",
                       "Not sent: a variable in it has no value; look at the request that should "
                       "have captured it."},
    [FAIL_CHECK] = {"check", "The reply is not what a check of the profile wants; its name stands "
                             "before the message."},
    [FAIL_CAPTURE] = {"capture", "The reply does not hold what the profile captures; the "
                                 "variable's name stands before the message."},
    [FAIL_CLIENT_FILE] = {"file (client)",
                          "A file that the profile sends has changed or cannot be read; read the "
                          "profile again."},
};

const char *fail_word(enum fail f)
{
    return (unsigned)f < FAIL_KINDS ? kinds[f].word : kinds[FAIL_OTHER].word;
}

const char *fail_explain(enum fail f)
{
    return (unsigned)f < FAIL_KINDS ? kinds[f].explain : kinds[FAIL_OTHER].explain;
}

bool fail_is_client(enum fail f)
{
    return f == FAIL_CLIENT_PORTS || f == FAIL_CLIENT_FDS || f == FAIL_CLIENT_MEMORY ||
           f == FAIL_NO_VALUE || f == FAIL_CLIENT_FILE;
}

/* FNV-1a.  Two names of one endpoint that fall together share a row, nothing worse. */
uint16_t fail_detail(const char *name)
{
    uint32_t h = 2166136261u;
    for (; *name != '\0'; name++)
        h = (h ^ (unsigned char)*name) * 16777619u;
    return (uint16_t)(h % UINT16_MAX + 1);
}
