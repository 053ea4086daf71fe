# SPDX-License-Identifier: Apache-2.0
"""What one point needs of its own, so that many are tried side by side: a mailbox of 20 mails, a
virtual host of the broker, a stand-in platform and proxies in front of all three."""
import base64
import os
import time
import uuid

from integration.support import DAY_S, SERVERS, Run, essence, simple_mail
from servers.dovecot import Dovecot
from servers.pki import Pki
from servers.platform.client import PlatformProcess
from servers.platform.core import DEFAULT_TOKEN
from servers.process import ServerError, wait_until
from servers.rabbitmq import management_call

from .proxy import Proxy

MAILS = 20
FEW_MAILS = 3          # where a point is one of many thousands
FIRST_RUN_S = 300.0    # longer than any time-out of the program's
SECOND_RUN_S = 240.0   # ten seconds; a busy machine is not the program's fault
IMPORT_S = 120.0
PLAIN, TLS = "plain", "tls"
SORTS = (PLAIN, TLS)
IMAP, BROKER, PLATFORM = "imap", "broker", "platform"

PASSWORD = "Pw-of-the-mailbox-7fQ2xZ"
BROKER_USER, BROKER_PASSWORD = "lane", "Pw-of-the-broker-9kT4vB"
BODY = "What a mail says stays in the mail 5cX8. "
CHUNK = 12  # characters of a secret that say too much already
USERS = [f"lane{number:02d}@corp.example" for number in range(128)]


class NotHeld(Exception):
    """What the point broke."""


def _pieces_of(text):
    encoded = base64.b64encode(text).decode()
    return [encoded[start:start + CHUNK] for start in range(0, len(encoded) - CHUNK, CHUNK)]


def secrets_of(user):
    """What no log may hold: the secrets, pieces of them, and both as base64 has them."""
    plain = [PASSWORD, BROKER_PASSWORD, DEFAULT_TOKEN]
    words = [word[start:start + CHUNK] for word in plain
             for start in (0, len(word) - CHUNK)]
    for phrase in (f"\0{user}\0{PASSWORD}", PASSWORD, f"\0{BROKER_USER}\0{BROKER_PASSWORD}",
                   BROKER_PASSWORD, DEFAULT_TOKEN):
        # A piece of the user's name alone is no secret: the last pieces hold the password.
        words += _pieces_of(phrase.encode())[-1:]
    return [*words, BODY[:20]]


class Ground:
    """Servers that all lanes share."""

    def __init__(self):
        self.broker = SERVERS.broker
        self.pki = self._pki_of_broker()
        self.dovecot = Dovecot(SERVERS.path("dovecot-faults"), self.pki,
                               users=dict.fromkeys(USERS, PASSWORD)).start()
        self._users = iter(USERS)
        self.api("PUT", f"users/{BROKER_USER}", {"password": BROKER_PASSWORD, "tags": ""})
        # One instant for all lanes: a mail is the same in each.
        self.began_s = int(time.time()) - 2 * DAY_S

    @staticmethod
    def _pki_of_broker():
        """One authority for all three: a broker that others started has brought its own."""
        shared = os.environ.get("EII_BROKER_DIR")
        return Pki(os.path.join(shared, "pki")) if shared else SERVERS.pki

    def api(self, method, path, body=None):
        broker = self.broker
        return management_call(broker.management_url(), broker.user, broker.password, method,
                               path, body)

    def new_user(self):
        return next(self._users)

    def stop(self):
        self.dovecot.kill()


class Lane:
    """Tries points one after the other. sort: how it speaks to all three servers."""

    def __init__(self, ground, programs, sort, n_mails=MAILS):
        self.ground, self.programs, self.sort, self.n_mails = ground, programs, sort, n_mails
        self.user = ground.new_user()
        self.directory = SERVERS.new_path("lane")
        os.makedirs(self.directory)
        self.broker = ground.broker
        self.vhost = self.broker.new_vhost(f"lane-{uuid.uuid4().hex[:12]}")
        ground.api("PUT", f"permissions/{self.vhost}/{BROKER_USER}",
                   {"configure": "", "write": ".*", "read": ""})
        self.platform = self._new_platform()
        is_tls = sort == TLS
        ports = {IMAP: ground.dovecot.tls_port if is_tls else ground.dovecot.port,
                 BROKER: self.broker.tls_port if is_tls else self.broker.port,
                 PLATFORM: self.platform.port}
        self.proxies = {name: Proxy(port).start() for name, port in ports.items()}
        self.ports = ports
        self.secrets = secrets_of(self.user)
        self.connector_id, self.expected, self.runs = None, None, []
        self._fill()

    def _new_platform(self):
        arguments = {"broker": {"port": self.broker.port, "vhost": self.vhost, "keeps": True,
                                "management_url": self.broker.management_url()},
                     "told_broker": {"user": BROKER_USER, "pass": BROKER_PASSWORD},
                     "lock_error_s": 0.0, "worker_idle_s": 0.1, "manager_period_s": 0.0}
        scheme = "http"
        if self.sort == TLS:
            pki, scheme = self.ground.pki, "https"
            arguments["tls"] = [pki.cert("good"), pki.key("good")]
        return PlatformProcess(scheme, **arguments).start()

    def _fill(self):
        start = self.ground.began_s
        mails = [(simple_mail(f"Bulletin {i:04d}", start + i, body=f"{BODY}Number {i}."), start + i)
                 for i in range(self.n_mails)]
        self.ground.dovecot.mailbox(self.user).fill(mails)

    def close(self):
        for run in self.runs:
            run.kill()
        for proxy in self.proxies.values():
            proxy.stop()
        self.platform.stop()
        self.broker.delete_vhost(self.vhost)

    # Settings

    def environment(self, through_proxies, extra):
        port = {name: self.proxies[name].port if through_proxies else self.ports[name]
                for name in self.ports}
        is_tls = self.sort == TLS
        settings = {
            "PATH": os.environ["PATH"], "LANG": "C.UTF-8", "EII_CONVERTER": self.programs.converter,
            "OPENCTI_URL": f"{self.platform.scheme}://localhost:{port[PLATFORM]}",
            "OPENCTI_TOKEN": DEFAULT_TOKEN, "CONNECTOR_ID": self.connector_id,
            "CONNECTOR_NAME": "Email Intel IMAP", "CONNECTOR_SCOPE": "email-intel-imap",
            "CONNECTOR_LOG_LEVEL": "info", "CONNECTOR_DURATION_PERIOD": "PT1S",
            "HTTPS_CA_CERTIFICATES": self.ground.pki.ca,
            "EMAIL_INTEL_IMAP_HOST": "localhost", "EMAIL_INTEL_IMAP_PORT": str(port[IMAP]),
            "EMAIL_INTEL_IMAP_TLS": "implicit" if is_tls else "none",
            "EMAIL_INTEL_IMAP_USERNAME": self.user, "EMAIL_INTEL_IMAP_PASSWORD": PASSWORD,
            "EMAIL_INTEL_IMAP_TLS_CA": self.ground.pki.ca, **extra}
        self.platform.tell_broker(host="localhost", port=port[BROKER], use_ssl=is_tls,
                                  user=BROKER_USER, **{"pass": BROKER_PASSWORD})
        return settings

    # Runs

    def begin(self):
        """An empty platform, a connector nobody knows."""
        for known in self.platform.connectors():
            self.platform.delete_connector(known)
        self.platform.forget_reports()
        self.connector_id = str(uuid.uuid4())
        self.runs = []

    def start(self, *arguments, prefix=(), through_proxies=False, **extra):
        environment = self.environment(through_proxies, extra)
        run = Run([*prefix, self.programs.connector, *arguments], environment, self.directory)
        self.runs.append(run)
        return run

    def run(self, timeout, prefix=(), through_proxies=False, **extra):
        """A run to its end: its exit status."""
        run = self.start("--once", prefix=prefix, through_proxies=through_proxies, **extra)
        try:
            return run.wait(timeout)
        except AssertionError:
            raise NotHeld(f"it hangs: still there after {timeout:g} s") from None

    def undisturbed(self):
        """What each point compares with."""
        if self.expected is None:
            self.begin()
            status = self.run(SECOND_RUN_S)
            if status:
                raise ServerError(f"an undisturbed run gives {status}:\n{self.runs[-1].tail()}")
            self._wait_for_import()
            self.expected = essence(self.platform.reports())
            if len(self.expected) != self.n_mails:
                raise ServerError(f"{len(self.expected)} reports of {self.n_mails} mails")
        return self.expected

    # What must hold

    def finish_and_judge(self):
        """Everything is well again; one restart must be enough."""
        status = self.run(SECOND_RUN_S)
        if status:
            raise NotHeld(f"the restart gives {status}")
        self._wait_for_import()
        self._judge_reports()
        self._judge_works()
        self.judge_words()

    def _is_settled(self):
        return (len(self.platform.reports()) >= self.n_mails
                and not self.platform.call("worker_busy")
                and all(work["status"] == "complete" or not work["calls"]
                        for work in self.platform.works()))

    def _wait_for_import(self):
        try:
            wait_until(self._is_settled, "the platform has all", IMPORT_S, 0.1)
        except ServerError:
            pass  # what is wrong is judged below

    def _judge_reports(self):
        found = essence(self.platform.reports())
        if found != self.expected:
            missing = [row[0] for row in self.expected if row not in found]
            surplus = [row[0] for row in found if row not in self.expected]
            raise NotHeld(f"reports missing or other than sent: {missing}, "
                          f"not expected: {surplus}")
        losses, violations = self.platform.losses(), self.platform.violations()
        if losses or violations:
            raise NotHeld(f"losses {losses}, violations {violations}")

    def _open_works(self):
        return [work for work in self.platform.works() if work["status"] != "complete"]

    def _judge_works(self):
        if self._open_works():
            raise NotHeld(f"Works left open: {[work['id'] for work in self._open_works()]}")

    def judge_words(self):
        for run in self.runs:
            text = run.out + run.err
            for word in self.secrets:
                if word in text:
                    raise NotHeld(f"a log holds {word!r}")

    def tail(self):
        return "\n".join(f"--- run {number}, exit {run.process.returncode}\n{run.tail(60)}"
                         for number, run in enumerate(self.runs, 1))
