/* SPDX-License-Identifier: MIT */
/* ring.h - bounded single-producer, single-consumer queue of fixed-size values.
 *
 * One worker pushes, the collector drains.  The element size is set at creation
 * (struct sample, struct note).
 *
 * Properties   Bounded, lock-free, wait-free on both sides; FIFO; no element is
 *              lost, doubled or torn.  A push into a full ring fails and is
 *              counted; the count is part of every report.
 * Operation    Two free-running 64-bit counters: `tail` (pushed so far, written
 *              by the producer) and `head` (taken so far, written by the
 *              consumer); element i lives in slot i mod capacity.  Each side
 *              keeps a private copy of the other's counter and reads the shared
 *              one only when the copy says full or empty, so in the usual case
 *              a push touches no cache line that the consumer writes.
 * Safety       ring_push:                 the producer thread only.
 *              ring_drain:                the consumer thread only.
 *              ring_fill, ring_lost:      any thread, a moment's picture.
 *              ring_create, ring_destroy: while neither side runs.
 *
 *   written by | field | order           | read by   | why
 *   producer   | tail  | release/acquire | consumer  | the element is whole before it counts
 *   consumer   | head  | release/acquire | producer  | the slot was read before it is written again
 *   producer   | lost  | relaxed         | any       | a figure, orders nothing
 */
#ifndef RAMPTOP_STATS_RING_H
#define RAMPTOP_STATS_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ring;

/* capacity is rounded up to a power of two, at least 2. */
struct ring *ring_create(size_t capacity, size_t element_size);
void ring_destroy(struct ring *r); /* NULL is fine */

/* Copies one element in.  False when full: the element is dropped and counted. */
bool ring_push(struct ring *r, const void *element);

/* Copies up to max elements out, oldest first; returns how many. */
size_t ring_drain(struct ring *r, void *out, size_t max);

size_t ring_capacity(const struct ring *r);
size_t ring_fill(const struct ring *r);   /* elements waiting */
uint64_t ring_lost(const struct ring *r); /* pushes that failed since creation */

#endif
