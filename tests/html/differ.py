#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Words and addresses of random HTML as Chromium reads it, before and after it was made safe.

differ.py --tool safe_html [--documents N] [--mutations N] [--seed N] [--shared DIR] [--keep DIR]

For each document, both read by Chromium's DOMParser: the text of body outside of raw text elements
is the same, what we add in brackets and our list aside; each address is there as a link or as text,
serialised by Chromium's own URL parser; each live link was a link. Prints how many documents have
each feature of the grammar. Exit code 77 where there is no Chromium.
"""
import argparse
import collections
import email
import json
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "safe"))

import chromium  # noqa: E402
import works  # noqa: E402
from grammar import Grammar, features, mutate  # noqa: E402
from tree_tests import read_folder  # noqa: E402

SKIPPED = 77
BATCH = 250
MUTATED_BYTES = 20000  # a larger document takes the time of many


def ask(documents, seconds):
    """Documents as Chromium reads them: their count, and those with problems."""
    works_of = [json.dumps(documents[at:at + BATCH]).encode() for at in range(0, len(documents), BATCH)]
    results = works.answers((HERE / "differ.html").read_bytes(), works_of, seconds)
    results = [json.loads(result) for result in results]
    return (sum(result["count"] for result in results),
            [failure for result in results for failure in result["failures"]])


def made_safe(raws, tool):
    with tempfile.TemporaryDirectory() as folder:
        paths = [pathlib.Path(folder) / str(number) for number in range(len(raws))]
        for path, raw in zip(paths, raws):
            path.write_bytes(raw.encode("utf-8", "replace"))
        for at in range(0, len(paths), 1000):
            subprocess.run([tool, *map(str, paths[at:at + 1000])], check=True)
        return [path.with_name(path.name + ".safe").read_bytes().decode() for path in paths]


def real_documents(shared):
    texts = [path.read_text() for path in sorted((HERE.parent / "safe" / "cases").glob("*.html"))]
    mails = sorted((shared / "golden" / "mails").glob("*/*.eml")) if shared else []
    sys.setrecursionlimit(20000)  # for Python's parser: one mail is nested 1,200 deep
    for path in mails:
        for part in email.message_from_bytes(path.read_bytes()).walk():
            if part.get_content_type() == "text/html":
                body = part.get_payload(decode=True) or b""
                texts.append(body.decode("utf-8", "replace"))
    # Words of images and fields would be there in ours alone; C1 controls are read as windows-1252.
    texts = [re.sub(r"\b(alt|value|placeholder)=", r"data-\1=", text) for text in texts]
    return [text for text in texts if 0 < len(text) < MUTATED_BYTES and not re.search(r"[\[\x80-\x9f]", text)]


def make(options):
    grammar = Grammar(options.seed)
    raws = [grammar.document() for _ in range(options.documents)]
    real = real_documents(options.shared)
    raws += [mutate(real[number % len(real)], options.seed * 1000003 + number)
             for number in range(options.mutations)]
    if options.shared:
        raws += [raw for _, raw, _ in read_folder(options.shared / "html5lib-tests" / "tree-construction")]
    return [raw.encode("utf-8", "replace").decode() for raw in raws]


def show_features(raws):
    counts = collections.Counter(name for raw in raws for name in features(raw))
    print("documents with: " + ", ".join(f"{name} {n}" for name, n in counts.most_common()))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tool", required=True)
    parser.add_argument("--documents", type=int, default=2000)
    parser.add_argument("--mutations", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--shared", type=pathlib.Path)
    parser.add_argument("--seconds", type=int, default=100, help="for the browser")
    parser.add_argument("--keep", type=pathlib.Path, help="write what failed there")
    options = parser.parse_args()
    if not chromium.find():
        print("skipped: no chromium (apt-get install chromium)")
        return SKIPPED
    raws = make(options)
    show_features(raws[:options.documents])
    safe = made_safe(raws, options.tool)
    documents = [{"id": number, "raw": raw, "safe": safe[number]} for number, raw in enumerate(raws)]
    count, failures = ask(documents, options.seconds)
    for failure in failures[:10]:
        raw = raws[failure["id"]]
        print(f"--- {failure['id']}: {raw[:1500]!r}\n  safe {safe[failure['id']][:1500]!r}")
        print("\n".join("  " + problem[:800] for problem in failure["problems"]))
    if options.keep:
        options.keep.mkdir(parents=True, exist_ok=True)
        for failure in failures:
            (options.keep / f"{failure['id']}.html").write_text(raws[failure["id"]])
    print(f"{count} documents, {len(failures)} with differences")
    return 1 if failures or count != len(raws) else 0


if __name__ == "__main__":
    sys.exit(main())
