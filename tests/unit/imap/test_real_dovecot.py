# SPDX-License-Identifier: Apache-2.0
"""The session against a private Dovecot: what only a real server can say.

Usage: test_real_dovecot.py PATH_OF_imap_probe [unittest arguments]
"""
import os
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
from servers.dovecot import PROGRAM, Dovecot  # noqa: E402
from servers.pki import Pki  # noqa: E402

SKIPPED = 77
PROBE = ""
RETRY, FATAL = 1, 3
CREDENTIALS, CONFIG = 1, 2
ODD_PASSWORDS = ['p"a\\s {5} %*()', "pässwörd ☃", "x" * 200, "semi;colon#hash'quote "]
RECEIVED = 1_700_000_000


def mail(number, size=300):
    head = f"From: a@b.example\r\nSubject: number {number}\r\n\r\n".encode()
    return head + b"x" * (size - len(head) - 2) + b"\r\n"


class RealDovecot(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.mkdtemp(prefix="eii-imap-")
        cls.pki = Pki(os.path.join(cls.directory, "pki")).make()
        users = {"analyst": "secret", "many": "secret", "folders": "secret"}
        users |= {f"odd{i}": password for i, password in enumerate(ODD_PASSWORDS)}
        cls.users = users
        cls.server = Dovecot(os.path.join(cls.directory, "dovecot"), cls.pki,
                             users=users).start()
        cls.server.mailbox("analyst").fill([(mail(i), RECEIVED + i) for i in range(20)])
        cls.server.mailbox("many").fill([(mail(i, 900), RECEIVED) for i in range(2000)])

    @classmethod
    def tearDownClass(cls):
        cls.server.kill()
        shutil.rmtree(cls.directory, ignore_errors=True)

    def command(self, user, *commands, tls="implicit", host="localhost", ca=None, secret=None,
                folder="INBOX", port=None):
        port = port or (self.server.tls_port if tls == "implicit" else self.server.port)
        return [PROBE, host, str(port), tls, self.pki.ca if ca is None else ca, user,
                self.users.get(user, "") if secret is None else secret, folder,
                *map(str, commands)]

    def probe(self, user, *commands, **options):
        done = subprocess.run(self.command(user, *commands, **options), capture_output=True,
                              text=True, timeout=60, check=False)
        self.assertGreaterEqual(done.returncode, 0, done.stderr)
        return dict(line.split(" ", 1) for line in done.stdout.splitlines())

    def test_reads_a_mailbox_over_each_kind_of_connection_and_leaves_its_flags(self):
        before = self.server.flags("analyst")
        expected = sum(sum(mail(i)) + i + 1 for i in range(20))
        for tls in ("implicit", "starttls", "none"):
            for host in ("localhost", "127.0.0.1"):
                with self.subTest(tls=tls, host=host):
                    seen = self.probe("analyst", "bodies", tls=tls, host=host)
                    self.assertEqual(("20", "20", "20"),
                                     (seen["mails"], seen["since"], seen["range"]), seen)
                    self.assertEqual("21", seen["uidnext"])
                    self.assertEqual(str(20 * 300), seen["sizes"])
                    self.assertEqual(str(20 * RECEIVED + 190), seen["dates"])
                    self.assertEqual(str(expected), seen["sum"])
        self.assertEqual(before, self.server.flags("analyst"))

    def test_gets_every_body_however_many_groups_are_under_way(self):
        expected = sum(sum(mail(i, 900)) + i + 1 for i in range(2000))
        for chunk, groups in ((250, 1), (250, 2), (25, 2), (7, 4), (1, 4)):
            with self.subTest(chunk=chunk, groups=groups):
                seen = self.probe("many", "chunk", chunk, "groups", groups, "bodies")
                self.assertEqual("2000", seen["bodies"], seen)
                self.assertEqual(str(expected), seen["sum"])

    def test_reads_heads_only_when_asked(self):
        seen = self.probe("analyst", "head", 10, "bodies")
        self.assertEqual(("20", "200"), (seen["bodies"], seen["bytes"]))

    def test_signs_in_with_any_password(self):
        for number in range(len(ODD_PASSWORDS)):
            with self.subTest(password=ODD_PASSWORDS[number]):
                self.assertEqual("0", self.probe(f"odd{number}")["mails"])

    def test_says_that_the_password_is_wrong(self):
        seen = self.probe("analyst", secret="wrong-secret")
        self.assertEqual((str(FATAL), str(CREDENTIALS)), (seen["rc"], seen["kind"]))
        self.assertIn("sign-in of 'analyst' refused", seen["error"])
        self.assertNotIn("wrong-secret", seen["error"])

    def test_opens_folders_in_any_language_and_lists_those_there_are(self):
        names = ["Entwürfe & mehr", "日本語", "📧"]
        for name in names:
            self.server.mailbox("folders", name).fill([(mail(1), RECEIVED)])
            self.assertEqual("1", self.probe("folders", folder=name)["mails"])
        seen = self.probe("folders", folder="Intel")
        self.assertEqual((str(FATAL), str(CONFIG)), (seen["rc"], seen["kind"]))
        for name in [*names, "INBOX"]:
            self.assertIn(f"'{name}'", seen["error"])

    def test_notices_a_mail_that_arrives(self):
        with subprocess.Popen(self.command("folders", "look"), stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, text=True) as process:
            while not process.stdout.readline().startswith("dates"):
                pass
            self.server.mailbox("folders").deliver(mail(2))
            out = process.communicate("\n", timeout=30)[0]
        self.assertEqual("changed 1\nuidnext 2\n", out)

    def test_names_what_is_wrong_with_each_certificate(self):
        wrong = {"wrong-host": "is for mail.example", "expired": "expired on",
                 "other": "issuer: CN = Other Test CA", "self-signed": "issuer: CN = localhost"}
        try:
            for name, says in wrong.items():
                self.server.use_certificate(name)
                for tls in ("implicit", "starttls"):
                    with self.subTest(certificate=name, tls=tls):
                        seen = self.probe("analyst", tls=tls)
                        self.assertEqual((str(FATAL), str(CONFIG)), (seen["rc"], seen["kind"]))
                        self.assertIn(says, seen["error"])
        finally:
            self.server.use_certificate("good")

    def test_names_the_setting_that_a_wrong_connection_needs(self):
        # 2.3 hangs up on a client that does not speak TLS, and that alone is no certainty; 2.4
        # sends an alert.
        hears_plain = FATAL if self.server.is_newer else RETRY
        wrong = {"a port for TLS": ({"tls": "starttls", "port": self.server.tls_port},
                                    "EMAIL_INTEL_IMAP_TLS=implicit"),
                 "a port for plain text": ({"tls": "implicit", "port": self.server.port},
                                           "EMAIL_INTEL_IMAP_TLS=starttls"),
                 "an authority that is not known": ({"ca": ""}, "EMAIL_INTEL_IMAP_TLS_CA"),
                 "the same behind STARTTLS": ({"ca": "", "tls": "starttls"},
                                              "EMAIL_INTEL_IMAP_TLS_CA")}
        for name, (options, says) in wrong.items():
            with self.subTest(name):
                before = time.monotonic()
                seen = self.probe("analyst", **options)
                self.assertLess(time.monotonic() - before, 15)
                self.assertEqual(str(hears_plain if "implicit" in says else FATAL), seen["rc"],
                                 seen)
                self.assertIn(says, seen["error"])

    def test_ends_when_the_server_does(self):
        with subprocess.Popen(self.command("many", "look", "bodies"), stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, text=True) as process:
            while not process.stdout.readline().startswith("dates"):
                pass
            self.assertGreater(self.server.kill_sessions(), 0)
            out = process.communicate("\n", timeout=30)[0]
        self.assertIn(f"rc {RETRY}\n", out)


if __name__ == "__main__":
    if len(sys.argv) < 2 or not os.path.exists(sys.argv[1]):
        sys.exit(__doc__)
    if not os.path.exists(PROGRAM):
        print("skipped: dovecot is not installed")
        sys.exit(SKIPPED)
    PROBE = sys.argv.pop(1)
    unittest.main()
