# SPDX-License-Identifier: Apache-2.0
"""The programs that are tried, and what strikes them.

Environment: EII_BINARY, EII_CONVERTER, EII_FAULT_TOOLS (the folder of strike and
memory_fault.so); without them those of build/dev.
"""
import os

_ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
_BUILD = os.path.join(_ROOT, "build", "dev")


class Programs:
    def __init__(self):
        tools = os.environ.get("EII_FAULT_TOOLS", os.path.join(_BUILD, "tests", "faults"))
        self.connector = os.environ.get("EII_BINARY",
                                        os.path.join(_BUILD, "src", "app", "email-intel-imap"))
        self.converter = os.environ.get(
            "EII_CONVERTER", os.path.join(_BUILD, "src", "jail", "email-intel-imap-converter"))
        self.strike = os.path.join(tools, "strike")
        self.memory_fault = os.path.join(tools, "memory_fault.so")

    def missing(self):
        return [path for path in vars(self).values() if not os.access(path, os.R_OK)]
