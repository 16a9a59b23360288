/* SPDX-License-Identifier: MIT */
/* The keys by group, from the table that also feeds dispatch, and how to read the screen. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "ui/keys.h"
#include "ui/view.h"

#define KEY_COLS 10
#define TWO_COLUMNS 100
#define HELP_LINES 160

/* A line on the screen: a slice of a text, with the keys before the first slice. */
struct help_line {
    const char *keys; /* names from the table, NULL for none */
    const char *text;
    int len;
    bool heading, indented;
};

struct help {
    struct help_line lines[HELP_LINES];
    int n;
    int cols; /* width to wrap to */
};

static const char *const reading[] = {
    "Windowed figures cover the window named beside them; w changes it.",
    "Charts show each second by itself, the newest at the right.  A hole is a second without "
    "a reply, or one in which ramptop was stopped.",
    "Users have a scale of their own, at the right, when they are far from the requests per "
    "second.",
    "Letters on the time axis are your marks, signs are ramptop's.",
    "The overview has series of the target below the latency: ! is at its limit, ^ beyond a "
    "threshold, dim "
    "is old, a hole is a poll that failed.  View 6 has all, those of the overview "
    "with their row's number.",
    "lag is how long the generator itself held requests up.  When it says LIMIT, the "
    "generator is the bottleneck and latency is not to be trusted; the log (5) tells why.",
    "In flight are requests that wait for their reply; oldest is how long the first of them has "
    "waited.",
    "Hold stops the load; freeze stops only the picture.",
};

/* Adds text, cut into lines at blanks. */
static void help_add_line(struct help *h, const char *keys, const char *text, bool heading)
{
    int room = h->cols - 1 - (keys != NULL ? KEY_COLS : 0);
    bool indented = keys != NULL;
    do {
        int len = (int)strlen(text);
        if (len > room && room > 0) {
            len = room;
            while (len > 0 && text[len] != ' ')
                len--;
            if (len == 0)
                len = room;
        }
        if (h->n == HELP_LINES)
            return;
        h->lines[h->n++] = (struct help_line){keys, text, len, heading, indented};
        keys = NULL;
        text += len + (int)strspn(text + len, " ");
    } while (*text != '\0');
}

static void help_collect(struct help *h)
{
    const char *group = "";
    for (size_t i = 0; i < KEY_ACTIONS - 1; i++) {
        const struct key_binding *b = &key_bindings[i];
        if (strcmp(b->group, group) != 0) {
            if (h->n > 0)
                help_add_line(h, NULL, "", false);
            help_add_line(h, NULL, b->group, true);
            group = b->group;
        }
        help_add_line(h, b->keys, b->help, false);
    }
    help_add_line(h, NULL, "", false);
    help_add_line(h, NULL, "reading the screen", true);
    for (size_t i = 0; i < sizeof reading / sizeof *reading; i++)
        help_add_line(h, NULL, reading[i], false);
}

/* "space f5" as people write it: "space F5", "^l" as "^L". */
static void key_names(char *out, size_t size, const char *keys)
{
    snprintf(out, size, "%s", keys);
    for (char *p = out; *p != '\0'; p++) {
        bool starts = p == out || p[-1] == ' ';
        if (starts && p[0] == 'f' && isdigit((unsigned char)p[1]))
            *p = 'F';
        else if (starts && p[0] == '^' && p[1] != '\0' && p[1] != ' ')
            p[1] = (char)toupper((unsigned char)p[1]);
    }
}

static void draw_help_line(struct frame *f, int row, int col, int cols, const struct help_line *l)
{
    char keys[64];
    if (l->heading) {
        frame_printf(f, row, col, cols, STYLE_TITLE, " %.*s ", l->len, l->text);
        return;
    }
    if (l->keys != NULL) {
        key_names(keys, sizeof keys, l->keys);
        frame_ellipsis(f, row, col + 1, KEY_COLS - 1, STYLE_BOLD, keys);
    }
    int indent = 1 + (l->indented ? KEY_COLS : 0);
    frame_printf(f, row, col + indent, cols - indent, STYLE_NORMAL, "%.*s", l->len, l->text);
}

/* Where the second column begins: at the heading nearest to the middle. */
static int help_split(const struct help_line *lines, int n)
{
    int best = n;
    for (int i = 1; i < n; i++) {
        int tall = i > n - i ? i : n - i, tall_best = best > n - best ? best : n - best;
        if (lines[i].heading && tall < tall_best)
            best = i;
    }
    return best;
}

/* Folds the help for r; returns where the second column begins. */
static int help_fold(struct help *h, struct rect r)
{
    *h = (struct help){.cols = r.cols >= TWO_COLUMNS ? r.cols / 2 - 1 : r.cols - 1};
    help_collect(h);
    return r.cols >= TWO_COLUMNS ? help_split(h->lines, h->n) : h->n;
}

/* The rows that do not fit. */
static int help_beyond(const struct help *h, int second, int rows)
{
    int tall = second > h->n - second ? second : h->n - second;
    return tall > rows ? tall - rows : 0;
}

/* The cursor is the first row shown: there is nothing to select here. */
static void help_layout(struct view_state *v, const struct view_input *in, struct rect r)
{
    struct help h;
    (void)in;
    int second = help_fold(&h, r), most = help_beyond(&h, second, r.rows);
    v->cursor = v->cursor > most ? most : v->cursor < 0 ? 0 : v->cursor;
    v->scroll = v->cursor;
}

static void help_draw(struct frame *f, struct rect r, const struct view_input *in)
{
    struct help h;
    int second = help_fold(&h, r), n = h.n, width = h.cols;
    const struct help_line *lines = h.lines;
    for (int i = 0; i < r.rows; i++) {
        int at = in->state->scroll + i;
        if (at < second)
            draw_help_line(f, r.row + i, r.col, width, &lines[at]);
        if (second + at < n)
            draw_help_line(f, r.row + i, r.col + width + 2, width, &lines[second + at]);
    }
    if (help_beyond(&h, second, r.rows) > in->state->scroll && r.rows > 1)
        frame_right(f, r.row + r.rows - 1, r.col + r.cols - 16, 16, STYLE_TITLE, " more: down ");
}

const struct view_ops view_help = {.name = "help", .layout = help_layout, .draw = help_draw};
