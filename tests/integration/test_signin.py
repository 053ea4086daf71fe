# SPDX-License-Identifier: Apache-2.0
"""Signing in to the mail server: passwords of every kind, and Google's tokens."""
import json
import os
import resource
import signal
import socket
import time

from servers.dovecot import Dovecot
from servers.process import read_text
from servers.relay import Relay
from servers.token_endpoint import TokenEndpoint

from .support import SERVERS, ConnectorTest, simple_mail

PASSWORDS = ['with "quotes" and \\backslash\\', "semi;colon # hash", " blanks at both ends ",
             "\u00fcml\u00e4ut \u8105\u5a01", "x" * 200, "{5}literal", "%u ${HOME} $(id)"]


def own_address():
    """One at which others would reach this machine, None where there is none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing
        except OSError:
            return None
        address = probe.getsockname()[0]
    return None if address.startswith("127.") else address


class Passwords(ConnectorTest):
    def test_any_password(self):
        users = {f"p{number}@corp.example": password for number, password in enumerate(PASSWORDS)}
        own = Dovecot(SERVERS.new_path("dovecot"), SERVERS.pki, users=users).start()
        self.addCleanup(own.kill)
        for user, password in users.items():
            with self.subTest(password=password):
                own.mailbox(user).fill([])
                self.check_ok(EMAIL_INTEL_IMAP_PORT=own.tls_port,
                              EMAIL_INTEL_IMAP_USERNAME=user, EMAIL_INTEL_IMAP_PASSWORD=password)

    def test_each_mechanism_for_a_password(self):
        for mechanism in ("auto", "plain", "login", "scram-sha-256"):
            with self.subTest(mechanism=mechanism):
                self.check_ok(EMAIL_INTEL_IMAP_SASL=mechanism)
        run = self.check(EMAIL_INTEL_IMAP_SASL="scram-sha-256",
                         EMAIL_INTEL_IMAP_PASSWORD="not-the-password")
        self.assertEqual(run.process.returncode, 77, run.tail())

    def test_without_tls_a_password_is_not_shown(self):
        host = own_address()
        if not host:
            self.skipTest("this machine has no address but its own to itself")
        relay = Relay(self.dovecot.port, host=host).start()
        self.addCleanup(relay.stop)
        self.check_ok(EMAIL_INTEL_IMAP_TLS="none", EMAIL_INTEL_IMAP_HOST=host,
                      EMAIL_INTEL_IMAP_PORT=relay.port)
        self.assertGreater(relay.sent, 0)
        self.assertIn("SCRAM-SHA-256", self.dovecot.log())

    def test_a_password_from_a_file_loses_one_line_end(self):
        self.fill(1)
        path = os.path.join(self.directory, "password")
        with open(path, "w", encoding="utf-8") as file:
            file.write("secret\n")
        self.once_ok(EMAIL_INTEL_IMAP_PASSWORD=None, EMAIL_INTEL_IMAP_PASSWORD_FILE=path)
        self.assertEqual(len(self.imported()), 1)

    def test_a_wrong_password_ends_it_with_77_and_is_not_shown(self):
        run = self.once(EMAIL_INTEL_IMAP_PASSWORD="not-the-password")
        self.assertEqual(run.process.returncode, 77, run.tail())
        self.assertNotIn("not-the-password", run.out + run.err)

    def test_a_password_that_stops_working_is_waited_for(self):
        self.fill(1)
        run = self.start()
        run.until(lambda: self.platform.reports(), "one report")
        self.dovecot.add_user(self.user, "changed")
        self.dovecot.kill_sessions()
        self.mailbox.deliver(simple_mail("later", int(time.time())))
        run.until(lambda: any("sign-in" in line["attributes"].get("reason", "")
                              for line in run.log if line["level"] == "ERROR"),
                  "the refusal is told", 60)
        self.assertTrue(run.running())
        self.dovecot.add_user(self.user, "secret")
        run.process.send_signal(signal.SIGHUP)
        run.until(lambda: len(self.platform.reports()) == 2, "the later mail", 60)
        self.assertEqual(run.terminate(), 0)

    def test_password_and_token_together_or_neither_are_refused(self):
        for settings in ({"EMAIL_INTEL_IMAP_GOOGLE_TOKEN_JSON": "{}"},
                         {"EMAIL_INTEL_IMAP_PASSWORD": None}):
            run = self.once(**settings)
            self.assertEqual(run.process.returncode, 78, run.tail())


class Google(ConnectorTest):
    def setUp(self):
        super().setUp()
        pki = SERVERS.pki
        self.endpoint = TokenEndpoint(users=[self.user],
                                      tls=(pki.cert("good"), pki.key("good"))).start()
        self.addCleanup(self.endpoint.stop)
        self.dovecot = Dovecot(SERVERS.new_path("dovecot"), pki, users={"nobody": "x"},
                               oauth_url=self.endpoint.introspection_url).start()
        self.addCleanup(self.dovecot.kill)
        self.mailbox = self.dovecot.mailbox(self.user)
        self.settings.update(
            EMAIL_INTEL_IMAP_PORT=str(self.dovecot.tls_port), EMAIL_INTEL_IMAP_PASSWORD=None,
            EMAIL_INTEL_IMAP_GOOGLE_TOKEN_JSON=json.dumps(self.endpoint.credentials(self.user)),
            HTTPS_CA_CERTIFICATES=pki.ca)

    def test_a_refresh_token_opens_the_mailbox(self):
        names = self.fill(2)
        self.once_ok()
        self.assertEqual(sorted(self.imported()), names)
        self.assertEqual(self.endpoint.requests[0]["grant_type"], "refresh_token")

    def test_an_expired_token_is_refreshed_in_the_daemon(self):
        self.outlive_a_token()

    def test_a_permission_taken_back_ends_it_with_77(self):
        self.endpoint.fail_next(400, "invalid_grant", times=100)
        run = self.once()
        self.assertEqual(run.process.returncode, 77, run.tail())
        self.assertIn("invalid_grant", run.err)
        for secret in (self.endpoint.refresh_tokens[self.user], "client-secret"):
            self.assertNotIn(secret, run.err)

    def test_a_failing_endpoint_is_tried_again(self):
        self.fill(1)
        self.endpoint.fail_next(500, "server_error", times=2)
        self.once_ok()
        self.assertEqual(len(self.imported()), 1)


class Secrecy(ConnectorTest):
    def test_an_abort_leaves_no_core_file(self):
        resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY, ) * 2)
        self.addCleanup(resource.setrlimit, resource.RLIMIT_CORE, (0, resource.RLIM_INFINITY))
        self.fill(1)
        run = self.start()
        run.until(lambda: self.platform.reports(), "one report")
        status = read_text(f"/proc/{run.process.pid}/limits")
        self.assertRegex(status, r"Max core file size +0 +0 ")
        run.signal(signal.SIGABRT)
        run.wait()
        self.assertEqual([name for name in os.listdir(self.directory) if "core" in name], [])
