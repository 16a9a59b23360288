/* SPDX-License-Identifier: MIT */
/* The ring of src/stats/ring.c as a model: one producer that pushes N numbered
 * elements and drops when full, one consumer that drains in batches of 1..SLOTS.
 *
 * Spin knows no weak memory, so the model says it itself: what release promises is
 * modelled as the order of the steps (slot before tail, slot read before head), and
 * every step that touches shared memory is its own, so all interleavings are tried.
 * -DLATE_SLOT and -DEARLY_HEAD break that order, as a relaxed store could; the
 * script that runs the model expects Spin to find the fault in both.
 *
 * Counters are free-running and wrap at WRAP (a multiple of SLOTS), as the 64-bit
 * ones would after 2^64 elements. */
#ifndef SLOTS
#define SLOTS 4
#endif
#ifndef N
#define N 10
#endif
#define WRAP (2 * SLOTS)
#define DISTANCE(a, b) (((a) + WRAP - (b)) % WRAP)
#define EMPTY 0

byte slot[SLOTS]; /* the element's number, 1..N */
byte tail, head;  /* shared counters */
byte lost;        /* pushes that failed */
bool done;        /* the producer has ended */

byte taken;       /* elements that the consumer got */
byte refused;     /* numbers that the producer knows it dropped */
bool dropped[N + 1];

active proctype producer()
{
    byte number = 1, my_tail, head_seen;
    do
    :: number > N -> break
    :: else ->
        if
        :: DISTANCE(my_tail, head_seen) == SLOTS -> head_seen = head /* acquire */
        :: else
        fi;
        if
        :: DISTANCE(my_tail, head_seen) == SLOTS ->
            d_step { lost++; refused++; dropped[number] = true }
        :: else ->
#ifdef LATE_SLOT
            tail = (my_tail + 1) % WRAP;
            slot[my_tail % SLOTS] = number;
#else
            slot[my_tail % SLOTS] = number;
            tail = (my_tail + 1) % WRAP; /* release */
#endif
            my_tail = (my_tail + 1) % WRAP
        fi;
        assert(DISTANCE(my_tail, head) <= SLOTS);
        number++
    od;
    done = true
}

active proctype consumer()
{
    byte my_head, tail_seen, max, n, i, got, newest;
    bool last;
    do
    ::  last = done;
        if
        :: max = 1
        :: max = SLOTS - 1
        :: max = SLOTS
        fi;
        if
        :: DISTANCE(tail_seen, my_head) < max -> tail_seen = tail /* acquire */
        :: else
        fi;
        n = DISTANCE(tail_seen, my_head);
        if
        :: n > max -> n = max
        :: else
        fi;
        if
        :: n == 0 && last -> break
        :: else
        fi;
#ifdef EARLY_HEAD
        head = (my_head + n) % WRAP;
#endif
        i = 0;
        do
        :: i == n -> break
        :: else ->
            got = slot[(my_head + i) % SLOTS];
            /* no empty slot, no old element, no repeat, nothing skipped but what was dropped */
            d_step {
                assert(got != EMPTY && got > newest && got <= N);
                newest++;
                do
                :: newest < got -> assert(dropped[newest]); newest++
                :: else -> break
                od;
                assert(!dropped[got]);
                taken++
            };
            i++
        od;
        my_head = (my_head + n) % WRAP;
#ifndef EARLY_HEAD
        head = my_head; /* release */
#endif
        n = 0; i = 0; got = 0; max = 0
    od;
    assert(taken + refused == N && lost == refused);
    assert(head == tail)
}
