# SPDX-License-Identifier: Apache-2.0
"""python3 -m servers.platform '{"broker": {...}, ...}': the members are Platform's arguments.

Prints one line, {"port": ..., "control_port": ...}, once it serves; ends at the end of its
standard input, so that no instance outlives the test that started it.
"""
import json
import logging
import sys

from .control import Control
from .core import Platform


def main():
    # The libraries log every refusal with a traceback; refusals are what tests ask for.
    logging.disable(logging.CRITICAL)
    platform = Platform(**json.loads(sys.argv[1])).start()
    control = Control(platform).start()
    print(json.dumps({"port": platform.http.port, "control_port": control.http.port}), flush=True)
    sys.stdin.buffer.read()
    control.stop()
    platform.stop()


if __name__ == "__main__":
    main()
