/* SPDX-License-Identifier: MIT */
/* request_engine.h - the engine of one thread: sends requests by a transport, times them,
 * validates their replies, tries them again.  Nothing here knows users, tasks or statistics:
 * who makes requests is a requester, which is called back.
 *
 *        request_run_begin              reply, time-out
 *   IDLE ------------------> IN_FLIGHT ------------------> IDLE, and its requester goes on
 *                              ^   `--- to be tried again: RETRY_WAIT --.
 *                              `------------- back-off over ------------'
 *
 * Private to src/load.  The engine's thread only. */
#ifndef RAMPTOP_LOAD_REQUEST_ENGINE_H
#define RAMPTOP_LOAD_REQUEST_ENGINE_H

#include <sys/epoll.h>

#include "src/load/compose.h"
#include "src/load/program.h"
#include "src/load/timers.h"
#include "src/load/transport.h"
#include "src/load/validate.h"
#include "src/script/scope.h"

struct gauge;
struct request;
struct request_run;

#define ENGINE_EVENTS 64

struct engine {
    const struct transport_ops *ops;
    struct transport *transport;
    uint64_t (*clock)(void); /* now_ns; tests have a time of their own */
    struct timers timers;
    struct gauge *gauge;   /* borrowed: figures of its requests */
    struct budget *budget; /* borrowed: its requests take tickets; NULL: they need none */
    struct request_run *oldest, *newest; /* in flight */
    uint64_t wake_ns;                    /* when the loop woke for this turn */
    uint64_t event_ns; /* when the event under way was picked up: before its reply was read */
    uint64_t off_ns;   /* since when nothing new is to be sent, 0: something is */
    bool hold, drain;  /* no attempt is sent for now; no failed request is tried again */
    int epoll_fd;
    int n_events; /* from the last engine_wait */
    struct epoll_event events[ENGINE_EVENTS];
};

/* Opens an engine with an epoll instance; errno tells why not.  engine_close is fine after a
 * failure of these two. */
bool engine_open(struct engine *en, const struct transport_ops *ops, struct gauge *gauge);
bool engine_open_transport(struct engine *en, struct resolver *resolver, struct err *e);
void engine_close(struct engine *en); /* all requests finished before */

/* Has engine_wait end when fd becomes readable.  edge: once for each time that it does. */
bool engine_watch(struct engine *en, int fd, bool edge);
/* When something is due: a timer, or the transport's own time. */
uint64_t engine_deadline(const struct engine *en);
/* Sleeps until something happens, timeout_ms at most.  True: a watched fd is readable. */
bool engine_wait(struct engine *en, int timeout_ms);
/* Gives the transport its events of the last engine_wait, then does what is due, or a part of it
 * when it is much. */
void engine_dispatch(struct engine *en);
/* The timers' part of it. */
void engine_on_time(struct engine *en, uint64_t now);

/* A ticket of -n for one more request. */
bool engine_take_ticket(struct engine *en);
/* Since when no request is begun any more, by order or as the tickets are spent; 0: some are. */
uint64_t engine_off_ns(const struct engine *en);

/* ------------------------------------------------------------------------ requests */

/* How an attempt ended; borrowed until the callback returns. */
struct attempt {
    const struct result *result;
    const struct outcome *outcome;
    uint64_t done_ns;
    uint64_t lag_ns; /* added by the generator itself: late start and late reading */
    bool timed_out;  /* by the engine's clock */
};

struct requester_ops {
    /* An attempt ended, or could not be sent.  Not called when it cannot be timed. */
    void (*attempt)(struct request_run *r, const struct attempt *a);
    /* No further attempt will be made: r is idle, and may be begun or finished from within.
     * status: of its reply, 0 for none. */
    void (*done)(struct request_run *r, enum fail fail, unsigned status, uint64_t now);
};

/* Makes requests: a user of a run or a client, whose struct begins with it. */
struct requester {
    struct timer timer; /* for the requester's own waits */
    const struct requester_ops *ops;
    struct engine *engine;
    const struct user_class *cls;
    const struct secrets *secrets; /* the profile's */
    struct scope scope;
    bool ending; /* a failed request is not tried again */
};

enum request_state { REQUEST_IDLE, REQUEST_IN_FLIGHT, REQUEST_RETRY_WAIT };

/* A request under way, on a channel of its own.  Zeroed and given its requester by
 * request_run_open. */
struct request_run {
    struct timer timer; /* first: a due timer is its request */
    struct requester *requester;
    struct channel *channel;
    const struct request *request;
    const struct message *message; /* the buf's, or one that is the same for all users */
    struct message_buf buf;
    struct request_run *older, *newer; /* IN_FLIGHT, by sent_ns */
    uint64_t due_ns;                   /* when it should have been sent */
    uint64_t sent_ns;
    uint64_t deadline_ns; /* IN_FLIGHT: its time-out; RETRY_WAIT: when it is sent again */
    unsigned retries;     /* further attempts so far */
    unsigned keep;        /* parts of the reply to keep besides what the profile asks for */
    enum request_state state;
    bool invalid; /* the program was stopped meanwhile: it cannot be timed */
};

/* Opens its channel, one more of the same requester if it has a `sibling`.  False: out of
 * memory. */
bool request_run_open(struct request_run *r, struct requester *requester, struct channel *sibling);
/* Sends it; fixed: composed already, or NULL.  False: it cannot be composed, which is the end of
 * an attempt. */
bool request_run_begin(struct request_run *r, const struct request *request,
                       const struct message_buf *fixed, uint64_t due, uint64_t now);
/* There is no channel for such a request: it is not sent, which is the end of an attempt. */
void request_run_fail_unsent(struct requester *requester, const struct request *request,
                             uint64_t due, uint64_t now);
/* The program was stopped: it cannot be timed any more, or is due now at the earliest. */
void request_run_invalidate(struct request_run *r, uint64_t now);
/* Makes no further attempt.  True: one was waited for, and `done` is not called. */
bool request_run_cancel_retry(struct request_run *r);
/* Gives up what is in flight without calling back, closes the channel, frees the message. */
void request_run_finish(struct request_run *r);

/* Lists what the words of that attempt must not tell. */
struct redaction request_run_redaction(const struct request_run *r, const struct attempt *a);

/* Failures before the target saw the request: refused, unreachable, DNS, TLS, this machine's. */
bool fail_never_connected(enum fail f);

/* The transport's done callback; run is a struct request_run. */
void request_run_on_outcome(void *run, const struct outcome *o, void *arg);

#endif
