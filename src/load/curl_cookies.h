/* SPDX-License-Identifier: MIT */
/* curl_cookies.h - a user's cookies are bounded: libcurl keeps whatever a target sets (7.88 sends
 * no more than 8 KB of it, or 150).
 *
 * Private to src/load.  The worker's thread only. */
#ifndef RAMPTOP_LOAD_CURL_COOKIES_H
#define RAMPTOP_LOAD_CURL_COOKIES_H

#include <curl/curl.h>
#include <stddef.h>

/* Returns the bytes of memory that a cookie of so many bytes of text takes. */
size_t curl_cookie_cost(size_t len);
/* Forgets the oldest cookies in `share` beyond `most` bytes, down to three quarters of that;
 * returns the bytes that are left. */
size_t curl_cookies_trim(CURLSH *share, size_t most);

#endif
