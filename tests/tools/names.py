#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A name server at 127.0.0.1:53 and web servers at port 8080 of several addresses, for a network
namespace of their own.

names.py ZONE LOG ADDRESS...

ZONE is read again for each query.  Its lines are "NAME ADDRESS..." (none: it has none),
"NAME mute" (no answer ever) or "NAME slow SECONDS ADDRESS..."; any other name does not exist.
LOG gets a line for each event: "query NAME TYPE", "connection ADDRESS", "request ADDRESS PATH".
"/close..." closes its connection behind the reply."""
import asyncio
import ipaddress
import sys

ZONE, LOG, ADDRESSES = sys.argv[1], open(sys.argv[2], "w", buffering=1), sys.argv[3:]
A, AAAA = 1, 28


def zone():
    with open(ZONE) as f:
        return {w[0]: w[1:] for w in (line.split() for line in f) if w}


class NameServer(asyncio.DatagramProtocol):
    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, query, peer):
        labels, at = [], 12
        while query[at]:
            labels.append(query[at + 1:at + 1 + query[at]].decode())
            at += query[at] + 1
        name, kind = ".".join(labels).lower(), int.from_bytes(query[at + 1:at + 3], "big")
        LOG.write(f"query {name} {'A' if kind == A else 'AAAA' if kind == AAAA else kind}\n")
        words, after = zone().get(name), 0
        if words == ["mute"]:
            return
        if words and words[0] == "slow":
            after, words = float(words[1]), words[2:]
        asyncio.get_running_loop().call_later(
            after, self.answer, query[:at + 5], kind, words, peer)

    def answer(self, question, kind, words, peer):
        found = [ipaddress.ip_address(w) for w in words or ()]
        found = [a.packed for a in found if (kind, a.version) in ((A, 4), (AAAA, 6))]
        head = question[:2] + (b"\x81\x80" if words is not None else b"\x81\x83") + b"\0\1"
        head += len(found).to_bytes(2, "big") + b"\0\0\0\0" + question[12:]
        for packed in found:
            head += b"\xc0\x0c" + kind.to_bytes(2, "big") + b"\0\1\0\0\0\5"
            head += len(packed).to_bytes(2, "big") + packed
        self.transport.sendto(head, peer)


def web_server(address):
    async def serve(reader, writer):
        LOG.write(f"connection {address}\n")
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                path = head.split(b" ", 2)[1].decode()
                LOG.write(f"request {address} {path}\n")
                close = b"Connection: close\r\n" if path.startswith("/close") else b""
                writer.write(b"HTTP/1.1 200 OK\r\n" + close + b"Content-Length: 2\r\n\r\nok")
                await writer.drain()
                if close:
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        writer.close()
    return serve


async def main():
    await asyncio.get_running_loop().create_datagram_endpoint(
        NameServer, local_addr=("127.0.0.1", 53))
    for address in ADDRESSES:
        await asyncio.start_server(web_server(address), address, 8080)
    LOG.write("ready\n")
    await asyncio.Event().wait()


asyncio.run(main())
