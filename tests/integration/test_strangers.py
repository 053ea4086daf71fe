# SPDX-License-Identifier: Apache-2.0
"""Another server answers in a server's place for a while, or a stream breaks: what was right once
in the process passes, and a setting is judged wrong only where it was never right."""
import os
import time
import urllib.parse

from servers.relay import Relay

from .support import SERVERS, ConnectorTest, simple_mail

NO_HTTP = b"what is behind a broken stream\r\n"
NO_TLS = b"HTTP/1.1 400 Bad Request\r\n\r\n"
NOT_FOUND = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
ELSEWHERE = b"HTTP/1.1 302 Found\r\nLocation: /sign-in\r\nContent-Length: 0\r\n\r\n"
BELIEVED = 3  # connections in a row, where nothing else was ever met


class Strangers(ConnectorTest):
    def setUp(self):
        super().setUp()
        self.relays = {"platform": self.behind_relay(urllib.parse.urlsplit(self.platform.url).port),
                       "mailbox": self.behind_relay(self.dovecot.tls_port),
                       "queue": self.behind_relay(self.broker.tls_port)}
        self.platform.call("tell_broker", host="localhost", port=self.relays["queue"].port,
                           use_ssl=True)
        self.settings.update(OPENCTI_URL=f"http://localhost:{self.relays['platform'].port}",
                             EMAIL_INTEL_IMAP_PORT=str(self.relays["mailbox"].port),
                             MQ_USE_SSL_CA=SERVERS.pki.ca if self.broker.tls else self.broker_ca())

    def behind_relay(self, port):
        relay = Relay(port).start()
        self.addCleanup(relay.stop)
        return relay

    def broker_ca(self):
        """A shared broker has an authority of its own, beside it."""
        return os.path.join(os.path.dirname(self.broker.directory), "pki", "ca.pem")

    def test_what_has_worked_is_not_judged_wrong(self):
        self.fill(1)
        run = self.start()
        run.until(lambda: len(self.platform.reports()) == 1, "one report")
        cases = [("platform", NO_HTTP), ("platform", NOT_FOUND), ("platform", ELSEWHERE),
                 ("mailbox", NO_TLS), ("queue", NO_TLS)]
        for number, (part, words) in enumerate(cases, 2):
            with self.subTest(part=part, words=words):
                relay = self.relays[part]
                relay.impersonate(words, 1)
                relay.cut()
                self.mailbox.deliver(simple_mail(f"later {number}", int(time.time())))
                run.until(lambda: not relay.strangers_left(), "the stranger was met", 30)
                run.until(lambda: len(self.platform.reports()) == number, "the later mail", 30)
        self.assertEqual(run.events("part.waits_for_person"), [], run.tail())
        self.assertEqual(run.terminate(), 0)

    def test_a_first_try_is_believed_at_the_third_stranger(self):
        self.fill(1)
        for part, words in (("platform", NO_HTTP), ("mailbox", NO_TLS)):
            relay = self.relays[part]
            for times, status in ((BELIEVED, 78), (BELIEVED - 1, 0)):
                with self.subTest(part=part, times=times):
                    relay.impersonate(words, times)
                    run = self.once()
                    self.assertEqual(run.process.returncode, status, run.tail())
                    self.assertEqual(relay.strangers_left(), 0)
                    self.assertEqual(len(run.events("part.waits_for_person")),
                                     1 if status else 0, run.tail())
        self.assertEqual(len(self.imported()), 1)
