# SPDX-License-Identifier: MIT
"""A program on a terminal of our own: what it draws, when, and how many bytes that takes.

Screen understands what ncurses sends for xterm-like terminals; wide characters count as
one cell, which is enough to look for a text.  Console runs a program on a pty.
"""
import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time


class Screen:
    TOKEN = re.compile(
        r"\x1b\[([?>]?)([0-9;]*)([@-~])|\x1b\][^\x07]*\x07|\x1b[()][A-Za-z0-9]|\x1b([=>A-Za-z0-9])|"
        r"([\x00-\x1f])|([^\x00-\x1f]+)", re.S)
    PARTIAL = re.compile(r"\x1b(\[[?>]?[0-9;]*|\][^\x07]*|[()]?)?$", re.S)

    def __init__(self, cols, rows):
        self.cols, self.rows = cols, rows
        self.cells = [[" "] * cols for _ in range(rows)]
        self.row = self.col = 0
        self.top, self.bottom = 0, rows - 1
        self.last = " "
        self.rest = ""

    def text(self):
        return "\n".join("".join(r).rstrip() for r in self.cells)

    def feed(self, text):
        text = self.rest + text
        partial = self.PARTIAL.search(text)
        self.rest = partial.group(0) if partial else ""
        text = text[:len(text) - len(self.rest)]
        for m in self.TOKEN.finditer(text):
            mode, numbers, final, short, control, plain = m.groups()
            if plain:
                for c in plain:
                    self.put(c)
            elif control:
                self.control(control)
            elif final and not mode:
                self.sequence(final, [int(n) if n else 0 for n in numbers.split(";")])
            elif short == "M":
                self.move_up()

    def put(self, c):
        if self.col >= self.cols:
            self.col = 0
            self.down()
        self.cells[self.row][self.col] = self.last = c
        self.col += 1

    def down(self):
        if self.row == self.bottom:
            del self.cells[self.top]
            self.cells.insert(self.bottom, [" "] * self.cols)
        else:
            self.row = min(self.row + 1, self.rows - 1)

    def move_up(self):
        if self.row == self.top:
            del self.cells[self.bottom]
            self.cells.insert(self.top, [" "] * self.cols)
        else:
            self.row = max(self.row - 1, 0)

    def control(self, c):
        if c == "\r":
            self.col = 0
        elif c == "\n":
            self.down()
        elif c == "\b":
            self.col = max(self.col - 1, 0)
        elif c == "\t":
            self.col = min(self.col // 8 * 8 + 8, self.cols - 1)

    def erase(self, row, start, end):
        for i in range(max(start, 0), min(end, self.cols)):
            self.cells[row][i] = " "

    def sequence(self, final, n):
        first = n[0] or 1
        line = self.cells[self.row]
        if final in "Hf":
            self.row = min(first, self.rows) - 1
            self.col = min((n[1] if len(n) > 1 and n[1] else 1), self.cols) - 1
        elif final == "G":
            self.col = min(first, self.cols) - 1
        elif final == "d":
            self.row = min(first, self.rows) - 1
        elif final == "A":
            self.row = max(self.row - first, 0)
        elif final == "B":
            self.row = min(self.row + first, self.rows - 1)
        elif final == "C":
            self.col = min(self.col + first, self.cols - 1)
        elif final == "D":
            self.col = max(self.col - first, 0)
        elif final == "K":
            self.erase(self.row, 0 if n[0] else self.col, self.col + 1 if n[0] == 1 else self.cols)
        elif final == "J":
            self.erase(self.row, 0 if n[0] == 2 else self.col, self.cols)
            for r in range(0 if n[0] == 2 else self.row + 1, self.rows):
                self.erase(r, 0, self.cols)
        elif final == "X":
            self.erase(self.row, self.col, self.col + first)
        elif final == "b":
            for _ in range(first):
                self.put(self.last)
        elif final == "@":
            line[self.col:self.col] = [" "] * first
            del line[self.cols:]
        elif final == "P":
            del line[self.col:self.col + first]
            line.extend([" "] * (self.cols - len(line)))
        elif final == "r":
            self.top = first - 1
            self.bottom = (n[1] if len(n) > 1 and n[1] else self.rows) - 1
            self.row = self.col = 0
        elif final in "LM":
            for _ in range(first):
                gone, new = (self.bottom, self.row) if final == "L" else (self.row, self.bottom)
                del self.cells[gone]
                self.cells.insert(new, [" "] * self.cols)
        elif final in "ST":
            for _ in range(first):
                gone, new = (self.bottom, self.top) if final == "T" else (self.top, self.bottom)
                del self.cells[gone]
                self.cells.insert(new, [" "] * self.cols)


class Console:
    """A child on a pty.  Everything it writes is counted; what is read goes on the screen."""

    def __init__(self, argv, cols=120, rows=40, term="xterm-256color", cpus=None, env=None):
        self.screen = Screen(cols, rows)
        self.bytes = 0
        self.raw = b""
        self.status = None
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            try:
                fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, cols, 0, 0))
                for signo in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
                    signal.signal(signo, signal.SIG_DFL)  # whatever the test was started with
                if cpus:
                    os.sched_setaffinity(0, cpus)
                environ = {k: v for k, v in os.environ.items()
                           if k not in ("LINES", "COLUMNS", "NO_COLOR", "TMUX")}
                environ.update(TERM=term, LC_ALL="C.UTF-8", **(env or {}))
                os.execvpe(argv[0], argv, environ)
            finally:
                os._exit(127)

    def read(self, timeout_s):
        """Reads once; False when nothing came or the program has gone."""
        if not select.select([self.fd], [], [], timeout_s)[0]:
            return False
        try:
            data = os.read(self.fd, 65536)
        except OSError:
            data = b""
        if not data:
            time.sleep(0.01)
            return False
        self.bytes += len(data)
        self.raw = (self.raw + data)[-1 << 20:]
        self.screen.feed(data.decode("utf-8", "replace"))
        return True

    def read_for(self, seconds):
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self.read(left)

    def wait_for(self, pattern, seconds=10):
        """Seconds until the pattern stands on the screen; a sentence and the screen if not."""
        begun = time.monotonic()
        wanted = re.compile(pattern)
        while not wanted.search(self.screen.text()):
            left = begun + seconds - time.monotonic()
            if left <= 0:
                raise TimeoutError(f"no {pattern!r} on the screen after {seconds} s:\n"
                                   + self.screen.text())
            self.read(min(left, 0.5))
        return time.monotonic() - begun

    def type(self, keys):
        os.write(self.fd, keys.encode())

    def ended(self):
        if self.status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.status = os.waitstatus_to_exitcode(status)
        return self.status is not None

    def finish(self, seconds=10):
        """Reads until the program ends; returns its exit code.  Ends it when it does not."""
        end = time.monotonic() + seconds
        while not self.ended():
            if time.monotonic() > end:
                print("console: ended by force:\n" + self.screen.text(), file=sys.stderr)
                os.kill(self.pid, signal.SIGKILL)
            self.read(0.05)
        while self.read(0):
            pass  # what it wrote last
        return self.status

    def kill(self):
        if not self.ended():
            os.kill(self.pid, signal.SIGKILL)
            _, status = os.waitpid(self.pid, 0)
            self.status = os.waitstatus_to_exitcode(status)
