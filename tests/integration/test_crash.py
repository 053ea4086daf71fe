# SPDX-License-Identifier: Apache-2.0
"""Killed at any instant, the connector starts again and the platform holds what it would have
held. Needs strace."""
import os
import shutil
import signal
import subprocess
import time
import unittest
import uuid

from servers.process import children_of
from servers.relay import Relay

from .support import ConnectorTest, essence, simple_mail

SYSCALLS = ("write", "sendto", "sendmsg", "connect", "close")
MAILS = 20
FIRST = 20    # each of the first so many calls,
STEP = 10     # then every so many
LAST = int(os.environ.get("EII_CRASH_LAST", "400"))
FAULTY = os.environ.get("EII_CONVERTER_FAULTY", "")


class Undisturbed(ConnectorTest):
    """What each test compares with."""

    def setUp(self):
        super().setUp()
        self.names = self.fill(MAILS)
        self.once_ok()
        self.imported()
        self.expected = essence(self.platform.reports())
        self.assertEqual(len(self.expected), MAILS)

    def begin_again(self):
        """An empty platform, a connector nobody knows."""
        if self.connector_id in self.platform.connectors():
            self.platform.delete_connector(self.connector_id)
        self.platform.forget_reports()
        self.connector_id = str(uuid.uuid4())
        self.settings["CONNECTOR_ID"] = self.connector_id

    def finish_and_compare(self):
        run = self.once_ok(timeout=120)
        self.assertEqual(run.events("work.errors"), [], "our own words are no refusal")
        self.imported(60)
        self.assertEqual(essence(self.platform.reports()), self.expected)
        count = len(self.platform.messages())
        self.once_ok()
        self.assertEqual(len(self.platform.messages()), count, "one more run publishes nothing")


@unittest.skipUnless(shutil.which("strace"), "strace is absent")
class SystemCalls(Undisturbed):
    def kill_at(self, syscall, number):
        """Returns whether the run was killed: false once no thread makes so many calls.

        strace counts each thread's calls; the converter is let go when it is exec'd.
        """
        self.begin_again()
        run = self.start("--once", prefix=(
            "strace", "-f", "-b", "execve", "-qq", "-o", "/dev/null", "-e", f"trace={syscall}",
            "-e", f"inject={syscall}:signal=KILL:when={number}"))
        status = run.wait(120)
        if status == 0:
            return False
        self.assertIn(status, (-signal.SIGKILL, 128 + signal.SIGKILL), run.tail())
        return True

    def points(self):
        yield from range(1, FIRST + 1)
        yield from range(FIRST + STEP, LAST + 1, STEP)

    def kill_at_each(self, syscall):
        for number in self.points():
            with self.subTest(syscall=syscall, call=number):
                if not self.kill_at(syscall, number):
                    return
                self.finish_and_compare()


# One test per system call, so that each has its own line in the result.
for _name in SYSCALLS:
    setattr(SystemCalls, f"test_killed_at_{_name}",
            lambda self, name=_name: self.kill_at_each(name))


class Servers(Undisturbed):
    def test_dovecot_dies_in_mid_run(self):
        relay = Relay(self.dovecot.tls_port).start()
        self.addCleanup(relay.stop)
        for count in (2_000, 6_000, 12_000, 18_000):
            with self.subTest(bytes=count):
                self.begin_again()
                relay.cut_after(count)
                self.settings["EMAIL_INTEL_IMAP_PORT"] = str(relay.port)
                self.once(timeout=120)
                self.finish_and_compare()

    def test_the_broker_s_connection_dies_in_mid_run(self):
        relay = Relay(self.broker.port).start()
        self.addCleanup(relay.stop)
        self.platform.call("tell_broker", port=relay.port)
        for count in (1_000, 10_000, 30_000):
            with self.subTest(bytes=count):
                self.begin_again()
                relay.when_sent(count, relay.cut)
                self.once(timeout=120)
                self.finish_and_compare()

    def test_a_signal_in_mid_run(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            with self.subTest(signal=number):
                self.begin_again()
                run = self.start("--once")
                run.until(lambda: run.events("run.started"), "a run is on")
                self.assert_stops(run, number)
                self.finish_and_compare()


class Converter(ConnectorTest):
    def test_a_killed_converter_costs_nothing(self):
        names = self.fill(200, size=20_000)
        run = self.start("--once")
        killed = sent = 0
        while killed < 5 and run.running():
            # Each has worked: one that ends at its start, five times in a row, is given up.
            run.until(lambda: len(run.events("mail.sent")) > sent or not run.running(),
                      "the run goes on")
            sent = len(run.events("mail.sent"))
            for pid in children_of(run.process.pid):
                try:
                    os.kill(pid, signal.SIGKILL)
                    killed += 1
                except ProcessLookupError:
                    pass
        self.assertEqual(run.wait(), 0, run.tail())
        self.assertGreater(killed, 0)
        self.imported(60)
        self.assertEqual(self.platform.report_names(), names)

    @unittest.skipUnless(os.access(FAULTY, os.X_OK), "EII_CONVERTER_FAULTY names no program")
    def test_a_mail_that_breaks_the_converter_harms_no_other(self):
        now = int(time.time())
        subjects = [f"good {i:02d}" for i in range(10)]
        bad = ["crash", "hang", "memory", "leave", "number", "length", "utf8", "count", "twice",
               "cut-body"]
        mails = []
        for i, subject in enumerate(subjects):
            mails.append((simple_mail(subject, now - 100 + i), now - 100 + i))
            if i < len(bad):
                mails.append((simple_mail(f"[fault:{bad[i]}] x", now - 50 + i), now - 100 + i))
        self.mailbox.fill(mails)
        self.once_ok(timeout=240, EII_CONVERTER=FAULTY)
        self.imported(60)
        names = self.platform.report_names()
        self.assertEqual([name for name in names if name.startswith("good")], subjects)
        self.assertEqual(len(names), len(mails))

    @unittest.skipUnless(os.access(FAULTY, os.X_OK), "EII_CONVERTER_FAULTY names no program")
    def test_a_mail_that_kills_the_whole_pod_does_not_do_it_for_ever(self):
        """The pod dies while the converter is busy with it (for 50 s, if one let it)."""
        now = int(time.time())
        subjects = ["before 1", "before 2", "[fault:stall] killer", "after 1", "after 2"]
        self.mailbox.fill([(simple_mail(subject, now - 90 + i), now - 90 + i)
                           for i, subject in enumerate(subjects)])
        for starts in range(1, 11):
            run = self.start("--once", EII_CONVERTER=FAULTY)
            run.until(lambda: run.events("run.started"), "the run begins")
            try:
                self.assertEqual(run.process.wait(10), 0, run.tail())
                break
            except subprocess.TimeoutExpired:
                run.kill()
        self.assertLess(starts, 10, "it kills the pod for ever")
        self.assertGreater(starts, 1)
        self.imported()
        self.assertEqual(self.platform.report_names(), sorted(subjects))
