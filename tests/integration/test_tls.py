# SPDX-License-Identifier: Apache-2.0
"""Every connection is verified: authority, name and dates, unless that is turned off."""
import os
import socket
import ssl
import threading

from servers.dovecot import Dovecot
from servers.web import HttpServer, json_answer

from .support import SERVERS, ConnectorTest

# Certificate -> a word that the error must hold.
BAD = {"wrong-host": "host", "expired": "expired", "other": "certificate",
       "self-signed": "certificate"}


class Imap(ConnectorTest):
    def setUp(self):
        super().setUp()
        self.own = Dovecot(SERVERS.new_path("dovecot"), SERVERS.pki,
                           users={self.user: "secret"}).start()
        self.addCleanup(self.own.kill)
        self.dovecot, self.mailbox = self.own, self.own.mailbox(self.user)
        self.settings["EMAIL_INTEL_IMAP_PORT"] = str(self.own.tls_port)

    def test_bad_certificates_are_refused_before_the_password_goes_out(self):
        self.fill(1)
        for name, word in BAD.items():
            for mode in ("implicit", "starttls"):
                with self.subTest(certificate=name, mode=mode):
                    self.own.use_certificate(name)
                    port = self.own.tls_port if mode == "implicit" else self.own.port
                    run = self.check(EMAIL_INTEL_IMAP_TLS=mode,
                                     EMAIL_INTEL_IMAP_PORT=port)
                    self.assertNotEqual(run.process.returncode, 0, run.tail())
                    self.assertIn(word, (run.out + run.err).lower())
        self.assertNotIn(f"Login: user=<{self.user}>", self.own.log())

    def test_a_wrong_authority_is_refused(self):
        run = self.check(EMAIL_INTEL_IMAP_TLS_CA=SERVERS.pki.other_ca)
        self.assertNotEqual(run.process.returncode, 0, run.tail())
        self.assertNotIn(f"Login: user=<{self.user}>", self.own.log())

    def test_starttls_works_and_plain_only_when_asked_for(self):
        self.fill(1)
        self.once_ok(EMAIL_INTEL_IMAP_TLS="starttls", EMAIL_INTEL_IMAP_PORT=self.own.port)
        self.assertEqual(len(self.imported()), 1)
        self.once_ok(EMAIL_INTEL_IMAP_TLS="none", EMAIL_INTEL_IMAP_PORT=self.own.port)

    def test_names_by_address_count(self):
        self.fill(1)
        self.once_ok(EMAIL_INTEL_IMAP_HOST="127.0.0.1")

    def test_verification_can_be_turned_off_and_that_is_said_aloud(self):
        self.fill(1)
        self.own.use_certificate("expired")
        run = self.once_ok(EMAIL_INTEL_IMAP_TLS_VERIFY="false")
        self.assertTrue([line for line in run.log if line["level"] == "ERROR"
                         and "verif" in line["message"].lower()], run.tail())

    def test_old_tls_is_refused(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
        context.load_cert_chain(SERVERS.pki.cert("good"), SERVERS.pki.key("good"))
        refusals = []
        listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(listener.close)

        def serve():
            while True:
                try:
                    context.wrap_socket(listener.accept()[0], server_side=True)
                    refusals.append(None)
                except ssl.SSLError as error:
                    refusals.append(error)
                except OSError:
                    return

        threading.Thread(target=serve, daemon=True).start()
        run = self.check(EMAIL_INTEL_IMAP_PORT=listener.getsockname()[1])
        self.assertNotEqual(run.process.returncode, 0, run.tail())
        self.assertTrue(refusals)
        self.assertNotIn(None, refusals)


class Platform(ConnectorTest):
    def secured(self, name):
        pki = SERVERS.pki
        return self.start_platform("https", tls=[pki.cert(name), pki.key(name)])

    def test_bad_certificates_are_refused_before_the_token_goes_out(self):
        self.fill(1)
        for name in BAD:
            with self.subTest(certificate=name):
                platform = self.secured(name)
                run = self.check(OPENCTI_URL=platform.url,
                                HTTPS_CA_CERTIFICATES=SERVERS.pki.ca)
                self.assertNotEqual(run.process.returncode, 0, run.tail())
                self.assertIn("certificate", (run.out + run.err).lower())
                self.assertEqual(platform.seen()["headers"], {})

    def test_the_test_authority_is_trusted_when_named(self):
        self.fill(1)
        self.platform = self.secured("good")
        self.once_ok(OPENCTI_URL=self.platform.url, HTTPS_CA_CERTIFICATES=SERVERS.pki.ca)
        self.assertEqual(len(self.imported()), 1)
        self.once_ok(OPENCTI_URL=self.platform.url, OPENCTI_SSL_VERIFY=SERVERS.pki.ca)

    def test_verification_can_be_turned_off(self):
        self.fill(1)
        self.platform = self.secured("expired")
        run = self.once_ok(OPENCTI_URL=self.platform.url, OPENCTI_SSL_VERIFY="false")
        self.assertTrue([line for line in run.log if line["level"] == "ERROR"], run.tail())


class Broker(ConnectorTest):
    def test_tls_with_the_test_authority(self):
        self.fill(1)
        self.platform.call("tell_broker", host="localhost", port=self.broker.tls_port,
                           use_ssl=True)
        self.once_ok(MQ_USE_SSL_CA=SERVERS.pki.ca if self.broker.tls else self.broker_ca())
        self.assertEqual(len(self.imported()), 1)

    def broker_ca(self):
        """A shared broker has an authority of its own, beside it."""
        return os.path.join(os.path.dirname(self.broker.directory), "pki", "ca.pem")

    def test_bad_certificates_are_refused(self):
        self.fill(1)
        for name in BAD:
            with self.subTest(certificate=name):
                pki = SERVERS.pki
                server = HttpServer(lambda *_: json_answer({}), idle_s=2,
                                    tls=(pki.cert(name), pki.key(name))).start()
                self.addCleanup(server.stop)
                self.platform.call("tell_broker", host="localhost", port=server.port,
                                   use_ssl=True)
                run = self.start("--once", MQ_USE_SSL_CA=pki.ca)
                run.until(lambda: "certificate" in run.err.lower() or "TLS" in run.err,
                          "the certificate is complained of", 90)
                run.kill()
                self.assertEqual(server.connections, 0)
        self.assertEqual(self.platform.messages(), [])
