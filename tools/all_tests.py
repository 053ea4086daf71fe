# SPDX-License-Identifier: Apache-2.0
"""Puts the tests of several build trees under one ctest: all_tests.py BUILD

Writes BUILD/all/CTestTestfile.cmake: everything of BUILD/dev, and of the sanitizers' trees what
runs under them. Names get the tree in front, so that one summary covers all.
"""
import json
import os
import re
import subprocess
import sys

# tree: (labels, names left out). A sanitizer's runtime cannot live in the real jail (its builds
# relax it), slows a run some five times (crash repeats hundreds of runs), and sees no more in a
# browser or in tests of the test servers. The faults of the platform and the behaviours of
# mail servers take minutes: once, under the sanitizer of memory, is enough. Signing in, TLS and
# closed streams have no more threads than any run, and what reads HTML, header fields or search
# answers, writes STIX or is one client of a real server has none. The endpoint's memory is
# looked at by its unit tests, its threads by its integration test. What judges milliseconds
# (silence), waits for pauses (strangers) or plays hundreds of lives (crash, faults) is of the
# plain build alone.
TREES = {
    "dev": (r".", r"^integration\.platform_faults$"),
    "asan": (r"^(unit|fuzz|integration|golden)$",
             r"integration\.(crash|faults|monitor|servers|silence|strangers|platform(_model|_works)?)$"
             r"|^(safe|charsets|markdown)\."),
    "tsan": (r"^(unit|integration)$",
             r"integration\.(accounts|behaviours|crash|faults|servers|silence|strangers|surroundings)$"
             r"|integration\.(tls|signin_providers|amqp\.real_broker|imap\.real_dovecot)$"
             r"|integration\.platform(_model|_works|_faults)?$"
             r"|^unit\.(base\.(utf8|base64)|codec|fields|html|imap\.search|mail|stix)"
             r"|^(safe|charsets|markdown|golden|html|structure)\."),
}


def tests_of(tree):
    done = subprocess.run(["ctest", "--test-dir", tree, "--show-only=json-v1"],
                          capture_output=True, text=True, check=True)
    return json.loads(done.stdout)["tests"]


def properties_of(test):
    return {item["name"]: item["value"] for item in test.get("properties", ())}


def is_wanted(test, labels, left_out, needed):
    own = properties_of(test)
    if needed.intersection(own.get("FIXTURES_SETUP", []) + own.get("FIXTURES_CLEANUP", [])):
        return True
    if re.search(left_out, test["name"]):
        return False
    return any(re.search(labels, label) for label in own.get("LABELS", []))


def quoted(text):
    """A bracket argument: nothing in it is special."""
    text = str(text)
    level = "="
    while f"]{level}]" in text:
        level += "="
    return f"[{level}[{text}]{level}]"


def as_text(name, value, tree):
    if name.startswith("FIXTURES_"):
        value = [f"{tree}.{fixture}" for fixture in value]
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    return ";".join(map(str, value)) if isinstance(value, list) else str(value)


def lines_of(test, tree):
    name = quoted(f"{tree}.{test['name']}")
    if "command" not in test:
        raise SystemExit(f"{tree}.{test['name']} has no program: is {tree} built?")
    yield f"add_test({name} {' '.join(map(quoted, test['command']))})"
    pairs = [f"{key} {quoted(as_text(key, value, tree))}"
             for key, value in properties_of(test).items() if not key.startswith("_")]
    if pairs:
        yield f"set_tests_properties({name} PROPERTIES {' '.join(pairs)})"


def main(build):
    lines = []
    for tree, (labels, left_out) in TREES.items():
        tests = tests_of(os.path.join(build, tree))
        needed = {fixture for test in tests if is_wanted(test, labels, left_out, set())
                  for fixture in properties_of(test).get("FIXTURES_REQUIRED", [])}
        for test in tests:
            if is_wanted(test, labels, left_out, needed):
                lines += lines_of(test, tree)
    os.makedirs(os.path.join(build, "all"), exist_ok=True)
    with open(os.path.join(build, "all", "CTestTestfile.cmake"), "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main(os.path.abspath(sys.argv[1]))
