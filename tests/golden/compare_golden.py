#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Runs `email-intel-imap convert` over every mail of the reference data.

Content is verbatim, as the official connector sends it; the reference's own
compare.py then says, field by field, which reports differ. Exit status 77
(skipped) where the reference data or the program is absent.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

SKIPPED = 77
MAILS_A_RUN = 100
TIMEOUT_S = 120

# File names that are mended, since the platform could not tell what the file is, and what the
# reference has.
MENDED = {"made/name-single-quotes": {"'a'.pdf": "'a.pdf'"}}


def environment(converter, content):
    """Nothing of the caller's settings, and those that the reference was made with."""
    return {
        "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
        "LC_ALL": "C.UTF-8",
        "EII_CONVERTER": converter,
        "EMAIL_INTEL_IMAP_CONTENT": content,
        "EMAIL_INTEL_IMAP_TLP_LEVEL": "amber+strict",
        "EMAIL_INTEL_IMAP_ATTACHMENTS_MIME_TYPES": "application/pdf,text/csv,text/plain",
    }


def convert(program, converter, mails, folder, content="verbatim", settings=None):
    """One report for each mail, in their order."""
    run = subprocess.run(
        [program, "convert", *map(str, mails)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        cwd=folder,
        env={**environment(converter, content), **(settings or {})},
        timeout=TIMEOUT_S,
        check=False,
    )
    if run.returncode:
        raise SystemExit(f"{program} convert: exit status {run.returncode}")
    reports = run.stdout.decode("utf-8").splitlines()
    if len(reports) != len(mails):
        raise SystemExit(f"{len(reports)} reports of {len(mails)} mails")
    return reports


def with_names_as_given(report, mail):
    mended = MENDED.get(f"{mail.parent.name}/{mail.stem}", {})
    for file in report.get("x_opencti_files", []):
        file["name"] = mended.get(file["name"], file["name"])
    return report


def write_reports(program, converter, mails, folder):
    for start in range(0, len(mails), MAILS_A_RUN):
        chunk = mails[start : start + MAILS_A_RUN]
        for mail, line in zip(chunk, convert(program, converter, chunk, folder)):
            report = folder / mail.parent.name / (mail.stem + ".json")
            report.parent.mkdir(exist_ok=True)
            report.write_text(json.dumps(with_names_as_given(json.loads(line), mail)), encoding="utf-8")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--shared", type=pathlib.Path, required=True)
    parser.add_argument("--program")
    parser.add_argument("--converter")
    args = parser.parse_args()
    golden = args.shared / "golden"
    if not (golden / "compare.py").exists():
        print(f"skipped: no reference data in {golden}")
        return SKIPPED
    if not args.program or not os.path.exists(args.program):
        print("skipped: the program is not built")
        return SKIPPED
    with tempfile.TemporaryDirectory(prefix="eii-golden-") as name:
        folder = pathlib.Path(name)
        mails = sorted((golden / "mails").resolve().glob("*/*.eml"))
        write_reports(os.path.abspath(args.program), args.converter, mails, folder)
        compare = [sys.executable, golden / "compare.py", "--skip-tag", "cr-only"]
        compare += ["--expected", golden / "expected", "--reports", folder]
        result = subprocess.run(compare, stdout=subprocess.PIPE, text=True, check=False)
    # Wording and counts of the description are advice there, not a difference.
    for line in result.stdout.splitlines():
        if ": description (advice):" not in line:
            print(line)
    return result.returncode


if __name__ == "__main__":
    sys.exit(main())
