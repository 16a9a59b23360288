/* SPDX-License-Identifier: MIT */
#include "src/probe/docker/where.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/base/buf.h"
#include "src/base/clean.h"
#include "src/base/mem.h"
#include "src/probe/docker/docker_json.h"

#define USUAL_SOCKET "/var/run/docker.sock"
#define PODMAN_SOCKET "/run/podman/podman.sock"
#define MAX_CONTEXTS 512
#define MAX_FILE (1u << 20)
#define HOST_CHARS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:[]%@"
#define PATH_CHARS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_/@+,~="

struct docker_env docker_env_now(bool podman)
{
    return (struct docker_env){
        .host = getenv("DOCKER_HOST"),
        .context = getenv("DOCKER_CONTEXT"),
        .config = getenv("DOCKER_CONFIG"),
        .cert_path = getenv("DOCKER_CERT_PATH"),
        .tls_verify = getenv("DOCKER_TLS_VERIFY"),
        .container_host = getenv("CONTAINER_HOST"),
        .home = getenv("HOME"),
        .runtime = getenv("XDG_RUNTIME_DIR"),
        .podman = podman,
    };
}

static bool variable_is_set(const char *s)
{
    return s != NULL && s[0] != '\0';
}

static void set_shown_place(struct docker_where *w, const char *text)
{
    clean_text(w->shown, sizeof w->shown, text, strlen(text));
}

static char *certificate_path(const char *folder, const char *name)
{
    char *path = mem_printf("%s/%s", folder, name);
    if (access(path, F_OK) == 0)
        return path;
    free(path);
    return NULL;
}

static void use_certificates(struct docker_where *w, const char *folder)
{
    w->ca = certificate_path(folder, "ca.pem");
    w->cert = certificate_path(folder, "cert.pem");
    w->key = certificate_path(folder, "key.pem");
}

/* ------------------------------------------------------------------ addresses */

static bool use_socket(const char *path, struct docker_where *w, struct err *e)
{
    if (path[0] != '/')
        return err_set(e,
                       "the path of a docker socket begins with a slash: unix:///run/docker.sock.");
    if (strlen(path) > 107)
        return err_set(e, "the path of the docker socket is longer than the 107 bytes that a "
                          "socket's path may have.");
    w->way = DOCKER_UNIX;
    w->path = mem_strdup(path);
    w->base = mem_strdup("http://docker");
    set_shown_place(w, path);
    return true;
}

static bool use_tcp(const char *scheme, const char *rest, struct docker_where *w, struct err *e)
{
    size_t len = strcspn(rest, "/?#");
    bool tls = strcmp(scheme, "https") == 0 || w->cert != NULL || w->ca != NULL;
    if (len == 0 || strspn(rest, HOST_CHARS) < len || memchr(rest, '@', len) != NULL)
        return err_set(e, "the address of a docker engine is tcp://HOST:PORT.");
    char *host = mem_strndup(rest, len), *end = strrchr(host, ']');
    bool port = strchr(end != NULL ? end : host, ':') != NULL;
    w->way = DOCKER_TCP;
    w->base = mem_printf("%s://%s%s", tls ? "https" : "http", host,
                         port  ? ""
                         : tls ? ":2376"
                               : ":2375");
    set_shown_place(w, strstr(w->base, "//") + 2);
    free(host);
    return true;
}

/* Parses an address by ssh.  Its parts become arguments of ssh: none may look like an option, or
 * end the argument. */
static bool use_ssh(const char *rest, struct docker_where *w, struct err *e)
{
    size_t len = strcspn(rest, "/");
    const char *path =
        rest[len] == '\0' || strcmp(rest + len, "/") == 0 ? USUAL_SOCKET : rest + len;
    char *to = mem_strndup(rest, len), *at = strrchr(to, '@');
    char *host = at != NULL ? at + 1 : to, *port = strrchr(host, ':');
    bool ok = true;
    if (host[0] == '[')
        port =
            strchr(host, ']') != NULL && strchr(host, ']')[1] == ':' ? strchr(host, ']') + 1 : NULL;
    if (port != NULL) {
        char *rubbish;
        unsigned long n = strtoul(port + 1, &rubbish, 10);
        ok = port[1] >= '0' && port[1] <= '9' && *rubbish == '\0' && n > 0 && n < 65536;
        w->ssh_port = (unsigned)n;
        *port = '\0';
    }
    if (host[0] == '[' && strchr(host, ']') != NULL && strchr(host, ']')[1] == '\0') {
        *strchr(host, ']') = '\0'; /* ssh wants the bare address */
        memmove(host, host + 1, strlen(host));
    }
    ok = ok && host[0] != '\0' && host[0] != '-' && to[0] != '-' && at != to &&
         strspn(to, HOST_CHARS) == strlen(to) && strspn(path, PATH_CHARS) == strlen(path) &&
         strlen(path) < 108;
    if (ok) {
        w->way = DOCKER_SSH;
        w->ssh_to = to;
        w->path = mem_strdup(path);
        w->base = mem_strdup("http://docker");
        snprintf(w->shown, sizeof w->shown, "ssh://%.100s", to);
        return true;
    }
    free(to);
    return err_set(e, "the address of a docker engine by ssh is ssh://USER@HOST[:PORT][/PATH].");
}

static bool use_address(const char *address, struct docker_where *w, struct err *e)
{
    if (strncmp(address, "unix://", 7) == 0)
        return use_socket(address + 7, w, e);
    if (strncmp(address, "tcp://", 6) == 0)
        return use_tcp("tcp", address + 6, w, e);
    if (strncmp(address, "http://", 7) == 0)
        return use_tcp("http", address + 7, w, e);
    if (strncmp(address, "https://", 8) == 0)
        return use_tcp("https", address + 8, w, e);
    if (strncmp(address, "ssh://", 6) == 0)
        return use_ssh(address + 6, w, e);
    char shown[80];
    clean_text(shown, sizeof shown, address, strlen(address));
    return err_set(e, "\"%s\" is no address of a docker engine: unix://, tcp:// and ssh:// are.",
                   shown);
}

/* Replaces docker's socket on the other machine by podman's when the address names none. */
static bool use_podman_path(const char *address, struct docker_where *w)
{
    const char *path = strchr(strstr(address, "://") + 3, '/');
    if (w->way == DOCKER_SSH && (path == NULL || path[1] == '\0')) {
        free(w->path);
        w->path = mem_strdup(PODMAN_SOCKET);
    }
    return true;
}

static bool use_container_host(const char *address, struct docker_where *w, struct err *e)
{
    return use_address(address, w, e) && use_podman_path(address, w);
}

static bool has_scheme(const char *engine)
{
    return strstr(engine, "://") != NULL;
}

/* ------------------------------------------------------------------- contexts */

static bool read_config_file(const char *path, struct buf *out)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    struct stat st;
    ssize_t n = 0;
    buf_clear(out);
    if (fd < 0)
        return false;
    bool ok = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size < MAX_FILE;
    if (ok) {
        buf_reserve(out, (size_t)st.st_size);
        n = read(fd, out->data, (size_t)st.st_size);
    }
    if (n > 0) {
        out->len = (size_t)n;
        out->data[n] = '\0';
    }
    close(fd);
    return ok && n > 0;
}

static char *config_folder(const struct docker_env *env)
{
    if (variable_is_set(env->config))
        return mem_strdup(env->config);
    return variable_is_set(env->home) ? mem_printf("%s/.docker", env->home) : NULL;
}

/* Finds a context by name.  Its folder is named by the SHA-256 of that name; the file in it has
 * the name itself. */
static bool find_context(const char *config, const char *name, struct docker_context *c,
                         char *folder, size_t size)
{
    struct buf text = {0};
    bool found = false;
    char *metas = mem_printf("%s/contexts/meta", config);
    DIR *dir = opendir(metas);
    struct dirent *entry;
    for (int i = 0; dir != NULL && !found && i < MAX_CONTEXTS && (entry = readdir(dir)); i++) {
        char *path = mem_printf("%s/%s/meta.json", metas, entry->d_name);
        found = entry->d_name[0] != '.' && read_config_file(path, &text) &&
                docker_json_context(text.data, text.len, c) && strcmp(c->name, name) == 0;
        if (found)
            snprintf(folder, size, "%s", entry->d_name);
        free(path);
    }
    if (dir != NULL)
        closedir(dir);
    free(metas);
    buf_finish(&text);
    return found;
}

static bool use_context(const char *name, const struct docker_env *env, struct docker_where *w,
                        struct err *e)
{
    struct docker_context c;
    char folder[NAME_MAX + 1], *config = config_folder(env);
    bool found = config != NULL && find_context(config, name, &c, folder, sizeof folder);
    if (found) {
        char *tls = mem_printf("%s/contexts/tls/%s/docker", config, folder);
        use_certificates(w, tls);
        free(tls);
    }
    free(config);
    if (!found) {
        char shown[80];
        clean_text(shown, sizeof shown, name, strlen(name));
        return err_set(e, "there is no docker context \"%s\": `docker context ls` lists them.",
                       shown);
    }
    w->insecure = c.skip_tls_verify;
    return use_address(c.host, w, e);
}

static void current_context(const struct docker_env *env, char *out, size_t size)
{
    struct buf text = {0};
    char *config = config_folder(env);
    out[0] = '\0';
    if (config == NULL)
        return;
    char *path = mem_printf("%s/config.json", config);
    if (!read_config_file(path, &text) || !docker_json_current(text.data, text.len, out, size))
        out[0] = '\0';
    free(path);
    free(config);
    buf_finish(&text);
}

/* -------------------------------------------------------------- usual sockets */

static bool is_socket(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISSOCK(st.st_mode);
}

/* Returns the first socket that may be used; else the first that exists, whose refusal says why;
 * else NULL.  Paths may be NULL. */
static const char *best_socket(char *const *paths, size_t n)
{
    const char *there = NULL;
    for (size_t i = 0; i < n; i++) {
        if (paths[i] == NULL || !is_socket(paths[i]))
            continue;
        if (access(paths[i], W_OK) == 0)
            return paths[i];
        if (there == NULL)
            there = paths[i];
    }
    return there;
}

enum { ROOTLESS_PODMAN = 3, PODMAN, USUAL };

static void usual_sockets(const struct docker_env *env, char *paths[USUAL])
{
    const char *root = env->root != NULL ? env->root : "";
    const char *runtime = variable_is_set(env->runtime) ? env->runtime : NULL;
    const char *home = variable_is_set(env->home) ? env->home : NULL;
    paths[0] = mem_printf("%s%s", root, USUAL_SOCKET);
    paths[1] = runtime != NULL ? mem_printf("%s/docker.sock", runtime) : NULL;
    paths[2] = home != NULL ? mem_printf("%s/.docker/desktop/docker.sock", home) : NULL;
    paths[ROOTLESS_PODMAN] = runtime != NULL ? mem_printf("%s/podman/podman.sock", runtime) : NULL;
    paths[PODMAN] = mem_printf("%s%s", root, PODMAN_SOCKET);
}

/* ------------------------------------------------------------------------ all */

/* Uses an address with the TLS settings of the environment: DOCKER_CERT_PATH also counts for
 * addresses of the probe, since these name no certificate. */
static bool use_environment(const char *address, const struct docker_env *env,
                            struct docker_where *w, struct err *e)
{
    if (variable_is_set(env->tls_verify) || variable_is_set(env->cert_path)) {
        char *usual =
            variable_is_set(env->cert_path) ? mem_strdup(env->cert_path) : config_folder(env);
        if (usual != NULL)
            use_certificates(w, usual);
        free(usual);
        w->insecure = !variable_is_set(env->tls_verify);
    }
    return use_address(address, w, e);
}

static bool use_usual_socket(const char *engine, const struct docker_env *env,
                             struct docker_where *w, struct err *e)
{
    char *paths[USUAL];
    bool ok;
    usual_sockets(env, paths);
    const char *docker = best_socket(paths, ROOTLESS_PODMAN), *best = best_socket(paths, USUAL);
    bool usable = docker != NULL && access(docker, W_OK) == 0;
    if (!usable && !variable_is_set(engine) && variable_is_set(env->container_host))
        ok = use_container_host(env->container_host, w, e);
    else
        ok = use_socket(best != NULL ? best : paths[0], w, e);
    for (size_t i = 0; i < USUAL; i++)
        free(paths[i]);
    return ok;
}

/* Finds podman's engine.  DOCKER_HOST may well be docker's, so it comes after the sockets that
 * are surely podman's. */
static bool find_podman(const struct docker_env *env, struct docker_where *w, struct err *e)
{
    char *paths[USUAL];
    bool ok;
    if (variable_is_set(env->container_host))
        return use_container_host(env->container_host, w, e);
    usual_sockets(env, paths);
    const char *best = best_socket(paths + ROOTLESS_PODMAN, USUAL - ROOTLESS_PODMAN);
    const char *usual = paths[ROOTLESS_PODMAN] != NULL ? paths[ROOTLESS_PODMAN] : paths[PODMAN];
    if (best == NULL && variable_is_set(env->host))
        ok = use_environment(env->host, env, w, e);
    else
        ok = use_socket(best != NULL ? best : usual, w, e);
    for (size_t i = 0; i < USUAL; i++)
        free(paths[i]);
    return ok;
}

static bool find_engine(const char *engine, const struct docker_env *env, struct docker_where *w,
                        struct err *e)
{
    char current[DOCKER_NAME];
    if (engine[0] == '/')
        return use_socket(engine, w, e);
    if (variable_is_set(engine) && has_scheme(engine))
        return use_environment(engine, env, w, e) && (!env->podman || use_podman_path(engine, w));
    if (variable_is_set(engine) && strcmp(engine, "default") != 0)
        return use_context(engine, env, w, e);
    if (env->podman)
        return find_podman(env, w, e);
    if (variable_is_set(env->host))
        return use_environment(env->host, env, w, e);
    if (!variable_is_set(engine) && variable_is_set(env->context) &&
        strcmp(env->context, "default") != 0)
        return use_context(env->context, env, w, e);
    current_context(env, current, sizeof current);
    if (!variable_is_set(engine) && !variable_is_set(env->context) && variable_is_set(current) &&
        strcmp(current, "default") != 0)
        return use_context(current, env, w, e);
    return use_usual_socket(engine, env, w, e);
}

bool docker_where_find(const char *engine, const struct docker_env *env, struct docker_where *out,
                       struct err *e)
{
    memset(out, 0, sizeof *out);
    if (find_engine(engine, env, out, e))
        return true;
    docker_where_finish(out);
    return false;
}

void docker_where_finish(struct docker_where *w)
{
    free(w->base);
    free(w->path);
    free(w->ca);
    free(w->cert);
    free(w->key);
    free(w->ssh_to);
    memset(w, 0, sizeof *w);
}
