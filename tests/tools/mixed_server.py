# SPDX-License-Identifier: MIT
"""A target whose replies and failures differ in time and in kind, with a log of what it did.

mixed_server.py LOG

Prints "port N".  The path says what comes, in turn, as N-SECONDS or N-MILLISECONDS parts
between slashes: /200-0.2/503/reset/hang answers the first request of this path with 200
after 0.2 s, the second with 503 at once, resets the connection of the third and lets the
fourth hang; then it begins again.  A part 301 leads to /200.  LOG gets a line per request,
written before its reply is sent: PATH STATUS SECONDS, the status 0 where there is none and
the seconds those from the request's last byte on.
"""
import asyncio
import socket
import struct
import sys
import time

turns = {}


def next_part(path):
    parts = path.strip("/").split("/")
    turn = turns.get(path, 0)
    turns[path] = turn + 1
    return parts[turn % len(parts)]


def reset(writer):
    sock = writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def serve(reader, writer, log):
    def write(path, status, began):
        print(path, status, "%.6f" % (time.monotonic() - began), file=log, flush=True)

    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            began, path = time.monotonic(), head.split(b" ", 2)[1].decode("ascii")
            what, _, after = next_part(path).partition("-")
            await asyncio.sleep(float(after or 0))
            if what == "reset":
                write(path, 0, began)
                reset(writer)
                return
            if what == "hang":
                write(path, 0, began)
                await reader.read()  # until the other side gives up
                return
            extra = "Location: /200\r\n" if what == "301" else ""
            body = "" if what == "304" else "ok"
            write(path, what, began)
            writer.write(f"HTTP/1.1 {what} X\r\n{extra}Content-Length: {len(body)}\r\n\r\n{body}".encode())
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def main():
    with open(sys.argv[1], "w", encoding="ascii") as log:
        server = await asyncio.start_server(lambda r, w: serve(r, w, log), "127.0.0.1", 0, backlog=1024)
        print("port", server.sockets[0].getsockname()[1], flush=True)
        await server.serve_forever()


asyncio.run(main())
