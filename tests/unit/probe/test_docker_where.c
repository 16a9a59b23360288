/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "src/base/mem.h"
#include "src/probe/docker/where.h"
#include "tests/unit/unit.h"

static char folder[] = "/tmp/ramptop-where-XXXXXX";
static const struct docker_env nothing = {.root = "/nonexistent"};

static void make_folders(const char *path)
{
    char part[256];
    for (const char *slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        snprintf(part, sizeof part, "%.*s", (int)(slash - path), path);
        mkdir(part, 0700);
    }
}

static char *in_folder(const char *name)
{
    return mem_printf("%s/%s", folder, name);
}

static void write_file(const char *name, const char *text)
{
    char *path = in_folder(name);
    make_folders(path);
    FILE *f = fopen(path, "w");
    ck_assert(f != NULL);
    fputs(text, f);
    fclose(f);
    free(path);
}

static void make_socket(const char *name)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    char *path = in_folder(name);
    make_folders(path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    snprintf(at.sun_path, sizeof at.sun_path, "%s", path);
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
    close(fd);
    free(path);
}

static void begin(void)
{
    strcpy(folder + strlen(folder) - 6, "XXXXXX");
    ck_assert(mkdtemp(folder) != NULL);
}

static void end(void)
{
    char *command = mem_printf("rm -rf '%s'", folder);
    ck_assert_int_eq(system(command), 0);
    free(command);
}

static void found(const char *engine, const struct docker_env *env, struct docker_where *w)
{
    struct err e = {""};
    ck_assert_msg(docker_where_find(engine, env, w, &e), "%s", e.text);
}

static void refused(const char *engine, const struct docker_env *env, const char *said)
{
    struct docker_where w;
    struct err e = {""};
    ck_assert_msg(!docker_where_find(engine, env, &w, &e), "%s was taken", engine);
    ck_assert_msg(strstr(e.text, said) != NULL, "%s", e.text);
    ck_assert_ptr_null(w.base);
}

START_TEST(addresses)
{
    struct docker_where w;
    found("unix:///run/x.sock", &nothing, &w);
    ck_assert_int_eq(w.way, DOCKER_UNIX);
    ck_assert_str_eq(w.path, "/run/x.sock");
    ck_assert_str_eq(w.base, "http://docker");
    docker_where_finish(&w);
    found("/run/x.sock", &nothing, &w);
    ck_assert_str_eq(w.path, "/run/x.sock");
    docker_where_finish(&w);
    found("tcp://127.0.0.1:2375/", &nothing, &w);
    ck_assert_int_eq(w.way, DOCKER_TCP);
    ck_assert_str_eq(w.base, "http://127.0.0.1:2375");
    ck_assert_str_eq(w.shown, "127.0.0.1:2375");
    docker_where_finish(&w);
    found("tcp://[::1]", &nothing, &w);
    ck_assert_str_eq(w.base, "http://[::1]:2375");
    docker_where_finish(&w);
    refused("tcp://", &nothing, "tcp://HOST:PORT");
    refused("tcp://me:pw@box", &nothing, "tcp://HOST:PORT");
    refused("unix://x", &nothing, "begins with a slash");
    refused("npipe:////./pipe/docker", &nothing, "no address of a docker engine");
}
END_TEST

START_TEST(ssh_and_what_would_be_its_options)
{
    struct docker_where w;
    found("ssh://me@box", &nothing, &w);
    ck_assert_int_eq(w.way, DOCKER_SSH);
    ck_assert_str_eq(w.ssh_to, "me@box");
    ck_assert_str_eq(w.path, "/var/run/docker.sock");
    ck_assert_uint_eq(w.ssh_port, 0);
    docker_where_finish(&w);
    found("ssh://box:2222/run/user/1000/docker.sock", &nothing, &w);
    ck_assert_str_eq(w.ssh_to, "box");
    ck_assert_str_eq(w.path, "/run/user/1000/docker.sock");
    ck_assert_uint_eq(w.ssh_port, 2222);
    docker_where_finish(&w);
    found("ssh://me@[::1]:22", &nothing, &w);
    ck_assert_str_eq(w.ssh_to, "me@::1");
    docker_where_finish(&w);
    static const char *const bad[] = {
        "ssh://-oProxyCommand=touch",
        "ssh://me@-oProxyCommand",
        "ssh://-l@box",
        "ssh://@box",
        "ssh://",
        "ssh://me@",
        "ssh://box:0",
        "ssh://box:x",
        "ssh://box:+1",
        "ssh://a b",
        "ssh://a;b",
        "ssh://box/x:/y",
        "ssh://box/x y",
        "ssh://me@box\n",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        refused(bad[i], &nothing, "ssh://USER@HOST");
}
END_TEST

START_TEST(the_environment_comes_before_contexts)
{
    struct docker_where w;
    struct docker_env env = nothing;
    env.host = "tcp://127.0.0.1:9999";
    env.context = "other";
    found("", &env, &w);
    ck_assert_str_eq(w.base, "http://127.0.0.1:9999");
    docker_where_finish(&w);
    found("unix:///run/x.sock", &env, &w);
    ck_assert_str_eq(w.path, "/run/x.sock");
    docker_where_finish(&w);
}
END_TEST

START_TEST(contexts_by_name)
{
    struct docker_where w;
    struct docker_env env = nothing;
    char *config = in_folder("config"), *ca = in_folder("config/contexts/tls/b2/docker/ca.pem");
    env.config = config;
    write_file("config/contexts/meta/a1/meta.json",
               "{\"Name\":\"box\",\"Metadata\":{},\"Endpoints\":{\"docker\":{\"Host\":"
               "\"ssh://me@box\",\"SkipTLSVerify\":false}}}");
    write_file(
        "config/contexts/meta/b2/meta.json",
        "{\"Name\":\"stage\",\"Endpoints\":{\"docker\":{\"Host\":\"tcp://10.0.0.7:2376\"}}}");
    write_file("config/contexts/meta/c3/meta.json", "{\"Name\":\"broken");
    write_file("config/contexts/tls/b2/docker/ca.pem", "x");
    found("box", &env, &w);
    ck_assert_str_eq(w.ssh_to, "me@box");
    docker_where_finish(&w);
    env.context = "stage";
    found("", &env, &w);
    ck_assert_str_eq(w.base, "https://10.0.0.7:2376");
    ck_assert_str_eq(w.ca, ca);
    ck_assert_ptr_null(w.cert);
    docker_where_finish(&w);
    env.context = NULL;
    write_file("config/config.json", "{\"auths\":{},\"currentContext\":\"box\"}");
    found("", &env, &w);
    ck_assert_str_eq(w.ssh_to, "me@box");
    docker_where_finish(&w);
    env.context = "default"; /* by that name the usual socket is meant */
    found("", &env, &w);
    ck_assert_int_eq(w.way, DOCKER_UNIX);
    docker_where_finish(&w);
    refused("../../etc", &env, "there is no docker context \"../../etc\"");
    refused("none\033[31m", &env, "there is no docker context \"none");
    free(config);
    free(ca);
}
END_TEST

START_TEST(usual_sockets_in_order)
{
    struct docker_where w;
    struct docker_env env = {.root = folder, .home = folder};
    char *runtime = in_folder("user"), *docker = in_folder("var/run/docker.sock");
    char *podman = in_folder("user/podman/podman.sock");
    env.runtime = runtime;
    found("", &env, &w);
    ck_assert_str_eq(w.path, docker); /* not there: the sentence is about this one */
    docker_where_finish(&w);
    make_socket("user/podman/podman.sock");
    found("", &env, &w);
    ck_assert_str_eq(w.path, podman);
    docker_where_finish(&w);
    make_socket("var/run/docker.sock");
    found("", &env, &w);
    ck_assert_str_eq(w.path, docker);
    docker_where_finish(&w);
    free(runtime);
    free(docker);
    free(podman);
}
END_TEST

/* Whoever has docker too and means podman, or says where podman is. */
START_TEST(podman_where_it_is_meant)
{
    struct docker_where w;
    struct docker_env env = {.root = folder, .home = folder, .podman = true};
    char *runtime = in_folder("user"), *docker = in_folder("var/run/docker.sock");
    char *own = in_folder("user/podman/podman.sock"), *all = in_folder("run/podman/podman.sock");
    make_socket("var/run/docker.sock");
    found("", &env, &w);
    ck_assert_str_eq(w.path, all); /* not there: the sentence is about this one */
    docker_where_finish(&w);
    env.runtime = runtime;
    found("", &env, &w);
    ck_assert_str_eq(w.path, own);
    docker_where_finish(&w);
    env.host = "unix:///run/x.sock"; /* may be podman's */
    found("", &env, &w);
    ck_assert_str_eq(w.path, "/run/x.sock");
    docker_where_finish(&w);
    make_socket("run/podman/podman.sock");
    found("", &env, &w);
    ck_assert_str_eq(w.path, all);
    docker_where_finish(&w);
    make_socket("user/podman/podman.sock");
    found("", &env, &w);
    ck_assert_str_eq(w.path, own);
    docker_where_finish(&w);
    env.container_host = "unix:///run/y.sock";
    found("", &env, &w);
    ck_assert_str_eq(w.path, "/run/y.sock");
    docker_where_finish(&w);
    found(docker, &env, &w);
    ck_assert_str_eq(w.path, docker);
    docker_where_finish(&w);
    free(runtime);
    free(docker);
    free(own);
    free(all);
}
END_TEST

START_TEST(where_podman_asks_comes_after_docker)
{
    struct docker_where w;
    struct docker_env env = {.root = folder, .home = folder, .container_host = "ssh://me@box"};
    char *docker = in_folder("var/run/docker.sock");
    found("", &env, &w);
    ck_assert_str_eq(w.ssh_to, "me@box");
    ck_assert_str_eq(w.path, "/run/podman/podman.sock");
    docker_where_finish(&w);
    found("default", &env, &w);
    ck_assert_str_eq(w.path, docker);
    docker_where_finish(&w);
    env.container_host = "ssh://me@box:22/run/user/1000/podman/podman.sock";
    found("", &env, &w);
    ck_assert_str_eq(w.path, "/run/user/1000/podman/podman.sock");
    docker_where_finish(&w);
    make_socket("var/run/docker.sock");
    found("", &env, &w);
    ck_assert_str_eq(w.path, docker);
    docker_where_finish(&w);
    env.podman = true;
    found("ssh://box/", &env, &w);
    ck_assert_str_eq(w.path, "/run/podman/podman.sock");
    docker_where_finish(&w);
    env.host = "tcp://127.0.0.1:9999";
    env.podman = false;
    found("", &env, &w);
    ck_assert_str_eq(w.base, "http://127.0.0.1:9999");
    docker_where_finish(&w);
    free(docker);
}
END_TEST

START_TEST(certificates_of_the_environment)
{
    struct docker_where w;
    struct docker_env env = nothing;
    char *certs = in_folder("certs"), *key = in_folder("certs/key.pem");
    write_file("certs/ca.pem", "x");
    write_file("certs/cert.pem", "x");
    write_file("certs/key.pem", "x");
    env.cert_path = certs;
    env.tls_verify = "1";
    env.host = "tcp://10.0.0.7";
    found("", &env, &w);
    ck_assert_str_eq(w.base, "https://10.0.0.7:2376");
    ck_assert_str_eq(w.key, key);
    ck_assert(!w.insecure);
    docker_where_finish(&w);
    free(certs);
    free(key);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("docker_where");
    TCase *t = tcase_create("docker_where");
    tcase_add_checked_fixture(t, begin, end);
    tcase_add_test(t, addresses);
    tcase_add_test(t, ssh_and_what_would_be_its_options);
    tcase_add_test(t, the_environment_comes_before_contexts);
    tcase_add_test(t, contexts_by_name);
    tcase_add_test(t, usual_sockets_in_order);
    tcase_add_test(t, podman_where_it_is_meant);
    tcase_add_test(t, where_podman_asks_comes_after_docker);
    tcase_add_test(t, certificates_of_the_environment);
    suite_add_tcase(s, t);
    return unit_run(s);
}
