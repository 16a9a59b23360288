/* SPDX-License-Identifier: MIT */
#include "ui/dash.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "src/base/clean.h"
#include "src/base/human.h"
#include "src/base/log.h"
#include "src/base/mem.h"
#include "src/base/now.h"
#include "src/profile/probe_spec.h"
#include "src/profile/read.h"
#include "src/profile/url.h"
#include "src/run/signals.h"
#include "ui/actions.h"
#include "ui/screen.h"
#include "ui/tty.h"

#define FRAME_NS (NS_PER_S / 4)
#define QUICK_FRAME_NS (NS_PER_S / 8) /* just longer than the collector's turn */
#define QUICK_FRAMES 2
#define MESSAGE_NS (5 * NS_PER_S)
#define KEYS_PER_TURN 256 /* a stuck key or a paste must not keep the screen from drawing */
#define OUTSIDE_STOP_NS                                                                            \
    (NS_PER_S) /* a turn that took this long and ended in SIGCONT was a stop                       \
                */
#define PICK_LEVELS_MAX 32

struct dash {
    const struct run_source *source; /* borrowed */
    struct tty *tty;                 /* borrowed */
    const struct dash_options *o;
    struct snapshot *live;   /* the newest */
    struct snapshot *frozen; /* shown while the view is frozen */
    struct probe_snapshot *probe_snap, *frozen_probe_snap;
    uint64_t frozen_ns;
    struct action_view view;
    struct frame frame;
    struct log_line *log;

    struct prompt prompt; /* kind PROMPT_NONE: closed */
    struct prompt_history history;
    struct command pending;              /* sent on a yes */
    char filter_before[VIEW_FILTER_MAX]; /* brought back by Esc in the filter line */
    size_t n_pick_levels;                /* picker: these first, then profiles */

    struct level levels[PICK_LEVELS_MAX];
    char level_names[PICK_LEVELS_MAX][SNAP_NAME];
    const char *level_words[PICK_LEVELS_MAX + 1];
    char **profiles; /* owned; ends with NULL */
    const char *probe_words[SNAP_OFFERS + PROBE_TYPES + 1];
    char offers[SNAP_OFFERS][SNAP_TEXT]; /* texts of the picker: the snapshot's may change */
    size_t n_offers;
    bool hinted;        /* the message that t has something to offer was shown */
    bool offers_wanted; /* the picker opens when discovery has ended */
    struct action_words words;

    char message[ERR_TEXT_MAX];
    bool message_is_error; /* stays until the next key */
    uint64_t message_until_ns;

    int quick_frames; /* left to draw soon, because a command's effect is on its way */

    uint64_t drawn_ns, turn_ns;
    bool over; /* leave the loop */
    enum dash_end end;
};

/* ----------------------------------------------------------------------- messages */

static void dash_message(struct dash *d, const char *text)
{
    clean_text(d->message, sizeof d->message, text, strlen(text));
    d->message_is_error = false;
    d->message_until_ns = now_ns() + MESSAGE_NS;
}

static void complain(struct dash *d, const char *text)
{
    clean_text(d->message, sizeof d->message, text, strlen(text));
    d->message_is_error = true;
}

static void age_message(struct dash *d, uint64_t now)
{
    if (d->message[0] != '\0' && !d->message_is_error && now >= d->message_until_ns)
        d->message[0] = '\0';
}

static void leave(struct dash *d, enum dash_end end)
{
    if (!d->over)
        d->end = end;
    d->over = true;
}

/* ------------------------------------------------------------------ figures, frame */

static void refresh(struct dash *d)
{
    d->source->snapshot(d->source->run, d->live);
    d->source->probe_snapshot(d->source->run, d->probe_snap);
}

static const char *message_now(const struct dash *d, char *out, size_t size)
{
    const struct snap_run *run = &d->live->run;
    /* Live, the sentence above the charts says it. */
    if (d->message[0] != '\0' || run->state != SNAP_DONE || !d->view.state.frozen)
        return d->message;
    snprintf(out, size, "The run is over%s%s.  q: quit and see the summary.",
             run->end_reason[0] != '\0' ? ": " : "", run->end_reason);
    return out;
}

static void dash_draw(struct dash *d)
{
    char over[SNAP_TEXT + 64];
    int row = -1, col = -1;
    struct view_state *s = &d->view.state;
    uint64_t now = now_ns();

    age_message(d, now);
    s->frozen_age_s = s->frozen ? (double)(now - d->frozen_ns) / (double)NS_PER_S : 0;
    struct view_input in = {
        .snap = s->frozen ? d->frozen : d->live,
        .probe_snap = s->frozen ? d->frozen_probe_snap : d->probe_snap,
        .state = s,
        .log = d->log,
        .n_log = log_copy(d->log, LOG_KEEP, NULL),
        .message = message_now(d, over, sizeof over),
        .message_is_error = d->message_is_error,
    };
    d->frame.chars = s->chars;
    frame_clear(&d->frame);
    screen_layout(&d->frame, s, &in);
    screen_draw(&d->frame, &in, d->prompt.kind != PROMPT_NONE ? &d->prompt : NULL, &row, &col);
    tty_show(d->tty, &d->frame, row, col);
    d->drawn_ns = now;
    if (d->quick_frames > 0)
        d->quick_frames--;
}

static void take_size(struct dash *d)
{
    int rows, cols;
    tty_size(d->tty, &rows, &cols);
    frame_resize(&d->frame, rows, cols);
}

static void toggle_freeze(struct dash *d)
{
    struct view_state *s = &d->view.state;
    s->frozen = !s->frozen;
    if (s->frozen) {
        *d->frozen = *d->live;
        *d->frozen_probe_snap = *d->probe_snap;
        d->frozen_ns = now_ns();
    }
    d->view.probe_snap =
        s->frozen ? d->frozen_probe_snap : d->probe_snap; /* keys are about what is shown */
    dash_message(d,
                 s->frozen ? "the view is frozen, the load goes on (f: live again)" : "live again");
}

/* The screen as text, for a bug report; never over a file that exists. */
static void save_frame(struct dash *d, const char *file)
{
    char text[ERR_TEXT_MAX];
    dash_draw(d); /* without the command line */
    int fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    FILE *out = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (out == NULL) {
        snprintf(text, sizeof text, "%.200s cannot be written: %s.", file, strerror(errno));
        if (fd >= 0)
            close(fd);
        complain(d, text);
        return;
    }
    char *screen = frame_dump(&d->frame);
    bool ok = fputs(screen, out) >= 0;
    free(screen);
    ok = fclose(out) == 0 && ok;
    snprintf(text, sizeof text, ok ? "the screen is in %.200s" : "%.200s is incomplete: %s.", file,
             strerror(errno));
    if (ok)
        dash_message(d, text);
    else
        complain(d, text);
}

/* ------------------------------------------------------------------------ prompts */

static void forget_profiles(struct dash *d)
{
    for (size_t i = 0; d->profiles != NULL && d->profiles[i] != NULL; i++)
        free(d->profiles[i]);
    free(d->profiles);
    d->profiles = NULL;
}

/* Copies the offers: what was found beside the target, and the types of probes there are. */
static void take_offers(struct dash *d)
{
    size_t n = 0;
    d->n_offers = d->probe_snap->n_offers < SNAP_OFFERS ? d->probe_snap->n_offers : SNAP_OFFERS;
    for (size_t i = 0; i < d->n_offers; i++) {
        memcpy(d->offers[i], d->probe_snap->offers[i].spec, sizeof d->offers[i]);
        d->probe_words[n++] = d->offers[i];
    }
    for (size_t i = 0; i < PROBE_TYPES; i++)
        d->probe_words[n++] = probe_type_words[i];
    d->probe_words[n] = NULL;
}

/* Gathers the words that can be picked or completed now. */
static void look_for_choices(struct dash *d)
{
    char **paths = NULL;
    size_t n = d->source->levels(d->source->run, d->levels, PICK_LEVELS_MAX, d->level_names);
    if (n > PICK_LEVELS_MAX)
        n = PICK_LEVELS_MAX;
    for (size_t i = 0; i < n; i++)
        d->level_words[i] = d->level_names[i];
    d->level_words[n] = NULL;
    d->n_pick_levels = n;

    forget_profiles(d);
    n = profile_list(d->o->profile_dir != NULL ? d->o->profile_dir : ".", &paths);
    d->profiles = mem_grow(paths, n + 1, sizeof *d->profiles);
    d->profiles[n] = NULL;
    take_offers(d);
    d->words =
        (struct action_words){d->level_words, (const char *const *)d->profiles, d->probe_words};
}

static void level_hint(const struct level *l, char *out, size_t size)
{
    char users[HUMAN_MAX], time[HUMAN_MAX] = "no end";
    human_count(users, sizeof users, l->users);
    if (l->run_time_ns > 0)
        human_clock(time, sizeof time, (double)l->run_time_ns / NS_PER_S);
    if (l->kind == LEVEL_STAGES)
        snprintf(out, size, "level: %zu stages, up to %.16s users, %.16s", l->n_stages, users,
                 time);
    else if (l->kind == LEVEL_BURST && l->repeat > 1)
        snprintf(out, size, "level: burst of %.16s, %u times, every %.6g s", users, l->repeat,
                 (double)l->every_ns / (double)NS_PER_S);
    else if (l->kind == LEVEL_BURST)
        snprintf(out, size, "level: burst of %.16s", users);
    else
        snprintf(out, size, "level: %.16s user%s, %.6g per second, %.16s", users,
                 l->users == 1 ? "" : "s", l->spawn_rate, time);
}

static void open_picker(struct dash *d)
{
    char hint[96];
    look_for_choices(d);
    if (d->n_pick_levels == 0 && d->profiles[0] == NULL) {
        complain(d, "There is nothing to pick: this profile has no levels, and there is no *.cfg "
                    "here (:profile takes any file or URL).");
        return;
    }
    prompt_pick(&d->prompt, PURPOSE_PICK, "level or profile");
    for (size_t i = 0; i < d->n_pick_levels; i++) {
        level_hint(&d->levels[i], hint, sizeof hint);
        prompt_add_item(&d->prompt, d->level_names[i], hint);
    }
    for (size_t i = 0; d->profiles[i] != NULL; i++)
        prompt_add_item(&d->prompt, d->profiles[i], "profile");
}

#define TYPED "type it: any probe, as in postgres:service=shop"

/* Opens the picker with what discovery has found; the last item is for what it cannot find. */
static void open_offers(struct dash *d)
{
    char hint[96];
    d->offers_wanted = false;
    take_offers(d);
    prompt_pick(&d->prompt, PURPOSE_WATCH,
                d->n_offers > 0 ? "watch the target" : "watch the target (nothing was found here)");
    for (size_t i = 0; i < d->n_offers; i++) {
        const struct snap_offer *o = &d->probe_snap->offers[i];
        snprintf(hint, sizeof hint, "%.90s", o->spec);
        prompt_add_item(&d->prompt, o->label, hint);
    }
    prompt_add_item(&d->prompt, TYPED, "");
}

static void send_command(struct dash *d, const struct command *c);

/* The picker comes when discovery has ended: soon, as it has a deadline. */
static void want_offers(struct dash *d)
{
    if (d->probe_snap->n_offers > 0) {
        open_offers(d);
        return;
    }
    send_command(d, &(struct command){.kind = COMMAND_DISCOVER});
    dash_message(d, "looking for what can be watched of the target ...");
    d->offers_wanted = true;
}

static void show_offers_when_there(struct dash *d)
{
    if (!d->offers_wanted || d->probe_snap->discovering || d->prompt.kind != PROMPT_NONE)
        return;
    d->message[0] = '\0';
    open_offers(d);
}

/* Once, for those who do not know yet. */
static void hint_at_offers(struct dash *d)
{
    char text[128];
    uint32_t n = d->probe_snap->n_offers;
    if (d->hinted || n == 0 || d->probe_snap->n_probes > 0 || d->message[0] != '\0')
        return;
    d->hinted = true;
    snprintf(text, sizeof text, "%u thing%s of this target can be watched: t shows %s", n,
             n == 1 ? "" : "s", n == 1 ? "it" : "them");
    dash_message(d, text);
}

static void open_line(struct dash *d, const struct action *a)
{
    prompt_line(&d->prompt, (int)a->purpose, a->text, a->initial);
    if (a->purpose == PURPOSE_COMMAND) {
        look_for_choices(d);
        d->prompt.complete = action_complete;
        d->prompt.complete_arg = &d->words;
        d->prompt.history = &d->history;
    } else if (a->purpose == PURPOSE_FILTER) {
        memcpy(d->filter_before, view_filter(&d->view.state), sizeof d->filter_before);
    }
}

/* ------------------------------------------------------------------------ actions */

/* The question stands first, with how much it is: a narrow screen cuts the end. */
static void ask_for_trust(struct dash *d, const struct command *c, size_t n, const char *first)
{
    char text[ERR_TEXT_MAX + 60];
    if (n > 1)
        snprintf(text, sizeof text, "let it (%zu things, all in the log)?  %s", n, first);
    else
        snprintf(text, sizeof text, "let it?  %s", first);
    d->pending = *c;
    d->pending.agreed = true;
    prompt_confirm(&d->prompt, PURPOSE_CONFIRM, text);
}

static void send_command(struct dash *d, const struct command *c)
{
    struct problems problems = {0};
    struct err e = {{0}};
    char done[ERR_TEXT_MAX];

    if (d->source->send(d->source->run, c, &problems, &e)) {
        action_done_text(c, &d->live->run, done, sizeof done);
        if (done[0] != '\0')
            dash_message(d, done);
        refresh(d); /* the next key starts from what this one has set */
        d->quick_frames = QUICK_FRAMES;
    } else {
        for (size_t i = 0; i < problems.n; i++)
            log_warn("%s", problems.lines[i]);
        if (problems.dropped > 0)
            log_warn("%zu more problems of this profile are not shown.", problems.dropped);
        if (c->kind == COMMAND_PROFILE && d->source->asks(d->source->run))
            ask_for_trust(d, c, problems.n + problems.dropped, e.text);
        else
            complain(d, e.text);
    }
    problems_finish(&problems);
}

static void quit(struct dash *d)
{
    char text[96], n[HUMAN_MAX];
    refresh(d);
    if (d->live->run.state == SNAP_DONE) {
        leave(d, DASH_FINISHED);
        return;
    }
    if (d->live->in_flight > 0) {
        human_count(n, sizeof n, d->live->in_flight);
        snprintf(text, sizeof text, "finishing %s running request%s ...", n,
                 d->live->in_flight == 1 ? "" : "s");
        dash_message(d, text);
        d->view.state.frozen = false;
        dash_draw(d);
    }
    leave(d, DASH_QUIT);
}

static void dash_perform(struct dash *d, const struct action *a)
{
    switch (a->kind) {
    case ACTION_NONE:
        break;
    case ACTION_SEND:
        send_command(d, &a->command);
        break;
    case ACTION_CONFIRM:
        d->pending = a->command;
        prompt_confirm(&d->prompt, PURPOSE_CONFIRM, a->text);
        break;
    case ACTION_LINE:
        open_line(d, a);
        break;
    case ACTION_PICK:
        if (a->purpose == PURPOSE_WATCH)
            want_offers(d);
        else
            open_picker(d);
        break;
    case ACTION_SAY:
        dash_message(d, a->text);
        break;
    case ACTION_REFUSE:
        complain(d, a->text);
        break;
    case ACTION_SAVE:
        save_frame(d, a->text);
        break;
    case ACTION_FREEZE:
        toggle_freeze(d);
        break;
    case ACTION_REDRAW:
        tty_redraw(d->tty);
        break;
    case ACTION_QUIT:
        quit(d);
        break;
    }
}

static void picked(struct dash *d, size_t choice)
{
    struct command c = {.kind = COMMAND_LEVEL};
    if (choice < d->n_pick_levels) {
        snprintf(c.text, sizeof c.text, "%s", d->level_names[choice]);
    } else {
        /* the path as it is: the prompt's copy is cut and cleaned */
        c.kind = COMMAND_PROFILE;
        snprintf(c.text, sizeof c.text, "%s", d->profiles[choice - d->n_pick_levels]);
    }
    send_command(d, &c);
}

/* The spec as it is: the prompt's copy is cut and cleaned. */
static void picked_offer(struct dash *d, size_t choice)
{
    struct command c = {.kind = COMMAND_PROBE_ADD};
    if (choice >= d->n_offers) {
        const struct action a = {.purpose = PURPOSE_COMMAND, .text = ":", .initial = "probe "};
        open_line(d, &a);
        return;
    }
    snprintf(c.text, sizeof c.text, "%s", d->offers[choice]);
    send_command(d, &c);
}

static void cancelled(struct dash *d, int purpose)
{
    if (purpose == PURPOSE_FILTER)
        action_filter(&d->view.state, d->filter_before);
    else if (purpose == PURPOSE_CONFIRM)
        dash_message(d, "nothing has changed");
}

static void key_to_prompt(struct dash *d, int key)
{
    char value[PROMPT_TEXT_MAX];
    int purpose = d->prompt.purpose;
    enum prompt_result r = prompt_key(&d->prompt, key);
    if (r == PROMPT_OPEN) {
        if (purpose == PURPOSE_FILTER)
            action_filter(&d->view.state, d->prompt.text);
        return;
    }
    size_t choice = prompt_choice(&d->prompt);
    snprintf(value, sizeof value, "%s", prompt_value(&d->prompt));
    d->prompt.kind = PROMPT_NONE; /* the action may open the next one */
    if (r == PROMPT_CANCELLED) {
        cancelled(d, purpose);
    } else if (purpose == PURPOSE_CONFIRM) {
        send_command(d, &d->pending);
    } else if (purpose == PURPOSE_PICK) {
        picked(d, choice);
    } else if (purpose == PURPOSE_WATCH) {
        picked_offer(d, choice);
    } else {
        struct action a =
            action_of_line((enum action_purpose)purpose, value, &d->live->run, &d->view);
        dash_perform(d, &a);
    }
}

/* A text that holds a q or a ] must not end a run or double its load. */
static void take_pasted(struct dash *d, int character)
{
    if (d->prompt.kind == PROMPT_LINE || d->prompt.kind == PROMPT_PICK)
        key_to_prompt(d, character);
    else
        dash_message(d, "what is pasted goes into an open line only: first : or / or m");
}

static void handle_key(struct dash *d, int key)
{
    if (key == TTY_KEY_RESIZE) {
        take_size(d);
        return;
    }
    if ((key & TTY_KEY_PASTED) != 0) {
        take_pasted(d, key & ~TTY_KEY_PASTED);
        return;
    }
    d->message[0] = '\0';
    if (d->prompt.kind != PROMPT_NONE && key != TTY_KEY_CTRL('l')) {
        key_to_prompt(d, key);
        return;
    }
    struct action a = key == TTY_KEY_ESC ? action_of_escape(&d->view)
                                         : action_of_key(keys_action(key), &d->live->run, &d->view);
    dash_perform(d, &a);
}

/* ------------------------------------------------------------------------ signals */

static void gap(struct dash *d, uint64_t ns)
{
    char text[96];
    d->source->gap(d->source->run, ns);
    if (ns == 0) {
        dash_message(d, "not stopped: there is no shell to go back to");
        return;
    }
    snprintf(text, sizeof text, "stopped for %.1f s: a gap in all figures",
             (double)ns / (double)NS_PER_S);
    dash_message(d, text);
}

static void suspend(struct dash *d)
{
    tty_suspend(d->tty);
    d->source->suspend(d->source->run);
    uint64_t from = now_ns();
    bool stopped = signals_suspend() > 0;
    tty_resume(d->tty); /* continued in the background (bg), it is stopped here once more */
    gap(d, stopped ? now_ns() - from : 0);
}

/* True when there is something to draw at once. */
static bool handle_signals(struct dash *d)
{
    signals_drain();
    int stop = signals_stop();
    if (stop != 0) {
        leave(d, stop == SIGHUP ? DASH_HANGUP : DASH_SIGNAL);
        return false;
    }
    if (signals_suspend_wanted()) {
        suspend(d);
        return true;
    }
    if (signals_continued()) {
        uint64_t ns = now_ns() - d->turn_ns;
        if (ns >= OUTSIDE_STOP_NS)
            gap(d, ns);
        tty_redraw(d->tty);
        return true;
    }
    return signals_resized();
}

/* --------------------------------------------------------------------------- loop */

static int until_next_frame_ms(const struct dash *d)
{
    uint64_t now = now_ns();
    uint64_t due = d->drawn_ns + (d->quick_frames > 0 ? QUICK_FRAME_NS : FRAME_NS);
    return now >= due ? 0 : (int)((due - now + NS_PER_MS - 1) / NS_PER_MS);
}

/* Waits once, takes the keys and signals that ended the wait, draws a frame when it is time. */
static void dash_loop_once(struct dash *d)
{
    bool changed = false;
    d->turn_ns = now_ns();
    int key = tty_key(d->tty, until_next_frame_ms(d));
    changed |= handle_signals(d);
    if (key != TTY_KEY_NONE && !d->over)
        refresh(d); /* keys are about the load as it is now */
    for (int i = 0; key != TTY_KEY_NONE && !d->over && i < KEYS_PER_TURN; i++) {
        if (key == TTY_KEY_EOF) {
            leave(d, DASH_HANGUP);
            return;
        }
        handle_key(d, key);
        changed = true;
        if (!d->over)
            key = tty_key(d->tty, 0);
    }
    if (d->over || (!changed && until_next_frame_ms(d) > 0))
        return;
    refresh(d);
    show_offers_when_there(d);
    hint_at_offers(d);
    if (d->live->run.state == SNAP_DONE && d->o->quit_when_done)
        leave(d, DASH_FINISHED);
    dash_draw(d);
}

/* A target on this machine may be looked at without asking: the hint that t can do something
 * needs to know whether there is anything. */
static void look_around(struct dash *d)
{
    struct url u = {0};
    struct err e;
    if (d->o->no_probes || d->probe_snap->n_probes > 0 || !url_parse(&u, d->live->run.target, &e))
        return;
    if (strncmp(u.host, "127.", 4) == 0 || strcmp(u.host, "localhost") == 0 ||
        strcmp(u.host, "[::1]") == 0)
        d->source->send(d->source->run, &(struct command){.kind = COMMAND_DISCOVER}, NULL, &e);
    url_finish(&u);
}

enum dash_end dash_run(const struct run_source *source, struct tty *t, const struct dash_options *o)
{
    struct dash *d = mem_zalloc(sizeof *d);
    d->source = source;
    d->tty = t;
    d->o = o;
    d->live = mem_zalloc(sizeof *d->live);
    d->frozen = mem_zalloc(sizeof *d->frozen);
    d->probe_snap = mem_zalloc(sizeof *d->probe_snap);
    d->frozen_probe_snap = mem_zalloc(sizeof *d->frozen_probe_snap);
    d->log = mem_array(LOG_KEEP, sizeof *d->log);
    d->view.state.chars =
        o->chars >= 0 && o->chars < CHARSETS ? (enum charset)o->chars : tty_charset();
    d->view.state.sort = SORT_P99;
    frame_init(&d->frame, 0, 0);
    take_size(d);
    d->view.probe_snap = d->probe_snap;
    tty_wake_on(t, signals_fd());
    refresh(d);
    look_around(d);
    dash_draw(d);

    while (!d->over)
        dash_loop_once(d);

    enum dash_end end = d->end;
    tty_wake_on(t, -1);
    forget_profiles(d);
    frame_finish(&d->frame);
    free(d->log);
    free(d->frozen_probe_snap);
    free(d->probe_snap);
    free(d->frozen);
    free(d->live);
    free(d);
    return end;
}
