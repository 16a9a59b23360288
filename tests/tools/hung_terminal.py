# SPDX-License-Identifier: MIT
"""hung_terminal.py RAMPTOP URL PORT JSON: the console on a terminal that nobody reads.

The load and the statistics must go on; what was drawn meanwhile is shown when somebody
reads again.  Says what is wrong and exits 1; 0 when all is well.
"""
import os
import select
import sys
import time
import urllib.request

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from console import Console  # noqa: E402

DEADLINE = 60


def counted(port):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/counts", timeout=DEADLINE) as r:
        lines = dict(line.rsplit(" ", 1) for line in r.read().decode().splitlines())
    return int(lines.get("/ok", 0))


def fill_terminal(c):
    """Has screens drawn afresh until the terminal takes no more: then the console hangs in its
    write, and so it does not read keys either.  Returns how many bytes wait in the terminal."""
    end, full = time.monotonic() + DEADLINE, 0
    terminal = os.open(os.path.realpath(f"/proc/{c.pid}/fd/1"), os.O_WRONLY | os.O_NOCTTY)
    try:
        while full < 10:
            if time.monotonic() > end:
                sys.exit("the terminal never filled up")
            if select.select([], [c.fd], [], 0)[1]:
                c.type("\x0c")
            before = pending(c)
            time.sleep(0.1)
            # What can be read is only the first 4 KB of what waits: the kernel says when no more fits.
            takes_more = select.select([], [terminal], [], 0)[1]
            full = full + 1 if pending(c) == before > 4000 and not takes_more else 0
        return before
    finally:
        os.close(terminal)


def main():
    ramptop, url, port, report = sys.argv[1:]
    c = Console([ramptop, url, "-u", "4", "--json", report])
    try:
        c.wait_for(r"users 4 . 4", DEADLINE)
        c.wait_for(r"rps [1-9]", DEADLINE)
        before = fill_terminal(c)
        stuck, end = counted(port), time.monotonic() + DEADLINE
        for step in range(1, 6):
            while counted(port) < stuck + step * 100:
                if time.monotonic() > end:
                    sys.exit(f"the load stands still at {counted(port)} requests")
                time.sleep(0.05)
        if pending(c) != before:
            sys.exit("the terminal was not full after all")
        # Somebody reads again: the newest screen comes, with the requests of the meantime.
        clock = c.screen.text()
        c.read_for(0.5)
        c.wait_for(r"users 4 . 4", DEADLINE)
        if c.screen.text() == clock:
            sys.exit("the screen did not change")
        c.type("q")
        code = c.finish(DEADLINE)
        if code != 0:
            sys.exit(f"exit code {code}")
        print(counted(port))
    finally:
        c.kill()


def pending(c):
    """Bytes that wait in the terminal to be read."""
    import array
    import fcntl
    import termios
    n = array.array("i", [0])
    fcntl.ioctl(c.fd, termios.FIONREAD, n)
    return n[0]


if __name__ == "__main__":
    main()
