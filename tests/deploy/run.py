# SPDX-License-Identifier: Apache-2.0
"""run.py MODULE...: runs test modules of this folder; exit 77 where all of it was skipped."""
import os
import sys
import unittest
import warnings

TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SKIPPED = 77


def main(modules):
    sys.path.insert(0, TESTS)
    warnings.filterwarnings("ignore", category=DeprecationWarning)
    suite = unittest.defaultTestLoader.loadTestsFromNames(f"deploy.{name}" for name in modules)
    result = unittest.TextTestRunner(verbosity=2).run(suite)
    if not result.wasSuccessful():
        return 1
    return SKIPPED if len(result.skipped) >= max(result.testsRun, 1) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
