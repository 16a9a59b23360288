/* SPDX-License-Identifier: MIT */
/* RAMPTOP_* variables: every option has one. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "src/base/words.h"
#include "src/cli_table.h"

static bool has_variable(enum option_id id)
{
    return cli_table[id].group != CLI_OTHER;
}

/* "run-time" -> "RAMPTOP_RUN_TIME" */
static void variable_name(enum option_id id, char out[64])
{
    snprintf(out, 64, "RAMPTOP_%s%s", cli_table[id].group == CLI_FOR_DEMO ? "DEMO_" : "",
             cli_table[id].name);
    for (char *c = out; *c != '\0'; c++)
        *c = *c == '-' ? '_' : (char)toupper((unsigned char)*c);
}

static bool is_variable(const char *entry, const char *name)
{
    size_t len = strlen(name);
    return strncmp(entry, name, len) == 0 && entry[len] == '=';
}

/* Only near misses are mistakes: a cluster may set RAMPTOP_SERVICE_HOST and the like for
 * a service of our name. */
static bool unknown_variable(const char *entry, struct err *e)
{
    char names[OPT_COUNT][64], given[64];
    const char *list[OPT_COUNT + 1] = {NULL};
    size_t n = 0, len = strcspn(entry, "=");
    for (int id = 0; id < OPT_COUNT; id++) {
        if (has_variable((enum option_id)id)) {
            variable_name((enum option_id)id, names[n]);
            list[n] = names[n] + strlen("RAMPTOP_");
            n++;
        }
    }
    snprintf(given, sizeof given, "%.*s", len < sizeof given ? (int)len : 0, entry);
    const char *near = *given != '\0' ? words_nearest(given + strlen("RAMPTOP_"), list) : NULL;
    size_t a = near != NULL ? strlen(near) : 0, b = strlen(given) - (*given ? 8 : 0);
    if (near == NULL || a > b + 1 || b > a + 1 || toupper((unsigned char)given[8]) != *near)
        return true;
    return err_set(e, "unknown variable %s (did you mean RAMPTOP_%s?)", given, near);
}

static bool take_variable(const char *entry, struct options *o, struct err *e)
{
    char name[64];
    for (int id = 0; id < OPT_COUNT; id++) {
        variable_name((enum option_id)id, name);
        if (!has_variable((enum option_id)id) || !is_variable(entry, name))
            continue;
        const char *value = entry + strlen(name) + 1;
        if (*value == '\0') /* set to nothing: not set */
            return true;
        if (cli_table[id].arg == NULL)
            return cli_take_flag_word((enum option_id)id, name, value, o, e);
        return cli_take_value((enum option_id)id, name, value, o, e);
    }
    return unknown_variable(entry, e);
}

bool cli_take_environment(char **env, struct options *o, struct err *e)
{
    for (; env != NULL && *env != NULL; env++) {
        if (is_variable(*env, "NO_COLOR") && (*env)[9] != '\0')
            o->no_color = true;
        if (strncmp(*env, "RAMPTOP_", 8) == 0 && !take_variable(*env, o, e))
            return false;
    }
    return true;
}
