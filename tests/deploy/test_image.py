# SPDX-License-Identifier: Apache-2.0
"""The container image: what is in it, and the connector in it against real servers.

Built by tools/image (buildah, chroot isolation) and run by podman and runc: read-only root, no
capability, no new privileges, the default seccomp profile, a user as OpenShift gives it.
"""
import base64
import ctypes
import json
import os
import re
import socket
import subprocess
import tarfile
import tempfile
import time
import unittest
import uuid

from integration.support import RUN_TIMEOUT_S, SERVERS, ConnectorTest, Run
from servers.process import children_of, wait_until

from . import support

TAG = "localhost/email-intel-imap:test"
USER = "1000660000:0"
BUILD_TIMEOUT_S = 3600  # for what hangs: it downloads, and compiles on what others leave
MIB = 1 << 20
SBOM = "usr/share/sbom/email-intel-imap.spdx.json"
IDLE_BYTES = 8 * MIB
IMAGE_BYTES = 30 * MIB
# A host that may not raise limits cannot give the defaults, which are higher.
FLAGS = ("--runtime", "runc", "--read-only", "--read-only-tmpfs=false", "--cap-drop", "all",
         "--security-opt", "no-new-privileges", "--user", USER, "--pids-limit", "64",
         "--ulimit", "nofile=1024:1024", "--ulimit", "nproc=512:512")
CHARSETS = {
    "iso-2022-jp": "脅威情報の共有", "gb18030": "恶意软件分析报告€", "koi8-r": "Отчёт об угрозах",
    "windows-1252": "Menaces “ciblées” à 100 €",
}


def setUpModule():
    support.need("buildah", "podman", "runc", "debootstrap")
    if os.geteuid() != 0:
        raise unittest.SkipTest("building the image needs root")
    support.run(support.path("tools", "image"), TAG, timeout=BUILD_TIMEOUT_S)


def podman(*arguments, **options):
    return support.run("podman", *arguments, **options)


def landlock_abi():
    """The kernel's, 0 without: landlock_create_ruleset(2) asked for its version."""
    return max(ctypes.CDLL(None).syscall(444, None, 0, 1), 0)


def charset_mail(charset, text):
    body = base64.encodebytes(text.encode(charset)).decode()
    return (f"From: a@example.com\r\nSubject: {charset}\r\n"
            "Date: Mon, 02 Feb 2026 10:00:00 +0000\r\nMIME-Version: 1.0\r\n"
            f"Content-Type: text/plain; charset={charset}\r\n"
            f"Content-Transfer-Encoding: base64\r\n\r\n{body}")


class Content(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.config = json.loads(podman("image", "inspect", TAG))[0]
        container = podman("create", "--no-healthcheck", TAG).strip()
        try:
            with tempfile.TemporaryFile() as file:
                subprocess.run(["podman", "export", container], stdout=file, check=True)
                file.seek(0)
                listed = subprocess.run(["tar", "t"], stdin=file, capture_output=True, text=True,
                                        check=True)
                file.seek(0)
                with tarfile.open(fileobj=file) as archive:
                    cls.elf = {f"./{member.name}" for member in archive
                               if member.isfile() and
                               archive.extractfile(member).read(4) == b"\x7fELF"}
                    cls.sbom = json.load(archive.extractfile(SBOM))
        finally:
            podman("rm", container)
        cls.files = listed.stdout.splitlines()

    def test_image__is_small(self):
        print(f"\nimage: {self.config['Size'] / 1e6:.1f} MB in {len(self.files)} files")
        self.assertLessEqual(self.config["Size"], IMAGE_BYTES)

    def test_image__holds_no_other_program(self):
        programs = [name for name in self.files
                    if re.match(r"(usr/)?(s?bin|libexec)/.", name) and not name.endswith("/")]
        self.assertEqual(sorted(programs), ["usr/bin/email-intel-imap",
                                            "usr/libexec/email-intel-imap-converter"])

    def test_image__says_how_it_is_run(self):
        config = self.config["Config"]
        self.assertEqual(config["User"], "65532:65532")
        self.assertEqual(config["StopSignal"], "SIGTERM")
        self.assertEqual(config["Entrypoint"], ["email-intel-imap"])
        self.assertEqual(self.config["Healthcheck"]["Test"], ["CMD", "email-intel-imap", "health"])
        for label in ("title", "version", "revision", "licenses", "created"):
            self.assertTrue(config["Labels"][f"org.opencontainers.image.{label}"], label)

    def test_image__names_neither_the_machine_nor_the_steps_that_made_it(self):
        with tempfile.TemporaryDirectory() as directory:
            subprocess.run(["buildah", "push", "-q", TAG, f"dir:{directory}"], check=True)
            with open(os.path.join(directory, "manifest.json"), encoding="utf-8") as file:
                digest = json.load(file)["config"]["digest"].removeprefix("sha256:")
            with open(os.path.join(directory, digest), encoding="utf-8") as file:
                config = json.load(file)
        self.assertEqual({config[name]["Hostname"] for name in ("config", "container_config")},
                         {""})
        self.assertFalse({"container", "parent"} & set(config))
        self.assertFalse([step for step in config["history"] if "comment" in step])

    def test_sbom__names_each_package_of_each_library(self):
        packages = {package["name"]: package for package in self.sbom["packages"]}
        self.assertEqual(self.sbom["spdxVersion"], "SPDX-2.3")
        for name in ("email-intel-imap", "libc6", "libmailutils9t64", "ca-certificates"):
            self.assertIn(name, packages)
        status = {os.path.basename(name) for name in self.files
                  if name.startswith("var/lib/dpkg/status.d/") and not name.endswith("/")}
        self.assertEqual(status | {"email-intel-imap"}, set(packages))

    def test_sbom__gives_each_elf_file_to_one_package(self):
        names = {file["SPDXID"]: file["fileName"] for file in self.sbom["files"]}
        packages = {package["SPDXID"] for package in self.sbom["packages"]}
        held = [(edge["spdxElementId"], names[edge["relatedSpdxElement"]])
                for edge in self.sbom["relationships"] if edge["relationshipType"] == "CONTAINS"]
        self.assertEqual(sorted(name for _, name in held), sorted(self.elf))
        self.assertLessEqual({package for package, _ in held}, packages)
        own = [name for package, name in held if package == "SPDXRef-Package-email-intel-imap"]
        self.assertEqual(own, ["./usr/bin/email-intel-imap",
                               "./usr/libexec/email-intel-imap-converter"])

    def test_sbom__says_what_each_package_is_for(self):
        with open(support.path("deploy", "image", "contents.txt"), encoding="utf-8") as file:
            listed = dict(line.rstrip("\n").split(": ", 1) for line in file if line[0] != "#")
        comments = {package["name"]: package.get("comment", "")
                    for package in self.sbom["packages"] if package["name"] != "email-intel-imap"}
        self.assertEqual(set(listed), set(comments))
        for name, what in listed.items():
            self.assertIn(what.removeprefix("! "), comments[name])


class Conversion(unittest.TestCase):
    def test_convert__knows_the_charsets_and_agrees_with_the_build(self):
        with tempfile.TemporaryDirectory() as folder:
            os.chmod(folder, 0o755)
            names = []
            for charset, text in CHARSETS.items():
                names.append(f"{charset}.eml")
                with open(os.path.join(folder, names[-1]), "wb") as file:
                    file.write(charset_mail(charset, text).encode())
            sample = support.path("tests", "mail", "sample")
            command = ["podman", "run", "--rm", "--no-healthcheck", "--network", "none", *FLAGS,
                       "-v", f"{folder}:/m:ro", "-v", f"{sample}:/s:ro", TAG, "convert"]
            samples = sorted(os.listdir(sample))
            inside = support.run(*command, *(f"/m/{name}" for name in names),
                                 *(f"/s/{name}" for name in samples))
            outside = support.run(os.environ["EII_BINARY"], "convert",
                                  *(os.path.join(folder, name) for name in names),
                                  *(os.path.join(sample, name) for name in samples))
        reports = [json.loads(line) for line in inside.splitlines()]
        for report, text in zip(reports, CHARSETS.values()):
            self.assertIn(text, report["x_opencti_content"])
        expected = [json.loads(line) for line in outside.splitlines()]
        for report in reports + expected:
            del report["created"], report["modified"]
        self.assertEqual(reports, expected)


class Connector(ConnectorTest):
    """The tests of the real program, with the program in its image."""

    def start(self, *arguments, memory="128m", **settings):
        wanted = {name: str(value) for name, value in {**self.settings, **settings}.items()}
        self.name = f"eii-{uuid.uuid4().hex[:12]}"
        command = ["podman", "run", "--rm", "--name", self.name, "--no-healthcheck",
                   "--network", "host", *FLAGS, "--memory", memory, "--memory-swap", memory,
                   "-v", f"{os.path.dirname(SERVERS.pki.ca)}:{os.path.dirname(SERVERS.pki.ca)}:ro"]
        for name in wanted:
            command += ["-e", name]
        run = Run([*command, TAG, *arguments], {**os.environ, **wanted}, self.directory)
        self._runs.append(run)
        self.addCleanup(subprocess.run, ["podman", "rm", "-f", self.name], capture_output=True,
                        check=False)
        return run

    def connector_pid(self):
        return int(podman("inspect", "-f", "{{.State.Pid}}", self.name))

    def anonymous_bytes(self, first=None):
        first = first or self.connector_pid()
        total = 0
        for pid in [first, *children_of(first)]:
            with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
                rollup = dict(re.findall(r"^(\w+):\s+(\d+) kB", file.read(), re.M))
            total += 1024 * (int(rollup["Anonymous"]) + int(rollup["Pss_Shmem"]))
        return total

    def end_of(self, run, timeout_s=RUN_TIMEOUT_S):
        """The run's status; prints the most memory that was seen."""
        first = peak = 0
        end = time.monotonic() + timeout_s
        while run.running() and time.monotonic() < end:
            try:
                first = first or self.connector_pid()
                peak = max(peak, self.anonymous_bytes(first))
            except (AssertionError, OSError, KeyError):
                pass  # it is starting, or a process has just ended
            time.sleep(0.02)
        print(f"\npeak: {peak / MIB:.1f} MiB anonymous and shared memory")
        return run.wait(5)

    def limit_bytes(self):
        """The container's memory limit as the kernel holds it, by either kind of cgroup."""
        with open(f"/proc/{self.connector_pid()}/cgroup", encoding="ascii") as file:
            groups = {kind: path for _, kind, path in
                      (line.strip().split(":", 2) for line in file)}
        if "memory" in groups:
            name = f"/sys/fs/cgroup/memory{groups['memory']}/memory.limit_in_bytes"
        else:
            name = f"/sys/fs/cgroup{groups['']}/memory.max"
        with open(name, encoding="ascii") as file:
            return int(file.read())

    def test_image__brings_mails_in_48_mib(self):
        subjects = self.fill(40, size=990_000)
        run = self.start("--once", memory="48m")
        self.assertEqual(self.end_of(run), 0, run.tail())
        self.assertEqual(set(self.imported()), set(subjects))

    def test_image__brings_mails_of_25_mb_in_128_mib(self):
        now = int(time.time()) - 3600
        pdf = base64.encodebytes(os.urandom(18 * MIB)).decode().replace("\n", "\r\n")
        mails = []
        for number in range(3):
            mails.append((
                f"From: a@example.com\r\nSubject: Large {number}\r\n"
                f"Date: Mon, 02 Feb 2026 10:00:0{number} +0000\r\nMIME-Version: 1.0\r\n"
                "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
                "Content-Type: text/plain\r\n\r\nSee the file.\r\n--b\r\n"
                "Content-Type: application/pdf; name=a.pdf\r\n"
                f"Content-Transfer-Encoding: base64\r\n\r\n{pdf}\r\n--b--\r\n".encode(),
                now + number))
        self.mailbox.fill(mails)
        run = self.start("--once", memory="128m")
        self.assertEqual(self.end_of(run), 0, run.tail())
        reports = self.imported()
        self.assertEqual(set(reports), {f"Large {number}" for number in range(3)})
        for report in reports.values():
            # Larger than the broker takes: named with its hash. Converted, not a fallback.
            self.assertIn("See the file.", report["content"])

    def test_image__is_jailed_idle_small_and_stops(self):
        self.fill(30)
        run = self.start(CONNECTOR_DURATION_PERIOD="PT1H", CONNECTOR_EXPOSE_METRICS="true",
                         CONNECTOR_METRICS_PORT=free_port())
        run.until(lambda: len(self.platform.reports()) >= 30,
                  "all reports are imported")
        wait_until(lambda: all(work["status"] == "complete" for work in self.platform.works()),
                   "the run's end", RUN_TIMEOUT_S)
        self.assertEqual(self.limit_bytes(), 128 * MIB)
        first = self.connector_pid()
        for pid in children_of(first):
            with open(f"/proc/{pid}/status", encoding="ascii") as file:
                status = dict(re.findall(r"^(\w+):\s+(.*)$", file.read(), re.M))
            self.assertEqual((status["Seccomp"], status["NoNewPrivs"]), ("2", "1"))
            self.assertEqual(int(status["CapEff"], 16), 0)
            # The runtime's filter and the jail's own.
            self.assertGreaterEqual(int(status["Seccomp_filters"]), 2)
        for started in run.events("converter.started"):
            self.assertEqual(started["attributes"]["missing_charsets"], 0)
            self.assertEqual(started["attributes"]["landlock_abi"], landlock_abi())
        podman("exec", self.name, "email-intel-imap", "health")
        used = self.anonymous_bytes()
        print(f"\nidle: {used / MIB:.1f} MiB anonymous and shared memory")
        # Killed after 10 s, as Docker does it: its status would tell.
        podman("stop", "-t", "10", self.name)
        self.assertEqual(run.wait(), 0, run.tail())
        self.assertLessEqual(used, IDLE_BYTES)


def free_port():
    """For the endpoint, on the host's network."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        return server.getsockname()[1]


if __name__ == "__main__":
    unittest.main()
