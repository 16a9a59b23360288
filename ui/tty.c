/* SPDX-License-Identifier: MIT */
/* Curses does not own the terminal here: it draws into a file in memory, and this file
 * sends that on without ever waiting, and sets the terminal's modes itself. */
#include "ui/tty.h"

#include <curses.h>
#include <term.h>

#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <limits.h>
#include <locale.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>
#include <wchar.h>
#include <wctype.h>

#include "src/base/mem.h"
#include "src/base/now.h"

#define ESC_DELAY_MS 25
#define PANIC_WAIT_MS 50
#define PANIC_WRITES 20 /* attempts, so long apart */
#define PANIC_POLL_MS 50
#define CLOSE_WAIT_MS 1000 /* for a terminal that does not take its last bytes */
#define KEY_PASTE_BEGIN (KEY_MAX + 1)
#define KEY_PASTE_END (KEY_MAX + 2)
#define PASTE_PAUSE_NS NS_PER_S /* the end of a paste was lost on its way */
#define SIDE_MAX 4096           /* as a frame's */
#define EMPTY_READS_MAX 3       /* readable, and nothing to read: the other side is gone */

struct tty {
    int in, out; /* descriptions of our own, so that O_NONBLOCK is not the shell's */
    int wake;    /* borrowed */
    int drawn;   /* the memory file that curses writes to */
    FILE *in_file, *drawn_file;
    SCREEN *screen;
    struct termios before, raw;
    int rows, cols;
    struct frame shown; /* last told to curses */
    bool all;           /* the terminal's contents are not known */
    bool cursor;        /* visible */
    bool color, gone, resized;
    int empty_reads;
    struct {
        bool on, any, blank; /* characters have come; a blank goes before the next */
        int next;            /* behind that blank; 0: none */
        uint64_t newest_ns;
    } paste;
    char *queue; /* drawn and not yet sent */
    size_t queued, sent, room;
    uint64_t bytes;
};

/* The bytes that put the terminal back, ready for a signal handler. */
static struct {
    volatile int fd;
    struct termios before;
    char bytes[256];
    size_t n;
} panic = {.fd = -1};

/* The turn to write to the terminal.  A panic can come in any thread while the owner
 * draws, and nothing must come behind its last bytes. */
enum { TURN_FREE, TURN_OWNER, TURN_PANIC };
static atomic_int turn = TURN_FREE;

static bool take_turn(int who)
{
    int nobody = TURN_FREE;
    return atomic_compare_exchange_strong(&turn, &nobody, who);
}

/* A panic keeps its turn. */
static void end_turn(void)
{
    int own = TURN_OWNER;
    atomic_compare_exchange_strong(&turn, &own, TURN_FREE);
}

static void set_terminal_modes(struct tty *t, const struct termios *modes)
{
    if (!take_turn(TURN_OWNER))
        return;
    tcsetattr(t->out, TCSANOW, modes);
    end_turn();
}

/* ------------------------------------------------------------- out to the terminal */

static void queue_make_room(struct tty *t, size_t n)
{
    if (t->queued + n <= t->room)
        return;
    t->room = t->queued + n + 4096;
    t->queue = mem_grow(t->queue, t->room, 1);
}

/* False: not all of it is there, and the next frame has to be drawn as a whole. */
static bool queue_drawn(struct tty *t)
{
    off_t n = lseek(t->drawn, 0, SEEK_CUR);
    if (n <= 0)
        return n == 0;
    if (t->sent > 0) {
        memmove(t->queue, t->queue + t->sent, t->queued - t->sent);
        t->queued -= t->sent;
        t->sent = 0;
    }
    queue_make_room(t, (size_t)n);
    ssize_t got = pread(t->drawn, t->queue + t->queued, (size_t)n, 0);
    if (got > 0)
        t->queued += (size_t)got;
    bool again = lseek(t->drawn, 0, SEEK_SET) == 0; /* written over: no ftruncate per frame */
    return got == n && again;
}

static void queue_bytes(struct tty *t, const char *bytes, size_t n)
{
    if (n == 0)
        return;
    queue_make_room(t, n);
    memcpy(t->queue + t->queued, bytes, n);
    t->queued += n;
}

/* Tells pasted text from typed text, where the terminal can: terminfo says so, but not for tmux
 * under its older name. */
static const char *paste_mode(bool on)
{
    const char *s = tigetstr(on ? "BE" : "BD"), *term = termname();
    if (s != NULL && s != (const char *)-1)
        return s;
    return strncmp(term, "screen", 6) != 0 ? "" : on ? "\033[?2004h" : "\033[?2004l";
}

static void queue_paste_mode(struct tty *t, bool on)
{
    const char *s = paste_mode(on);
    queue_bytes(t, s, strlen(s));
}

/* Sends as much as the terminal takes; true when all is sent. */
static bool flush_queue(struct tty *t)
{
    if (!queue_drawn(t))
        t->all = true;
    while (t->sent < t->queued && !t->gone) {
        if (!take_turn(TURN_OWNER))
            return false;
        ssize_t n = write(t->out, t->queue + t->sent, t->queued - t->sent);
        end_turn();
        if (n > 0) {
            t->sent += (size_t)n;
            t->bytes += (uint64_t)n;
        } else if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            return false;
        } else if (n == 0 || errno != EINTR) {
            t->gone = true;
        }
    }
    t->sent = t->queued = 0;
    return true;
}

static void flush_with_patience(struct tty *t)
{
    uint64_t end = now_ns() + CLOSE_WAIT_MS * NS_PER_MS;
    while (!flush_queue(t) && now_ns() < end) {
        struct pollfd p = {t->out, POLLOUT, 0};
        poll(&p, 1, 50);
    }
}

/* --------------------------------------------------------------------- open, close */

static int open_device(const char *device, int *in)
{
    *in = open(device, O_RDONLY | O_NOCTTY | O_CLOEXEC);
    if (*in < 0)
        return -1;
    int out = open(device, O_WRONLY | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
    if (out >= 0 && isatty(*in) && isatty(out))
        return out;
    int why = out < 0 ? errno : ENOTTY;
    close(*in);
    if (out >= 0)
        close(out);
    errno = why;
    return -1;
}

static bool open_any(struct tty *t, const char *device, struct err *e)
{
    if (device != NULL) {
        t->out = open_device(device, &t->in);
        return t->out >= 0 ||
               err_set(e, "%s cannot be used as a terminal: %s", device, strerror(errno));
    }
    t->out = open_device("/dev/tty", &t->in);
    if (t->out < 0 && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO))
        t->out = open_device("/proc/self/fd/1", &t->in);
    return t->out >= 0 || err_set(e,
                                  "There is no terminal to draw on (/dev/tty: %s); run with "
                                  "--headless to do without one.",
                                  strerror(errno));
}

static struct termios raw_modes(const struct termios *before)
{
    struct termios m = *before;
    m.c_lflag &= ~(tcflag_t)(ICANON | ECHO | ECHONL | IEXTEN);
    m.c_lflag |= ISIG | NOFLSH; /* Ctrl-C and Ctrl-Z stay signals and lose no output */
    m.c_iflag &= ~(tcflag_t)(INLCR | IGNCR | ISTRIP);
    m.c_iflag |= ICRNL;
    m.c_oflag &= ~(tcflag_t)OPOST;
    m.c_cc[VMIN] = 1;
    m.c_cc[VTIME] = 0;
    return m;
}

/* Without them the terminal could not be put back. */
static bool note_modes(struct tty *t, struct err *e)
{
    struct termios before;
    if (tcgetattr(t->out, &before) != 0)
        return err_set(e, "The terminal's settings cannot be read: %s.", strerror(errno));
    t->before = before;
    t->raw = raw_modes(&before);
    return true;
}

static void enter_modes(struct tty *t)
{
    set_terminal_modes(t, &t->raw);
    queue_paste_mode(t, true);
}

static int put_panic(int c)
{
    if (panic.n < sizeof panic.bytes)
        panic.bytes[panic.n++] = (char)c;
    return c;
}

static void prepare_panic(const struct tty *t)
{
    static const char *const names[] = {"sgr0", "op", "rmkx", "cnorm", "rmcup"};
    panic.n = 0;
    for (const char *s = paste_mode(false); *s != '\0'; s++)
        put_panic(*s);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *s = tigetstr(names[i]);
        if (s != NULL && s != (const char *)-1)
            tputs(s, 1, put_panic);
    }
    put_panic('\r');
    put_panic('\n');
    panic.before = t->before;
    panic.fd = t->out;
}

/* Undoes Ctrl-S: what puts the terminal back must reach it.  TCOON alone only undoes
 * TCOOFF. */
static void restart_output(int fd)
{
    tcflow(fd, TCOOFF);
    tcflow(fd, TCOON);
}

/* The terminal may still be taking the last frame.  For a moment only: it may be one that
 * nobody reads. */
static void write_panic(int fd)
{
    struct pollfd wait = {.fd = fd, .events = POLLOUT};
    size_t sent = 0;
    for (int i = 0; i < PANIC_WRITES && sent < panic.n; i++) {
        ssize_t n = write(fd, panic.bytes + sent, panic.n - sent);
        if (n > 0)
            sent += (size_t)n;
        else if (n < 0 && errno != EAGAIN && errno != EINTR)
            return;
        else
            poll(&wait, 1, PANIC_POLL_MS);
    }
}

void tty_panic(void)
{
    int fd = panic.fd;
    if (fd < 0)
        return;
    panic.fd = -1;
    const struct timespec moment = {.tv_nsec = 1000 * 1000};
    for (int i = 0; i < PANIC_WAIT_MS && !take_turn(TURN_PANIC); i++)
        nanosleep(&moment, NULL); /* the owner is writing, or it is the owner that panics */
    atomic_store(&turn, TURN_PANIC);
    restart_output(fd);
    write_panic(fd);
    tcsetattr(fd, TCSANOW, &panic.before);
}

struct look {
    short fg_256, fg_8; /* -1: the terminal's own */
    attr_t attr;        /* with colours */
    attr_t attr_mono;
};

/* Base colours follow the user's theme; from the 256 only what reads well on dark and
 * on light.  Bold, dim and reverse alone must tell what matters. */
static const struct look looks[STYLES] = {
    [STYLE_NORMAL] = {-1, -1, A_NORMAL, A_NORMAL},
    [STYLE_DIM] = {244, -1, A_NORMAL, A_DIM},
    [STYLE_BOLD] = {-1, -1, A_BOLD, A_BOLD},
    [STYLE_TITLE] = {-1, -1, A_REVERSE, A_REVERSE},
    [STYLE_OK] = {COLOR_GREEN, COLOR_GREEN, A_NORMAL, A_NORMAL},
    [STYLE_WARN] = {COLOR_YELLOW, COLOR_YELLOW, A_NORMAL, A_BOLD},
    [STYLE_BAD] = {COLOR_RED, COLOR_RED, A_NORMAL, A_BOLD},
    [STYLE_BAD_BOLD] = {COLOR_RED, COLOR_RED, A_BOLD, A_BOLD | A_REVERSE},
    [STYLE_RPS] = {37, COLOR_CYAN, A_NORMAL, A_BOLD},
    [STYLE_USERS] = {33, COLOR_BLUE, A_NORMAL, A_NORMAL},
    [STYLE_P50] = {COLOR_GREEN, COLOR_GREEN, A_NORMAL, A_DIM},
    [STYLE_P95] = {COLOR_YELLOW, COLOR_YELLOW, A_NORMAL, A_NORMAL},
    [STYLE_P99] = {COLOR_RED, COLOR_RED, A_NORMAL, A_BOLD},
    [STYLE_MARK] = {COLOR_MAGENTA, COLOR_MAGENTA, A_NORMAL, A_BOLD},
    [STYLE_SELECTED] = {-1, -1, A_REVERSE | A_BOLD, A_REVERSE | A_BOLD},
    [STYLE_BAR] = {33, COLOR_BLUE, A_NORMAL, A_NORMAL},
    [STYLE_BAR_REST] = {240, -1, A_NORMAL, A_DIM},
};

static short color_of(enum style style)
{
    return COLORS >= 256 ? looks[style].fg_256 : looks[style].fg_8;
}

/* Attributes and colour pair.  Some terminals cannot have dim and a colour at once, so
 * what has no colour has no pair either. */
static attr_t look_of(const struct tty *t, enum style style, short *pair)
{
    *pair = t->color && color_of(style) >= 0 ? (short)(style + 1) : 0;
    if (!t->color)
        return looks[style].attr_mono;
    bool faint = *pair == 0 && looks[style].fg_256 >= 0;
    return looks[style].attr | (faint ? A_DIM : A_NORMAL);
}

static void prepare_colors(struct tty *t, bool wanted)
{
    t->color = wanted && has_colors() && start_color() == OK && COLORS >= 8 &&
               COLOR_PAIRS > STYLES && use_default_colors() == OK;
    for (int i = 0; t->color && i < STYLES; i++)
        init_pair((short)(i + 1), color_of((enum style)i), -1);
}

/* Terminals that are not in application mode, or whose terminfo knows one form only. */
static void define_more_keys(void)
{
    static const struct {
        const char *sequence;
        int key;
    } more[] = {
        {"\033[A", KEY_UP},
        {"\033[B", KEY_DOWN},
        {"\033[C", KEY_RIGHT},
        {"\033[D", KEY_LEFT},
        {"\033OA", KEY_UP},
        {"\033OB", KEY_DOWN},
        {"\033OC", KEY_RIGHT},
        {"\033OD", KEY_LEFT},
        {"\033[H", KEY_HOME},
        {"\033[F", KEY_END},
        {"\033OH", KEY_HOME},
        {"\033OF", KEY_END},
        {"\033[1~", KEY_HOME},
        {"\033[4~", KEY_END},
        {"\033[7~", KEY_HOME},
        {"\033[8~", KEY_END},
        {"\033[3~", KEY_DC},
        {"\033[5~", KEY_PPAGE},
        {"\033[6~", KEY_NPAGE},
        {"\033[Z", KEY_BTAB},
        {"\033OP", KEY_F(1)},
        {"\033OQ", KEY_F(2)},
        {"\033OR", KEY_F(3)},
        {"\033OS", KEY_F(4)},
        {"\033[11~", KEY_F(1)},
        {"\033[12~", KEY_F(2)},
        {"\033[13~", KEY_F(3)},
        {"\033[14~", KEY_F(4)},
        {"\033[15~", KEY_F(5)},
        {"\033[17~", KEY_F(6)},
        {"\033[18~", KEY_F(7)},
        {"\033[19~", KEY_F(8)},
        {"\033[20~", KEY_F(9)},
        {"\033[21~", KEY_F(10)},
        {"\033[23~", KEY_F(11)},
        {"\033[24~", KEY_F(12)},
        {"\033[[A", KEY_F(1)},
        {"\033[[B", KEY_F(2)},
        {"\033[[C", KEY_F(3)},
        {"\033[[D", KEY_F(4)},
        {"\033[200~", KEY_PASTE_BEGIN},
        {"\033[201~", KEY_PASTE_END},
    };
    for (size_t i = 0; i < sizeof more / sizeof *more; i++)
        define_key(more[i].sequence, more[i].key);
}

/* A terminal too new for this machine's terminfo is taken for the one that all newer
 * terminals understand.  Asked here, because newterm leaks when it fails. */
static const char *known_terminal(const struct tty *t, const char *term)
{
    int found;
    if (setupterm(term, t->drawn, &found) != OK)
        return "xterm-256color";
    del_curterm(cur_term);
    return term;
}

/* Replaces a side that is unknown or that no screen has: ncurses counts in shorts and does not
 * survive more. */
static int sane_side(int told, int usual)
{
    return told == 0 ? usual : told > SIDE_MAX ? SIDE_MAX : told;
}

static void terminal_size(const struct tty *t, int *rows, int *cols)
{
    struct winsize w = {0};
    ioctl(t->out, TIOCGWINSZ, &w);
    *rows = sane_side(w.ws_row, 24);
    *cols = sane_side(w.ws_col, 80);
}

/* Returns what it was, NULL when it was not set. */
static char *set_variable(const char *name, int value)
{
    const char *before = getenv(name);
    char *copy = before != NULL ? mem_strdup(before) : NULL, number[16];
    snprintf(number, sizeof number, "%d", value);
    setenv(name, number, 1);
    return copy;
}

static void put_back_variable(const char *name, char *before)
{
    if (before != NULL)
        setenv(name, before, 1);
    else
        unsetenv(name);
    free(before);
}

/* ncurses draws into a file, which has no size: it would take 24 rows, confine the
 * terminal's scrolling to them, and so it would stay for the shell.  In a locale other than UTF-8
 * it would also send equal cells as one and "repeat that", which not every terminal knows that
 * calls itself xterm-256color: the screen would be torn. */
static SCREEN *new_screen(struct tty *t, const char *term)
{
    int rows, cols;
    terminal_size(t, &rows, &cols);
    char *rows_before = set_variable("LINES", rows), *cols_before = set_variable("COLUMNS", cols);
    locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    locale_t before = utf8 != (locale_t)0 ? uselocale(utf8) : (locale_t)0;
    SCREEN *screen = newterm(term, t->drawn_file, t->in_file);
    if (utf8 != (locale_t)0) {
        uselocale(before);
        freelocale(utf8);
    }
    put_back_variable("LINES", rows_before);
    put_back_variable("COLUMNS", cols_before);
    return screen;
}

static bool open_screen(struct tty *t, bool color, struct err *e)
{
    const char *term = getenv("TERM");
    if (term == NULL || term[0] == '\0')
        return err_set(e, "TERM is not set, so it is not known how to draw on this terminal; "
                          "set it (TERM=xterm-256color) or run with --headless.");
    t->drawn = memfd_create("screen", MFD_CLOEXEC);
    int in = dup(t->in);
    if (t->drawn < 0 || in < 0 || (t->drawn_file = fdopen(dup(t->drawn), "w")) == NULL ||
        (t->in_file = fdopen(in, "r")) == NULL) {
        if (in >= 0 && t->in_file == NULL)
            close(in);
        return err_set(e, "The terminal cannot be set up: %s.", strerror(errno));
    }
    t->screen = new_screen(t, known_terminal(t, term));
    if (t->screen == NULL || tigetstr("cup") == NULL || tigetstr("clear") == NULL)
        return err_set(e,
                       "This terminal (TERM=%.40s) cannot place the cursor; set TERM to what "
                       "it is (TERM=xterm-256color) or run with --headless.",
                       term);
    set_escdelay(ESC_DELAY_MS);
    cbreak();
    noecho();
    nonl();
    keypad(stdscr, TRUE);
    nodelay(stdscr, TRUE);
    leaveok(stdscr, FALSE);
    scrollok(stdscr, FALSE);
    idlok(stdscr, FALSE);
    define_more_keys();
    prepare_colors(t, color);
    curs_set(0);
    return true;
}

/* The size now; true when it changed. */
static bool read_size(struct tty *t)
{
    int rows, cols;
    terminal_size(t, &rows, &cols);
    if (rows == t->rows && cols == t->cols)
        return false;
    t->rows = rows;
    t->cols = cols;
    resize_term(rows, cols);
    frame_resize(&t->shown, rows, cols);
    t->all = true;
    return true;
}

struct tty *tty_open(const struct tty_options *o, struct err *e)
{
    struct tty *t = mem_zalloc(sizeof *t);
    t->in = t->out = t->drawn = t->wake = -1;
    if (!open_any(t, o->device, e) || !open_screen(t, o->color, e) || !note_modes(t, e)) {
        tty_close(t);
        return NULL;
    }
    prepare_panic(t); /* before there is something to put back */
    enter_modes(t);
    read_size(t);
    t->all = true;
    flush_queue(t);
    return t;
}

static void leave_screen(struct tty *t)
{
    const char *other_screen = tigetstr("rmcup");
    if (other_screen == NULL || other_screen == (const char *)-1) {
        erase(); /* the next output begins where the screen was */
        refresh();
    }
    curs_set(1);
    endwin();
    if (!queue_drawn(t))
        queue_bytes(t, panic.bytes, panic.n); /* the same, if more bluntly */
    queue_paste_mode(t, false);
    if (!flush_queue(t))
        restart_output(t->out);
    flush_with_patience(t);
    set_terminal_modes(t, &t->before);
}

void tty_close(struct tty *t)
{
    if (t == NULL)
        return;
    if (t->screen != NULL && panic.fd == t->out) {
        leave_screen(t);
        panic.fd = -1;
    }
    if (t->screen != NULL)
        delscreen(t->screen);
    if (t->drawn_file != NULL)
        fclose(t->drawn_file);
    if (t->in_file != NULL)
        fclose(t->in_file);
    const int fds[] = {t->drawn, t->in, t->out};
    for (size_t i = 0; i < sizeof fds / sizeof *fds; i++) {
        if (fds[i] >= 0)
            close(fds[i]);
    }
    frame_finish(&t->shown);
    free(t->queue);
    free(t);
}

void tty_suspend(struct tty *t)
{
    leave_screen(t);
    panic.fd = -1;
}

void tty_resume(struct tty *t)
{
    note_modes(t, NULL); /* else as they were the first time */
    panic.before = t->before;
    panic.fd = t->out;
    enter_modes(t);
    read_size(t);
    keypad(stdscr, FALSE);
    keypad(stdscr, TRUE);
    curs_set(t->cursor ? 1 : 0);
    t->resized = true; /* the owner draws for a size that may be another */
    tty_redraw(t);
}

/* ------------------------------------------------------------------------- showing */

void tty_redraw(struct tty *t)
{
    set_terminal_modes(t, &t->raw);
    t->all = true;
}

void tty_size(struct tty *t, int *rows, int *cols)
{
    *rows = t->rows;
    *cols = t->cols;
}

/* Has this locale such a character? */
static bool locale_has_char(uint32_t ch)
{
    char bytes[MB_LEN_MAX];
    mbstate_t state = {0};
    return ch < 0x80 || wcrtomb(bytes, (wchar_t)ch, &state) != (size_t)-1;
}

static void put_cell(const struct tty *t, int row, int col, struct cell c)
{
    wchar_t text[2] = {(wchar_t)c.ch, 0};
    enum style style = c.style < STYLES ? (enum style)c.style : STYLE_NORMAL;
    short pair;
    attr_t attr = look_of(t, style, &pair);
    cchar_t out;

    if (!locale_has_char(c.ch))
        text[0] = '?';
    setcchar(&out, text, attr, pair, NULL);
    mvadd_wch(row, col, &out);
}

/* True when the row changed. */
static bool tty_draw_row(struct tty *t, const struct frame *f, int row, int cols)
{
    bool changed = false;
    const struct cell *want = f->cells + (size_t)row * (size_t)f->cols;
    struct cell *have = t->shown.cells + (size_t)row * (size_t)t->shown.cols;
    for (int col = 0; col < cols; col++) {
        if (want[col].ch == have[col].ch && want[col].style == have[col].style && !t->all)
            continue;
        have[col] = want[col];
        changed = true;
        if (want[col].ch != 0)
            put_cell(t, row, col, want[col]);
        else if (col > 0 && !locale_has_char(want[col - 1].ch)) /* a '?' for each half */
            put_cell(t, row, col, (struct cell){'?', want[col].style});
    }
    return changed;
}

void tty_show(struct tty *t, const struct frame *f, int cursor_row, int cursor_col)
{
    if (!flush_queue(t) || t->gone)
        return;
    int rows = f->rows < t->rows ? f->rows : t->rows;
    int cols = f->cols < t->cols ? f->cols : t->cols;
    if (t->all) {
        frame_clear(&t->shown);
        erase();
        clearok(curscr, TRUE);
    }
    /* Row by row: shown several at once, ncurses moves what looks alike with the terminal's
     * own scrolling, whatever idlok says, and not every emulator follows it there. */
    for (int row = 0; row < rows; row++)
        if (tty_draw_row(t, f, row, cols) && !t->all)
            refresh();
    t->all = false;

    bool cursor = cursor_row >= 0 && cursor_col >= 0;
    if (cursor != t->cursor)
        curs_set(cursor ? 1 : 0);
    t->cursor = cursor;
    move(cursor ? cursor_row : 0, cursor ? cursor_col : 0);
    refresh();
    flush_queue(t);
}

uint64_t tty_bytes(const struct tty *t)
{
    return t->bytes;
}

/* --------------------------------------------------------------------------- keys */

void tty_wake_on(struct tty *t, int fd)
{
    t->wake = fd;
}

static int key_of_curses(wint_t key)
{
    static const struct {
        int curses, ours;
    } keys[] = {
        {KEY_UP, TTY_KEY_UP},         {KEY_DOWN, TTY_KEY_DOWN},
        {KEY_LEFT, TTY_KEY_LEFT},     {KEY_RIGHT, TTY_KEY_RIGHT},
        {KEY_HOME, TTY_KEY_HOME},     {KEY_END, TTY_KEY_END},
        {KEY_FIND, TTY_KEY_HOME},     {KEY_SELECT, TTY_KEY_END},
        {KEY_PPAGE, TTY_KEY_PAGE_UP}, {KEY_NPAGE, TTY_KEY_PAGE_DOWN},
        {KEY_DC, TTY_KEY_DELETE},     {KEY_BACKSPACE, TTY_KEY_BACKSPACE},
        {KEY_BTAB, TTY_KEY_BACK_TAB}, {KEY_ENTER, TTY_KEY_ENTER},
    };
    if (key >= (wint_t)KEY_F(1) && key <= (wint_t)KEY_F(12))
        return TTY_KEY_F1 + (int)(key - (wint_t)KEY_F(1));
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        if ((wint_t)keys[i].curses == key)
            return keys[i].ours;
    }
    return TTY_KEY_NONE;
}

static void begin_paste(struct tty *t, bool on)
{
    t->paste.on = on;
    t->paste.any = t->paste.blank = false;
    t->paste.next = 0;
    t->paste.newest_ns = now_ns();
}

static bool is_pasting(struct tty *t)
{
    if (t->paste.on && now_ns() - t->paste.newest_ns > PASTE_PAUSE_NS)
        t->paste.on = false;
    return t->paste.on;
}

static bool is_character(wint_t key)
{
    return key >= ' ' && key < TTY_KEY_BASE && (key < 0x7f || key >= 0xa0);
}

/* Takes a character of a paste; TTY_KEY_NONE: nothing yet. */
static int pasted(struct tty *t, wint_t key)
{
    t->paste.newest_ns = now_ns();
    if (!is_character(key)) {
        t->paste.blank = t->paste.any && (t->paste.blank || iswspace(key));
        return TTY_KEY_NONE;
    }
    t->paste.any = true;
    if (!t->paste.blank)
        return TTY_KEY_PASTED | (int)key;
    t->paste.blank = false;
    t->paste.next = TTY_KEY_PASTED | (int)key;
    return TTY_KEY_PASTED | ' ';
}

/* A key that is already there, or TTY_KEY_NONE; what is no key is skipped. */
static int next_key(struct tty *t, bool *read_nothing)
{
    wint_t key;
    int next = t->paste.next;
    *read_nothing = false;
    t->paste.next = 0;
    if (next != 0)
        return next;
    for (int skipped = 0; skipped < 64; skipped++) {
        int kind = get_wch(&key);
        if (kind == ERR) {
            *read_nothing = skipped == 0;
            return TTY_KEY_NONE;
        }
        t->empty_reads = 0;
        if (kind == KEY_CODE_YES && (key == KEY_PASTE_BEGIN || key == KEY_PASTE_END)) {
            begin_paste(t, key == KEY_PASTE_BEGIN);
        } else if (is_pasting(t)) {
            int ours = kind == KEY_CODE_YES ? TTY_KEY_NONE : pasted(t, key);
            if (ours != TTY_KEY_NONE)
                return ours;
        } else if (kind == KEY_CODE_YES) {
            int ours = key_of_curses(key);
            if (ours != TTY_KEY_NONE)
                return ours;
        } else if (key == '\r') {
            return TTY_KEY_ENTER;
        } else if (key == 0x7f || key == '\b') {
            return TTY_KEY_BACKSPACE;
        } else if (key > 0 && key < TTY_KEY_BASE && (key < 0x80 || key >= 0xa0)) {
            return (int)key;
        }
    }
    return TTY_KEY_NONE;
}

enum { WAITED_EMPTY = 1, WAITED_WAKE = 2 };

/* Without a byte: half a character gives no key either, and is no hang-up. */
static bool is_empty(int fd)
{
    int n;
    return ioctl(fd, FIONREAD, &n) == 0 && n == 0;
}

/* The one place that waits. */
static unsigned wait_for_terminal(struct tty *t, int timeout_ms)
{
    struct pollfd p[3] = {
        {t->in, POLLIN, 0}, {t->wake, POLLIN, 0}, {t->queued > t->sent ? t->out : -1, POLLOUT, 0}};
    if (poll(p, 3, timeout_ms) <= 0)
        return 0;
    if ((p[0].revents & (POLLHUP | POLLERR | POLLNVAL)) != 0)
        t->gone = true;
    return ((p[0].revents & POLLIN) != 0 && is_empty(t->in) ? WAITED_EMPTY : 0) |
           (p[1].revents != 0 ? WAITED_WAKE : 0);
}

int tty_key(struct tty *t, int timeout_ms)
{
    uint64_t end = now_ns() + (uint64_t)(timeout_ms < 0 ? 0 : timeout_ms) * NS_PER_MS;
    unsigned waited = 0;
    for (;;) {
        bool nothing;
        flush_queue(t);
        if (read_size(t) || t->resized) {
            t->resized = false;
            return TTY_KEY_RESIZE;
        }
        int key = t->gone ? TTY_KEY_EOF : next_key(t, &nothing);
        if (key != TTY_KEY_NONE)
            return key;
        if ((waited & WAITED_EMPTY) != 0 && nothing && ++t->empty_reads >= EMPTY_READS_MAX)
            return TTY_KEY_EOF;
        uint64_t now = now_ns();
        if (now >= end || (waited & WAITED_WAKE) != 0)
            return TTY_KEY_NONE;
        waited = wait_for_terminal(t, (int)((end - now + NS_PER_MS - 1) / NS_PER_MS));
    }
}

/* ------------------------------------------------------------------------ charset */

enum charset tty_charset(void)
{
    const char *term = getenv("TERM");
    if (strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
        return CHARS_ASCII;
    /* The console's font has neither braille nor eighth blocks. */
    if (term != NULL && (strcmp(term, "linux") == 0 || strncmp(term, "vt", 2) == 0))
        return CHARS_ASCII;
    return CHARS_BRAILLE;
}
