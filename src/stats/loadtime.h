/* SPDX-License-Identifier: MIT */
/* loadtime.h - how long load was made: what the rates of a whole run divide by.
 *
 * Load is made from the start of a run until nothing new is sent any more: its run time or its
 * last stage is over, somebody stopped or held it or took all users away, the last request of
 * -n was sent.  The requests under way then are still answered: that is the drain.  They count
 * as requests, so the time in which users were still busy with them has to count as well, but
 * only as far as there still was load: a drain with one user of ten left is a tenth of it.
 *
 *     rate = requests / (load + busy / users)
 *
 *     load    the time in which load was made, without the stops of the program
 *     busy    from the end of the load on, the time until each user's last reply, added up;
 *             what is given up has none
 *     users   who made load when it ended
 *
 * So each user's requests are divided by the time that they took it, be there one or a million,
 * be the run short or the target slow: 5 users whose replies take 1.5 s make 3.33 requests per
 * second in a run of 2 s, of 3 s and of an hour.  Divided by the load alone, requests would
 * count that took longer; divided by load and drain, one slow reply would thin out all others.
 * (It is the ratio estimator of a renewal process that is watched until its cycle is complete,
 * which Wald's equation makes right for any distribution.)
 *
 * Times are now_ns().  One thread at a time. */
#ifndef RAMPTOP_STATS_LOADTIME_H
#define RAMPTOP_STATS_LOADTIME_H

#include <stdbool.h>
#include <stdint.h>

/* Private. */
struct loadtime {
    bool on;
    uint64_t since_ns;          /* on: since when load is made; else: when it ended */
    uint32_t users;             /* made it when it ended */
    uint64_t load_ns, drain_ns; /* spans that are over */
    double tail_ns;
    uint64_t busy_ns; /* up to where load was last begun */
};

struct load_spans {
    uint64_t load_ns;  /* load was made */
    uint64_t drain_ns; /* nothing new was sent, and the last replies came */
    uint64_t rate_ns;  /* rates over the run divide by it */
};

/* Load is made from now on.  busy_ns: what users were busy beyond ends of the load so far, of
 * all users together; it only grows. */
void loadtime_on(struct loadtime *t, uint64_t at_ns, uint64_t last_done_ns, uint64_t busy_ns);
/* Load ended then, with that many users.  Nothing, if it has ended before. */
void loadtime_off(struct loadtime *t, uint64_t at_ns, uint32_t users);
/* The program was stopped in between; last_done_ns as below. */
void loadtime_gap(struct loadtime *t, uint64_t from_ns, uint64_t to_ns, uint64_t last_done_ns);
/* last_done_ns: when the newest request was done; waits: there are some under way. */
struct load_spans loadtime_look(const struct loadtime *t, uint64_t now_ns, uint64_t last_done_ns,
                                bool waits, uint64_t busy_ns);

#endif
