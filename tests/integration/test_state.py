# SPDX-License-Identifier: Apache-2.0
"""Where reading goes on: cursor, windows, resets, and the state of the official connector."""
import datetime
import json
import threading
import time

from servers.dovecot import Dovecot
from servers.process import wait_until
from servers.relay import Relay

from .support import DAY_S, SERVERS, ConnectorTest, essence, simple_mail


def instant(seconds):
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).isoformat()


class Takeover(ConnectorTest):
    def test_mails_from_the_instant_of_the_official_connector_on(self):
        now = int(time.time())
        taken = now - 10 * DAY_S
        self.platform.set_state(self.connector_id,
                                {"last_email_ingestion": instant(taken), "other": [1]})
        self.mailbox.fill([
            (simple_mail("before", now - 11 * DAY_S), taken - 1),
            (simple_mail("at", now - 12 * DAY_S), taken),
            (simple_mail("after", now - 9 * DAY_S), taken + DAY_S)])
        self.once_ok()
        self.assertEqual(sorted(self.imported()), ["after", "at"])
        state = self.platform.state(self.connector_id)
        self.assertEqual(state["other"], [1])
        told = datetime.datetime.fromisoformat(state["last_email_ingestion"])
        self.assertLess(abs(told.timestamp() - now), 60)

    def test_a_state_that_is_no_json_counts_as_none(self):
        names = self.fill(2)
        for text in ("null", "", "not json", "[1]"):
            with self.subTest(state=text):
                self.platform.forget_reports()
                self.platform.set_state(self.connector_id, text)
                self.once(EMAIL_INTEL_IMAP_MAILBOX="INBOX")
                self.imported()
                self.assertEqual(self.platform.report_names(), names)

    def test_another_mailbox_of_the_same_connector_has_its_own_place(self):
        first = self.fill(2, "first")
        self.once_ok()
        second = self.fill(2, "second", mailbox=self.dovecot.mailbox(self.user, "Other"))
        self.once_ok(EMAIL_INTEL_IMAP_MAILBOX="Other")
        self.imported()
        self.assertEqual(self.platform.report_names(), first + second)
        count = len(self.platform.messages())
        self.once_ok()
        self.once_ok(EMAIL_INTEL_IMAP_MAILBOX="Other")
        self.assertEqual(len(self.platform.messages()), count)


class Renumbered(ConnectorTest):
    def test_a_new_uidvalidity_loses_and_doubles_nothing(self):
        own = Dovecot(SERVERS.new_path("dovecot"), SERVERS.pki,
                      users={self.user: "secret"}).start()
        self.addCleanup(own.kill)
        mailbox = own.mailbox(self.user)
        self.settings["EMAIL_INTEL_IMAP_PORT"] = str(own.tls_port)
        self.fill(4, mailbox=mailbox)
        self.once_ok()
        self.imported()
        before = essence(self.platform.reports())
        own.kill()
        mailbox.change_uidvalidity(1_800_000_000, first_uid=500)
        own.again()
        now = int(time.time())
        mailbox.add(simple_mail("after the change", now), now)
        self.once_ok()
        self.imported()
        reports = self.platform.reports()
        self.assertEqual(len(reports), 5)
        self.assertEqual(essence(report for report in reports
                                 if report["name"] != "after the change"), before)


class Resets(ConnectorTest):
    def test_a_reset_between_runs_begins_with_the_first_window(self):
        names = self.fill(3)
        self.once_ok()
        self.imported()
        self.platform.reset_connector(self.connector_id)
        self.platform.forget_reports()
        self.once_ok()
        self.imported()
        self.assertEqual(self.platform.report_names(), names)

    def test_a_reset_while_it_runs_is_noticed_by_a_ping(self):
        names = self.fill(3)
        run = self.start()
        run.until(lambda: len(self.platform.reports()) == 3, "three reports")
        run.until(lambda: self.platform.state(self.connector_id), "the state is stored")
        self.platform.reset_connector(self.connector_id)
        self.platform.forget_reports()
        # The next state's ping, or that of every 40 s, brings the news.
        self.mailbox.deliver(simple_mail("new", int(time.time())))
        run.until(lambda: len(self.platform.reports()) == 4, "all mails again", 90)
        self.assertEqual(self.platform.report_names(), names + ["new"])
        self.assertEqual(run.terminate(), 0)

    def test_a_deleted_connector_registers_again(self):
        names = self.fill(3)
        run = self.start()
        run.until(lambda: len(self.platform.reports()) == 3, "three reports")
        self.platform.delete_connector(self.connector_id)
        self.platform.forget_reports()
        self.mailbox.deliver(simple_mail("new", int(time.time())))
        run.until(lambda: self.connector_id in self.platform.connectors(), "registration", 90)
        run.until(lambda: len(self.platform.reports()) == 4, "all mails again", 60)
        self.assertEqual(self.platform.report_names(), names + ["new"])
        self.assertEqual(run.terminate(), 0)

    def in_mid_run(self, count=150):
        """A daemon that has sent some of its mails and has to wait for the others."""
        names = self.fill(count, size=20_000)
        relay = Relay(self.dovecot.tls_port).start()
        self.addCleanup(relay.stop)
        self.settings["EMAIL_INTEL_IMAP_PORT"] = str(relay.port)
        stalled = threading.Event()

        def stall():
            relay.stall()
            stalled.set()

        relay.when_received(count * 20_000 // 2, stall)
        run = self.start()
        run.until(lambda: stalled.is_set() and self.platform.reports(), "half of the mails came")
        return run, relay, names

    def test_a_reset_in_mid_run(self):
        run, relay, names = self.in_mid_run()
        self.platform.reset_connector(self.connector_id)
        self.platform.forget_reports()
        relay.resume()
        run.until(lambda: len(self.platform.reports()) == len(names), "all mails", 90)
        self.assertEqual(self.platform.report_names(), names)
        self.assertEqual(run.terminate(), 0)

    def test_a_deletion_in_mid_run(self):
        run, relay, names = self.in_mid_run()
        self.platform.delete_connector(self.connector_id)
        self.platform.forget_reports()
        relay.resume()
        run.until(lambda: len(self.platform.reports()) == len(names), "all mails", 90)
        self.assertEqual(self.platform.report_names(), names)
        self.assertEqual(run.terminate(), 0)

    def test_a_stale_echo_is_no_reset(self):
        self.fill(2)
        run = self.start()
        run.until(lambda: len(self.platform.reports()) == 2, "two reports")
        # Told by the last ping of the run only.
        run.until(lambda: "last_email_ingestion" in (self.platform.state(self.connector_id) or {}),
                  "the run's end is stored")
        state = self.platform.state(self.connector_id)
        count = len(self.platform.messages())
        old = json.dumps({"last_email_ingestion": "2020-01-01T00:00:00+00:00"})
        self.platform.call("echo", texts=[old, "{}"])
        self.mailbox.deliver(simple_mail("new", int(time.time())))
        run.until(lambda: len(self.platform.reports()) == 3, "the new mail's report")
        self.mailbox.deliver(simple_mail("newer", int(time.time())))
        run.until(lambda: len(self.platform.reports()) == 4, "the newer one's")
        self.assertEqual(run.terminate(), 0)
        sent = [message for message in self.platform.messages()[count:]
                if message["types"] == ["report"]]
        self.assertEqual(len(sent), 2)
        self.assertEqual(set(self.platform.state(self.connector_id)), set(state))


class Daemon(ConnectorTest):
    def test_the_state_follows_while_the_run_goes_on(self):
        self.fill(40)
        run = self.start()
        run.until(lambda: len(self.platform.reports()) == 40, "forty reports")
        wait_until(lambda: "last_email_ingestion" in (self.platform.state(self.connector_id) or {}),
                   "the run is told in the state", 10)
        run.kill()
        count = len(self.platform.messages())
        self.once_ok()
        again = len(self.platform.messages()) - count
        self.assertLessEqual(again, 2, json.dumps(self.platform.state(self.connector_id)))
