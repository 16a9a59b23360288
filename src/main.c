/* SPDX-License-Identifier: MIT */
/* Sets up what holds for the whole process, then runs the subcommand that was asked for. */
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "src/base/mem.h"
#include "src/base/out.h"
#include "src/cli/conf.h"
#include "src/cli/conf_locust.h"
#include "src/cli/print.h"
#include "src/cli/subcommand.h"
#include "src/run/signals.h"
#include "src/script/secret.h"
#include "ui/tty.h"

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

/* Output that waits for a reader is given up at a signal. */
static bool told_to_stop(void)
{
    return signals_stop_count() > 0;
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

/* Behind the flags and variables, which are parsed; what is read first wins. */
static bool read_conf(struct conf *c, struct options *o, struct problems *problems)
{
    bool locust = o->command->heeds_locust, ok = true;
    struct err e;
    if (o->command->is_apart)
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
    o->notes = &c.notes;
    if (read_conf(&c, o, &problems))
        code = o->command->run(o);
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
