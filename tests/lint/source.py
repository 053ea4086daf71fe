# SPDX-License-Identifier: Apache-2.0
"""The files that the checks look at, and C text without what is no code."""
import os
import re

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CODE = ("include", "src", "tests", "bench")
TEXT = CODE + ("cmake", "docs", "deploy", "tools", ".ci")
SKIPPED = {"__pycache__", "corpus", "golden", "mail", "cases", "shots", "screenshots", "node_modules"}


def files(folders, suffixes):
    """Paths below the root, sorted; "" as a suffix takes all."""
    found = []
    for folder in folders:
        for path, names, entries in os.walk(os.path.join(ROOT, folder)):
            inside_code = os.path.relpath(path, ROOT).startswith(("src", "include", "tests/unit"))
            names[:] = [n for n in names if n not in SKIPPED or (inside_code and n == "mail")]
            found += [os.path.relpath(os.path.join(path, entry), ROOT) for entry in entries
                      if entry.endswith(suffixes)]
    return sorted(found)


def c_files():
    return files(CODE, (".c", ".h"))


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        return file.read()


TOKEN = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.DOTALL)


def code_of(path):
    """Comments blanked and texts emptied; every line stays where it is."""
    def blank(match):
        token = match.group()
        if token[0] == "/":
            return "".join("\n" if c == "\n" else " " for c in token)
        return token[0] + token[-1]
    return TOKEN.sub(blank, read(path))


def line_of(text, position):
    return text.count("\n", 0, position) + 1
