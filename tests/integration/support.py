# SPDX-License-Identifier: Apache-2.0
"""Fixtures: servers that live as long as the test program, what each test gets of its own, and
the connector as a process.

Environment: EII_BINARY (the connector; without it tests that need it are skipped), EII_BROKER_DIR
(a broker of servers.broker_fixture; without it a private one is started when first needed).
"""
import atexit
import datetime
import json
import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import unittest
import uuid

from servers.dovecot import Dovecot
from servers.pki import Pki
from servers.platform.client import PlatformProcess
from servers.platform.core import DEFAULT_TOKEN
from servers.process import ServerError, die_with_parent, wait_until
from servers.rabbitmq import Rabbitmq

BINARY = os.environ.get("EII_BINARY", "")
IS_SANITIZED = any(name in os.environ for name in ("ASAN_OPTIONS", "TSAN_OPTIONS")) or \
    "/asan/" in BINARY or "/tsan/" in BINARY
DAY_S = 86400
RUN_TIMEOUT_S = 180  # for what hangs; no test judges by it
STOP_S = 10
STOP_TIMEOUT_S = 20  # before any time-out of the connector's would end what it waits for
USERS = 500


class Servers:
    """One of each for a whole test program; each is started when first asked for."""

    def __init__(self):
        self.directory = tempfile.mkdtemp(prefix="eii-test-")
        self._started = {}
        self._numbers = iter(range(1, 1_000_000))
        self._users = iter(range(USERS))
        atexit.register(self.stop)

    def path(self, name):
        return os.path.join(self.directory, name)

    @property
    def pki(self):
        return self._once("pki", lambda: Pki(self.path("pki")).make())

    @property
    def dovecot(self):
        # A user for each test: one added later is noticed a second later only.
        users = {f"u{number:03d}@corp.example": "secret" for number in range(USERS)}
        return self._once("dovecot",
                          lambda: Dovecot(self.path("dovecot"), self.pki, users=users).start())

    def new_user(self):
        return f"u{next(self._users):03d}@corp.example"

    @property
    def broker(self):
        shared = os.environ.get("EII_BROKER_DIR")
        if shared and os.path.exists(os.path.join(shared, "broker.json")):
            return self._once("shared broker", lambda: Rabbitmq.attach(shared))
        return self._once("broker", lambda: Rabbitmq(self.path("rabbitmq"), tls=self.pki).start())

    def new_path(self, name):
        return self.path(f"{name}-{next(self._numbers)}")

    def stop(self):
        if "dovecot" in self._started:
            self._started["dovecot"].kill()
        if "broker" in self._started:
            self._started["broker"].discard()
        shutil.rmtree(self.directory, ignore_errors=True)

    def _once(self, name, make):
        if name not in self._started:
            self._started[name] = make()
        return self._started[name]


SERVERS = Servers()


class Run:
    """A connector process: its standard streams, log lines and end."""

    def __init__(self, command, environment, directory):
        self.process = subprocess.Popen(command, env=environment, cwd=directory,
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, start_new_session=True,
                                        preexec_fn=die_with_parent)
        self._out, self._err = bytearray(), bytearray()
        self._readers = [self._reader(self.process.stdout, self._out),
                         self._reader(self.process.stderr, self._err)]

    @staticmethod
    def _reader(stream, into):
        def read():
            for chunk in iter(lambda: stream.read1(65536), b""):
                into.extend(chunk)
            stream.close()
        thread = threading.Thread(target=read, daemon=True)
        thread.start()
        return thread

    @property
    def out(self):
        return bytes(self._out).decode("utf-8", "replace")

    @property
    def err(self):
        return bytes(self._err).decode("utf-8", "replace")

    @property
    def log(self):
        """The JSON lines of standard error, whole ones only."""
        lines = []
        for line in self.err.splitlines():
            try:
                lines.append(json.loads(line))
            except ValueError:
                continue
        return lines

    def events(self, name):
        return [line for line in self.log if line.get("attributes", {}).get("event") == name]

    def stop_took_s(self):
        """From the signal to the last word, by the clock of the log: how slowly the machine ends
        a process, or a sanitizer looks over it, is not the connector's."""
        stopping = self.events("app.stopping")
        if not stopping:
            return 0.0  # it had ended by itself
        first, last = (datetime.datetime.fromisoformat(line["timestamp"].replace("Z", "+00:00"))
                       for line in (stopping[0], self.log[-1]))
        return (last - first).total_seconds()

    def running(self):
        return self.process.poll() is None

    def wait(self, timeout=RUN_TIMEOUT_S):
        try:
            status = self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"the connector ran on after {timeout} s:\n"
                                 f"{self.tail()}") from None
        for reader in self._readers:
            reader.join(5)
        return status

    def until(self, condition, what, timeout=RUN_TIMEOUT_S):
        """Waits while the process lives; its early end is an error that shows its log."""
        def met():
            answer = condition()
            if not answer and not self.running():
                self.wait(5)
                if not condition():
                    raise AssertionError(f"the connector ended with {self.process.returncode} "
                                         f"before: {what}\n{self.tail()}")
                return True
            return answer
        try:
            return wait_until(met, what, timeout)
        except ServerError as error:
            raise AssertionError(f"{error}\n{self.tail()}") from None

    def signal(self, number):
        if self.running():
            os.kill(self.process.pid, number)

    def terminate(self, timeout=RUN_TIMEOUT_S):
        self.signal(signal.SIGTERM)
        return self.wait(timeout)

    def kill(self):
        """The whole session: the converter as well."""
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait(10)
        for reader in self._readers:
            reader.join(5)

    def tail(self, count=40):
        return "\n".join((self.out + self.err).splitlines()[-count:])


def connector_environment(settings):
    """The connector's; settings given as None are left out."""
    environment = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
    # Sanitizer options and the converter's place belong to the build, not to the test.
    for name in ("EII_CONVERTER", "ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS",
                 "LSAN_OPTIONS"):
        if name in os.environ:
            environment[name] = os.environ[name]
    environment.update({name: str(value) for name, value in settings.items()
                        if value is not None})
    return environment


class ServerTest(unittest.TestCase):
    """A virtual host and a stand-in platform for each test."""

    release = "7.260817.0"
    platform_arguments = {}

    def setUp(self):
        self.servers = SERVERS
        self.broker = self.choose_broker()
        self.vhost = self.broker.new_vhost(f"t-{uuid.uuid4().hex[:12]}")
        self.addCleanup(self.broker.delete_vhost, self.vhost)
        self.platform = self.start_platform(**self.platform_arguments)

    def choose_broker(self):
        return SERVERS.broker

    def broker_arguments(self):
        return {"port": self.broker.port, "vhost": self.vhost,
                "management_url": self.broker.management_url()}

    def start_platform(self, scheme="http", **arguments):
        arguments.setdefault("release", self.release)
        arguments.setdefault("lock_error_s", 0.3)
        platform = PlatformProcess(scheme, broker=self.broker_arguments(), **arguments).start()
        self.addCleanup(platform.stop)
        return platform


@unittest.skipUnless(os.access(BINARY, os.X_OK), "EII_BINARY names no program")
class ConnectorTest(ServerTest):
    """Besides: a mailbox and the settings that make the connector read it."""

    def setUp(self):
        super().setUp()
        self.dovecot = SERVERS.dovecot
        self.user = SERVERS.new_user()
        self.mailbox = self.dovecot.mailbox(self.user)
        self.connector_id = str(uuid.uuid4())
        self.directory = SERVERS.new_path("cwd")
        os.makedirs(self.directory)
        self.settings = self.base_settings()
        self._runs = []
        self.addCleanup(self._kill_runs)

    def base_settings(self):
        return {
            "OPENCTI_URL": self.platform.url, "OPENCTI_TOKEN": DEFAULT_TOKEN,
            "CONNECTOR_ID": self.connector_id, "CONNECTOR_NAME": "Email Intel IMAP",
            "CONNECTOR_SCOPE": "email-intel-imap", "CONNECTOR_LOG_LEVEL": "info",
            "CONNECTOR_DURATION_PERIOD": "PT1S",
            "EMAIL_INTEL_IMAP_HOST": "localhost",
            "EMAIL_INTEL_IMAP_PORT": str(self.dovecot.tls_port),
            "EMAIL_INTEL_IMAP_USERNAME": self.user, "EMAIL_INTEL_IMAP_PASSWORD": "secret",
            "EMAIL_INTEL_IMAP_TLS_CA": SERVERS.pki.ca,
        }

    # The connector

    def environment(self, **settings):
        return connector_environment({**self.settings, **settings})

    def start(self, *arguments, prefix=(), **settings):
        run = Run([*prefix, BINARY, *arguments], self.environment(**settings), self.directory)
        self._runs.append(run)
        return run

    def once(self, *arguments, timeout=RUN_TIMEOUT_S, **settings):
        """One run to its end; returns it. Its exit status is the caller's to judge."""
        run = self.start("--once", *arguments, **settings)
        run.wait(timeout)
        return run

    def once_ok(self, *arguments, **settings):
        run = self.once(*arguments, **settings)
        self.assertEqual(run.process.returncode, 0, run.tail())
        return run

    def assert_stops(self, run, number=signal.SIGTERM):
        """In less than 10 s, with success."""
        run.signal(number)
        self.assertEqual(run.wait(STOP_TIMEOUT_S), 0, run.tail())
        self.assertLess(run.stop_took_s(), STOP_S, run.tail())

    def check(self, timeout=RUN_TIMEOUT_S, **settings):
        """--check to its end; returns the run."""
        run = self.start("--check", **settings)
        run.wait(timeout)
        return run

    def check_ok(self, **settings):
        run = self.check(**settings)
        self.assertEqual(run.process.returncode, 0, run.tail())
        return run

    def _kill_runs(self):
        for run in self._runs:
            if run.running():
                run.kill()

    # What came of it

    def push_queue(self):
        return f"push_{self.connector_id}"

    def queued(self):
        return self.broker.count(self.vhost, self.push_queue())

    def imported(self, timeout=RUN_TIMEOUT_S):
        """Waits until the worker has emptied the queue; returns the reports by name."""
        wait_until(lambda: not self.queued() and not self.platform.call("worker_busy"),
                   "the worker empties the push queue", timeout)
        self.assertEqual(self.platform.violations(), [])
        return {report["name"]: report for report in self.platform.reports()}

    def assert_works_closed(self):
        wait_until(lambda: all(work["status"] == "complete" for work in self.platform.works()),
                   f"works are complete: {self.platform.works()}", RUN_TIMEOUT_S)

    def outlive_a_token(self, trouble=lambda: None):
        """The token ends, in trouble, while the daemon runs; self.endpoint gives the next one."""
        self.fill(1)
        run = self.start()
        run.until(lambda: self.platform.reports(), "one report")
        trouble()
        self.endpoint.expire_all()
        self.dovecot.kill_sessions()
        self.mailbox.deliver(simple_mail("later", int(time.time())))
        run.until(lambda: len(self.platform.reports()) == 2, "the later mail", 60)
        self.assertEqual(run.terminate(), 0)
        return run

    def fill(self, count, prefix="Bulletin", first_age_s=2 * DAY_S, size=600, mailbox=None):
        """Mails of different subject and date, the oldest first; returns the subjects."""
        start = int(time.time()) - first_age_s
        mails = [(simple_mail(f"{prefix} {i:04d}", start + i, size), start + i)
                 for i in range(count)]
        (mailbox or self.mailbox).fill(mails)
        return [f"{prefix} {i:04d}" for i in range(count)]


def simple_mail(subject, when, size=600, sender="cert@intel.example", body=None):
    date = time.strftime("%a, %d %b %Y %H:%M:%S +0000", time.gmtime(when))
    filler = "Indicator seen at host.example. " * (size // 32 + 1)
    text = filler[:size] if body is None else body
    head = (f"From: CERT <{sender}>\r\nTo: soc@corp.example\r\nSubject: {subject}\r\n"
            f"Date: {date}\r\nMessage-ID: <{subject.replace(' ', '.')}.{when}@intel.example>\r\n"
            "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n")
    return head.encode() + text.encode() + b"\r\n"


def essence(reports):
    """What makes two sets of reports the same for an analyst."""
    return sorted(
        (report["name"], report["published"], report["content"], report["description"],
         tuple(report["markings"]), report["created_by"],
         tuple(sorted((file["name"], file["sha256"]) for file in report["files"].values())))
        for report in reports)
