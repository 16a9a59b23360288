/* SPDX-License-Identifier: MIT */
/* The keys by group, from the table that also feeds dispatch, and how to read the screen. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "ui/keys.h"
#include "ui/view.h"

#define KEY_COLS 12
#define TWO_COLUMNS 110
#define HELP_LINES 96

struct help_line {
    const char *keys; /* names from the table; NULL: text is a heading or stands alone */
    const char *text;
    bool heading;
};

static const char *const reading[] = {
    "Windowed figures cover the window named beside them (w changes it).",
    "Charts show each second by itself, the newest at the right; a hole",
    "is a second without a reply, or one in which ramptop was stopped.",
    "Users get a scale of their own, at the right, when they are far",
    "from the requests per second.  Marks: a-z yours, others ramptop's.",
    "lag: how long the generator itself held requests up.  When the",
    "generator is the limit it says LIMIT, and latency is not to be trusted.",
    "Hold stops the load; freeze stops only the picture.",
};

static int collect(struct help_line *out)
{
    const char *group = "";
    int n = 0;
    for (size_t i = 0; i < KEY_ACTIONS - 1 && n + 3 < HELP_LINES; i++) {
        const struct key_binding *b = &key_bindings[i];
        if (strcmp(b->group, group) != 0) {
            if (n > 0)
                out[n++] = (struct help_line){NULL, "", false};
            out[n++] = (struct help_line){NULL, b->group, true};
            group = b->group;
        }
        out[n++] = (struct help_line){b->keys, b->help, false};
    }
    out[n++] = (struct help_line){NULL, "", false};
    out[n++] = (struct help_line){NULL, "reading the screen", true};
    for (size_t i = 0; i < sizeof reading / sizeof *reading && n < HELP_LINES; i++)
        out[n++] = (struct help_line){NULL, reading[i], false};
    return n;
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

static void draw_line(struct frame *f, int row, int col, int cols, const struct help_line *l)
{
    char keys[64];
    if (l->heading) {
        frame_text(f, row, col, cols, STYLE_TITLE, " ");
        frame_text(f, row, col + 1, cols - 1, STYLE_TITLE, l->text);
        frame_put(f, row, col + 1 + frame_width(l->text), ' ', STYLE_TITLE);
    } else if (l->keys == NULL) {
        frame_ellipsis(f, row, col + 1, cols - 1, STYLE_NORMAL, l->text);
    } else {
        key_names(keys, sizeof keys, l->keys);
        frame_ellipsis(f, row, col + 1, KEY_COLS - 1, STYLE_BOLD, keys);
        frame_ellipsis(f, row, col + 1 + KEY_COLS, cols - 1 - KEY_COLS, STYLE_NORMAL, l->text);
    }
}

/* Where the second column begins: at the heading nearest to the middle. */
static int split(const struct help_line *lines, int n)
{
    int best = n;
    for (int i = 1; i < n; i++) {
        int tall = i > n - i ? i : n - i, tall_best = best > n - best ? best : n - best;
        if (lines[i].heading && tall < tall_best)
            best = i;
    }
    return best;
}

static void draw(struct frame *f, struct rect r, struct view_input *in)
{
    struct help_line lines[HELP_LINES];
    int n = collect(lines);
    int second = r.cols >= TWO_COLUMNS ? split(lines, n) : n;
    int tall = second > n - second ? second : n - second;
    struct view_state *v = in->state;

    /* The cursor is the first row shown: there is nothing to select here. */
    int most = tall > r.rows ? tall - r.rows : 0;
    v->cursor = v->cursor > most ? most : v->cursor < 0 ? 0 : v->cursor;
    v->scroll = v->cursor;
    int width = second < n ? r.cols / 2 - 1 : r.cols - 1;
    for (int i = 0; i < r.rows; i++) {
        int at = v->scroll + i;
        if (at < second)
            draw_line(f, r.row + i, r.col, width, &lines[at]);
        if (second + at < n)
            draw_line(f, r.row + i, r.col + width + 2, width, &lines[second + at]);
    }
    if (most > v->scroll && r.rows > 1)
        frame_right(f, r.row + r.rows - 1, r.col + r.cols - 16, 16, STYLE_TITLE, " more: down ");
}

const struct view_ops view_help = {VIEW_HELP, "help", draw};
