/* SPDX-License-Identifier: MIT */
/* tty.h - the terminal: open, size, key, show, close.  The only user of ncurses.
 *
 * Restores the terminal on every exit: close, fatal signals (tty_panic is
 * async-signal-safe enough for that last moment), and the memory hook.
 *
 * Nothing here waits for a terminal that is not read (Ctrl-S, a dead ssh): curses
 * draws into a buffer, which is sent as far as the terminal takes it; frames that
 * come meanwhile are dropped, and the newest is shown when it reads again.
 *
 * Ctrl-C and Ctrl-Z are not keys but the signals they always are.  Main thread only,
 * except tty_panic. */
#ifndef RAMPTOP_UI_TTY_H
#define RAMPTOP_UI_TTY_H

#include <stdbool.h>
#include <stdint.h>

#include "src/base/err.h"
#include "ui/frame.h"

/* Keys: Unicode code points below KEY_BASE, these above.  A character that was pasted, not
 * typed, has the flag TTY_KEY_PASTED: it must not act as a key.  Line ends and tabs among them
 * have become one blank each, none at the ends. */
enum tty_key {
    TTY_KEY_BASE = 0x200000,
    TTY_KEY_UP,
    TTY_KEY_DOWN,
    TTY_KEY_LEFT,
    TTY_KEY_RIGHT,
    TTY_KEY_HOME,
    TTY_KEY_END,
    TTY_KEY_PAGE_UP,
    TTY_KEY_PAGE_DOWN,
    TTY_KEY_DELETE,
    TTY_KEY_BACKSPACE,
    TTY_KEY_BACK_TAB,
    TTY_KEY_RESIZE,
    TTY_KEY_F1, /* F1..F12 follow one another */
    TTY_KEY_F12 = TTY_KEY_F1 + 11,
    TTY_KEY_NONE, /* nothing within the time given */
    TTY_KEY_EOF,  /* end of input or hang-up: the terminal is gone */
};
#define TTY_KEY_PASTED 0x1000000
#define TTY_KEY_ENTER '\n'
#define TTY_KEY_ESC 27
#define TTY_KEY_TAB '\t'
#define TTY_KEY_CTRL(c) ((c)&0x1f)

struct tty;

struct tty_options {
    bool color;         /* false: attributes only */
    const char *device; /* NULL: /dev/tty, else stdin and stdout when they are terminals */
};

struct tty *tty_open(const struct tty_options *o, struct err *e);
void tty_close(struct tty *t); /* NULL is fine */

/* tty_key returns TTY_KEY_NONE at once when this descriptor becomes readable; -1 for none. */
void tty_wake_on(struct tty *t, int fd);

void tty_size(struct tty *t, int *rows, int *cols);
/* Waits at most timeout_ms for a key.  TTY_KEY_RESIZE comes once per change of size. */
int tty_key(struct tty *t, int timeout_ms);
/* Shows the frame; only what changed is sent.  cursor_row -1: cursor hidden.  A frame of
 * another size than the terminal's is cut. */
void tty_show(struct tty *t, const struct frame *f, int cursor_row, int cursor_col);
/* Forget what is on the screen and send all of it next time; sets the modes again too
 * (Ctrl-L, and when a shell had the terminal meanwhile). */
void tty_redraw(struct tty *t);

/* Gives the terminal back for a stop (Ctrl-Z) and takes it again. */
void tty_suspend(struct tty *t);
void tty_resume(struct tty *t);

/* Bytes sent to the terminal since it was opened. */
uint64_t tty_bytes(const struct tty *t);

/* Last resort, from a signal handler: puts the terminal's modes back. */
void tty_panic(void);

/* Returns the glyphs that this terminal and locale can draw. */
enum charset tty_charset(void);

#endif
