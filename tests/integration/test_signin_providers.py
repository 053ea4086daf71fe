# SPDX-License-Identifier: Apache-2.0
"""Signing in as Microsoft 365 and Google have it, by client certificate, and through proxies."""
import json
import os
import unittest

from servers import proxies
from servers.dovecot import Dovecot
from servers.name_proxy import NameProxy
from servers.providers import APP, APP_SECRET, TENANT, Providers
from servers.relay import Relay

from .support import SERVERS, ConnectorTest

FEDERATED = "header.of-the-workload.signature"
ACCOUNT = "box@project.iam.gserviceaccount.com"


class ProviderTest(ConnectorTest):
    """The providers' endpoints under their own names, behind HTTPS_PROXY."""

    federated = None

    def setUp(self):
        super().setUp()
        pki = SERVERS.pki
        self.endpoint = Providers(self.user, (pki.cert("providers"), pki.key("providers")),
                                  pki.path("app.pub"), self.federated).start()
        self.addCleanup(self.endpoint.stop)
        self.names = NameProxy(self.endpoint.port).start()
        self.addCleanup(self.names.stop)
        self.dovecot = Dovecot(SERVERS.new_path("dovecot"), pki, users={"nobody": "x"},
                               oauth_url=self.endpoint.introspection_url).start()
        self.addCleanup(self.dovecot.kill)
        self.mailbox = self.dovecot.mailbox(self.user)
        self.settings.update(
            EMAIL_INTEL_IMAP_PORT=str(self.dovecot.tls_port), EMAIL_INTEL_IMAP_PASSWORD=None,
            HTTPS_CA_CERTIFICATES=pki.ca, HTTPS_PROXY=self.names.url)

    def use(self, method, **settings):
        self.settings["EMAIL_INTEL_IMAP_AUTH"] = method
        self.settings.update({f"EMAIL_INTEL_IMAP_{name}": value
                              for name, value in settings.items()})

    def assert_imports(self):
        names = self.fill(2)
        self.once_ok()
        self.assertEqual(sorted(self.imported()), names)

    def file(self, name, text):
        path = os.path.join(self.directory, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path


class Microsoft(ProviderTest):
    def app(self, **settings):
        self.use("microsoft-app", TENANT_ID=TENANT, CLIENT_ID=APP, **settings)

    def test_a_secret_opens_the_mailbox(self):
        self.app(CLIENT_SECRET_FILE=self.file("secret", APP_SECRET + "\n"))
        self.assert_imports()
        self.assertEqual(self.names.asked[0], "login.microsoftonline.com:443")

    def test_a_certificate_opens_the_mailbox_by_either_mechanism(self):
        self.app(CLIENT_CERTIFICATE=SERVERS.pki.cert("app"),
                 CLIENT_KEY_FILE=SERVERS.pki.key("app"))
        self.assert_imports()
        self.check_ok(EMAIL_INTEL_IMAP_SASL="oauthbearer")

    def test_a_wrong_secret_is_told_with_its_cure_and_not_shown(self):
        self.app(CLIENT_SECRET="hush-not-the-secret")
        run = self.once()
        self.assertEqual(run.process.returncode, 77, run.tail())
        for words in ("AADSTS7000215", "trace 0a0b0c0d-1111", "correlation 0e0f0a0b-2222",
                      "EMAIL_INTEL_IMAP_CLIENT_SECRET"):
            self.assertIn(words, run.err)
        self.assertNotIn("hush", run.err + run.out)

    def test_half_a_method_is_refused_by_name(self):
        self.app()
        run = self.once()
        self.assertEqual(run.process.returncode, 78, run.tail())
        self.assertIn("EMAIL_INTEL_IMAP_CLIENT_SECRET", run.err)

    def test_refresh_tokens_rotate_and_are_kept(self):
        store = os.path.join(self.directory, "refresh-token")
        self.use("microsoft-user", TENANT_ID=TENANT, CLIENT_ID=APP, REFRESH_TOKEN_STORE=store,
                 REFRESH_TOKEN=self.endpoint.refresh_tokens[self.user])
        self.assert_imports()
        self.assertEqual(os.stat(store).st_mode & 0o777, 0o600)
        # The configured one is dead by now; a new process goes on with the stored one.
        self.check_ok()
        self.check_ok()

    def test_tokens_that_end_in_mid_run_lose_nothing(self):
        self.app(CLIENT_SECRET=APP_SECRET)
        names = self.fill(60, size=20000)
        relay = Relay(self.dovecot.tls_port).start()
        self.addCleanup(relay.stop)

        def end():
            self.endpoint.expire_all()
            self.dovecot.kill_sessions()
        for bytes_in in (200_000, 700_000):
            relay.when_received(bytes_in, end)
        self.once_ok(EMAIL_INTEL_IMAP_PORT=relay.port)
        self.assertEqual(sorted(self.imported()), names)
        self.assertGreaterEqual(len(self.endpoint.requests), 2)

    def test_a_token_that_ended_is_made_anew_while_the_daemon_runs(self):
        self.app(CLIENT_SECRET=APP_SECRET)
        self.outlive_a_token()

    def test_an_endpoint_that_is_away_when_a_token_ends_is_tried_again(self):
        self.app(CLIENT_SECRET=APP_SECRET)
        run = self.outlive_a_token(lambda: self.names.abort_next(2))
        self.assertEqual(self.names.aborts_left(), 0)
        self.assertEqual(run.events("part.waits_for_person"), [], run.tail())


class WorkloadIdentity(ProviderTest):
    federated = FEDERATED

    def test_what_kubernetes_injects_fills_what_is_not_set(self):
        self.use("microsoft-app")
        self.settings.update(
            AZURE_TENANT_ID=TENANT, AZURE_CLIENT_ID=APP,
            AZURE_AUTHORITY_HOST="https://login.microsoftonline.com/",
            AZURE_FEDERATED_TOKEN_FILE=self.file("azure-token", FEDERATED + "\n"))
        self.assert_imports()

    def test_googles_federation_has_the_claims_signed(self):
        self.use("google-service-account", GOOGLE_KEY_JSON=json.dumps({
            "type": "external_account", "audience": "//iam.googleapis.com/projects/1/x",
            "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
            "token_url": "https://sts.googleapis.com/v1/token",
            "service_account_impersonation_url":
                "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/"
                f"{ACCOUNT}:generateAccessToken",
            "credential_source": {"file": self.file("token.json", json.dumps({"t": FEDERATED})),
                                  "format": {"type": "json", "subject_token_field_name": "t"}}}))
        self.assert_imports()
        self.assertEqual(self.names.asked[:3], [
            "sts.googleapis.com:443", "iamcredentials.googleapis.com:443",
            "oauth2.googleapis.com:443"])


class Google(ProviderTest):
    def key(self):
        with open(SERVERS.pki.key("app"), encoding="ascii") as file:
            return json.dumps({"type": "service_account", "client_email": ACCOUNT,
                               "private_key_id": "k1", "private_key": file.read(),
                               "token_uri": "https://evil.example/token"})

    def test_a_service_account_opens_the_mailbox_on_its_behalf(self):
        self.use("google-service-account", GOOGLE_KEY_JSON=self.key())
        self.assert_imports()
        self.assertEqual(set(self.names.asked), {"oauth2.googleapis.com:443"})

    def test_a_missing_delegation_is_told_with_its_cure(self):
        self.use("google-service-account", GOOGLE_KEY_JSON=self.key(), USERNAME="other@corp.example")
        run = self.once()
        self.assertEqual(run.process.returncode, 77, run.tail())
        self.assertIn("domain-wide delegation is missing", run.err)


class Certificate(ConnectorTest):
    def test_the_client_certificate_alone_opens_the_mailbox(self):
        pki = SERVERS.pki
        extra = (f"ssl_ca = <{pki.ca}\nssl_verify_client_cert = yes\nssl_require_crl = no\n"
                 "auth_ssl_username_from_cert = yes\nauth_ssl_require_client_cert = yes\n"
                 "auth_mechanisms = external\n"
                 "passdb {\n  driver = static\n  args = nopassword=y\n  mechanisms = external\n}\n")
        own = Dovecot(SERVERS.new_path("dovecot"), pki, users={"nobody": "x"}, extra=extra).start()
        self.addCleanup(own.kill)
        own.mailbox("connector").fill([])
        self.check_ok(EMAIL_INTEL_IMAP_AUTH="certificate", EMAIL_INTEL_IMAP_PASSWORD=None,
                      EMAIL_INTEL_IMAP_USERNAME="connector", EMAIL_INTEL_IMAP_PORT=own.tls_port,
                      EMAIL_INTEL_IMAP_TLS_CERT=pki.cert("client"),
                      EMAIL_INTEL_IMAP_TLS_KEY=pki.key("client"))


@unittest.skipUnless(proxies.is_there(), "tinyproxy or microsocks is absent")
class Proxies(ConnectorTest):
    def through(self, url, **settings):
        return self.check(EMAIL_INTEL_IMAP_PROXY=url, **settings)

    def test_the_mailbox_is_reached_through_each_kind(self):
        http = proxies.tinyproxy(self.directory, [self.dovecot.tls_port])
        self.addCleanup(http.stop)
        socks = proxies.microsocks("u", "p:w")
        self.addCleanup(socks.stop)
        for url in (f"http://127.0.0.1:{http.port}", f"socks5h://u:p%3Aw@127.0.0.1:{socks.port}",
                    f"socks5://u:p%3Aw@127.0.0.1:{socks.port}"):
            with self.subTest(url=url):
                run = self.through(url)
                self.assertEqual(run.process.returncode, 0, run.tail())

    def test_a_port_that_is_not_open_is_told(self):
        http = proxies.tinyproxy(self.directory, [443])
        self.addCleanup(http.stop)
        run = self.through(f"http://127.0.0.1:{http.port}")
        self.assertEqual(run.process.returncode, 78, run.tail())
        self.assertIn("(403): whoever runs it must open port", run.out + run.err)

    def test_other_proxies_do_not_touch_it(self):
        self.check_ok(ALL_PROXY="http://127.0.0.1:1", HTTPS_PROXY="http://127.0.0.1:1")
