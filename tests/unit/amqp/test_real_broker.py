# SPDX-License-Identifier: Apache-2.0
"""The publisher against a private RabbitMQ: what only a real broker can say.

Usage: test_real_broker.py PATH_OF_publish_probe [unittest arguments]. --rate prints messages per
second instead.
"""
import os
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
from servers.pki import PASSPHRASE, Pki  # noqa: E402
from servers.process import wait_until  # noqa: E402
from servers.rabbitmq import Rabbitmq, management_call  # noqa: E402

SKIPPED = 77
PROBE = ""
BROKER = None
RETRY, FATAL = 1, 3
CREDENTIALS, CONFIG, UNREACHABLE = 1, 2, 4


class Probe:
    """The program, command by command."""

    def __init__(self):
        environment = {**os.environ, "EII_PROBE_PASSPHRASE": PASSPHRASE}
        self._process = subprocess.Popen([PROBE], env=environment, text=True, bufsize=1,
                                         stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def tell(self, command):
        self._process.stdin.write(command + "\n")

    def answer(self):
        """Lines up to the command's end; the last is "ok" or "failed ..."."""
        lines = []
        while not lines or lines[-1] != "ok" and not lines[-1].startswith("failed "):
            line = self._process.stdout.readline()
            if not line:
                raise AssertionError(f"the probe died after {lines}")
            lines.append(line.strip())
        return lines

    def ask(self, command):
        self.tell(command)
        return self.answer()

    def end(self):
        self._process.stdin.close()
        self._process.wait(60)
        self._process.stdout.close()


class Handshaker:
    """A server that does one TLS handshake, notes the client's certificate, and hangs up."""

    def __init__(self, pki, certificate):
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(pki.cert(certificate), pki.key(certificate))
        self._context.load_verify_locations(pki.ca)
        self._context.verify_mode = ssl.CERT_OPTIONAL
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.client_subject = None
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self):
        connection, _ = self._listener.accept()
        try:
            with self._context.wrap_socket(connection, server_side=True) as session:
                session.recv(1)
                certificate = session.getpeercert()
                self.client_subject = certificate and dict(certificate["subject"][0])
        except OSError:
            connection.close()

    def end(self):
        self._thread.join(60)
        self._listener.close()


def outcomes(lines):
    return [tuple(line.split()[1:]) for line in lines if line.startswith("outcome ")]


class RealBroker(unittest.TestCase):
    vhosts = 0

    def setUp(self):
        RealBroker.vhosts += 1
        self.vhost = BROKER.new_vhost(f"publisher-{RealBroker.vhosts}")
        self.probe = Probe()
        self.addCleanup(self.probe.end)

    def api(self, method, path, body=None):
        return management_call(BROKER.management_url(), BROKER.user, BROKER.password, method, path,
                               body)

    def queue(self, name, **arguments):
        self.api("PUT", f"queues/{self.vhost}/{name}", {"durable": True, "arguments": arguments})

    def opened(self):
        self.assertEqual(self.probe.ask(self.open_command()), ["ok"])

    def open_command(self, user="guest", password="guest", vhost=None):
        return f"open {BROKER.port} {vhost or self.vhost} {user} {password}"

    def failed(self, line, code, kind):
        word, rc, why, text = line.split(" ", 3)
        self.assertEqual((word, int(rc), int(why)), ("failed", code, kind), line)
        return text

    def test_tells_confirmed_returned_and_nacked_apart(self):
        self.queue("good")
        self.queue("full", **{"x-max-length": 2, "x-overflow": "reject-publish"})
        self.opened()
        for number in range(300):
            key = ("good", "full", "nowhere")[number % 3]
            self.assertEqual(self.probe.ask(f"send {number} 2048 - {key}"), ["ok"])
        told = outcomes(self.probe.ask("settle"))
        by = {result: {int(number) for number, what, _ in told if what == result}
              for result in ("acked", "nacked", "returned")}
        self.assertEqual(len(told), 300)
        self.assertEqual(by["returned"], set(range(2, 300, 3)))
        self.assertEqual(len(by["acked"]), 102)
        self.assertEqual(by["nacked"] | by["acked"], set(range(300)) - by["returned"])
        self.assertEqual(BROKER.count(self.vhost, "good"), 100)
        self.assertEqual(BROKER.count(self.vhost, "full"), 2)

    def test_messages_are_as_pyctis_and_say_when(self):
        self.queue("good")
        self.opened()
        started_s = int(time.time())
        self.probe.ask("send 7 5 - good")
        self.probe.ask("settle")
        got = self.api("POST", f"queues/{self.vhost}/good/get",
                       {"count": 1, "ackmode": "ack_requeue_false", "encoding": "base64"})[0]
        self.assertEqual(got["payload_bytes"], 5)
        published_s = got["properties"].pop("timestamp")
        self.assertTrue(started_s <= published_s <= time.time(), published_s)
        self.assertEqual(got["properties"], {"delivery_mode": 2, "content_encoding": "utf-8",
                                             "message_id": "7"})

    def test_large_bodies_arrive_whole(self):
        self.queue("good")
        self.opened()
        for number, size in enumerate((1, 131064, 131065, 5_000_000)):
            self.assertEqual(self.probe.ask(f"send {number} {size} - good"), ["ok"])
        self.assertEqual(len(outcomes(self.probe.ask("settle"))), 4)
        got = self.api("POST", f"queues/{self.vhost}/good/get",
                       {"count": 4, "ackmode": "ack_requeue_false", "encoding": "base64",
                        "truncate": 1})
        self.assertEqual([message["payload_bytes"] for message in got],
                         [1, 131064, 131065, 5_000_000])

    def test_the_limit_and_one_past_it(self):
        self.queue("good")
        BROKER.set_max_message_size(100_000)
        self.addCleanup(BROKER.set_max_message_size, 134_217_728)
        self.opened()
        self.probe.ask("send 1 100000 - good")
        self.assertEqual(outcomes(self.probe.ask("settle")), [("1", "acked", "0")])
        self.probe.ask("send 2 100001 - good")
        answer = self.probe.ask("settle")
        self.assertEqual(outcomes(answer), [("2", "too-large", "100000")])
        # All is settled, so the loss itself shows at the next use.
        text = self.failed(self.probe.ask("send 3 5 - good")[-1], RETRY, UNREACHABLE) \
            if answer[-1] == "ok" else answer[-1]
        self.assertTrue("MQ_MAX_MESSAGE_BYTES" in text or "was lost" in text, text)
        self.opened()
        self.probe.ask("send 2 99999 - good")
        self.assertEqual(outcomes(self.probe.ask("settle")), [("2", "acked", "0")])

    def test_an_absent_exchange(self):
        self.opened()
        self.probe.ask("send 1 5 amqp.worker.exchange key")
        self.assertEqual(outcomes(self.probe.ask("settle")), [("1", "returned", "0")])

    def test_refused_sign_ins(self):
        text = self.failed(self.probe.ask(self.open_command(password="wrong-word"))[0],
                           FATAL, CREDENTIALS)
        self.assertIn("MQ_PASS", text)
        self.assertNotIn("wrong-word", text)
        text = self.failed(self.probe.ask(self.open_command(vhost="none"))[0], FATAL, CONFIG)
        self.assertIn("MQ_VHOST", text)
        self.api("PUT", "users/stranger", {"password": "x", "tags": ""})
        text = self.failed(self.probe.ask(self.open_command("stranger", "x"))[0],
                           FATAL, CREDENTIALS)
        self.assertIn("rights on this vhost", text)

    def test_an_alarm_blocks_and_ends(self):
        self.queue("good")
        BROKER.memory_alarm_on()
        self.addCleanup(BROKER.memory_alarm_off)
        self.opened()
        self.probe.ask("send 1 5 - good")
        self.assertIn("blocked low on memory", self.probe.ask("blocked 60000"))
        BROKER.memory_alarm_off()
        self.assertEqual(outcomes(self.probe.ask("settle")), [("1", "acked", "0")])
        self.assertEqual(self.probe.ask("send 2 5 - good"), ["ok"])
        self.assertEqual(outcomes(self.probe.ask("settle")), [("2", "acked", "0")])

    def by_tls(self, host="localhost", ca="", verify="yes", cert="-", key="-"):
        self.probe.ask(f"tls {host} {ca or BROKER.tls.ca} {verify} {cert} {key}")

    def tls_command(self, port=None):
        return f"open {port or BROKER.tls_port} {self.vhost} guest guest"

    def test_tls_by_name_and_by_address(self):
        self.queue("good")
        for host in ("localhost", "127.0.0.1"):
            self.by_tls(host)
            self.assertEqual(self.probe.ask(self.tls_command()), ["ok"])
            self.probe.ask("send 1 1000000 - good")
            self.assertEqual(outcomes(self.probe.ask("settle")), [("1", "acked", "0")])

    def test_tls_refuses_bad_certificates_unless_told_not_to(self):
        for certificate, words in (("wrong-host", "mail.example"), ("expired", "expired"),
                                   ("other", "authority"), ("self-signed", "authority")):
            with self.subTest(certificate):
                server = Handshaker(BROKER.tls, certificate)
                self.by_tls()
                text = self.failed(self.probe.ask(self.tls_command(server.port))[0], FATAL, CONFIG)
                server.end()
                self.assertIn(words, text)
                self.assertIn(f"localhost:{server.port}", text)
        self.by_tls(ca=BROKER.tls.other_ca)
        self.failed(self.probe.ask(self.tls_command())[0], FATAL, CONFIG)
        self.by_tls(ca=BROKER.tls.other_ca, verify="no")
        self.assertEqual(self.probe.ask(self.tls_command()), ["ok"])

    def test_tls_shows_a_client_certificate(self):
        pki = BROKER.tls
        for key in ("client", "client-locked"):
            server = Handshaker(pki, "good")
            self.by_tls(cert=pki.cert("client"), key=pki.key(key))
            self.failed(self.probe.ask(self.tls_command(server.port))[0], RETRY, UNREACHABLE)
            server.end()
            self.assertEqual(server.client_subject, {"commonName": "connector"})

    def test_tls_and_plain_do_not_mix(self):
        self.by_tls()
        text = self.failed(self.probe.ask(self.tls_command(BROKER.port))[0], FATAL, CONFIG)
        self.assertIn("does not speak TLS", text)
        plain = Probe()
        self.addCleanup(plain.end)
        self.failed(plain.ask(self.tls_command(BROKER.tls_port))[0], RETRY, UNREACHABLE)

    def test_a_frozen_broker_is_given_up(self):
        self.queue("good")
        self.probe.ask("heartbeat 2")
        self.opened()
        BROKER.freeze()
        self.addCleanup(BROKER.thaw)
        self.probe.ask("send 1 5 - good")
        answer = self.probe.ask("settle")
        # For its silence, not because the probe's own patience was over.
        self.assertIn("eartbeat", self.failed(answer[-1], RETRY, UNREACHABLE))

    def queue_is_back(self):
        try:
            return BROKER.count(self.vhost, "good") is not None
        except OSError:
            return False

    def test_zz_a_killed_broker(self):
        self.queue("good")
        BROKER.sync_definitions()
        self.opened()
        BROKER.kill()
        self.failed(self.probe.ask("send 1 5 - good")[0], RETRY, UNREACHABLE)
        self.failed(self.probe.ask(self.open_command())[0], RETRY, UNREACHABLE)
        BROKER.again()
        # It listens before it has all its queues back.
        wait_until(self.queue_is_back, "the queue is back", 120)
        self.opened()
        self.probe.ask("send 1 5 - good")
        self.assertEqual(outcomes(self.probe.ask("settle")), [("1", "acked", "0")])


def print_rates():
    vhost = BROKER.new_vhost("rate")
    management_call(BROKER.management_url(), BROKER.user, BROKER.password, "PUT",
                    f"queues/{vhost}/good", {"durable": True, "arguments": {}})
    for n, size, window in ((20000, 2048, 100), (20000, 2048, 1000), (5000, 51200, 100),
                            (200, 5_000_000, 6)):
        probe = Probe()
        probe.ask(f"open {BROKER.port} {vhost} guest guest")
        print(size, "bytes, window", window, probe.ask(f"rate {n} {size} {window} good"))
        probe.end()
        BROKER.purge(vhost, "good")


def main():
    global PROBE, BROKER
    PROBE = sys.argv.pop(1)
    if not shutil.which("rabbitmq-server", path=os.environ.get("PATH", "") + ":/usr/sbin"):
        print("skipped: rabbitmq-server is not installed")
        sys.exit(SKIPPED)
    with tempfile.TemporaryDirectory(prefix="eii-broker-") as directory:
        pki = Pki(os.path.join(directory, "pki")).make()
        BROKER = Rabbitmq(os.path.join(directory, "broker"), tls=pki).start()
        try:
            if "--rate" in sys.argv:
                print_rates()
            else:
                unittest.main(verbosity=2)
        finally:
            BROKER.discard()


if __name__ == "__main__":
    main()
