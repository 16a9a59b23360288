/* SPDX-License-Identifier: MIT */
/* human.h - figures as people read and write them.
 *
 * The format functions write at most size bytes with the final NUL and return
 * out, so that they can stand in a printf.  Digits use `,` between thousands and
 * `.` for the fraction whatever the locale.  Figures never get wider than what
 * the comment says, so that columns stay aligned. */
#ifndef RAMPTOP_BASE_HUMAN_H
#define RAMPTOP_BASE_HUMAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HUMAN_MAX 32

/* 0, 999, 41,022, 1,234,567 */
char *human_count(char *out, size_t size, uint64_t n);
/* 41.0k, 1.23M: at most 5 wide */
char *human_short(char *out, size_t size, double n);
/* 0, 0.42, 97.1, 318.4, 1,238, 12,345: a rate per second */
char *human_rate(char *out, size_t size, double per_s);
/* 1.15 %, 0 %, 100 %, 12.3 %; a share that is not 0 never reads "0 %", and what is less than
 * all never "100 %": 99.97 % */
char *human_percent(char *out, size_t size, double percent);
/* 850 us, 3.1 ms, 71 ms, 934 ms, 1.2 s, 61 s, 12.4 min: at most 7 wide; tight leaves out the blank */
char *human_us(char *out, size_t size, double us, bool tight);
/* 850 us, 3.10 ms, 71.4 ms, 934 ms, 1.23 s: three digits, for a figure that stands by itself */
char *human_us_exact(char *out, size_t size, double us);
/* 00:12:41, 100:00:00, of whole seconds; 00:00:00 for what is before the start or not known */
char *human_clock(char *out, size_t size, double seconds);
/* 14 s, above two minutes 00:02:31: for how long something is so */
char *human_age(char *out, size_t size, double seconds);
/* 512 B, 4.2 KB, 268 MB (powers of 1024) */
char *human_bytes(char *out, size_t size, double bytes);

/* "90", "90s", "1m30s", "2h", "500ms", "1.5s": true and nanoseconds, or false if
 * it is not a duration, is negative, or is over 10 years.  A bare number is
 * seconds. */
bool human_parse_duration(const char *text, uint64_t *ns);
/* "250", "10k", "1.5k", "2m"/"2M": true and the count, or false. */
bool human_parse_count(const char *text, uint64_t *n);

#endif
