#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""make bench: ramptop side by side with other tools, in one table.

    bench.py RAMPTOP [PART...]     parts: ring script template cpu users truth console
                                   probes (default: all)

Installs nothing; a tool that is absent is left out with a line that says so.  Traffic
goes to loopback only.  Figures, never pass or fail: they belong to the machine and to
what else it does, so the load average stands beside them.
"""
import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tools"))
import peers  # noqa: E402
from console import Console  # noqa: E402

ROUNDS = 5
CPU_SECONDS = 3
PAIRS = 20  # short and many: the difference is small against what else the machine does
MANY = 10000


class Table:
    def __init__(self):
        self.rows = []

    def add(self, what, value, aim=""):
        self.rows.append((what, value, aim))
        print(f"  {what:<58} {value:>16}   {aim}", flush=True)


def say(text):
    print(f"bench: {text}", flush=True)


def percentile(values, q):
    """The smallest value with at least q of all values at or below it."""
    return values[max(0, -(-int(len(values) * q * 1000) // 1000) - 1)]


def cores():
    """(of the server, of the generator): one each when there are two."""
    cpus = sorted(os.sched_getaffinity(0))
    if len(cpus) < 2:
        say("only one core: server and generator share it")
    return {cpus[0]}, {cpus[-1]}


# ------------------------------------------------------------------ CPU per request

def part_cpu(table, ramptop, folder):
    server, generator = cores()
    tools = [peers.Ramptop(ramptop)]
    for peer in (peers.Wrk(), peers.Hey()):
        if peer.program:
            tools.append(peer)
        else:
            say(f"{peer.name} is not installed and left out (apt-get install {peer.name})")
    with peers.nginx(folder, server) as port:
        if port is None:
            say("nginx is not installed: no CPU per request (apt-get install nginx-light)")
            return
        url = f"http://127.0.0.1:{port}/"
        mine = cpu_of_size(table, tools, url, 50, generator, folder)
        cpu_of_locust(table, url, mine, generator, folder)
        cpu_of_size(table, tools, url, 1000, generator, folder)


def cpu_of_size(table, tools, url, users, generator, folder):
    """Rounds in turn, and ratios within a round: what else the machine does hits all alike."""
    cost = {t.name: [] for t in tools}
    rate = {t.name: [] for t in tools}
    for _ in range(ROUNDS):
        for t in tools:
            cpu, requests = t.run(url, users, CPU_SECONDS, generator, folder)
            cost[t.name].append(cpu * 1e6 / max(requests, 1))
            rate[t.name].append(requests / CPU_SECONDS)
    for name, us in cost.items():
        table.add(f"CPU per request, {users} users, {name}", f"{statistics.median(us):.1f} us",
                  f"{min(us):.1f}-{max(us):.1f} us in {len(us)} rounds; "
                  f"{statistics.median(rate[name]):,.0f} req/s")
    for name, aim in (("wrk", f"at most {3.0 if users == 50 else 3.8}"), ("hey", "below 1")):
        if name in cost:
            ratios = [mine / its for mine, its in zip(cost["ramptop"], cost[name])]
            table.add(f"  ramptop to {name}, {users} users", f"{statistics.median(ratios):.2f}",
                      f"aim: {aim}; {min(ratios):.2f}-{max(ratios):.2f}")
    return statistics.median(cost["ramptop"])


def cpu_of_locust(table, url, mine, generator, folder):
    """Its start takes longer than many a run: a short run is taken off a long one."""
    locust = peers.Locust()
    if not locust.program:
        say("Locust is not installed and left out (pip install locust)")
        return
    short_cpu, short_n = locust.run(url, 50, 3, generator, folder)
    long_cpu, long_n = locust.run(url, 50, 13, generator, folder)
    its = (long_cpu - short_cpu) * 1e6 / max(long_n - short_n, 1)
    table.add("CPU per request, 50 users, Locust HttpUser", f"{its:.1f} us",
              f"{(long_n - short_n) / 10:,.0f} req/s")
    table.add("  ramptop to Locust, 50 users", f"{mine / its:.3f}", "aim: at most 0.1")


# --------------------------------------------------- templates, a capture and a check

BARE = """{ request = "POST /api/activity/4711?page=17";
    headers = { X-Token = "c2Vzc2lvbi10b2tlbi1vZi1hLXVzZXI"; };
    json = "{\\"pupil\\": \\"pupil.4711\\", \\"progress\\": 42, \\"code\\": \\"print(1)\\"}"; }"""
WITH_ALL = """{ request = "POST /api/activity/${id}?page=17"; name = "/api/activity/{id}";
    headers = { X-Token = "${token}"; };
    json = "{\\"pupil\\": \\"pupil.${user}\\", \\"progress\\": ${int:1:99}, \\"code\\": \\"print(1)\\"}";
    capture = { token = "json:$.token"; };
    check = { body_contains = "\\"status\\": \\"ok\\""; }; }"""


def part_template(table, ramptop, folder):
    """The same request as it is, and with three variables, a generator, a capture and a check."""
    server, generator = cores()
    cost = {"bare": [], "with all": []}
    with peers.nginx(folder, server) as port:
        if port is None:
            say("nginx is not installed: no cost of templates (apt-get install nginx-light)")
            return
        for name, task in (("bare", BARE), ("with all", WITH_ALL)):
            with open(os.path.join(folder, name), "w", encoding="ascii") as f:
                f.write(f"""target = "http://127.0.0.1:{port}"; variables = {{ id = "${{int:1000:9999}}"; }};
user_classes = ( {{ name = "A"; tasks = ( {task} );
    on_start = ( {{ request = "GET /api/token"; capture = {{ token = "json:$.token"; }}; }} ); }} );
""")
        argvs = [[ramptop, os.path.join(folder, name), "-u", "50", "-t", "2s", "--headless",
                  "--json", "-"] for name in cost]
        for i in range(PAIRS):
            # At the same time, on the same core: what else the machine does costs both the same.
            order = -1 if i % 2 else 1
            ran = peers.measured_together(argvs[::order], generator, folder, 20)[::order]
            for name, (cpu, _, out) in zip(cost, ran):
                report = json.loads(out)
                if report["failures"]:
                    raise RuntimeError(f"{name}: {report['failures_by_kind']}")
                cost[name].append(cpu * 1e6 / report["requests"])
    for name, us in cost.items():
        table.add(f"CPU per request, 50 users, {name}", f"{statistics.median(us):.1f} us",
                  f"{min(us):.1f}-{max(us):.1f} us in {len(us)} runs of 2 s")
    more = [b - a for a, b in zip(cost["bare"], cost["with all"])]
    low, _, high = statistics.quantiles(more, n=4)
    table.add("  templates, a capture and a check", f"{statistics.median(more):.2f} us",
              f"aim: at most 2; half of the pairs {low:.2f} to {high:.2f}; "
              f"of the cheapest runs {min(cost['with all']) - min(cost['bare']):.2f}")


# --------------------------------------------------------------------- 10,000 users

def waiting_profile(folder, name, port, users, wait_s, seconds, spawn_rate):
    path = os.path.join(folder, name)
    with open(path, "w", encoding="ascii") as f:
        f.write(f"""target = "http://127.0.0.1:{port}";
user_classes = ( {{ name = "waiting"; wait = {{ constant = {wait_s}; }};
    tasks = ( {{ request = "GET /"; }} ); }} );
levels = {{ all = {{ users = {users}; spawn_rate = {spawn_rate}.0; run_time = "{seconds}s"; }}; }};
""")
    return path


def headless(ramptop, folder, *args):
    cpu, rss_kb, out = peers.measured([ramptop, *args, "--headless", "--json", "-"], None, folder,
                                      60)
    return json.loads(out), cpu, rss_kb


def part_users(table, ramptop, folder):
    seconds = 12
    with peers.nginx(folder) as port:
        if port is None:
            say("nginx is not installed: no run with 10,000 users (apt-get install nginx-light)")
            return
        few, _, few_kb = headless(ramptop, folder,
                                  waiting_profile(folder, "few.cfg", port, 100, 1.0, seconds, 2500))
        many, cpu, many_kb = headless(
            ramptop, folder, waiting_profile(folder, "many.cfg", port, MANY, 1.0, seconds, 2500))
        g = many["generator"]
        table.add("10,000 users with a 1 s wait: users at once", f"{many['users_peak']:,}")
        table.add("  requests", f"{many['requests']:,}", f"{many['rps']:,.0f}/s in {seconds} s")
        table.add("  failed, given up",
                  f"{many['failures'] + many['client_failures']}, {many['aborted']}", "aim: 0, 0")
        table.add("  lost samples", f"{g['ring_lost']}", "aim: 0")
        table.add("  memory per user", f"{(many_kb - few_kb) / (MANY - 100):.1f} KB",
                  f"aim: at most 40 KB; {many_kb / 1024:.0f} MB in all")
        table.add("  p50, p99", f"{many['latency_ms']['p50']}, {many['latency_ms']['p99']} ms",
                  f"CPU {cpu / seconds * 100:.0f} % of a core")
        for w in g["warnings"]:
            say(f"ramptop warned: {w}")
        profile = waiting_profile(folder, "keys.cfg", port, MANY, 1.0, 60, 2500)
        c = Console([ramptop, profile])
        try:
            c.wait_for(r"users 10,?000 . 10,?000", 30)
            c.read_for(2)
            slowest, median = key_latency(c, 20)
            table.add("  a key answered on the screen, slowest of 20", f"{slowest * 1000:.1f} ms",
                      f"aim: at most 100 ms; median {median * 1000:.1f} ms")
            c.type("q")
            c.finish()
        finally:
            c.kill()


# ---------------------------------------------------------------- truth of the demo

def part_truth(table, ramptop, folder):
    truth = os.path.join(folder, "truth")
    with peers.demo(ramptop, "--servers", "64", "--service-ms", "10", "--service", "const",
                    "--queue", "10000", "--truth", truth) as port:
        report, _, _ = headless(ramptop, folder,
                                waiting_profile(folder, "truth.cfg", port, 100, 0.09, 12, 200))
    took, received = [], []
    with open(truth, encoding="ascii") as f:
        for line in list(f)[1:]:
            at, sent, _, path, status = line.split()[:5]
            if path == "/" and status == "200":
                took.append((int(sent) - int(at)) / 1e6)
                received.append(int(at))
    took.sort()
    mine, rate = report["latency_ms"], len(took) / ((max(received) - min(received)) / 1e9)
    table.add("against the demo's own log: requests, ours - its",
              f"{report['requests'] - len(took):+d}", f"aim: 0; {len(took):,} at {rate:,.0f}/s")
    for key, q, aim in (("p50", 0.5, 0.3), ("p99", 0.99, 2.0)):
        its = percentile(took, q)
        table.add(f"  {key}, ours - its", f"{mine[key] - its:+.2f} ms",
                  f"aim: at most {aim} ms; its own {its:.2f} ms")


# ---------------------------------------------------------------------- the console

def key_latency(c, n):
    """Types + and - in turn and waits for the sentence that follows the changed load."""
    took = []
    for i in range(n):
        before = c.screen.text()
        begun = time.monotonic()
        c.type("+" if i % 2 == 0 else "-")
        wanted = users_said(before)
        while users_said(c.screen.text()) == wanted:
            if time.monotonic() - begun > 5:
                raise TimeoutError("a key without an answer:\n" + c.screen.text())
            c.read(0.05)
        took.append(time.monotonic() - begun)
        c.read_for(0.21)
    return max(took), statistics.median(took)


def users_said(text):
    """The line `users 51, were 50 (u: undo)`, shown once the session has the new number."""
    return [line for line in text.split("\n") if ", were " in line]


def thread_ns(pid):
    with open(f"/proc/{pid}/task/{pid}/schedstat", encoding="ascii") as f:
        return int(f.read().split()[0])


def part_console(table, ramptop, folder):
    server, generator = cores()
    with peers.nginx(folder, server) as port:
        if port is None:
            say("nginx is not installed: the console is not measured (apt-get install nginx-light)")
            return
        c = Console([ramptop, f"http://127.0.0.1:{port}/", "-u", "50"], cpus=generator)
        try:
            c.wait_for(r"users 50 . 50", 20)
            c.read_for(3)
            ns, count, begun = thread_ns(c.pid), c.bytes, time.monotonic()
            c.read_for(10)
            seconds = time.monotonic() - begun
            table.add("console at 120x40 under full load: main thread",
                      f"{(thread_ns(c.pid) - ns) / seconds / 1e7:.2f} %", "aim: at most 3 % of a core")
            table.add("  to the terminal", f"{(c.bytes - count) / seconds / 1024:.2f} KB/s",
                      "aim: at most 4 KB/s")
            slowest, median = key_latency(c, 20)
            table.add("  a key changes the wanted load, slowest of 20", f"{slowest * 1000:.1f} ms",
                      f"aim: at most 50 ms; median {median * 1000:.1f} ms")
            c.type("q")
            c.finish()
        finally:
            c.kill()


# ------------------------------------------------------------------------ the probes

def engines(stack, ramptop, folder):
    """What can be started of what probes watch: the options for them."""
    wanted = (("redis", "start_redis", "redis:127.0.0.1:$redis_port"),
              ("nginx status", "start_nginx_status", "nginx:$nginx_status"),
              ("postgres", "start_postgres", "postgres:$pg_dsn"),
              ("docker", "start_docker; run_container busy --cpus 0.02 -- \"$busy\"; "
                         "run_container idle --memory 64m -- 'exec sleep 1000'",
               "docker:busy,idle,engine=$docker_host"))
    options = ["--probe", "host"]
    for name, start, probe in wanted:
        said, why = stack.enter_context(peers.engine(start, probe, folder, os.path.dirname(ramptop)))
        if said:
            options += ["--probe", said]
        else:
            say(f"no {name} to be watched: {why}")
    say("watched: " + ", ".join(o.split(":")[0] for o in options[1::2]))
    return options


def probe_threads_ns(pid):
    spent = {}
    for task in os.listdir(f"/proc/{pid}/task"):
        with contextlib.suppress(OSError):
            folder = f"/proc/{pid}/task/{task}/"
            with open(folder + "comm", encoding="utf-8") as name, \
                    open(folder + "schedstat", encoding="ascii") as f:
                if name.read().strip() == "probe":
                    spent[task] = int(f.read().split()[0])
    return spent


def cost_of_probes(table, ramptop, port, options, folder):
    path, seconds = os.path.join(folder, "probes.json"), 20
    profile = waiting_profile(folder, "calm.cfg", port, 2, 0.1, seconds + 10, 10)
    p = subprocess.Popen([ramptop, profile, "--headless", "--quiet", "--json", path, *options],
                         stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                         stderr=subprocess.DEVNULL)
    try:
        time.sleep(4)  # connected, and the first looks done
        before, begun = probe_threads_ns(p.pid), time.monotonic()
        time.sleep(seconds)
        after, took = probe_threads_ns(p.pid), time.monotonic() - begun
        p.wait(30)
    finally:
        peers.end(p)
    with open(path, encoding="utf-8") as f:
        probes = json.load(f)["probes"]
    for probe in probes:
        table.add(f"  probe {probe['type']}", f"{probe['cost_percent']:.3f} %",
                  f"{probe['state']}, {probe['looks']} looks, each {probe['took_ms']:.1f} ms")
    table.add("all probes at 1 Hz, by themselves", f"{sum(q['cost_percent'] for q in probes):.2f} %",
              "aim: at most 1 % of a core")
    ns = sum(n - before.get(task, 0) for task, n in after.items())
    table.add("  by the kernel's account of their threads", f"{ns / took / 1e7:.2f} %",
              f"{len(after)} threads, {took:.0f} s")


def part_probes(table, ramptop, folder):
    with contextlib.ExitStack() as stack:
        options = engines(stack, ramptop, folder)
        port = stack.enter_context(peers.nginx(folder))
        if port is None:
            say("nginx is not installed: probes are not measured (apt-get install nginx-light)")
            return
        url = f"http://127.0.0.1:{port}/"
        cost_of_probes(table, ramptop, port, options, folder)
        # Twice without: how far two runs differ that should not says what a difference is worth.
        p99 = {"without": [], "without again": [], "with": []}
        for i in range(PAIRS):
            names = list(p99)
            for name in names[i % 3:] + names[:i % 3]:  # who is first takes turns as well
                report, _, _ = headless(ramptop, folder, url, "-u", "200", "-r", "1000", "-t", "3s",
                                        *(options if name == "with" else ["--no-probes"]))
                p99[name].append(report["latency_ms"]["p99"])
        without = p99["without"] + p99["without again"]
        table.add("200 users, all cores busy: p99 without probes",
                  f"{statistics.median(without):.2f} ms",
                  f"{min(without):.2f}-{max(without):.2f} ms in {len(without)} runs of 3 s")
        for what, name, aim in (("  once more, more", "without again", "by chance"),
                                ("  with probes, more", "with", "aim: at most +0.1")):
            more = [b - a for a, b in zip(p99["without"], p99[name])]
            low, _, high = statistics.quantiles(more, n=4)
            table.add(what, f"{statistics.median(more):+.2f} ms",
                      f"{aim}; half of the pairs {low:+.2f} to {high:+.2f}")


# ------------------------------------------------------------------------- the ring

def run_programs(table, ramptop, folder, names):
    here = os.path.join(os.path.dirname(os.path.abspath(ramptop)), "tests", "bench")
    for name in names:
        program = os.path.join(here, name)
        if not os.access(program, os.X_OK):
            say(f"{name} is not built and left out (make bench builds it)")
            continue
        _, _, out = peers.measured([program], None, folder, 120)
        for line in out.strip().split("\n"):
            print(f"  {name}: {line}", flush=True)
            table.rows.append((name, line, ""))


def part_ring(table, ramptop, folder):
    run_programs(table, ramptop, folder, ("bench_ring", "bench_record"))


def part_script(table, ramptop, folder):
    run_programs(table, ramptop, folder, ("bench_script",))


PARTS = {"ring": part_ring, "script": part_script, "template": part_template, "cpu": part_cpu, "users": part_users,
         "truth": part_truth, "console": part_console, "probes": part_probes}


def main():
    if len(sys.argv) < 2 or any(p not in PARTS for p in sys.argv[2:]):
        sys.exit(__doc__)
    ramptop, begun, failed = os.path.abspath(sys.argv[1]), time.monotonic(), 0
    table, before = Table(), os.getloadavg()[0]
    say(f"{os.cpu_count()} cores, load average before the run {before:.2f}")
    for part in sys.argv[2:] or PARTS:
        with tempfile.TemporaryDirectory(prefix="ramptop-bench-") as folder:
            try:
                PARTS[part](table, ramptop, folder)
            except (RuntimeError, TimeoutError, subprocess.SubprocessError, OSError) as e:
                say(f"part {part} broke off: {e}")
                failed = 1
    say(f"{time.monotonic() - begun:.0f} s; load average {before:.2f} before, "
        f"{os.getloadavg()[0]:.2f} after: above 1 before it, other work was in the way")
    return failed


if __name__ == "__main__":
    sys.exit(main())
