/* SPDX-License-Identifier: MIT */
/* decode.h - undoes the Content-Encoding of a reply's body, as it comes in: gzip, deflate, one
 * after the other up to DECODE_MAX of them.
 *
 * A gzip body may be several members in a row (RFC 1952, 2.2); deflate is zlib's format (RFC 9110,
 * 8.4.1.2) or, as some servers send it, without zlib's head.  Bytes behind the end are ignored,
 * as browsers do; a body that ends before its end is damaged.
 *
 * A decoder takes some 60 KB: they are lent by a pool while a body is under way.  A pool and its
 * decoders belong to one thread. */
#ifndef RAMPTOP_LOAD_DECODE_H
#define RAMPTOP_LOAD_DECODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DECODE_MAX 4 /* codings of one body */

struct decoders;
struct decoder;

struct decoders *decoders_create(void);
void decoders_destroy(struct decoders *all); /* all of its decoders were given back */

enum decode {
    DECODE_OK,
    DECODE_DAMAGED, /* also cut short, and by a coding that is not known */
    DECODE_TOO_BIG, /* `cap` bytes between two codings */
    DECODE_STOPPED  /* the sink did not want more */
};

/* Takes decoded bytes; false: no more. */
typedef bool decode_sink(void *arg, const char *data, size_t len);

/* For a body with that Content-Encoding ("gzip", "deflate, gzip"); to be given back.  One that is
 * not known shows when there are bytes to decode: replies without a body may name any. */
struct decoder *decoder_lend(struct decoders *all, const char *codings, size_t len, uint64_t cap);
void decoder_return(struct decoders *all, struct decoder *d); /* NULL is fine */

enum decode decoder_feed(struct decoder *d, const char *data, size_t len, decode_sink *sink,
                         void *arg);
/* The body is over. */
enum decode decoder_end(struct decoder *d);
/* After DECODE_DAMAGED, one sentence, which may hold text of the reply's headers; valid until the
 * decoder is given back. */
const char *decoder_reason(const struct decoder *d);

#endif
