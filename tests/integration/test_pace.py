# SPDX-License-Identifier: Apache-2.0
"""What small mails cost: system calls of both programs, bursts to the broker. Counts, which a
machine's pace changes little; docs/performance.md has the figures, the bounds are twice those."""
import collections
import os
import re
import shutil
import subprocess
import unittest

from .support import ConnectorTest, IS_SANITIZED

MAILS = 500
MAIL_BYTES = 4096
MAX_CALLS = 20
MIN_BURST = 4
EVERY_CALL = ("strace", "-f", "-qq", "-yy", "-s0")
SENDS = (*EVERY_CALL, "--seccomp-bpf", "-e", "trace=sendto,setsockopt")


def may_trace():
    return shutil.which("strace") and subprocess.run(
        ["strace", "-o", "/dev/null", "true"], capture_output=True, check=False).returncode == 0


class Calls:
    """Of both programs, by name, from the first message to the broker until the last."""

    def __init__(self, path, broker_port):
        self._broker = f"->127.0.0.1:{broker_port}]"
        with open(path, encoding="utf-8", errors="replace") as file:
            found = [re.match(r"\d+ +(\w+)\((.*)", line) for line in file]
        calls = [match.groups() for match in found if match]
        places = [i for i, call in enumerate(calls) if self._goes_to_broker(*call)]
        # The connection's own frames are some ten before.
        self._calls = calls[places[10]:places[-1] + 1]
        self.by_name = collections.Counter(name for name, _ in self._calls)

    def _goes_to_broker(self, name, rest):
        return name in ("sendto", "setsockopt") and self._broker in rest.split(",")[0]

    def bursts(self):
        """What was sent by itself, or between cork and uncork."""
        n, is_corked = 0, False
        for name, rest in self._calls:
            if not self._goes_to_broker(name, rest):
                continue
            if "TCP_CORK" in rest:
                is_corked = "[1]" in rest
                n += is_corked
            elif not is_corked and "MSG_MORE" not in rest:
                n += 1
        return n


@unittest.skipIf(IS_SANITIZED, "a sanitizer makes calls of its own")
@unittest.skipUnless(may_trace(), "strace is absent, or may not trace here")
class Pace(ConnectorTest):
    def trace(self, strace):
        path = os.path.join(self.directory, "calls")
        self.fill(MAILS, size=MAIL_BYTES)
        run = self.start("--once", prefix=(*strace, "-o", path))
        self.assertEqual(run.wait(), 0, run.tail())
        self.assertEqual(len(self.imported()), MAILS)
        return Calls(path, self.broker.port)

    def test_system_calls_a_mail(self):
        calls = self.trace(EVERY_CALL)
        each = sum(calls.by_name.values()) / MAILS
        names = ", ".join(f"{name} {n / MAILS:.2f}" for name, n in calls.by_name.most_common(12))
        print(f"{each:.1f} ({names}) ...", flush=True)
        self.assertLess(each, MAX_CALLS)

    def test_messages_a_burst(self):
        burst = MAILS / self.trace(SENDS).bursts()
        print(f"{burst:.1f} ...", flush=True)
        self.assertGreater(burst, MIN_BURST)
