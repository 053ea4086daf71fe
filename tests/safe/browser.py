#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Opens hostile HTML in a browser, made safe, and looks that nothing comes of it.

No request leaves, no script runs, the text can be read. Then the control: the same
bodies as they came must send requests and run scripts, or the test proves nothing.
Exit code 77 where there is no Chromium.
"""

import argparse
import email
import email.policy
import html.parser
import itertools
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import chromium
from web import VIEWER, Web

HERE = pathlib.Path(__file__).resolve().parent
PARTS_OF_A_MAIL = 20  # one golden mail has 3,000, all alike
WORDS_READABLE = 0.9  # share of a golden mail's words that must be seen


class Case:
    def __init__(self, name: str, raw: str):
        self.name = name
        self.raw = raw
        self.safe = ""


class Words(html.parser.HTMLParser):
    """The words that a body shows, by another parser than ours."""

    HIDDEN = {"script", "style", "title", "head", "noscript", "template", "iframe", "object", "svg",
              "math", "noframes"}

    def __init__(self, text: str):
        super().__init__()
        self.hidden = 0
        self.words: set[str] = set()
        self.feed(text)  # no close(): it would give an unfinished tag out as text

    def handle_starttag(self, tag, attrs):
        if tag in self.HIDDEN - {"head"}:
            self.hidden += 1

    def handle_endtag(self, tag):
        if tag in self.HIDDEN - {"head"} and self.hidden:
            self.hidden -= 1

    def handle_data(self, data):
        if not self.hidden:
            self.words.update(re.findall(r"\w{4,30}", data))


def own_cases() -> list[Case]:
    return [Case(path.stem, path.read_bytes().decode())
            for path in sorted((HERE / "cases").glob("*.html"))]


def golden_cases(shared: pathlib.Path) -> list[Case]:
    cases = []
    sys.setrecursionlimit(20000)  # for Python's parser: one mail is nested 1,200 deep
    for path in sorted((shared / "golden" / "mails").glob("*/*.eml")):
        message = email.message_from_bytes(path.read_bytes())
        parts = (part for part in message.walk() if part.get_content_type() == "text/html")
        for number, part in enumerate(itertools.islice(parts, PARTS_OF_A_MAIL)):
            body = part.get_payload(decode=True) or b""
            charset = part.get_content_charset() or "utf-8"
            try:
                text = body.decode(charset, "replace")
            except LookupError:
                text = body.decode("latin-1")
            cases.append(Case(f"golden/{path.parent.name}/{path.stem}/{number}", text))
    return cases


def sanitize(cases: list[Case], tool: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        paths = [pathlib.Path(folder) / str(number) for number in range(len(cases))]
        for case, path in zip(cases, paths):
            path.write_bytes(case.raw.encode("utf-8", "replace"))
        subprocess.run([tool, *map(str, paths)], check=True)
        for case, path in zip(cases, paths):
            case.safe = path.with_name(path.name + ".safe").read_bytes().decode("utf-8", "strict")


def as_mail(case: Case) -> bytes:
    message = email.message.EmailMessage(policy=email.policy.SMTP)
    message["From"] = "analyst@example.org"
    message["Date"] = "Mon, 05 Jan 2026 10:00:00 +0000"
    message["Subject"] = case.name
    message.set_content(case.raw, subtype="html", cte="base64")
    return message.as_bytes()


def golden_mails(shared: pathlib.Path) -> list[bytes]:
    mails = [path.read_bytes() for path in sorted((shared / "golden" / "mails").glob("*/*.eml"))]
    return [mail for mail in mails if b"text/html" in mail.lower()]


def convert(mails: list[bytes], program: str) -> list[str]:
    """What the real program makes of the mails."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [pathlib.Path(folder) / f"{number}.eml" for number in range(len(mails))]
        for mail, path in zip(mails, paths):
            path.write_bytes(mail)
        environment = dict(os.environ, EMAIL_INTEL_IMAP_CONTENT="safe")
        lines = subprocess.run([program, "convert", *map(str, paths)], check=True, cwd=folder,
                               env=environment, stdout=subprocess.PIPE).stdout.splitlines()
    if len(lines) != len(mails):
        raise RuntimeError(f"{len(lines)} reports of {len(mails)} mails")
    return [json.loads(line).get("x_opencti_content", "") for line in lines]


def check_program(own: list[Case], golden: list[bytes], program: str) -> list[str]:
    """The same for whole mails; of the golden ones the words were looked for before."""
    cases = own + [Case(f"golden/mail {number}", "") for number in range(len(golden))]
    contents = convert([as_mail(case) for case in own] + golden, program)
    for case, content in zip(cases, contents):
        case.safe = content
    return check_safe(cases)


def open_all(bodies: list[str], set_name: str) -> tuple[dict, list[str]]:
    web = Web({set_name: bodies})
    try:
        url = f"http://{VIEWER}/?set={set_name}"
        with chromium.Chromium(url, web.port) as browser:
            result = web.wait(90, browser.is_alive)
        return result, [request for request in web.requests if not chromium.is_its_own(request)]
    finally:
        web.close()


def text_is_readable(case: Case, text: str) -> bool:
    if not case.name.startswith("golden/"):
        return f"seen-{case.name}" in text
    words = Words(case.raw).words
    seen = sum(word in text for word in words)
    return seen >= len(words) * WORDS_READABLE


def check_safe(cases: list[Case]) -> list[str]:
    result, requests = open_all([case.safe for case in cases], "safe")
    failures = [f"request: {request[:200]}" for request in requests]
    failures += [f"script ran: {name}" for name in result["ran"]]
    if len(result["results"]) != 2 * len(cases):
        failures.append(f"{len(result['results'])} frames opened of {2 * len(cases)}")
    for opened in result["results"]:
        case = cases[opened["number"]]
        where = f"{case.name} ({opened['form']})"
        failures += [f"{where}: {problem}" for problem in sorted(set(opened["problems"]))]
        if not text_is_readable(case, opened["text"]):
            failures.append(f"{where}: text cannot be read: {opened['text'][:200]!r}")
    return failures


def check_control(cases: list[Case]) -> list[str]:
    result, requests = open_all([case.raw for case in cases], "raw")
    failures = []
    for case in cases:
        kind, name = case.name.split("-", 1)
        if kind == "run" and case.name not in result["ran"]:
            failures.append(f"control: {case.name} runs nothing")
        # Of an https address the proxy sees the host alone.
        wanted = "evil.test:443" if name == "https" else case.name
        if kind == "load" and not any(wanted in request for request in requests):
            failures.append(f"control: {case.name} loads nothing")
    return failures


def take_screenshots(tool: str, folder: pathlib.Path) -> None:
    cases = [Case(path.stem, path.read_text()) for path in sorted((HERE / "shots").glob("*.html"))]
    sanitize(cases, tool)
    web = Web({"raw": [case.raw for case in cases], "safe": [case.safe for case in cases]})
    for number, case in enumerate(cases):
        target = folder / f"safe-{case.name}.png"
        with chromium.Chromium(f"http://{VIEWER}/pair/{number}", web.port, "--window-size=1000,560",
                               f"--screenshot={target}", "--virtual-time-budget=3000") as browser:
            browser.process.wait(60)
        print(target)
    web.close()


def main() -> int:
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--program", help="email-intel-imap: its convert is tried as well")
    parser.add_argument("--shared", type=pathlib.Path, help="folder with golden/")
    options = chromium.options(__doc__, "safe_html", take_screenshots, parser)
    own = own_cases()
    golden = golden_cases(options.shared) if options.shared else []
    sanitize(own + golden, options.tool)
    failures = check_safe(own + golden) + check_control(own)
    if options.program:
        mails = golden_mails(options.shared) if options.shared else []
        failures += check_program(own, mails, options.program)
    print(f"{len(own)} own bodies, {len(golden)} of golden mails"
          f"{' (absent)' if not golden else ''}, {len(failures)} failures")
    print("\n".join(failures))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
