/* SPDX-License-Identifier: MIT */
#include "src/say.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "src/base/clean.h"
#include "src/base/mem.h"
#include "src/base/out.h"
#include "src/cli.h"
#include "src/report/report.h"

int say_wrong(const struct err *e)
{
    char clean[ERR_TEXT_MAX];
    clean_text(clean, sizeof clean, e->text, strlen(e->text)); /* it may quote anything */
    char *line = mem_printf("ramptop: %s\n", clean);
    out_write(STDERR_FILENO, line);
    free(line);
    return EXIT_USAGE;
}

int say_problems(struct problems *problems)
{
    for (size_t i = 0; i < problems->n; i++)
        fprintf(stderr, "%s\n", problems->lines[i]);
    if (problems->dropped > 0)
        fprintf(stderr, "... and %zu more\n", problems->dropped);
    problems_finish(problems);
    return EXIT_USAGE;
}

int say_text(char *text)
{
    struct err e;
    bool ok = report_write("-", text, &e);
    free(text);
    return ok ? EXIT_FINE : say_wrong(&e);
}
