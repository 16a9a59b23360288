/* SPDX-License-Identifier: MIT */
/* The terminal, on the slave side of a pseudo terminal whose master the test holds. */
#include <check.h>
#include <fcntl.h>
#include <locale.h>
#include <poll.h>
#include <pty.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "src/base/now.h"
#include "tests/unit/unit.h"
#include "ui/tty.h"

#define ROWS 24
#define COLS 80
#define SEEN_MAX (1 << 20)

static int master, slave;
static char device[64];
static char seen[SEEN_MAX];     /* what the terminal received */
static size_t n_seen, n_before; /* now in seen; taken before that */
static struct frame frame;

static void set_size(int rows, int cols)
{
    struct winsize w = {.ws_row = (unsigned short)rows, .ws_col = (unsigned short)cols};
    ck_assert_int_eq(ioctl(master, TIOCSWINSZ, &w), 0);
}

static void setup(void)
{
    setlocale(LC_ALL, "C.UTF-8");
    setenv("TERM", "xterm-256color", 1);
    ck_assert_int_eq(openpty(&master, &slave, device, NULL, NULL), 0);
    set_size(ROWS, COLS);
    frame_init(&frame, ROWS, COLS);
    n_seen = n_before = 0;
    seen[0] = '\0';
}

static void teardown(void)
{
    frame_finish(&frame);
    close(slave);
    if (master >= 0)
        close(master);
}

static struct tty *open_tty(bool color)
{
    struct err e = {{0}};
    struct tty *t = tty_open(&(struct tty_options){.color = color, .device = device}, &e);
    ck_assert_msg(t != NULL, "%s", e.text);
    return t;
}

static void receive_some(int wait_ms)
{
    struct pollfd p = {master, POLLIN, 0};
    if (poll(&p, 1, wait_ms) <= 0 || (p.revents & POLLIN) == 0)
        return;
    ssize_t n = read(master, seen + n_seen, SEEN_MAX - 1 - n_seen);
    n_seen += n > 0 ? (size_t)n : 0;
    seen[n_seen] = '\0';
}

/* All that was sent since the last call; what was taken before is n_before. */
static size_t receive(struct tty *t)
{
    uint64_t deadline = now_ns() + 10 * NS_PER_S;
    n_before += n_seen;
    n_seen = 0;
    seen[0] = '\0';
    while (n_before + n_seen < tty_bytes(t) && now_ns() < deadline)
        receive_some(20);
    ck_assert_uint_eq(n_before + n_seen, tty_bytes(t));
    return n_seen;
}

static void expect(const char *text)
{
    uint64_t deadline = now_ns() + 10 * NS_PER_S;
    while (strstr(seen, text) == NULL && now_ns() < deadline)
        receive_some(20);
    ck_assert_msg(strstr(seen, text) != NULL, "%s not in:\n%s", text, seen);
}

static void type(const char *bytes)
{
    ck_assert_int_eq((int)write(master, bytes, strlen(bytes)), (int)strlen(bytes));
}

static void assert_modes_are_back(void)
{
    struct termios m;
    tcgetattr(slave, &m);
    ck_assert_uint_eq(m.c_lflag & (ICANON | ECHO | ISIG), ICANON | ECHO | ISIG);
    ck_assert_uint_eq(m.c_oflag & OPOST, OPOST);
}

/* ---------------------------------------------------------------------- showing */

START_TEST(only_what_changed_is_sent)
{
    struct tty *t = open_tty(true);
    frame_text(&frame, 3, 4, 40, STYLE_BAD, "failures 14.2/s");
    tty_show(t, &frame, -1, -1);
    expect("failures 14.2/s");
    tty_show(t, &frame, -1, -1);
    ck_assert_uint_eq(receive(t), 0);
    frame_put(&frame, 3, 14, '5', STYLE_BAD);
    tty_show(t, &frame, -1, -1);
    size_t n = receive(t);
    ck_assert_msg(n > 0 && n < 40, "%zu bytes for one cell", n);
    uint64_t before = tty_bytes(t);
    tty_redraw(t);
    tty_show(t, &frame, -1, -1);
    n = receive(t);
    ck_assert_ptr_nonnull(strstr(seen, "failures 15.2/s"));
    ck_assert_uint_eq(tty_bytes(t) - before, n);
    tty_close(t);
}
END_TEST

/* What each kind of terminal is sent for a red, bold text. */
static const struct {
    const char *term;
    bool color;
    const char *has, *has_not;
} looks[] = {
    {"xterm-256color", true, "\033[31m", "\033[4m"},
    {"tmux-256color", true, "\033[31m", "\033[4m"},
    {"screen", true, "\033[31m", "\033[38;5"},
    {"linux", true, "\033[31m", "\033[38;5"},
    {"vt100", true, "\033[", "\033[31m"},
    {"xterm-256color", false, "\033[", "\033[31m"},
    {"of-tomorrow", true, "\033[31m", "\033[4m"}, /* not in terminfo: as xterm */
};

START_TEST(styles_become_what_the_terminal_can)
{
    setenv("TERM", looks[_i].term, 1);
    struct tty *t = open_tty(looks[_i].color);
    for (int i = 0; i < STYLES; i++)
        frame_text(&frame, i, 0, 40, (enum style)i, "text");
    tty_show(t, &frame, -1, -1);
    receive(t);
    ck_assert_msg(strstr(seen, looks[_i].has) != NULL, "%s", looks[_i].term);
    ck_assert_msg(strstr(seen, looks[_i].has_not) == NULL, "%s", looks[_i].term);
    ck_assert_ptr_nonnull(strstr(seen, "7m")); /* reverse: nothing by colour alone */
    tty_close(t);
}
END_TEST

START_TEST(unknown_cells_do_no_harm)
{
    struct tty *t = open_tty(true);
    struct frame big;
    frame_init(&big, ROWS + 5, COLS + 5);
    frame_fill(&big, frame_rect(&big), 0x28ff, STYLE_P99);
    big.cells[0] = (struct cell){'x', 255};
    tty_show(t, &big, ROWS + 4, COLS + 4);
    receive(t);
    frame_resize(&big, 1, 1);
    tty_show(t, &big, 0, 0);
    frame_finish(&big);
    tty_close(t);
}
END_TEST

START_TEST(a_locale_without_unicode_gets_ascii)
{
    setlocale(LC_ALL, "C");
    ck_assert_int_eq(tty_charset(), CHARS_ASCII);
    struct tty *t = open_tty(true);
    frame_text(&frame, 0, 0, 40, STYLE_NORMAL, "gr\xc3\xbc\xc3\x9f");
    tty_show(t, &frame, -1, -1);
    expect("gr??");
    /* A character of two columns that is not shown leaves no half of what was there before. */
    frame_text(&frame, 1, 0, 40, STYLE_NORMAL, "GET /abcdef 7");
    tty_show(t, &frame, -1, -1);
    expect("GET /abcdef 7");
    frame_text(&frame, 1, 5, 40, STYLE_NORMAL, "\u767b\u5f55\U0001f680");
    tty_show(t, &frame, -1, -1);
    expect("??????");
    tty_close(t);
}
END_TEST

/* Terminals that claim to be xterm-256color do not all know how to repeat a cell. */
START_TEST(equal_cells_are_sent_one_by_one)
{
    setlocale(LC_ALL, "C");
    struct tty *t = open_tty(true);
    frame_text(&frame, 0, 0, 40, STYLE_NORMAL, "a........................b");
    tty_show(t, &frame, -1, -1);
    expect("a........................b");
    tty_close(t);
}
END_TEST

START_TEST(the_charset_follows_the_terminal)
{
    ck_assert_int_eq(tty_charset(), CHARS_BRAILLE);
    setenv("TERM", "linux", 1);
    ck_assert_int_eq(tty_charset(), CHARS_ASCII);
    setenv("TERM", "vt100", 1);
    ck_assert_int_eq(tty_charset(), CHARS_ASCII);
}
END_TEST

START_TEST(the_cursor_shows_only_in_prompts)
{
    struct tty *t = open_tty(true);
    tty_show(t, &frame, -1, -1);
    expect("\033[?25l");
    tty_show(t, &frame, 23, 7);
    receive(t);
    ck_assert_ptr_nonnull(strstr(seen, "\033[?25h"));
    tty_show(t, &frame, -1, -1);
    receive(t);
    ck_assert_ptr_nonnull(strstr(seen, "\033[?25l"));
    tty_close(t);
}
END_TEST

/* A terminal that is not read (Ctrl-S, a dead ssh) is never waited for; when it reads
 * again it gets the newest frame. */
START_TEST(a_terminal_that_is_not_read_is_not_waited_for)
{
    struct tty *t = open_tty(true);
    for (int i = 0; i < 400; i++) {
        frame_fill(&frame, frame_rect(&frame), i % 2 == 0 ? 0x28ff : 0x2880, STYLE_P99);
        tty_show(t, &frame, -1, -1);
    }
    ck_assert_int_eq(tty_key(t, 0), TTY_KEY_NONE);
    type("q"); /* keys are still heard */
    ck_assert_int_eq(tty_key(t, 1000), 'q');
    frame_clear(&frame);
    frame_text(&frame, 5, 5, 40, STYLE_NORMAL, "newest frame");
    uint64_t deadline = now_ns() + 10 * NS_PER_S;
    while (strstr(seen, "newest frame") == NULL && now_ns() < deadline) {
        receive_some(20);
        tty_show(t, &frame, -1, -1);
    }
    ck_assert_ptr_nonnull(strstr(seen, "newest frame"));
    tty_close(t);
}
END_TEST

/* ------------------------------------------------------------------------- keys */

static const struct {
    const char *bytes;
    int key;
} typed[] = {
    {"+", '+'},
    {"\r", TTY_KEY_ENTER},
    {"\n", TTY_KEY_ENTER},
    {"\t", TTY_KEY_TAB},
    {"\033[A", TTY_KEY_UP},
    {"\033OB", TTY_KEY_DOWN},
    {"\033[5~", TTY_KEY_PAGE_UP},
    {"\033[H", TTY_KEY_HOME},
    {"\033[4~", TTY_KEY_END},
    {"\033[3~", TTY_KEY_DELETE},
    {"\033[Z", TTY_KEY_BACK_TAB},
    {"\033OP", TTY_KEY_F1},
    {"\033[11~", TTY_KEY_F1},
    {"\033[21~", TTY_KEY_F1 + 9},
    {"\033", TTY_KEY_ESC},
    {"\x7f", TTY_KEY_BACKSPACE},
    {"\x08", TTY_KEY_BACKSPACE},
    {"\x0c", TTY_KEY_CTRL('l')},
    {"\xc3\xa9", 0xe9},
    {"\xf0\x9f\x98\x80", 0x1f600},
};

START_TEST(keys_are_decoded)
{
    static const char *const terms[] = {"xterm-256color", "tmux-256color", "screen", "linux",
                                        "vt100"};
    for (size_t i = 0; i < sizeof terms / sizeof *terms; i++) {
        setenv("TERM", terms[i], 1);
        struct tty *t = open_tty(true);
        type(typed[_i].bytes);
        int key = tty_key(t, 2000);
        ck_assert_msg(key == typed[_i].key, "%s: key %#x instead of %#x", terms[i], (unsigned)key,
                      (unsigned)typed[_i].key);
        ck_assert_int_eq(tty_key(t, 0), TTY_KEY_NONE);
        tty_close(t);
    }
}
END_TEST

START_TEST(many_keys_at_once_come_one_by_one)
{
    struct tty *t = open_tty(true);
    type("+++\033[Aq");
    static const int want[] = {'+', '+', '+', TTY_KEY_UP, 'q', TTY_KEY_NONE};
    for (size_t i = 0; i < sizeof want / sizeof *want; i++)
        ck_assert_int_eq(tty_key(t, want[i] == TTY_KEY_NONE ? 0 : 2000), want[i]);
    tty_close(t);
}
END_TEST

#define PASTED(c) (TTY_KEY_PASTED | (c))

START_TEST(what_is_pasted_is_told_from_what_is_typed)
{
    struct tty *t = open_tty(true);
    type("a\033[200~\r\n q\xc3\xa9\033[A\r\n\t]\r\n\033[201~\rb");
    static const int want[] = {'a',         PASTED(' '),   PASTED('q'), PASTED(0xe9), PASTED(' '),
                               PASTED(']'), TTY_KEY_ENTER, 'b',         TTY_KEY_NONE};
    for (size_t i = 0; i < sizeof want / sizeof *want; i++)
        ck_assert_int_eq(tty_key(t, want[i] == TTY_KEY_NONE ? 0 : 2000), want[i]);
    tty_close(t);
}
END_TEST

START_TEST(a_paste_whose_end_is_lost_ends_by_itself)
{
    struct tty *t = open_tty(true);
    type("\033[200~x");
    ck_assert_int_eq(tty_key(t, 2000), PASTED('x'));
    uint64_t deadline = now_ns() + 20 * NS_PER_S;
    int key = TTY_KEY_NONE;
    while (key != 'y' && now_ns() < deadline) {
        poll(NULL, 0, 1200);
        type("y");
        key = tty_key(t, 2000);
    }
    ck_assert_int_eq(key, 'y');
    tty_close(t);
}
END_TEST

/* Bytes that are no UTF-8, and sequences no terminal sends, are no end of input. */
START_TEST(garbage_is_no_hang_up)
{
    static const char *const garbage[] = {"\xff", "\xc3", "\x80", "\xf0\x9f", "\xed\xa0\x80"};
    struct tty *t = open_tty(true);
    for (int i = 0; i < 40; i++) {
        type(garbage[i % (int)(sizeof garbage / sizeof *garbage)]);
        ck_assert_int_ne(tty_key(t, 20), TTY_KEY_EOF);
    }
    type("\033[99~\033[<0;1;1M");
    int key = TTY_KEY_NONE;
    for (int i = 0; i < 40; i++)
        ck_assert_int_ne(tty_key(t, 20), TTY_KEY_EOF);
    type("q");
    uint64_t deadline = now_ns() + 10 * NS_PER_S;
    while (key != 'q' && key != TTY_KEY_EOF && now_ns() < deadline)
        key = tty_key(t, 100);
    ck_assert_int_eq(key, 'q');
    tty_close(t);
}
END_TEST

/* As over a slow line: each byte comes while the last one is waited behind. */
START_TEST(half_a_character_is_no_hang_up)
{
    static const char bytes[] = "\xf0\x9f\x98\x80\xf0\x9f\x98\x80q";
    struct tty *t = open_tty(true);
    pid_t child = fork();
    if (child == 0) {
        for (const char *b = bytes; *b != '\0'; b++) {
            usleep(50000);
            if (write(master, b, 1) != 1)
                _exit(1);
        }
        _exit(0);
    }
    int key = TTY_KEY_NONE;
    uint64_t deadline = now_ns() + 10 * NS_PER_S;
    while (key != 'q' && key != TTY_KEY_EOF && now_ns() < deadline)
        key = tty_key(t, 1000);
    ck_assert_int_eq(key, 'q');
    ck_assert_int_eq(waitpid(child, NULL, 0), child);
    tty_close(t);
}
END_TEST

START_TEST(a_new_size_is_told_once)
{
    struct tty *t = open_tty(true);
    int rows, cols;
    tty_size(t, &rows, &cols);
    ck_assert(rows == ROWS && cols == COLS);
    set_size(40, 120);
    ck_assert_int_eq(tty_key(t, 0), TTY_KEY_RESIZE);
    ck_assert_int_eq(tty_key(t, 0), TTY_KEY_NONE);
    tty_size(t, &rows, &cols);
    ck_assert(rows == 40 && cols == 120);
    frame_resize(&frame, 40, 120);
    frame_text(&frame, 39, 110, 10, STYLE_NORMAL, "corner");
    tty_show(t, &frame, -1, -1);
    expect("corner");
    tty_close(t);
}
END_TEST

START_TEST(an_absurd_size_does_no_harm)
{
    int rows, cols;
    struct tty *t = open_tty(true);
    set_size(65535, 80);
    ck_assert_int_eq(tty_key(t, 0), TTY_KEY_RESIZE);
    tty_size(t, &rows, &cols);
    ck_assert_int_eq(rows, 4096);
    tty_show(t, &frame, -1, -1);
    set_size(24, 65535);
    ck_assert_int_eq(tty_key(t, 0), TTY_KEY_RESIZE);
    tty_show(t, &frame, -1, -1);
    set_size(ROWS, COLS);
    ck_assert_int_eq(tty_key(t, 0), TTY_KEY_RESIZE);
    frame_text(&frame, 5, 5, 10, STYLE_NORMAL, "here again");
    tty_show(t, &frame, -1, -1);
    receive(t);
    tty_close(t);
}
END_TEST

START_TEST(a_hang_up_is_the_end_and_does_not_spin)
{
    struct tty *t = open_tty(true);
    close(slave);
    close(master);
    master = -1;
    slave = -1;
    ck_assert_int_eq(tty_key(t, 60000), TTY_KEY_EOF);
    ck_assert_int_eq(tty_key(t, 60000), TTY_KEY_EOF);
    tty_show(t, &frame, -1, -1);
    tty_close(t);
}
END_TEST

START_TEST(another_descriptor_wakes_the_wait)
{
    int pipes[2];
    ck_assert_int_eq(pipe(pipes), 0);
    struct tty *t = open_tty(true);
    tty_wake_on(t, pipes[0]);
    ck_assert_int_eq((int)write(pipes[1], "x", 1), 1);
    uint64_t from = now_ns();
    ck_assert_int_eq(tty_key(t, 60000), TTY_KEY_NONE);
    ck_assert_uint_lt(now_ns() - from, 30 * NS_PER_S);
    tty_close(t);
    close(pipes[0]);
    close(pipes[1]);
}
END_TEST

/* ---------------------------------------------------------------------- leaving */

START_TEST(close_puts_the_terminal_back)
{
    struct tty *t = open_tty(true);
    struct termios m;
    tcgetattr(slave, &m);
    ck_assert_uint_eq(m.c_lflag & (ICANON | ECHO), 0);
    tty_show(t, &frame, -1, -1);
    expect("\033[?2004h"); /* pastes are marked */
    tty_close(t);
    expect("\033[?2004l");
    expect("\033[?1049l");
    ck_assert_ptr_nonnull(strstr(seen, "\033[?25h"));
    assert_modes_are_back();
    tty_close(NULL);
    tty_panic(); /* nothing left to do */
    size_t n = n_seen;
    receive_some(100);
    ck_assert_uint_eq(n_seen, n);
}
END_TEST

START_TEST(suspend_gives_the_terminal_back_and_resume_takes_it)
{
    struct tty *t = open_tty(true);
    frame_text(&frame, 0, 0, 40, STYLE_NORMAL, "before the stop");
    tty_show(t, &frame, -1, -1);
    tty_suspend(t);
    expect("\033[?1049l");
    expect("\033[?2004l");
    assert_modes_are_back();
    set_size(30, 90);
    tty_resume(t);
    struct termios m;
    tcgetattr(slave, &m);
    ck_assert_uint_eq(m.c_lflag & (ICANON | ECHO), 0);
    ck_assert_int_eq(tty_key(t, 0), TTY_KEY_RESIZE);
    tty_show(t, &frame, -1, -1);
    tty_key(t, 0);
    receive(t);
    ck_assert_ptr_nonnull(strstr(seen, "\033[?1049h"));
    ck_assert_ptr_nonnull(strstr(seen, "\033[?1h")); /* arrows as told by terminfo */
    ck_assert_ptr_nonnull(strstr(seen, "before the stop"));
    tty_close(t);
}
END_TEST

START_TEST(a_crash_puts_the_terminal_back)
{
    struct tty *t = open_tty(true);
    tty_show(t, &frame, 3, 3);
    receive(t);
    tty_panic();
    expect("\033[?1049l");
    expect("\033[?1l");
    expect("\033[?2004l");
    assert_modes_are_back();
    tty_close(t);
}
END_TEST

static void stop_output(struct tty *t)
{
    struct pollfd p = {slave, POLLOUT, 0};
    uint64_t deadline = now_ns() + 10 * NS_PER_S;
    receive(t);
    type("\x13"); /* Ctrl-S */
    while (poll(&p, 1, 0) > 0 && now_ns() < deadline)
        poll(NULL, 0, 1);
    ck_assert_int_eq(poll(&p, 1, 0), 0);
    frame_text(&frame, 0, 0, 40, STYLE_NORMAL, "while stopped");
    tty_show(t, &frame, -1, -1);
}

START_TEST(a_stopped_terminal_is_put_back_too)
{
    struct tty *t = open_tty(true);
    tty_show(t, &frame, -1, -1);
    stop_output(t);
    if (_i == 0)
        tty_close(t);
    else
        tty_panic();
    expect("\033[?1049l");
    assert_modes_are_back();
    if (_i == 1)
        tty_close(t);
}
END_TEST

START_TEST(without_a_second_screen_ours_is_cleared)
{
    setenv("TERM", "linux", 1);
    struct tty *t = open_tty(true);
    frame_text(&frame, 5, 0, 40, STYLE_NORMAL, "what was shown");
    tty_show(t, &frame, -1, -1);
    receive(t);
    tty_close(t);
    n_seen = 0;
    expect("\033[J");
}
END_TEST

START_TEST(what_is_no_terminal_is_refused_in_words)
{
    struct err e = {{0}};
    ck_assert_ptr_null(tty_open(&(struct tty_options){.device = "/dev/null"}, &e));
    ck_assert_ptr_nonnull(strstr(e.text, "/dev/null cannot be used as a terminal"));
    setenv("TERM", "dumb", 1);
    ck_assert_ptr_null(tty_open(&(struct tty_options){.device = device}, &e));
    ck_assert_ptr_nonnull(strstr(e.text, "TERM=dumb"));
    unsetenv("TERM");
    ck_assert_ptr_null(tty_open(&(struct tty_options){.device = device}, &e));
    ck_assert_ptr_nonnull(strstr(e.text, "TERM is not set"));
    receive_some(100);
    ck_assert_uint_eq(n_seen, 0);
    assert_modes_are_back();
}
END_TEST

#define LOOP(t, f, cases) tcase_add_loop_test(t, f, 0, (int)(sizeof cases / sizeof *cases))

int main(void)
{
    Suite *s = suite_create("tty");
    TCase *t = tcase_create("tty");
    suite_add_tcase(s, t);
    tcase_set_timeout(t, 60);
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, only_what_changed_is_sent);
    LOOP(t, styles_become_what_the_terminal_can, looks);
    tcase_add_test(t, unknown_cells_do_no_harm);
    tcase_add_test(t, a_locale_without_unicode_gets_ascii);
    tcase_add_test(t, equal_cells_are_sent_one_by_one);
    tcase_add_test(t, the_charset_follows_the_terminal);
    tcase_add_test(t, the_cursor_shows_only_in_prompts);
    tcase_add_test(t, a_terminal_that_is_not_read_is_not_waited_for);
    LOOP(t, keys_are_decoded, typed);
    tcase_add_test(t, many_keys_at_once_come_one_by_one);
    tcase_add_test(t, what_is_pasted_is_told_from_what_is_typed);
    tcase_add_test(t, a_paste_whose_end_is_lost_ends_by_itself);
    tcase_add_test(t, garbage_is_no_hang_up);
    tcase_add_test(t, half_a_character_is_no_hang_up);
    tcase_add_test(t, a_new_size_is_told_once);
    tcase_add_test(t, an_absurd_size_does_no_harm);
    tcase_add_test(t, a_hang_up_is_the_end_and_does_not_spin);
    tcase_add_test(t, another_descriptor_wakes_the_wait);
    tcase_add_test(t, close_puts_the_terminal_back);
    tcase_add_test(t, suspend_gives_the_terminal_back_and_resume_takes_it);
    tcase_add_test(t, a_crash_puts_the_terminal_back);
    tcase_add_loop_test(t, a_stopped_terminal_is_put_back_too, 0, 2);
    tcase_add_test(t, without_a_second_screen_ours_is_cleared);
    tcase_add_test(t, what_is_no_terminal_is_refused_in_words);
    return unit_run(s);
}
