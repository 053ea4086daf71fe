# SPDX-License-Identifier: Apache-2.0
"""`login`: a scripted browser consents, and what is written opens the mailbox."""
import base64
import json
import os
import re

from servers.browser import Browser
from servers.providers import APP, TENANT
from servers.token_endpoint import CLIENT_ID, CLIENT_SECRET

from .support import SERVERS
from .test_signin_providers import ProviderTest


class LoginTest(ProviderTest):
    def setUp(self):
        super().setUp()
        self.browser = Browser(self.names.port, SERVERS.pki.ca)
        # What the daemon needs is not needed here.
        self.settings.update(OPENCTI_URL=None, OPENCTI_TOKEN=None, CONNECTOR_ID=None,
                             EMAIL_INTEL_IMAP_USERNAME=None)

    def log_in(self, *arguments, prefix=(), **settings):
        return self.start("login", *arguments, prefix=prefix, **settings)

    def assert_ends(self, run, status, *words):
        self.assertEqual(run.wait(), status, run.tail())
        for word in words:
            self.assertIn(word, run.err)
        if status:
            self.assertIn("Nothing was written.", run.err)
        self.assert_silent(run)

    def assert_silent(self, run):
        shown = run.err + run.out
        for secret in (CLIENT_SECRET, self.endpoint.refresh_tokens[self.user], "ya29.",
                       "device/1+"):
            self.assertNotIn(secret, shown)

    def read(self, name):
        path = os.path.join(self.directory, name)
        self.assertEqual(os.stat(path).st_mode & 0o777, 0o600)
        with open(path, encoding="utf-8") as file:
            return file.read()

    def assert_opens(self, method, **settings):
        self.settings.update(self.base_settings())
        self.settings.update(EMAIL_INTEL_IMAP_PORT=str(self.dovecot.tls_port),
                             EMAIL_INTEL_IMAP_PASSWORD=None)
        self.use(method, **settings)
        self.assert_imports()


class Google(LoginTest):
    def client(self, kind="installed"):
        return self.file(f"{kind}.json", json.dumps({kind: {
            "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET,
            "token_uri": "https://evil.example/token", "auth_uri": "https://evil.example/auth"}}))

    def begin(self, *arguments, **settings):
        return self.log_in("google", "--client", self.client(), "--user", self.user, *arguments,
                           **settings)

    def shown(self, run):
        def find():
            return re.search(r"https://accounts\.google\.com/\S+(?=\n)", run.err)
        run.until(find, "the address is shown")
        return find().group()

    def test_a_browser_on_this_machine(self):
        run = self.begin()
        redirect = self.browser.consent(self.shown(run))
        host = redirect.split("/?")[0]
        self.assertEqual(self.browser.get(f"{host}/favicon.ico")[0], 404)
        # Somebody else on this machine guesses.
        self.assertEqual(self.browser.get(f"{host}/?code=evil&state=guessed")[0], 400)
        self.assertEqual(self.browser.get(redirect)[0], 200)
        self.assert_ends(run, 0, f"{self.user} signed in to localhost",
                         "EMAIL_INTEL_IMAP_GOOGLE_TOKEN_JSON_FILE=token.json")
        self.assertEqual(set(self.names.asked), {"accounts.google.com:443",
                                                 "oauth2.googleapis.com:443"})
        self.read("token.json")
        self.assert_opens("google-user", GOOGLE_TOKEN_JSON_FILE="token.json")

    def test_the_address_is_pasted_back(self):
        fifo = os.path.join(self.directory, "paste")
        os.mkfifo(fifo)
        run = self.begin("--secret", "soc", prefix=("sh", "-c", f'exec "$0" "$@" <{fifo}'))
        with open(fifo, "w", encoding="utf-8") as terminal:
            redirect = self.browser.consent(self.shown(run))
            # The last line ends with the input.
            terminal.write("\n".join(["", "redirect_uri_mismatch", "https://example.com",
                                      f"{redirect}x", f"  {redirect}\r"]))
        self.assert_ends(run, 0, "application type Desktop app", "That is not the address",
                         "is of another attempt", "kubectl apply -f soc.yaml")
        manifest = self.read("soc.yaml")
        self.assertTrue(manifest.startswith("apiVersion: v1\nkind: Secret\nmetadata:\n"
                                            "  name: soc\n"), manifest)
        token = json.loads(base64.b64decode(manifest.split("token.json: ")[1]))
        self.assertEqual(token["refresh_token"], self.endpoint.refresh_tokens[self.user])

    def test_refusals_are_told_with_their_cure(self):
        def refuse(status, words, **settings):
            run = self.begin(**settings)
            self.browser.get(self.browser.consent(self.shown(run)))
            self.assert_ends(run, status, words)
        self.endpoint.consent_error = "access_denied"
        refuse(77, "Test users, add the mailbox")
        self.endpoint.consent_error = None
        self.endpoint.without_refresh = True
        refuse(77, "no refresh token came")
        self.assertFalse(os.path.exists(os.path.join(self.directory, "token.json")))
        # The rest is told before anybody consents.
        web = self.log_in("google", "--client", self.client("web"), "--user", self.user)
        self.assert_ends(web, 78, "of the type Web application")
        missing = self.log_in("google", "--client", "nowhere.json", "--user", self.user)
        self.assert_ends(missing, 66, "nowhere.json")
        away = self.begin(EMAIL_INTEL_IMAP_PORT="1")
        self.assert_ends(away, 69, "--no-sign-in")
        closed = self.begin("--output", "/nowhere/token.json")
        self.assert_ends(closed, 78, "/nowhere/token.json")


class Microsoft(LoginTest):
    def begin(self, *arguments, tenant=TENANT, **settings):
        return self.log_in("microsoft", "--tenant", tenant, "--client", APP, *arguments, **settings)

    def enter(self, run):
        run.until(lambda: "ABC123\n" in run.err, "the code is shown")
        self.assertIn("\nhttps://login.microsoftonline.com/device\n", run.err)
        self.browser.get("https://login.microsoftonline.com/device?code=ABC123")

    def test_a_code_is_entered(self):
        run = self.begin("--user", self.user)
        self.enter(run)
        self.assert_ends(run, 0, "EMAIL_INTEL_IMAP_REFRESH_TOKEN_FILE=refresh_token")
        self.assertEqual(set(self.names.asked), {"login.microsoftonline.com:443"})
        self.read("refresh_token")
        # The secret is printed only where that is asked for.
        printed = self.begin("--no-sign-in", "--output", "-", EMAIL_INTEL_IMAP_PORT="1")
        self.assertEqual(printed.wait(), 0, printed.tail())
        self.assertEqual(printed.out, self.endpoint.refresh_tokens[self.user] + "\n")
        self.assert_opens("microsoft-user", TENANT_ID=TENANT, CLIENT_ID=APP,
                          REFRESH_TOKEN_FILE="refresh_token", REFRESH_TOKEN_STORE="store")

    def test_refusals_are_told_with_their_cure(self):
        self.assert_ends(self.begin("--no-sign-in", tenant="other"), 77, "AADSTS90002",
                         "Directory (tenant) ID")
        for word, code, cure in (("invalid_client", 7000218, "Allow public client flows: Yes"),
                                 ("authorization_declined", 0, "declined in the browser"),
                                 ("expired_token", 70019, "not used in time"),
                                 ("access_denied_by_policy", 53003, "Authentication flows")):
            self.endpoint.device_answers = [(word, code)]
            self.assert_ends(self.begin("--no-sign-in"), 77, cure)
        # Another's mailbox is refused by the mail server.
        run = self.begin("--user", "other@corp.example")
        self.enter(run)
        self.assert_ends(run, 77, "other@corp.example")
        self.assertEqual(sorted(os.listdir(self.directory)), [])
