/* SPDX-License-Identifier: MIT */
/* A run of load: start order, drive, report, stop order. */
#include <libgen.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/buf.h"
#include "src/base/log.h"
#include "src/base/mem.h"
#include "src/base/out.h"
#include "src/cli/cli_table.h"
#include "src/cli/cmd.h"
#include "src/cli/consent.h"
#include "src/cli/print.h"
#include "src/cli/recorded.h"
#include "src/cli/start.h"
#include "src/cli/subcommand.h"
#include "src/cli/trust.h"
#include "src/load/machine.h"
#include "src/load/transports.h"
#include "src/profile/subject.h"
#include "src/record/recording.h"
#include "src/report/report.h"
#include "src/run/session.h"
#include "src/run/signals.h"
#include "ui/dash.h"
#include "ui/headless.h"
#include "ui/tty.h"

#define LOG_SHOWN 20

struct program {
    const struct options *options;
    bool console;
    struct profile_overrides overrides;
    const struct demo_ops *ops; /* the demo target's; NULL: the target is the profile's */
    struct demo_run *demo;
    char *folder; /* where the picker looks; owned */
    struct profile *profile;
    struct tty *tty;
    struct session *session;
    struct recording *recording; /* NULL: there is none */
    bool unrecorded;             /* though it should be */
    struct probe_specs probes;   /* given by --probe */
    bool transport;
};

static int stops_heard; /* and obeyed, before the reports */

/* Reports that wait for a reader are given up at the next signal. */
static bool told_again_to_stop(void)
{
    return signals_stop_count() > stops_heard;
}

/* ---------------------------------------------------------------- start order */

static struct profile *open_profile(struct program *p, struct problems *problems)
{
    const struct options *o = p->options;
    p->overrides = start_overrides(o);
    if (p->ops == NULL)
        return subject_open(o->subject, &p->overrides, problems);
    return p->ops->profile(p->demo, &p->overrides, problems);
}

static void note_folder(struct program *p)
{
    const char *subject = p->options->subject;
    if (subject == NULL || !subject_is_file(subject) || strchr(subject, '/') == NULL)
        return;
    char *copy = mem_strdup(subject);
    p->folder = mem_strdup(dirname(copy));
    free(copy);
}

/* --trust. */
static bool anything(const struct profile *p, bool probes, struct problems *asks, struct err *e)
{
    (void)p;
    (void)probes;
    (void)asks;
    (void)e;
    return true;
}

/* Before anything is sent. */
static bool is_let(const struct program *p, struct err *e)
{
    const struct options *o = p->options;
    return o->trust || consent_given(p->profile, !o->no_probes, p->console, e);
}

/* The load does not depend on it. */
static void program_record(struct program *p)
{
    struct err e;
    p->recording = recorded_create(p->options, p->profile, &e);
    p->unrecorded = e.text[0] != '\0';
    if (p->unrecorded)
        log_warn("%s", e.text);
}

static bool open_session(struct program *p, struct err *e)
{
    const struct options *o = p->options;
    struct session_config cfg;

    if (!start_load(o, p->console, p->profile, &cfg, e) || !start_probes(o, &p->probes, e))
        return false;
    if (p->demo != NULL)
        p->ops->watch(p->demo, &p->probes);
    cfg.probes = &p->probes;
    cfg.permitted = o->trust ? anything : trust_given;
    cfg.permit = trust_give;
    cfg.overrides = p->overrides;
    program_record(p);
    if (p->recording != NULL) {
        cfg.finished = recording_add;
        cfg.finished_arg = p->recording;
    }
    /* The screen before the load: without a terminal nothing must have started. */
    const struct tty_options t = {.color = !o->no_color};
    if (p->console && (p->tty = tty_open(&t, e)) == NULL)
        return false;
    p->session = session_open(&cfg, e);
    if (p->session == NULL)
        return false;
    const struct run_source source = session_source(p->session);
    if (p->recording != NULL)
        recording_start(p->recording, &source);
    return true;
}

/* All that must be there before the first request; processes before threads. */
static int program_start(struct program *p)
{
    const struct options *o = p->options;
    struct problems problems = {0};
    struct err e;

    p->console = cmd_has_terminal(o);
    machine_raise_files();
    if (o->keep_running) /* ignored from here on: the console sees its terminal end */
        signal(SIGHUP, SIG_IGN);
    int code = p->ops != NULL ? p->ops->start(o, &p->demo) : EXIT_FINE;
    if (code != EXIT_FINE)
        return code;
    signals_install();
    if ((o->log_file != NULL && !log_open_file(o->log_file, &e)) || !report_writable(o->json, &e) ||
        !(p->transport = transports_init(&e)))
        return print_error(&e);
    for (size_t i = 0; i < o->notes->n; i++)
        log_info("%s", o->notes->lines[i]);
    p->profile = open_profile(p, &problems);
    if (p->profile == NULL)
        return print_problems(&problems);
    note_folder(p);
    if (!is_let(p, &e) || !open_session(p, &e)) {
        tty_close(p->tty);
        p->tty = NULL;
        return print_error(&e);
    }
    return EXIT_FINE;
}

/* ----------------------------------------------------------------------- drive */

/* Returns the signal that ended it, 0 for none. */
static int drive_console(struct program *p)
{
    static const int chars[] = {[CLI_CHARS_AUTO] = -1,
                                [CLI_CHARS_BRAILLE] = CHARS_BRAILLE,
                                [CLI_CHARS_BLOCK] = CHARS_BLOCK,
                                [CLI_CHARS_ASCII] = CHARS_ASCII};
    const struct dash_options d = {.chars = chars[p->options->chars],
                                   .profile_dir = p->folder,
                                   .no_probes = p->options->no_probes};
    const struct run_source source = session_source(p->session);
    enum dash_end end = dash_run(&source, p->tty, &d);

    tty_close(p->tty);
    p->tty = NULL;
    if (end == DASH_HANGUP && p->options->keep_running)
        return headless_run(&source, true);
    if (end == DASH_HANGUP)
        return signals_stop() != 0 ? signals_stop() : SIGHUP;
    return end == DASH_SIGNAL ? signals_stop() : 0;
}

/* The warnings of the run, a line each; NULL when there was none. */
static char *warnings_of_run(void)
{
    struct log_line *lines = mem_array(LOG_KEEP, sizeof *lines);
    struct buf text = {0};
    size_t n = log_copy(lines, LOG_KEEP, NULL), serious = 0;
    for (size_t i = 0; i < n; i++)
        serious += lines[i].level >= LOG_LEVEL_WARN;
    for (size_t i = 0; i < n; i++)
        if (lines[i].level >= LOG_LEVEL_WARN && serious-- <= LOG_SHOWN)
            buf_printf(&text, "ramptop: %s\n", lines[i].text);
    free(lines);
    return text.len > 0 ? buf_take(&text) : NULL;
}

/* Returns the path of the recording, which the caller frees; NULL: there is none. */
static char *end_recording(struct program *p, const struct snapshot *final)
{
    struct err e;
    char *path = p->recording != NULL ? mem_strdup(recording_path(p->recording)) : NULL;
    p->unrecorded |= !recording_close(p->recording, final, &e);
    p->recording = NULL;
    return path;
}

/* The summary, with where it can be read again.  Frees the path. */
static char *summary_of_run(const struct snapshot *final, const struct probe_snapshot *probes,
                            char *recorded)
{
    char *summary = report_summary(final, probes);
    if (recorded == NULL)
        return summary;
    char *all = mem_printf("%srecorded   %s\n", summary, recorded);
    free(summary);
    free(recorded);
    return all;
}

static int program_drive(struct program *p)
{
    struct snapshot *final = mem_zalloc(sizeof *final); /* too large for a stack */
    struct probe_snapshot *probe_snap = mem_zalloc(sizeof *probe_snap);
    struct err e;

    const struct run_source source = session_source(p->session);
    int signo = p->console ? drive_console(p) : headless_run(&source, p->options->quiet);
    int again = headless_drain(&source);
    session_probe_snapshot(p->session, probe_snap);
    if (p->recording != NULL)
        recording_leave(p->recording);
    session_close(p->session, 0, final);
    p->session = NULL;
    char *recorded = end_recording(p, final);
    if (signo == 0)
        signo = again;
    stops_heard = signals_stop_count();
    out_give_up_when(told_again_to_stop);
    int code = start_exit_code(final, signo);
    const char *path = p->options->json;
    const struct report_ending ending = {.json =
                                             path != NULL ? report_json(final, probe_snap) : NULL,
                                         .path = path,
                                         .log = warnings_of_run(),
                                         .text = summary_of_run(final, probe_snap, recorded),
                                         .by_signal = signo != 0};
    if (!report_end(&ending, &e))
        code = print_error(&e);
    else if (code == EXIT_FINE && p->unrecorded)
        code = EXIT_NOT_RECORDED;
    free(final);
    free(probe_snap);
    return code;
}

/* ------------------------------------------------------------------ stop order */

static void program_stop(struct program *p)
{
    struct err e;
    tty_close(p->tty);
    session_close(p->session, 0, NULL);
    recording_close(p->recording, NULL, &e);
    profile_unref(p->profile);
    probe_specs_finish(&p->probes);
    if (p->transport)
        transports_finish();
    if (p->demo != NULL)
        p->ops->end(p->demo);
    log_close();
    free(p->folder);
}

int cmd_load(struct options *o, const struct demo_ops *demo)
{
    struct program p = {.options = o, .ops = demo};
    struct err e;
    if ((o->subject != NULL && !start_check(o, subject_is_file(o->subject), &e)) ||
        !cli_read_body(o, &e))
        return print_error(&e);
    int code = program_start(&p);
    if (code == EXIT_FINE)
        code = program_drive(&p);
    program_stop(&p);
    return code;
}

static int load_subject(struct options *o)
{
    return cmd_load(o, NULL);
}

const struct subcommand cmd_run = {
    .operands = "[OPTION...] PROFILE|URL [CLASS...]",
    .help = "the console; headless without a\n"
            "                                                   terminal; only these user classes",
    .missing = "what to load is missing: ramptop PROFILE, ramptop URL, or, to try it without a "
               "target of your own, ramptop demo",
    .options = OPTS_RUN,
    .names_classes = true,
    .heeds_locust = true,
    .run = load_subject,
};
