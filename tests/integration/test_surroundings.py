# SPDX-License-Identifier: Apache-2.0
"""What the system gives to a process, or does not: closed streams, full ones, few descriptors,
little memory, files that may not grow."""
import os
import re
import signal
import subprocess
import time
import unittest

from .support import BINARY, ConnectorTest, IS_SANITIZED, STOP_TIMEOUT_S


def shell(script):
    """A prefix: the connector takes the place of a shell that has run the script."""
    return ("sh", "-c", f'{script}; exec "$@"', "sh")


class Surroundings(ConnectorTest):
    def imports(self, script):
        names = self.fill(3)
        run = self.start("--once", prefix=shell(script))
        self.assertEqual(run.wait(60), 0, run.tail())
        self.imported()
        self.assertEqual(self.platform.report_names(), names)
        return run

    def test_without_standard_input(self):
        self.imports("exec <&-")

    def test_without_standard_output(self):
        self.imports("exec >&-")

    def test_without_standard_error(self):
        self.imports("exec 2>&-")

    def test_without_standard_streams(self):
        self.imports("exec <&- >&- 2>&-")

    def test_a_log_file_that_may_grow_no_more(self):
        """What does not fit is lost; the run is not."""
        log = os.path.join(self.directory, "log")
        run = self.imports(f"ulimit -f 1; exec 2>>{log}")
        self.assertEqual(run.err, "")
        self.assertLessEqual(os.path.getsize(log), 1024)

    @unittest.skipIf(IS_SANITIZED, "a sanitizer's shadow is larger than any limit")
    def test_little_address_space(self):
        """500 MB: the converter's own limit is higher, and may not be raised to it."""
        self.imports("ulimit -v 500000")

    @unittest.skipIf(IS_SANITIZED, "there the leak checker reads the memory")
    def test_a_crash_leaves_no_dump(self):
        """A dump would hold passwords and mails: none is written, whatever the limit was."""
        run = self.start(prefix=shell("ulimit -c unlimited 2>/dev/null || ulimit -c"))
        self.fill(1)
        self.platform.wait_for_reports(1)
        with open(f"/proc/{run.process.pid}/limits", encoding="ascii") as file:
            core = [line for line in file if line.startswith("Max core file size")]
        self.assertEqual(core[0].split()[4:6], ["0", "0"])
        run.process.send_signal(signal.SIGABRT)
        _, status = os.waitpid(run.process.pid, 0)
        self.assertTrue(os.WIFSIGNALED(status))
        self.assertEqual(os.WTERMSIG(status), signal.SIGABRT)
        self.assertFalse(os.WCOREDUMP(status))

    @unittest.skipIf(IS_SANITIZED, "a sanitizer needs descriptors of its own")
    def test_with_few_descriptors_it_runs_or_says_why_not(self):
        self.fill(3)
        for count in range(4, 25, 4):
            with self.subTest(descriptors=count):
                run = self.start("--once", prefix=shell(f"ulimit -n {count}"))
                status = run.wait(60)
                self.assertIn(status, (0, 71, 75, 78), run.tail())
                if status == 71:
                    self.assertRegex(run.err.splitlines()[-1],
                                     r"^email-intel-imap: cannot go on: .+: .+$")
                elif status:
                    self.assertTrue(re.search(r"[Tt]oo many open files|descriptor", run.err)
                                    or run.events("app.failed"), run.tail())

    def test_a_stop_with_a_log_that_nobody_reads(self):
        """The pipe is full before the connector starts."""
        reading, writing = os.pipe()
        self.addCleanup(os.close, reading)
        os.set_blocking(writing, False)
        try:
            while os.write(writing, b"x" * 4096):
                pass
        except BlockingIOError:
            pass
        os.set_blocking(writing, True)
        process = subprocess.Popen([BINARY], env=self.environment(), cwd=self.directory,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                   stderr=writing)
        os.close(writing)
        self.addCleanup(process.kill)
        self.fill(1)
        self.platform.wait_for_reports(1)
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(STOP_TIMEOUT_S), 0)
        self.assertLess(time.monotonic() - began, 10)
