/* SPDX-License-Identifier: MIT */
#include "src/probe/web.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/clean.h"
#include "src/base/mem.h"

void web_open(struct web *w, struct probe *p, const struct probe_spec *spec, const char *who,
              bool gzip)
{
    const char *host = strstr(spec->where, "://") + 3; /* the spec is checked */
    const char *rest = host + strcspn(host, "/?#");
    char *base = mem_strndup(spec->where, (size_t)(rest - spec->where));
    w->path = mem_strndup(rest, strcspn(rest, "#"));
    w->who = who;
    clean_text(w->place, sizeof w->place, host, strcspn(host, "?#"));
    w->http = http_open(&(struct http_config){
        .base = base,
        .user = spec->user,
        .password = spec->password,
        .bearer = spec->bearer,
        .insecure = spec->insecure,
        .gzip = gzip,
        .wake_fd = probe_wake_fd(p),
    });
    probe_where(p, "%s", w->place);
    free(base);
}

void web_close(struct web *w)
{
    http_close(w->http);
    free(w->path);
}

/* Returns the state and the sentence for a GET without reply; the messages of http_client.h end
 * without a full stop. */
static enum probe_state web_failure_state(const struct web *w, const struct http_failure *why,
                                          struct err *e)
{
    if (why->os_errno == ECONNREFUSED)
        err_set(e, "nobody listens at %s: is %s running, and is that its port?", w->place, w->who);
    else if (why->timed_out)
        err_set(e, "%s does not answer in time: it hangs, or its port is not reached.", w->place);
    else if (why->too_big)
        err_set(e, "%s answers with more than this probe takes: is it the right address?",
                w->place);
    else if (why->cut)
        err_set(e, "%s ended its reply early (%s).", w->place, why->text);
    else
        err_set(e, "%s cannot be asked: %s.", w->place, why->text);
    return PROBE_DOWN;
}

enum probe_state web_get(struct web *w, const char *path, uint64_t deadline_ns, struct buf *body,
                         long *status, struct err *e)
{
    struct http_failure why;
    *status = http_get(w->http, path, deadline_ns, body, &why);
    if (*status == 0 && why.woken)
        return PROBE_CONNECTING;
    return *status != 0 ? PROBE_LIVE : web_failure_state(w, &why, e);
}

enum probe_state web_refused(const struct web *w, long status, const char *missing, struct err *e)
{
    if (status == 401 || status == 403) {
        err_set(e,
                "%s refuses this machine or its log-in (status %ld): allow it there, or set user "
                "and password, or bearer.",
                w->place, status);
        return PROBE_DENIED;
    }
    if (status == 404)
        err_set(e, "%s is not there (status 404): %s", w->place, missing);
    else
        err_set(e, "%s answers with status %ld.", w->place, status);
    return status == 404 ? PROBE_DENIED : PROBE_DOWN;
}
