# SPDX-License-Identifier: Apache-2.0
"""Whole runs under valgrind: no leak, no wrong access. The converter's jail is relaxed there."""
import glob
import os
import shutil
import subprocess
import tempfile
import unittest

from integration.support import BINARY, ConnectorTest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FOUND = 9
SUPPRESSIONS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "valgrind.supp")
VALGRIND = ("valgrind", "-q", f"--suppressions={SUPPRESSIONS}", "--leak-check=full", "--errors-for-leak-kinds=definite",
            f"--error-exitcode={FOUND}")


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


@unittest.skipUnless(shutil.which("valgrind"), "valgrind is absent")
class Valgrind(ConnectorTest):
    def under(self, *arguments, **settings):
        run = self.start(*arguments, prefix=VALGRIND, **settings)
        self.assertEqual(run.wait(240), 0, run.tail(80))

    def test_a_run_of_every_sample_mail(self):
        mails = sorted(glob.glob(os.path.join(ROOT, "tests/mail/sample/*.eml")))
        for path in mails:
            with open(path, "rb") as file:
                self.mailbox.deliver(file.read())
        self.under("--once")
        self.imported()
        self.assertEqual(len(self.platform.reports()), len(mails))
        self.under("--once")

    def test_a_dry_run(self):
        self.fill(3)
        self.under("--dry-run")


@unittest.skipUnless(os.access(BINARY, os.X_OK) and shutil.which("valgrind"),
                     "EII_BINARY names no program, or valgrind is absent")
class Convert(unittest.TestCase):
    def test_both_programs(self):
        mails = sorted(glob.glob(os.path.join(ROOT, "tests/mail/sample/*.eml")))
        with tempfile.TemporaryDirectory() as logs:
            # The converter's standard error leads nowhere: a log for each process.
            done = subprocess.run(
                [*VALGRIND, "--trace-children=yes", f"--log-file={logs}/%p", BINARY, "convert",
                 *mails], capture_output=True, text=True, timeout=240, check=False)
            found = [read(path) for path in glob.glob(f"{logs}/*")]
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertGreaterEqual(len(found), 2, "both programs ran under valgrind")
        self.assertEqual("".join(found), "")
        self.assertEqual(len(done.stdout.splitlines()), len(mails))
