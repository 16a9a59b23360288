/* SPDX-License-Identifier: MIT */
#include "src/cli/print.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "src/base/out.h"
#include "src/cli/cli.h"

int print_error(const struct err *e)
{
    out_line(STDERR_FILENO, "ramptop: %s", e->text);
    return EXIT_USAGE;
}

int print_problems(struct problems *problems)
{
    for (size_t i = 0; i < problems->n; i++)
        out_line(STDERR_FILENO, "%s", problems->lines[i]);
    if (problems->dropped > 0)
        out_line(STDERR_FILENO, "... and %zu more", problems->dropped);
    problems_finish(problems);
    return EXIT_USAGE;
}

/* The exit code; why: errno, 0 for none. */
static int code_of_write(int why)
{
    struct err e;
    if (why == 0)
        return EXIT_FINE;
    err_set(&e, "cannot write to standard output: %s", strerror(why));
    return print_error(&e);
}

int print_text(char *text)
{
    int code = code_of_write(out_write(STDOUT_FILENO, text));
    free(text);
    return code;
}

int print_file_text(char *text)
{
    int why = isatty(STDOUT_FILENO) ? out_write(STDOUT_FILENO, text)
                                    : out_write_file(STDOUT_FILENO, text);
    free(text);
    return code_of_write(why);
}
