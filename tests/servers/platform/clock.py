# SPDX-License-Identifier: Apache-2.0
"""The platform's clock, which a test may set wrong or on."""
import datetime
import time


class Clock:
    """offset_s: how far it is ahead of ours; what the platform writes and its Date header follow."""

    def __init__(self):
        self.offset_s = 0.0

    def seconds(self):
        return time.time() + self.offset_s

    def text(self):
        """Now, as the platform writes it."""
        now = datetime.datetime.fromtimestamp(self.seconds(), datetime.timezone.utc)
        return now.strftime("%Y-%m-%dT%H:%M:%S.") + f"{now.microsecond // 1000:03d}Z"
