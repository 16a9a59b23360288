#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""An HTTP/2 server over TLS that says on its connections what servers say.

usage: h2_server.py CERTIFICATE KEY MODE COUNTS
Prints "port N"; after each event COUNTS holds "connections answered refused" (whole numbers).

MODE, what happens beside 200 for each request:
  plain     nothing
  ping      PING and SETTINGS on the idle connection, after each reply
  goaway    GOAWAY on the idle connection, which stays open
  chatty    PING, SETTINGS, then GOAWAY, each in a TLS record of its own
  end       GOAWAY and the end of the connection
  crossing  the second request of a connection meets GOAWAY, which says that it was not looked at
  refuse    the second request of a connection is refused (REFUSED_STREAM)
  first     the first one is
  http11    the second one is answered by HTTP_1_1_REQUIRED
  drop      the second one is read, and the connection ends

Headers are never decoded: which stream ends is all that is looked at."""
import os
import socket
import ssl
import struct
import sys
import threading

DATA, HEADERS, RST, SETTINGS, PING, GOAWAY, WINDOW = 0, 1, 3, 4, 6, 7, 8
END_STREAM, END_HEADERS, ACK = 1, 4, 1
REFUSED_STREAM, HTTP_1_1_REQUIRED = 7, 13
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
lock = threading.Lock()
counts = {"connections": 0, "answered": 0, "refused": 0}
mode, counts_file = sys.argv[3], sys.argv[4]


def count(what):
    with lock:
        counts[what] += 1
        with open(counts_file + ".new", "w", encoding="ascii") as f:
            print(*counts.values(), file=f)
        os.rename(counts_file + ".new", counts_file)


def frame(kind, flags, stream, payload=b""):
    return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload


def read(c, n):
    data = b""
    while len(data) < n:
        more = c.recv(n - len(data))
        if not more:
            raise ConnectionError
        data += more
    return data


def goaway(stream):
    return frame(GOAWAY, 0, 0, struct.pack(">II", stream, 0))


def answer(c, stream):
    # ":status: 200" is the eighth entry of the static table.
    c.sendall(frame(HEADERS, END_HEADERS, stream, b"\x88") +
              frame(DATA, END_STREAM, stream, b"ok"))
    count("answered")


def afterwards(c, stream):
    """What is said when the reply is out; False: the connection ends."""
    ping = frame(PING, 0, 0, b"12345678")
    settings = frame(SETTINGS, 0, 0, struct.pack(">HI", 3, 100))
    if mode in ("ping", "chatty"):
        c.sendall(ping)
        c.sendall(settings)
    if mode in ("goaway", "chatty", "end"):
        c.sendall(goaway(stream))
    return mode != "end"


def respond(c, stream, number):
    """One request; False: the connection ends."""
    odd = number % 2 == 0 if mode != "first" else number == 1
    if odd and mode == "crossing":
        c.sendall(goaway(stream - 2))
        return False
    if odd and mode in ("refuse", "first", "http11"):
        code = HTTP_1_1_REQUIRED if mode == "http11" else REFUSED_STREAM
        count("refused")
        c.sendall(frame(RST, 0, stream, struct.pack(">I", code)))
        return True
    if odd and mode == "drop":
        count("refused")
        return False
    answer(c, stream)
    return afterwards(c, stream)


def end(c):
    """Ends the connection by FIN.  A close with bytes unread (the ACK of our SETTINGS may be on
    its way) is answered by the kernel with a RST, which can overtake the reply."""
    c.settimeout(10)
    c.shutdown(socket.SHUT_WR)
    while c.recv(4096):
        pass


def serve(raw):
    number = 0
    try:
        c = context.wrap_socket(raw, server_side=True)
        count("connections")
        if read(c, len(PREFACE)) != PREFACE:
            return
        c.sendall(frame(SETTINGS, 0, 0))
        while True:
            head = read(c, 9)
            kind, flags, stream = struct.unpack(">BBI", head[3:])
            read(c, int.from_bytes(head[:3], "big"))
            if kind == SETTINGS and not flags & ACK:
                c.sendall(frame(SETTINGS, ACK, 0))
            if kind in (HEADERS, DATA) and flags & END_STREAM:
                number += 1
                if not respond(c, stream, number):
                    end(c)
                    return
    except (OSError, ConnectionError):
        pass
    finally:
        raw.close()


context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[1], sys.argv[2])
context.set_alpn_protocols(["h2"])
listener = socket.create_server(("127.0.0.1", 0), backlog=128)
print("port", listener.getsockname()[1], flush=True)
while True:
    connection, _ = listener.accept()
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    threading.Thread(target=serve, args=(connection,), daemon=True).start()
