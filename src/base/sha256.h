/* SPDX-License-Identifier: MIT */
/* sha256.h - SHA-256 (FIPS 180-4), to tell whether a file is the one that it was.  Any thread. */
#ifndef RAMPTOP_BASE_SHA256_H
#define RAMPTOP_BASE_SHA256_H

#include <stddef.h>
#include <stdint.h>

#define SHA256_HEX 65 /* digits with the NUL */

struct sha256 {
    uint32_t state[8];
    uint64_t len;
    unsigned char block[64];
};

void sha256_begin(struct sha256 *s);
void sha256_add(struct sha256 *s, const void *data, size_t len);
/* The digest in small hexadecimal digits; s is used up. */
void sha256_end(struct sha256 *s, char out[SHA256_HEX]);

#endif
