# SPDX-License-Identifier: Apache-2.0
"""A run is done when the platform says so: rights, losses behind the broker's confirm, kills,
neighbours under one id, and what a single run's exit status says of it."""
import signal
import time
import uuid

from servers.platform import ids
from servers.process import wait_until

from .support import DAY_S, SERVERS, ConnectorTest, essence, simple_mail

NO_UPLOAD = ["APIACCESS_USETOKEN", "CONNECTORAPI", "KNOWLEDGE", "KNOWLEDGE_KNUPDATE_KNDELETE",
             "MODULES_MODMANAGE"]
ALL_RIGHTS = NO_UPLOAD + ["KNOWLEDGE_KNUPLOAD"]
WINDOW_DAYS = 30


class Rights(ConnectorTest):
    """What would be refused is kept back, said, and sent when it may be."""

    def assert_keeps_back(self, names, said, **mended):
        run = self.once()
        self.assertEqual(run.process.returncode, 77, run.tail())
        missing, = run.events("platform.rights_missing")
        self.assertIn(said, str(missing))
        self.assertEqual(self.platform.reports(), [])
        self.assertNotEqual(self.check().process.returncode, 0, "--check says so too")
        self.platform.set_user(**mended)
        self.once_ok()
        self.assertEqual(sorted(self.imported()), names)

    def test_without_the_right_to_upload(self):
        names = self.fill(3)
        self.platform.set_user(rights=NO_UPLOAD)
        self.assert_keeps_back(names, "KNOWLEDGE_KNUPLOAD", rights=ALL_RIGHTS)

    def test_without_the_marking(self):
        names = self.fill(3)
        self.platform.set_user(markings=["TLP:GREEN"])
        self.assert_keeps_back(names, "the marking", markings=["TLP:AMBER+STRICT"])

    def test_another_marking_of_the_platform(self):
        """By its name; one that is not there is not made, and reports wait for it."""
        self.fill(2)
        self.settings["EMAIL_INTEL_IMAP_TLP_LEVEL"] = "PAP:RDE"
        self.assertEqual(self.once().process.returncode, 77)
        self.assertEqual(self.platform.reports(), [])
        made = ids.marking_id("PAP", "PAP:RDE")
        self.assertFalse([message for message in self.platform.messages()
                          if made in (message["ids"] or ())])
        self.settings["EMAIL_INTEL_IMAP_TLP_LEVEL"] = "PAP:AMBER"
        self.once_ok()
        expected = ids.marking_id("PAP", "PAP:AMBER")
        for report in self.imported().values():
            self.assertEqual(report["markings"], [expected])
        self.assertEqual(len(self.imported()), 2)


class Losses(ConnectorTest):
    """Confirmed by the broker, and not on the platform."""

    def test_a_work_cleared_while_its_reports_wait(self):
        names = self.fill(8)
        self.platform.worker("running")
        self.once_ok()
        self.imported()
        self.platform.worker("off")
        later = self.fill(8, prefix="Later", first_age_s=DAY_S)
        run = self.once_ok()
        self.assertTrue(run.events("run.reports_wait"), run.tail())
        self.platform.delete_works()
        self.platform.worker("running")
        self.once_ok()
        self.assertEqual(sorted(self.imported()), sorted(names + later))
        self.assert_works_closed()

    def test_a_deletion_while_reports_wait_and_nothing_twice(self):
        """Half of them are there when the Work goes: those are not sent again."""
        self.fill(6)
        self.once_ok()
        before = essence(self.imported().values())
        self.platform.delete_works()
        count = len(self.platform.messages())
        self.once_ok()
        self.assertEqual(essence(self.platform.reports()), before)
        self.assertEqual(len(self.platform.messages()), count)


class Kills(ConnectorTest):
    def test_two_kills_in_mid_run(self):
        """Two lives without a stored place make the third one go mail by mail."""
        mails = 300
        names = self.fill(mails)
        for goal in (mails // 4, mails // 2):
            run = self.start()
            run.until(lambda at=goal: len(self.platform.messages()) > at, "a part is sent", 120)
            run.kill()
        run = self.once_ok(timeout=240)
        wait_until(lambda: not self.queued() and not self.platform.call("worker_busy"),
                   "the worker is done", 120)
        self.assertEqual(self.platform.report_names(), names)
        self.once_ok(timeout=120)
        self.assertEqual(self.platform.report_names(), names)
        self.assert_works_closed()


class Neighbours(ConnectorTest):
    def test_two_mailboxes_under_one_id(self):
        """By turns: each keeps the other's place."""
        first = self.fill(3, prefix="First")
        self.once_ok()
        other_user = SERVERS.new_user()
        other = self.dovecot.mailbox(other_user)
        second = self.fill(3, prefix="Second", mailbox=other)
        first += self.fill(1, prefix="More", first_age_s=3600)
        self.once_ok(EMAIL_INTEL_IMAP_USERNAME=other_user)
        self.once_ok()
        count = len(self.platform.messages())
        self.once_ok(EMAIL_INTEL_IMAP_USERNAME=other_user)
        self.once_ok()
        self.assertEqual(len(self.platform.messages()), count, "nobody's place was lost")
        self.assertEqual(sorted(self.imported()), sorted(first + second))


class SingleRuns(ConnectorTest):
    """What --once's exit status says."""

    def test_a_window_of_mails_that_are_all_too_old(self):
        when = int(time.time()) - (WINDOW_DAYS + 2) * DAY_S
        self.mailbox.fill([(simple_mail(f"old {i}", when, 300), when) for i in range(3)])
        run = self.once_ok()
        self.assertTrue(run.events("run.nothing_new"), run.tail())
        told = run.events("run.window_empty")
        self.assertEqual([line["attributes"]["mails"] for line in told], [3], run.tail())
        self.assertEqual(self.platform.works(), [])
        self.mailbox.deliver(simple_mail("new", int(time.time())))
        run = self.once_ok()
        self.assertEqual(run.events("run.window_empty"), [], run.tail())
        self.assertEqual(list(self.imported()), ["new"])

    def test_a_broker_that_is_not_there(self):
        self.fill(1)
        run = self.once(MQ_HOST="127.0.0.1", MQ_PORT=9, timeout=120)
        self.assertEqual(run.process.returncode, 75, run.tail())
        self.assertTrue(run.events("part.failed"), run.tail())
        self.once_ok()
        self.assertEqual(len(self.imported()), 1)

    def test_a_stop_among_the_mails(self):
        self.platform.worker("off")
        self.fill(3)
        run = self.start("--once")
        run.until(lambda: self.platform.works(), "a Work is open")
        run.signal(signal.SIGTERM)
        self.assertIn(run.wait(20), (0, 75), run.tail())
        self.platform.worker("running")
        self.once_ok()
        self.assertEqual(len(self.imported()), 3)
        self.assert_works_closed()

    def test_the_platform_s_workers_are_busy(self):
        self.fill(3)
        self.platform.worker("running", delay_s=20)
        run = self.start("--once")
        self.assertEqual(run.wait(120), 0, run.tail())
        self.platform.worker("running", delay_s=0)

    def test_dry_run_shows_the_place_that_it_would_store(self):
        self.fill(3)
        self.once_ok()
        self.fill(2, prefix="More", first_age_s=3600)
        run = self.start("--dry-run")
        self.assertEqual(run.wait(), 0, run.tail())
        place, = run.events("dry_run.place")
        self.assertEqual(place["attributes"]["cursor"], 5)
        run = self.start("--dry-run")
        self.assertEqual(run.wait(), 0, run.tail())
        self.assertEqual(len(run.out.splitlines()), 2, "the place was not stored")

    def test_another_id_has_a_place_of_its_own(self):
        self.fill(2)
        self.once_ok()
        run = self.once_ok(CONNECTOR_ID=str(uuid.uuid4()))
        self.assertTrue(run.events("run.started"), run.tail())
