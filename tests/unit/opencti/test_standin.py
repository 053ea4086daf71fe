# SPDX-License-Identifier: Apache-2.0
"""The platform layer against the stand-in platform in several releases: every document and
variable is checked against that release's schema there.

Usage: test_standin.py PATH_OF_platform_probe [unittest arguments]
"""
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
import uuid

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
from servers.platform.client import PlatformProcess  # noqa: E402
from servers.platform.core import DEFAULT_TOKEN  # noqa: E402
from servers.rabbitmq import Rabbitmq  # noqa: E402

SKIPPED = 77
PROBE = ""
BROKER = None
RETRY, FATAL = 1, 3
OTHER, CREDENTIALS, UNREACHABLE = 0, 1, 4
LOCKED = 6
RELEASES = ("6.0.0", "6.1.12", "6.2.14", "6.5.7", "6.9.5", "6.9.10", "7.260224.0", "7.260817.0")


class Standin(unittest.TestCase):
    vhosts = 0

    def begin(self, release="7.260817.0", **arguments):
        Standin.vhosts += 1
        self.vhost = BROKER.new_vhost(f"standin-{Standin.vhosts}")
        broker = {"port": BROKER.port, "vhost": self.vhost,
                  "management_url": BROKER.management_url()}
        self.platform = PlatformProcess(broker=broker, release=release, **arguments).start()
        self.addCleanup(self.platform.stop)
        self._process = subprocess.Popen([PROBE], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                         text=True, bufsize=1)
        self.addCleanup(self.end_probe)
        self.id = str(uuid.uuid4())
        self.open()

    def end_probe(self):
        self._process.stdin.close()
        self._process.wait(60)
        self._process.stdout.close()

    def open(self, token=DEFAULT_TOKEN):
        self.ok("open", self.platform.url, token, self.id)

    def ask(self, *words):
        self._process.stdin.write("\t".join(words) + "\n")
        return self._process.stdout.readline().rstrip("\n")

    def ok(self, *words):
        answer = self.ask(*words)
        self.assertTrue(answer.startswith("ok"), f"{words}: {answer}")
        return answer[3:]

    def failed(self, code, kind, *words):
        answer = self.ask(*words).split(" ", 5)
        self.assertEqual(answer[:3], ["failed", str(code), str(kind)], answer)
        return answer

    def test_each_release_takes_what_it_gets(self):
        for release in RELEASES:
            with self.subTest(release):
                self.begin(release)
                told = self.ok("register").split(" ")
                self.assertEqual(told, ["127.0.0.1", str(BROKER.port), "amqp.worker.exchange",
                                        f"push_routing_{self.id}", "-"])
                self.assertEqual(self.ok("ping", '{"a": 1}'), 'state {"a": 1}')
                self.assertEqual(self.ok("state"), 'state {"a": 1}')
                self.ok("queue")
                work = self.ok("work", "Email Intel IMAP")
                self.assertEqual(self.ok("find", "Email Intel IMAP"), work)
                self.assertEqual(self.ok("find", "Another name"), "none")
                self.ok("expect", work, "3")
                self.assertEqual(self.ok("find", "Email Intel IMAP"), "none")
                self.assertEqual(self.ok("view", work), "open 1 3 0 0")
                self.assertEqual(self.ok("view", work + "x"), "gone")
                self.assertEqual(self.ok("alive", work), "yes")
                self.assertEqual(self.ok("identity", f"identity--{uuid.uuid4()}"), "no")
                self.assertEqual(self.ok(
                    "marking", "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9"), "yes")
                self.ok("processed", work, "3 mails")
                self.assertEqual(self.platform.violations(), [])

    def test_registering_again_keeps_the_state(self):
        self.begin()
        self.ok("register")
        self.ok("ping", '{"a":1}')
        self.assertTrue(self.ok("register").endswith(' {"a":1}'))

    def test_a_reset_is_echoed_once(self):
        self.begin()
        self.ok("register")
        self.ok("ping", '{"a":1}')
        self.platform.reset_connector(self.id)
        self.assertEqual(self.ok("ping", '{"a":1}'), "state ")
        self.assertEqual(self.ok("ping", '{"a":1}'), 'state {"a":1}')

    def test_a_deleted_connector_registers_again_after_its_lock(self):
        self.begin(lock_error_s=1.0)
        self.ok("register")
        self.platform.delete_connector(self.id)
        self.assertEqual(self.ok("ping", "{}"), "gone")
        self.assertEqual(self.ok("state"), "gone")
        answer = self.failed(RETRY, OTHER, "register")
        self.assertEqual(answer[3], str(LOCKED))
        for _ in range(300):
            if self.ask("register").startswith("ok"):
                return
        self.fail("registering never worked again")

    def test_a_wrong_token_is_told(self):
        self.begin()
        self.open("flgrn_octi_tkn_wrong")
        answer = self.failed(FATAL, CREDENTIALS, "register")
        self.assertIn("OPENCTI_TOKEN is wrong, or its user lacks", answer[5])

    def test_what_counts_is_done_once(self):
        self.begin()
        self.ok("register")
        self.platform.fail("workAdd", "cut_after")
        answer = self.failed(RETRY, UNREACHABLE, "work", "x")
        self.assertEqual(answer[4], "1")
        self.assertEqual(self.platform.calls("workAdd"), 1)
        self.assertEqual(len(self.platform.works()), 1)

    def test_a_work_whose_id_was_lost_is_found(self):
        self.begin()
        self.ok("register")
        first = self.ok("work", "x")
        self.platform.fail("workAdd", "cut_after")
        self.ask("work", "x")
        lost = self.ok("find", "x")
        self.assertNotEqual(lost, first)  # the newest
        self.ok("processed", lost, "0 mails")
        self.assertEqual(self.ok("find", "x"), first)
        self.platform.empty_redis()
        self.assertEqual(self.ok("find", "x"), "none")  # not alive

    def test_who_may_not_look_at_works_finds_none(self):
        self.begin()
        self.ok("register")
        self.ok("work", "x")
        self.platform.set_user(rights=["APIACCESS_USETOKEN", "CONNECTORAPI"])
        self.assertEqual(self.ok("find", "x"), "none")

    def test_idle_connections_that_the_platform_closed_do_no_harm(self):
        self.begin(idle_s=0.05)
        self.ok("register")
        for number in range(20):
            self.assertEqual(self.ok("ping", f'{{"n":{number}}}'), f'state {{"n":{number}}}')


def main():
    global PROBE, BROKER
    PROBE = sys.argv.pop(1)
    try:
        import graphql  # noqa: F401
        import pika  # noqa: F401
    except ImportError as missing:
        print(f"skipped: {missing}")
        sys.exit(SKIPPED)
    if not shutil.which("rabbitmq-server", path=os.environ.get("PATH", "") + ":/usr/sbin"):
        print("skipped: rabbitmq-server is not installed")
        sys.exit(SKIPPED)
    with tempfile.TemporaryDirectory(prefix="eii-standin-") as directory:
        BROKER = Rabbitmq(directory).start()
        try:
            unittest.main(verbosity=2)
        finally:
            BROKER.discard()


if __name__ == "__main__":
    main()
