# SPDX-License-Identifier: Apache-2.0
"""What both programs hold together, however large mails are: docs/reliability.md."""
import base64
import os
import threading
import time
import unittest

from .behaviours.stage import peak_mib
from .support import ConnectorTest, IS_SANITIZED

MIB = 1 << 20
LOOK_S = 0.02


def mail_of(size, number, when):
    """One attachment that fills it to the size; no two alike."""
    head = (f"From: cert@intel.example\r\nSubject: Sample {number}\r\nMIME-Version: 1.0\r\n"
            f"Date: {time.strftime('%a, %d %b %Y %H:%M:%S +0000', time.gmtime(when))}\r\n"
            f"Message-ID: <memory.{number}@intel.example>\r\n"
            "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
            "--b\r\nContent-Type: text/plain\r\n\r\nSee the sample.\r\n"
            "--b\r\nContent-Type: application/pdf; name=sample.pdf\r\n"
            "Content-Transfer-Encoding: base64\r\n\r\n").encode()
    tail = b"\r\n--b--\r\n"
    lines = (size - len(head) - len(tail)) // 78
    line = base64.b64encode(os.urandom(57)) + b"\r\n"
    return head + line * lines + tail


@unittest.skipIf(IS_SANITIZED, "a sanitizer needs several times as much")
class Memory(ConnectorTest):
    def peak_of_run(self, mails, **settings):
        now = int(time.time()) - 3600
        self.mailbox.fill([(make(number, now + number), now + number)
                           for number, make in enumerate(mails)])
        run = self.start("--once", **settings)
        peaks = [0.0]

        def weigh():
            while run.running():
                peaks.append(max(peaks[-1], peak_mib(run.process.pid)))
                time.sleep(LOOK_S)

        looker = threading.Thread(target=weigh)
        looker.start()
        self.assertEqual(run.wait(300), 0, run.tail())
        looker.join()
        self.imported()
        self.assertEqual(len(self.platform.report_names()), len(mails))
        print(f"{peaks[-1]:.1f} MiB ...", flush=True)
        return peaks[-1]

    def test_mails_up_to_1_mb_take_64_mib(self):
        mails = [lambda n, when: mail_of(1_000_000, n, when)] * 60
        self.assertLess(self.peak_of_run(mails), 64)

    def test_mails_up_to_25_mb_take_128_mib(self):
        mails = [lambda n, when: mail_of(25_000_000, n, when)] * 6
        self.assertLess(self.peak_of_run(mails), 128)

    def test_larger_mails_take_four_times_the_largest_that_is_allowed(self):
        mails = [lambda n, when: mail_of(50 * MIB, n, when)] * 3
        self.assertLess(self.peak_of_run(mails, EMAIL_INTEL_IMAP_MAX_MAIL_BYTES=str(50 * MIB)),
                        32 + 4 * 50)
