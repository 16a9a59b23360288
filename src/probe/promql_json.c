/* SPDX-License-Identifier: MIT */
#include "src/probe/promql_json.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/clean.h"

/* Adds a point, [1795215954.440, "0.4142"]: the number is a text, since it may be "NaN" or
 * "+Inf". */
static void add_result_point(struct promql_reply *out, const json_t *point)
{
    const char *text = json_string_value(json_array_get(point, 1));
    const json_t *at = json_array_get(point, 0);
    char *end;
    if (text == NULL || !json_is_number(at))
        return;
    double v = strtod(text, &end);
    out->n++;
    out->at_s = json_number_value(at);
    if (end == text || *end != '\0' || isnan(v))
        return;
    out->max = out->known == 0 || v > out->max ? v : out->max;
    out->sum += v;
    out->known++;
}

/* Returns the newest value of a range. */
static const json_t *newest_value(const json_t *series)
{
    const json_t *values = json_object_get(series, "values");
    return json_array_get(values, json_array_size(values) - 1);
}

static bool add_query_result(struct promql_reply *out, const json_t *data)
{
    const char *type = json_string_value(json_object_get(data, "resultType"));
    const json_t *result = json_object_get(data, "result");
    if (type == NULL || !json_is_array(result))
        return false;
    if (strcmp(type, "scalar") == 0) {
        add_result_point(out, result);
        return true;
    }
    bool range = strcmp(type, "matrix") == 0;
    if (!range && strcmp(type, "vector") != 0)
        return false;
    for (size_t i = 0; i < json_array_size(result); i++) {
        const json_t *one = json_array_get(result, i);
        add_result_point(out, range ? newest_value(one) : json_object_get(one, "value"));
    }
    return true;
}

bool promql_json(const char *text, size_t len, struct promql_reply *out)
{
    *out = (struct promql_reply){.at_s = NAN};
    json_t *root = json_loadb(text, len, JSON_DECODE_INT_AS_REAL, NULL);
    const char *status = json_string_value(json_object_get(root, "status"));
    bool known = false;
    if (status != NULL && strcmp(status, "success") == 0) {
        known = out->ok = add_query_result(out, json_object_get(root, "data"));
    } else if (status != NULL && strcmp(status, "error") == 0) {
        const char *why = json_string_value(json_object_get(root, "error"));
        if (why == NULL || clean_text(out->error, sizeof out->error, why, strlen(why)) == 0)
            snprintf(out->error, sizeof out->error, "no reason given");
        known = true;
    }
    json_decref(root);
    return known;
}
