#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The project's own small set: `email-intel-imap convert` against expected.json.

Each mail of mails/ shows one idea, which its name says; mails and expectations are
CC0. White space and characters that cannot be read are compared loosely, as in the
reference data that compare_golden.py runs over. The content is verbatim but in rows that
say otherwise; of the description's notes a row may name some. A row with `tlp` says what the
report is marked with where the mail's own level may raise that of the setting.
"""

import argparse
import base64
import hashlib
import json
import os
import pathlib
import re
import sys

from compare_golden import SKIPPED, convert

HERE = pathlib.Path(__file__).resolve().parent
MARKINGS = {
    "green": "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da",
    "amber": "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82",
    "amber+strict": "marking-definition--826578e1-40ad-459f-bc73-ede076f81f37",
    "red": "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed",
}


def loose(text):
    text = re.sub("[\ufffd\ufeff\0]", "", text or "")
    return re.sub(r"[ \t\r\n\f\v]+", " ", text).strip(" ")


def plain(content):
    return loose(re.sub(r"<[^>]*>", " ", content.replace("&nbsp;", " ")))


def without_number(name):
    """The name without what made it unique: a (2).pdf."""
    return re.sub(r" \(\d+\)(?=(\.[^.]*)?$)", "", name)


def file_differences(report, wanted):
    left = list(report.get("x_opencti_files", []))
    accepted = wanted.get("file_name_accept", [])
    for file in wanted["files"]:
        hit = None
        for got in left:
            data = base64.b64decode(got["data"])
            names = [file["name"], *accepted]
            if (
                got["mime_type"] == file["mime_type"]
                and (not file["sha256"] or hashlib.sha256(data).hexdigest() == file["sha256"])
                and (file["name"] is None or loose(without_number(got["name"])) in map(loose, names))
            ):
                hit = got
                break
        if hit:
            left.remove(hit)
        elif file["required"]:
            yield f"file {file['name']} ({file['mime_type']}) is missing"


def differences(report, wanted):
    if loose(report["name"]) not in map(loose, [wanted["name"], *wanted.get("name_accept", [])]):
        yield f"name {report['name']!r} is not {wanted['name']!r}"
    published = re.sub(r"\.\d+Z$", "Z", report["published"])
    if wanted["published"] and published not in [
        wanted["published"],
        *wanted.get("published_accept", []),
    ]:
        yield f"published {published} is not {wanted['published']}"
    unescaped = re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", report["description"])
    if wanted["sender"] not in unescaped:
        yield f"sender {wanted['sender']} is not in the description"
    content = report.get("x_opencti_content", "")
    if "content" in wanted and loose(content) != wanted["content"]:
        yield f"content {loose(content)[:100]!r} is not {wanted['content'][:100]!r}"
    for probe in wanted.get("contains", []):
        if loose(probe) not in plain(content):
            yield f"content lacks {probe!r}"
    for note in wanted.get("notes", []):
        if note not in report["description"]:
            yield f"the description lacks {note!r}"
    if "tlp" in wanted and report["object_marking_refs"] != [MARKINGS[wanted["tlp"]]]:
        yield f"marked with {report['object_marking_refs']}, not with {wanted['tlp']}"
    yield from file_differences(report, wanted)


RAISED = {"EMAIL_INTEL_IMAP_TLP_LEVEL": "green", "EMAIL_INTEL_IMAP_TLP_FROM_MAIL": "raise"}
RUNS = (("verbatim", {}), ("safe", {}), ("verbatim", RAISED), ("safe", RAISED))


def reports_of(rows, args):
    """Pairs of a row and its report, in four runs of the program."""
    for content, settings in RUNS:
        chosen = [row for row in rows
                  if row.get("mode", "verbatim") == content and ("tlp" in row) == bool(settings)]
        mails = [HERE / "mails" / (row["mail"] + ".eml") for row in chosen]
        program = os.path.abspath(args.program)
        yield from zip(chosen, convert(program, args.converter, mails, HERE, content, settings))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program")
    parser.add_argument("--converter")
    args = parser.parse_args()
    if not args.program or not os.path.exists(args.program):
        print("skipped: the program is not built")
        return SKIPPED
    expected = json.loads((HERE / "expected.json").read_text(encoding="utf-8"))
    n_bad = 0
    for wanted, line in reports_of(expected, args):
        for difference in differences(json.loads(line), wanted):
            print(f"{wanted['mail']}: {difference}")
            n_bad += 1
    print(f"{len(expected)} mails, {n_bad} differences")
    return 1 if n_bad else 0


if __name__ == "__main__":
    sys.exit(main())
