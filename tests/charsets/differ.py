#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Every encoding and label of browsers as Chromium's TextDecoder and as our converter read it.

differ.py --tool decode_records --documented characters.md [--sequences N] [--seed N]

All bytes, all pairs and longer forms, and random sequences. Each difference has to be one of the
rules below, exactly as it says, and the rules that occurred have to be those of the table in
docs/characters.md. Exit code 77 where there is no Chromium.
"""
import argparse
import collections
import pathlib
import re
import subprocess
import sys

import browser
import inputs
from labels import GUESSED, LABELS
from models import MODELS

SKIPPED = 77
SHOWN = 3  # failures of each label
PROBE = 6  # sequences of each encoding of several bytes that a label is tried with
UTF_16 = {"utf-16le": b"\xfe\xff", "utf-16be": b"\xff\xfe"}  # each with the mark of the other one
SURROGATE = re.compile(rb"\xed[\xa0-\xbf].", re.DOTALL)
REPLACEMENT = "\N{REPLACEMENT CHARACTER}".encode()
WINDOWS_1252 = "".join(bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in range(256))


def windows_1252(data):
    return data.decode("latin-1").translate(WINDOWS_1252).encode()


def is_utf_8(data):
    try:
        return not data.decode("utf-8").isascii()
    except UnicodeDecodeError:
        return False


def is_mislabelled(data):
    """Is there not one character of UTF-8 (or of CESU-8) in it, but other bytes?"""
    return not (data.isascii() or SURROGATE.search(data) or not data.decode("utf-8", "ignore").isascii())


def as_utf_8(data):
    return windows_1252(data) if is_mislabelled(data) else data.decode("utf-8", "replace").encode()


def expected(encoding, label, data, theirs, swapped, model):
    """The rule that makes a difference, or None, and what we are to give.

    model: what the standard makes of bytes and Chromium's text, where these two differ at times.
    """
    if data.startswith(b"\xef\xbb\xbf"):
        text = as_utf_8(data[3:])
        return (None, theirs) if text == theirs else ("mark", text)
    if label in GUESSED:
        if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
            return "mark", data[2:].decode("utf-16le" if data[0] == 0xFF else "utf-16be", "replace").encode()
        text = data if data.isascii() or is_utf_8(data) else windows_1252(data)
        return (None, theirs) if text == theirs else ("guessed", text)
    if encoding in UTF_16 and data[:2] in UTF_16.values():
        return ("mark", swapped) if data.startswith(UTF_16[encoding]) else (None, theirs)
    if encoding == "utf-8":
        return ("mislabelled", windows_1252(data)) if is_mislabelled(data) else (None, theirs)
    rule, text = (None, theirs) if not model else model(data, theirs)
    if encoding in inputs.MULTI_BYTE and REPLACEMENT in text and is_utf_8(data):
        return "utf-8 wins", data
    return rule, text


class Comparison:
    def __init__(self, tool):
        self.tool, self.bad, self.count, self.models = tool, 0, 0, {}
        self.rules, self.shown = collections.Counter(), collections.Counter()

    def show(self, label, data, given, wanted):
        self.shown[label] += 1
        if self.shown[label] <= SHOWN:
            at = next((at for at, pair in enumerate(zip(given, wanted)) if pair[0] != pair[1]), 0)
            print(f"{label}: {data[:200]!r}\n  gave {given[max(at - 9, 0):at + 20]!r}\n"
                  f"  not  {wanted[max(at - 9, 0):at + 20]!r}")

    def ours(self, work):
        label = work[0].decode()
        run = subprocess.run([self.tool, label], input=browser.pack(work[1:]), check=True,
                             stdout=subprocess.PIPE)
        return browser.unpack(run.stdout)

    def meaning_of(self, encoding):
        """What each pair and each three bytes mean, asked of our decoder, which is compared itself."""
        pairs = [bytes([lead, trail]) for lead in range(0x81, 0xFF) for trail in range(256)]
        if encoding != "big5":
            pairs = [pair for pair in pairs if min(pair) >= 0xA1]
            pairs += [b"\x8f" + pair for pair in pairs]
        name = b"big5" if encoding == "big5" else b"euc-jp"
        # 0xff behind it is an error, and nothing that could be taken for UTF-8.
        texts = (given.decode()[:-1] for given in self.ours([name] + [pair + b"\xff" for pair in pairs]))
        known = {pair: text for pair, text in zip(pairs, texts) if "\N{REPLACEMENT CHARACTER}" not in text}
        return known.get

    def model_of(self, encoding):
        """As expected() wants it, for the encodings that Chromium does not read as the standard says."""
        if encoding not in MODELS:
            return None
        if encoding not in self.models:
            meaning = self.meaning_of(encoding)

            def model(data, theirs):
                text = MODELS[encoding](data, meaning, True).encode()
                wanted = MODELS[encoding](data, meaning, False).encode()
                return (encoding, wanted) if text == theirs != wanted else (None, theirs)
            self.models[encoding] = model
        return self.models[encoding]

    def compare(self, work, result, other):
        """other: what the encoding of the other order of bytes makes of the same work."""
        encoding, label = result[0].decode(), work[0].decode()
        if not encoding:
            self.rules["refused"] += label in LABELS
            return
        ours = self.ours(work)
        assert len(ours) == len(work) - 1 == len(result) - 1
        model = self.model_of(encoding)
        for data, given, theirs, swapped in zip(work[1:], ours, result[1:], other[1:]):
            rule, wanted = expected(encoding, label, data, theirs, swapped, model)
            self.count += 1
            if given != wanted:
                self.bad += 1
                self.show(label, data, given, wanted)
            elif rule:
                self.rules[rule] += 1


def documented(path):
    """The rules in the first column of the table of differences."""
    table = path.read_text(encoding="utf-8").split("## Where it differs from browsers")[1].split("\n## ")[0]
    return set(re.findall(r"^\| `([^`]+)` \|", table, re.MULTILINE))


def make_works(options):
    encodings = inputs.SINGLE_BYTE + inputs.MULTI_BYTE
    works = [[name.encode()] + inputs.all_of(name, options.sequences, options.seed)
             for name in encodings]
    probe = [b"\n".join(inputs.bytes_one_by_one()), b"a\xe9"]
    for name in inputs.MULTI_BYTE:
        probe += inputs.sequences(name, PROBE, options.seed + 1)
    table = sorted(set(LABELS) | set(own_labels(options.labels)))
    return works + [[label.encode()] + probe for label in table] + [[b"utf-16be"] + probe, [b"utf-16le"] + probe]


def own_labels(path):
    return re.findall(r'^\t\{ "([^"]+)", EII_CHARSET_STANDARD', path.read_text(), re.MULTILINE)


def check_labels(works, results):
    """Each label of the standard means what it says, for this browser too."""
    names = {work[0].decode(): result[0].decode() for work, result in zip(works, results)}
    wrong = [label for label, name in LABELS.items() if names[label] != name]
    if wrong:
        print(f"labels that Chromium reads in another way: {', '.join(wrong)}")
    return not wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tool", required=True)
    parser.add_argument("--documented", type=pathlib.Path, required=True)
    parser.add_argument("--labels", type=pathlib.Path, required=True, help="charset_table.c")
    parser.add_argument("--sequences", type=int, default=10000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=int, default=200, help="for the browser")
    options = parser.parse_args()
    if not browser.is_there():
        print("skipped: no chromium (apt-get install chromium)")
        return SKIPPED
    works = make_works(options)
    results = browser.decode(works, options.seconds)
    # Both orders of UTF-16 have the same work, in the same two forms.
    others = {}
    for work, result in zip(works, results):
        others[result[0], len(work)] = result
    comparison = Comparison(options.tool)
    for work, result in zip(works, results):
        order = {b"utf-16le": b"utf-16be", b"utf-16be": b"utf-16le"}.get(result[0], result[0])
        comparison.compare(work, result, others[order, len(work)])
    print(f"{len(works)} encodings and labels, {comparison.count} inputs; differences: " +
          ", ".join(f"{rule} {n}" for rule, n in sorted(comparison.rules.items())))
    told = documented(options.documented)
    if told != set(comparison.rules):
        print(f"the table names {sorted(told)}, found were {sorted(comparison.rules)}")
    print(f"{comparison.bad} inputs that no rule explains")
    good = check_labels(works, results) and not comparison.bad and told == set(comparison.rules)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
