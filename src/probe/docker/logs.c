/* SPDX-License-Identifier: MIT */
#include "src/probe/docker/logs.h"

#include <string.h>

#define PIECE 4096

static char lower_case_char(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

void docker_logs_init(struct docker_logs *l, const char *wanted, bool raw)
{
    memset(l, 0, sizeof *l);
    l->raw = raw;
    while (wanted[l->wanted_len] != '\0' && l->wanted_len < sizeof l->wanted - 1) {
        l->wanted[l->wanted_len] = lower_case_char(wanted[l->wanted_len]);
        l->wanted_len++;
    }
}

/* Searches a piece of a line, without its end.  The text may begin in the previous piece: its
 * last bytes are searched again together with this one. */
static void search_log_line(struct docker_logs *l, struct docker_logs_line *line, const char *data,
                            size_t len)
{
    char text[DOCKER_LOGS_WANTED + PIECE];
    memcpy(text, line->tail, line->len);
    for (size_t i = 0; i < len; i++)
        text[line->len + i] = lower_case_char(data[i]);
    size_t n = line->len + len;
    if (memmem(text, n, l->wanted, l->wanted_len) != NULL) {
        line->hit = true;
        l->matches++;
        return;
    }
    line->len = n < l->wanted_len ? n : l->wanted_len - 1;
    memcpy(line->tail, text + n - line->len, line->len);
}

static void search_log_text(struct docker_logs *l, struct docker_logs_line *line, const char *data,
                            size_t len)
{
    while (len > 0) {
        const char *end = memchr(data, '\n', len);
        size_t n = end != NULL ? (size_t)(end - data) : len;
        if (n > PIECE) {
            n = PIECE;
            end = NULL;
        }
        if (l->searched >= DOCKER_LOGS_BUDGET) {
            l->skipped += n;
        } else if (l->wanted_len > 0) {
            l->searched += n + 1;
            if (!line->hit)
                search_log_line(l, line, data, n);
        }
        if (end != NULL) {
            line->len = 0;
            line->hit = false;
            n++;
        }
        data += n;
        len -= n;
    }
}

static void begin_log_frame(struct docker_logs *l)
{
    const unsigned char *h = l->head;
    if (h[0] > 2 || h[1] != 0 || h[2] != 0 || h[3] != 0) {
        l->broken = true;
        return;
    }
    l->which = h[0] == 2;
    l->left = (uint32_t)h[4] << 24 | (uint32_t)h[5] << 16 | (uint32_t)h[6] << 8 | h[7];
    l->head_len = 0;
}

void docker_logs_feed(struct docker_logs *l, const char *data, size_t len)
{
    if (l->raw) {
        search_log_text(l, &l->lines[0], data, len);
        return;
    }
    while (len > 0 && !l->broken) {
        size_t n = len;
        if (l->left > 0) {
            if (n > l->left)
                n = l->left;
            search_log_text(l, &l->lines[l->which], data, n);
            l->left -= (uint32_t)n;
        } else {
            if (n > sizeof l->head - l->head_len)
                n = sizeof l->head - l->head_len;
            memcpy(l->head + l->head_len, data, n);
            l->head_len += n;
            if (l->head_len == sizeof l->head)
                begin_log_frame(l);
        }
        data += n;
        len -= n;
    }
}

double docker_logs_take(struct docker_logs *l, bool *sampled)
{
    double matches = (double)l->matches;
    *sampled = l->skipped > 0;
    if (l->skipped > 0)
        matches *= ((double)l->searched + (double)l->skipped) / (double)l->searched;
    l->matches = 0;
    l->searched = l->skipped = 0;
    return matches;
}
