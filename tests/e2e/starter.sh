#!/bin/bash
# SPDX-License-Identifier: MIT
# The profile that `ramptop new` writes works as it is against a service of the kind that it
# describes: with a log-in, whose token goes with what comes after it and not before.

. "${top_srcdir:-.}/tests/e2e/lib.sh"
need python3 python3

cat >"$work/shop.py" <<'END'
"""A shop with a log-in; writes a line for each request that a right client would not make."""
import http.server
import json
import sys


class Shop(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def answer(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def wrong(self, why):
        print(f"{self.command} {self.path}: {why}", flush=True)
        self.answer(400, {"error": why})

    def do_GET(self):
        token = self.headers.get("Authorization")
        if self.path.startswith("/api/") and token != "Bearer t0ken-1":
            self.wrong(f"Authorization is {token}")
        elif self.path == "/api/items":
            self.answer(200, {"items": [{"id": 3}, {"id": 7}]})
        elif self.path in ("/api/items/3", "/api/items/7", "/") or self.path.startswith("/search?q="):
            self.answer(200, {"name": "cup"})
        else:
            self.wrong("no such path")

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        if self.path == "/login" and "Authorization" in self.headers:
            self.wrong("a log-in has no token yet")
        elif self.path == "/login" and json.loads(body)["user"].startswith("customer-"):
            self.answer(201, {"token": "t0ken-1"})
        elif self.path == "/api/orders" and self.headers.get("Authorization") == "Bearer t0ken-1":
            self.answer(200, {})
        else:
            self.wrong(body)


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Shop)
server.daemon_threads = True
print("port", server.server_port, flush=True)
server.serve_forever()
END
python3 "$work/shop.py" >"$work/shop.out" 2>"$work/shop.err" &
pids="$pids $! "
until_true "$DEADLINE" grep -q '^port ' "$work/shop.out" || fail 'the shop does not start'
shop=http://127.0.0.1:$(sed -n 's/^port //p' "$work/shop.out")

cd "$work" || exit 99
run new mine.cfg
check 'new: exit code' 0 "$code"
run check mine.cfg
check 'check: exit code' 0 "$code"
for class in visitor buyer; do
    run --headless --quiet --host "$shop" -u 3 -r 100 -n 30 --json r.json mine.cfg "$class"
    check "$class: exit code" 0 "$code"
    check "$class: requests, failures" '30 0' "$(json r.json "'%d %d' % (r['requests'], r['failures'])")"
done
check 'nothing of what came was wrong' '' "$(grep -v '^port ' "$work/shop.out")"
check_match 'and all of it came' 'POST /api/orders' "$(json r.json "[e['method'] + ' ' + e['name'] for e in r['endpoints'] if e['requests'] > 0]")"

# A feeder of unique rows that runs out is told of.
printf 'user\nann\nbob\n' >users.csv
cat >two.cfg <<END
target = "$shop";
feeders = { users = { csv = "users.csv"; order = "unique"; }; };
user_classes = ( { name = "u"; wait = { constant = 0.05; };
    tasks = ( { request = "GET /search"; query = { q = "\${users.user}"; }; } ); } );
END
run --headless --quiet -u 2 -r 100 -n 10 two.cfg
check 'enough rows: no word' '' "$(cat err)"
run --headless --quiet -u 3 -r 100 -n 10 two.cfg
check_match 'too few rows are told of' 'feeder "users" has 2 rows, and more users need one' "$(cat err)"

finish
