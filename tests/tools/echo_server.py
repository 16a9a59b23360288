# SPDX-License-Identifier: MIT
"""echo_server.py LOG [ADDRESS]: writes back what lets somebody in, in the encoding that is asked for.

Prints `port N`.  Each request is a line of JSON in LOG: its path and headers.
/echo?as=FORM    500 with the credentials, the cookies, the value of `tok` and the body
/login           sets a cookie
/go?to=URL       redirects there
anything else    200
"""
import base64
import html
import http.server
import json
import sys
import urllib.parse


def encoded(text, form):
    raw = text.encode()
    escaped = json.dumps(text)[1:-1]
    return {
        "plain": text,
        "percent": urllib.parse.quote(text, safe=""),
        "json": escaped,
        "unicode": "".join("\\u%04X" % ord(c) for c in text),
        "html": html.escape(text),
        "base64": base64.b64encode(raw).decode(),
        "url64": base64.urlsafe_b64encode(raw).decode(),
        "hex": raw.hex(),
        "hidden": "\u200b".join(text),
        "wrapped": "\r\n ".join(text[i:i + 5] for i in range(0, len(text), 5)),
        "upper": text.upper(),
    }[form]


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode("utf-8", "replace")
        url = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(url.query))
        with open(sys.argv[1], "a", encoding="utf-8") as log:
            log.write(json.dumps({"path": self.path, "headers": dict(self.headers)}) + "\n")
        status, fields, text = 200, {}, "ok"
        if url.path == "/echo":
            parts = [self.headers.get(name, "").encode("latin-1").decode("utf-8", "replace")
                     for name in ("Authorization", "Cookie", "X-Api-Key")]
            status, text = 500, encoded(" ".join(parts + [query.get("tok", ""), body]), query["as"])
        elif url.path == "/login":
            fields["Set-Cookie"] = "sid=Set.by-the-target/4711; Path=/"
        elif url.path == "/go":
            status, fields["Location"] = 302, query["to"]
        data = text.encode()
        self.send_response(status)
        for name, value in fields.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = answer

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True


if __name__ == "__main__":
    server = Server((sys.argv[2] if len(sys.argv) > 2 else "127.0.0.1", 0), Handler)
    print("port", server.server_address[1], flush=True)
    server.serve_forever()
