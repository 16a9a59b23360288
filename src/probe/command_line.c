/* SPDX-License-Identifier: MIT */
#include "src/probe/command_line.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool is_value_name_char(char c)
{
    return isalnum((unsigned char)c) || strchr("_.:-", c) != NULL;
}

/* Copies a name of allowed characters; false when it does not fit. */
static bool copy_value_name(const char *text, size_t len, char *out, size_t size)
{
    if (len == 0 || len >= size)
        return false;
    for (size_t i = 0; i < len; i++)
        if (text[i] == '\0' || !is_value_name_char(text[i]))
            return false;
    memcpy(out, text, len);
    out[len] = '\0';
    return true;
}

static bool parse_value_names(const char *text, size_t len, struct command_value *out)
{
    const char *slash = memchr(text, '/', len);
    size_t group = slash != NULL ? (size_t)(slash - text) : 0;
    if (slash == NULL)
        return copy_value_name(text, len, out->name, sizeof out->name);
    return copy_value_name(text, group, out->group, sizeof out->group) &&
           copy_value_name(slash + 1, len - group - 1, out->name, sizeof out->name);
}

static bool parse_value_number(char **at, double *out)
{
    char *end;
    *out = strtod(*at, &end);
    if (end == *at || !isfinite(*out))
        return false;
    *at = end;
    return true;
}

bool command_line(const char *line, size_t len, struct command_value *out)
{
    char text[160], *at = text;
    *out = (struct command_value){.limit = NAN};
    while (len > 0 && isspace((unsigned char)line[len - 1]))
        len--;
    while (len > 0 && isspace((unsigned char)*line)) {
        line++;
        len--;
    }
    if (len == 0 || len >= sizeof text || memchr(line, '\0', len) != NULL)
        return false;
    memcpy(text, line, len);
    text[len] = '\0';
    size_t name = strcspn(text, "= \t");
    at = text + name + strspn(text + name, " \t");
    at += *at == '=' ? 1 : 0;
    if (name == len || !parse_value_names(text, name, out) || !parse_value_number(&at, &out->value))
        return false;
    if (*at == '/') {
        at++;
        if (!parse_value_number(&at, &out->limit))
            return false;
    }
    at += strspn(at, " \t");
    out->percent = *at == '%';
    return at[out->percent ? 1 : 0] == '\0';
}
