# SPDX-License-Identifier: MIT
"""signalled.py RAMPTOP URL FOLDER: the console, and what ends it from outside.

Each signal that would end a process, a terminal that nobody reads, and a terminal that
hangs up.  The terminal's modes must be as they were, the exit code must name the signal,
and the report must be whole or absent, with nothing half-written beside it.  Prints a line
`ok: ...` or `FAILED: ...` for each.
"""
import json
import os
import pty
import signal
import sys
import termios
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from console import Console  # noqa: E402
from hung_terminal import fill_terminal  # noqa: E402

DEADLINE = 60
IN_ORDER = ["USR1", "USR2", "ALRM", "VTALRM", "PROF", "XCPU", "PWR", "POLL", "STKFLT", "RTMIN",
            "HUP", "QUIT", "INT", "TERM"]
AT_ONCE = ["TRAP", "SYS", "SEGV", "ABRT"]  # the process itself is broken: only the terminal is saved


class Trial:
    """One console that runs against the target, with a report in a folder of its own."""

    def __init__(self, name, argv, folder):
        self.name = name
        self.folder = os.path.join(folder, name.replace(" ", "-"))
        os.mkdir(self.folder)
        self.report = os.path.join(self.folder, "r.json")
        self.console = Console(argv + ["-u", "2", "--json", self.report])
        self.console.wait_for(r"users 2 . 2", DEADLINE)
        self.console.wait_for(r"rps [1-9]", DEADLINE)

    def check(self, what, good, got=""):
        print(f"ok: {self.name}: {what}" if good else f"FAILED: {self.name}: {what}: {got}")

    def check_terminal(self):
        modes = termios.tcgetattr(self.console.fd)
        self.check("the terminal has its modes again", modes[:4] == usual_modes()[:4], modes)
        raw = self.console.raw
        left = raw.rfind(b"\x1b[?1049l")
        self.check("the screen from before is shown", left > raw.rfind(b"\x1b[?1049h"), raw[-200:])

    def check_report(self, wanted):
        files = os.listdir(self.folder)
        self.check("nothing half-written is left", set(files) <= {"r.json"}, files)
        if wanted:
            try:
                requests = json.load(open(self.report))["requests"]
                self.check("the report is whole", requests > 0, requests)
            except (OSError, ValueError) as e:
                self.check("the report is whole", False, e)


def usual_modes():
    master, slave = pty.openpty()
    try:
        return termios.tcgetattr(slave)
    finally:
        os.close(master)
        os.close(slave)


def in_order(trial, signo):
    os.kill(trial.console.pid, signo)
    code = trial.console.finish(DEADLINE)
    trial.check("exit code", code == 128 + signo, code)
    trial.check_terminal()
    trial.check_report(True)


def at_once(trial, signo):
    os.kill(trial.console.pid, signo)
    code = trial.console.finish(DEADLINE)
    # A sanitizer ends the program by itself when it has told of the fault.
    trial.check("the signal ends it", code == -signo or code > 0, code)
    trial.check_terminal()
    trial.check_report(False)


def ends_unread(trial):
    end = time.monotonic() + DEADLINE
    while not trial.console.ended():
        if time.monotonic() > end:
            trial.check("one SIGTERM ends it", False, "it still runs")
            trial.console.kill()
            return
        time.sleep(0.02)
    trial.check("one SIGTERM ends it", trial.console.status == 128 + signal.SIGTERM,
                trial.console.status)
    trial.check_report(True)


def hangs_up(trial):
    os.close(trial.console.fd)  # the kernel sends SIGHUP, and every write fails from now on
    _, status = os.waitpid(trial.console.pid, 0)
    code = os.waitstatus_to_exitcode(status)
    trial.console.status = code
    trial.check("exit code", code == 128 + signal.SIGHUP, code)
    trial.check_report(True)


def main():
    ramptop, url, folder = sys.argv[1:]
    argv = [ramptop, url]
    numbers = {name: getattr(signal, "SIG" + name, None) for name in IN_ORDER + AT_ONCE}
    numbers["STKFLT"] = 16
    for name in IN_ORDER:
        in_order(Trial(name, argv, folder), int(numbers[name]))
    for name in AT_ONCE:
        at_once(Trial(name, argv, folder), int(numbers[name]))
    trial = Trial("unread terminal", argv, folder)
    fill_terminal(trial.console)
    os.kill(trial.console.pid, signal.SIGTERM)
    ends_unread(trial)
    hangs_up(Trial("hang-up", argv, folder))


if __name__ == "__main__":
    main()
