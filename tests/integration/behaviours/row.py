# SPDX-License-Identifier: Apache-2.0
"""One row of the table: how a server behaves, and what the connector must make of it."""
import time
from dataclasses import dataclass, field

from servers.imap_script import Dialect, Fault, Mail, received_at

HOUR_S = 3600


def content_of(uid):
    return f"Indicator of bulletin {uid} at host{uid}.example."


def bulletin(uid, size=600, when=None, received=None):
    """A mail named "Bulletin UID", of some bytes."""
    when = int(time.time()) - 2 * HOUR_S + uid if when is None else when
    date = time.strftime("%a, %d %b %Y %H:%M:%S +0000", time.gmtime(when))
    head = (f"From: CERT <cert@intel.example>\r\nTo: soc@corp.example\r\nSubject: Bulletin {uid}\r\n"
            f"Date: {date}\r\nMessage-ID: <{uid}.{when}@intel.example>\r\nMIME-Version: 1.0\r\n"
            "Content-Type: text/plain; charset=utf-8\r\n\r\n")
    line = content_of(uid) + " It was seen again.\r\n"
    body = (line * (size // len(line) + 1)).encode()
    return Mail(uid, head.encode() + body, received_at(when if received is None else received))


def bulletins(count=3, size=600):
    return [bulletin(uid, size) for uid in range(1, count + 1)]


def named(*uids):
    """Reports of these mails with their content."""
    return {f"Bulletin {uid}": content_of(uid) for uid in uids}


def headed(*uids):
    """Reports of these mails' headers: named as the mail is, without content."""
    return {f"Bulletin {uid}": None for uid in uids}


@dataclass
class Behaviour:
    name: str
    kind: str                   # at most five rows are of one
    at: str                     # the command and the point of it
    seen: str                   # where
    dialect: Dialect = field(default_factory=Dialect)
    faults: tuple = ()
    box: object = bulletins     # called when the row is played
    platform: dict = None       # one of its own, with these arguments
    settings: dict = field(default_factory=dict)
    # What must come out
    reports: object = None      # name: words of its content, None: it has none; default: each mail
    facts: int = 0              # besides, reports of mails of which nothing came
    exit: int = 0
    words: tuple = ()           # that the log must have
    never: tuple = ()           # and must not
    heard: tuple = ()           # commands that the server must have heard, in this order
    within_s: float = 120
    memory_mib: int = 64        # of both programs together, at any time
    # Other than one run to its end: a function of the stage that gives the run to be judged
    story: object = None

    def wanted(self, box):
        return named(*(mail.uid for mail in box)) if self.reports is None else self.reports


def once(command, change, nth=(1,)):
    """A fault at a command's first time, or at the times that are named."""
    return (Fault(command, change, nth),)


def always(command, change):
    return (Fault(command, change, None),)
