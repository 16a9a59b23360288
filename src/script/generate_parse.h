/* SPDX-License-Identifier: MIT */
/* generate_parse.h - a generator as it is prepared; for generate.c and generate_parse.c. */
#ifndef RAMPTOP_SCRIPT_GENERATE_PARSE_H
#define RAMPTOP_SCRIPT_GENERATE_PARSE_H

#include <locale.h>
#include <stddef.h>
#include <stdint.h>

#include "src/script/generate.h"

/* The flags that may stand between the % of a date's format and its letter. */
#define GENERATE_DATE_FLAGS "-_0^"

/* In the order of generator_names. */
enum generator_kind {
    GENERATE_UUID,
    GENERATE_INT,
    GENERATE_FLOAT,
    GENERATE_CHOICE,
    GENERATE_WEIGHTED,
    GENERATE_NAME,
    GENERATE_EMAIL,
    GENERATE_SENTENCE,
    GENERATE_DATE,
    GENERATE_SEQ,
    GENERATE_HEX,
    GENERATE_BASE64,
    GENERATE_USER,
    GENERATE_ITERATION,
};

struct alternative {
    const char *text; /* into the generator's text */
    size_t len;
    uint64_t up_to; /* weighted: its weight and those before it */
};

struct generator {
    enum generator_kind kind;
    char *text;        /* the text behind the name; the format of a date */
    int64_t low, high; /* int; float: times 10^digits */
    unsigned digits;   /* float */
    uint64_t count;    /* words or bytes */
    uint32_t sequence; /* seq: index into scope->sequences */
    locale_t locale;   /* date: days and months in English wherever the program runs */
    struct alternative *alternatives; /* choice, weighted */
    size_t n;
};

#endif
