#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""same_as_curl.py RAMPTOP TABLE: what `ramptop import curl` makes of each command of TABLE sends
what curl sends, byte by byte.

Both talk to one recorder here.  A case begins with a line "== NAME"; then comes the paste, in
which HOST stands for the recorder's host and port; behind a line "--" may come what bash is to
run instead, where the paste is not for bash.  Not compared: User-Agent and Accept-Encoding,
the order of headers and the case of their names, and the boundaries of forms, which are
drawn."""
import collections
import os
import re
import socket
import subprocess
import sys
import threading

ramptop, table = sys.argv[1:3]
server = socket.create_server(('127.0.0.1', 0))
port = server.getsockname()[1]
here = '127.0.0.1:%d' % port
got = []


def body_of(f, heads):
    if any(re.match(rb'transfer-encoding:\s*chunked', h, re.I) for h in heads):
        body = b''
        while True:
            size = int(f.readline(), 16)
            body += f.read(size)
            f.readline()
            if size == 0:
                return body
    lengths = [h.split(b':')[1] for h in heads if h.lower().startswith(b'content-length:')]
    return f.read(int(lengths[0])) if lengths else b''


def talk(client):
    f = client.makefile('rb')
    try:
        while line := f.readline():
            heads = []
            while (head := f.readline().rstrip(b'\r\n')) != b'':
                heads.append(head)
            if any(h.lower() == b'expect: 100-continue' for h in heads):
                client.sendall(b'HTTP/1.1 100 Continue\r\n\r\n')
            got.append((line.rstrip(b'\r\n'), heads, body_of(f, heads)))
            client.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 0\r\nSet-Cookie: new=1\r\n\r\n')
    except (OSError, ValueError):
        pass
    client.close()


def serve():
    while True:
        client, _ = server.accept()
        threading.Thread(target=talk, args=(client,), daemon=True).start()


def plain(request):
    """A request as it is compared."""
    line, heads, body = request
    boundary = None
    fields = collections.Counter()
    for head in heads:
        name, _, value = head.partition(b':')
        name, value = name.strip().lower(), value.strip()
        found = re.search(rb'boundary=(-+[0-9a-f]{16}|ramptop-\w+)$', value)
        if name == b'content-type' and found:
            boundary = found.group(1)
            value = value.replace(boundary, b'BOUNDARY')
        if name not in (b'user-agent', b'accept-encoding'):
            fields[name + b': ' + value] += 1
    if boundary:
        body = body.replace(boundary, b'BOUNDARY')
        fields = collections.Counter(f for f in fields if not f.startswith(b'content-length:'))
    return line, sorted(fields.elements()), body


def run(words, **more):
    return subprocess.run(words, capture_output=True, stdin=subprocess.DEVNULL, timeout=60, **more)


def try_case(name, paste, reference):
    """None, or what is wrong."""
    got.clear()
    run(['bash', '-c', reference.replace('HOST', here)])
    wanted = [plain(r) for r in got]
    made = run([ramptop, 'import', '--keep-secrets', 'curl', paste.replace('HOST', here)])
    if made.returncode != 0:
        return 'the import is refused: ' + made.stderr.decode()
    with open('case.cfg', 'wb') as f:
        f.write(made.stdout)
    got.clear()
    ran = run([ramptop, '-n', str(len(wanted)), '-u', '1', '--headless', '--quiet', '--trust',
               'case.cfg'])
    sent = [plain(r) for r in got]
    if not wanted:
        return 'curl sends nothing'
    if sent != wanted:
        return '\ncurl    %r\nramptop %r\n%s%s' % (wanted, sent, made.stdout.decode(),
                                                   ran.stderr.decode())
    return None


def cases():
    with open(table, encoding='utf-8', newline='') as f:
        text = f.read()
    for case in re.split(r'^== ', text, flags=re.M)[1:]:
        name, _, rest = case.partition('\n')
        paste, _, reference = rest.partition('\n--\n')
        # The table is kept free of what editors would change.
        paste = paste.replace('<CR>', '\r').replace('<NBSP>', '\u00a0').replace('<BOM>', '\ufeff')
        paste = paste.replace('<LONG>', 'x' * 9000)
        yield name, paste, reference or paste


threading.Thread(target=serve, daemon=True).start()
os.environ.update(LC_ALL='C.UTF-8', AGENT='from the environment')
with open('f.txt', 'wb') as f:
    f.write('l1\nl2 &=é'.encode())
with open('lines.txt', 'wb') as f:
    f.write(b'a=1\r\nb=2\n')
with open('plain.json', 'wb') as f:
    f.write(b'{"a": [1, 2]}')
with open('heads.txt', 'wb') as f:
    f.write(b'X-F: 1\nX-G: 2\n')
failures = count = 0
for name, paste, reference in cases():
    count += 1
    wrong = try_case(name, paste, reference)
    if wrong:
        failures += 1
        print('FAILED: %s: %s' % (name, wrong))
print('%d commands, %d of them differ' % (count, failures))
sys.exit(1 if failures else 0)
