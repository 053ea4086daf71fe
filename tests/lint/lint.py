#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Checks that a compiler does not make: lint.py CHECK [ARGUMENT...]

layers            who includes whom, and who names which outside header (layers.txt)
format            clang-format would change nothing
sizes             functions, files, complexity (pmccabe)
banned            calls and constructs that docs/style.md forbids
headers           licence lines, guards, every header compiles alone
words             blanks at line ends, line ends, open questions
globals DIR       no mutable data in the libraries of a build
circles DIR       no circle between the files of a layer but those of circles.txt
events            docs/errors.md has every event of the log, at its level, with what to do
settings PROGRAM  config.ini.sample and docs/configuration.md are what the table prints
tidy DIR          clang-tidy over a build's compile_commands.json
cppcheck          cppcheck over src

Prints a line for each finding and ends with status 1 where there is one; 77 where the tool that
it needs is absent.
"""
import concurrent.futures
import glob
import json
import os
import re
import shutil
import subprocess
import sys

import circles
from source import ROOT, TEXT, c_files, code_of, files, line_of, read

FUNCTION_LINES, FILE_LINES, COMPLEXITY, NESTING = 80, 500, 15, 3
JOBS = 2
FORMATTER = "14"  # Debian 12's clang-format


# --- layers ---

def read_layers():
    layers = {}
    for line in read("tests/lint/layers.txt").splitlines():
        line = line.split("#")[0].strip()
        if line:
            name, rest = line.split(":")
            allowed, headers = rest.split("|")
            layers[name.strip()] = (allowed.split(), headers.split())
    return layers


def matches(header, pattern):
    if pattern.endswith("*"):
        return header.startswith(pattern[:-1])
    return header.startswith(pattern) if pattern.endswith("/") else header == pattern


INCLUDE = re.compile(r'^#\s*include\s+([<"])([^>"]+)[>"]', re.MULTILINE)


def check_layers():
    layers = read_layers()
    order = list(layers)
    for layer, (allowed, _) in layers.items():
        for other in allowed:
            if order.index(other) >= order.index(layer):
                yield f"tests/lint/layers.txt: {layer} may not include {other}, which is below it"
    patterns = [pattern for _, headers in layers.values() for pattern in headers]
    for path in files(("include", "src"), (".c", ".h")):
        layer = path.removeprefix("include/eii/").removeprefix("src/").split("/")[0]
        if layer not in layers:
            yield f"{path}: no such layer in tests/lint/layers.txt"
            continue
        for match in INCLUDE.finditer(read(path)):
            yield from judge_include(path, layer, match, layers, patterns)


def judge_include(path, layer, match, layers, patterns):
    kind, header = match.groups()
    where = f"{path}:{line_of(match.string, match.start())}"
    allowed, own = layers[layer]
    if kind == "<":
        outside = any(matches(header, pattern) for pattern in patterns)
        if outside and not any(matches(header, pattern) for pattern in own):
            yield f"{where}: <{header}> is named in another layer only"
        elif not outside and not is_system(header):
            yield f"{where}: <{header}> belongs to no layer in tests/lint/layers.txt"
    elif header.startswith("eii/"):
        other = header.split("/")[1]
        if other != layer and other not in allowed:
            yield f"{where}: {layer} may not include {other}"
    elif "/" in header:
        yield f"{where}: \"{header}\" reaches out of its folder"


def is_system(header):
    """Of the C library or the kernel."""
    return os.path.dirname(header) in ("sys", "netinet", "arpa", "net", "linux") or header in {
        "assert.h", "ctype.h", "dirent.h", "endian.h", "errno.h", "fcntl.h", "ftw.h", "inttypes.h", "limits.h",
        "locale.h", "malloc.h", "math.h", "netdb.h", "poll.h", "pthread.h", "pwd.h", "sched.h",
        "setjmp.h", "signal.h", "spawn.h", "stdarg.h", "stdatomic.h", "stdbool.h", "stddef.h",
        "stdint.h", "stdio.h", "stdlib.h", "string.h", "strings.h", "sysexits.h", "termios.h",
        "threads.h", "time.h", "unistd.h", "wchar.h"}


# --- format, sizes, constructs, words ---

def check_format():
    need("clang-format")
    release = re.search(r"version (\d+)", run(["clang-format", "--version"]).stdout).group(1)
    if release != FORMATTER:
        print(f"skipped: clang-format {release} lays out otherwise than {FORMATTER}")
        sys.exit(77)
    done = run(["clang-format", "--dry-run", "-Werror", *c_files()])
    yield from (line for line in done.stderr.splitlines() if "error:" in line)


def check_sizes():
    need("pmccabe")
    done = run(["pmccabe", *(path for path in c_files() if path.endswith(".c"))])
    for line in done.stdout.splitlines():
        complexity, _, _, _, lines, where = line.split("\t")[:6]
        if int(lines) > FUNCTION_LINES:
            yield f"{where}: {lines} lines, at most {FUNCTION_LINES}"
        if int(complexity) > COMPLEXITY:
            yield f"{where}: complexity {complexity}, at most {COMPLEXITY}"
    for path in c_files():
        lines = read(path).count("\n")
        if lines > FILE_LINES:
            yield f"{path}: {lines} lines, at most {FILE_LINES}"
        yield from too_deep(path)


def too_deep(path):
    """By the indentation that clang-format gives: one tab a level, the body's first."""
    for number, line in enumerate(code_of(path).splitlines(), 1):
        depth = len(line) - len(line.lstrip("\t"))
        if depth > NESTING and re.match(r"(if|for|while|switch|do)\b", line.lstrip("\t")):
            yield f"{path}:{number}: nested deeper than {NESTING}"


# Constructs, by pattern; `value` and `otherwise` are data, not a choice of what to do.
BANNED = (
    (re.compile(r"\b(strcpy|strcat|stpcpy|sprintf|vsprintf|strtok|gmtime|localtime|ctime|asctime|"
                r"atoi|atol|atof|gets|alloca|system|popen|mktemp|tmpnam)\s*\("), "is banned"),
    (re.compile(r"\bgoto\b"), "is banned"),
)
ASSIGNMENT = re.compile(r"\b(?:if|while|switch)\s*\(")
BOOL_PARAMETER = re.compile(r"[(,]\s*(?:const\s+)?bool\s+(?!value\b|otherwise\b)\w+\s*(?=[,)])")


def check_banned():
    for path in c_files():
        code = code_of(path)
        for pattern, why in BANNED:
            for match in pattern.finditer(code):
                yield f"{path}:{line_of(code, match.start())}: {match.group().rstrip('( ')} {why}"
        if path.startswith("tests/"):
            continue
        for match in ASSIGNMENT.finditer(code):
            if re.search(r"[^=!<>+\-*/|&^%]=[^=]", condition(code, match.end())):
                yield f"{path}:{line_of(code, match.start())}: assignment inside a condition"
        for match in BOOL_PARAMETER.finditer(code):
            yield f"{path}:{line_of(code, match.start())}: boolean parameter"


def condition(code, start):
    """From behind an opening parenthesis to its end."""
    depth, end = 1, start
    while depth and end < len(code):
        depth += {"(": 1, ")": -1}.get(code[end], 0)
        end += 1
    return code[start:end - 1]


def check_words():
    for path in files(TEXT, "") + ["README.md", "CMakeLists.txt", "config.ini.sample"]:
        if path.endswith((".png", ".pdf", ".eml", ".pyc", ".bin")):
            continue
        text = read_bytes(path)
        if text and not text.endswith(b"\n"):
            yield f"{path}: the last line has no end"
        for number, line in enumerate(text.split(b"\n"), 1):
            if line != line.rstrip():
                yield f"{path}:{number}: blanks (or \\r) at the end of the line"
            if re.search(rb"\b(TODO|FIXME|XXX|HACK)\b", line) and "tests/lint/" not in path:
                yield f"{path}:{number}: an open question; say NEEDSWORK: and why"


def read_bytes(path):
    try:
        with open(os.path.join(ROOT, path), "rb") as file:
            return file.read()
    except FileNotFoundError:
        return b""


# --- headers ---

SPDX = "SPDX-License-Identifier: Apache-2.0"


def check_headers():
    for path in c_files():
        if read(path).split("\n", 1)[0] != f"/* {SPDX} */":
            yield f"{path}:1: not /* {SPDX} */"
    for path in files(TEXT, (".py", ".cmake", "CMakeLists.txt", ".sh")):
        if SPDX not in "".join(read(path).splitlines(True)[:3]):
            yield f"{path}:1: no {SPDX}"
    headers = files(("include", "src"), ".h")
    for path in headers:
        guard = "EII_" + re.sub(r"\W", "_", re.sub(r"^(include/eii|src)/", "", path)).upper()
        if f"#ifndef {guard}\n#define {guard}\n" not in read(path):
            yield f"{path}: the guard is not {guard}"
    with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
        for path, text in zip(headers, pool.map(compile_alone, headers)):
            if text:
                yield f"{path}: does not compile alone: {text}"


def compile_alone(path):
    done = run(["cc", "-std=c17", "-D_GNU_SOURCE", "-fsyntax-only", "-Wall", "-Werror",
                "-Wno-unused-function", "-Iinclude", f"-I{os.path.dirname(path)}",
                "-include", path, "-x", "c", "/dev/null"])
    return done.stderr.splitlines()[0] if done.returncode else ""


# --- builds ---

# Written once before threads start (the log's settings), filled once and read from then on
# (pthread_once: base64, JSON costs; the converter's charset descriptors, which its jail would
# not let it open later), or never written to but wanted as char * (an empty buffer's text,
# execve()'s words).
MUTABLE = {
    "base": {"log_state", "waiting", "pairs", "values", "tables_once", "nothing"},
    "convert": {"locale", "slices", "name"},
    "mail": {"held"},
    "stix": {"costs", "costs_once"},
}
DATA = re.compile(r"^[0-9a-f]+ .{7} (\.t?(?:data|bss)\S*)\s+[0-9a-f]+\s+(?:\.hidden )?(\S+)$")


def libraries_of(build):
    for library in sorted(glob.glob(os.path.join(build, "src", "*", "libeii_*.a"))):
        yield os.path.basename(library)[len("libeii_"):-2], library


def check_globals(build):
    for layer, library in libraries_of(build):
        for line in run(["objdump", "-t", library]).stdout.splitlines():
            match = DATA.match(line)
            if not match or match.group(1).startswith((".data.rel.ro", ".text")):
                continue
            name = match.group(2).split(".")[0]
            if name and name not in MUTABLE.get(layer, ()):
                yield f"{layer}: mutable global {name}"


# What decides, and what carries its orders out, stays free of them: no list gives leave, but to
# the files of ingest's own loop, which goes as a whole once the core decides.
WITHOUT_CIRCLES = {
    "core": set(),
    "ingest": {"desk", "desk_calls", "fetch_bodies", "fetch_plan", "fetcher", "publish_end",
               "publish_line", "publish_place", "publish_queue", "publish_run", "publish_wait",
               "publish_work"},
}


def check_circles(build):
    need("nm")
    allowed = circles.read_allowed(read("tests/lint/circles.txt"))
    found = {}
    for layer, library in libraries_of(build):
        nm = run(["nm", "--extern-only", "--print-file-name", "--format=posix", library])
        edges = circles.edges_of(nm.stdout)
        if not edges:
            yield f"{layer}: nm names no symbol of {library}"
        found[layer] = circles.circles_of(edges)
        for circle in found[layer]:
            if not any(own == layer and set(circle) <= set(names) for _, own, names in allowed):
                yield f"{layer}: a circle: {circles.describe(edges, circle)}"
    if not found:
        yield f"{build}: no libraries"
    for number, layer, names in allowed:
        yield from judge_leave(f"tests/lint/circles.txt:{number}", layer, names, found)


def judge_leave(where, layer, names, found):
    """An entry is a circle of today, whole; the list shrinks with the code."""
    if not set(names) <= WITHOUT_CIRCLES.get(layer, set(names)):
        yield f"{where}: {layer} may never have a circle"
    left = [circle for circle in found.get(layer, ()) if set(circle) <= set(names)]
    if not left:
        yield f"{where}: {layer}: {' '.join(names)} is no circle any more: take it off the list"
    elif left != [names]:
        now = " and ".join(f"`{layer}: {' '.join(circle)}`" for circle in left)
        yield f"{where}: the circle is smaller now: write {now}"


# EII_LOG(WARN, "part.failed", ...), or a row of a table: { EII_LOG_WARN, "part.failed", ...
LOGGED = re.compile(r'\bEII_LOG(?:_PLAINLY\(|\(|_)\s*(DEBUG|INFO|WARN|ERROR)\s*,\s*"([^"]*)"')
EXPLAINED = re.compile(r"^### `([^`]+)` \((\w+)\)\n(.*?)(?=^#|\Z)", re.MULTILINE | re.DOTALL)


def check_events():
    logged = {}
    for path in files(("include", "src"), (".c", ".h")):
        text = read(path)
        for match in LOGGED.finditer(text):
            where = f"{path}:{line_of(text, match.start())}"
            logged.setdefault(match[2], {})[match[1].lower()] = where
    explained = {}
    for name, level, words in EXPLAINED.findall(read("docs/errors.md")):
        if name in explained:
            yield f"docs/errors.md: {name} stands there twice"
        explained[name] = (level, words)
    for name in sorted(logged.keys() - explained.keys()):
        yield f"{min(logged[name].values())}: docs/errors.md does not explain {name}"
    for name in sorted(explained.keys() - logged.keys()):
        yield f"docs/errors.md: nothing logs {name}"
    for name in sorted(logged.keys() & explained.keys()):
        yield from judge_event(name, logged[name], *explained[name])


def judge_event(name, levels, level, words):
    if set(levels) != {level}:
        yield f"docs/errors.md: {name} is {level}, in the source {' and '.join(sorted(levels))}"
    if "**Means:**" not in words:
        yield f"docs/errors.md: {name}: no **Means:**"
    if set(levels) & {"warn", "error"} and "**Do:**" not in words:
        yield f"docs/errors.md: {name}: no **Do:**"


def check_settings(program):
    sample = run([program, "sample"]).stdout
    if read("config.ini.sample") != sample:
        yield f"config.ini.sample: not what `{program} sample` prints; write it anew"
    page = read("docs/configuration.md")
    begin, end = "<!-- settings:begin -->\n", "<!-- settings:end -->"
    if begin not in page or end not in page:
        yield f"docs/configuration.md: no {begin.strip()} and {end}"
    elif page.split(begin)[1].split(end)[0] != run([program, "tables"]).stdout:
        yield f"docs/configuration.md: not what `{program} tables` prints; write it anew"


def check_tidy(build):
    need("clang-tidy")
    with open(os.path.join(build, "compile_commands.json"), encoding="utf-8") as file:
        units = sorted({entry["file"] for entry in json.load(file)
                        if os.path.relpath(entry["file"], ROOT).startswith("src/")})
    with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
        for text in pool.map(lambda unit: tidy(build, unit), units):
            yield from text


def tidy(build, unit):
    # gcc needs no leave to zero automatic variables, clang 14 does.
    leave = "-enable-trivial-auto-var-init-zero-knowing-it-will-be-removed-from-clang"
    done = run(["clang-tidy", "--quiet", "-p", build, f"--extra-arg={leave}",
                "--extra-arg=-Wno-unknown-warning-option",
                "--extra-arg=-Wno-unused-command-line-argument", unit])
    return [line for line in done.stdout.splitlines() if re.search(r": (error|warning): ", line)]


def check_cppcheck():
    need("cppcheck")
    done = run(["cppcheck", "--quiet", "--std=c11", "--enable=warning,performance,portability",
                "--inline-suppr", "--suppress=missingIncludeSystem", "--suppress=unknownMacro",
                # A buffer that the caller has filled in a way that cppcheck does not follow.
                "--suppress=uninitvar:src/base/json_writer.c",
                "-j", str(JOBS), "-D_GNU_SOURCE", "-D__GNUC__=12", "-Iinclude", "--template",
                "{file}:{line}: {severity}: {message} [{id}]", "src"])
    yield from (line for line in done.stderr.splitlines() if re.match(r"\S+:\d+: ", line))


# --- running ---

def need(program):
    if not shutil.which(program):
        print(f"skipped: {program} is absent (tools/packages.txt names it)")
        sys.exit(77)


def run(command):
    return subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, check=False)


def main(arguments):
    check = globals().get(f"check_{arguments[0]}") if arguments else None
    if check is None:
        print(__doc__)
        return 64
    findings = list(check(*arguments[1:]))
    for finding in findings:
        print(finding)
    print(f"{arguments[0]}: {len(findings)} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
