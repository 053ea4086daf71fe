# SPDX-License-Identifier: Apache-2.0
"""A page of ours that Chromium opens, its works one by one, and what it makes of them.

The page asks for /work/0, /work/1, ... until one is not there, sends each answer to /result/N by
POST, and then an empty one to /done.
"""

import threading

import chromium
import local

HOST = "viewer.test"


class Server(local.Server):
    def __init__(self, page: bytes, works: list[bytes]):
        self.results, self.done = [b""] * len(works), threading.Event()
        outer = self

        class Handler(local.Handler):
            def do_GET(self):
                number = self.number_behind("/work/")
                if number is None:
                    self.send(200, "text/html; charset=utf-8", page)
                elif number < len(works):
                    self.send(200, "application/octet-stream", works[number])
                else:
                    self.send(404, "text/plain", b"")

            def do_POST(self):
                body = self.body()
                self.send(200, "text/plain", b"")
                # The browser asks its maker for this and that as well.
                number = self.number_behind("/result/")
                if number is not None:
                    outer.results[number] = body
                elif self.path == f"http://{HOST}/done":
                    outer.done.set()

            def number_behind(self, folder):
                begin = f"http://{HOST}{folder}"
                return int(self.path.removeprefix(begin)) if self.path.startswith(begin) else None

        super().__init__(Handler)


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
