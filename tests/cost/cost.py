# SPDX-License-Identifier: Apache-2.0
"""What a mail costs each program, counted under valgrind: instructions, allocations, bytes copied.
Nothing of it depends on the machine's pace. Bounds are some 25 % above what was counted;
docs/performance.md has the figures."""
import os
import quopri
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

CONVERT_TIMES = os.environ.get("EII_CONVERT_TIMES", "")
BINARY = os.environ.get("EII_BINARY", "")
SKIPPED = 77
FEW, MANY = 2, 12
CALLGRIND = ("--tool=callgrind", "--compress-strings=no", "--callgrind-out-file={log}")
COPIES = ("--tool=dhat", "--mode=copy", "--dhat-out-file=/dev/null", "--log-file={log}")
ALLOCATE = ("malloc", "calloc", "realloc", "posix_memalign", "aligned_alloc", "memalign")
WHAT = ("instructions", "allocations", "bytes copied a byte of mail")

ROW = ("<tr><td style=\"padding:10px 18px;font-family:Arial,sans-serif;color:#333333\">"
       "<a href=\"https://click.news.example/{n}\" target=\"_blank\" "
       "style=\"color:#0a66c2\">Offer {n} of the week</a><br>\r\n"
       "A paragraph about caf\u00e9s and little else &nbsp;&middot; save <b>{n}%</b></td></tr>\r\n")
HEAD = (b"From: =?utf-8?q?Caf=C3=A9?= <news@intel.example>\r\nTo: soc@corp.example\r\n"
        b"Subject: =?iso-8859-15?q?Offres_d=E9t=E9?=\r\n"
        b"Date: Sat, 01 Aug 2026 10:00:00 +0000\r\nMessage-ID: <cost@intel.example>\r\n"
        b"MIME-Version: 1.0\r\nContent-Type: text/html; charset=iso-8859-15\r\n"
        b"Content-Transfer-Encoding: quoted-printable\r\n\r\n")


def newsletter(size):
    """Table rows with styles and links, in a one-byte charset, quoted-printable."""
    body, n = b"<table>", 0
    while len(HEAD) + len(body) < size:
        body += quopri.encodestring(ROW.format(n=n).encode("iso-8859-15"))
        n += 1
    return HEAD + body + b"</table>\r\n"


def instructions(text):
    return int(re.search(r"^totals: (\d+)", text, re.M)[1])


def allocations(text):
    """Calls of what allocates, from wherever they come."""
    name, n = "", 0
    for line in text.splitlines():
        if line.startswith("cfn="):
            name = line[4:]
        elif line.startswith("calls=") and name in ALLOCATE:
            n += int(line[6:].split()[0])
    return n


def copied(text):
    return int(re.search(r"Total: +([\d,]+) bytes", text)[1].replace(",", ""))


def count(tool, command, *counters):
    with tempfile.TemporaryDirectory() as folder:
        log = os.path.join(folder, "log")
        done = subprocess.run(["valgrind", *(word.format(log=log) for word in tool), *command],
                              capture_output=True, timeout=240, check=False)
        if done.returncode:
            raise AssertionError(done.stderr.decode(errors="replace"))
        with open(log, encoding="utf-8", errors="replace") as file:
            text = file.read()
    return [counter(text) for counter in counters]


def count_mails(command, mail, n):
    times = [mail] * n if command[0] == BINARY else [mail, str(n)]
    return (*count(CALLGRIND, [*command, *times], instructions, allocations),
            *count(COPIES, [*command, *times], copied))


@unittest.skipUnless(os.access(CONVERT_TIMES, os.X_OK) and os.access(BINARY, os.X_OK)
                     and shutil.which("valgrind"), "valgrind is absent, or a program to count")
class Cost(unittest.TestCase):
    def check(self, command, size, *bounds):
        mail = newsletter(size)
        with tempfile.NamedTemporaryFile(suffix=".eml") as file:
            file.write(mail)
            file.flush()
            few, many = (count_mails(command, file.name, n) for n in (FEW, MANY))
        each = [(b - a) / (MANY - FEW) for a, b in zip(few, many)]
        each[2] /= len(mail)
        print(", ".join(f"{n:,.1f} {what}" for what, n in zip(WHAT, each)), "...", flush=True)
        for what, n, bound in zip(WHAT, each, bounds):
            self.assertLess(n, bound, what)
            self.assertGreater(n, 0, what)

    def test_converter__a_mail_of_4_kib(self):
        self.check([CONVERT_TIMES], 4096, 425_000, 47, 7)

    def test_converter__a_mail_of_50_kib(self):
        self.check([CONVERT_TIMES], 51200, 4_000_000, 59, 5)

    def test_connector__a_mail_of_4_kib(self):
        self.check([BINARY, "convert"], 4096, 280_000, 53, 4.7)


if __name__ == "__main__":
    outcome = unittest.main(verbosity=2, exit=False).result
    if outcome.testsRun and len(outcome.skipped) == outcome.testsRun:
        sys.exit(SKIPPED)
    sys.exit(not outcome.wasSuccessful())
