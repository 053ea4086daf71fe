# SPDX-License-Identifier: Apache-2.0
"""A page of ours that Chromium opens, its works one by one, and what it makes of them.

The page asks for /work/0, /work/1, ... until one is not there, sends each answer to /result/N by
POST, and then an empty one to /done.
"""

import http.server
import threading

import chromium

HOST = "viewer.test"


class Server:
    def __init__(self, page: bytes, works: list[bytes]):
        self.results, self.done = [b""] * len(works), threading.Event()
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *args):
                pass

            def do_GET(self):
                number = self.number_behind("/work/")
                if number is None:
                    self.send(200, page, "text/html; charset=utf-8")
                elif number < len(works):
                    self.send(200, works[number], "application/octet-stream")
                else:
                    self.send(404, b"", "text/plain")

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                self.send(200, b"", "text/plain")
                # The browser asks its maker for this and that as well.
                number = self.number_behind("/result/")
                if number is not None:
                    outer.results[number] = body
                elif self.path == f"http://{HOST}/done":
                    outer.done.set()

            def number_behind(self, folder):
                begin = f"http://{HOST}{folder}"
                return int(self.path.removeprefix(begin)) if self.path.startswith(begin) else None

            def send(self, status, body, kind):
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def answers(page: bytes, works: list[bytes], seconds: int) -> list[bytes]:
    """What the page makes of each of the works, in their order."""
    server = Server(page, works)
    try:
        with chromium.Chromium(f"http://{HOST}/", server.port) as browser:
            while not server.done.wait(1):
                seconds -= 1
                if seconds < 0 or not browser.is_alive():
                    raise TimeoutError("the browser did not report")
    finally:
        server.close()
    return server.results
