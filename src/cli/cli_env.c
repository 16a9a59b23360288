/* SPDX-License-Identifier: MIT */
/* RAMPTOP_* variables: every option has one. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "src/base/words.h"
#include "src/cli/cli_table.h"

/* "run-time" -> "RAMPTOP_RUN_TIME"; false for what has no variable */
static bool variable_name(enum option_id id, char out[CLI_NAME_MAX])
{
    char name[CLI_NAME_MAX];
    bool has = cli_setting_name(id, name);
    snprintf(out, CLI_NAME_MAX, "RAMPTOP_%.50s", name);
    for (char *c = out; *c != '\0'; c++)
        *c = (char)toupper((unsigned char)*c);
    return has;
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
    char names[OPT_COUNT][CLI_NAME_MAX], given[64];
    const char *list[OPT_COUNT + 1] = {NULL};
    size_t n = 0, len = strcspn(entry, "=");
    for (int id = 0; id < OPT_COUNT; id++) {
        if (variable_name((enum option_id)id, names[n])) {
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
    char name[CLI_NAME_MAX];
    for (int id = 0; id < OPT_COUNT; id++) {
        if (!variable_name((enum option_id)id, name) || !is_variable(entry, name))
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
            cli_take_switch(OPT_NO_COLOR, true, o);
        if (strncmp(*env, "RAMPTOP_", 8) == 0 && !take_variable(*env, o, e))
            return false;
    }
    return true;
}
