# SPDX-License-Identifier: MIT
"""The servers and load generators that the bench runs; all on loopback, all ended by pid."""
import contextlib
import json
import os
import re
import resource
import shutil
import signal
import socket
import subprocess
import sys
import time

NGINX = """
daemon off; master_process off; worker_processes 1; pid {dir}/nginx.pid;
error_log {dir}/nginx.log; worker_rlimit_nofile {files};
events {{ worker_connections {connections}; }}
http {{
    access_log off; keepalive_requests 1000000000; keepalive_timeout 600;
    client_body_temp_path {dir}/t1; proxy_temp_path {dir}/t2; fastcgi_temp_path {dir}/t3;
    uwsgi_temp_path {dir}/t4; scgi_temp_path {dir}/t5;
    server {{ listen 127.0.0.1:{port} backlog=4096;
              location / {{ return 200 "fine; this reply has forty-two bytes here\\n"; }}
              location /api/ {{ default_type application/json;
                                return 200 '{{"id": 4711, "user": {{"name": "smith.j", "roles": ["pupil", "reader"]}}, "state": {{"progress": 42, "completed": false, "code": "for i in range(9): print(i)"}}, "token": "c2Vzc2lvbi10b2tlbi1vZi1hLXVzZXI", "saved_at": "2026-01-11T09:00:00Z", "status": "ok"}}'; }} }}
}}
"""

LOCUSTFILE = """
from locust import HttpUser, task
class Visitor(HttpUser):
    @task
    def home(self):
        self.client.get("/")
"""


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def answers(port, seconds=10):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1) as s:
            s.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            if s.recv(4).startswith(b"HTTP"):
                return True
        time.sleep(0.02)
    return False


def end(process):
    """Ends a child of ours and waits for it."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextlib.contextmanager
def nginx(folder, cpus=None):
    """Yields the port of Debian's nginx with one worker, pinned; None when it is absent."""
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/sbin")
    if not program:
        yield None
        return
    port = free_port()
    files = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    conf = os.path.join(folder, "nginx.conf")
    with open(conf, "w", encoding="ascii") as f:
        f.write(NGINX.format(dir=folder, port=port, files=files,
                             connections=max(1024, min(files - 100, 16384))))
    p = subprocess.Popen([program, "-e", folder + "/nginx.log", "-p", folder, "-c", conf],
                         preexec_fn=pinned(cpus), stderr=subprocess.DEVNULL)
    try:
        if not answers(port):
            with open(folder + "/nginx.log", encoding="utf-8", errors="replace") as log:
                print("bench: nginx does not start:", log.read()[-500:], file=sys.stderr)
            port = None
        yield port
    finally:
        end(p)


@contextlib.contextmanager
def demo(ramptop, *options, cpus=None):
    """Yields the port of `ramptop demo --serve`."""
    p = subprocess.Popen([ramptop, "demo", "--serve", *options], stdout=subprocess.PIPE, text=True,
                         preexec_fn=pinned(cpus))
    try:
        line = p.stdout.readline()
        yield int(re.search(r"127\.0\.0\.1:(\d+)", line).group(1))
    finally:
        end(p)
        p.stdout.close()


@contextlib.contextmanager
def engine(start, words, folder, builddir):
    """Runs `start` of tests/e2e/engines.sh; yields (words with its variables filled in, None)
    or (None, why it cannot be had).  Ended when the other end of its standard input closes."""
    tests = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    script = (f'. "{tests}/e2e/lib.sh"; . "{tests}/e2e/engines.sh"; {start}; '
              f'echo "ready {words}"; read -r _')
    os.chmod(folder, 0o711)  # PostgreSQL's user goes through it
    environment = {**os.environ, "TMPDIR": folder, "top_srcdir": os.path.dirname(tests),
                   "top_builddir": builddir}
    p = subprocess.Popen(["bash", "-c", script, "bench"], stdin=subprocess.PIPE,
                         stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                         env=environment)
    said = ""
    try:
        for line in p.stdout:
            if line.startswith("ready "):
                break
            said = line.strip()
        else:
            line = None
        yield (line[6:].strip(), None) if line else (None, said or "it does not start")
    finally:
        p.stdin.close()
        p.stdout.close()
        p.wait(60)


def pinned(cpus):
    def pin():
        if cpus:
            os.sched_setaffinity(0, cpus)
    return pin


def start(argv, cpus, folder, name):
    """Runs argv with its output in files of folder; (argv, its process, the files)."""
    out, err = (open(os.path.join(folder, name + end), "w+", encoding="utf-8", errors="replace")
                for end in (".out", ".err"))
    return argv, subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=out, stderr=err,
                                  preexec_fn=pinned(cpus), cwd=folder), out, err


def finish(started, deadline):
    """What it took when it has ended: see measured()."""
    argv, p, out, err = started
    while True:
        pid, status, usage = os.wait4(p.pid, os.WNOHANG)
        if pid:
            break
        if time.monotonic() > deadline:
            p.kill()
        time.sleep(0.02)
    p.returncode = os.waitstatus_to_exitcode(status)
    with out, err:
        out.seek(0)
        err.seek(0)
        text = out.read()
        if p.returncode != 0:
            raise RuntimeError(f"{' '.join(argv)}: exit code {p.returncode}: "
                               f"{(err.read() or text)[-400:]}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss, text


def measured(argv, cpus, folder, limit_s):
    """Runs argv; returns (CPU seconds of it and its children, its largest memory in KB,
    standard output).  Bounded in time."""
    return finish(start(argv, cpus, folder, "run"), time.monotonic() + limit_s)


def measured_together(argvs, cpus, folder, limit_s):
    """The same of several that run at the same time, on the same cores."""
    running = [start(argv, cpus, folder, f"run{i}") for i, argv in enumerate(argvs)]
    deadline = time.monotonic() + limit_s
    return [finish(one, deadline) for one in running]


class Ramptop:
    name = "ramptop"

    def __init__(self, program):
        self.program = program

    def run(self, url, users, seconds, cpus, folder):
        cpu, _, out = measured([self.program, url, "-u", str(users), "-t", f"{seconds}s",
                                "--headless", "--json", "-"], cpus, folder, seconds + 20)
        report = json.loads(out)
        if report["failures"]:
            raise RuntimeError(f"ramptop: {report['failures_by_kind']}")
        return cpu, report["requests"]


class Wrk:
    name = "wrk"
    program = shutil.which("wrk")

    def run(self, url, users, seconds, cpus, folder):
        cpu, _, out = measured([self.program, "-t1", f"-c{users}", f"-d{seconds}s", url], cpus,
                               folder, seconds + 20)
        return cpu, int(re.search(r"(\d+) requests in", out).group(1))


class Hey:
    name = "hey"
    program = shutil.which("hey")

    def run(self, url, users, seconds, cpus, folder):
        cpu, _, out = measured([self.program, "-z", f"{seconds}s", "-c", str(users), url], cpus,
                               folder, seconds + 20)
        return cpu, int(re.search(r"\[200\]\s+(\d+) responses", out).group(1))


class Locust:
    name = "locust"
    program = sys.executable if subprocess.run(
        [sys.executable, "-c", "import locust"], check=False, stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL).returncode == 0 else None

    def run(self, url, users, seconds, cpus, folder):
        with open(folder + "/locustfile.py", "w", encoding="ascii") as f:
            f.write(LOCUSTFILE)
        cpu, _, out = measured(
            [self.program, "-m", "locust", "-f", "locustfile.py", "--headless", "--json",
             "--host", url, "-u", str(users), "-r", str(users), "-t", f"{seconds}s"], cpus, folder,
            seconds + 60)
        return cpu, sum(e["num_requests"] for e in json.loads(out[out.index("["):]))
