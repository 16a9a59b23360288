/* SPDX-License-Identifier: MIT */
#include "src/cli/cmd.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "src/base/mem.h"
#include "src/base/out.h"
#include "src/cli/consent.h"
#include "src/cli/print.h"
#include "src/cli/start.h"
#include "src/profile/subject.h"
#include "src/report/report.h"
#include "src/run/signals.h"

bool cmd_has_terminal(const struct options *o)
{
    return !o->headless && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
}

struct profile *cmd_open_profile(const struct options *o)
{
    const struct profile_overrides overrides = start_overrides(o);
    struct problems problems = {0};
    struct probe_specs probes = {0};
    struct err e;
    bool ok = start_check(o, subject_is_file(o->subject), &e) && start_probes(o, &probes, &e) &&
              report_writable(o->json, &e);
    probe_specs_finish(&probes);
    if (!ok) {
        print_error(&e);
        return NULL;
    }
    struct profile *p = subject_open(o->subject, &overrides, &problems);
    if (p == NULL)
        print_problems(&problems);
    problems_finish(&problems);
    return p;
}

struct profile *cmd_open_permitted(const struct options *o)
{
    struct err e;
    struct profile *p = cmd_open_profile(o);
    signals_install();
    if (p == NULL || o->trust || consent_given(p, false, cmd_has_terminal(o), &e))
        return p;
    print_error(&e);
    profile_unref(p);
    return NULL;
}

void cmd_show_progress(const struct options *o, char *text)
{
    if (!o->quiet)
        out_progress(text);
    free(text);
}

void cmd_show_result(const struct options *o, char *text)
{
    char *block = mem_printf("%s\n", text);
    if (o->json == NULL || strcmp(o->json, "-") != 0)
        out_write(STDOUT_FILENO, block);
    free(block);
    free(text);
}

int cmd_report(const struct options *o, char *json, char *summary, bool by_signal, int code)
{
    struct err e;
    const struct report_ending r = {
        .json = json, .path = o->json, .text = summary, .by_signal = by_signal};
    return report_end(&r, &e) ? code : print_error(&e);
}
