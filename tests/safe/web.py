# SPDX-License-Identifier: Apache-2.0
"""The whole web, as the browser of the test sees it: one proxy that answers everything.

http://viewer.test/ is the page that opens the cases; a request for anything else is
written down, and answered so that a browser that asks would also run and show it.
"""

import json
import pathlib
import threading
import time
import urllib.parse

import local

VIEWER = "viewer.test"
NO_STORE = ("Cache-Control", "no-store")
HERE = pathlib.Path(__file__).resolve().parent
INNER = """<!DOCTYPE html><meta charset="utf-8"><body><div id="viewer"></div><script>
const request = new XMLHttpRequest();
request.open("GET", "/body/%s", false);
request.send();
document.getElementById("viewer").innerHTML = request.responseText;
document.querySelectorAll("script, meta").forEach((e) => e.closest("#viewer") || e.remove());
</script>"""
PAIR = """<!DOCTYPE html><meta charset="utf-8"><style>body{margin:0;font:14px sans-serif;
display:flex}div{width:50%%;padding:6px;box-sizing:border-box}iframe{width:100%%;height:%dpx;
border:1px solid #999}b{display:block;padding:4px}</style>
<div><b>as the mail has it</b><iframe src="/document/raw/%s"></iframe></div>
<div><b>as the report has it</b><iframe src="/document/safe/%s"></iframe></div>"""
# A visible answer for the "before" half of the screenshots.
REMOTE_SVG = (b'<svg xmlns="http://www.w3.org/2000/svg" width="260" height="40">'
              b'<rect width="260" height="40" fill="#c00"/><text x="8" y="26" fill="#fff" '
              b'font-size="18">loaded from evil.test</text></svg>')


class Web(local.Server):
    def __init__(self, sets: dict[str, list[str]]):
        self.sets = sets
        self.requests: list[str] = []
        self.result: dict | None = None
        self.done = threading.Event()
        web = self

        class Handler(local.Handler):
            def do_GET(self):
                web.answer(self)

            def do_POST(self):
                web.answer(self)

            def do_CONNECT(self):
                web.requests.append(self.path)
                self.send_error(403)

        super().__init__(Handler)

    def answer(self, handler: local.Handler) -> None:
        url = urllib.parse.urlsplit(handler.path)
        if url.hostname == VIEWER:
            answer = self.viewer(url.path, handler)
            if answer:
                handler.send(200, *answer, NO_STORE)
                return
        self.requests.append(handler.path)
        handler.send(200, *self.elsewhere(url.path), NO_STORE)

    @staticmethod
    def elsewhere(path: str) -> tuple[str, bytes]:
        if path.endswith(".js"):
            name = path.rsplit("/", 1)[-1][:-3]
            return "text/javascript", f'top.canary("{name}")'.encode()
        if path.endswith(".css"):
            return "text/css", b"p { color: red }"
        if path.endswith(".html"):
            return "text/html", b"<p>from elsewhere"
        return "image/svg+xml", REMOTE_SVG

    def viewer(self, path: str, handler) -> tuple[str, bytes] | None:
        parts = path.strip("/").split("/")
        html = "text/html; charset=utf-8"
        if path == "/":
            return html, (HERE / "driver.html").read_bytes()
        if path == "/favicon.ico":
            return "image/svg+xml", REMOTE_SVG
        if path == "/result":
            self.result = json.loads(handler.body())
            self.done.set()
            return "text/plain", b"ok"
        if parts[0] == "count":
            return "application/json", str(len(self.sets[parts[1]])).encode()
        if parts[0] in ("document", "body") and len(parts) == 3:
            return html, self.sets[parts[1]][int(parts[2])].encode()
        if parts[0] == "inner":
            return html, (INNER % "/".join(parts[1:])).encode()
        if parts[0] == "pair":
            return html, (PAIR % (500, parts[1], parts[1])).encode()
        return None

    def wait(self, seconds: float, is_alive) -> dict:
        deadline = time.monotonic() + seconds
        while not self.done.wait(0.2):
            if time.monotonic() > deadline or not is_alive():
                raise TimeoutError("the browser did not report")
        time.sleep(0.5)  # a request that a last handler began
        return self.result
