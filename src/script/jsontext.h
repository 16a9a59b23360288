/* SPDX-License-Identifier: MIT */
/* jsontext.h - is a template's text JSON, whatever its places are filled with?
 *
 * For the reader of profiles: a forgotten comma or brace is found before the run, not by a
 * target that answers 400 to every request.  A place outside quotes counts as a value.  As it
 * may bring commas and brackets of its own, behind such a place only brackets and quotes are
 * held against the rules; so are texts nested deeper than JSON_TEXT_DEPTH not at all. */
#ifndef RAMPTOP_SCRIPT_JSONTEXT_H
#define RAMPTOP_SCRIPT_JSONTEXT_H

#include <stdbool.h>

#include "src/base/err.h"

#define JSON_TEXT_DEPTH 128

/* False with a half sentence.  An empty text is nothing to complain about. */
bool json_text_ok(const char *text, struct err *e);

#endif
