/* SPDX-License-Identifier: MIT */
#include "src/profile/foreign.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/base/clean.h"

#define HEAD_MAX 4096

enum foreign_kind {
    FOREIGN_NONE,
    FOREIGN_HAR,
    FOREIGN_OPENAPI,
    FOREIGN_POSTMAN,
    FOREIGN_JSON,
    FOREIGN_PYTHON,
    FOREIGN_SCRIPT,
    FOREIGN_JMETER,
    FOREIGN_YAML,
    FOREIGN_LUA,
    FOREIGN_SHELL,
    FOREIGN_DEMO,
};

static const struct {
    const char *what, *remedy;
    const char *behind; /* the file's name, which ends the remedy; NULL: it does not */
} kinds[] = {
    [FOREIGN_HAR] = {"a recorded browser session (HAR)",
                     "make a profile of it with: ramptop import har ", " >my.cfg"},
    [FOREIGN_OPENAPI] = {"an OpenAPI description",
                         "write a profile of what its users do: "
                         "ramptop new my.cfg begins one",
                         NULL},
    [FOREIGN_POSTMAN] = {"a Postman collection",
                         "copy its requests as curl commands and give each "
                         "to ramptop import curl",
                         NULL},
    [FOREIGN_JSON] = {"JSON",
                      "a profile is written as ramptop.cfg(5) says; ramptop new my.cfg "
                      "begins one",
                      NULL},
    [FOREIGN_PYTHON] = {"a Python program, such as a locustfile",
                        "ramptop runs no programs; ramptop new my.cfg begins a profile, whose "
                        "classes, tasks, weights and waits are those of Locust",
                        NULL},
    [FOREIGN_SCRIPT] = {"a JavaScript program, such as a k6 script",
                        "ramptop runs no programs; ramptop new my.cfg begins a profile, which says "
                        "in settings what the script does",
                        NULL},
    [FOREIGN_JMETER] = {"XML, such as a JMeter test plan",
                        "ramptop new my.cfg begins a profile; a recording in the browser, saved as "
                        "HAR, can be imported",
                        NULL},
    [FOREIGN_YAML] = {"YAML, such as an Artillery script",
                      "a profile is written as ramptop.cfg(5) says; ramptop new my.cfg begins one",
                      NULL},
    [FOREIGN_LUA] = {"a Lua program, such as a wrk script",
                     "ramptop runs no programs; ramptop new my.cfg begins a profile", NULL},
    [FOREIGN_SHELL] = {"a shell script",
                       "give a curl command out of it to ramptop import curl, which makes a "
                       "profile of it",
                       NULL},
    [FOREIGN_DEMO] = {"the description of a demo target", "play it with: ramptop demo ", ""},
};

static const struct {
    const char *ending;
    enum foreign_kind kind;
} endings[] = {
    {".har", FOREIGN_HAR},    {".py", FOREIGN_PYTHON},  {".js", FOREIGN_SCRIPT},
    {".mjs", FOREIGN_SCRIPT}, {".cjs", FOREIGN_SCRIPT}, {".ts", FOREIGN_SCRIPT},
    {".jmx", FOREIGN_JMETER}, {".xml", FOREIGN_JMETER}, {".yml", FOREIGN_YAML},
    {".yaml", FOREIGN_YAML},  {".lua", FOREIGN_LUA},    {".sh", FOREIGN_SHELL},
    {".demo", FOREIGN_DEMO},
};

/* The beginning of a regular file as a string; "" for anything else. */
static void read_head(const char *path, char head[HEAD_MAX + 1])
{
    struct stat st;
    ssize_t n = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
        n = read(fd, head, HEAD_MAX);
    if (fd >= 0)
        close(fd);
    head[n > 0 ? n : 0] = '\0';
}

static enum foreign_kind kind_of_json(const char *head)
{
    if (strstr(head, "\"log\"") != NULL)
        return FOREIGN_HAR;
    if (strstr(head, "\"openapi\"") != NULL || strstr(head, "\"swagger\"") != NULL)
        return FOREIGN_OPENAPI;
    return strstr(head, "_postman_id") != NULL ? FOREIGN_POSTMAN : FOREIGN_JSON;
}

/* A profile begins with a setting, a comment or @include: none of these can be one. */
static enum foreign_kind kind_by_head(const char *head)
{
    head += clean_mark_len(head, strlen(head));
    head += strspn(head, " \t\r\n");
    if (*head == '{' || *head == '[')
        return kind_of_json(head);
    if (strncmp(head, "<?xml", 5) == 0 || strncmp(head, "<jmeterTestPlan", 15) == 0)
        return FOREIGN_JMETER;
    if (strncmp(head, "#!", 2) == 0)
        return memmem(head, strcspn(head, "\n"), "python", 6) != NULL ? FOREIGN_PYTHON
                                                                      : FOREIGN_SHELL;
    if (strncmp(head, "import ", 7) != 0 && strncmp(head, "from ", 5) != 0)
        return FOREIGN_NONE;
    bool script = strstr(head, " from '") != NULL || strstr(head, " from \"") != NULL ||
                  strstr(head, "export ") != NULL;
    return script ? FOREIGN_SCRIPT : FOREIGN_PYTHON;
}

static enum foreign_kind kind_of_file(const char *path)
{
    char head[HEAD_MAX + 1];
    const char *dot = strrchr(path, '.');
    read_head(path, head);
    if (head[0] == '\0')
        return FOREIGN_NONE;
    for (size_t i = 0; dot != NULL && i < sizeof endings / sizeof *endings; i++)
        if (strcasecmp(dot, endings[i].ending) == 0)
            return endings[i].kind;
    return kind_by_head(head);
}

bool foreign_file(const char *path, struct err *e)
{
    enum foreign_kind kind = kind_of_file(path);
    if (kind == FOREIGN_NONE)
        return false;
    const char *behind = kinds[kind].behind;
    err_set(e, "%.200s is no profile but %s; %s%.200s%s", path, kinds[kind].what,
            kinds[kind].remedy, behind != NULL ? path : "", behind != NULL ? behind : "");
    return true;
}
