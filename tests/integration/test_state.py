# SPDX-License-Identifier: Apache-2.0
"""Where reading goes on: cursor, windows, resets, and the state of the official connector."""
import datetime
import json
import threading
import time

from servers.dovecot import Dovecot
from servers.platform.core import DEFAULT_TOKEN
from servers.process import wait_until
from servers.relay import Relay

from .plain_client import AUTHOR, MARKING, PlainClient, report
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


class Official:
    """What the official connector does in a run: mails whose Date is after its instant, one
    bundle, then the instant of its start; what else is in the state stays there."""

    def __init__(self, test):
        self.connector_id, self.start_period_s = test.connector_id, 30 * DAY_S
        self.client = PlainClient(test.platform.port, DEFAULT_TOKEN)
        test.addCleanup(self.client.close)

    def run(self, mails):
        """mails: (subject, instant) of all that the mailbox holds."""
        text = self.client.register(self.connector_id)["connector_state"]
        self.client.ping(self.connector_id, text or "null")
        state = (json.loads(text) if text else None) or {}
        started = int(time.time())
        since = started - self.start_period_s
        if "last_email_ingestion" in state:
            since = datetime.datetime.fromisoformat(state["last_email_ingestion"]).timestamp()
        reports = [report(subject, published=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(when)))
                   for subject, when in mails if when > since]
        if reports:
            self.client.send([AUTHOR, MARKING, *reports])
        state["last_email_ingestion"] = instant(started)
        self.client.ping(self.connector_id, json.dumps(state))


class Turns(ConnectorTest):
    def next_second(self):
        """Both connectors keep whole seconds: what comes now is after whatever they wrote."""
        now = int(time.time())
        wait_until(lambda: int(time.time()) > now, "the next second", 5)

    def deliver(self, count):
        self.next_second()
        for _ in range(count):
            subject, now = f"mail {len(self.mails):02d}", int(time.time())
            self.mailbox.add(simple_mail(subject, now), now)
            self.mails.append((subject, now))
        self.next_second()

    def ours(self):
        run = self.once_ok()
        self.assertEqual(run.events("state.reset"), [])

    def test_both_connectors_by_turns_send_each_mail_once(self):
        self.mails = []
        official = Official(self)
        self.deliver(5)
        official.run(self.mails)
        self.deliver(4)
        self.ours()
        self.deliver(3)
        official.run(self.mails)
        self.deliver(5)
        self.ours()
        self.ours()
        reports = self.imported()
        self.assertEqual(sorted(reports), [subject for subject, _ in self.mails])
        self.assertEqual(len(reports), 17)
        sent = [message["names"][0] for message in self.platform.messages()
                if message["types"] == ["report"]]
        self.assertEqual(sorted(sent), [subject for subject, _ in self.mails])


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


class Restarts(ConnectorTest):
    def sent_names(self):
        """Of every report that was published, in order."""
        return [message["names"][0] for message in self.platform.messages()
                if message["types"] == ["report"]]

    def test_a_restart_sends_what_is_new_and_nothing_else(self):
        names = self.fill(30)
        self.once_ok()
        self.imported()
        self.once_ok()
        self.assertEqual(sorted(self.sent_names()), names)
        now = int(time.time())
        self.mailbox.fill([(simple_mail(name, now), now) for name in ("new 1", "new 2", "new 3")])
        run = self.once_ok()
        self.imported()
        self.assertEqual(self.sent_names()[30:], ["new 1", "new 2", "new 3"])
        self.assertEqual(run.events("state.reset"), [])

    def test_an_analyst_s_work_outlives_a_restart(self):
        names = self.fill(4)
        self.once_ok()
        held = self.imported()
        self.platform.edit_report(held[names[0]]["standard_id"], content="edited",
                                  description="edited as well")
        self.platform.edit_report(held[names[1]]["standard_id"], name="renamed")
        now = int(time.time())
        self.mailbox.fill([(simple_mail("new", now), now)])
        self.once_ok()
        held = self.imported()
        self.assertEqual(sorted(held), [names[0], *names[2:], "new", "renamed"])
        self.assertEqual((held[names[0]]["content"], held[names[0]]["description"]),
                         ("edited", "edited as well"))

    def test_no_ping_is_without_a_state(self):
        self.fill(2)
        self.once_ok()
        self.once_ok()
        self.platform.reset_connector(self.connector_id)
        self.once_ok()
        sent = [ping["sent"] for ping in self.platform.pings()]
        self.assertGreaterEqual(len(sent), 6)
        self.assertTrue(all(isinstance(json.loads(state), dict) for state in sent), sent)

    def test_a_reset_while_away_is_told_by_no_more_than_an_empty_state(self):
        names = self.fill(3)
        self.once_ok()
        self.imported()
        self.platform.reset_connector(self.connector_id)
        run = self.once_ok()
        self.imported()
        self.assertEqual(run.events("state.reset"), [], "it is known from the registration")
        self.assertEqual(self.sent_names(), names * 2)
        self.once_ok()
        self.assertEqual(self.sent_names(), names * 2)


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
