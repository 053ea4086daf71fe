#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The status page in a real browser, light and dark: its style counts, nothing in it runs or asks.

The browser sees the page through a proxy that writes down every request. --screenshots FOLDER
writes docs/images/status-*.png anew and tests nothing.
"""

import http.client
import pathlib
import re
import struct
import subprocess
import sys
import tempfile
import zlib

import chromium
import local

SCHEMES = {"light": ("1", (0xF6, 0xF7, 0xF9)), "dark": ("0", (0x12, 0x16, 0x1C))}
WAIT_S = 60


class Endpoint:
    def __init__(self, tool: str, *arguments: str):
        self.process = subprocess.Popen([tool, *arguments], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(WAIT_S)
        self.process.stdout.close()


class Proxy(local.Server):
    """Hands on what goes to the endpoint, and writes down what goes elsewhere."""

    def __init__(self, port: int):
        self.others: list[str] = []
        proxy = self

        class Handler(local.Handler):
            def do_GET(self):
                path = self.path.removeprefix(f"http://127.0.0.1:{port}")
                if path != "/":
                    proxy.others.append(self.path)
                    self.send_error(404)
                    return
                upstream = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
                upstream.request("GET", path, headers={"Accept": self.headers["Accept"]})
                answer = upstream.getresponse()
                body = answer.read()
                self.send_response(answer.status)
                for name, value in answer.getheaders():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)
                upstream.close()

            def do_CONNECT(self):
                proxy.others.append(self.path)
                self.send_error(403)

        super().__init__(Handler)


def browse(port: int, proxy_port: int, scheme: str, *flags: str) -> None:
    with chromium.Chromium(f"http://127.0.0.1:{port}/", proxy_port, "--window-size=1000,1240",
                           f"--blink-settings=preferredColorScheme={SCHEMES[scheme][0]}",
                           *flags) as browser:
        browser.process.wait(WAIT_S)


def first_pixel(png: bytes) -> tuple[int, int, int]:
    """Of the first row, whichever of PNG's filters it has: nothing is left of it or above it."""
    data, at = b"", 8
    while at < len(png):
        length, kind = struct.unpack(">I4s", png[at:at + 8])
        if kind == b"IDAT":
            data += png[at + 8:at + 8 + length]
        at += length + 12
    row = zlib.decompress(data)
    return tuple(row[1:4])


def check(tool: str) -> list[str]:
    failures = []
    with Endpoint(tool, "evil") as endpoint, tempfile.TemporaryDirectory() as folder:
        proxy = Proxy(endpoint.port)
        for scheme, (_, colour) in SCHEMES.items():
            shot = pathlib.Path(folder, f"{scheme}.png")
            browse(endpoint.port, proxy.port, scheme, f"--screenshot={shot}")
            if not shot.exists():
                failures.append(f"{scheme}: no picture")
            elif first_pixel(shot.read_bytes()) != colour:
                failures.append(f"{scheme}: the ground is {first_pixel(shot.read_bytes())}")
        dom = dump(endpoint.port, proxy.port)
        failures += [f"asked for {other}" for other in proxy.others
                     if not chromium.is_its_own(other)]
        proxy.close()
    title = re.search("<title>(.*?)</title>", dom)
    if not title or title[1] != "Email Intel IMAP: idle":
        failures.append(f"the title is {title and title[1]}")
    for tag in re.findall(r"<(script|img|iframe|link|a)\b", dom):
        failures.append(f"<{tag}> is in the page")
    for text in ("&lt;script&gt;document.title", "The sign-in to the mailbox is refused",
                 "The platform refused reports"):
        if text not in dom:
            failures.append(f"{text} is not in the page")
    if dom.count("&lt;script&gt;") != 4:  # name, user, host and folder; no refusal's words
        failures.append(f"a stranger's words {dom.count('&lt;script&gt;')} times")
    return failures


def dump(port: int, proxy_port: int) -> str:
    """The page as the browser has it, after whatever could have run."""
    with tempfile.TemporaryDirectory(prefix="status-") as profile:
        done = subprocess.run(
            [chromium.find(), *chromium.FLAGS, f"--user-data-dir={profile}", "--dump-dom",
             f"--proxy-server=http://127.0.0.1:{proxy_port}", "--proxy-bypass-list=<-loopback>",
             f"http://127.0.0.1:{port}/"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=WAIT_S, check=False)
    return done.stdout.decode()


def take_screenshots(tool: str, folder: pathlib.Path) -> None:
    with Endpoint(tool) as endpoint:
        proxy = Proxy(endpoint.port)
        for scheme in SCHEMES:
            target = folder / f"status-{scheme}.png"
            browse(endpoint.port, proxy.port, scheme, f"--screenshot={target}")
            print(target)
        proxy.close()


def main() -> int:
    options = chromium.options(__doc__, "status_page", take_screenshots)
    failures = check(options.tool)
    print("\n".join(failures) or "a page that is a page, light and dark")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
