# SPDX-License-Identifier: Apache-2.0
"""What the tests of deploy/ share: paths, commands, skipping."""
import os
import shutil
import subprocess
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get("EII_BUILD", "")
SETTINGS_JSON = os.environ.get("EII_SETTINGS_JSON", "")


def path(*parts):
    return os.path.join(ROOT, *parts)


def read(*parts):
    with open(path(*parts), encoding="utf-8") as file:
        return file.read()


def need(*commands):
    """Skips where a command is absent."""
    absent = [command for command in commands if not shutil.which(command)]
    if absent:
        raise unittest.SkipTest(f"not on this machine: {', '.join(absent)}")


def run(*command, **options):
    """The command's standard output; its failure is the test's, with all it said."""
    options.setdefault("timeout", 600)
    done = subprocess.run(command, capture_output=True, text=True, check=False, **options)
    if done.returncode:
        raise AssertionError(f"{' '.join(command)} ended with {done.returncode}:\n"
                             f"{done.stdout[-3000:]}{done.stderr[-3000:]}")
    return done.stdout


def refused(*command, **options):
    """What a command says that must fail."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120,
                          **options)
    if not done.returncode:
        raise AssertionError(f"{' '.join(command)} was to fail and did not:\n{done.stdout[-1000:]}")
    return done.stdout + done.stderr
