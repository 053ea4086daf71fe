#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Every tokenizer test of html5lib in every initial state that it names.

Parse errors are not compared. Texts with lone surrogates are no Unicode text, so that UTF-8 has no
bytes for them: their tests are skipped by name. Exit code 77 where the tests are not there.
"""
import argparse
import json
import pathlib
import re
import subprocess
import sys

SKIPPED = 77
CONTENTS = {"Data state": 0, "RCDATA state": 1, "RAWTEXT state": 2, "Script data state": 3,
            "PLAINTEXT state": 4, "CDATA section state": 5}
WITHOUT_UTF8 = {"Invalid Unicode character U+DFFF", "Invalid Unicode character U+D800",
                "Invalid Unicode character U+DFFF with valid preceding character",
                "Invalid Unicode character U+D800 with valid following character"}


def unescape(value):
    if isinstance(value, str):
        return re.sub(r"\\u([0-9A-Fa-f]{4})", lambda match: chr(int(match.group(1), 16)), value)
    if isinstance(value, list):
        return [unescape(item) for item in value]
    if isinstance(value, dict):
        return {unescape(key): unescape(item) for key, item in value.items()}
    return value


def joined(text):
    """Surrogate pairs that were escaped one by one as the characters they are."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le")


def load(folder):
    for path in sorted(folder.glob("*.test")):
        data = json.loads(path.read_text(encoding="utf-8"))
        for test in data.get("tests", []):
            if test.get("doubleEscaped"):
                test["input"] = unescape(test["input"])
                test["output"] = unescape(test["output"])
            for state in test.get("initialStates", ["Data state"]):
                yield path.name, state, test


def hexed(text):
    return "x" + joined(text).encode().hex()


def text_of(word):
    return None if word == "-" else bytes.fromhex(word[1:]).decode()


def parse(line):
    """The tool's answer in html5lib's form."""
    words, tokens = line.split(), []
    at = 0
    while at < len(words):
        kind = words[at]
        if kind == "T":
            if tokens and tokens[-1][0] == "Character":
                tokens[-1][1] += text_of(words[at + 1])
            else:
                tokens.append(["Character", text_of(words[at + 1])])
            at += 2
        elif kind == "S":
            token = ["StartTag", text_of(words[at + 1]), {}]
            closing = words[at + 2] == "1"
            at += 3
            while at < len(words) and words[at] == "A":
                token[2].setdefault(text_of(words[at + 1]), text_of(words[at + 2]))
                at += 3
            tokens.append(token + [True] if closing else token)
        elif kind == "D":
            tokens.append(["DOCTYPE", *map(text_of, words[at + 1:at + 4]), words[at + 4] == "0"])
            at += 5
        else:
            tokens.append([{"E": "EndTag", "C": "Comment"}[kind], text_of(words[at + 1])])
            at += 2
    return tokens


def normal(tokens):
    """Adjacent characters as one token, surrogates joined; some tests leave them apart."""
    out = []
    for token in tokens:
        token = json.loads(json.dumps(token))
        if token[0] == "Character" and out and out[-1][0] == "Character":
            out[-1][1] += token[1]
        else:
            out.append(token)
    for token in out:
        for number, value in enumerate(token[1:], 1):
            if isinstance(value, str):
                token[number] = joined(value)
    return out


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=pathlib.Path, required=True)
    parser.add_argument("--tool", required=True)
    options = parser.parse_args()
    folder = options.shared / "html5lib-tests" / "tokenizer"
    if not folder.is_dir():
        print(f"skipped: no {folder}")
        return SKIPPED
    cases = list(load(folder))
    skipped = [case for case in cases if case[2]["description"] in WITHOUT_UTF8]
    cases = [case for case in cases if case[2]["description"] not in WITHOUT_UTF8]
    lines = [f"{CONTENTS[state]} {hexed(test.get('lastStartTag', ''))} {hexed(test['input'])}\n"
             for _, state, test in cases]
    answer = subprocess.run([options.tool], input="".join(lines), text=True, check=True,
                            stdout=subprocess.PIPE).stdout.splitlines()
    failures = [(name, state, test, got) for (name, state, test), got in
                zip(cases, map(parse, answer), strict=True) if got != normal(test["output"])]
    for name, state, test, got in failures[:40]:
        print(f"{name}: {test['description']} ({state}): {test['input']!r}\n"
              f"  gave   {got!r}\n  wanted {test['output']!r}")
    for _, _, test in skipped:
        print(f"skipped by name: {test['description']}")
    print(f"{len(cases)} tests, {len(failures)} failures, {len(skipped)} skipped")
    return 1 if failures or not cases else 0


if __name__ == "__main__":
    sys.exit(main())
