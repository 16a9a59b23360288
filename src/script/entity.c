/* SPDX-License-Identifier: MIT */
#include "src/script/entity.h"

#include <string.h>

#include "src/base/num.h"

static const struct {
    const char *name;
    uint32_t character;
} ascii_names[] = {
    {"amp", '&'},    {"lt", '<'},       {"gt", '>'},        {"quot", '"'},    {"apos", '\''},
    {"Tab", '\t'},   {"NewLine", '\n'}, {"excl", '!'},      {"num", '#'},     {"dollar", '$'},
    {"percnt", '%'}, {"lpar", '('},     {"rpar", ')'},      {"ast", '*'},     {"plus", '+'},
    {"comma", ','},  {"period", '.'},   {"sol", '/'},       {"colon", ':'},   {"semi", ';'},
    {"equals", '='}, {"quest", '?'},    {"commat", '@'},    {"lsqb", '['},    {"lbrack", '['},
    {"bsol", '\\'},  {"rsqb", ']'},     {"rbrack", ']'},    {"Hat", '^'},     {"lowbar", '_'},
    {"grave", '`'},  {"lcub", '{'},     {"lbrace", '{'},    {"verbar", '|'},  {"vert", '|'},
    {"rcub", '}'},   {"rbrace", '}'},   {"hyphen", 0x2010}, {"dash", 0x2010},
};

/* U+00A0 to U+00FF, in order. */
static const char *const latin_names[96] = {
    "nbsp",   "iexcl",  "cent",   "pound",  "curren", "yen",    "brvbar", "sect",   "uml",
    "copy",   "ordf",   "laquo",  "not",    "shy",    "reg",    "macr",   "deg",    "plusmn",
    "sup2",   "sup3",   "acute",  "micro",  "para",   "middot", "cedil",  "sup1",   "ordm",
    "raquo",  "frac14", "frac12", "frac34", "iquest", "Agrave", "Aacute", "Acirc",  "Atilde",
    "Auml",   "Aring",  "AElig",  "Ccedil", "Egrave", "Eacute", "Ecirc",  "Euml",   "Igrave",
    "Iacute", "Icirc",  "Iuml",   "ETH",    "Ntilde", "Ograve", "Oacute", "Ocirc",  "Otilde",
    "Ouml",   "times",  "Oslash", "Ugrave", "Uacute", "Ucirc",  "Uuml",   "Yacute", "THORN",
    "szlig",  "agrave", "aacute", "acirc",  "atilde", "auml",   "aring",  "aelig",  "ccedil",
    "egrave", "eacute", "ecirc",  "euml",   "igrave", "iacute", "icirc",  "iuml",   "eth",
    "ntilde", "ograve", "oacute", "ocirc",  "otilde", "ouml",   "divide", "oslash", "ugrave",
    "uacute", "ucirc",  "uuml",   "yacute", "thorn",  "yuml"};

static int entity_digit(char c, unsigned base)
{
    int digit = num_hex_digit(c);
    return digit < (int)base ? digit : -1;
}

static uint32_t numbered_entity(const char *text, size_t len, size_t *used)
{
    enum { DIGITS_MAX = 10 };
    unsigned base = len > 2 && (text[2] == 'x' || text[2] == 'X') ? 16 : 10;
    size_t from = base == 16 ? 3 : 2, at = from;
    uint64_t n = 0;
    for (int digit; at < len && at < from + DIGITS_MAX; at++) {
        if ((digit = entity_digit(text[at], base)) < 0)
            break;
        n = n * base + (unsigned)digit;
    }
    if (at == from || n >= 0x110000 || (n >= 0xd800 && n < 0xe000))
        return 0;
    *used = at + (at < len && text[at] == ';');
    return (uint32_t)n;
}

uint32_t entity_read(const char *text, size_t len, size_t *used)
{
    enum { NAME_MAX_BYTES = 8 };
    if (len < 3 || text[0] != '&')
        return 0;
    if (text[1] == '#')
        return numbered_entity(text, len, used);
    size_t room = len - 1 < NAME_MAX_BYTES ? len - 1 : NAME_MAX_BYTES;
    const char *end = memchr(text + 1, ';', room);
    size_t n = end != NULL ? (size_t)(end - text) - 1 : 0;
    if (n == 0)
        return 0;
    *used = n + 2;
    for (size_t i = 0; i < sizeof ascii_names / sizeof *ascii_names; i++)
        if (strlen(ascii_names[i].name) == n && memcmp(ascii_names[i].name, text + 1, n) == 0)
            return ascii_names[i].character;
    for (uint32_t i = 0; i < 96; i++)
        if (strlen(latin_names[i]) == n && memcmp(latin_names[i], text + 1, n) == 0)
            return 0xa0 + i;
    return 0;
}
