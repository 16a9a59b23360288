/* SPDX-License-Identifier: MIT */
#include "src/cli/consent.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include "src/base/out.h"
#include "src/cli/trust.h"
#include "src/run/signals.h"

/* The key, or 0. */
static char wait_for_key(void)
{
    struct pollfd wait[] = {{.fd = STDIN_FILENO, .events = POLLIN},
                            {.fd = signals_fd(), .events = POLLIN}};
    char key = 0;
    while (signals_stop() == 0 && (wait[0].revents & (POLLIN | POLLHUP | POLLERR)) == 0) {
        if (poll(wait, 2, -1) < 0 && errno != EINTR)
            return 0;
        if (signals_suspend_wanted())
            signals_suspend();
    }
    return signals_stop() == 0 && read(STDIN_FILENO, &key, 1) == 1 ? key : 0;
}

bool consent_key(const char *question)
{
    struct termios before, now;
    if (tcgetattr(STDIN_FILENO, &before) != 0)
        return false;
    now = before;
    now.c_lflag &= ~(tcflag_t)(ICANON | ECHO | ISIG); /* Ctrl-C is a key like others, and no yes */
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &now);         /* keys typed ahead are no answer */
    out_write(STDOUT_FILENO, question);
    char key = wait_for_key();
    tcsetattr(STDIN_FILENO, TCSANOW, &before);
    bool yes = key == 'y' || key == 'Y';
    out_line(STDOUT_FILENO, "%s", yes ? "yes" : "no");
    return yes;
}

/* Everything is shown, not only what is new: a yes is for all of it. */
static bool show_and_ask(const struct profile *p, struct err *e)
{
    char *list;
    trust_list(p, &list);
    out_line(STDOUT_FILENO, "%s asks to:", p->file);
    out_write(STDOUT_FILENO, list);
    free(list);
    if (consent_key("Let it, now and from now on? [y/N] "))
        return trust_give(p, e);
    return err_set(e, "%.300s was not let do that, so nothing was sent", p->file);
}

bool consent_given(const struct profile *p, bool probes, bool person, struct err *e)
{
    struct err asks;
    if (trust_given(p, probes, NULL, &asks))
        return true;
    if (person)
        return show_and_ask(p, e);
    return err_set(e, "%s: `ramptop trust %.120s` lets it from now on, --trust this once",
                   asks.text, p->file);
}
