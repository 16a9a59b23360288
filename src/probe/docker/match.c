/* SPDX-License-Identifier: MIT */
#include "src/probe/docker/match.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/clean.h"

static bool name_fits_glob(const char *glob, size_t len, const char *name)
{
    char text[2 * DOCKER_NAME];
    if (len >= sizeof text)
        return false;
    memcpy(text, glob, len);
    text[len] = '\0';
    return fnmatch(text, name, 0) == 0;
}

static bool container_fits_compose(const char *wanted, const struct docker_who *who)
{
    size_t project = strcspn(wanted, "/");
    const char *service = wanted[project] == '/' ? wanted + project + 1 : "*";
    return who->project[0] != '\0' && !who->oneoff &&
           name_fits_glob(wanted, project, who->project) &&
           name_fits_glob(service, strlen(service), who->service);
}

static bool container_fits_port(const char *wanted, const struct docker_list_entry *c)
{
    unsigned long port = strtoul(wanted, NULL, 10);
    for (size_t i = 0; i < c->n_ports; i++)
        if (c->ports[i] == port)
            return true;
    return false;
}

static bool container_fits_word(const char *wanted, const struct docker_list_entry *c)
{
    const struct docker_who *who = &c->who;
    if (strncmp(wanted, "compose:", 8) == 0)
        return container_fits_compose(wanted + 8, who);
    if (strncmp(wanted, "port:", 5) == 0)
        return container_fits_port(wanted + 5, c);
    return name_fits_glob(wanted, strlen(wanted), who->name) ||
           (who->service[0] != '\0' && !who->oneoff &&
            name_fits_glob(wanted, strlen(wanted), who->service)) ||
           (strlen(wanted) >= 12 && strncmp(who->id, wanted, strlen(wanted)) == 0);
}

bool docker_match_entry(const struct probe_spec *spec, const struct docker_list_entry *c)
{
    for (size_t i = 0; i < spec->n_match; i++)
        if (container_fits_word(spec->match[i], c))
            return true;
    return spec->n_match == 0 && !c->who.oneoff;
}

bool docker_match_same(const struct docker_who *a, const struct docker_who *b)
{
    if (a->project[0] == '\0' || b->project[0] == '\0' || a->oneoff || b->oneoff)
        return strcmp(a->name, b->name) == 0;
    return strcmp(a->project, b->project) == 0 && strcmp(a->service, b->service) == 0 &&
           a->number == b->number;
}

void docker_match_name(const struct docker_who *who, bool taken, char *out, size_t size)
{
    char number[16] = "", text[3 * DOCKER_NAME];
    if (who->number > 1)
        snprintf(number, sizeof number, "-%u", who->number);
    if (who->service[0] == '\0' || who->oneoff)
        snprintf(text, sizeof text, "%s", who->name[0] != '\0' ? who->name : who->id);
    else if (!taken)
        snprintf(text, sizeof text, "%s%s", who->service, number);
    else
        snprintf(text, sizeof text, "%s/%s%s", who->project, who->service, number);
    clean_text(out, size, text, strlen(text));
}

void docker_match_words(const struct probe_spec *spec, char *out, size_t size)
{
    char text[512];
    size_t len = 0;
    text[0] = '\0';
    for (size_t i = 0; i < spec->n_match && len < sizeof text - 1; i++) {
        int n = snprintf(text + len, sizeof text - len, "%s%s", i > 0 ? ", " : "", spec->match[i]);
        len += n > 0 ? (size_t)n : 0;
    }
    clean_text(out, size, text, strlen(text));
}
