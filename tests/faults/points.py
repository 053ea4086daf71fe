# SPDX-License-Identifier: Apache-2.0
"""The points at which something fails once, each with a name that repeats it alone.

    kill/SORT/N                            kill -9 at the Nth outgoing system call
    error/SORT/CALL/N/ERRNO                the Nth call of that name fails
    term/SORT/N                            SIGTERM at the Nth system call of any kind
    memory/SORT/PROGRAM/N                  the Nth allocation fails
    wire/SORT/SERVER/DIRECTION/FAULT/BYTE  what befalls a connection at that byte

SORT is how all three servers are spoken to: plain or tls.
"""
import errno
import os
import struct

from . import proxy
from .lane import (BROKER, FEW_MAILS, FIRST_RUN_S, IMAP, MAILS, PLAIN, PLATFORM, SORTS, TLS,
                   NotHeld)

_SEND_ERRORS = ("EPIPE", "ECONNRESET", "ETIMEDOUT", "EHOSTUNREACH", "EINTR", "EAGAIN", "ENOBUFS",
                "ENOMEM")
ERRORS = {
    "connect": ("ECONNREFUSED", "ETIMEDOUT", "ENETUNREACH", "EHOSTUNREACH", "EADDRNOTAVAIL",
                "EINTR", "EACCES", "EPERM", "ENOBUFS", "ENOMEM"),
    "sendto": _SEND_ERRORS, "sendmsg": _SEND_ERRORS, "sendmmsg": _SEND_ERRORS,
    "write": _SEND_ERRORS, "writev": _SEND_ERRORS,
    "shutdown": ("ENOTCONN", "ENOBUFS"),
    "close": ("EIO", "EINTR", "ENOSPC"),
}
TERM_INSTANTS = 200
WIRE_BYTES = 8  # places in each direction
CONNECTOR, CONVERTER = "connector", "converter"

OK, NO_MEMORY, GAVE_UP = 0, 71, 75  # docs/errors.md
_STOP_S = 10.0
_KILLED, _TERMINATED = 128 + 9, 128 + 15


class Point:
    """key: of the lane that it needs. struck: whether the run came as far as that."""

    kind = ""

    def __init__(self, name):
        self.name = name
        self.words = name.split("/")
        self.sort = self.words[1]
        self.key = (self.sort, MAILS)
        self.struck = False

    def try_in(self, lane):
        """Raises NotHeld, or an AssertionError of what waits in vain."""
        lane.undisturbed()
        lane.begin()
        self.strike(lane)
        if self.struck:
            lane.finish_and_judge()

    def _judge_status(self, status, allowed):
        if status not in allowed:
            raise NotHeld(f"the run gives {status}, not one of {sorted(allowed)}")


class _CallPoint(Point):
    """Struck at a system call."""

    calls = "outgoing"

    def _run(self, lane, what, number):
        log = os.path.join(lane.directory, "calls")
        status = lane.run(FIRST_RUN_S, (lane.programs.strike, log, self.calls, str(what),
                                        str(number), "--"))
        with open(log, encoding="ascii") as file:
            self.struck = sum(1 for _ in file) >= number
        return status


class Kill(_CallPoint):
    kind = "kill -9 at an outgoing call"

    def strike(self, lane):
        status = self._run(lane, "kill", int(self.words[2]))
        self._judge_status(status, {_KILLED} if self.struck else {OK})


class Error(_CallPoint):
    kind = "an outgoing call fails"

    def __init__(self, name):
        super().__init__(name)
        self.calls, self.number, self.error = self.words[2:]

    def strike(self, lane):
        status = self._run(lane, getattr(errno, self.error), int(self.number))
        allowed = {OK, GAVE_UP} if self.error != "ENOMEM" else {OK, GAVE_UP, NO_MEMORY}
        self._judge_status(status, allowed)


class Term(_CallPoint):
    kind = "SIGTERM at an instant"
    calls = "any"

    def strike(self, lane):
        status = self._run(lane, "term", int(self.words[2]))
        run = lane.runs[-1]
        # Before it has begun a signal does what it does to any program.
        has_begun = bool(run.events("app.started"))
        self._judge_status(status, {OK} if has_begun else {OK, _TERMINATED})
        if run.stop_took_s() >= _STOP_S:
            raise NotHeld(f"it took {run.stop_took_s():.1f} s to stop")


class Memory(Point):
    """The plan's form is memory_fault.c's."""

    kind = "an allocation fails"
    HEAD, HASHES = "=QQQQ", 1 << 20

    def __init__(self, name):
        super().__init__(name)
        self.key = (self.sort, FEW_MAILS)

    @property
    def program(self):
        return self.words[2]

    def strike(self, lane):
        run_with_plan(lane, self.program, fail_at=int(self.words[3]))
        self.struck = read_plan(lane)[3] != 0
        run = lane.runs[-1]
        allowed = {OK, GAVE_UP, NO_MEMORY} if self.program == CONNECTOR else {OK, GAVE_UP}
        self._judge_status(run.process.returncode, allowed)
        if run.process.returncode == NO_MEMORY and "cannot go on" not in run.err:
            raise NotHeld("it ends with 71 and says nothing")


class Wire(Point):
    kind = "a connection is broken"

    def strike(self, lane):
        server, direction, fault, at = self.words[2:]
        through = lane.proxies[server]
        through.plan(fault, direction, int(at))
        status = lane.run(FIRST_RUN_S, through_proxies=True)
        self.struck = through.struck
        through.heal()
        self._judge_status(status, {OK, GAVE_UP})


KINDS = {"kill": Kill, "error": Error, "term": Term, "memory": Memory, "wire": Wire}


def named(name):
    return KINDS[name.split("/")[0]](name)


# The plan of a failing allocation

def _plan_path(lane):
    return os.path.join(lane.directory, "plan")


def run_with_plan(lane, program, fail_at=0, is_recorded=0):
    with open(_plan_path(lane), "wb") as file:
        file.write(struct.pack(Memory.HEAD, fail_at, 0, is_recorded, 0))
        file.truncate(struct.calcsize(Memory.HEAD) + 8 * Memory.HASHES)
    preload = {"LD_PRELOAD": lane.programs.memory_fault, "EII_FAULT_PLAN": _plan_path(lane)}
    if program == CONVERTER:
        # The connector gives it an environment of its own.
        script = os.path.join(lane.directory, "converter")
        words = " ".join(f"{name}='{value}'" for name, value in preload.items())
        with open(script, "w", encoding="utf-8") as file:
            file.write(f"#!/bin/sh\nexec env LC_ALL=C.UTF-8 G_SLICE=always-malloc {words} "
                       f"'{lane.programs.converter}' \"$@\"\n")
        os.chmod(script, 0o755)
        preload = {"EII_CONVERTER": script}
    return lane.run(FIRST_RUN_S, **preload)


def read_plan(lane):
    with open(_plan_path(lane), "rb") as file:
        return struct.unpack(Memory.HEAD, file.read(struct.calcsize(Memory.HEAD)))


def _places_of_allocations(lane, program):
    """The first allocation of each call stack, and how many there are of all."""
    lane.undisturbed()
    lane.begin()
    run_with_plan(lane, program, is_recorded=1)
    seen = read_plan(lane)[1]
    with open(_plan_path(lane), "rb") as file:
        file.seek(struct.calcsize(Memory.HEAD))
        hashes = struct.unpack(f"={seen}Q", file.read(8 * seen))
    first = {}
    for number, value in enumerate(hashes, 1):
        first.setdefault(value, number)
    return sorted(first.values()), seen


# What there is to try, measured by runs that nothing disturbs

def _calls_of(lane, calls):
    lane.begin()
    log = os.path.join(lane.directory, "calls")
    lane.run(FIRST_RUN_S, (lane.programs.strike, log, calls, "count", "0", "--"))
    with open(log, encoding="ascii") as file:
        return [line.split()[1] for line in file]


def _call_points(lane):
    calls = _calls_of(lane, "outgoing")
    sort = lane.sort
    for number in range(1, len(calls) + 1):
        yield f"kill/{sort}/{number}"
    for name in sorted(set(calls)):
        for number in range(1, calls.count(name) + 1):
            for error in ERRORS[name]:
                yield f"error/{sort}/{name}/{number}/{error}"
    instants = TERM_INSTANTS // len(SORTS)
    total = len(_calls_of(lane, "any"))
    for i in range(instants):
        yield f"term/{sort}/{1 + i * (total - 1) // (instants - 1)}"


def _wire_points(lane):
    lane.begin()
    for through in lane.proxies.values():
        through.plan()
    lane.run(FIRST_RUN_S, through_proxies=True)
    for server in (IMAP, BROKER, PLATFORM):
        yield f"wire/{lane.sort}/{server}/{proxy.SENT}/{proxy.REFUSE}/0"
        for direction in (proxy.SENT, proxy.RECEIVED):
            passed = lane.proxies[server].passed[direction]
            for fault in proxy.FAULTS:
                if fault == proxy.REFUSE or (fault == proxy.TWICE and direction == proxy.SENT):
                    continue
                for i in range(WIRE_BYTES):
                    at = i * (passed - 1) // (WIRE_BYTES - 1)
                    yield f"wire/{lane.sort}/{server}/{direction}/{fault}/{at}"


def _memory_points(lane):
    for program in (CONNECTOR, CONVERTER):
        places, _ = _places_of_allocations(lane, program)
        for number in places:
            yield f"memory/{lane.sort}/{program}/{number}"


def points_for(lane):
    """Names, in order; the lane's key says which."""
    lane.undisturbed()
    if lane.n_mails == FEW_MAILS:
        return list(_memory_points(lane))
    return [*_call_points(lane), *_wire_points(lane)]


KEYS = [(PLAIN, MAILS), (TLS, MAILS), (TLS, FEW_MAILS)]
