/* SPDX-License-Identifier: MIT */
#include "src/stats/fail.h"

#include <string.h>

#include "src/base/hash.h"

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
                       "A variable in it has no value; look at the request that should have "
                       "captured it."},
    [FAIL_CHECK] = {"check", "The reply is not what a check of the profile wants; its name stands "
                             "before the message."},
    [FAIL_CAPTURE] = {"capture", "The reply does not hold what the profile captures; the "
                                 "variable's name stands before the message."},
    [FAIL_CLIENT_FILE] = {"file (client)",
                          "A file that the profile sends has changed or cannot be read; read the "
                          "profile again."},
    [FAIL_CLIENT_DENIED] = {"denied (client)",
                            "This machine does not let the connection out; look at its firewall's "
                            "output rules and what confines this process (a sandbox, SELinux, "
                            "AppArmor)."},
    [FAIL_CLIENT_NETWORK] = {"network (client)",
                             "This machine has no such network: it is down, or IPv4 or IPv6 is "
                             "turned off; look at ip addr and the target's addresses."},
    [FAIL_CLIENT_REQUEST] = {"request (client)",
                             "What the profile makes of it is no request, mostly as a value in its "
                             "URL does not belong there; the sample message tells more."},
    [FAIL_CLIENT_FAULT] = {"fault (client)",
                           "Something of this machine that the generator needs has failed, and the "
                           "sample message says what; use fewer users, or look at limits and free "
                           "memory."},
};

const char *fail_word(enum fail f)
{
    return (unsigned)f < FAIL_KINDS ? kinds[f].word : kinds[FAIL_OTHER].word;
}

const char *fail_explain(enum fail f)
{
    return (unsigned)f < FAIL_KINDS ? kinds[f].explain : kinds[FAIL_OTHER].explain;
}

const char *fail_explain_status(enum fail f, unsigned status)
{
    if (f != FAIL_STATUS)
        return fail_explain(f);
    switch (status) {
    case 400:
    case 422:
        return "The target finds the request wrong; look at its body, its parameters and its "
               "Content-Type.";
    case 401:
        return "The target wants a login: there is none, it is wrong, or the target has forgotten "
               "it; look at on_start and auth.";
    case 403:
        return "The target does not let this user; look at its rights, at a CSRF token, or at a "
               "firewall before the target.";
    case 404:
        return "Nothing is there; look at the path and at the ids in it.";
    case 405:
        return "The target does not take this method there.";
    case 413:
        return "The body is larger than the target takes.";
    case 429:
        return "The target limits how often it may be asked; ramptop limits shows where, and "
               "expect = [200, 429] makes it a success.";
    case 502:
    case 504:
        return "The proxy before the target got no answer from it; look at the proxy's log and "
               "time-outs.";
    case 503:
        return "The target has no room for more, or is shut; look at its workers, queues and "
               "pools.";
    default:
        return status < 400 ? "The profile does not expect this status; if it is right, it belongs "
                              "into expect."
                            : fail_explain(f);
    }
}

bool fail_is_client(enum fail f)
{
    switch (f) {
    case FAIL_CLIENT_PORTS:
    case FAIL_CLIENT_FDS:
    case FAIL_CLIENT_MEMORY:
    case FAIL_NO_VALUE:
    case FAIL_CLIENT_FILE:
    case FAIL_CLIENT_DENIED:
    case FAIL_CLIENT_NETWORK:
    case FAIL_CLIENT_REQUEST:
    case FAIL_CLIENT_FAULT:
        return true;
    default:
        return false;
    }
}

/* Two names of one endpoint that fall together share a row, nothing worse. */
uint16_t fail_detail(const char *name)
{
    return (uint16_t)(hash_bytes(HASH_BEGIN, name, strlen(name)) % UINT16_MAX + 1);
}
