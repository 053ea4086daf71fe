# SPDX-License-Identifier: Apache-2.0
"""Debian's Chromium, headless, with a fresh profile and no way out but our proxy."""

import argparse
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile

FLAGS = """--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --hide-scrollbars
--disable-background-networking --disable-component-update --disable-sync --disable-default-apps
--disable-domain-reliability --disable-dev-shm-usage --disable-extensions --mute-audio
--disable-features=MediaRouter,OptimizationHints,Translate,InterestFeedContentSuggestions
--autoplay-policy=no-user-gesture-required --password-store=basic""".split()


SKIPPED = 77
OWN = re.compile(r"^(http://)?[\w.-]*\.(google|googleapis|gvt1|gstatic)\.com[:/]")


def find() -> str | None:
    return shutil.which("chromium")


def is_its_own(request: str) -> bool:
    """What the browser asks of its maker on its own account."""
    return OWN.match(request) is not None


def options(words: str, tool: str, take_screenshots, *more: argparse.ArgumentParser):
    """The options of a test that opens the browser; ends it without one, or after screenshots."""
    parser = argparse.ArgumentParser(description=words, parents=more)
    parser.add_argument("--tool", required=True, help=f"{tool} of the build")
    parser.add_argument("--screenshots", type=pathlib.Path, help="write them here, test nothing")
    given = parser.parse_args()
    if not find():
        print("skipped: no chromium (apt-get install chromium)")
        sys.exit(SKIPPED)
    if given.screenshots:
        take_screenshots(given.tool, given.screenshots)
        sys.exit(0)
    return given


class Chromium:
    def __init__(self, url: str, proxy_port: int, *flags: str):
        self.profile = tempfile.TemporaryDirectory(prefix="safe-browser-", ignore_cleanup_errors=True)
        command = [find(), *FLAGS, *flags, f"--user-data-dir={self.profile.name}",
                   f"--proxy-server=http://127.0.0.1:{proxy_port}",
                   "--proxy-bypass-list=<-loopback>",
                   "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1", url]
        environment = dict(os.environ, HOME=self.profile.name)
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL, env=environment,
                                        start_new_session=True)

    def is_alive(self) -> bool:
        return self.process.poll() is None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        # Its own process group: children of the browser go with it.
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()
        self.profile.cleanup()
