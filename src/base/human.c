/* SPDX-License-Identifier: MIT */
#include "src/base/human.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/now.h"

#define CLOCK_MOST_S 1e15

char *human_count(char *out, size_t size, uint64_t n)
{
    char digits[24], grouped[32];
    int len = snprintf(digits, sizeof digits, "%llu", (unsigned long long)n);
    char *to = grouped;
    for (int i = 0; i < len; i++) {
        if (i > 0 && (len - i) % 3 == 0)
            *to++ = ',';
        *to++ = digits[i];
    }
    *to = '\0';
    snprintf(out, size, "%s", grouped);
    return out;
}

/* Three significant digits: the decimals that a value of this size still shows. */
static int decimals(double v)
{
    return v < 9.995 ? 2 : v < 99.95 ? 1 : 0;
}

char *human_short(char *out, size_t size, double n)
{
    static const char unit[] = {'\0', 'k', 'M', 'G', 'T'};
    size_t u = 0;
    while (n >= 999.5 && u + 1 < sizeof unit) {
        n /= 1000;
        u++;
    }
    if (u == 0)
        snprintf(out, size, "%.0f", n);
    else
        snprintf(out, size, "%.*f%c", decimals(n), n, unit[u]);
    return out;
}

char *human_rate(char *out, size_t size, double per_s)
{
    if (!(per_s > 0)) {
        snprintf(out, size, "0");
    } else if (per_s < 0.01) {
        snprintf(out, size, "<0.01");
    } else if (per_s < 9.995) {
        snprintf(out, size, "%.2f", per_s);
    } else if (per_s < 999.95) {
        snprintf(out, size, "%.1f", per_s);
    } else {
        human_count(out, size, (uint64_t)llround(per_s));
    }
    return out;
}

char *human_percent(char *out, size_t size, double percent)
{
    if (!(percent > 0))
        snprintf(out, size, "0 %%");
    else if (percent < 0.01)
        snprintf(out, size, "<0.01 %%");
    else if (percent >= 99.95 && percent < 100 - 1e-9) /* 100 % are all of them */
        snprintf(out, size, "%.2f %%", floor(percent * 100 + 1e-6) / 100);
    else
        snprintf(out, size, "%.*f %%", decimals(percent), percent);
    return out;
}

char *human_us(char *out, size_t size, double us, bool tight)
{
    const char *unit;
    double v;
    int d;
    if (us < 999.5) {
        v = us, unit = "us", d = 0;
    } else if (us < 999.5e3) {
        v = us / 1e3, unit = "ms", d = v < 9.95 ? 1 : 0;
    } else if (us < 99.95e6) {
        v = us / 1e6, unit = "s", d = 1;
    } else if (us < 599.5e6) {
        v = us / 1e6, unit = "s", d = 0;
    } else {
        v = us / 60e6, unit = "min", d = v < 99.95 ? 1 : 0;
    }
    snprintf(out, size, "%.*f%s%s", d, v, tight ? "" : " ", unit);
    return out;
}

char *human_us_exact(char *out, size_t size, double us)
{
    static const char *const unit[] = {"us", "ms", "s"};
    size_t u = 0;
    while (us >= 999.5 && u < 2) {
        us /= 1000;
        u++;
    }
    snprintf(out, size, "%.*f %s", u == 0 ? 0 : decimals(us), us, unit[u]);
    return out;
}

char *human_clock(char *out, size_t size, double seconds)
{
    unsigned long long s = seconds > 0 ? (unsigned long long)fmin(seconds, CLOCK_MOST_S) : 0;
    snprintf(out, size, "%02llu:%02llu:%02llu", s / 3600, s / 60 % 60, s % 60);
    return out;
}

char *human_age(char *out, size_t size, double seconds)
{
    if (seconds >= 120)
        return human_clock(out, size, seconds);
    snprintf(out, size, "%.0f s", seconds > 0 ? floor(seconds) : 0);
    return out;
}

char *human_bytes(char *out, size_t size, double bytes)
{
    static const char *const unit[] = {"B", "KB", "MB", "GB", "TB"};
    size_t u = 0;
    while (bytes >= 1023.5 && u < 4) {
        bytes /= 1024;
        u++;
    }
    snprintf(out, size, "%.*f %s", u == 0 ? 0 : bytes < 9.95 ? 1 : 0, bytes, unit[u]);
    return out;
}

/* A decimal number without sign, exponent, hex or locale; returns the end or NULL. */
static const char *parse_number(const char *s, double *value)
{
    double v = 0, scale = 1;
    const char *p = s;
    for (; isdigit((unsigned char)*p); p++)
        v = v * 10 + (*p - '0');
    size_t digits = (size_t)(p - s);
    if (*p == '.') {
        const char *dot = ++p;
        for (; isdigit((unsigned char)*p); p++)
            v += (*p - '0') * (scale /= 10);
        digits += (size_t)(p - dot);
    }
    *value = v;
    return digits > 0 ? p : NULL;
}

bool human_parse_duration(const char *text, uint64_t *ns)
{
    static const struct {
        const char *word;
        double s;
    } units[] = {{"ms", 1e-3}, {"us", 1e-6}, {"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}};
    double total = 0, last = INFINITY;
    const char *p = text;
    if (*p == '\0')
        return false;
    while (*p != '\0') {
        double v;
        const char *end = parse_number(p, &v);
        if (end == NULL)
            return false;
        double scale = 0;
        if (*end == '\0' && p == text) {
            scale = 1;
        } else {
            for (size_t i = 0; i < sizeof units / sizeof *units && scale == 0; i++) {
                size_t n = strlen(units[i].word);
                if (strncmp(end, units[i].word, n) == 0 && !isalpha((unsigned char)end[n])) {
                    scale = units[i].s;
                    end += n;
                }
            }
        }
        if (scale == 0 || scale >= last) /* 1m30s, not 30s1m or 1m1m */
            return false;
        last = scale;
        total += v * scale;
        p = end;
    }
    if (!(total <= 10 * 365.25 * 86400))
        return false;
    *ns = (uint64_t)llround(total * (double)NS_PER_S);
    return true;
}

bool human_parse_count(const char *text, uint64_t *n)
{
    double v;
    const char *end = parse_number(text, &v);
    if (end == NULL)
        return false;
    if (*end == 'k' || *end == 'K')
        v *= 1e3, end++;
    else if (*end == 'm' || *end == 'M')
        v *= 1e6, end++;
    if (*end != '\0' || v > 1e15 || v != floor(v))
        return false;
    *n = (uint64_t)v;
    return true;
}
