#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Random and broken MIME trees, cut by the converter and by Python's email package.

Compared are the leaves: how many messages deep, type, and the bytes as they stand. Where
the two rightly differ, the mail is left out and counted (see differs_rightly).
"""

import argparse
import base64
import email
import email.errors
import email.policy
import random
import re
import subprocess
import sys

TYPES = ("text/plain", "text/html", "application/pdf", "image/png")
BOUNDARIES = ("b", "bb", "b1", "==_x", "a b", "a:b", "0123456789" * 7, "'()+_,-./:=?")
WORDS = ("words", "http://a.example/", "--", "--b?", "-- ", "a: b", ">From x", ">", "", " ", "=20")
DEPTH = 5
SEPARATOR = email.errors.MissingHeaderBodySeparatorDefect


class Maker:
    """One mail: a tree by chance, then a few faults."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.end = self.random.choice(("\r\n", "\n"))

    def chance(self, of):
        return self.random.random() < of

    def lines(self):
        return [self.random.choice(WORDS) for _ in range(self.random.randint(0, 4))]

    def blank(self):
        return [] if self.chance(0.06) else [""]

    def leaf(self):
        head = [] if self.chance(0.15) else [f"Content-Type: {self.random.choice(TYPES)}"]
        if head and self.chance(0.3):
            head.append("Content-Disposition: attachment;" + self.end + " filename=x")
        return head + self.blank() + self.lines()

    def multipart(self, depth):
        boundary = self.random.choice(BOUNDARIES)
        kind = self.random.choice(("mixed", "alternative", "related", "digest"))
        out = [f'Content-Type: multipart/{kind}; boundary="{boundary}"'] + self.blank()
        if self.chance(0.3):
            out += self.lines()
        for _ in range(self.random.randint(0, 3)):
            out += ["--" + boundary + self.random.choice(("", "", "", " ", "\t"))]
            out += self.entity(depth + 1)
        if not self.chance(0.1):
            out += ["--" + boundary + "--"]
        if self.chance(0.3):
            out += self.lines()
        return out

    def message(self, depth):
        return (["Content-Type: message/rfc822"] + self.blank() +
                (["Subject: inner"] if self.chance(0.8) else []) + self.entity(depth + 1))

    def entity(self, depth):
        if depth < DEPTH and self.chance(0.5):
            return self.multipart(depth)
        if depth < DEPTH and self.chance(0.2):
            return self.message(depth)
        return self.leaf()

    def faults(self, lines):
        for _ in range(self.random.choice((0, 0, 0, 1, 2))):
            if not lines:
                break
            at = self.random.randrange(len(lines))
            what = self.random.randrange(3)
            if what == 0:
                del lines[at]
            elif what == 1:
                lines.insert(at, self.random.choice(lines))
            else:
                lines[at] = lines[at][: self.random.randrange(len(lines[at]) + 1)]
        return lines

    def mail(self):
        lines = ["From: a@b.example", "Subject: s", "MIME-Version: 1.0", *self.entity(0)]
        return (self.end.join(self.faults(lines)) + self.end * self.chance(0.8)).encode()


def leaves(part, messages=0):
    """As the tool tells them."""
    if part.get_content_type() in ("message/rfc822", "message/global") and part.is_multipart():
        for inner in part.get_payload():
            yield from leaves(inner, messages + 1)
    elif part.is_multipart():
        for inner in part.get_payload():
            yield from leaves(inner, messages)
    else:
        kind = part.get_content_type()
        raw = (part.get_payload() or "").encode("utf-8", "surrogateescape")
        if raw.strip():
            yield messages, "text/plain" if kind.endswith("/") else kind, raw


def compared(parts):
    """Of what holds nothing, both make a part or none; of the last, Python takes line ends."""
    parts = [part for part in parts if part[2].strip()]
    if parts:
        messages, kind, raw = parts[-1]
        parts[-1] = messages, kind, raw.rstrip(b"\r\n")
    return parts


def goes_on(part):
    """Behind lines that are no field a header goes on here, and ends in Python."""
    text = part.preamble if part.is_multipart() else part.get_payload()
    if not isinstance(text, str):
        return part.is_multipart()
    head = re.split(r"(?m)^(?:[ \t]*$|--)", text)[0]
    return re.search(r"(?m)^[!-9;-~]+[ \t]*:", head) is not None


def differs_rightly(mail, message):
    """Where a reader's loss would be the price of doing as Python does."""
    # It takes an end that follows a beginning at once for another beginning.
    if re.search(rb"(?m)^(--.+?)[ \t]*\r?\n\1--", mail):
        return True
    for part in message.walk():
        kind = part.get_content_maintype()
        if any(isinstance(defect, SEPARATOR) for defect in part.defects) and goes_on(part):
            return True
        # An address on a line of its own is no field, nor is a boundary's line.
        if any(name == "http" or name.startswith("--") for name in part.keys()):
            return True
        # Every message/* is a message there; here rfc822, news and global.
        if kind == "message" and part.get_content_subtype() not in ("rfc822", "news", "global"):
            return True
        if part.get_boundary() == "":
            return True
        # Which text of a multipart without parts is shown.
        if kind == "multipart" and not (part.is_multipart() and part.get_payload()):
            return True
    return False


def run_tool(tool, mails):
    data = b"".join(b"%d\n%s" % (len(mail), mail) for mail in mails)
    run = subprocess.run([tool], input=data, stdout=subprocess.PIPE, timeout=600, check=True)
    return list(split_answers(run.stdout))


def split_answers(output):
    block = []
    for line in output.decode().split("\n")[:-1]:
        if line:
            messages, kind, raw = line.split(" ")
            block.append((int(messages), kind, base64.b64decode(raw)))
        else:
            yield block
            block = []


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--tool", required=True)
    parser.add_argument("--trees", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", type=int, default=3)
    args = parser.parse_args()
    mails = [Maker(args.seed * 1000003 + i).mail() for i in range(args.trees)]
    n_left_out = n_wrong = 0
    for mail, ours in zip(mails, run_tool(args.tool, mails)):
        message = email.message_from_bytes(mail, policy=email.policy.compat32)
        theirs = compared(leaves(message))
        ours = compared(ours)
        if ours == theirs:
            continue
        if differs_rightly(mail, message):
            n_left_out += 1
            continue
        n_wrong += 1
        if n_wrong <= args.show:
            print(f"{mail!r}\n  ours   {ours}\n  python {theirs}")
    print(f"{len(mails)} trees, {n_left_out} left out, {n_wrong} differ")
    return 1 if n_wrong else 0


if __name__ == "__main__":
    sys.exit(main())
