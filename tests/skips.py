# SPDX-License-Identifier: Apache-2.0
"""Judges what a run of ctest has skipped: skips.py BUILD LIST [--all]

BUILD/Testing/Temporary/LastTest.log has what each test said, BUILD/skips.xml (ctest's
--output-junit) which were skipped as a whole. Prints each skip that no line of LIST allows and ends
with status 1 where there is one. --all prints every skip with the reason of the list.
"""
import fnmatch
import os
import re
import sys
import xml.etree.ElementTree

SILENT = "it does not say why"
BLOCK = re.compile(r'^\d+/\d+ Test: (\S+)\n.*?^Output:\n-+\n(.*?)^<end of output>', re.M | re.S)
# unittest's line; cmocka's name; ours.
SAID = re.compile(r"""\.\.\. skipped ['"](.*)['"]$|^\[  SKIPPED \] (test_\w+)$|^skipped:? (.*)$""", re.M)


def skips_of(log, whole):
    """(test, what it says), once each, of what the log tells and of what was skipped whole."""
    found = []
    for test, output in BLOCK.findall(log):
        said = [next(filter(None, match.groups())) for match in SAID.finditer(output)]
        if test in whole and not said:
            said = [SILENT]
        found += [(test, words) for words in dict.fromkeys(said)]
    return found


def whole_of(junit):
    return {case.get("name") for case in xml.etree.ElementTree.parse(junit).iter("testcase")
            if case.find("skipped") is not None}


def allowed_in(text):
    rows = [line.split(" | ") for line in text.splitlines() if line and line[0] != "#"]
    for row in rows:
        if len(row) != 3 or not all(cell.strip() for cell in row):
            sys.exit(f"skips: not a test, what it says, and why: {' | '.join(row)}")
    return rows


def why(skip, allowed):
    for test, said, reason in allowed:
        if fnmatch.fnmatchcase(skip[0], test) and fnmatch.fnmatchcase(skip[1], said):
            return reason
    return None


def main(build, listed, is_all=False):
    with open(os.path.join(build, "Testing/Temporary/LastTest.log"), encoding="utf-8",
              errors="replace") as file:
        skips = skips_of(file.read(), whole_of(os.path.join(build, "skips.xml")))
    with open(listed, encoding="utf-8") as file:
        allowed = allowed_in(file.read())
    bad = 0
    for skip in skips:
        reason = why(skip, allowed)
        bad += reason is None
        if is_all or reason is None:
            print(f"{skip[0]}: skipped, {skip[1]}: {reason or f'{listed} does not allow it'}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], sys.argv[3:] == ["--all"]))
