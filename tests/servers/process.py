# SPDX-License-Identifier: Apache-2.0
"""What every server here needs: free ports, bounded polls, children that end."""
import ctypes
import os
import random
import signal
import socket
import time

POLL_S = 0.02
_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None)

# Below Linux' ephemeral range (32768...): no outgoing connection takes a port between choosing
# and using it.
_PORT_FIRST, _PORT_LAST = 10240, 32700
_handed_out = set()


class ServerError(Exception):
    """A test server did not start, stop or answer; the text says which and why."""


def free_ports(count):
    """Ports nobody listens on; never the same twice within this process."""
    ports = []
    chooser = random.SystemRandom()
    while len(ports) < count:
        port = chooser.randint(_PORT_FIRST, _PORT_LAST)
        if port in _handed_out:
            continue
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        _handed_out.add(port)
        ports.append(port)
    return ports


def die_with_parent():
    """For preexec_fn: no server outlives a test program that was killed."""
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def wait_until(condition, what, timeout=10.0, interval=POLL_S):
    """Polls condition until it gives something true, and returns that."""
    end = time.monotonic() + timeout
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() >= end:
            raise ServerError(f"not within {timeout:g} s: {what}")
        time.sleep(interval)


def accepts_connections(port, host="127.0.0.1"):
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((host, port)) == 0


def alive(pid):
    """Whether a process of this number runs; one that only waits to be reaped does not."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as stat:
            return stat.read().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def signal_pid(pid, number):
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass


def end_pid(pid, what, grace=15.0):
    """TERM for a process that is not our child, KILL after the grace."""
    signal_pid(pid, signal.SIGTERM)
    try:
        wait_until(lambda: not alive(pid), f"{what} ends", grace)
    except ServerError:
        signal_pid(pid, signal.SIGKILL)
        wait_until(lambda: not alive(pid), f"{what} is killed", 5)


def read_text(path, default=""):
    """What a file holds; default where it is not there, or is of a process that has just ended."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except (FileNotFoundError, ProcessLookupError):
        return default


def children_of(pid):
    """Numbers of the children of all its threads that have not ended in the meantime."""
    try:
        tasks = os.listdir(f"/proc/{pid}/task")
    except (FileNotFoundError, ProcessLookupError):
        return []
    return [int(child) for task in tasks
            for child in read_text(f"/proc/{pid}/task/{task}/children").split()]
