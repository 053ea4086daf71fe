# SPDX-License-Identifier: Apache-2.0
"""Now, as the platform writes it."""
import datetime


def now_text():
    now = datetime.datetime.now(datetime.timezone.utc)
    return now.strftime("%Y-%m-%dT%H:%M:%S.") + f"{now.microsecond // 1000:03d}Z"
