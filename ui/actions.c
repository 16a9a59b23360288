/* SPDX-License-Identifier: MIT */
#include "ui/actions.h"

#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "src/base/human.h"
#include "src/base/words.h"

#define BIG_STEPS 10
#define USERS_MAX 1000000

/* A single table for dispatch, completion and "did you mean". */
enum line_command {
    LINE_USERS,
    LINE_RATE,
    LINE_LEVEL,
    LINE_PROFILE,
    LINE_HOLD,
    LINE_GO,
    LINE_UNDO,
    LINE_PLAN,
    LINE_MARK,
    LINE_WINDOW,
    LINE_VIEW,
    LINE_FILTER,
    LINE_SORT,
    LINE_FREEZE,
    LINE_SAVE,
    LINE_PROBE,
    LINE_HELP,
    LINE_QUIT,
    LINE_COMMANDS
};

static const char *const command_names[LINE_COMMANDS + 1] = {
    "users", "rate",   "level", "profile", "hold", "go",    "undo", "plan", "mark", "window",
    "view",  "filter", "sort",  "freeze",  "save", "probe", "help", "quit", NULL};
static const char *const window_names[SNAP_WINDOWS + 1] = {"1s", "10s", "60s", "all", NULL};
static const char *const sort_names[SORT_COLUMNS + 1] = {
    "name", "rps", "requests", "failures", "p50", "p95", "p99", "max", NULL};

/* ------------------------------------------------------------------------- users */

static int64_t step_size(int64_t n)
{
    int64_t step = 1;
    while (n >= step * 100)
        step *= 10;
    return step;
}

static int64_t one_down(int64_t n)
{
    int64_t step = step_size(n - 1);
    int64_t border = step == 1 ? 0 : step * 10; /* where this step begins */
    return n - step < border ? border : n - step;
}

static int64_t one_up(int64_t n)
{
    int64_t step = step_size(n);
    int64_t border = step * 100;
    return n + step > border ? border : n + step;
}

int64_t action_step(int64_t n, int steps)
{
    for (; steps > 0 && n < USERS_MAX; steps--)
        n = one_up(n);
    for (; steps < 0 && n > 0; steps++)
        n = one_down(n);
    return n > USERS_MAX ? USERS_MAX : n;
}

/* Asks before a jump: a slip of the finger must not take a staging system down. */
static struct action ask_if_jump(const struct snap_run *run, int64_t n, struct action a)
{
    char from[HUMAN_MAX], to[HUMAN_MAX], cap[HUMAN_MAX];
    int64_t now = run->users_wanted;
    if (n <= now || n > USERS_MAX) /* the session says better what is too many */
        return a;
    human_count(from, sizeof from, (uint64_t)now);
    human_count(to, sizeof to, (uint64_t)n);
    human_count(cap, sizeof cap, run->users_cap);
    if (run->users_cap > 0 && n > (int64_t)run->users_cap)
        snprintf(a.text, sizeof a.text, "%s users are more than the profile's cap of %s: go there?",
                 to, cap);
    else if (n > 2 * now && n > ACTION_ASK_ABOVE)
        snprintf(a.text, sizeof a.text, "From %s to %s users is more than double: go there?", from,
                 to);
    else
        return a;
    a.kind = ACTION_CONFIRM;
    return a;
}

static struct action want_users(const struct snap_run *run, int64_t n)
{
    n = n < 0 ? 0 : n;
    return ask_if_jump(run, n, action_send(COMMAND_USERS_SET, n));
}

/* Asks first: a single key could make the load many times as large. */
static struct action back_to_plan(const struct snap_run *run)
{
    return ask_if_jump(run, run->level_users, action_send(COMMAND_RESUME_PLAN, 0));
}

/* "250", "10k", "+5", "-5": relative to what is wanted now. */
static struct action parse_users(const char *text, const struct snap_run *run)
{
    uint64_t n;
    bool relative = text[0] == '+' || text[0] == '-';
    if (text[0] == '\0')
        return action_nothing();
    if (!human_parse_count(text + relative, &n) || n > INT64_MAX / 2)
        return action_message(
            ACTION_REFUSE, "\"%.40s\" is not a number of users: write 250, 10k, +50 or -50.", text);
    if (text[0] == '-')
        return want_users(run, (int64_t)run->users_wanted - (int64_t)n);
    return want_users(run, (int64_t)n + (relative ? (int64_t)run->users_wanted : 0));
}

/* Digits with at most one point, whatever the locale's decimal sign; or 10k. */
static bool parse_rate(const char *text, double *rate)
{
    uint64_t n;
    if (human_parse_count(text, &n)) {
        *rate = (double)n;
        return true;
    }
    double value = 0, place = 0;
    size_t digits = 0;
    for (; *text != '\0'; text++) {
        if (*text == '.' && place == 0) {
            place = 1;
        } else if (isdigit((unsigned char)*text) && ++digits <= 15) {
            value = value * 10 + (*text - '0');
            place *= 10;
        } else {
            return false;
        }
    }
    *rate = place > 0 ? value / place : value;
    return digits > 0;
}

static struct action parse_spawn_rate(const char *text)
{
    struct action a = action_send(COMMAND_SPAWN_RATE, 0);
    if (text[0] == '\0')
        return action_nothing();
    if (!parse_rate(text, &a.command.rate) || !(a.command.rate > 0))
        return action_message(
            ACTION_REFUSE,
            "\"%.40s\" is not a spawn rate: write users per second, as in 10 or 0.5.", text);
    return a;
}

/* ------------------------------------------------------------------------- views */

static void show_view(struct action_view *v, const struct view_ops *view)
{
    const struct view_ops *before = view_shown(&v->state);
    if (before == view)
        return;
    if (before != &view_help)
        v->back = before;
    v->state.view = view;
    v->state.panel = PANEL_NONE;
    v->state.cursor = v->state.scroll = 0;
}

static void toggle_help(struct action_view *v)
{
    bool here = view_shown(&v->state) == &view_help;
    show_view(v, !here ? &view_help : v->back != NULL ? v->back : views[0]);
}

/* The view so many places further on the tab line. */
static void show_neighbour(struct action_view *v, size_t by)
{
    show_view(v, views[(view_place(view_shown(&v->state)) + by) % view_count()]);
}

/* The names of all views, NULL-terminated. */
static void view_names(const char *out[VIEWS_MAX + 1])
{
    size_t n = 0;
    for (; views[n] != NULL && n < VIEWS_MAX; n++)
        out[n] = views[n]->name;
    out[n] = NULL;
}

static void move_cursor(struct view_state *s, int rows)
{
    int64_t to = (int64_t)s->cursor + rows;
    s->cursor = to < 0 ? 0 : to > INT_MAX / 2 ? INT_MAX / 2 : (int)to;
}

/* Said with what is sorted: the keys work in views that show no endpoints too. */
static struct action sort_by(struct view_state *s, int column)
{
    s->sort = (enum sort_column)((column + SORT_COLUMNS) % SORT_COLUMNS);
    s->sort_up = false;
    return action_message(ACTION_SAY, "endpoints sorted by %s", sort_names[s->sort]);
}

static struct action sort_flip(struct view_state *s)
{
    s->sort_up = !s->sort_up;
    return action_message(ACTION_SAY, "endpoints sorted by %s, %s first", sort_names[s->sort],
                          s->sort == SORT_NAME ? s->sort_up ? "Z" : "A"
                          : s->sort_up         ? "the least"
                                               : "the most");
}

static struct action next_charset(struct view_state *s)
{
    static const char *const names[CHARSETS] = {"braille", "blocks", "ASCII"};
    s->chars = (enum charset)((s->chars + 1) % CHARSETS);
    return action_message(ACTION_SAY, "glyphs: %s", names[s->chars]);
}

void action_filter(struct view_state *v, const char *text)
{
    char *filter = v->filter[view_shown(v)->list];
    size_t n = strlen(text) < VIEW_FILTER_MAX ? strlen(text) : VIEW_FILTER_MAX - 1;
    while (n > 0 && n < strlen(text) && ((unsigned char)text[n] & 0xc0) == 0x80)
        n--; /* never half a character */
    memcpy(filter, text, n);
    filter[n] = '\0';
    v->cursor = v->scroll = 0;
}

/* -------------------------------------------------------------------------- keys */

static struct action users_line(const struct snap_run *run)
{
    char label[PROMPT_TEXT_MAX], now[HUMAN_MAX], cap[HUMAN_MAX] = "";
    human_count(now, sizeof now, run->users_wanted);
    if (run->users_cap > 0)
        human_count(cap, sizeof cap, run->users_cap);
    snprintf(label, sizeof label, "users (now %s%s%s), as in 250, 10k or +50:", now,
             run->users_cap > 0 ? ", cap " : "", cap);
    return action_open_line(PURPOSE_USERS, label, "");
}

static struct action rate_line(const struct snap_run *run)
{
    char label[PROMPT_TEXT_MAX];
    snprintf(label, sizeof label, "spawn rate in users per second (now %.6g):", run->spawn_rate);
    return action_open_line(PURPOSE_RATE, label, "");
}

static struct action load_key(enum key_action key, const struct snap_run *run)
{
    switch (key) {
    case KEY_ACTION_USERS_UP:
        return want_users(run, action_step(run->users_wanted, 1));
    case KEY_ACTION_USERS_DOWN:
        return want_users(run, action_step(run->users_wanted, -1));
    case KEY_ACTION_USERS_UP_BIG:
        return want_users(run, action_step(run->users_wanted, BIG_STEPS));
    case KEY_ACTION_USERS_DOWN_BIG:
        return want_users(run, action_step(run->users_wanted, -BIG_STEPS));
    case KEY_ACTION_USERS_EXACT:
        return users_line(run);
    case KEY_ACTION_SPAWN_RATE:
        return rate_line(run);
    case KEY_ACTION_HOLD:
        return action_send(COMMAND_HOLD, -1);
    case KEY_ACTION_UNDO:
        return action_send(COMMAND_UNDO, 0);
    case KEY_ACTION_RESUME_PLAN:
        return back_to_plan(run);
    case KEY_ACTION_WINDOW:
        return action_send(COMMAND_WINDOW, ((int)run->window + 1) % SNAP_WINDOWS);
    default:
        return action_nothing();
    }
}

static struct action list_key(enum key_action key, struct view_state *s)
{
    switch (key) {
    case KEY_ACTION_UP:
        move_cursor(s, -1);
        break;
    case KEY_ACTION_DOWN:
        move_cursor(s, 1);
        break;
    case KEY_ACTION_PAGE_UP:
        move_cursor(s, -ACTION_PAGE_ROWS);
        break;
    case KEY_ACTION_PAGE_DOWN:
        move_cursor(s, ACTION_PAGE_ROWS);
        break;
    case KEY_ACTION_TOP:
        s->cursor = s->scroll = 0;
        break;
    case KEY_ACTION_BOTTOM:
        s->cursor = INT_MAX / 2;
        break;
    case KEY_ACTION_FILTER:
        return action_open_line(PURPOSE_FILTER, "filter:", view_filter(s));
    case KEY_ACTION_SORT_NEXT:
        return sort_by(s, (int)s->sort + 1);
    case KEY_ACTION_SORT_PREV:
        return sort_by(s, (int)s->sort - 1);
    case KEY_ACTION_SORT_FLIP:
        return sort_flip(s);
    default:
        break;
    }
    return action_nothing();
}

/* --------------------------------------------------------------------- dispatch */

/* Elsewhere it would move unseen. */
static struct action move_moment(struct view_state *s, int cells)
{
    const struct view_ops *view = view_shown(s);
    if (view->has_axis == NULL || (view != &view_overview && !view->has_axis(s)))
        return action_message(ACTION_SAY,
                              "left and right move in time on the overview (1), in a chart (6)");
    if (!view->has_axis(s))
        return action_message(ACTION_SAY, "this screen is too small for charts");
    s->moment.move += cells;
    return action_nothing();
}

/* A key of another view: its group in the table of keys bears that view's name. */
static struct action key_of_another_view(enum key_action key)
{
    const char *owner = key != KEY_ACTION_NONE ? key_bindings[key - 1].group : "";
    for (size_t i = 0; views[i] != NULL; i++)
        if (strcmp(views[i]->name, owner) == 0)
            return key == KEY_ACTION_EXPAND
                       ? action_message(ACTION_SAY, "enter opens a chart in the %s view (%zu)",
                                        owner, i + 1)
                       : action_message(ACTION_SAY, "this key is of the %s view (%zu)", owner,
                                        i + 1);
    return action_nothing();
}

/* A key that is the same in all views; false: it is not. */
static bool common_key(enum key_action key, struct action_view *v, struct action *out)
{
    struct view_state *s = &v->state;
    *out = action_nothing();
    if (key >= KEY_ACTION_VIEW_1 && key <= KEY_ACTION_VIEW_LAST) {
        size_t i = (size_t)(key - KEY_ACTION_VIEW_1);
        show_view(v, i < view_count() ? views[i] : view_shown(s));
        return true;
    }
    switch (key) {
    case KEY_ACTION_PROFILE:
        *out = (struct action){.kind = ACTION_PICK, .purpose = PURPOSE_PICK};
        break;
    case KEY_ACTION_MARK:
        *out = action_open_line(PURPOSE_MARK, "mark:", "");
        break;
    case KEY_ACTION_FREEZE:
        *out = (struct action){.kind = ACTION_FREEZE};
        break;
    case KEY_ACTION_TIME_BACK:
        *out = move_moment(s, -1);
        break;
    case KEY_ACTION_TIME_ON:
        *out = move_moment(s, 1);
        break;
    case KEY_ACTION_VIEW_NEXT:
        show_neighbour(v, 1);
        break;
    case KEY_ACTION_VIEW_PREV:
        show_neighbour(v, view_count() - 1);
        break;
    case KEY_ACTION_WATCH:
        *out = (struct action){.kind = ACTION_PICK, .purpose = PURPOSE_WATCH};
        break;
    case KEY_ACTION_COMMAND:
        *out = action_open_line(PURPOSE_COMMAND, ":", "");
        break;
    case KEY_ACTION_CHARSET:
        *out = next_charset(s);
        break;
    case KEY_ACTION_REDRAW:
        *out = (struct action){.kind = ACTION_REDRAW};
        break;
    case KEY_ACTION_HELP:
        toggle_help(v);
        break;
    case KEY_ACTION_QUIT:
        *out = (struct action){.kind = ACTION_QUIT};
        break;
    default:
        return false;
    }
    return true;
}

struct action action_of_key(enum key_action key, const struct snap_run *run, struct action_view *v)
{
    const struct view_ops *view = view_shown(&v->state);
    struct action a;
    if ((view->key != NULL && view->key(key, v, &a)) || common_key(key, v, &a))
        return a;
    a = load_key(key, run);
    if (a.kind == ACTION_NONE)
        a = list_key(key, &v->state);
    return a.kind != ACTION_NONE ? a : key_of_another_view(key);
}

struct action action_of_escape(struct action_view *v)
{
    const struct view_ops *view = view_shown(&v->state);
    if (view == &view_help)
        toggle_help(v);
    else if (view->close != NULL && view->close(&v->state))
        return action_nothing();
    else if (v->state.moment.set)
        v->state.moment = (struct moment){0};
    else if (view_filter(&v->state)[0] != '\0')
        action_filter(&v->state, "");
    else if (v->state.frozen)
        return (struct action){.kind = ACTION_FREEZE};
    else
        return action_message(ACTION_SAY, "q quits");
    return action_nothing();
}

/* ------------------------------------------------------------------ command line */

/* The index of a name, or of the only one that begins with text, or -1. */
static int find_word(const char *const *words, const char *text)
{
    int found = -1;
    size_t len = strlen(text);
    for (int i = 0; words[i] != NULL; i++) {
        if (strcasecmp(words[i], text) == 0)
            return i;
        if (len > 0 && strncasecmp(words[i], text, len) == 0)
            found = found == -1 ? i : -2;
    }
    return found < 0 ? -1 : found;
}

static struct action action_unknown(const char *what, const char *text, const char *const *words)
{
    const char *near = words_nearest(text, words);
    if (text[0] == '\0')
        return action_message(ACTION_REFUSE, "Which %s? (tab shows them)", what);
    if (near != NULL)
        return action_message(ACTION_REFUSE, "There is no %s \"%.40s\" (did you mean \"%s\"?).",
                              what, text, near);
    return action_message(ACTION_REFUSE, "There is no %s \"%.40s\" (tab shows them).", what, text);
}

static struct action need_text(enum action_kind kind, enum command_kind c, const char *what,
                               const char *text)
{
    if (text[0] == '\0')
        return action_message(ACTION_REFUSE, "Which %s?", what);
    if (kind == ACTION_SEND)
        return action_send_text(c, text);
    return action_message(kind, "%s", text);
}

static struct action line_view(const char *arg, struct action_view *v)
{
    const char *names[VIEWS_MAX + 1];
    view_names(names);
    int i = find_word(names, arg);
    if (i < 0)
        return action_unknown("view", arg, names);
    show_view(v, views[i]);
    return action_nothing();
}

static struct action line_argument(enum line_command c, const char *arg, const struct snap_run *run,
                                   struct action_view *v)
{
    int i;
    switch (c) {
    case LINE_WINDOW:
        i = find_word(window_names, arg);
        return i < 0 ? action_unknown("window", arg, window_names) : action_send(COMMAND_WINDOW, i);
    case LINE_VIEW:
        return line_view(arg, v);
    case LINE_SORT:
        i = find_word(sort_names, arg);
        return i < 0 ? action_unknown("column", arg, sort_names) : sort_by(&v->state, i);
    case LINE_USERS:
        return arg[0] == '\0' ? users_line(run) : parse_users(arg, run);
    case LINE_RATE:
        return arg[0] == '\0' ? rate_line(run) : parse_spawn_rate(arg);
    case LINE_LEVEL:
        return need_text(ACTION_SEND, COMMAND_LEVEL, "level", arg);
    case LINE_PROFILE:
        return need_text(ACTION_SEND, COMMAND_PROFILE, "profile file or URL", arg);
    case LINE_SAVE:
        return need_text(ACTION_SAVE, 0, "file", arg);
    case LINE_PROBE:
        return need_text(ACTION_SEND, COMMAND_PROBE_ADD,
                         "probe: TYPE or TYPE:WHAT, as in process:port=8080", arg);
    case LINE_MARK:
        return action_send_text(COMMAND_MARK, arg[0] != '\0' ? arg : "mark");
    case LINE_FILTER:
        action_filter(&v->state, arg);
        return action_nothing();
    default:
        return action_message(ACTION_REFUSE, "\"%s\" takes nothing behind it.", command_names[c]);
    }
}

static struct action line_alone(enum line_command c, const struct snap_run *run,
                                struct action_view *v)
{
    switch (c) {
    case LINE_HOLD:
        return action_send(COMMAND_HOLD, 1);
    case LINE_GO:
        return action_send(COMMAND_HOLD, 0);
    case LINE_UNDO:
        return action_send(COMMAND_UNDO, 0);
    case LINE_PLAN:
        return back_to_plan(run);
    case LINE_FREEZE:
        return (struct action){.kind = ACTION_FREEZE};
    case LINE_HELP:
        show_view(v, &view_help);
        return action_nothing();
    default:
        return (struct action){.kind = ACTION_QUIT};
    }
}

static bool stands_alone(enum line_command c)
{
    return c == LINE_HOLD || c == LINE_GO || c == LINE_UNDO || c == LINE_PLAN || c == LINE_FREEZE ||
           c == LINE_HELP || c == LINE_QUIT;
}

/* Copies text without blanks around it. */
static void words_trim(char *out, size_t size, const char *text)
{
    text += strspn(text, " ");
    snprintf(out, size, "%s", text);
    for (size_t n = strlen(out); n > 0 && out[n - 1] == ' ';)
        out[--n] = '\0';
}

static struct action run_line(const char *text, const struct snap_run *run, struct action_view *v)
{
    char word[24];
    size_t len = strcspn(text, " ");
    snprintf(word, sizeof word, "%.*s", (int)(len < sizeof word ? len : sizeof word - 1), text);
    const char *arg = text + len + strspn(text + len, " ");
    if (word[0] == '\0')
        return action_nothing();
    int c = find_word(command_names, word);
    if (c < 0 && (isdigit((unsigned char)word[0]) || strchr("+-", word[0]) != NULL))
        return parse_users(text, run); /* ":250" is as good as ":users 250" */
    if (c < 0)
        return action_unknown("command", word, command_names);
    if (stands_alone((enum line_command)c) && arg[0] == '\0')
        return line_alone((enum line_command)c, run, v);
    return line_argument((enum line_command)c, arg, run, v);
}

struct action action_of_line(enum action_purpose purpose, const char *text,
                             const struct snap_run *run, struct action_view *v)
{
    char trimmed[PROMPT_TEXT_MAX];
    words_trim(trimmed, sizeof trimmed, text);
    switch (purpose) {
    case PURPOSE_USERS:
        return parse_users(trimmed, run);
    case PURPOSE_RATE:
        return parse_spawn_rate(trimmed);
    case PURPOSE_MARK:
        return action_send_text(COMMAND_MARK, trimmed[0] != '\0' ? trimmed : "mark");
    case PURPOSE_FILTER:
        action_filter(&v->state, trimmed);
        return action_nothing();
    case PURPOSE_COMMAND:
        return run_line(trimmed, run, v);
    default:
        return action_nothing();
    }
}

/* -------------------------------------------------------------------- completion */

struct candidates {
    char (*out)[PROMPT_TEXT_MAX];
    size_t n, max;
};

static void add_matching(struct candidates *c, const char *before, const char *const *words,
                         const char *start)
{
    size_t len = strlen(start);
    for (; words != NULL && *words != NULL && c->n < c->max; words++) {
        if (strncasecmp(*words, start, len) == 0)
            snprintf(c->out[c->n++], PROMPT_TEXT_MAX, "%s%s", before, *words);
    }
}

size_t action_complete(const char *text, char (*out)[PROMPT_TEXT_MAX], size_t max, void *arg)
{
    const struct action_words *w = arg;
    struct candidates c = {out, 0, max};
    const char *names[VIEWS_MAX + 1];
    view_names(names);
    char before[32];
    const char *blank = strchr(text, ' ');
    if (blank == NULL) {
        add_matching(&c, "", command_names, text);
        if (c.n == 1 && !stands_alone((enum line_command)find_word(command_names, out[0])))
            strncat(out[0], " ", PROMPT_TEXT_MAX - strlen(out[0]) - 1);
        return c.n;
    }
    if (blank - text > 8)
        return 0;
    snprintf(before, sizeof before, "%.*s", (int)(blank - text), text);
    int word = find_word(command_names, before);
    if (word < 0)
        return 0;
    snprintf(before, sizeof before, "%s ", command_names[word]);
    const char *start = blank + strspn(blank, " ");
    add_matching(&c, before,
                 word == LINE_LEVEL     ? w->levels
                 : word == LINE_PROFILE ? w->profiles
                 : word == LINE_PROBE   ? w->probes
                 : word == LINE_WINDOW  ? window_names
                 : word == LINE_VIEW    ? names
                 : word == LINE_SORT    ? sort_names
                                        : NULL,
                 start);
    return c.n;
}

/* ----------------------------------------------------------------------- answers */

void action_done_text(const struct command *c, const struct snap_run *run, char *out, size_t size)
{
    char from[HUMAN_MAX], to[HUMAN_MAX];
    out[0] = '\0';
    switch (c->kind) {
    case COMMAND_USERS_SET:
        human_count(from, sizeof from, run->users_wanted);
        human_count(to, sizeof to, (uint64_t)c->n);
        if (c->n != (int64_t)run->users_wanted)
            snprintf(out, size, "users %s, were %s (u: undo)", to, from);
        else
            snprintf(out, size, "users %s, as before", to);
        break;
    case COMMAND_SPAWN_RATE:
        snprintf(out, size, "spawn rate %.6g users per second (u: undo)", c->rate);
        break;
    case COMMAND_HOLD:
        snprintf(out, size, "%s",
                 c->n > 0 || (c->n < 0 && run->state != SNAP_HELD)
                     ? "held: no new requests, running ones finish (space: go on)"
                     : "the load goes on");
        break;
    case COMMAND_UNDO:
        snprintf(out, size, "back to %s", run->undo_text[0] != '\0' ? run->undo_text : "before");
        break;
    case COMMAND_LEVEL:
        snprintf(out, size, "level %s drives (u: undo)", c->text);
        break;
    case COMMAND_PROFILE:
        snprintf(out, size, "profile %s (u: undo)", c->text);
        break;
    case COMMAND_RESUME_PLAN:
        snprintf(out, size, "level %s drives again (u: undo)", run->level);
        break;
    case COMMAND_MARK:
        snprintf(out, size, "mark: %s", c->text);
        break;
    case COMMAND_WINDOW:
        snprintf(out, size, "window: %s",
                 c->n >= 0 && c->n < SNAP_WINDOWS ? window_names[c->n] : "?");
        break;
    case COMMAND_PROBE_ADD:
        snprintf(out, size, "watching %.200s", c->text);
        break;
    case COMMAND_PROBE_RETRY:
        snprintf(out, size, "polling again");
        break;
    case COMMAND_PROBE_END:
        snprintf(out, size, "not watched any more (R: again)");
        break;
    case COMMAND_USERS_ADD:
    case COMMAND_PROBE_ASK:
    case COMMAND_DISCOVER:
    case COMMAND_STOP:
        break;
    }
}
