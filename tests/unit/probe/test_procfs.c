/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/probe/procfs.h"
#include "tests/unit/unit.h"

START_TEST(a_name_may_hold_anything)
{
    struct proc_stat s = {0};
    ck_assert(procfs_stat("4711 (a) S 1 (x) R 12 4711 4711 0 -1 4194560 1 2 3 4 50 25 7 8 20 0 9 0 "
                          "123456 1 2 3",
                          &s));
    ck_assert_uint_eq(s.pid, 4711);
    ck_assert_str_eq(s.name, "a) S 1 (x");
    ck_assert_int_eq(s.state, 'R');
    ck_assert_uint_eq(s.parent, 12);
    ck_assert_uint_eq(s.ticks, 75);
    ck_assert_uint_eq(s.threads, 9);
    ck_assert_uint_eq(s.started, 123456);
    ck_assert(!procfs_stat("", &s));
    ck_assert(!procfs_stat("12 (a", &s));
    ck_assert(!procfs_stat("12 (a) R 1", &s));
    ck_assert(!procfs_stat(")(", &s));
}
END_TEST

START_TEST(figures_in_kb)
{
    const char *text = "Name:\tx\nVmRSS:\t  2048 kB\nRssAnon:\t   512 kB\n";
    uint64_t v = 0;
    ck_assert(procfs_kb(text, "RssAnon", &v) && v == 512 * 1024);
    ck_assert(procfs_kb(text, "VmRSS", &v) && v == 2048 * 1024);
    ck_assert(!procfs_kb(text, "Rss", &v));
    ck_assert(!procfs_kb("RssAnon:", "RssAnon", &v));
}
END_TEST

START_TEST(open_files)
{
    uint64_t v = 0;
    ck_assert(procfs_open_files("Limit   Soft Limit  Hard Limit  Units\nMax open files            "
                                "1024                 524288               files\n",
                                &v));
    ck_assert_uint_eq(v, 1024);
    ck_assert(!procfs_open_files("Max open files            unlimited\n", &v));
}
END_TEST

static const char tcp[] =
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout "
    "inode\n"
    "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 "
    "4242 1 0000000000000000 100 0 0 10 0\n"
    "   1: 0100007F:1F90 0100007F:C350 01 00000000:00000000 00:00000000 00000000     0        0 "
    "4343 1 0000000000000000 20 4 30 10 -1\n"
    "   2: 0100007F:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 "
    "4444 1 0000000000000000 100 0 0 10 0\n";
static const char tcp6[] =
    "  sl  local_address                         remote_address                        st "
    "tx_queue\n"
    "   0: 00000000000000000000000001000000:1F90 00000000000000000000000000000000:0000 0A "
    "00000000:00000000 00:00000000 00000000     0        0 5555 1 0 100 0 0 10 0\n";

START_TEST(who_listens)
{
    uint64_t inodes[4];
    ck_assert_uint_eq(procfs_listeners(tcp, 8080, inodes, 4), 1);
    ck_assert_uint_eq(inodes[0], 4242);
    ck_assert_uint_eq(procfs_listeners(tcp, 50000, inodes, 4), 0);
    ck_assert_uint_eq(procfs_listeners(tcp6, 8080, inodes, 4), 1);
    ck_assert_uint_eq(inodes[0], 5555);
    ck_assert_uint_eq(procfs_listeners(tcp, 8080, inodes, 0), 0);
    ck_assert_uint_eq(procfs_listeners("", 8080, inodes, 4), 0);
}
END_TEST

/* Under a load test a machine has tens of thousands of connections: each line is read once.
 * Were it the whole text for each line, this would take minutes. */
START_TEST(who_listens_among_many)
{
    static const char line[] = "   3: 0100007F:1F90 0100007F:C350 06 00000000:00000000 "
                               "03:00000AAA 00000000     0        0 0 3 0000000000000000\n";
    size_t lines = 200000, len = sizeof line - 1;
    char *text = malloc(lines * len + sizeof tcp);
    uint64_t inodes[4];
    ck_assert_ptr_nonnull(text);
    for (size_t i = 0; i < lines; i++)
        memcpy(text + i * len, line, len);
    memcpy(text + lines * len, tcp, sizeof tcp);
    ck_assert_uint_eq(procfs_listeners(text, 8080, inodes, 4), 1);
    ck_assert_uint_eq(inodes[0], 4242);
    free(text);
}
END_TEST

/* Each byte once: not on the bridge, in the container's end and in the card. */
START_TEST(what_is_made_of_others_is_not_counted_twice)
{
    struct machine m = {0};
    procfs_machine("diskstats",
                   " 259 1 nvme0c0n1 1 0 2 0 1 0 2 0 0 5 0\n"
                   " 259 0 nvme0n1 1 0 2 0 1 0 2 0 0 5 0\n"
                   " 253 0 dm-0 1 0 2 0 1 0 2 0 0 5 0\n   9 0 md0 1 0 2 0 1 0 2 0 0 5 0\n"
                   " 179 0 mmcblk0 1 0 2 0 1 0 2 0 0 5 0\n"
                   " 179 1 mmcblk0p1 1 0 2 0 1 0 2 0 0 5 0\n"
                   " 202 0 xvda 1 0 2 0 1 0 2 0 0 5 0\n 202 1 xvda1 1 0 2 0 1 0 2 0 0 5 0\n",
                   &m);
    ck_assert_uint_eq(m.n_disks, 3);
    ck_assert_uint_eq(m.disk_read, 6 * 512);
    static const char *const names[] = {"lo",      "eth0",  "eth0.100", "docker0", "br-4711ab",
                                        "veth12a", "bond0", "br0",      "wlan0",   "enp3s0"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char text[128];
        snprintf(text, sizeof text, "%s: 10 1 0 0 0 0 0 0 20 1 0 0 0 0 0 0\n", names[i]);
        procfs_machine("net/dev", text, &m);
    }
    /* Those of Cilium, GKE, AWS, Azure and OVN; VLANs by name; what a PPP line is made of. */
    static const char *const more[] = {"lxc1a2b3c4d5e6f", "gke52de1f",  "eni7f3a1b2c4d5",
                                       "azv8e1",          "ovs-system", "genev_sys_6081",
                                       "vlan100",         "macvlan0",   "macvtap0",
                                       "tailscale0",      "ipvl0",      "incusbr0"};
    for (size_t i = 0; i < sizeof more / sizeof *more; i++) {
        char text[128];
        snprintf(text, sizeof text, "%s: 10 1 0 0 0 0 0 0 20 1 0 0 0 0 0 0\n", more[i]);
        procfs_machine("net/dev", text, &m);
    }
    ck_assert_uint_eq(m.n_nets, 3); /* eth0, wlan0, enp3s0 */
    ck_assert_uint_eq(m.net_in, 30);
    ck_assert_uint_eq(m.net_out, 60);
}
END_TEST

START_TEST(a_machine)
{
    struct machine m = {.pressure_io = NAN};
    ck_assert(procfs_machine("uptime", "1234.56 2000.00\n", &m));
    ck_assert(procfs_machine("stat",
                             "cpu  100 1 50 800 40 2 3 4 9 9\ncpu0 50 0 0 0\ncpu1 50 0 0 0\n"
                             "intr 5\n",
                             &m));
    procfs_machine("meminfo", "MemTotal: 1000 kB\nMemFree: 1 kB\nMemAvailable:  400 kB\n", &m);
    procfs_machine("diskstats",
                   "   8 0 sda 10 0 100 5 20 0 200 6 0 777 11\n"
                   "   8 1 sda1 10 0 100 5 20 0 200 6 0 777 11\n"
                   " 259 0 nvme0n1 1 0 2 0 1 0 2 0 0 5 0\n 259 1 nvme0n1p1 1 0 2 0 1 0 2 0 0 5 0\n"
                   "   7 0 loop0 1 0 999 0 0 0 0 0 0 5 0\n",
                   &m);
    procfs_machine("net/dev",
                   "Inter-|   Receive |  Transmit\n face |bytes packets\n"
                   "    lo: 999 1 0 0 0 0 0 0 999 1 0 0 0 0 0 0\n"
                   "  eth0: 1000 1 0 0 0 0 0 0 2000 1 0 0 0 0 0 0\n",
                   &m);
    procfs_machine("loadavg", "1.50 1.00 0.50 1/200 4711\n", &m);
    procfs_machine("pressure/cpu", "some avg10=12.34 avg60=1 avg300=0 total=5\n", &m);
    ck_assert(!procfs_machine("passwd", "x", &m));
    ck_assert(m.at_s > 1234.5 && m.at_s < 1234.6);
    ck_assert_uint_eq(m.cpu_total, 1000);
    ck_assert_uint_eq(m.cpu_idle, 840);
    ck_assert_uint_eq(m.cpu_steal, 4);
    ck_assert_uint_eq(m.cores, 2);
    ck_assert_uint_eq(m.mem_total - m.mem_available, 600 * 1024);
    ck_assert_uint_eq(m.n_disks, 2);
    ck_assert_uint_eq(m.disks[0].busy_ms, 777);
    ck_assert_uint_eq(m.disk_read, 102 * 512);
    ck_assert_uint_eq(m.disk_written, 202 * 512);
    ck_assert_uint_eq(m.net_in, 1000);
    ck_assert_uint_eq(m.net_out, 2000);
    ck_assert(m.load1 > 1.4 && m.pressure_cpu > 12 && isnan(m.pressure_io));
}
END_TEST

START_TEST(files_in_one_text)
{
    char text[] = "== uptime\n12.5 1\n== loadavg\n2.5 1 1\n== unknown\nx\n== stat\ncpu 1 2 3 4\n";
    struct machine m = {0};
    procfs_block(text, &m);
    ck_assert(m.at_s > 12.4 && m.load1 > 2.4);
    ck_assert_uint_eq(m.cpu_total, 10);
    /* A file that is empty takes nothing of the next: a pressure would be another's. */
    char empty[] =
        "== pressure/cpu\n== pressure/io\nsome avg10=7.00\n== loadavg\n== uptime\n99 1\n";
    m.pressure_cpu = NAN;
    procfs_block(empty, &m);
    ck_assert(isnan(m.pressure_cpu) && m.pressure_io > 6.9 && m.at_s > 98 && m.load1 > 2.4);
    char cut[] = "== stat";
    procfs_block(cut, &m);
    char none[] = "Welcome!\n";
    procfs_block(none, &m);
    ck_assert_uint_eq(m.cpu_total, 10);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("procfs");
    TCase *t = tcase_create("procfs");
    tcase_add_test(t, a_name_may_hold_anything);
    tcase_add_test(t, figures_in_kb);
    tcase_add_test(t, open_files);
    tcase_add_test(t, who_listens);
    tcase_add_test(t, who_listens_among_many);
    tcase_add_test(t, what_is_made_of_others_is_not_counted_twice);
    tcase_add_test(t, a_machine);
    tcase_add_test(t, files_in_one_text);
    tcase_set_timeout(t, 60);
    suite_add_tcase(s, t);
    return unit_run(s);
}
