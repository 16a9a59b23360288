/* SPDX-License-Identifier: MIT */
/* The words of the command line that belong to no option: what is to be done, with what. */
#include <stdio.h>
#include <string.h>

#include "src/base/words.h"
#include "src/cli/cli_table.h"
#include "src/cli/subcommand.h"

#define KINDS_MAX 8u
#define KINDS_TEXT 128

static size_t title_words(const struct subcommand *c)
{
    return (c->name != NULL) + (c->kind != NULL);
}

static bool is_called(const struct subcommand *c, const struct cli_words *w)
{
    return c->name != NULL && w->n >= title_words(c) && strcmp(w->items[0], c->name) == 0 &&
           (c->kind == NULL || strcmp(w->items[1], c->kind) == 0);
}

/* Returns the subcommand that the words call; the first one when they call none. */
static const struct subcommand *command_called(const struct cli_words *w)
{
    for (const struct subcommand *const *c = subcommands; *c != NULL; c++) {
        if (is_called(*c, w))
            return *c;
    }
    return subcommands[0];
}

bool cli_subject_given(const struct cli_words *w)
{
    const struct subcommand *c = command_called(w);
    return w->n > (c->missing != NULL ? title_words(c) : 0);
}

bool cli_rest_is_foreign(const struct cli_words *w)
{
    const struct subcommand *c = command_called(w);
    return c->foreign && w->n == title_words(c);
}

/* ------------------------------------------------------------- what goes together */

static bool takes_option(const struct subcommand *c, enum option_id id)
{
    return (c->options & UINT64_C(1) << id) != 0;
}

/* Complains about an option of other subcommands, and names these. */
static bool option_belongs(enum option_id id, struct err *e)
{
    char owners[4 * SUBCOMMAND_NAME] = "", title[SUBCOMMAND_NAME];
    size_t len = 0;
    for (const struct subcommand *const *c = subcommands; *c != NULL; c++) {
        if (!(*c)->is_apart && takes_option(*c, id) && len < sizeof owners)
            len += (size_t)snprintf(owners + len, sizeof owners - len, "%sramptop %s",
                                    len > 0 ? " and " : "", subcommand_title(*c, title));
    }
    return err_set(e, "--%s belongs to %s", cli_table[id].name, owners);
}

/* Complains about an option that the subcommand does not take. */
static bool option_misplaced(enum option_id id, const struct subcommand *c, struct err *e)
{
    bool is_load = id == OPT_USERS || id == OPT_LEVEL || id == OPT_SPAWN_RATE;
    const char *said = is_load ? c->load_is_said : NULL;
    char title[SUBCOMMAND_NAME];
    if (!takes_option(subcommands[0], id))
        return option_belongs(id, e);
    return err_set(e, "--%s does not go with ramptop %s%s%s", cli_table[id].name,
                   subcommand_title(c, title), said != NULL ? ", where " : "",
                   said != NULL ? said : "");
}

bool cli_goes_together(const struct options *flags, struct err *e)
{
    for (int id = 0; id < OPT_COUNT; id++) {
        if (cli_given(flags, (enum option_id)id) && id != OPT_DURATION &&
            !takes_option(flags->command, (enum option_id)id))
            return option_misplaced((enum option_id)id, flags->command, e);
    }
    if (!flags->command->is_apart && flags->no_probes && flags->probes.n > 0)
        return err_set(e, "--no-probes watches nothing and --probe something: leave one out");
    return true;
}

/* ---------------------------------------------------------------------- words */

bool cli_too_many(const char *word, struct err *e)
{
    return err_set(e, "what is \"%.*s\" for?", CLI_SHOWN, word);
}

bool cli_take_classes(struct options *o, char *const *words, size_t n, struct err *e)
{
    for (size_t i = 0; i < n; i++) {
        size_t len = strlen(words[i]);
        const char *host = strstr(words[i], "://"); /* a password may stand before the host */
        size_t shown = host != NULL ? (size_t)(host - words[i]) : len;
        if (host != NULL || len == 0 || (len > 4 && strcmp(words[i] + len - 4, ".cfg") == 0))
            return err_set(e, "one PROFILE or URL at a time: what is \"%.*s%s\" for?",
                           shown < CLI_SHOWN ? (int)shown : CLI_SHOWN, words[i],
                           host != NULL ? "://..." : "");
        cli_add_text(&o->classes, words[i]);
    }
    return true;
}

static bool take_profile_words(struct options *o, char *const *words, size_t n, struct err *e)
{
    o->subject = words[0];
    if (n > 1 && !o->command->names_classes)
        return cli_too_many(words[1], e);
    return cli_take_classes(o, words + 1, n - 1, e);
}

/* Collects the second words that go with a first one, and how they are listed; returns how many. */
static size_t kinds_of(const char *name, const char *kinds[KINDS_MAX + 1], char list[KINDS_TEXT])
{
    size_t n = 0, len = 0;
    *list = '\0';
    for (const struct subcommand *const *c = subcommands; *c != NULL && n < KINDS_MAX; c++) {
        if ((*c)->kind == NULL || strcmp(name, (*c)->name) != 0 || len >= KINDS_TEXT)
            continue;
        kinds[n++] = (*c)->kind;
        len += (size_t)snprintf(list + len, KINDS_TEXT - len, "%s%s", len > 0 ? " or " : "",
                                (*c)->kind);
    }
    kinds[n] = NULL;
    return n;
}

/* Complains about the second word of a command that needs one of these. */
static bool kind_is_wrong(const struct cli_words *w, const char *const *kinds, const char *list,
                          struct err *e)
{
    const char *first = w->items[0];
    if (w->n == 1)
        return err_set(e, "%s what? ramptop %s %s", first, first, list);
    const char *near = words_nearest(w->items[1], kinds);
    return err_set(e, "ramptop %s takes %s, not \"%.*s\"%s%s%s", first, list, CLI_SHOWN,
                   w->items[1], near != NULL ? " (did you mean " : "", near != NULL ? near : "",
                   near != NULL ? "?)" : "");
}

/* False when what seems to be a profile is a command that was mistyped, or that lacks its second
 * word. */
static bool may_be_profile(const struct cli_words *w, struct err *e)
{
    const char *kinds[KINDS_MAX + 1], *first = w->items[0];
    char list[KINDS_TEXT];
    if (kinds_of(first, kinds, list) > 0)
        return kind_is_wrong(w, kinds, list, e);
    if (w->n == 1 || strpbrk(first, "/.:@[") != NULL)
        return true;
    /* A bare word is no profile, and user classes stand behind it. */
    const char *near = words_nearest(first, subcommand_names());
    return near == NULL ||
           err_set(e, "unknown command %.*s (did you mean ramptop %s?)", CLI_SHOWN, first, near);
}

bool cli_take_words(struct options *o, const struct cli_words *w, struct err *e)
{
    if (o->command->is_apart) /* --help */
        return true;
    o->command = command_called(w);
    /* ramptop --serve: the command was forgotten */
    if (o->command == subcommands[0] &&
        !(w->n == 0 ? cli_goes_together(o, e) : may_be_profile(w, e)))
        return false;
    size_t n_called = title_words(o->command), n = w->n - n_called;
    char *const *words = n > 0 ? w->items + n_called : w->rest;
    n = n > 0 ? n : w->n_rest;
    if (o->command->missing != NULL && (n == 0 || *words[0] == '\0'))
        return err_set(e, "%s", o->command->missing);
    return (o->command->take != NULL ? o->command->take : take_profile_words)(o, words, n, e);
}
