#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""run.py FOLDER DESCRIBE: links.js with remark-gfm in the platform's version, taken from npm into
FOLDER. Exit status 77 (skipped) where npm is absent or reaches no registry."""
import pathlib
import shutil
import subprocess
import sys

SKIPPED = 77
INSTALL_TIMEOUT_S = 180
NO_NETWORK = ("ENOTFOUND", "EAI_AGAIN", "ETIMEDOUT", "ECONNREFUSED", "ECONNRESET", "ENETUNREACH")
HERE = pathlib.Path(__file__).resolve().parent
FILES = ("package.json", "package-lock.json", "links.js")


def is_installed(folder):
    lock = folder / "package-lock.json"
    return ((folder / "node_modules/remark-gfm").is_dir() and lock.exists()
            and lock.read_bytes() == (HERE / "package-lock.json").read_bytes())


def install(folder):
    """Why it cannot be tried, or None."""
    fresh = is_installed(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for name in FILES:
        shutil.copy(HERE / name, folder / name)
    if fresh:
        return None
    try:
        done = subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
                              cwd=folder, capture_output=True, text=True, check=False,
                              timeout=INSTALL_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        return "npm's registry does not answer"
    if done.returncode and any(word in done.stderr for word in NO_NETWORK):
        return "npm reaches no registry"
    if done.returncode:
        raise SystemExit(f"npm ci: {done.stderr}")
    return None


def main():
    folder, describe = pathlib.Path(sys.argv[1]), sys.argv[2]
    if not shutil.which("npm") or not shutil.which("node"):
        print("skipped: npm is not installed")
        return SKIPPED
    why = install(folder)
    if why:
        print(f"skipped: {why}")
        return SKIPPED
    return subprocess.run(["node", "links.js", describe], cwd=folder, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
