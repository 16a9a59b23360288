#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A server on loopback that does as its mood is: a file with one word, read for each request.

calm     a reply after 20 ms
slow     after 2 s
failing  half of the replies are 503, at once
reset    half of the connections are reset instead
hung     no reply until the mood is another
Prints "port N".  usage: moods.py MOOD_FILE [PORT]
"""
import itertools
import socket
import struct
import sys
import threading
import time

mood_file = sys.argv[1]
turn = itertools.count()


def mood():
    with open(mood_file, encoding="ascii") as f:
        return f.read().strip()


def send(conn, status):
    body = b'{"error":"no database connection available"}\n' if status != 200 else b"ok\n"
    conn.sendall(b"HTTP/1.1 %d x\r\nContent-Length: %d\r\n\r\n" % (status, len(body)) + body)


def reset(conn):
    conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    conn.close()


def answer(conn):
    """One request has come; False when the connection has gone with it."""
    now = mood()
    while now == "hung":
        time.sleep(0.05)
        now = mood()
    bad = next(turn) % 2 == 0
    if now == "reset" and bad:
        reset(conn)
        return False
    time.sleep(2 if now == "slow" else 0.02)
    send(conn, 503 if now == "failing" and bad else 200)
    return True


def serve(conn):
    data = b""
    try:
        while True:
            while b"\r\n\r\n" not in data:
                part = conn.recv(65536)
                if not part:
                    return
                data += part
            data = data.split(b"\r\n\r\n", 1)[1]
            if not answer(conn):
                return
    except OSError:
        pass
    finally:
        conn.close()


listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(("127.0.0.1", int(sys.argv[2]) if len(sys.argv) > 2 else 0))
listener.listen(256)
print("port", listener.getsockname()[1], flush=True)
while True:
    connection, _ = listener.accept()
    threading.Thread(target=serve, args=(connection,), daemon=True).start()
