# SPDX-License-Identifier: Apache-2.0
"""cmake --install, cpack and the unit."""
import json
import os
import re
import shutil
import subprocess
import tempfile
import unittest

from . import support

UNIT = "usr/lib/systemd/system/email-intel-imap@.service"


@unittest.skipUnless(os.path.isdir(support.BUILD), "EII_BUILD names no build")
class Package(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        support.need("cpack", "dpkg-deb", "dpkg-shlibdeps")
        cls.folder = tempfile.mkdtemp(prefix="eii-deb-")
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        support.run("cpack", "-G", "DEB", "--config",
                    os.path.join(support.BUILD, "CPackConfig.cmake"), "-B", cls.folder)
        cls.deb = next(os.path.join(cls.folder, name) for name in os.listdir(cls.folder)
                       if name.endswith(".deb"))
        cls.root = os.path.join(cls.folder, "root")
        support.run("dpkg-deb", "-x", cls.deb, cls.root)

    def test_package__holds_the_programs_where_they_find_each_other(self):
        program = os.path.join(self.root, "usr/bin/email-intel-imap")
        mail = support.path("tests", "mail", "sample", "01-plain.eml")
        environment = {"PATH": "/usr/bin:/bin"}
        said = support.run(program, "convert", mail, env=environment)
        self.assertIn('"type":"report"', said)

    def test_package__depends_on_its_libraries(self):
        depends = support.run("dpkg-deb", "-f", self.deb, "Depends")
        for library in ("libmailutils", "librabbitmq", "libnettle8", "libseccomp2",
                        "ca-certificates"):
            self.assertIn(library, depends)

    def test_package__has_manual_page_sample_and_licence(self):
        for name in ("man/man1/email-intel-imap.1", "doc/email-intel-imap/config.ini.sample",
                     "doc/email-intel-imap/copyright"):
            found = os.path.join(self.root, "usr/share", name)
            self.assertTrue(os.path.exists(found) or os.path.exists(f"{found}.gz"), name)

    def test_package__says_which_release_it_is_for(self):
        with open("/etc/os-release", encoding="utf-8") as file:
            release = re.search(r'^VERSION_ID="?(\d+)', file.read(), re.M)
        version = support.run("dpkg-deb", "-f", self.deb, "Version").strip()
        self.assertRegex(version, rf"^\d+\.\d+\.\d+-1~deb{release[1] if release else 'unknown'}$")

    def test_package__keeps_its_configuration(self):
        control = os.path.join(self.folder, "control")
        support.run("dpkg-deb", "-e", self.deb, control)
        with open(os.path.join(control, "conffiles"), encoding="utf-8") as file:
            listed = file.read().split()
        there = [f"/{os.path.relpath(os.path.join(folder, name), self.root)}"
                 for folder, _, names in os.walk(os.path.join(self.root, "etc")) for name in names]
        self.assertEqual(listed, there)
        with open(os.path.join(self.root, UNIT), encoding="utf-8") as file:
            unit = file.read()
        for name in listed:
            self.assertIn(f"EnvironmentFile=-{name}\n", unit)

    def script(self, name, *arguments):
        """What a maintainer script asks of systemd, with a folder as its machine."""
        machine = tempfile.mkdtemp(dir=self.folder)
        for folder in ("bin", "run/systemd/system", "etc/email-intel-imap",
                       "etc/systemd/system/multi-user.target.wants"):
            os.makedirs(os.path.join(machine, folder))
        said = os.path.join(machine, "said")
        systemctl = os.path.join(machine, "bin", "systemctl")
        with open(systemctl, "w", encoding="utf-8") as file:
            file.write(f'#!/bin/sh\necho "$@" >>{said}\n')
        os.chmod(systemctl, 0o755)
        self.wanted = os.path.join(machine, "etc/systemd/system/multi-user.target.wants")
        for unit in ("email-intel-imap@soc", "other"):
            os.symlink("/nowhere", os.path.join(self.wanted, f"{unit}.service"))
        support.run("/bin/sh", support.path("deploy", "debian", name), *arguments,
                    env={"PATH": f"{machine}/bin:/usr/bin:/bin", "DPKG_ROOT": machine})
        if not os.path.exists(said):
            return []
        with open(said, encoding="utf-8") as file:
            return file.read().splitlines()

    def test_scripts__restart_at_an_upgrade_and_stop_at_a_removal(self):
        units = "email-intel-imap@*.service"
        for wanted, call in (
                (["daemon-reload"], ("postinst", "configure", "")),
                (["daemon-reload", f"try-restart {units}"], ("postinst", "configure", "1.0.0-1")),
                ([], ("postinst", "abort-upgrade", "2.0.0-1")),
                ([f"stop {units}"], ("prerm", "remove")),
                ([], ("prerm", "upgrade", "2.0.0-1")),
                (["daemon-reload"], ("postrm", "remove"))):
            with self.subTest(call=call):
                self.assertEqual(self.script(*call), wanted)
                self.assertEqual(len(os.listdir(self.wanted)), 2)
        self.assertEqual(self.script("postrm", "purge"), ["daemon-reload"])
        self.assertEqual(os.listdir(self.wanted), ["other.service"])

    def test_package__is_one_to_lintian(self):
        support.need("lintian")
        done = subprocess.run(["lintian", "--fail-on", "error", self.deb], capture_output=True,
                              text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_unit__starts_what_the_package_installs(self):
        with open(os.path.join(self.root, UNIT), encoding="utf-8") as file:
            unit = file.read()
        self.assertEqual(re.search(r"^ExecStart=(.*)$", unit, re.M).group(1),
                         "/usr/bin/email-intel-imap")

    def test_unit__stays_down_for_wrong_settings_alone(self):
        unit = support.read("deploy", "systemd", "email-intel-imap@.service.in")
        self.assertEqual(re.search(r"^RestartPreventExitStatus=(.*)$", unit, re.M).group(1),
                         "64 78")
        self.assertIn("Restart=always", unit)

    def test_unit__demands_no_credential_but_the_token(self):
        unit = support.read("deploy", "systemd", "email-intel-imap@.service.in")
        loaded = re.findall(r"^LoadCredential=(\w+):", unit, re.M)
        defaults = re.findall(r"^SetCredential=(\w+):\\n$", unit, re.M)
        self.assertEqual(["OPENCTI_TOKEN", *defaults], loaded)
        rows = json.loads(support.run(os.environ["EII_SETTINGS_JSON"]))
        secrets = {row["variable"] for row in rows if row["type"] == "secret"}
        self.assertLessEqual(set(loaded), secrets)

    def test_unit__is_one(self):
        support.need("systemd-analyze")
        folder = os.path.join(self.folder, "units")
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(self.root, UNIT), encoding="utf-8") as file:
            unit = file.read().replace("/usr/bin/email-intel-imap", "/bin/true")
        instance = os.path.join(folder, "email-intel-imap@soc.service")
        with open(instance, "w", encoding="utf-8") as file:
            file.write(re.sub(r"^Documentation=.*\n", "", unit, flags=re.M))
        done = subprocess.run(["systemd-analyze", "verify", "--man=no", instance],
                              capture_output=True, text=True, check=False)
        ours = [line for line in done.stderr.splitlines() if "email-intel-imap" in line]
        self.assertEqual(ours, [])
        done = subprocess.run(["systemd-analyze", "security", "--offline=yes", "--threshold=20",
                               instance], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stdout[-2000:] + done.stderr)

    def test_manual__is_without_warnings(self):
        support.need("man")
        done = subprocess.run(["man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z",
                               support.path("docs", "email-intel-imap.1")],
                              capture_output=True, text=True, check=False,
                              env={**os.environ, "LC_ALL": "C.UTF-8"})
        self.assertEqual((done.returncode, done.stderr), (0, ""))


if __name__ == "__main__":
    unittest.main()
