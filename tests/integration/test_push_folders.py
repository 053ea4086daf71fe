# SPDX-License-Identifier: Apache-2.0
"""Several folders under push: what comes to one that is not open is seen within a minute.

The minute passes in real time: these tests run in one build only.
"""
import time

from . import test_monitor
from .support import simple_mail

SOON_S = 5     # from the server's word to the report
GLANCE_S = 60  # between two glances at the folders that are not open


class PushFolders(test_monitor.MonitorTest):
    def base_settings(self):
        return {**super().base_settings(), "CONNECTOR_DURATION_PERIOD": "PT1H",
                "EMAIL_INTEL_IMAP_MAILBOX": "INBOX,L\u00f6segeld,Third"}

    def deliver_to(self, folder, subject):
        self.dovecot.mailbox(self.user, folder).deliver(simple_mail(subject, int(time.time())))

    def wait_for(self, run, count, seconds):
        since = time.monotonic()
        run.until(lambda: len(self.platform.reports()) >= count, f"{count} reports", 2 * seconds)
        self.assertLess(time.monotonic() - since, seconds, run.tail())

    def wait_for_idle(self, run):
        """The glance that follows a run at once is over then."""
        self.until_metric(run, lambda scrape: scrape("mailbox_watched") == 1, "IDLE")

    def test_a_mail_in_each_folder(self):
        for number, name in enumerate(("INBOX", "L\u00f6segeld", "Third")):
            self.deliver_to(name, f"first {number}")
        run = self.up()
        run.until(lambda: len(self.platform.reports()) == 3, "the first run")
        self.wait_for_idle(run)
        self.deliver_to("INBOX", "to the first")
        self.wait_for(run, 4, SOON_S)
        self.wait_for_idle(run)
        self.deliver_to("L\u00f6segeld", "to the second")
        self.deliver_to("Third", "to the third")
        self.wait_for(run, 6, GLANCE_S + SOON_S)
        self.wait_for_idle(run)
        self.deliver_to("INBOX", "to the first again")
        self.wait_for(run, 7, SOON_S)
        self.assertFalse(run.events("part.failed"), run.tail())
        self.assertEqual(len(self.dovecot.log().split(f"Login: user=<{self.user}>")), 2)
        self.assert_stops(run)
