/* SPDX-License-Identifier: MIT */
/* encode.h - a value made fit for the place where it is put, and back.  Any thread. */
#ifndef RAMPTOP_SCRIPT_ENCODE_H
#define RAMPTOP_SCRIPT_ENCODE_H

#include <stdbool.h>
#include <stddef.h>

#include "src/base/buf.h"

/* The bytes that cannot stand as they are: each class is a bit, for encode_run. */
enum encode_class { ENCODE_NOT_URL = 1, ENCODE_NOT_JSON = 2, ENCODE_NOT_HEADER = 4 };

/* How many bytes from the front on may stand as they are. */
size_t encode_run(const char *text, size_t len, enum encode_class what);

/* Everything but A-Z a-z 0-9 - . _ ~ as %XX: fit for a path segment, a query and a form. */
void encode_percent(struct buf *out, const char *text, size_t len);
/* The same with a blank as +, as a form has it. */
void encode_form(struct buf *out, const char *text, size_t len);
/* For between the quotes of a JSON string; bytes that are not UTF-8 become U+FFFD. */
void encode_json(struct buf *out, const char *text, size_t len);
void encode_hex(struct buf *out, const void *data, size_t len);    /* lower case */
void encode_base64(struct buf *out, const void *data, size_t len); /* RFC 4648, padded */
void encode_unsigned(struct buf *out, unsigned long long n);       /* decimal digits */

/* Appends the text without its %XX and, with plus, with blanks for +.  What is no encoding
 * stays as it is. */
void encode_undo_percent(struct buf *out, const char *text, size_t len, bool plus);
/* Appends the bytes of base64, of either alphabet, padded or not.  False, and nothing is
 * appended, when it is none. */
bool encode_undo_base64(struct buf *out, const char *text, size_t len);

#endif
