/* SPDX-License-Identifier: MIT */
/* Any keys in the console: prompts, completion, history, the command line and the keys of
 * the views, joined as ui/dash.c joins them.  Characters are keys; a byte that begins none
 * is a key such as up or f1. */
#include "src/base/clean.h"
#include "tests/fuzz/fuzz.h"
#include "ui/actions.h"
#include "ui/keys.h"
#include "ui/prompt.h"
#include "ui/tty.h"

#define KEYS_AT_MOST 4096

static const char *const levels[] = {"smoke", "soak", "spät", NULL};
static const char *const profiles[] = {"profiles/shop.cfg", "profiles/späti.cfg", NULL};
static const char *const probes[] = {"redis:127.0.0.1:6379", "pöstgres", NULL};
static struct action_words words = {levels, profiles, probes};

struct console {
    struct prompt prompt;
    struct prompt_history history;
    struct action_view view;
    struct snap_run run;
    struct command pending;
};

static void send_command(struct console *c, const struct command *command)
{
    char said[256];
    must(fuzz_is_clean(command->text) && command->kind <= COMMAND_STOP);
    action_done_text(command, &c->run, said, sizeof said);
    must(strlen(said) < sizeof said);
    if (command->kind == COMMAND_USERS_SET) {
        must(command->n >= 0);
        if (command->n <= 1000000) /* the session refuses more */
            c->run.users_wanted = (uint32_t)command->n;
    } else if (command->kind == COMMAND_SPAWN_RATE) {
        must(command->rate > 0);
        c->run.spawn_rate = command->rate;
    } else if (command->kind == COMMAND_WINDOW) {
        must(command->n >= 0 && command->n < SNAP_WINDOWS);
        c->run.window = (enum snap_window)command->n;
    }
}

static void open_pick(struct console *c)
{
    prompt_pick(&c->prompt, PURPOSE_PICK, "level or profile");
    for (size_t i = 0; levels[i] != NULL; i++)
        prompt_add_item(&c->prompt, levels[i], "level");
    for (size_t i = 0; profiles[i] != NULL; i++)
        prompt_add_item(&c->prompt, profiles[i], "profile");
}

static void perform(struct console *c, const struct action *a)
{
    must(memchr(a->text, '\0', sizeof a->text) != NULL);
    switch (a->kind) {
    case ACTION_SEND:
        send_command(c, &a->command);
        break;
    case ACTION_CONFIRM:
        c->pending = a->command;
        prompt_confirm(&c->prompt, PURPOSE_CONFIRM, a->text);
        break;
    case ACTION_LINE:
        prompt_line(&c->prompt, (int)a->purpose, a->text, a->initial);
        if (a->purpose == PURPOSE_COMMAND) {
            c->prompt.complete = action_complete;
            c->prompt.complete_arg = &words;
            c->prompt.history = &c->history;
        }
        break;
    case ACTION_PICK:
        open_pick(c);
        break;
    case ACTION_FREEZE:
        c->view.state.frozen = !c->view.state.frozen;
        break;
    default:
        break;
    }
}

static void key_to_prompt(struct console *c, int key)
{
    int purpose = c->prompt.purpose;
    enum prompt_result r = prompt_key(&c->prompt, key);
    if (r == PROMPT_OPEN) {
        if (purpose == PURPOSE_FILTER)
            action_filter(&c->view.state, c->prompt.text);
        return;
    }
    c->prompt.kind = PROMPT_NONE;
    if (r == PROMPT_ACCEPTED && purpose == PURPOSE_CONFIRM) {
        send_command(c, &c->pending);
    } else if (r == PROMPT_ACCEPTED && purpose != PURPOSE_PICK) {
        struct action a =
            action_of_line((enum action_purpose)purpose, c->prompt.text, &c->run, &c->view);
        perform(c, &a);
    }
}

static void check(const struct console *c)
{
    const struct prompt *p = &c->prompt;
    const struct view_state *s = &c->view.state;
    must(p->len < sizeof p->text && strlen(p->text) == p->len && p->cursor <= p->len);
    must(fuzz_is_clean(p->text) && fuzz_is_clean(p->text + p->cursor));
    must(p->n_candidates <= PROMPT_ITEMS_MAX && c->history.n <= PROMPT_HISTORY_MAX);
    must(p->history_at <= c->history.n);
    must(p->kind != PROMPT_PICK || prompt_choice(p) <= PROMPT_ITEMS_MAX);
    must(view_place(view_shown(s)) < view_count() && s->sort < SORT_COLUMNS && s->chars < CHARSETS);
    must(s->cursor >= 0 && s->scroll >= 0 && fuzz_is_clean(view_filter(s)));
}

static int next_key(const uint8_t **data, size_t *size)
{
    uint32_t c;
    size_t n = clean_decode((const char *)*data, *size, &c);
    int key = n > 0 ? (int)c : TTY_KEY_BASE + 1 + (**data & 0x1f);
    *data += n > 0 ? n : 1;
    *size -= n > 0 ? n : 1;
    return key;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct console c;
    memset(&c, 0, sizeof c);
    c.run.users_wanted = 10;
    c.run.users_cap = size % 2 == 0 ? 0 : 500;
    c.run.level_users = 100;
    for (int i = 0; size > 0 && i < KEYS_AT_MOST; i++) {
        int key = next_key(&data, &size);
        struct action a;
        if (c.prompt.kind != PROMPT_NONE) {
            key_to_prompt(&c, key);
        } else {
            a = key == TTY_KEY_ESC ? action_of_escape(&c.view)
                                   : action_of_key(keys_action(key), &c.run, &c.view);
            perform(&c, &a);
        }
        check(&c);
    }
    return 0;
}
