# SPDX-License-Identifier: Apache-2.0
"""A fleet: 50 connectors, each with its own mailbox, on one mail server, broker and platform.

Prints what operations.md reports: memory a connector, CPU while idle, the broker's connections.
"""
import os
import re
import time
import unittest
import uuid

from integration.support import SERVERS, ConnectorTest
from servers.process import children_of, read_text, wait_until

FLEET = int(os.environ.get("EII_FLEET", "50"))
MAILS = 20
ARRIVAL_S = 240
IDLE_S = 20
IDLE_MIB = 8
MIB = 1 << 20
TICKS = os.sysconf("SC_CLK_TCK")


def anonymous_bytes(pid):
    total = 0
    for each in [pid, *children_of(pid)]:
        rollup = dict(re.findall(r"^(\w+):\s+(\d+) kB", read_text(f"/proc/{each}/smaps_rollup"),
                                 re.M))
        # A converter that was replaced in the meantime has none.
        total += 1024 * (int(rollup.get("Anonymous", 0)) + int(rollup.get("Pss_Shmem", 0)))
    return total


def cpu_s(pid):
    total = 0
    for each in [pid, *children_of(pid)]:
        fields = read_text(f"/proc/{each}/stat").rpartition(")")[2].split()
        total += sum(int(field) for field in fields[11:13])
    return total / TICKS


@unittest.skipUnless(os.geteuid() == 0, "the converters' memory can be read by root only")
class Fleet(ConnectorTest):
    def start_member(self, number):
        user = SERVERS.new_user()
        mailbox = self.dovecot.mailbox(user)
        subjects = self.fill(MAILS, prefix=f"Box {number}", size=4096, mailbox=mailbox)
        run = self.start(CONNECTOR_ID=str(uuid.uuid4()), CONNECTOR_NAME=f"Box {number}",
                         EMAIL_INTEL_IMAP_USERNAME=user, CONNECTOR_DURATION_PERIOD="PT10S",
                         CONNECTOR_LOG_LEVEL="error")
        return run, subjects

    def test_fleet__brings_every_mail_and_idles_small(self):
        started = time.monotonic()
        members = [self.start_member(number) for number in range(FLEET)]
        expected = {subject for _, subjects in members for subject in subjects}
        peak = 0
        while len(self.platform.reports()) < len(expected):
            self.assertLess(time.monotonic() - started, ARRIVAL_S, "all mails arrive")
            peak = max(peak, self.broker_connections())
        arrived_s = time.monotonic() - started
        self.assertEqual({report["name"] for report in self.platform.reports()}, expected)
        wait_until(lambda: all(work["status"] == "complete" for work in self.platform.works()),
                   "every run ends", 60)
        pids = [run.process.pid for run, _ in members]
        before = [cpu_s(pid) for pid in pids]
        time.sleep(IDLE_S)
        used_s = sum(cpu_s(pid) for pid in pids) - sum(before)
        memory = sorted(anonymous_bytes(pid) for pid in pids)
        print(f"\nfleet of {FLEET}: {len(expected)} mails in {arrived_s:.0f} s; memory a connector "
              f"{memory[len(memory) // 2] / MIB:.1f} MiB (most {memory[-1] / MIB:.1f}); idle CPU "
              f"{1000 * used_s / FLEET / IDLE_S:.2f} ms/s a connector (polls every 10 s); broker "
              f"connections {peak} at most, {self.broker_connections()} idle, the worker's included")
        self.assertLessEqual(memory[-1], IDLE_MIB * MIB)
        for run, _ in members:
            self.assertTrue(run.running(), run.tail())
            self.assertEqual(run.err, "")

    def broker_connections(self):
        listed = self.broker.ctl("list_connections", "vhost")
        return sum(1 for line in listed.splitlines() if line.strip() == self.vhost)


if __name__ == "__main__":
    unittest.main()
