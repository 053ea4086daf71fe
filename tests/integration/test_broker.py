# SPDX-License-Identifier: Apache-2.0
"""The broker nacks, refuses, blocks, loses the queue, dies: no report is lost or doubled."""
import base64
import os
import time

from servers.pki import PASSPHRASE
from servers.process import wait_until
from servers.rabbitmq import Rabbitmq
from servers.relay import Relay

from .support import RUN_TIMEOUT_S, SERVERS, ConnectorTest, simple_mail

DEFAULT_MAX_MESSAGE = 134_217_728


class Queue(ConnectorTest):
    """On the shared broker: what concerns one virtual host."""

    def test_a_lost_queue_before_a_run(self):
        names = self.fill(3)
        self.once_ok()
        self.imported()
        self.broker.delete_queue(self.vhost, self.push_queue())
        self.mailbox.add(simple_mail("after", int(time.time())), time.time())
        self.once_ok()
        self.imported()
        self.assertEqual(self.platform.report_names(), names + ["after"])

    def test_a_queue_lost_in_mid_run_with_what_was_in_it(self):
        names = self.fill(60, size=20_000)
        relay = Relay(self.broker.port).start()
        self.addCleanup(relay.stop)
        self.platform.call("tell_broker", port=relay.port)
        self.know_author()
        self.platform.worker("off")
        relay.when_sent(600_000, lambda: self.broker.delete_queue(self.vhost, self.push_queue()))
        self.once_ok()
        self.platform.worker("running")
        self.imported()
        self.assertEqual(self.platform.report_names(), names)

    def know_author(self):
        """A platform that has author and marking already, so that reports do not wait."""
        mailbox = self.dovecot.mailbox(self.user, "Other")
        mailbox.add(simple_mail("first", int(time.time())), time.time())
        self.once_ok(EMAIL_INTEL_IMAP_MAILBOX="Other")
        self.imported()
        self.platform.forget_reports()

    def test_nacked_mails_go_again(self):
        names = self.fill(12)
        self.know_author()
        self.platform.worker("off")
        self.broker.limit_queue(self.vhost, "^push_", 5)
        run = self.start("--once")
        run.until(lambda: run.events("amqp.nacked"), "the full queue refuses")
        self.broker.unlimit_queue(self.vhost)
        self.platform.worker("running")
        self.assertEqual(run.wait(), 0, run.tail())
        self.imported()
        self.assertEqual(self.platform.report_names(), names)

    def test_a_cut_connection_loses_and_doubles_nothing(self):
        names = self.fill(60, size=20_000)
        relay = Relay(self.broker.port).start()
        self.addCleanup(relay.stop)
        self.platform.call("tell_broker", port=relay.port)
        relay.when_sent(500_000, relay.cut)
        self.once_ok()
        self.imported()
        self.assertEqual(self.platform.report_names(), names)
        self.assertGreaterEqual(relay.connections, 2)

    def test_a_wrong_password_of_the_broker(self):
        self.fill(1)
        run = self.once(MQ_PASS="wrong")
        self.assertIn(run.process.returncode, (75, 77), run.tail())
        self.assertEqual(self.platform.messages(), [])

    def test_settings_override_what_the_platform_tells(self):
        self.fill(1)
        self.platform.call("tell_broker", host="rabbitmq.invalid", port=1, vhost="/x",
                           user="u", **{"pass": "p"})
        self.once_ok(MQ_HOST="127.0.0.1", MQ_PORT=self.broker.port, MQ_VHOST=self.vhost,
                     MQ_USER="guest", MQ_PASS="guest", MQ_USE_SSL="false")
        self.assertEqual(len(self.imported()), 1)


class WholeBroker(ConnectorTest):
    """Limits, alarms and kills: a broker of its own."""

    @classmethod
    def setUpClass(cls):
        cls.own = Rabbitmq(SERVERS.new_path("rabbitmq"), tls=SERVERS.pki,
                           client_cert=True).start()
        cls.addClassCleanup(cls.own.discard)

    def choose_broker(self):
        return self.own

    def test_a_killed_broker_comes_back(self):
        names = self.fill(60, size=20_000)
        relay = Relay(self.broker.port).start()
        self.addCleanup(relay.stop)
        self.platform.call("tell_broker", port=relay.port)
        self.broker.sync_definitions()
        relay.when_sent(500_000, self.broker.kill)
        run = self.start()
        wait_until(lambda: self.broker.pid is None, "the broker is killed", RUN_TIMEOUT_S)
        self.broker.again()
        run.until(lambda: len(self.platform.reports()) == 60, "all reports")
        self.assertEqual(self.platform.report_names(), names)
        self.assertEqual(run.terminate(), 0)

    def test_a_report_over_the_limit_goes_without_its_largest_file(self):
        self.broker.set_max_message_size(400_000)
        self.addCleanup(self.broker.set_max_message_size, DEFAULT_MAX_MESSAGE)
        self.mailbox.add(with_files({"small.pdf": b"%PDF-1.4 small", "big.pdf": b"%PDF" * 100_000}),
                         time.time())
        self.mailbox.add(simple_mail("beside", int(time.time())), time.time())
        run = self.once_ok()
        reports = self.imported()
        self.assertEqual(sorted(reports), ["beside", "with files"])
        self.assertEqual(list(reports["with files"]["files"]), ["small.pdf"])
        self.assertIn("big.pdf", reports["with files"]["description"].replace("\\", ""))
        self.assertIn("MQ_MAX_MESSAGE_BYTES", run.err)

    def test_a_file_over_9_mb_goes_as_far_as_the_broker_takes_it(self):
        """By default all that OpenCTI's own broker takes; less where one says that it takes less."""
        large, small = b"%PDF" * 2_600_000, b"%PDF-1.4 small"
        files = {"small.pdf": small, "large.pdf": large}
        self.mailbox.add(with_files(files), time.time())
        run = self.once_ok()
        self.assertEqual(run.events("amqp.too_large"), [])
        self.assertEqual(sorted(self.imported()["with files"]["files"]), sorted(files))
        self.broker.set_max_message_size(16 << 20)
        self.addCleanup(self.broker.set_max_message_size, DEFAULT_MAX_MESSAGE)
        self.platform.forget_reports()
        self.mailbox.add(with_files(files).replace(b"<files@", b"<later@"), time.time())
        run = self.once_ok()
        self.assertEqual(len(run.events("amqp.too_large")), 1, run.tail())
        self.assertEqual(list(self.imported()["with files"]["files"]), ["small.pdf"])

    def test_client_certificates_with_and_without_passphrase(self):
        names = self.fill(2)
        pki = SERVERS.pki
        self.platform.call("tell_broker", host="localhost", port=self.broker.tls_port,
                           use_ssl=True)
        self.settings["MQ_USE_SSL_CA"] = pki.ca
        run = self.start("--once")
        run.until(lambda: "TLS" in run.err or "SSL" in run.err, "the refusal is told")
        run.kill()
        self.assertEqual(self.platform.reports(), [])
        self.settings["MQ_USE_SSL_CERT"] = pki.cert("client")
        self.once_ok(MQ_USE_SSL_KEY=pki.key("client"))
        self.assertEqual(sorted(self.imported()), names)
        self.mailbox.add(simple_mail("locked", int(time.time())), time.time())
        self.once_ok(MQ_USE_SSL_KEY=pki.key("client-locked"), MQ_USE_SSL_PASSPHRASE=PASSPHRASE)
        self.assertIn("locked", self.imported())

    def test_a_memory_alarm_delays_only(self):
        names = self.fill(3)
        self.broker.memory_alarm_on()
        try:
            run = self.start("--once")
            run.until(lambda: self.platform.calls("registerConnector"), "registration")
            self.assertEqual(self.platform.reports(), [])
        finally:
            self.broker.memory_alarm_off()
        self.assertEqual(run.wait(), 0, run.tail())
        self.assertEqual(sorted(self.imported()), names)

    def test_a_frozen_broker_does_not_hold_up_the_end(self):
        self.fill(3)
        run = self.start()
        run.until(lambda: len(self.platform.reports()) == 3, "three reports")
        self.broker.freeze()
        try:
            self.mailbox.deliver(simple_mail("later", int(time.time())))
            self.assert_stops(run)
        finally:
            self.broker.thaw()


def with_files(files):
    parts = ["--x\r\nContent-Type: text/plain\r\n\r\ntext\r\n"]
    for name, data in files.items():
        coded = base64.encodebytes(data).decode().replace("\n", "\r\n")
        parts.append(f"--x\r\nContent-Type: application/pdf; name={name}\r\n"
                     f"Content-Disposition: attachment; filename={name}\r\n"
                     f"Content-Transfer-Encoding: base64\r\n\r\n{coded}")
    head = ("From: a@b.example\r\nSubject: with files\r\nMIME-Version: 1.0\r\n"
            "Date: Mon, 02 Mar 2026 08:00:00 +0000\r\nMessage-ID: <files@b.example>\r\n"
            "Content-Type: multipart/mixed; boundary=x\r\n\r\n")
    return (head + "".join(parts) + "--x--\r\n").encode()
