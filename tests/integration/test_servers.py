# SPDX-License-Identifier: Apache-2.0
"""The private servers start, misbehave on demand and end."""
import imaplib
import json
import os
import ssl
import subprocess
import sys
import time
import unittest
import unittest.mock
import urllib.error
import urllib.parse
import urllib.request

import pika
import pika.exceptions

from servers.dovecot import Dovecot
from servers.mailbox import modified_utf7
from servers.process import alive, children_of, read_text, wait_until
from servers.rabbitmq import Rabbitmq
from servers.relay import Relay
from servers.token_endpoint import TokenEndpoint

from .support import SERVERS, simple_mail


def trusting(pki):
    return ssl.create_default_context(cafile=pki.ca)


class Processes(unittest.TestCase):
    """A process may end at any instant, also while somebody looks at it."""

    @staticmethod
    def sleeper():
        return subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])

    def ending_between(self, child, call):
        """What call gives when the child ends behind each file of it that is opened."""
        def open_and_end(*arguments, **keywords):
            file = open(*arguments, **keywords)
            child.kill()
            child.wait(10)
            return file
        with unittest.mock.patch("servers.process.open", open_and_end, create=True):
            return call()

    def test_one_that_ends_between_open_and_read_reads_as_nothing(self):
        for call, nothing in ((lambda pid: read_text(f"/proc/{pid}/stat"), ""),
                              (lambda pid: read_text(f"/proc/{pid}/stat", "gone"), "gone"),
                              (alive, False), (children_of, [])):
            with self.subTest(call=call):
                child = self.sleeper()
                self.addCleanup(child.kill)
                self.assertEqual(self.ending_between(child, lambda: call(child.pid)), nothing)
                self.assertEqual(call(child.pid), nothing, "nor afterwards")

    def test_children_are_those_of_all_threads(self):
        before = set(children_of(os.getpid()))
        child = self.sleeper()
        self.addCleanup(child.wait, 10)
        self.addCleanup(child.kill)
        self.assertIn(child.pid, set(children_of(os.getpid())) - before)


class Certificates(unittest.TestCase):
    def test_each_server_certificate_is_good_or_bad_as_named(self):
        server = Dovecot(SERVERS.new_path("dovecot"), SERVERS.pki).start()
        self.addCleanup(server.kill)
        reasons = {"good": None, "wrong-host": "Hostname mismatch", "expired": "has expired",
                   "other": "unable to get local issuer", "self-signed": "self-signed"}
        for name, reason in reasons.items():
            with self.subTest(certificate=name):
                server.use_certificate(name)
                if reason is None:
                    self.connect(server).logout()
                    continue
                with self.assertRaisesRegex(ssl.SSLCertVerificationError, reason):
                    self.connect(server)

    @staticmethod
    def connect(server):
        return imaplib.IMAP4_SSL("localhost", server.tls_port,
                                 ssl_context=trusting(SERVERS.pki))


class Mailboxes(unittest.TestCase):
    def setUp(self):
        self.server = Dovecot(SERVERS.new_path("dovecot"), SERVERS.pki,
                              users={"analyst": 'a"b\\c \u00fc:%'}).start()
        self.addCleanup(self.server.kill)
        self.mailbox = self.server.mailbox("analyst")

    def session(self):
        session = imaplib.IMAP4("127.0.0.1", self.server.port)
        session.starttls(trusting(SERVERS.pki))
        secret = self.server.users["analyst"].encode()
        session.authenticate("PLAIN", lambda _: b"\0analyst\0" + secret)
        return session

    def test_uid_and_date_are_those_given(self):
        uids = self.mailbox.fill([(simple_mail("a", 1_700_000_000), 1_700_000_000),
                                  (simple_mail("b", 0), 1_600_000_000)])
        self.assertEqual(uids, [1, 2])
        session = self.session()
        session.select("INBOX", readonly=True)
        self.assertEqual(session.response("UIDVALIDITY")[1], [b"1700000000"])
        answer = session.uid("FETCH", "2", "(INTERNALDATE)")[1]
        self.assertIn(b'INTERNALDATE "13-Sep-2020 12:26:40 +0000"', answer[0])
        self.assertEqual(self.server.flags("analyst"), {1: "", 2: ""})

    def test_a_delivered_mail_appears_and_an_expunged_one_goes(self):
        self.mailbox.fill([(simple_mail("a", 1_700_000_000), None)] * 2)
        session = self.session()
        session.select("INBOX", readonly=True)
        self.mailbox.deliver(simple_mail("new", 1_700_000_000))
        self.mailbox.expunge(1)
        self.assertIn(3, self.server.flags("analyst"))
        self.assertNotIn(1, self.server.flags("analyst"))

    def test_uidvalidity_changes(self):
        self.mailbox.fill([(simple_mail("a", 1_700_000_000), None)])
        self.session().select("INBOX", readonly=True)
        self.server.kill()
        self.mailbox.change_uidvalidity(1_800_000_000, first_uid=50)
        self.server.again()
        session = self.session()
        session.select("INBOX", readonly=True)
        self.assertEqual(session.response("UIDVALIDITY")[1], [b"1800000000"])
        self.assertEqual(list(self.server.flags("analyst")), [50])

    def test_folder_names_of_any_language(self):
        folder = "\u00dcberwachung/\u8105\u5a01 & Co"
        self.server.mailbox("analyst", folder).add(simple_mail("a", 1_700_000_000))
        self.assertEqual(modified_utf7(folder), "&ANw-berwachung/&gQVaAQ- &- Co")
        self.assertEqual(self.session().select(f'"{modified_utf7(folder)}"', readonly=True)[1],
                         [b"1"])

    def test_sdbox_holds_the_same_mails(self):
        server = Dovecot(SERVERS.new_path("dovecot"), SERVERS.pki, storage="sdbox").start()
        self.addCleanup(server.kill)
        server.mailbox("analyst").fill([(simple_mail("a", 1_700_000_000), 1_700_000_000)] * 3)
        server.convert("analyst")
        self.assertEqual(sorted(server.flags("analyst")), [1, 2, 3])

    def test_sessions_die_while_the_server_stays(self):
        self.mailbox.fill([(simple_mail("a", 1_700_000_000), None)])
        session = self.session()
        session.select("INBOX", readonly=True)
        self.assertEqual(self.server.kill_sessions(), 1)
        with self.assertRaises(imaplib.IMAP4.abort):
            session.noop()
        self.session().logout()


class SignIn(unittest.TestCase):
    def test_access_tokens_open_the_mailbox_until_they_expire(self):
        endpoint = TokenEndpoint(users=["analyst"]).start()
        self.addCleanup(endpoint.stop)
        server = Dovecot(SERVERS.new_path("dovecot"), SERVERS.pki,
                         oauth_url=endpoint.introspection_url).start()
        self.addCleanup(server.kill)
        token = self.grant(endpoint)["access_token"]
        self.sign_in(server, token)
        endpoint.expire_all()
        with self.assertRaises(imaplib.IMAP4.error):
            self.sign_in(server, token)

    def test_errors_on_demand(self):
        endpoint = TokenEndpoint(users=["analyst"]).start()
        self.addCleanup(endpoint.stop)
        endpoint.fail_next(400, "invalid_grant")
        with self.assertRaises(urllib.error.HTTPError) as caught:
            self.grant(endpoint)
        self.assertEqual(json.load(caught.exception)["error"], "invalid_grant")
        self.assertIn("access_token", self.grant(endpoint))

    @staticmethod
    def grant(endpoint):
        given = endpoint.credentials("analyst")
        form = {name: given[name] for name in ("client_id", "client_secret", "refresh_token")}
        body = urllib.parse.urlencode({"grant_type": "refresh_token", **form}).encode()
        with urllib.request.urlopen(given["token_uri"], body, timeout=10) as answer:
            return json.load(answer)

    @staticmethod
    def sign_in(server, token):
        session = imaplib.IMAP4("127.0.0.1", server.port)
        answers = [f"user=analyst\1auth=Bearer {token}\1\1".encode(), b""]
        session.authenticate("XOAUTH2", lambda _: answers.pop(0))
        return session


class Distance(unittest.TestCase):
    def test_the_relay_delays_counts_and_cuts(self):
        relay = Relay(SERVERS.dovecot.port, delay_s=0.05).start()
        self.addCleanup(relay.stop)
        session = imaplib.IMAP4("127.0.0.1", relay.port)
        start = time.monotonic()
        session.noop()
        self.assertGreaterEqual(time.monotonic() - start, 0.1)
        self.assertEqual(relay.connections, 1)
        self.assertGreater(relay.received, 50)
        relay.cut_after(5)
        with self.assertRaises((imaplib.IMAP4.abort, OSError)):
            session.noop()


class Broker(unittest.TestCase):
    """One of its own: limits and kills are not for a shared broker."""

    @classmethod
    def setUpClass(cls):
        cls.broker = Rabbitmq(SERVERS.new_path("rabbitmq"), tls=SERVERS.pki).start()
        cls.addClassCleanup(cls.broker.discard)
        cls.broker.new_vhost("t/1")

    def channel(self, **settings):
        connection = pika.BlockingConnection(pika.ConnectionParameters(
            "127.0.0.1", settings.pop("port", self.broker.port), "t/1", **settings))
        channel = connection.channel()
        channel.confirm_delivery()
        channel.queue_declare("q", durable=True)
        return channel

    def publish(self, channel, body=b"x"):
        channel.basic_publish("", "q", body, pika.BasicProperties(delivery_mode=2),
                              mandatory=True)

    def test_counts_and_purges(self):
        channel = self.channel()
        self.broker.purge("t/1", "q")
        self.publish(channel)
        self.assertEqual(self.broker.count("t/1", "q"), 1)
        self.broker.purge("t/1", "q")
        self.assertEqual(self.broker.count("t/1", "q"), 0)
        self.assertIsNone(self.broker.count("t/1", "none"))

    def test_tls_with_the_test_authority(self):
        options = pika.SSLOptions(trusting(SERVERS.pki), "localhost")
        self.publish(self.channel(port=self.broker.tls_port, ssl_options=options))

    def test_a_limited_queue_nacks(self):
        channel = self.channel()
        self.broker.purge("t/1", "q")
        self.broker.limit_queue("t/1", "^q$", 2)
        self.addCleanup(self.broker.unlimit_queue, "t/1")
        def refused():
            try:
                self.publish(channel)
            except pika.exceptions.NackError:
                return True
            return False
        wait_until(refused, "the queue is full", 10)

    def test_a_message_at_the_limit_passes_and_one_past_it_does_not(self):
        self.broker.set_max_message_size(100_000)
        self.addCleanup(self.broker.set_max_message_size, 134_217_728)
        self.broker.purge("t/1", "q")
        channel = self.channel()
        self.publish(channel, b"x" * 100_000)
        with self.assertRaises(pika.exceptions.ChannelClosedByBroker) as caught:
            self.publish(channel, b"x" * 100_001)
        self.assertEqual(caught.exception.reply_code, 406)

    def test_what_was_confirmed_survives_a_kill(self):
        channel = self.channel()
        self.broker.purge("t/1", "q")
        self.publish(channel)
        self.broker.kill()
        self.broker.again()
        self.assertEqual(self.broker.count("t/1", "q"), 1)
