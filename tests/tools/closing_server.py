#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A TLS server that answers the first request of each connection and ends the connection under
the second one, in one way per mode.

    closing_server.py CERT KEY MODE COUNTS

    unread   it waits until the request is there, says close_notify and closes without reading it,
             as a server does whose time for idle connections is over: its kernel sends a reset
    read     it reads the request, says close_notify and closes: its kernel sends a FIN
    open     it reads the request, says close_notify, and waits for the other side to close

Port on the first line of standard output.  COUNTS has "answered read" after each connection: the
requests that were answered, and those that were read.
"""
import os
import select
import socket
import ssl
import sys
import threading
import time

HEAD_END = b"\r\n\r\n"
REPLY = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
lock = threading.Lock()
answered = read = 0


def count(counts, was_answered):
    global answered, read
    with lock:
        read += 1
        answered += was_answered
        with open(counts + ".new", "w") as f:
            f.write("%d %d\n" % (answered, read))
        os.rename(counts + ".new", counts)


class Connection:
    """TLS by hand: only here is it known what was read from the socket, and when."""

    def __init__(self, context, sock):
        self.sock = sock
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.incoming, self.outgoing, server_side=True)

    def flush(self):
        data = self.outgoing.read()
        if data:
            self.sock.sendall(data)

    def until_done(self, call, *arguments):
        while True:
            try:
                result = call(*arguments)
                self.flush()
                return result
            except ssl.SSLWantReadError:
                self.flush()
                data = self.sock.recv(65536)
                if not data:
                    raise EOFError
                self.incoming.write(data)

    def read_request(self):
        head = b""
        while HEAD_END not in head:
            data = self.until_done(self.tls.read, 65536)
            if not data:
                raise EOFError
            head += data
        name, body = head.split(HEAD_END, 1)
        length = 0
        for line in name.lower().split(b"\r\n"):
            if line.startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        while len(body) < length:
            body += self.until_done(self.tls.read, 65536)

    def say_close(self):
        try:
            self.tls.unwrap()
        except ssl.SSLError:
            pass
        self.flush()


def serve(context, sock, mode, counts):
    c = Connection(context, sock)
    try:
        c.until_done(c.tls.do_handshake)
        c.read_request()
        count(counts, True)
        c.until_done(c.tls.write, REPLY)
        if mode == "unread":
            select.select([sock], [], [])
            time.sleep(0.02)  # as one that is busy with others
        else:
            c.read_request()
            count(counts, False)
        c.say_close()
        if mode == "open":
            while sock.recv(65536):
                pass
    except (EOFError, OSError):
        pass
    sock.close()


def main():
    cert, key, mode, counts = sys.argv[1:]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    context.num_tickets = 0
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    print("port %d" % listener.getsockname()[1], flush=True)
    while True:
        sock, _ = listener.accept()
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        threading.Thread(target=serve, args=(context, sock, mode, counts), daemon=True).start()


main()
