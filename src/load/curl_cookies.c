/* SPDX-License-Identifier: MIT */
#include "src/load/curl_cookies.h"

#include <string.h>

size_t curl_cookie_cost(size_t len)
{
    return len + 256; /* libcurl's struct and its five texts, rounded by malloc */
}

/* libcurl lists the cookies of a host from the oldest to the newest. */
static void cookies_put_back(CURL *easy, const struct curl_slist *c, size_t too_many)
{
    curl_easy_setopt(easy, CURLOPT_COOKIELIST, "ALL"); /* forgets them */
    for (; c != NULL; c = c->next) {
        size_t cost = curl_cookie_cost(strlen(c->data));
        if (too_many == 0)
            curl_easy_setopt(easy, CURLOPT_COOKIELIST, c->data);
        else
            too_many = too_many > cost ? too_many - cost : 0;
    }
}

static size_t cookies_trim_by(CURL *easy, size_t most)
{
    struct curl_slist *all = NULL;
    size_t bytes = 0, left = 0;
    curl_easy_getinfo(easy, CURLINFO_COOKIELIST, &all);
    for (const struct curl_slist *c = all; c != NULL; c = c->next)
        bytes += curl_cookie_cost(strlen(c->data));
    left = bytes;
    if (bytes > most) {
        left = most / 4 * 3;
        cookies_put_back(easy, all, bytes - left);
    }
    curl_slist_free_all(all);
    return left;
}

/* The handle is a new one: that of a reply with 50 cookies takes no more of them until its next
 * request, not of us either, and all that is put back would be lost. */
size_t curl_cookies_trim(CURLSH *share, size_t most)
{
    size_t left = most; /* without memory for a handle it is tried again when more have come */
    CURL *easy = curl_easy_init();
    if (easy != NULL && curl_easy_setopt(easy, CURLOPT_SHARE, share) == CURLE_OK)
        left = cookies_trim_by(easy, most);
    curl_easy_cleanup(easy);
    return left;
}
