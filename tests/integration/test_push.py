# SPDX-License-Identifier: Apache-2.0
"""Mails that the server announces: in the queue at once, whatever the period."""
import time

from servers.imap_script import Dialect, Fault, Mail, ScriptedServer, cut, instead, received_at
from servers.process import wait_until

from .support import ConnectorTest, simple_mail

SOON_S = 2
IDLES = Dialect(signed_in="IMAP4rev1 ESEARCH ID IDLE")


class Push(ConnectorTest):
    def base_settings(self):
        return {**super().base_settings(), "CONNECTOR_DURATION_PERIOD": "PT1H"}

    def scripted(self, **arguments):
        server = ScriptedServer([self.mail(1)], **arguments)
        self.addCleanup(server.stop)
        self.settings.update(EMAIL_INTEL_IMAP_HOST="127.0.0.1", EMAIL_INTEL_IMAP_PORT=server.port,
                             EMAIL_INTEL_IMAP_TLS="none", EMAIL_INTEL_IMAP_SASL="plain")
        return server

    @staticmethod
    def mail(uid):
        return Mail(uid, f"Subject: Bulletin {uid}\r\n\r\nx\r\n".encode(),
                    received_at(time.time()))

    def deliver(self, server):
        server.mails.append(self.mail(len(server.mails) + 1))

    def wait_for_reports(self, run, count):
        run.until(lambda: len(self.platform.reports()) >= count, f"{count} reports", 30)

    def test_a_mail_is_in_the_queue_two_seconds_after_its_delivery(self):
        self.mailbox.deliver(simple_mail("first", int(time.time())))
        run = self.start()
        run.until(lambda: run.events("run.done"), "the first run")
        since = time.monotonic()
        self.mailbox.deliver(simple_mail("pushed", int(time.time())))
        run.until(lambda: len(run.events("run.done")) == 2, "the mail's run")
        self.assertLess(time.monotonic() - since, SOON_S, run.tail())
        self.wait_for_reports(run, 2)
        self.assertEqual(len(self.dovecot.log().split(f"Login: user=<{self.user}>")), 2)
        self.assert_stops(run)

    def test_a_session_that_dies_while_it_idles_is_opened_again(self):
        server = self.scripted(dialect=IDLES, faults=[Fault("IDLE", cut(), nth=(1, 2))])
        run = self.start()
        wait_until(lambda: server.counts.get("IDLE", 0) >= 3, "a third IDLE", 30)
        self.deliver(server)
        self.wait_for_reports(run, 2)
        self.assertEqual(server.sessions, 3)
        self.assertFalse(run.events("part.failed"), run.tail())
        self.assert_stops(run)

    def test_what_came_before_the_server_was_asked_is_seen(self):
        server = self.scripted(dialect=IDLES, faults=[Fault("IDLE", cut(), nth=(1,))])
        server.faults[0].change = lambda reply, session: (self.deliver(server),
                                                          cut()(reply, session))[1]
        run = self.start()
        self.wait_for_reports(run, 2)
        self.assert_stops(run)

    def test_without_idle_the_period_counts_and_on_says_so_once(self):
        for setting, answer, count in (("on", [b"TAG BAD what?"], 1), ("auto", [b"TAG BAD what?"],
                                                                       0)):
            with self.subTest(push=setting):
                server = self.scripted(dialect=IDLES, faults=[Fault("IDLE", instead(*answer),
                                                                    nth=None)])
                run = self.start(EMAIL_INTEL_IMAP_PUSH=setting, CONNECTOR_DURATION_PERIOD="PT3S")
                wait_until(lambda server=server: server.counts.get("NOOP", 0) >= 2, "two looks", 30)
                self.assertEqual(server.counts["IDLE"], 1)
                self.assertEqual(server.sessions, 1, (server.log, run.tail()))
                self.assertEqual(len(run.events("mailbox.not_pushed")), count, run.tail())
                self.assert_stops(run)

    def test_off_never_asks(self):
        server = self.scripted(dialect=IDLES)
        run = self.start(EMAIL_INTEL_IMAP_PUSH="off", CONNECTOR_DURATION_PERIOD="PT3S")
        wait_until(lambda: server.counts.get("NOOP", 0) >= 1, "a look", 30)
        self.assertNotIn("IDLE", server.log)
        self.assert_stops(run)
