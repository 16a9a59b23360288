/* SPDX-License-Identifier: MIT */
#include "src/script/condition.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"
#include "src/base/words.h"
#include "src/script/generate.h"
#include "src/script/number.h"
#include "src/script/pattern.h"
#include "src/script/template.h"

#define BLANKS " \t\r\n"

/* `!=` is == negated. */
enum op {
    OP_NONE,
    OP_EQUAL,
    OP_LESS,
    OP_LESS_EQUAL,
    OP_MORE,
    OP_MORE_EQUAL,
    OP_CONTAINS,
    OP_MATCHES
};

enum operand_kind {
    OPERAND_GIVEN, /* the value that a check looks at */
    OPERAND_TEXT,
    OPERAND_SLOT,
    OPERAND_STATUS,
    OPERAND_TEMPLATE,
};

struct operand {
    enum operand_kind kind;
    char *text; /* TEXT */
    size_t len;
    uint32_t slot;
    struct template *template;
};

struct condition {
    bool negated;
    enum op op;
    struct operand left, right;
    struct pattern *pattern; /* MATCHES: in the place of the right operand */
};

/* The condition that is being read. */
struct reader {
    const char *at;
    struct names *names;
    bool names_count; /* a bare word is a name, not a text */
    struct err *e;
};

/* ------------------------------------------------------------------------ operands */

/* "...": the text without quotes and escapes; NULL when it is not closed. */
static char *operand_read_quoted(struct reader *r)
{
    struct buf text = {0};
    for (r->at++; *r->at != '\0' && *r->at != '"'; r->at++) {
        if (*r->at == '\\' && (r->at[1] == '"' || r->at[1] == '\\'))
            r->at++;
        buf_char(&text, *r->at);
    }
    if (*r->at == '"') {
        r->at++;
        return buf_take(&text);
    }
    buf_finish(&text);
    err_set(r->e, "a quoted text is not closed");
    return NULL;
}

/* Up to a blank, or an operator if one may follow; ${...} is not looked into. */
static char *operand_read_bare(struct reader *r, bool is_left)
{
    const char *start = r->at;
    while (*r->at != '\0' && strchr(is_left ? BLANKS "=!<>~\"" : BLANKS, *r->at) == NULL) {
        if (strncmp(r->at, "${", 2) == 0)
            r->at += strcspn(r->at, "}");
        r->at += *r->at != '\0';
    }
    return mem_strndup(start, (size_t)(r->at - start));
}

static bool operand_take_text(struct operand *o, const char *text)
{
    o->kind = OPERAND_TEXT;
    o->text = mem_strdup(text);
    o->len = strlen(text);
    return true;
}

/* Takes a template.  A text that is always the same is rendered now, but a secret stays where it
 * is. */
static bool take_template(struct reader *r, struct operand *o, const char *text)
{
    struct scope nobody = {0};
    struct buf rendered = {0};
    o->kind = OPERAND_TEMPLATE;
    o->template = template_compile(text, ENCODE_PLAIN, r->names, r->e);
    if (o->template == NULL || !template_is_fixed(o->template) || template_is_secret(o->template))
        return o->template != NULL;
    bool ok = template_render(o->template, &nobody, &rendered, r->e);
    if (ok) {
        template_free(o->template);
        o->template = NULL;
        o->kind = OPERAND_TEXT;
        o->len = rendered.len;
        o->text = buf_take(&rendered);
    }
    buf_finish(&rendered);
    return ok;
}

static bool operand_take_place(struct reader *r, struct operand *o, const char *word)
{
    char *text = mem_printf("${%s}", word);
    bool ok = take_template(r, o, text);
    free(text);
    return ok;
}

static bool unknown_word(struct reader *r, const char *word)
{
    const char *near = names_nearest(r->names, word);
    if (near != NULL)
        return err_set(r->e, "\"%.80s\" is not a variable (did you mean \"%s\"?)", word, near);
    return err_set(r->e, "\"%.80s\" is not a variable; a text stands in quotes", word);
}

static bool is_feeder_column(struct reader *r, const char *word)
{
    size_t len = strcspn(word, ".");
    char *head = mem_strndup(word, len);
    bool yes = word[len] == '.' && names_find(r->names, head).kind == NAME_FEEDER;
    free(head);
    return yes;
}

static bool is_literal(const char *word)
{
    return number_is(word, strlen(word)) || strcmp(word, "true") == 0 ||
           strcmp(word, "false") == 0 || strcmp(word, "null") == 0;
}

/* In a `when`. */
static bool operand_take_name(struct reader *r, struct operand *o, const char *word)
{
    struct named named = names_find(r->names, word);
    if (strcmp(word, "status") == 0) {
        o->kind = OPERAND_STATUS;
        return true;
    }
    switch (named.kind) {
    case NAME_SLOT:
        o->kind = OPERAND_SLOT;
        o->slot = named.index;
        return true;
    case NAME_CONSTANT:
        return operand_take_text(o, named.text);
    case NAME_SECRET:
        return operand_take_place(r, o, word);
    case NAME_FEEDER:
        return err_set(r->e, "\"%s\" is a feeder: its columns have values, as %s.NAME", word, word);
    case NAME_NONE:
        break;
    }
    if (is_literal(word))
        return operand_take_text(o, word);
    if (is_feeder_column(r, word) || generator_is(word))
        return operand_take_place(r, o, word);
    return unknown_word(r, word);
}

static bool take_bare(struct reader *r, struct operand *o, const char *word)
{
    if (strstr(word, "${") != NULL)
        return take_template(r, o, word);
    if (r->names_count)
        return operand_take_name(r, o, word);
    if (names_find(r->names, word).kind != NAME_NONE)
        return err_set(r->e, "\"%s\" is a variable: write ${%s} for its value, or put it in quotes",
                       word, word);
    return operand_take_text(o, word);
}

static bool read_operand(struct reader *r, struct operand *o, bool is_left)
{
    bool quoted = *r->at == '"';
    char *text = quoted ? operand_read_quoted(r) : operand_read_bare(r, is_left);
    if (text == NULL)
        return false;
    bool ok;
    if (!quoted && *text == '\0' && is_left)
        ok = err_set(r->e, "something to ask about is missing before \"%.20s\"", r->at);
    else if (!quoted && *text == '\0')
        ok = err_set(r->e, "there is nothing behind the operator");
    else if (quoted)
        ok = strstr(text, "${") != NULL ? take_template(r, o, text) : operand_take_text(o, text);
    else
        ok = take_bare(r, o, text);
    free(text);
    return ok;
}

/* ----------------------------------------------------------------------- operators */

static const struct {
    const char *sign;
    enum op op;
    bool negated;
} operators[] = {
    {"==", OP_EQUAL, false},          {"!=", OP_EQUAL, true},         {"<=", OP_LESS_EQUAL, false},
    {">=", OP_MORE_EQUAL, false},     {"<", OP_LESS, false},          {">", OP_MORE, false},
    {"contains", OP_CONTAINS, false}, {"matches", OP_MATCHES, false},
};
#define OPERATORS (sizeof operators / sizeof operators[0])

/* The operators that other languages have in their place. */
static const struct {
    const char *sign, *meant;
} slips[] = {
    {"=", "=="},
    {"===", "=="},
    {"!==", "!="},
    {"<>", "!="},
    {"=<", "<="},
    {"=>", ">="},
    {"=~", "matches"},
    {"~=", "matches"},
    {"~", "matches"},
    {"is", "=="},
    {"eq", "=="},
    {"equals", "=="},
    {"ne", "!="},
    {"lt", "<"},
    {"gt", ">"},
    {"le", "<="},
    {"ge", ">="},
    {"has", "contains"},
    {"includes", "contains"},
    {"like", "matches"},
};

static bool unknown_operator(struct reader *r, const char *sign)
{
    static const char *const words[] = {"contains", "matches", NULL};
    const char *meant = words_nearest(sign, words);
    for (size_t i = 0; i < sizeof slips / sizeof slips[0]; i++) {
        if (strcmp(slips[i].sign, sign) == 0)
            meant = slips[i].meant;
    }
    if (meant != NULL)
        return err_set(r->e, "%.40s is not an operator here (did you mean %s?)", sign, meant);
    if (strcmp(sign, "and") == 0 || strcmp(sign, "or") == 0 || *sign == '&' || *sign == '|')
        return err_set(r->e,
                       "a condition asks one thing: %.40s is not known here; put one inside "
                       "another, or write two",
                       sign);
    return err_set(r->e,
                   "%.40s is not an operator; there are == != < <= > >= contains matches "
                   "(a text with blanks stands in quotes)",
                   sign);
}

/* The operator at r->at, which moves behind it. */
static bool read_operator(struct reader *r, struct condition *c)
{
    bool is_sign = strchr("=!<>~", *r->at) != NULL;
    size_t len = is_sign ? strspn(r->at, "=!<>~") : strcspn(r->at, BLANKS "\"");
    char *sign = mem_strndup(r->at, len);
    bool ok = false;
    for (size_t i = 0; i < OPERATORS && !ok; i++) {
        ok = strcmp(operators[i].sign, sign) == 0;
        c->op = operators[i].op;
        c->negated = operators[i].negated;
    }
    if (!ok)
        unknown_operator(r, sign);
    free(sign);
    r->at += len;
    r->at += strspn(r->at, BLANKS);
    return ok;
}

/* A regular expression goes to the end of the text: it may hold blanks and operators. */
static bool read_pattern(struct reader *r, struct condition *c)
{
    char *text;
    if (*r->at == '"') {
        text = operand_read_quoted(r);
    } else {
        size_t len = strlen(r->at);
        while (len > 0 && strchr(BLANKS, r->at[len - 1]) != NULL)
            len--;
        text = mem_strndup(r->at, len);
        r->at += strlen(r->at);
    }
    if (text == NULL)
        return false;
    if (*text == '\0')
        err_set(r->e, "there is nothing behind the operator");
    else
        c->pattern = pattern_compile(text, r->e);
    free(text);
    return c->pattern != NULL;
}

static bool read_rest(struct reader *r, struct condition *c)
{
    bool negated = c->negated;
    r->at += strspn(r->at, BLANKS);
    if (*r->at == '\0')
        return true;
    if (!read_operator(r, c))
        return false;
    if (negated)
        return err_set(r->e, "not stands before one operand alone; the opposite of == is !=");
    if (c->op == OP_MATCHES ? !read_pattern(r, c) : !read_operand(r, &c->right, false))
        return false;
    r->at += strspn(r->at, BLANKS);
    if (*r->at != '\0')
        return err_set(r->e, "\"%.40s\" is too much: a text with blanks stands in quotes", r->at);
    return true;
}

struct condition *condition_compile(const char *text, struct names *names, struct err *e)
{
    struct reader r = {text + strspn(text, BLANKS), names, true, e};
    struct condition *c = mem_zalloc(sizeof *c);
    if (strncmp(r.at, "not", 3) == 0 && r.at[3] != '\0' && strchr(BLANKS, r.at[3]) != NULL) {
        c->negated = true;
        r.at += 3 + strspn(r.at + 3, BLANKS);
    }
    if (*r.at == '\0')
        err_set(e, "the condition is empty");
    else if (read_operand(&r, &c->left, true) && read_rest(&r, c))
        return c;
    condition_free(c);
    return NULL;
}

struct condition *condition_compile_rest(const char *rest, bool negated, struct names *names,
                                         struct err *e)
{
    struct reader r = {rest, names, false, e};
    struct condition *c = mem_zalloc(sizeof *c);
    c->left.kind = OPERAND_GIVEN;
    c->negated = negated;
    if (read_rest(&r, c))
        return c;
    condition_free(c);
    return NULL;
}

static void finish_operand(struct operand *o)
{
    free(o->text);
    template_free(o->template);
}

void condition_free(struct condition *c)
{
    if (c == NULL)
        return;
    finish_operand(&c->left);
    finish_operand(&c->right);
    pattern_free(c->pattern);
    free(c);
}

bool condition_wants_all(const struct condition *c)
{
    return c->negated;
}

static void operand_uses(const struct operand *o, void (*slot)(uint32_t index, void *arg),
                         void (*feeder)(uint32_t index, void *arg), void *arg)
{
    if (o->kind == OPERAND_SLOT && slot != NULL)
        slot(o->slot, arg);
    if (o->template != NULL)
        template_uses(o->template, slot, feeder, arg);
}

void condition_uses(const struct condition *c, void (*slot)(uint32_t index, void *arg),
                    void (*feeder)(uint32_t index, void *arg), void *arg)
{
    operand_uses(&c->left, slot, feeder, arg);
    operand_uses(&c->right, slot, feeder, arg);
}

/* ---------------------------------------------------------------------- evaluation */

/* NULL where it has no value. */
static const char *operand_value(const struct operand *o, struct scope *scope, struct buf *scratch,
                                 size_t *len)
{
    switch (o->kind) {
    case OPERAND_TEXT:
        *len = o->len;
        return o->text;
    case OPERAND_SLOT:
        *len = scope->values[o->slot].len;
        return scope->values[o->slot].set ? scope->values[o->slot].text : NULL;
    case OPERAND_STATUS:
        buf_clear(scratch);
        buf_printf(scratch, "%u", scope->status);
        *len = scratch->len;
        return scratch->data;
    case OPERAND_TEMPLATE:
        buf_clear(scratch);
        buf_text(scratch, "");
        if (!template_render(o->template, scope, scratch, NULL))
            return NULL;
        *len = scratch->len;
        return scratch->data;
    case OPERAND_GIVEN:
        break;
    }
    return NULL;
}

static bool text_is_word(const char *text, size_t len, const char *word)
{
    return len == strlen(word) && memcmp(text, word, len) == 0;
}

static bool has_substance(const char *text, size_t len)
{
    return len > 0 && !number_is_zero(text, len) && !text_is_word(text, len, "false") &&
           !text_is_word(text, len, "null");
}

static bool operands_compare(enum op op, const char *a, size_t a_len, const char *b, size_t b_len)
{
    if (op == OP_EQUAL && a_len == b_len && memcmp(a, b, a_len) == 0)
        return true;
    int order;
    if (!number_compare(a, a_len, b, b_len, &order)) {
        if (op == OP_EQUAL)
            return false;
        order = memcmp(a, b, a_len < b_len ? a_len : b_len);
        order = order != 0 ? order : (a_len > b_len) - (a_len < b_len);
    }
    return op == OP_EQUAL        ? order == 0
           : op == OP_LESS       ? order < 0
           : op == OP_LESS_EQUAL ? order <= 0
           : op == OP_MORE       ? order > 0
                                 : order >= 0;
}

static bool comparison_holds(const struct condition *c, const char *left, size_t len,
                             struct scope *scope)
{
    size_t right_len = 0;
    if (left == NULL)
        return false;
    if (c->op == OP_NONE)
        return has_substance(left, len);
    if (c->op == OP_MATCHES)
        return pattern_matches(c->pattern, left, len);
    const char *right = operand_value(&c->right, scope, &scope->scratch[1], &right_len);
    if (right == NULL)
        return false;
    if (c->op == OP_CONTAINS)
        return right_len == 0 || memmem(left, len, right, right_len) != NULL;
    return operands_compare(c->op, left, len, right, right_len);
}

bool condition_holds_for(const struct condition *c, const char *left, size_t len,
                         struct scope *scope)
{
    return comparison_holds(c, left, len, scope) != c->negated;
}

bool condition_holds(const struct condition *c, struct scope *scope)
{
    size_t len = 0;
    const char *left = operand_value(&c->left, scope, &scope->scratch[0], &len);
    return condition_holds_for(c, left, len, scope);
}
