#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Fails one call of the program after the other (fail_calls.c) and looks how it ends.

    fault_loop.py                  all: each own allocation, each system call with six errors
    fault_loop.py --short          the first of each kind and some of the others
    fault_loop.py --only console --call poll     these of them
    fault_loop.py --part 2/4       every fourth, from the second: several shorter runs are the whole

Each scenario is run once with nothing failing, which tells how many calls there are.  Then a run
for each fault: the n-th call once, and the n-th and all behind it.  Each run goes on or ends in
a sentence with an exit code of the manual's, within the deadline, without a word of a
sanitizer or a crash; the console leaves the terminal as it was, a report is whole or not there,
and no process is left; where nothing fails, no descriptor is open at the end.  What failed is printed with the command that shows it again.
"""
import argparse
import ctypes
import fcntl
import http.server
import json
import multiprocessing
import os
import pathlib
import pty
import re
import select
import shlex
import shutil
import signal
import socketserver
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import time

SOURCE = pathlib.Path(os.environ.get("top_srcdir", ".")).resolve()
BUILD = pathlib.Path(os.environ.get("top_builddir", ".")).resolve()
RAMPTOP = BUILD / "ramptop"
SHIM = BUILD / "tests/tools/fail_calls.so"
DEADLINE_S = 30  # a run takes well below a second on an idle machine
GOODBYE_S = 10   # after SIGTERM, and for processes of the run that are still there
CODES = {0, 1, 2, 3, 4, 5, 128 + signal.SIGTERM, 128 + signal.SIGHUP}
BAD_WORDS = re.compile(r"crashed|Sanitizer|runtime error|Assertion|stack smashing|corrupted|"
                       r"terminated \*\*\*|double free|malloc\(\)|free\(\)")

SIX = ("EINTR", "EIO", "ENOMEM", "EMFILE", "EACCES", "ENOSPC")
ERRORS = {
    "open": ("EMFILE", "ENFILE", "EACCES", "ENOENT", "ENOMEM", "EINTR"),
    "read": ("EINTR", "EAGAIN", "EIO", "ENOMEM", "ECONNRESET", "EINVAL"),
    "recv": ("EINTR", "EAGAIN", "EIO", "ENOMEM", "ECONNRESET", "ETIMEDOUT"),
    "write": ("EINTR", "EAGAIN", "EIO", "ENOSPC", "EPIPE", "EACCES"),
    "send": ("EINTR", "EAGAIN", "ENOBUFS", "ENOMEM", "ECONNRESET", "EPIPE"),
    "socket": ("EMFILE", "ENFILE", "EACCES", "ENOBUFS", "ENOMEM", "EINVAL"),
    "bind": ("EADDRINUSE", "EADDRNOTAVAIL", "EACCES", "ENOBUFS", "ENOMEM", "EINVAL"),
    "listen": ("EADDRINUSE", "EACCES", "ENOBUFS", "ENOMEM", "EMFILE", "EINVAL"),
    "connect": ("ECONNREFUSED", "ENETUNREACH", "EADDRNOTAVAIL", "EACCES", "EINTR", "ENOBUFS"),
    "accept": ("EMFILE", "ENFILE", "ENOBUFS", "ENOMEM", "EINTR", "EAGAIN"),
    "poll": ("EINTR", "EAGAIN", "ENOMEM", "EINVAL", "EIO", "EACCES"),
    "epoll_wait": ("EINTR", "EBADF", "EINVAL", "ENOMEM", "EIO", "EACCES"),
    "epoll_ctl": ("ENOMEM", "ENOSPC", "EPERM", "EEXIST", "ENOENT", "EBADF"),
    "alloc": ("ENOMEM",),
}
# Only for a moment: what says them for ever is no kernel, and a loop around it is right.
PASSING = {"EINTR", "EAGAIN"}
PASSING_TIMES = 12
# The library goes wrong by itself when these fail under it; only the program's own are failed.
OWN_ONLY = {"close", "fcntl"}

PROFILE = """
target = "{target}"; timeout = "2s";
@include "more.cfg"
feeders = {{ people = {{ csv = "people.csv"; }}; }};
user_classes = (
  {{ name = "visitor"; wait = {{ constant = 0.02; }};
    tasks = (
      {{ name = "look"; weight = 3; request = "GET /ok?name=${{people.name}}"; }},
      {{ name = "send"; request = "POST /ok"; json = "{{\\"id\\": \\"${{uuid}}\\"}}"; }}
    ); }}
);
levels = {{ small = {{ users = 2; spawn_rate = 50.0; run_time = "300ms"; }}; }};
"""
PROBES = """
probes = (
  {{ type = "process"; pid = {pid}; period = 0.1; }},
  {{ type = "host"; period = 0.1; }},
  {{ type = "redis"; address = "127.0.0.1:{redis}"; period = 0.1; }},
  {{ type = "prometheus"; url = "http://127.0.0.1:{http}/metrics"; period = 0.1;
    series = ( {{ name = "things"; metric = "things_total"; }} ); }},
  {{ type = "nginx"; url = "http://127.0.0.1:{http}/status"; period = 0.1; }},
  {{ type = "command"; name = "depth"; period = 0.1; command = ["/bin/echo", "depth=18/20"]; }}
);
"""
METRICS = "# TYPE things_total counter\nthings_total 7\n"
STATUS = ("Active connections: 3 \nserver accepts handled requests\n 10 10 20 \n"
          "Reading: 0 Writing: 1 Waiting: 2 \n")


# ------------------------------------------------------------------ what is watched

class Pages(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        text = (METRICS if self.path == "/metrics" else STATUS).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass

    def handle(self):
        try:
            super().handle()
        except OSError:
            pass  # it was the client's turn to fail


class Redis(socketserver.BaseRequestHandler):
    INFO = "# Clients\r\nconnected_clients:3\r\n# Stats\r\ntotal_commands_processed:12\r\n"

    def handle(self):
        try:
            while self.request.recv(4096):
                self.request.sendall(b"$%d\r\n%s\r\n" % (len(self.INFO), self.INFO.encode()))
        except OSError:
            pass


class Servers:
    """On loopback, in threads of the driver; the fault server is the target."""

    def __init__(self):
        class Threads(socketserver.ThreadingTCPServer):
            daemon_threads = True
            allow_reuse_address = True
            request_queue_size = 128

        self.http = Threads(("127.0.0.1", 0), Pages)
        self.redis = Threads(("127.0.0.1", 0), Redis)
        for server in (self.http, self.redis):
            threading.Thread(target=server.serve_forever, daemon=True).start()
        self.target = subprocess.Popen([BUILD / "tests/tools/fault_server", "0"],
                                       stdout=subprocess.PIPE, text=True)
        self.url = "http://127.0.0.1:" + self.target.stdout.readline().split()[1]

    def end(self):
        self.target.terminate()
        self.target.wait()


# ------------------------------------------------------------------------ scenarios

def write_inputs(folder, servers):
    (folder / "more.cfg").write_text("limits = { max_users = 50; };\n")
    (folder / "people.csv").write_text("name\n" + "".join(f"p{i}\n" for i in range(20)))
    profile = PROFILE.format(target=servers.url)
    (folder / "small.cfg").write_text(profile)
    (folder / "probes.cfg").write_text(profile + PROBES.format(
        pid=os.getpid(), http=servers.http.server_address[1], redis=servers.redis.server_address[1]))
    shutil.copy(SOURCE / "tests/fuzz/seeds/har/session", folder / "session.har")


def scenarios(folder, servers):
    """Name -> arguments; REPORT stands for the run's own file, on a terminal when console."""
    small, probes = str(folder / "small.cfg"), str(folder / "probes.cfg")
    curl = ["curl", "-X", "POST", "-H", "Content-Type: application/json", "-d", '{"a":[1,2]}',
            "http://127.0.0.1/api/things?x=1"]
    found = {
        "check": ["check", probes],
        "list": ["list", probes],
        "import-curl": ["import", *curl],
        "import-har": ["import", "har", str(folder / "session.har")],
        "headless": [small, "--headless", "--level", "small", "--json", "REPORT", "--log", "LOG"],
        "bare": [servers.url + "/ok", "-n", "10", "--headless", "--timeout", "1s", "--json", "REPORT"],
        "console": [small, "--level", "small", "--json", "REPORT"],
        "probes": [probes, "--headless", "-t", "300ms", "--trust", "--json", "REPORT"],
    }
    if "#define HAVE_DEMO 1" in (BUILD / "config.h").read_text():
        found["demo"] = ["demo", "--headless", "-t", "200ms", "--timeout", "2s", "--json",
                         "REPORT"]
    return found


# -------------------------------------------------------------------------- one run

class Run:
    """A run of the program with a fault; `wrong` is what it did wrong, None for nothing."""

    def __init__(self, name, argv, fault):
        self.name, self.argv, self.fault = name, argv, fault
        self.wrong = None
        self.text = ""
        self.code = None

    def environment(self, folder):
        env = {k: v for k, v in os.environ.items()
               if not k.startswith(("RAMPTOP_", "LOCUST_", "FAIL_"))}
        env.update(LC_ALL="C.UTF-8", TERM="xterm-256color", HOME="/nonexistent",
                   XDG_CONFIG_HOME="/nonexistent", LD_PRELOAD=str(SHIM), FAIL_CALL=self.fault,
                   FAIL_COUNT=str(folder / "counts"), FAIL_LOG=str(folder / "failed"),
                   FAIL_OPEN=str(folder / "open"))
        return env

    def command(self):
        return ["env", f"LD_PRELOAD={SHIM}", f"FAIL_CALL={self.fault}", str(RAMPTOP), *self.argv]

    def go(self, folder):
        for file in ("counts", "failed", "open", "report", "log"):
            (folder / file).unlink(missing_ok=True)
        real = {"REPORT": str(folder / "report"), "LOG": str(folder / "log")}
        argv = [str(RAMPTOP), *(real.get(a, a) for a in self.argv)]
        if self.name == "console":
            self.on_terminal(argv, folder)
        else:
            self.headless(argv, folder)
        self.judge(folder)

    def headless(self, argv, folder):
        with open(folder / "out", "wb+") as out:
            child = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                                     env=self.environment(folder), start_new_session=True)
            try:
                self.code = child.wait(DEADLINE_S)
            except subprocess.TimeoutExpired:
                self.hung(child.pid)
                self.code = child.wait()
            out.seek(0)
            self.text = out.read().decode("utf-8", "replace")

    def hung(self, pid):
        self.wrong = f"is still there after {DEADLINE_S} s"
        os.kill(pid, signal.SIGKILL)

    def on_terminal(self, argv, folder):
        """The terminal is ours, not the program's: it does not go with its end."""
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
        before = termios.tcgetattr(slave)

        def take_terminal():
            os.setsid()
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)

        child = subprocess.Popen(argv, stdin=slave, stdout=slave, stderr=slave,
                                 env=self.environment(folder), preexec_fn=take_terminal)
        begun, raw, typed, asked = time.monotonic(), b"", 0, False
        while child.poll() is None:
            if select.select([master], [], [], 0.02)[0]:
                raw += os.read(master, 65536)
            at = time.monotonic() - begun
            if at > 0.4 + typed * 0.5 and not asked:
                os.write(master, (b"2", b"+", b"6", b"q")[typed] if typed < 4 else b"q")
                typed += 1
            if at > GOODBYE_S and not asked:  # it cannot read its keys
                child.terminate()
                asked = True
            if at > DEADLINE_S:
                self.hung(child.pid)
                child.wait()
        self.code = child.returncode
        while select.select([master], [], [], 0)[0]:
            raw += os.read(master, 65536)
        self.text = raw.decode("utf-8", "replace")
        after = termios.tcgetattr(slave)
        os.close(master)
        os.close(slave)
        # That the terminal cannot be set is what this fault says.
        if after != before and not self.fault.startswith("tcsetattr"):
            self.wrong = self.wrong or "leaves the terminal as it should not be"
        shown = self.text.rfind("\x1b[?1049h")
        if shown >= 0 and self.text.find("\x1b[?1049l", shown) < 0 and "write" not in self.fault:
            self.wrong = self.wrong or "leaves the screen of the console"

    def judge(self, folder):
        if self.wrong is not None:
            return
        report = folder / "report"
        if self.code not in CODES:
            self.wrong = f"ends with {self.code}"
        elif bad := BAD_WORDS.search(self.text):
            self.wrong = f"says {bad.group(0)}"
        elif self.code in (2, 4, 5) and "ramptop: " not in self.text and ".cfg:" not in self.text \
                and not self.fault.startswith(("write", "own.write", "poll", "own.poll")):
            self.wrong = f"ends with {self.code} and no sentence"
        elif report.exists() and not is_json(report):
            self.wrong = "leaves half a report"
        elif not self.fault and (still := left_open(folder / "open", "--trust" in self.argv)):
            self.wrong = "leaves open: " + ", ".join(still)
        elif "REPORT" in self.argv and self.code == 0 and not report.exists():
            self.wrong = "ends with 0 and no report"
        elif any(f.name.startswith("report.") for f in folder.iterdir()) and self.code != 4 \
                and "unlink" not in self.fault:
            self.wrong = "leaves a file beside the report"
        else:
            self.wrong = left_children()
        for file in folder.glob("report.*"):
            file.unlink()


def is_json(path):
    try:
        json.loads(path.read_text())
        return True
    except ValueError:
        return False


def left_open(path, runs_programs):
    """Two descriptors live as long as the process: that from which signals are read, and, once a
    probe has run a program, the pipe by whose end its guard knows that the process is gone."""
    lines = path.read_text().splitlines() if path.exists() else []
    lines = [line for line in lines if not line.endswith("anon_inode:[signalfd]")]
    pipes = [line for line in lines if " pipe:[" in line]
    guarded = runs_programs and len(pipes) == 1
    return [line for line in lines if not guarded or line not in pipes]


def left_children():
    """Orphans of the run are ours, as we are the subreaper."""
    end = time.monotonic() + GOODBYE_S
    while True:
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return None
        if time.monotonic() > end:
            break
        time.sleep(0.01)
    children = pathlib.Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    names = [pathlib.Path(f"/proc/{p}/cmdline").read_bytes().replace(b"\0", b" ").decode()
             for p in children]
    for p in children:
        os.kill(int(p), signal.SIGKILL)
        os.waitpid(int(p), 0)
    return "leaves a process: " + ", ".join(names)


# ----------------------------------------------------------------------- the faults

def read_counts(path):
    """Call -> (all, own)"""
    data = path.read_bytes() if path.exists() else b""
    records = (struct.unpack_from("16sQQ", data, at) for at in range(0, len(data), 32))
    return {name.rstrip(b"\0").decode(): (n, own) for name, n, own in records if n > 0}


def spread(n, most):
    """Up to `most` numbers of 1..n: the first ones, then fewer and fewer, and the last."""
    if n <= most:
        return list(range(1, n + 1))
    chosen = set(range(1, most // 2 + 1)) | {n}
    left = most - len(chosen)
    chosen |= {most // 2 + (n - most // 2) * i // (left + 1) for i in range(1, left + 1)}
    return sorted(chosen)


def faults_of(call, n, short):
    """Yields the specs to try for a call that is made n times."""
    errors = ERRORS.get(call, SIX)
    if call == "alloc":
        for at in spread(n, 12 if short else n):
            yield f"alloc:{at}+"
            if not short:
                yield f"alloc:{at}"
        return
    name = "own." + call if call in OWN_ONLY else call
    for i, error in enumerate(errors):
        for at in spread(n, 1 if short else 16):
            if short and i >= 2:
                break
            yield f"{name}:{at}:{error}"
        for at in spread(n, 1 if short else 6):
            if short and i >= 1 + (error in PASSING):
                break
            yield f"{name}:{at}-{at + PASSING_TIMES}:{error}" if error in PASSING \
                else f"{name}:{at}+:{error}"


def work(todo):
    """One run, in a process of the pool with a folder of its own."""
    name, argv, fault, base = todo
    folder = pathlib.Path(base) / f"run-{os.getpid()}"
    folder.mkdir(exist_ok=True)
    run = Run(name, argv, fault)
    run.go(folder)
    failed = folder / "failed"
    hit = failed.read_text().splitlines() if failed.exists() else []
    return run, hit, read_counts(folder / "counts")


def become_subreaper():
    ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def report_wrong(run, hit):
    print(f"WRONG: {run.name} with {run.fault} {run.wrong}\n  failed: {'; '.join(hit[:3])}\n"
          f"  {shlex.join(run.command())}")
    print("".join(f"  | {line}\n" for line in run.text.splitlines()[-12:]), flush=True)


def part_of(text):
    """I/N -> the slice that takes the I-th of each N"""
    i, n = (int(x) for x in text.split("/"))
    if not 1 <= i <= n:
        raise ValueError(text)
    return slice(i - 1, None, n)


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--short", action="store_true", help="the first of each kind")
    p.add_argument("--only", action="append", help="this scenario; repeatable")
    p.add_argument("--call", action="append", help="this call; repeatable")
    p.add_argument("--part", type=part_of, default=slice(None), metavar="I/N",
                   help="the I-th of each N faults")
    p.add_argument("--jobs", type=int, help="runs at once; they mostly wait")
    o = p.parse_args()
    if o.jobs is None:
        o.jobs = len(os.sched_getaffinity(0)) * (1 if o.short else 4)
    begun = time.monotonic()
    servers = Servers()
    wrong = tried = unhit = 0
    with tempfile.TemporaryDirectory(prefix="ramptop-fault-loop-") as base, \
            multiprocessing.Pool(o.jobs, become_subreaper) as pool:
        write_inputs(pathlib.Path(base), servers)
        found = {k: v for k, v in scenarios(pathlib.Path(base), servers).items()
                 if o.only is None or k in o.only}
        todo = []
        for run, _, counts in pool.imap(work, [(n, a, "", base) for n, a in found.items()]):
            if run.wrong is not None or run.code not in (0, 1):
                report_wrong(run, [f"nothing; exit code {run.code}"])
                wrong += 1
            for call, (n, own) in counts.items():
                if o.call is None or call in o.call:
                    todo += [(run.name, run.argv, fault, base) for fault in
                             faults_of(call, own if call in OWN_ONLY else n, o.short)]
        todo = todo[o.part]
        print(f"{len(todo)} faults", flush=True)
        for run, hit, _ in pool.imap_unordered(work, todo):
            tried += 1
            if tried % 500 == 0:
                print(f"{tried} tried, {time.monotonic() - begun:.0f} s", flush=True)
            unhit += not hit
            if run.wrong is not None:
                wrong += 1
                report_wrong(run, hit)
    servers.end()
    calls = {fault.split(":")[0].removeprefix("own.") for _, _, fault, _ in todo}
    print(f"{tried} faults of {len(calls)} calls in {len(found)} scenarios, {unhit} of them were "
          f"not met, {time.monotonic() - begun:.0f} s: {wrong} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
