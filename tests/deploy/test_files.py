# SPDX-License-Identifier: Apache-2.0
"""Files under deploy/: made from the settings, rules that hold, a runbook for each alert."""
import json
import os
import re
import tempfile
import unittest

import yaml

from . import support

RULES = ("deploy", "k8s", "chart", "files", "rules.yaml")
DASHBOARD = ("deploy", "k8s", "chart", "files", "dashboard.json")


def settings():
    if not os.access(support.SETTINGS_JSON, os.X_OK):
        raise unittest.SkipTest("EII_SETTINGS_JSON names no program")
    return json.loads(support.run(support.SETTINGS_JSON))


class FollowsFromSettings(unittest.TestCase):
    def test_files__are_what_the_settings_make(self):
        settings()
        support.run("/usr/bin/python3", support.path("tools", "deploy-files"),
                    support.SETTINGS_JSON, "--check")

    def test_files__name_only_settings_there_are(self):
        known = {row["variable"] for row in settings()}
        known |= {f"{row['variable']}_FILE" for row in settings() if row["type"] == "secret"}
        community = yaml.safe_load(support.read("deploy", "opencti-chart", "values.yaml"))
        for connector in community["connectors"]:
            for name in [*connector["env"], *connector["envFromSecrets"]]:
                self.assertIn(name, known)
        for line in support.read("deploy", "k8s", "base", "settings.env").splitlines():
            if not line.startswith("#"):
                self.assertIn(line.split("=")[0], known)

    def test_compose__has_every_variable(self):
        document = support.read("deploy", "compose", "docker-compose.yml")
        for row in settings():
            form = "- {}\n" if row["type"] == "secret" else "- {}="
            self.assertIn(form.format(row["variable"]), document)

    def test_compose__gives_the_connector_what_it_must_have(self):
        service = yaml.safe_load(support.read("deploy", "compose", "docker-compose.yml"))
        service = service["services"]["connector-email-intel-imap"]
        given = {line.split("=")[0] for line in service["environment"]} | set(service["secrets"])
        wanted = {row["variable"] for row in settings() if row["required"]}
        self.assertLessEqual(wanted, given)
        self.assertIn("EMAIL_INTEL_IMAP_SECRETS_DIR=/run/secrets", service["environment"])
        self.assertTrue(service["read_only"])
        self.assertEqual(service["cap_drop"], ["ALL"])


class Version(unittest.TestCase):
    """It stands in CMakeLists.txt; whoever tells it takes it from there."""

    def setUp(self):
        self.version = re.search(r"VERSION (\d+\.\d+\.\d+) LANGUAGES",
                                 support.read("CMakeLists.txt")).group(1)

    def test_version__is_what_the_program_says(self):
        program = os.environ.get("EII_BINARY", "")
        if not os.access(program, os.X_OK):
            raise unittest.SkipTest("EII_BINARY names no program")
        self.assertEqual(support.run(program, "--version"), f"email-intel-imap {self.version}\n")

    def test_version__is_the_changelogs_newest(self):
        newest = re.search(r"^## \[(.*?)\]", support.read("CHANGELOG.md"), re.M)
        self.assertEqual(newest.group(1), self.version)

    def test_version__stands_nowhere_else_in_the_sources(self):
        paths = ["Dockerfile", "README.md"]
        for folder in ("src", "include", "cmake", "tools", "deploy", "docs"):
            for where, _, names in os.walk(support.path(folder)):
                paths += [os.path.relpath(os.path.join(where, name), support.ROOT)
                          for name in names]
        named = {path for path in paths if self.names_it(path)}
        self.assertEqual(named - set(self.made()), set())
        self.assertGreaterEqual(len(named), 8)

    def names_it(self, path):
        with open(support.path(path), "rb") as file:
            return self.version.encode() in file.read()

    def made(self):
        """The files that tools/deploy-files writes the version into."""
        source = support.read("tools", "deploy-files")
        stamps = re.search(r"^STAMPS = \{\n(.*?)^\}", source, re.M | re.S).group(1)
        paths = re.findall(r'^    f?"([^"]+)": r', stamps, re.M)
        return [path.replace("{CHART}", "deploy/k8s/chart") for path in paths] + [
            "deploy/compose/docker-compose.yml",
            "deploy/xtm-composer/catalog.json",
            "docs/upgrading.md"]


class Completion(unittest.TestCase):
    def complete(self, *words, cwd=None):
        script = support.path("deploy", "bash-completion", "email-intel-imap")
        typed = " ".join(f"'{word}'" for word in words)
        return set(support.run("bash", "-c", f"source {script}; COMP_WORDS=({typed}); "
                               f"COMP_CWORD={len(words) - 1}; _email_intel_imap; "
                               "printf '%s\\n' \"${COMPREPLY[@]}\"", cwd=cwd).split())

    def test_completion__knows_every_word_of_the_command_line(self):
        source = support.read("src", "app", "options.c")
        known = set(re.findall(r'\{ "([a-z-]{3,})", EII_ACTION', source))
        self.assertEqual(self.complete("email-intel-imap", ""),
                         known | {"--once", "--config", "--json", "--register"})
        self.assertEqual(self.complete("email-intel-imap", "--c"), {"--config", "--check"})

    def test_completion__offers_mails_behind_convert(self):
        with tempfile.TemporaryDirectory() as folder:
            for name in ("a.eml", "b.txt"):
                with open(os.path.join(folder, name), "w", encoding="ascii"):
                    pass
            self.assertEqual(self.complete("email-intel-imap", "convert", "", cwd=folder),
                             {"a.eml"})
            self.assertEqual(self.complete("email-intel-imap", "--config", "", cwd=folder),
                             {"a.eml", "b.txt"})


class Rules(unittest.TestCase):
    def alerts(self):
        groups = yaml.safe_load(support.read(*RULES))["groups"]
        return [rule for group in groups for rule in group["rules"] if "alert" in rule]

    def test_rules__hold(self):
        support.need("promtool")
        support.run("promtool", "check", "rules", support.path(*RULES))
        support.run("promtool", "test", "rules", support.path("tests", "deploy", "rules_test.yaml"))

    def test_rules__have_a_test_each(self):
        tests = yaml.safe_load(support.read("tests", "deploy", "rules_test.yaml"))["tests"]
        fired = {case["alertname"] for test in tests for case in test["alert_rule_test"]
                 if case.get("exp_alerts")}
        quiet = {case["alertname"] for test in tests for case in test["alert_rule_test"]
                 if not case.get("exp_alerts")}
        names = {rule["alert"] for rule in self.alerts()}
        self.assertEqual(names, fired)
        self.assertLessEqual(names, quiet)

    def test_rules__have_a_heading_each_in_the_runbook(self):
        headings = re.findall(r"^## (\w+)$", support.read("docs", "runbook.md"), re.M)
        self.assertEqual(headings, [rule["alert"] for rule in self.alerts()])
        for rule in self.alerts():
            # No address of the documentation is known: the chart adds it where one is given.
            self.assertEqual(set(rule["annotations"]), {"summary", "description"})

    def test_rules__ask_for_metrics_there_are(self):
        source = support.read("src", "monitor", "metrics.c")
        asked = set(re.findall(r"\bopencti_connector_([a-z_]+)",
                               support.read(*RULES) + support.read(*DASHBOARD)))
        for name in asked:
            stem = re.sub(r"_(bucket|sum|count)$", "", name)
            # The official helper's counters get their ending when they are written.
            known = f'"{stem}"' in source or f'ROW("{stem.removesuffix("_total")}"' in source
            self.assertTrue(known, name)


class Dashboard(unittest.TestCase):
    def test_dashboard__is_one(self):
        document = json.loads(support.read(*DASHBOARD))
        ids = [panel["id"] for panel in document["panels"]]
        self.assertEqual(len(ids), len(set(ids)))
        for panel in document["panels"]:
            for target in panel["targets"]:
                self.assertTrue(target["expr"], panel["title"])

    def test_dashboard__asks_in_promql(self):
        support.need("promtool")
        document = json.loads(support.read(*DASHBOARD))
        rules = [{"record": "a:b:c", "expr": target["expr"]
                  .replace("$__rate_interval", "5m").replace("$instance", ".*")}
                 for panel in document["panels"] for target in panel["targets"]]
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump({"groups": [{"name": "d", "rules": rules}]}, file)
            file.flush()
            support.run("promtool", "check", "rules", "--lint=none", file.name)


if __name__ == "__main__":
    unittest.main()
