# SPDX-License-Identifier: Apache-2.0
"""What an operator sees: metrics, health and the word health, on the real program."""
import glob
import http.client
import json
import os
import re
import shutil
import socket
import subprocess
import threading
import time
import urllib.parse

from servers.process import wait_until
from servers.relay import Relay

from .support import DAY_S, SERVERS, ConnectorTest, simple_mail

DOCS = os.path.join(os.path.dirname(__file__), "../../docs/metrics.md")
STAGES = ("fetched", "converted", "published", "confirmed")
OUTAGE_S = 30  # after so long an outage is told
LABELS = re.compile(r'([a-zA-Z_]\w*)="((?:[^"\\\n]|\\[\\"n])*)"(?:,|$)')
SAMPLE = re.compile(r"([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (-?[0-9.]+)$", re.ASCII)
HISTOGRAM = ("_bucket", "_sum", "_count")


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def get(port, path, method="GET"):
    """Status, content type and text."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request(method, path)
        answer = connection.getresponse()
        return answer.status, answer.getheader("Content-Type"), answer.read().decode()
    finally:
        connection.close()


class Scrape:
    """One answer, read strictly: what it does not understand is an error."""

    def __init__(self, text):
        self.text, self.types, self.values = text, {}, {}
        assert text.endswith("\n"), "the last line is cut"
        family = None
        for line in text.splitlines():
            if line.startswith("# HELP "):
                family = line.split(" ")[2]
                assert family not in self.types, f"{family} twice"
            elif line.startswith("# TYPE "):
                _, _, name, self.types[name] = line.split(" ")
                assert name == family, line
            else:
                self._sample(line, family)

    def _sample(self, line, family):
        match = SAMPLE.match(line)
        assert match, line
        name, labels, value = match.groups()
        endings = HISTOGRAM if self.types[family] == "histogram" else ("",)
        assert name in [family + ending for ending in endings], f"{line} in {family}"
        pairs = LABELS.findall(labels or "")
        assert ",".join(f'{key}="{text}"' for key, text in pairs) == (labels or ""), line
        key = name, frozenset(pairs)
        assert key not in self.values, f"{line} twice"
        self.values[key] = float(value)

    def __call__(self, metric, /, **labels):
        return self.values[metric, frozenset(labels.items())]

    def has(self, metric, /, **labels):
        return (metric, frozenset(labels.items())) in self.values

    def sum(self, name):
        return sum(value for (other, _), value in self.values.items() if other == name)


class MonitorTest(ConnectorTest):
    def setUp(self):
        super().setUp()
        self.port = free_port()
        self.settings.update(CONNECTOR_EXPOSE_METRICS="true",
                             CONNECTOR_METRICS_PORT=str(self.port))

    def up(self, **settings):
        """A connector that listens."""
        run = self.start(**settings)
        run.until(lambda: run.events("monitor.listening"), "the endpoint listens")
        return run

    def scrape(self, path="/metrics"):
        status, kind, text = get(self.port, path)
        self.assertEqual((status, kind), (200, "text/plain; version=0.0.4; charset=utf-8"))
        return Scrape(text)

    def until_metric(self, run, condition, what, timeout=60):
        return run.until(lambda: condition(self.scrape()), what, timeout)

    def deliver(self, subject, **arguments):
        self.mailbox.deliver(simple_mail(subject, int(time.time()), **arguments))


class Metrics(MonitorTest):
    def test_a_scrape_is_what_the_document_says(self):
        self.fill(1)
        run = self.up()
        self.until_metric(run, lambda scrape: scrape("mails_confirmed_total") == 1, "a report")
        scrape = self.scrape()
        with open(DOCS, encoding="utf-8") as file:
            document = file.read()
        tables = "\n".join(re.findall(r"^\| .*\|$", document.split("## Questions")[0], re.M))
        named = set(re.findall(r"`([a-z_]+)(?:\{[^`]*\})?`", "\n".join(
            row.split(" | ")[0] for row in tables.splitlines())))
        named |= {name.replace("_total", "_created") for name in named
                  if name.replace("_total", "_created") in scrape.types}
        self.assertEqual(set(scrape.types), named - {"/metrics", "name", "path", "question"})
        for name, kind in scrape.types.items():
            self.assertEqual(name.endswith("_total"), kind == "counter", name)
        self.assertEqual(self.scrape("/").types, scrape.types)
        self._status_says_the_same()

    def _status_says_the_same(self):
        """Counts and names of settings; of the mailbox nothing, since nobody asked for it."""
        code, kind, text = get(self.port, "/status.json")
        status = json.loads(text)
        self.assertEqual((code, kind, status["schema"]), (200, "application/json", 1))
        self.assertEqual(sum(hour["mails"] for hour in status["hours"]), 1)
        self.assertEqual(len(status["hours"]), 48)
        self.assertIn("EMAIL_INTEL_IMAP_USERNAME", status["settings_changed"])
        page = get(self.port, "/status")[2]
        for name in ("USERNAME", "MAILBOX"):
            secret = self.settings.get("EMAIL_INTEL_IMAP_" + name)
            if secret:
                self.assertNotIn(secret, text + page)

    def test_promtool_finds_nothing_to_blame(self):
        promtool = shutil.which("promtool")
        if not promtool:
            self.skipTest("promtool (Debian's package prometheus) is absent")
        self.fill(2)
        run = self.up(CONNECTOR_METRICS_NAMESPACE="opencti",
                      CONNECTOR_METRICS_SUBSYSTEM="connector")
        run.until(lambda: run.events("run.done"), "a run")
        done = subprocess.run([promtool, "check", "metrics"], input=get(self.port, "/metrics")[2],
                              capture_output=True, text=True, check=False, timeout=60)
        self.assertEqual((done.returncode, done.stdout + done.stderr), (0, ""))

    def test_counters_follow_the_mails(self):
        self.fill(5)
        before = time.time()
        run = self.up()
        self.until_metric(run, lambda scrape: scrape("last_success_timestamp_seconds") > 0,
                          "the run ends")
        scrape = self.scrape()
        for stage in STAGES:
            self.assertEqual(scrape(f"mails_{stage}_total"), 5, stage)
        # Author and marking go first.
        self.assertEqual(scrape("bundles_sent_total"), 7)
        self.assertEqual(scrape("records_sent_total"), 7)
        self.assertEqual(scrape("confirm_duration_seconds_count"), 7)
        self.assertEqual(scrape("mail_to_confirm_duration_seconds_count"), 5)
        self.assertGreater(scrape("mail_to_confirm_duration_seconds_sum"), 0)
        self.assertEqual(scrape("graphql_duration_seconds_bucket", le="+Inf"),
                         scrape("graphql_duration_seconds_count"))
        self.assertGreater(scrape("graphql_duration_seconds_count"), 5)
        self.assertGreater(scrape("ping_api_total"), 0)
        self.assertEqual(scrape("ping_api_errors_total"), 0)
        self.assertEqual(scrape("errors_total"), 0)
        self.assertGreater(scrape("fetched_bytes_total"), 5 * 600)
        self.assertGreater(scrape("published_bytes_total"), scrape("fetched_bytes_total"))
        self.assertEqual((scrape("mailbox_last_uid"), scrape("mailbox_uidnext")), (5, 6))
        self.assertEqual((scrape("mails_waiting"), scrape("messages_unconfirmed")), (0, 0))
        self.assertEqual(scrape("oldest_waiting_mail_age_seconds"), 0)
        self.assertEqual(scrape("registered"), 1)
        self.assertEqual(scrape("server_connects_total", server="mailbox"), 1)
        self.assertEqual(scrape("server_connects_total", server="queue"), 1)
        for server in ("platform", "mailbox", "queue"):
            self.assertLess(scrape("last_contact_age_seconds", server=server), 60)
            self.assertEqual(scrape("server_failing", server=server), 0)
        self.assertGreaterEqual(scrape("last_success_timestamp_seconds"), int(before))
        self.assertLess(scrape("process_resident_memory_bytes"), 64 << 20)
        self.assertEqual(scrape("identity_info", id=self.connector_id, name="Email Intel IMAP",
                                type="EXTERNAL_IMPORT", scope="email-intel-imap"), 1)
        self.assertEqual(scrape.sum("state"), 1)
        self.deliver("one more")
        self.until_metric(run, lambda scrape: scrape("mails_confirmed_total") == 6, "another")

    def test_reasons_of_fallbacks_and_of_attachments_left_out(self):
        samples = glob.glob(os.path.join(os.path.dirname(__file__), "../mail/sample/*.eml"))
        for path in samples:
            with open(path, "rb") as file:
                self.mailbox.deliver(file.read())
        self.deliver("too large", size=70_000)
        # Of the samples' types one is asked for.
        run = self.up(EMAIL_INTEL_IMAP_MAX_MAIL_BYTES="65536",
                      EMAIL_INTEL_IMAP_ATTACHMENTS_MIME_TYPES="text/csv")
        count = len(samples) + 1
        self.until_metric(run, lambda scrape: scrape("mails_confirmed_total") == count, "all")
        scrape = self.scrape()
        self.assertGreaterEqual(scrape("fallback_reports_total", reason="over_limit"), 1)
        self.assertEqual(scrape.sum("fallback_reports_total"),
                         len(run.events("mail.fallback")))
        self.assertGreaterEqual(scrape("attachments_kept_total"), 1)
        self.assertGreaterEqual(
            scrape("attachments_left_out_total", reason="type_not_listed"), 1)
        for subject in ("too large", "Brass Heron"):
            self.assertNotIn(subject, scrape.text)

    def test_ends_of_certificates_where_they_are_verified(self):
        pki = SERVERS.pki
        platform = self.start_platform("https", tls=[pki.cert("good"), pki.key("good")])
        self.platform = platform
        self.fill(1)
        run = self.up(OPENCTI_URL=platform.url, OPENCTI_SSL_VERIFY=pki.ca)
        run.until(lambda: run.events("run.done"), "a run")
        ends = subprocess.run(
            ["openssl", "x509", "-in", pki.cert("good"), "-noout", "-enddate"],
            capture_output=True, text=True, check=True).stdout.strip().split("=")[1]
        scrape = self.scrape()
        for server in ("platform", "mailbox"):
            told = scrape("certificate_expiry_timestamp_seconds", server=server)
            self.assertGreater(told, time.time())
            self.assertLessEqual(told, time.mktime(time.strptime(ends, "%b %d %H:%M:%S %Y %Z"))
                                 + DAY_S)
        # The test's broker is asked without TLS.
        self.assertFalse(scrape.has("certificate_expiry_timestamp_seconds", server="queue"))

    def test_a_prefix_and_hostile_names(self):
        run = self.up(CONNECTOR_METRICS_NAMESPACE="opencti",
                      CONNECTOR_METRICS_SUBSYSTEM="connector",
                      CONNECTOR_NAME='SOC "Süd" \\ 1')
        run.until(lambda: run.events("run.nothing_new"), "a run")
        scrape = self.scrape()
        self.assertEqual(scrape("opencti_connector_state", state="stopped",
                                opencti_connector_state="stopped"), 0)
        self.assertIn('name="SOC \\"Süd\\" \\\\ 1"', scrape.text)
        self.assertGreaterEqual(scrape("opencti_connector_runs_total"), 1)

    def test_the_platforms_queue_and_its_threshold(self):
        self.fill(1)
        self.platform.tell_queue_size(3_000_000)
        run = self.up(CONNECTOR_QUEUE_THRESHOLD="2", CONNECTOR_DURATION_PERIOD="PT2S")
        run.until(lambda: run.events("run.paused_out"), "a whole period over it", 60)
        self.until_metric(run, lambda scrape: scrape("platform_queue_over_threshold") == 1,
                          "the import pauses")
        scrape = self.scrape()
        self.assertEqual(scrape("platform_queue_bytes"), 3_000_000)
        self.assertEqual(scrape("platform_queue_threshold_bytes"), 2_000_000)
        self.assertEqual(scrape("last_success_timestamp_seconds"), 0)
        self.platform.tell_queue_size(0)
        self.until_metric(run, lambda scrape: scrape("last_success_timestamp_seconds") > 0,
                          "the import goes on")
        scrape = self.scrape()
        self.assertEqual(scrape("platform_queue_over_threshold"), 0)
        self.assertEqual(scrape("mails_confirmed_total"), 1)


class Endpoint(MonitorTest):
    def test_nothing_listens_when_metrics_are_off(self):
        run = self.start(CONNECTOR_EXPOSE_METRICS="false")
        run.until(lambda: run.events("run.nothing_new"), "a run")
        self.assertEqual(listening(run.process.pid), [])
        self.assertFalse(run.events("monitor.listening"))

    def test_it_listens_on_the_one_port_that_is_set(self):
        run = self.up()
        self.assertEqual(set(listening(run.process.pid)), {self.port})
        with socket.create_connection(("::1", self.port), 5):
            pass

    def test_a_taken_port_is_one_warning_and_the_import_goes_on(self):
        self.fill(3)
        with socket.create_server(("", self.port)):
            run = self.once_ok()
        warning, = run.events("monitor.not_listening")
        self.assertEqual(warning["level"], "WARNING")
        self.assertIn(str(self.port), warning["attributes"]["reason"])
        self.assertEqual(len(self.imported()), 3)

    def test_methods_and_paths(self):
        self.up()
        self.assertEqual(get(self.port, "/nothing")[0], 404)
        self.assertEqual(get(self.port, "/metrics", "POST")[0], 405)
        status, _, body = get(self.port, "/metrics", "HEAD")
        self.assertEqual((status, body), (200, ""))


class Health(MonitorTest):
    def ready(self):
        status, _, text = get(self.port, "/health/ready")
        return status == 200, text

    def until_ready(self, run, words="", timeout=60):
        run.until(lambda: self.ready()[0] and words in self.ready()[1], "ready", timeout)

    def until_not_ready(self, run, words):
        run.until(lambda: not self.ready()[0] and words in self.ready()[1],
                  f"not ready: {words}; {self.ready()[1]}", OUTAGE_S + 60)

    def test_ready_and_live_while_servers_stop_and_come_back(self):
        doors = {"queue": Door(self.broker.port), "mailbox": Door(self.dovecot.tls_port),
                 "platform": Door(urllib.parse.urlsplit(self.platform.url).port)}
        for door in doors.values():
            self.addCleanup(door.stop)
        self.platform.call("tell_broker", port=doors["queue"].port)
        self.fill(1)
        run = self.up(OPENCTI_URL=f"http://localhost:{doors['platform'].port}",
                      EMAIL_INTEL_IMAP_PORT=doors["mailbox"].port)
        self.until_ready(run, "queue: ok, last answer")

        # A mail arrives, and the broker is gone.
        doors["queue"].shut()
        self.deliver("while the broker is away")
        self.until_not_ready(run, "queue: FAILS for")
        scrape = self.scrape()
        self.assertEqual(scrape("mails_waiting"), 1)
        self.assertEqual(scrape("server_failing", server="queue"), 1)
        self.assertEqual(scrape("server_failing", server="mailbox"), 0)
        self.assertGreater(scrape("oldest_waiting_mail_age_seconds"), 0)

        # The broker is back, and the two others go.
        doors["queue"].open()
        self.until_metric(run, lambda scrape: scrape("mails_confirmed_total") == 2, "it arrives")
        doors["mailbox"].shut()
        doors["platform"].shut()
        self.until_not_ready(run, "platform: FAILS for")
        doors["platform"].open()
        self.until_not_ready(run, "mailbox: FAILS for")
        self.assertGreater(self.scrape()("fault_since_seconds", part="mailbox"), 0)
        self.assertEqual(get(self.port, "/health/live")[0], 200)
        self.assertGreater(self.scrape()("client_errors_total"), 0)

        doors["mailbox"].open()
        self.until_ready(run, timeout=90)
        self.assertGreater(self.scrape()("server_failures_total", server="mailbox"), 0)
        self.assertEqual(self.scrape()("fault_since_seconds", part="mailbox"), 0)
        self.assertGreater(self.scrape()("server_connects_total", server="mailbox"), 1)

    def test_the_word_health(self):
        run = self.up()
        done = self.health()
        self.assertEqual(done.process.returncode, 0, done.tail())
        self.assertIn("heart thread: ok", done.out)
        self.assertEqual(run.terminate(), 0)
        done = self.health()
        self.assertEqual(done.process.returncode, 1)
        self.assertIn(f"port {self.port} does not answer: Connection refused", done.out)

    def test_the_word_health_needs_no_other_setting(self):
        self.up()
        self.settings = {name: self.settings[name] for name in
                         ("CONNECTOR_EXPOSE_METRICS", "CONNECTOR_METRICS_PORT")}
        self.assertEqual(self.health().process.returncode, 0)
        done = self.health(CONNECTOR_EXPOSE_METRICS="false")
        self.assertEqual(done.process.returncode, 0)
        self.assertIn("nothing to ask", done.out)

    def test_the_word_health_is_1_for_what_is_not_alive(self):
        answers = {b"HTTP/1.1 503 Service Unavailable\r\n\r\npublish thread: STANDS STILL\n":
                   "STANDS STILL", b"": "", None: "timed out"}
        for answer, words in answers.items():
            with self.subTest(answer=answer), socket.create_server(
                    ("127.0.0.1", self.port)) as listener:
                threading.Thread(target=answer_once, args=(listener, answer),
                                 daemon=True).start()
                begun = time.monotonic()
                done = self.health()
                self.assertEqual(done.process.returncode, 1, done.tail())
                self.assertIn(words, done.out)
                self.assertLess(time.monotonic() - begun, 10)

    def health(self, **settings):
        run = self.start("health", **settings)
        run.wait(20)
        return run


class Door(Relay):
    """A relay that can be shut: then connections end at once, old and new."""

    def __init__(self, target_port):
        super().__init__(target_port)
        self._behind = self.target
        self._shut = ("127.0.0.1", free_port())
        self.start()

    def shut(self):
        self.target = self._shut
        self.cut()

    def open(self):
        self.target = self._behind


def answer_once(listener, answer):
    """None: takes the request and stays silent."""
    client, _ = listener.accept()
    with client:
        client.recv(1000)
        if answer is None:
            client.recv(1000)
        else:
            client.sendall(answer)


def listening(pid):
    """Ports of TCP sockets of the process that listen, as the kernel has it."""
    inodes = set()
    for entry in os.listdir(f"/proc/{pid}/fd"):
        try:
            target = os.readlink(f"/proc/{pid}/fd/{entry}")
        except OSError:
            continue
        if target.startswith("socket:["):
            inodes.add(target[8:-1])
    ports = []
    for name in ("tcp", "tcp6"):
        with open(f"/proc/{pid}/net/{name}", encoding="ascii") as file:
            rows = [line.split() for line in file.readlines()[1:]]
        ports += [int(row[1].rsplit(":", 1)[1], 16) for row in rows
                  if row[3] == "0A" and row[9] in inodes]
    return ports
