/* SPDX-License-Identifier: MIT */
/* own_fault.h - which errors of the system are this machine's and not the target's.
 *
 * What connect, send, socket or epoll_ctl say is the target's or the network's only for the few
 * errors that come from there: a refusal, a reset, no way to it, no answer.  All others say
 * something of the machine that the load is made on, and such a request must not be counted
 * against the target.  Pure. */
#ifndef RAMPTOP_LOAD_OWN_FAULT_H
#define RAMPTOP_LOAD_OWN_FAULT_H

#include "src/stats/fail.h"

/* FAIL_NONE for 0 and for errors that come from beyond this machine. */
enum fail own_fault(int error);

#endif
