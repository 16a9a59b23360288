/* SPDX-License-Identifier: MIT */
/* Start order, stop order, exit code; nothing else. */
#include <fcntl.h>
#include <libgen.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "config.h"
#include "src/base/buf.h"
#include "src/base/log.h"
#include "src/base/mem.h"
#include "src/base/out.h"
#include "src/cli/cli.h"
#include "src/cli/conf.h"
#include "src/cli/conf_locust.h"
#include "src/cli/consent.h"
#include "src/cli/demo_run.h"
#include "src/cli/cmd.h"
#include "src/load/machine.h"
#include "src/load/transports.h"
#include "src/profile/subject.h"
#include "src/report/report.h"
#include "ui/headless.h"
#include "src/run/session.h"
#include "src/run/signals.h"
#include "src/cli/print.h"
#include "src/script/secret.h"
#include "src/cli/start.h"
#include "src/cli/trust.h"
#include "ui/dash.h"
#include "ui/tty.h"

#define LOG_SHOWN 20

struct program {
    const struct options *options;
    const struct problems *notes; /* notes on the configuration, for the log */
    bool console;
    struct profile_overrides overrides;
    struct demo_run *demo;
    char *folder; /* where the picker looks; owned */
    struct profile *profile;
    struct tty *tty;
    struct session *session;
    struct probe_specs probes; /* given by --probe */
    bool transport;
};

/* ------------------------------------------------------------ when all goes wrong */

static struct sigaction fatal_before[NSIG];

/* The terminal first; then what would have happened without us (a core, a sanitizer's
 * report). */
static void on_fatal_signal(int signo)
{
    static const char text[] = "ramptop: crashed; the terminal is as it was\n";
    tty_panic();
    ssize_t ignored = write(STDERR_FILENO, text, sizeof text - 1);
    (void)ignored;
    sigaction(signo, &fatal_before[signo], NULL);
    raise(signo);
}

static void mind_fatal_signals(void)
{
    static const int fatal[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGSYS, SIGTRAP};
    static char stack[64 * 1024]; /* the main thread's own may be what overflowed */
    const stack_t alternative = {.ss_sp = stack, .ss_size = sizeof stack};
    struct sigaction sa = {.sa_handler = on_fatal_signal, .sa_flags = SA_ONSTACK | SA_NODEFER};

    sigaltstack(&alternative, NULL);
    sigemptyset(&sa.sa_mask);
    for (size_t i = 0; i < sizeof fatal / sizeof *fatal; i++)
        sigaction(fatal[i], &sa, &fatal_before[fatal[i]]);
}

/* No exit(): what it would write or free may be what another thread is busy with. */
static void on_out_of_memory(void)
{
    static const char text[] =
        "ramptop: out of memory, so it ended at once; fewer users and smaller files need less\n";
    tty_panic();
    ssize_t ignored = write(STDERR_FILENO, text, sizeof text - 1);
    (void)ignored;
    _exit(EXIT_MEMORY);
}

/* Secrets must not end up in a core file, whatever becomes of the process; neither may another
 * process of the same user read them out of its memory. */
static void keep_memory_private(void)
{
    prctl(PR_SET_DUMPABLE, 0);
}

static int stops_heard; /* and obeyed, before the reports */

/* Output that waits for a reader is given up at the next signal. */
static bool told_to_stop(void)
{
    return signals_stop_count() > stops_heard;
}

/* A descriptor 0, 1 or 2 that was closed would become a socket, and messages would go to
 * the target. */
static void hold_standard_files(void)
{
    int fd = open("/dev/null", O_RDWR);
    while (fd >= 0 && fd <= 2)
        fd = open("/dev/null", O_RDWR);
    if (fd > 2)
        close(fd);
}

/* ---------------------------------------------------------------- start order */

static struct profile *open_profile(struct program *p, struct problems *problems)
{
    const struct options *o = p->options;
    p->overrides = start_overrides(o);
    if (o->action != CLI_DEMO)
        return subject_open(o->subject, &p->overrides, problems);
    return demo_ops->profile(p->demo, &p->overrides, problems);
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

static bool open_session(struct program *p, struct err *e)
{
    struct options o = *p->options;
    struct session_config cfg;

    if (o.action == CLI_DEMO && o.demo_name == NULL && o.level == NULL && !o.users_set)
        o.level = START_DEMO_LEVEL;
    if (o.action == CLI_DEMO && !p->console && o.run_time_ns == 0 && o.requests == 0)
        o.run_time_ns = START_DEMO_NS;
    if (!start_load(&o, p->console, p->profile, &cfg, e) || !start_probes(&o, &p->probes, e))
        return false;
    if (p->demo != NULL)
        demo_ops->watch(p->demo, &p->probes);
    cfg.probes = &p->probes;
    cfg.permitted = o.trust ? anything : trust_given;
    cfg.permit = trust_give;
    cfg.overrides = p->overrides;
    /* The screen before the load: without a terminal nothing must have started. */
    const struct tty_options t = {.color = !o.no_color};
    if (p->console && (p->tty = tty_open(&t, e)) == NULL)
        return false;
    p->session = session_open(&cfg, e);
    return p->session != NULL;
}

/* All that must be there before the first request; processes before threads. */
static int program_start(struct program *p)
{
    const struct options *o = p->options;
    struct problems problems = {0};
    struct err e;

    p->console = !o->headless && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
    machine_raise_files();
    if (o->keep_running) /* ignored from here on: the console sees its terminal end */
        signal(SIGHUP, SIG_IGN);
    int code = o->action == CLI_DEMO ? demo_ops->start(o, &p->demo) : EXIT_FINE;
    if (code != EXIT_FINE)
        return code;
    signals_install();
    if ((o->log_file != NULL && !log_open_file(o->log_file, &e)) || !report_writable(o->json, &e) ||
        !(p->transport = transports_init(&e)))
        return print_error(&e);
    for (size_t i = 0; i < p->notes->n; i++)
        log_info("%s", p->notes->lines[i]);
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
static char *log_for_stderr(void)
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

static int drive(struct program *p)
{
    struct snapshot *final = mem_zalloc(sizeof *final); /* too large for a stack */
    struct probe_snapshot *probe_snap = mem_zalloc(sizeof *probe_snap);
    struct err e;

    const struct run_source source = session_source(p->session);
    int signo = p->console ? drive_console(p) : headless_run(&source, p->options->quiet);
    int again = headless_drain(&source);
    session_probe_snapshot(p->session, probe_snap);
    session_close(p->session, 0, final);
    p->session = NULL;
    if (signo == 0)
        signo = again;
    stops_heard = signals_stop_count();
    int code = start_exit_code(final, signo);
    const char *path = p->options->json;
    const struct report_ending ending = {.json =
                                             path != NULL ? report_json(final, probe_snap) : NULL,
                                         .path = path,
                                         .log = log_for_stderr(),
                                         .text = report_summary(final, probe_snap),
                                         .by_signal = signo != 0};
    if (!report_end(&ending, &e))
        code = print_error(&e);
    free(final);
    free(probe_snap);
    return code;
}

/* ------------------------------------------------------------------ stop order */

static void program_stop(struct program *p)
{
    tty_close(p->tty);
    session_close(p->session, 0, NULL);
    profile_unref(p->profile);
    probe_specs_finish(&p->probes);
    if (p->transport)
        transports_finish();
    if (p->demo != NULL)
        demo_ops->end(p->demo);
    log_close();
    free(p->folder);
}

static int run(struct options *o, const struct problems *notes)
{
    struct program p = {.options = o, .notes = notes};
    struct err e;
    if (o->action == CLI_DEMO && demo_ops == NULL) {
        err_set(&e, "this ramptop was built without the demo target (libmicrohttpd)");
        return print_error(&e);
    }
    if (o->action == CLI_DEMO && o->demo_serve)
        return demo_ops->serve(o);
    if ((o->subject != NULL && !start_check(o, subject_is_file(o->subject), &e)) ||
        !cli_read_body(o, &e))
        return print_error(&e);
    int code = program_start(&p);
    if (code == EXIT_FINE)
        code = drive(&p);
    program_stop(&p);
    return code;
}

static int act(struct options *o, const struct conf *c)
{
    switch (o->action) {
    case CLI_HELP:
        return print_text(cli_help());
    case CLI_VERSION:
        return print_text(mem_strdup("ramptop " PACKAGE_VERSION "\n"));
    case CLI_CHECK:
        return cmd_check(o);
    case CLI_LIST:
        return cmd_list(o);
    case CLI_BENCH:
        return cmd_bench(o);
    case CLI_LIMITS:
        return cmd_limits(o);
    case CLI_IMPORT_CURL:
        return cmd_import_curl(o);
    case CLI_IMPORT_HAR:
        return cmd_import_har(o);
    case CLI_TRUST:
        return cmd_trust(o);
    case CLI_NEW:
        return cmd_new(o);
    default:
        return run(o, &c->notes);
    }
}

/* Locust's names are for what Locust does. */
static bool minds_locust(const struct options *o)
{
    return o->action == CLI_RUN || o->action == CLI_CHECK || o->action == CLI_LIST ||
           o->action == CLI_BENCH || o->action == CLI_LIMITS;
}

/* Behind the flags and variables, which are parsed; what is read first wins. */
static bool read_conf(struct conf *c, struct options *o, struct problems *problems)
{
    bool locust = minds_locust(o), ok = true;
    struct err e;
    if (o->action == CLI_HELP || o->action == CLI_VERSION)
        return true;
    if (locust && !conf_locust_variables(c, environ, o, &e)) {
        problems_add(problems, "ramptop: %s", e.text);
        return false;
    }
    char *file = conf_path(environ), *home = locust ? conf_locust_home(environ) : NULL;
    if (locust)
        ok = conf_locust_read(c, CONF_LOCUST_FILE, o, problems);
    if (file != NULL)
        ok = conf_read(c, file, o, problems) && ok;
    if (home != NULL)
        ok = conf_locust_read(c, home, o, problems) && ok;
    free(file);
    free(home);
    return ok;
}

static int configured(struct options *o)
{
    struct conf c = {0};
    struct problems problems = {0};
    int code = EXIT_USAGE;
    if (read_conf(&c, o, &problems))
        code = act(o, &c);
    else
        print_problems(&problems);
    conf_finish(&c);
    return code;
}

int main(int argc, char **argv)
{
    struct options o;
    struct err e;

    hold_standard_files();
    setlocale(LC_CTYPE, ""); /* for the terminal's characters; figures keep their point */
    mem_on_exhausted(on_out_of_memory);
    secret_on_first(keep_memory_private);
    out_give_up_when(told_to_stop);
    signals_ignore_file_size();
    mind_fatal_signals();
    int code = cli_parse(&o, argc, argv, environ, &e) ? configured(&o) : print_error(&e);
    cli_finish(&o);
    return code;
}
