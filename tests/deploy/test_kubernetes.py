# SPDX-License-Identifier: Apache-2.0
"""The manifests and the chart, judged by helm, kubeconform and Pod Security's own library.

The programs are built from tests/deploy/kube (pinned in its go.mod); the schemas come from the
OpenAPI file of two Kubernetes releases, out of the Go module proxy.
"""
import json
import os
import re
import shutil
import subprocess
import tempfile
import unittest

import yaml

from . import support

CHART = support.path("deploy", "k8s", "chart")
KUBE = support.path("tests", "deploy", "kube")
VALUES = support.path("tests", "deploy", "values")
RELEASES = ("v1.30.14", "v1.34.2")
# Kinds of the Prometheus operator: their schema is no part of Kubernetes.
CUSTOM = "PodMonitor,PrometheusRule,ServiceMonitor"
GO_TIMEOUT_S = 800
FIRST_RELEASE = "e6456c1"  # 1.0.0


def make_strict(schema):
    """Unknown members are errors, references go to the file beside it, null is no value."""
    if isinstance(schema, list):
        return [make_strict(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if isinstance(schema.get("$ref"), str):
        return {"$ref": schema["$ref"].replace("#/definitions/", "_definitions.json#/definitions/")}
    strict = {key: make_strict(value) for key, value in schema.items()}
    if isinstance(strict.get("properties"), dict) and "additionalProperties" not in strict:
        strict["additionalProperties"] = False
    if strict.get("format") == "int-or-string":
        strict = {"oneOf": [{"type": "string"}, {"type": "integer"}]}
    return strict


def write_schemas(swagger, folder):
    with open(swagger, encoding="utf-8") as file:
        definitions = json.load(file)["definitions"]
    # A quantity is a number as well; the file says string.
    definitions["io.k8s.apimachinery.pkg.api.resource.Quantity"] = {
        "oneOf": [{"type": "string"}, {"type": "number"}]}
    strict = {name: make_strict(schema) for name, schema in definitions.items()}
    os.makedirs(folder)
    with open(os.path.join(folder, "_definitions.json"), "w", encoding="utf-8") as file:
        json.dump({"definitions": strict}, file)
    for name, schema in strict.items():
        for kind in definitions[name].get("x-kubernetes-group-version-kind", []):
            group = kind["group"].split(".")[0]
            parts = [kind["kind"].lower(), *([group] if group else []), kind["version"]]
            with open(os.path.join(folder, "-".join(parts) + ".json"), "w",
                      encoding="utf-8") as file:
                json.dump(schema, file)


def without_nulls(value):
    if isinstance(value, list):
        return [without_nulls(item) for item in value]
    if isinstance(value, dict):
        return {key: without_nulls(item) for key, item in value.items() if item is not None}
    return value


class Kubernetes(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        support.need("go")
        found = re.search(r"go(\d+)\.(\d+)", support.run("go", "version"))
        if (int(found.group(1)), int(found.group(2))) < (1, 24):
            raise unittest.SkipTest(f"Go is {found.group(0)}, the tools need 1.24")
        cls.temporary = tempfile.TemporaryDirectory(prefix="eii-kube-")
        cls.addClassCleanup(cls.temporary.cleanup)
        tools = os.path.join(cls.temporary.name, "bin")
        support.run("go", "build", "-o", f"{tools}/", "./podsecurity", "helm.sh/helm/v3/cmd/helm",
                    "github.com/yannh/kubeconform/cmd/kubeconform", cwd=KUBE, timeout=GO_TIMEOUT_S)
        cls.helm, cls.kubeconform, cls.podsecurity = (
            os.path.join(tools, name) for name in ("helm", "kubeconform", "podsecurity"))
        cls.schemas = [cls.schemas_of(release) for release in RELEASES]

    @classmethod
    def schemas_of(cls, release):
        module = json.loads(support.run("go", "mod", "download", "-json",
                                        f"k8s.io/kubernetes@{release}", cwd=cls.temporary.name,
                                        timeout=GO_TIMEOUT_S))
        folder = os.path.join(cls.temporary.name, release)
        write_schemas(os.path.join(module["Dir"], "api", "openapi-spec", "swagger.json"), folder)
        return folder

    def values(self):
        return sorted(os.path.join(VALUES, name) for name in os.listdir(VALUES))

    def template(self, *arguments, release="intel"):
        return support.run(self.helm, "template", release, CHART, "--namespace", "opencti",
                           "--kube-version", "1.34.0", *arguments)

    def deployments(self, *arguments, **options):
        documents = yaml.safe_load_all(self.template(*arguments, **options))
        return {document["metadata"]["name"]: document for document in documents
                if document and document["kind"] == "Deployment"}

    def environment(self, deployment):
        container = deployment["spec"]["template"]["spec"]["containers"][0]
        return {item["name"]: item.get("value") for item in container["env"]}

    def assert_valid(self, manifests):
        for folder in self.schemas:
            location = f"{folder}/{{{{.ResourceKind}}}}{{{{.KindSuffix}}}}.json"
            said = support.run(self.kubeconform, "-strict", "-summary", "-skip", CUSTOM,
                               "-schema-location", location, "-", input=manifests)
            self.assertNotIn("Valid: 0", said)
        said = support.run(self.podsecurity, input=manifests)
        self.assertNotIn("0 pods", said)

    # The chart

    def test_chart__is_clean_and_valid_with_all_values(self):
        for values in self.values():
            with self.subTest(os.path.basename(values)):
                support.run(self.helm, "lint", "--strict", CHART, "-f", values)
                self.assert_valid(self.template("-f", values))

    def test_chart__takes_an_upgrade_of_one_mailbox_to_its_pod_only(self):
        before = self.deployments("-f", f"{VALUES}/two.yaml")
        with open(f"{VALUES}/two.yaml", encoding="utf-8") as file:
            values = yaml.safe_load(file)
        values["mailboxes"][1]["period"] = "PT7M"
        values["mailboxes"].insert(0, {"name": "new", "user": "n@example.com",
                                       "passwordSecret": {"name": "new"}})
        changed = os.path.join(self.temporary.name, "changed.yaml")
        with open(changed, "w", encoding="utf-8") as file:
            yaml.safe_dump(values, file)
        after = self.deployments("-f", changed)
        soc, cert = "intel-email-intel-imap-soc", "intel-email-intel-imap-cert"
        self.assertEqual(before[soc], after[soc])
        self.assertNotEqual(before[cert], after[cert])
        self.assertEqual(set(after) - set(before), {"intel-email-intel-imap-new"})

    def test_chart__derives_ids_that_are_stable_and_differ(self):
        def ids(**options):
            return [self.environment(found)["CONNECTOR_ID"] for found in
                    self.deployments("-f", f"{VALUES}/fleet.yaml", **options).values()]
        self.assertEqual(ids(), ids())
        both = ids() + ids(release="other")
        self.assertEqual(len(both), len(set(both)))
        for connector_id in both:
            self.assertRegex(connector_id,
                             r"^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$")

    def test_chart__passes_settings_on_as_they_are(self):
        found = self.deployments("-f", f"{VALUES}/two.yaml")["intel-email-intel-imap-cert"]
        environment = self.environment(found)
        for name, value in {
                "CONNECTOR_ID": "5f2a8a86-4f5c-4c0e-9d0b-0f6a3a7d2c11",
                "CONNECTOR_NAME": "Mails to CERT", "EMAIL_INTEL_IMAP_TLP_LEVEL": "red",
                "EMAIL_INTEL_IMAP_MAILBOX": "INBOX/Intel Ünïcode",
                "EMAIL_INTEL_IMAP_MAX_MAIL_BYTES": "52428800",
                "EMAIL_INTEL_IMAP_ATTACH_FORWARDED": "false",
                "MQ_PASS_FILE": "/run/secrets/email-intel-imap/MQ_PASS"}.items():
            self.assertEqual(environment[name], value)
        self.assertNotIn("EMAIL_INTEL_IMAP_PASSWORD_FILE", environment)

    def test_chart__refuses_what_cannot_work(self):
        for change, expected in (
                ("mailboxes[0].nme=x", "nme"),
                ("mailboxes[0].settings.EMAIL_INTEL_IMAP_TPL_LEVEL=red", "TPL_LEVEL"),
                ("mailboxes[0].settings.OPENCTI_TOKEN=abc", "OPENCTI_TOKEN"),
                ("mailboxes[0].tlp=purple", "tlp"),
                ("mailboxes[0].port=70000", "port"),
                ("defaults.host=", "host is not set"),
                ("mailboxes[0].passwordSecret.name=", "passwordSecret.name"),
                ("mailboxes[0].googleTokenSecret.name=x", "one of them signs in"),
                ("mailboxes[0].auth.method=microsoft-app", "use auth.secret"),
                ("mailboxes[0].auth.secret.name=x", "a secret and no method"),
                ("mailboxes[0].auth.method=magic", "method"),
                ("mailboxes[0].passwordSecret.name=,mailboxes[0].auth.method=oauth",
                 "needs auth.secret"),
                ("mailboxes[1].name=soc", "twice"),
                ("opencti.url=", "opencti.url is not set; beside the community chart it is"),
                ("opencti.tokenSecret.name=", "tokenSecret"),
                ("mailboxes[0].period=5M", "period"),
                ("mailboxes[0].period=P0D", "soc: it is to run and terminate"),
                ("mailboxes[0].settings.CONNECTOR_RUN_AND_TERMINATE=true", "give it a schedule"),
                ("mailboxes[0].schedule=soon", "schedule"),
                ("mailboxes[0].id=5f2a8a86-4f5c-4c0e-9d0b-0f6a3a7d2c11", "soc and cert: both"),
                ("mailboxes[0].extraEnv[0].name=MQ_HOST,mailboxes[0].settings.MQ_HOST=x",
                 "extraEnv names MQ_HOST"),
                ("mailboxes[0].extraEnv[0].name=OPENCTI_TOKEN", "extraEnv names OPENCTI_TOKEN"),
                ("metrics.prometheusRule.disabled[0]=EmailIntelSilnt", "disabled"),
                ("metrics.prot=1", "prot")):
            with self.subTest(change):
                self.assertIn(expected, self.refusal("two", "--set", change))

    def test_chart__takes_every_way_to_sign_in(self):
        files = "/run/secrets/email-intel-imap"
        wanted = {
            "workload": {"AUTH": "microsoft-app", "TENANT_ID": "t", "CLIENT_ID": "c"},
            "application": {"CLIENT_CERTIFICATE": f"{files}/client.crt",
                            "CLIENT_KEY_FILE": f"{files}/EMAIL_INTEL_IMAP_CLIENT_KEY"},
            "secret": {"CLIENT_SECRET_FILE": f"{files}/EMAIL_INTEL_IMAP_CLIENT_SECRET"},
            "consent": {"REFRESH_TOKEN_FILE": f"{files}/EMAIL_INTEL_IMAP_REFRESH_TOKEN"},
            "service": {"GOOGLE_KEY_JSON_FILE": f"{files}/EMAIL_INTEL_IMAP_GOOGLE_KEY_JSON"},
            "any": {"AUTH": "oauth", "TOKEN_URL": "https://login.example/token"},
            "client": {"AUTH": "certificate", "TLS_CERT": f"{files}/client.crt",
                       "TLS_KEY_FILE": f"{files}/EMAIL_INTEL_IMAP_TLS_KEY"}}
        deployments = self.deployments("-f", f"{VALUES}/signin.yaml", release="r")
        for name, variables in wanted.items():
            deployment = deployments[f"r-email-intel-imap-{name}"]
            environment = self.environment(deployment)
            for variable, value in variables.items():
                self.assertEqual(environment[f"EMAIL_INTEL_IMAP_{variable}"], value, name)
            labels = deployment["spec"]["template"]["metadata"]["labels"]
            self.assertEqual("azure.workload.identity/use" in labels, name == "workload")

    def refusal(self, values, *changes, release="r"):
        return support.refused(self.helm, "template", release, CHART, "--kube-version", "1.34.0",
                               "--namespace", "opencti", "-f", f"{VALUES}/{values}.yaml", *changes)

    def test_chart__names_both_of_two_mailboxes_that_cannot_live_together(self):
        same = ("mailboxes[1].user=SOC@example.com,mailboxes[1].folder=INBOX,"
                "mailboxes[1].host=IMAP.example.com")
        self.assertIn("mailboxes soc and cert: both read the folder INBOX",
                      self.refusal("two", "--set", same))
        derived = self.environment(self.deployments("-f", f"{VALUES}/two.yaml", release="r")[
            "r-email-intel-imap-soc"])["CONNECTOR_ID"]
        self.assertIn(f"mailboxes soc and cert: both have the id {derived}",
                      self.refusal("two", "--set", f"mailboxes[1].id={derived}"))

    def test_chart__takes_the_durations_that_the_daemon_takes(self):
        program = os.environ.get("EII_BINARY", "")
        if not os.access(program, os.X_OK):
            raise unittest.SkipTest("EII_BINARY names no program")
        schema = json.loads(support.read("deploy", "k8s", "chart", "values.schema.json"))
        pattern = schema["properties"]["defaults"]["properties"]["period"]["pattern"]
        for text in ("PT5M", "P1D", "P1DT12H", "PT0.5S", "PT1,5H", "P1Y2M3W4D", "P4D3W", "PT5M3H",
                     "P", "PT", "P1DT", "P5", "PT5", "5M", "pt5m", "PT5m", "P1.5DT1H", "P1.D",
                     "+PT5M", "-PT5M", "01:00", "1:00:00", "01:60", "01:00:60", "01:00:00.5",
                     "01:00:00.", "3d", "3 days", "1 day, 00:05:00", "1day 00:05", "1 day,00:05",
                     "1 dayss", "3 D", "0", "00", "", "P1M", "PT1D", "P1H", "every hour", "1h"):
            if not text:
                continue
            done = subprocess.run([program, "--once"], capture_output=True, text=True, check=False,
                                  env={"CONNECTOR_DURATION_PERIOD": text, "PATH": "/bin"},
                                  cwd=self.temporary.name)
            is_taken = "CONNECTOR_DURATION_PERIOD" not in done.stderr
            self.assertEqual(bool(re.search(pattern, text)), is_taken, f"{text}: {done.stderr}")

    def test_chart__gives_each_mailbox_its_own_platform(self):
        found = self.deployments("-f", f"{VALUES}/wide.yaml")
        soc, cert = self.environment(found["intel-soc"]), self.environment(found["intel-cert"])
        self.assertEqual((soc["OPENCTI_URL"], cert["OPENCTI_URL"]),
                         ("https://opencti.example.com", "https://other.example.com/base"))
        self.assertEqual(soc["OPENCTI_SSL_VERIFY"], "/run/secrets/email-intel-imap/opencti-ca.crt")
        self.assertNotIn("OPENCTI_SSL_VERIFY", cert)
        self.assertIn("intel-soc-there", found)

        def tokens(name):
            volume = found[name]["spec"]["template"]["spec"]["volumes"][0]
            return {(source["secret"]["name"], item["key"])
                    for source in volume["projected"]["sources"]
                    for item in source["secret"]["items"] if item["path"] == "OPENCTI_TOKEN"}
        self.assertEqual(tokens("intel-soc"), {("opencti", "token")})
        self.assertEqual(tokens("intel-cert"), {("other", "cert")})

    def test_chart__runs_a_schedule_as_a_job(self):
        documents = [document for document in
                     yaml.safe_load_all(self.template("-f", f"{VALUES}/wide.yaml")) if document]
        job, = [document for document in documents if document["kind"] == "CronJob"]
        self.assertEqual(job["metadata"]["name"], "intel-nightly")
        self.assertEqual(job["spec"]["concurrencyPolicy"], "Forbid")
        spec = job["spec"]["jobTemplate"]["spec"]
        self.assertEqual(spec["backoffLimit"], 0)
        rule, = spec["podFailurePolicy"]["rules"]
        self.assertEqual((rule["action"], rule["onExitCodes"]["values"]), ("FailJob", [64, 77, 78]))
        pod = spec["template"]["spec"]
        self.assertEqual(pod["restartPolicy"], "Never")
        container = pod["containers"][0]
        environment = {item["name"]: item.get("value") for item in container["env"]}
        self.assertEqual(environment["CONNECTOR_RUN_AND_TERMINATE"], "true")
        self.assertNotIn("CONNECTOR_EXPOSE_METRICS", environment)
        self.assertNotIn("livenessProbe", container)
        self.assertNotIn("intel-nightly", self.deployments("-f", f"{VALUES}/wide.yaml"))
        self.assertIn("at most 52", self.refusal(
            "wide", "--set", "fullnameOverride=" + "x" * 40, "--set",
            "mailboxes[3].name=a-name-of-22-character"))

    def test_chart__takes_the_keys_that_charts_share(self):
        documents = [document for document in
                     yaml.safe_load_all(self.template("-f", f"{VALUES}/wide.yaml")) if document]
        for document in documents:
            if document["kind"] not in ("ConfigMap", "Pod"):
                self.assertEqual(document["metadata"]["labels"]["cost-centre"], "soc")
        pod = self.deployments("-f", f"{VALUES}/wide.yaml")["intel-soc"]["spec"]["template"]["spec"]
        self.assertEqual([item["name"] for item in pod["imagePullSecrets"]],
                         ["first", "second", "mirror"])
        container = next(item for item in pod["containers"] if item["name"] == "connector")
        self.assertTrue(container["image"].startswith("mirror.example.com/tools/email-intel-imap:"))
        self.assertEqual(container["terminationMessagePolicy"], "FallbackToLogsOnError")
        self.assertEqual(pod["securityContext"]["seccompProfile"]["type"], "Localhost")
        policy, = [item for item in documents if item["kind"] == "NetworkPolicy"]
        dns, platform = policy["spec"]["egress"][:2]
        self.assertEqual(dns["to"][0]["podSelector"], {
            "matchLabels": {"dns.operator.openshift.io/daemonset-dns": "default"}})
        self.assertEqual(platform["to"][0]["podSelector"], {"matchLabels": {"app": "opencti"}})
        rules, = [item for item in documents if item["kind"] == "PrometheusRule"]
        alerts = {rule["alert"]: rule for group in rules["spec"]["groups"]
                  for rule in group["rules"] if "alert" in rule}
        self.assertNotIn("EmailIntelMemoryNearLimit", alerts)
        self.assertEqual(alerts["EmailIntelSilent"]["labels"],
                         {"severity": "page", "team": "intel"})
        self.assertEqual(alerts["EmailIntelBehindMailbox"]["for"], "2h")
        self.assertEqual(alerts["EmailIntelSilent"]["annotations"]["runbook_url"],
                         "https://docs.example.com/email-intel/runbook.md#emailintelsilent")

    def test_chart__misses_each_mailbox_by_its_name(self):
        def rules(*arguments):
            found, = [document for document in yaml.safe_load_all(self.template(*arguments))
                      if document and document["kind"] == "PrometheusRule"]
            path = os.path.join(self.temporary.name, "rules.yaml")
            with open(path, "w", encoding="utf-8") as file:
                yaml.safe_dump(found["spec"], file)
            if shutil.which("promtool"):
                support.run("promtool", "check", "rules", path)
            return [rule for group in found["spec"]["groups"] for rule in group["rules"]]
        gone = [rule["expr"] for rule in rules("-f", f"{VALUES}/wide.yaml")
                if rule.get("alert") == "EmailIntelGone"]
        self.assertEqual(gone, [
            f'absent(opencti_connector_build_info{{namespace="opencti", mailbox="{name}"}})'
            for name in ("soc", "cert", "soc-there")])
        alone = rules("-f", f"{VALUES}/two.yaml", "--set", "metrics.dashboard.enabled=true",
                      "--api-versions", "monitoring.coreos.com/v1")
        self.assertTrue(alone)
        self.assertFalse([rule for rule in alone if "alert" in rule])

    def test_chart__checks_each_mailbox_by_helm_test(self):
        pods = [document for document in
                yaml.safe_load_all(self.template("-f", f"{VALUES}/wide.yaml"))
                if document and document["kind"] == "Pod"]
        self.assertEqual(len(pods), 4)
        for pod in pods:
            self.assertEqual(pod["metadata"]["annotations"]["helm.sh/hook"], "test")
            self.assertEqual(pod["spec"]["restartPolicy"], "Never")
            self.assertEqual([container.get("args") for container in pod["spec"]["containers"]],
                             [["--check"]])

    def test_chart__tells_long_releases_apart(self):
        long = "a-release-whose-name-is-longer-than-forty"
        names = {name for release in (long + "-1", long + "-2")
                 for name in self.deployments("-f", f"{VALUES}/quiet.yaml", release=release)}
        self.assertEqual(len(names), 2)
        for name in names:
            self.assertLessEqual(len(name), 63)

    def test_chart__keeps_ids_names_and_selectors_of_the_first_release(self):
        before = os.path.join(self.temporary.name, "before")
        os.makedirs(before)
        archive = subprocess.run(["git", "archive", FIRST_RELEASE, "deploy/k8s/chart"],
                                 cwd=support.ROOT, capture_output=True, check=False)
        if archive.returncode:
            raise unittest.SkipTest(f"{FIRST_RELEASE} is not in this checkout")
        subprocess.run(["tar", "-x", "-C", before], input=archive.stdout, check=True)

        def rendered(chart, values):
            text = support.run(self.helm, "template", "intel", chart, "--kube-version", "1.34.0",
                               "--namespace", "opencti", "-f", f"{VALUES}/{values}.yaml")
            return {document["metadata"]["name"]: (
                document["spec"]["selector"], self.environment(document)["CONNECTOR_ID"],
                document["spec"]["template"]["metadata"]["labels"])
                for document in yaml.safe_load_all(text)
                if document and document["kind"] == "Deployment"}
        for values in ("two", "quiet", "fleet"):
            self.assertEqual(rendered(os.path.join(before, "deploy", "k8s", "chart"), values),
                             rendered(CHART, values), values)

    # The community's chart, where it is beside the checkout

    def community(self, *arguments):
        source = support.path("..", "shared", "helm-opencti", "charts", "opencti")
        if not os.path.isdir(source):
            raise unittest.SkipTest(f"{source} is not there")
        chart = os.path.join(self.temporary.name, "opencti")
        if not os.path.isdir(chart):
            shutil.copytree(source, chart, copy_function=shutil.copyfile)
            for folder, _, _ in os.walk(chart):
                os.chmod(folder, 0o755)
            # Its subcharts are not there, and nothing here is about them.
            with open(os.path.join(chart, "Chart.yaml"), "r+", encoding="utf-8") as file:
                head = file.read().split("dependencies:")[0]
                file.seek(0)
                file.truncate()
                file.write(head)
        text = support.run(self.helm, "template", "opencti", chart, "--kube-version", "1.34.0",
                           "-n", "opencti", "-f",
                           support.path("deploy", "opencti-chart", "values.yaml"), *arguments)
        return [document for document in yaml.safe_load_all(text) if document]

    CLUSTERING = ("--set", "clustering.enabled=true", "--set", "clustering.frontend.enabled=true",
                  "--set", "clustering.ingestion.enabled=true")

    def ours(self, documents):
        return [document for document in documents
                if "email-intel-imap" in document["metadata"]["name"]]

    def test_community__starts_our_pod_under_the_restricted_profile(self):
        for mode in ((), self.CLUSTERING):
            documents = self.ours(self.community(*mode))
            # The API drops a null, which that chart writes for what is not given.
            self.assert_valid(yaml.safe_dump_all(without_nulls(documents)))
            kinds = {document["kind"]: document for document in documents}
            self.assertEqual(set(kinds), {"Deployment", "NetworkPolicy", "Service",
                                          "ServiceAccount"})
            spec = kinds["Deployment"]["spec"]
            self.assertEqual(spec["strategy"], {"type": "Recreate"})
            pod = spec["template"]["spec"]
            self.assertEqual(pod["serviceAccountName"],
                             kinds["ServiceAccount"]["metadata"]["name"])
            names = [item["name"] for item in pod["containers"][0]["env"]]
            self.assertEqual(sorted(names), sorted(set(names)))
            given = {item["name"]: item for item in pod["containers"][0]["env"]}
            self.assertIn("valueFrom", given["OPENCTI_TOKEN"])
            self.assertIn(given["OPENCTI_URL"]["value"],
                          ("http://opencti-server:80", "http://opencti-frontend:80"))
            self.assertEqual(kinds["NetworkPolicy"]["spec"]["podSelector"]["matchLabels"]
                             ["opencti.connector"], "email-intel-imap-soc")
            self.assertIn("metrics", [port["name"] for port in pod["containers"][0]["ports"]])

    def test_community__has_the_services_that_our_pages_name(self):
        for mode, name in (((), "opencti-server"), (self.CLUSTERING, "opencti-frontend")):
            services = {document["metadata"]["name"]: document["spec"]["ports"]
                        for document in self.community(*mode) if document["kind"] == "Service"}
            self.assertIn((80, 4000), [(port["port"], port["targetPort"])
                                       for port in services[name]])
        self.assertIn("\nOPENCTI_URL=http://opencti-server\n",
                      support.read("deploy", "k8s", "base", "settings.env"))
        self.assertIn("url: http://opencti-server ",
                      support.read("deploy", "k8s", "chart", "README.md"))

    def test_community__lets_our_policies_reach_its_pods(self):
        def expressions(policy):
            for rule in policy["spec"]["egress"]:
                for peer in rule.get("to", []):
                    for found in peer["podSelector"].get("matchExpressions", []):
                        if found["key"] == "opencti.component":
                            yield set(found["values"])
        chart, = [document for document in
                  yaml.safe_load_all(self.template("-f", f"{VALUES}/quiet.yaml"))
                  if document and document["kind"] == "NetworkPolicy"]
        base = yaml.safe_load(support.read("deploy", "k8s", "base", "networkpolicy.yaml"))
        policies = [chart, base]
        for mode in ((), self.CLUSTERING):
            documents = self.community(*mode)
            labels = {document["spec"]["template"]["metadata"]["labels"].get("opencti.component")
                      for document in documents if document["kind"] == "Deployment"}
            labels -= {None, "worker"}
            for policy in policies + [document for document in self.ours(documents)
                                      if document["kind"] == "NetworkPolicy"]:
                self.assertTrue(any(labels <= values for values in expressions(policy)), labels)

    # The manifests

    def test_manifests__are_valid(self):
        support.need("kubectl")
        for folder in ("base", "overlays/example"):
            manifests = support.run("kubectl", "kustomize", support.path("deploy", "k8s", folder))
            self.assert_valid(manifests)

    def test_manifests__keep_the_selectors_of_other_pods(self):
        support.need("kubectl")
        manifests = support.run("kubectl", "kustomize",
                                support.path("deploy", "k8s", "overlays", "example"))
        policy, = [document for document in yaml.safe_load_all(manifests)
                   if document["kind"] == "NetworkPolicy"]
        for rule in policy["spec"]["egress"]:
            for peer in rule.get("to", []):
                self.assertNotIn("matchLabels", peer["podSelector"])
        self.assertEqual(policy["spec"]["podSelector"]["matchLabels"]
                         ["app.kubernetes.io/instance"], "soc")

    def test_checks__find_what_is_wrong(self):
        good = self.template("-f", f"{VALUES}/two.yaml")
        self.assertRegex(support.refused(self.podsecurity, input=good.replace(
            "runAsNonRoot: true", "runAsNonRoot: false")), "runAsNonRoot")
        location = f"{self.schemas[0]}/{{{{.ResourceKind}}}}{{{{.KindSuffix}}}}.json"
        done = subprocess.run([self.kubeconform, "-strict", "-schema-location", location, "-"],
                              input=good.replace("enableServiceLinks", "enableServicesLinks"),
                              capture_output=True, text=True, check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("enableServicesLinks", done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()
