/* SPDX-License-Identifier: MIT */
#include "src/settings/read.h"

#include <libconfig.h>

#include "src/base/mem.h"
#include "src/settings/scan.h"

static enum node_kind setting_kind(const config_setting_t *s)
{
    switch (config_setting_type(s)) {
    case CONFIG_TYPE_GROUP:
        return NODE_GROUP;
    case CONFIG_TYPE_LIST:
        return NODE_LIST;
    case CONFIG_TYPE_ARRAY:
        return NODE_ARRAY;
    case CONFIG_TYPE_INT:
    case CONFIG_TYPE_INT64:
        return NODE_INT;
    case CONFIG_TYPE_FLOAT:
        return NODE_FLOAT;
    case CONFIG_TYPE_BOOL:
        return NODE_BOOL;
    default:
        return NODE_STRING;
    }
}

static void copy_node(struct node *n, const config_setting_t *s)
{
    /* The root has line 0. */
    unsigned line = config_setting_source_line(s);
    *n = (struct node){.kind = setting_kind(s),
                       .name = mem_strdup(config_setting_name(s)),
                       .line = line > 0 ? line : 1};
    switch (n->kind) {
    case NODE_INT:
        n->integer = config_setting_get_int64(s);
        n->number = (double)n->integer;
        break;
    case NODE_FLOAT:
        n->number = config_setting_get_float(s);
        break;
    case NODE_BOOL:
        n->integer = config_setting_get_bool(s);
        break;
    case NODE_STRING:
        n->string = mem_strdup(config_setting_get_string(s));
        break;
    case NODE_GROUP:
    case NODE_LIST:
    case NODE_ARRAY:
        n->n = (size_t)config_setting_length(s);
        n->items = mem_array(n->n + 1, sizeof *n->items);
        for (size_t i = 0; i < n->n; i++)
            copy_node(&n->items[i], config_setting_get_elem(s, (unsigned)i));
        break;
    }
}

bool settings_read(struct node *root, const struct source *s, struct problems *problems)
{
    config_t config;
    config_init(&config);
    bool seen = scan_source(s);
    bool ok = seen && config_read_string(&config, s->text) == CONFIG_TRUE;
    if (ok)
        copy_node(root, config_root_setting(&config));
    else if (!scan_explain(s, problems))
        source_problem(s, problems, seen ? (unsigned)config_error_line(&config) : 1, "%s.",
                       seen ? config_error_text(&config) : "syntax error");
    config_destroy(&config);
    return ok;
}
