# SPDX-License-Identifier: Apache-2.0
"""Debian's Prometheus scrapes a real connector and RabbitMQ's plugin, with our rules loaded.

Things are broken one after the other: the matching alert fires and no other. Waiting times of the
rules are cut from minutes to seconds; what they ask for stays.
"""
import json
import os
import re
import subprocess
import time
import urllib.parse
import urllib.request

import yaml

from integration.support import DAY_S, SERVERS, ConnectorTest
from servers.process import die_with_parent, free_ports, wait_until
from servers.rabbitmq import Rabbitmq
from servers.relay import Relay

from . import support

RULES = ("deploy", "k8s", "chart", "files", "rules.yaml")
DASHBOARD = ("deploy", "k8s", "chart", "files", "dashboard.json")
DETAILED = {"family": ["queue_coarse_metrics", "queue_consumer_count"]}
# What RabbitMQ 3.10 and a platform whose workers tell nothing cannot fill.
EMPTY_PANELS = {"Push queues: taken a second (RabbitMQ 4)",
                "Workers: items a second, seconds a bundle (worker's telemetry)"}
# Of a slow rule: what stands for it here.
FASTER = ((r"for: \d+[mh]", "for: 2s"), (r"\+ 600\b", "+ 8"),
          (r"(fallback_reports|messages_returned)_total\[1h\]", r"\1_total[20s]"),
          (r"(fallback_reports|messages_returned)_total offset 1h", r"\1_total offset 20s"),
          (r"\[30m\]", "[10s]"), (r"\[15m\]", "[10s]"))
FIRES_S = 60


class BrokerWithMetrics(Rabbitmq):
    """The plugin beside management, at metrics_port."""

    def __init__(self, directory, metrics_port):
        self.metrics_port = metrics_port
        super().__init__(directory, extra=f"prometheus.tcp.ip = 127.0.0.1\n"
                                          f"prometheus.tcp.port = {metrics_port}\n")

    def _write(self, name, text):
        if name == "enabled_plugins":
            text = "[rabbitmq_management,rabbitmq_prometheus]."
        super()._write(name, text)


class Monitoring(ConnectorTest):
    @classmethod
    def setUpClass(cls):
        support.need("prometheus", "promtool")
        super().setUpClass()

    def choose_broker(self):
        self.metrics_port, self.prometheus_port, rabbit_port = free_ports(3)
        broker = BrokerWithMetrics(SERVERS.new_path("rabbitmq"), rabbit_port).start()
        self.addCleanup(broker.discard)
        return broker

    def setUp(self):
        super().setUp()
        self.settings.update(
            CONNECTOR_EXPOSE_METRICS="true", CONNECTOR_METRICS_PORT=str(self.metrics_port),
            CONNECTOR_METRICS_NAMESPACE="opencti", CONNECTOR_METRICS_SUBSYSTEM="connector",
            EMAIL_INTEL_IMAP_MAX_MAIL_BYTES="65536")

    def start_prometheus(self):
        rules = support.read(*RULES)
        for pattern, faster in FASTER:
            rules, n = re.subn(pattern, faster, rules)
            self.assertTrue(n, pattern)
        self.write("rules.yaml", rules)
        self.write("prometheus.yaml", yaml.safe_dump({
            "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
            "rule_files": ["rules.yaml"],
            "scrape_configs": [
                {"job_name": "connectors",
                 "static_configs": [{"targets": [f"127.0.0.1:{self.metrics_port}"]}]},
                {"job_name": "rabbitmq-totals",
                 "static_configs": [{"targets": [f"127.0.0.1:{self.broker.metrics_port}"]}]},
                {"job_name": "rabbitmq", "metrics_path": "/metrics/detailed", "params": DETAILED,
                 "static_configs": [{"targets": [f"127.0.0.1:{self.broker.metrics_port}"]}]}]}))
        with open(os.path.join(self.directory, "prometheus.log"), "wb") as log:
            process = subprocess.Popen(
                ["prometheus", "--config.file=prometheus.yaml", "--storage.tsdb.path=data",
                 f"--web.listen-address=127.0.0.1:{self.prometheus_port}"],
                cwd=self.directory, stdout=log, stderr=log, preexec_fn=die_with_parent)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        wait_until(self.is_ready, "Prometheus is ready", 30)

    def write(self, name, text):
        with open(os.path.join(self.directory, name), "w", encoding="utf-8") as file:
            file.write(text)

    def is_ready(self):
        try:
            return self.query("up")
        except OSError:
            return False

    def ask(self, path, **parameters):
        address = (f"http://127.0.0.1:{self.prometheus_port}/api/v1/{path}?"
                   f"{urllib.parse.urlencode(parameters)}")
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(
                address, timeout=10) as answer:
            return json.load(answer)["data"]

    def query(self, expression):
        return self.ask("query", query=expression)["result"]

    def firing(self):
        return {alert["labels"]["alertname"] for alert in self.ask("alerts")["alerts"]
                if alert["state"] == "firing"}

    def assert_fires(self, name):
        """It fires, and until then and for a while after nothing else does."""
        end = time.monotonic() + FIRES_S
        while name not in self.firing():
            self.assertLess(time.monotonic(), end, f"{name} does not fire")
            self.assertLessEqual(self.firing(), {name})
            time.sleep(0.5)
        time.sleep(4)
        self.assertEqual(self.firing(), {name})

    def assert_calms_down(self):
        wait_until(lambda: not self.firing(), f"no alert fires: {self.firing()}", FIRES_S)

    def test_monitoring__tells_what_is_broken_and_nothing_else(self):
        relay = Relay(self.broker.port).start()
        self.addCleanup(relay.stop)
        self.platform.call("tell_broker", port=relay.port)
        self.fill(5)
        run = self.start()
        run.until(lambda: len(self.platform.reports()) >= 5, "the mails arrive")
        self.start_prometheus()
        time.sleep(12)
        self.assertEqual(self.firing(), set())
        self.assert_metrics_are_in_order()
        self.assert_dashboard_has_data()

        self.platform.worker("off")
        self.fill(3, prefix="Unread", first_age_s=DAY_S)
        self.assert_fires("EmailIntelQueueWithoutConsumer")
        self.platform.worker("running")
        self.assert_calms_down()

        self.fill(1, prefix="Large", first_age_s=DAY_S // 2, size=100_000)
        self.assert_fires("EmailIntelFallbackReports")
        self.assert_calms_down()

        relay.when_sent(200_000, lambda: self.broker.delete_queue(
            self.vhost, f"push_{self.connector_id}"))
        self.fill(60, prefix="Lost", first_age_s=DAY_S // 4, size=20_000)
        self.assert_fires("EmailIntelQueueLost")
        self.assert_calms_down()

        self.dovecot.stop()
        self.addCleanup(self.dovecot.again)
        self.assert_fires("EmailIntelSilent")
        self.assertTrue(run.running())

    def assert_metrics_are_in_order(self):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.metrics_port}/metrics",
                                    timeout=10) as answer:
            text = answer.read().decode()
        done = subprocess.run(["promtool", "check", "metrics"], input=text, text=True,
                              capture_output=True, check=False)
        # pycti's own names break the rules: the names are what its users have.
        said = [line for line in (done.stdout + done.stderr).splitlines()
                if not re.match(r"opencti_connector_\w+_created\b", line)]
        self.assertEqual(said, [], said)

    def assert_dashboard_has_data(self):
        empty = set()
        for panel in json.loads(support.read(*DASHBOARD))["panels"]:
            for target in panel["targets"]:
                expression = (target["expr"].replace("$__rate_interval", "10s")
                              .replace("$instance", ".*"))
                if panel["title"] in EMPTY_PANELS:
                    empty |= set() if self.query(expression) else {panel["title"]}
                else:
                    self.assertTrue(self.query(expression), f"{panel['title']}: {expression}")
        self.assertEqual(empty, EMPTY_PANELS)
