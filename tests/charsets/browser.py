# SPDX-License-Identifier: Apache-2.0
"""Byte strings as Chromium's TextDecoder reads them."""

import http.server
import pathlib
import struct
import sys
import threading

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "safe"))

import chromium  # noqa: E402

HOST = "viewer.test"


def pack(records: list[bytes]) -> bytes:
    return b"".join(struct.pack("<I", len(record)) + record for record in records)


def unpack(data: bytes) -> list[bytes]:
    records, at = [], 0
    while at < len(data):
        length = struct.unpack_from("<I", data, at)[0]
        records.append(data[at + 4:at + 4 + length])
        at += 4 + length
    return records


class Server:
    """The page, its work and what it answers."""

    def __init__(self, works: list[bytes]):
        self.results, self.done = [b""] * len(works), threading.Event()
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *args):
                pass

            def do_GET(self):
                path = self.path.removeprefix(f"http://{HOST}")
                if not path.startswith("/work/"):
                    self.send(200, (HERE / "page.html").read_bytes(), "text/html; charset=utf-8")
                elif int(path.rsplit("/", 1)[1]) < len(works):
                    self.send(200, works[int(path.rsplit("/", 1)[1])], "application/octet-stream")
                else:
                    self.send(404, b"", "text/plain")

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                self.send(200, b"", "text/plain")
                # The browser asks its maker for this and that as well.
                path = self.path.removeprefix(f"http://{HOST}")
                if path.startswith("/result/"):
                    outer.results[int(path.rsplit("/", 1)[1])] = body
                elif path == "/done":
                    outer.done.set()

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


def is_there() -> bool:
    return chromium.find() is not None


def decode(works: list[list[bytes]], seconds: int) -> list[list[bytes]]:
    """For each work, a label and byte strings, the encoding's name and the strings as UTF-8."""
    server = Server([pack(work) for work in works])
    with chromium.Chromium(f"http://{HOST}/", server.port) as browser:
        while not server.done.wait(1):
            seconds -= 1
            if seconds < 0 or not browser.is_alive():
                raise TimeoutError("the browser did not report")
    server.server.shutdown()
    return [unpack(result) for result in server.results]
