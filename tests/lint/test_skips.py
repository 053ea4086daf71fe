# SPDX-License-Identifier: Apache-2.0
"""The judgement of skipped tests, over logs as ctest writes them."""
import os
import subprocess
import sys
import tempfile
import unittest

TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, TESTS)
import skips  # noqa: E402

LIST = os.path.join(TESTS, "skips.txt")
RUN = """
add_test(dev.a "/bin/echo" "test_x (m.X.test_x) ... skipped 'a tool is absent'")
add_test(dev.b "/bin/echo" "[  SKIPPED ] test_b__one\n[  SKIPPED ] 1 test(s), listed below:")
add_test(dev.c "/bin/sh" "-c" "echo skipped: no servers; exit 77")
add_test(dev.d "/bin/sh" "-c" "exit 77")
add_test(dev.e "/bin/echo" "nothing was skipped: all ran")
set_tests_properties(dev.c dev.d PROPERTIES SKIP_RETURN_CODE 77)
"""
FOUND = [("dev.a", "a tool is absent"), ("dev.b", "test_b__one"), ("dev.c", "no servers"),
         ("dev.d", skips.SILENT)]


class Skips(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="eii-skips-")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        with open(os.path.join(self.folder, "CTestTestfile.cmake"), "w", encoding="utf-8") as file:
            file.write(RUN)
        subprocess.run(["ctest", "--test-dir", self.folder, "--output-junit", "skips.xml"],
                       capture_output=True, check=True, timeout=50)

    def judged(self, *lines):
        listed = os.path.join(self.folder, "list.txt")
        with open(listed, "w", encoding="utf-8") as file:
            file.write("".join(f"{line}\n" for line in ("# a remark", "", *lines)))
        done = subprocess.run([sys.executable, os.path.join(TESTS, "skips.py"), self.folder, listed],
                              capture_output=True, text=True, check=False, timeout=50)
        return done.returncode, done.stdout + done.stderr

    def test_skips__are_found_in_every_form(self):
        with open(os.path.join(self.folder, "Testing/Temporary/LastTest.log"),
                  encoding="utf-8") as file:
            log = file.read()
        whole = skips.whole_of(os.path.join(self.folder, "skips.xml"))
        self.assertEqual(whole, {"dev.c", "dev.d"})
        self.assertEqual(skips.skips_of(log, whole), FOUND)

    def test_skips__fail_but_where_they_are_allowed(self):
        lines = [f"{test} | {said} | because" for test, said in FOUND]
        self.assertEqual(self.judged(*lines), (0, ""))
        for left_out, (test, said) in enumerate(FOUND):
            code, told = self.judged(*lines[:left_out], *lines[left_out + 1:])
            self.assertEqual((code, told.count("\n")), (1, 1), told)
            self.assertIn(f"{test}: skipped, {said}: ", told)
        self.assertEqual(self.judged("dev.* | * | because"), (0, ""))

    def test_skips__need_a_reason_on_the_list(self):
        for line in ("dev.a | a tool is absent", "dev.a | * | "):
            code, told = self.judged(line)
            self.assertEqual(code, 1)
            self.assertIn("not a test, what it says, and why", told)

    def test_list__is_one(self):
        with open(LIST, encoding="utf-8") as file:
            self.assertTrue(skips.allowed_in(file.read()))


if __name__ == "__main__":
    unittest.main()
