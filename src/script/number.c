/* SPDX-License-Identifier: MIT */
#include "src/script/number.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define FRACTION_TEXT_MAX 400 /* bytes of a number that is not whole */

struct number {
    const char *text; /* all of it */
    size_t len;
    const char *digits; /* before the point, without zeros in front */
    size_t n_digits;
    bool negative, whole;
};

static size_t count_digits(const char *text, size_t len)
{
    size_t n = 0;
    while (n < len && text[n] >= '0' && text[n] <= '9')
        n++;
    return n;
}

/* The bytes of ".5" and of "e-3", 0 where there is none; *ok false where it is broken. */
static size_t skip_fraction(const char *text, size_t len, bool *ok)
{
    size_t n = 0;
    if (n < len && text[n] == '.') {
        size_t digits = count_digits(text + 1, len - 1);
        *ok = digits > 0;
        n += 1 + digits;
    }
    if (n < len && (text[n] | 0x20) == 'e') {
        n++;
        n += n < len && (text[n] == '+' || text[n] == '-');
        size_t digits = count_digits(text + n, len - n);
        *ok = *ok && digits > 0;
        n += digits;
    }
    return n;
}

static bool number_parse(const char *text, size_t len, struct number *n)
{
    bool ok = true;
    *n = (struct number){.text = text, .len = len};
    n->negative = len > 0 && *text == '-';
    text += n->negative;
    len -= n->negative;
    size_t digits = count_digits(text, len);
    if (digits == 0)
        return false;
    size_t rest = skip_fraction(text + digits, len - digits, &ok);
    n->whole = rest == 0;
    n->digits = text;
    n->n_digits = digits;
    while (n->n_digits > 0 && *n->digits == '0') {
        n->digits++;
        n->n_digits--;
    }
    return ok && digits + rest == len && (n->whole || n->len < FRACTION_TEXT_MAX);
}

bool number_is(const char *text, size_t len)
{
    struct number n;
    return number_parse(text, len, &n);
}

static double to_double(const struct number *n)
{
    char text[FRACTION_TEXT_MAX];
    if (n->len >= sizeof text)
        return n->negative ? -HUGE_VAL : HUGE_VAL;
    memcpy(text, n->text, n->len);
    text[n->len] = '\0';
    return strtod(text, NULL);
}

bool number_is_zero(const char *text, size_t len)
{
    struct number n;
    if (!number_parse(text, len, &n))
        return false;
    return n.whole ? n.n_digits == 0 : to_double(&n) == 0;
}

static int compare_whole(const struct number *a, const struct number *b)
{
    int sign_a = a->n_digits == 0 ? 0 : a->negative ? -1 : 1;
    int sign_b = b->n_digits == 0 ? 0 : b->negative ? -1 : 1;
    if (sign_a != sign_b || sign_a == 0)
        return sign_a - sign_b;
    if (a->n_digits != b->n_digits)
        return a->n_digits > b->n_digits ? sign_a : -sign_a;
    int order = memcmp(a->digits, b->digits, a->n_digits);
    return order > 0 ? sign_a : order < 0 ? -sign_a : 0;
}

bool number_compare(const char *a, size_t a_len, const char *b, size_t b_len, int *order)
{
    struct number x, y;
    if (!number_parse(a, a_len, &x) || !number_parse(b, b_len, &y))
        return false;
    if (x.whole && y.whole) {
        *order = compare_whole(&x, &y);
    } else {
        double p = to_double(&x), q = to_double(&y);
        *order = (p > q) - (p < q);
    }
    return true;
}
