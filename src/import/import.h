/* SPDX-License-Identifier: MIT */
/* import.h - a pasted curl command or a recorded browser session -> a profile's text.
 *
 *   words --curl.h--\
 *                    transcript.h --correlate, secrets, arrange--> write.h -> text
 *   HAR  --har.h----/
 *
 * Nothing is executed or asked for: text in, text out; files that a command names are read
 * by the caller's function alone.  The text is a profile that ramptop.cfg(5) describes, with a
 * comment that says what was left out or changed.
 *
 * Passwords, tokens, cookies and what looks like one do not appear in it: they become
 * variables whose values come from the environment, and the comment names them. */
#ifndef RAMPTOP_IMPORT_IMPORT_H
#define RAMPTOP_IMPORT_IMPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "src/base/err.h"

#define IMPORT_MAX_BYTES (64u * 1024 * 1024) /* size of a HAR file */

struct import_options {
    bool keep_secrets;             /* print them as they are */
    bool keep_static;              /* HAR: images, fonts, style sheets, scripts too */
    bool keep_all_hosts;           /* HAR: requests to every host */
    const char *const *keep_hosts; /* HAR: and to these, "cdn.example.org"; borrowed */
    size_t n_keep_hosts;
    /* curl: reads a file whose content is a part of the request (-d @FILE), as curl would; in
     * memory that is then freed.  import_read_file is one; NULL: none is read. */
    bool (*read_file)(const char *file, char **text, size_t *len, struct err *e);
};

/* The words after `import curl`: one that holds a whole pasted command ("Copy as cURL"), or
 * the words of one, with or without "curl" in front.  o may be NULL.  On success
 * *profile_text is the caller's to free. */
bool import_curl(char *const *words, size_t n, const struct import_options *o, char **profile_text,
                 struct err *e);

/* The text of a HAR 1.2 file of len bytes, up to IMPORT_MAX_BYTES; name stands for the file
 * in messages and in the profile's comment.  Otherwise as import_curl. */
bool import_har(const char *name, const char *text, size_t len, const struct import_options *o,
                char **profile_text, struct err *e);

/* The commented profile of `ramptop new`, profiles/starter.cfg. */
const char *import_starter(void);

/* For main: a regular file of up to IMPORT_MAX_BYTES, or standard input for "-", in memory
 * that the caller frees; and a file that must not be there yet. */
bool import_read_file(const char *file, char **text, size_t *len, struct err *e);
bool import_write_new(const char *file, const char *text, struct err *e);

#endif
