# SPDX-License-Identifier: Apache-2.0
"""A TCP proxy that does one connection an injury, at a chosen byte of all that passed."""
import socket
import struct
import threading

from servers.relay import end_accepting

STALL_S = 3.0
SLOW_BYTES, SLOW_S = 64, 0.01
REFUSALS = 3

# What befalls the connection that carries the byte; the next ones are whole.
CUT = "cut"          # closed in both directions
RESET = "reset"      # closed by RST
HALF = "half"        # the server's direction ends, the client's goes on
STALL = "stall"      # nothing passes for a while, then all
SILENT = "silent"    # nothing passes any more, nobody is told
SLOW = "slow"        # what follows comes in small pieces
TWICE = "twice"      # what the server sent comes twice
REFUSE = "refuse"    # the next connections are closed as soon as they are made
FAULTS = (CUT, RESET, HALF, STALL, SILENT, SLOW, TWICE, REFUSE)

SENT, RECEIVED = "sent", "received"  # by the client


class Proxy:
    """Listens on a port of its own from start on. passed: bytes in both directions."""

    def __init__(self, target_port):
        self.target = ("127.0.0.1", target_port)
        self.passed = {SENT: 0, RECEIVED: 0}
        self.struck = False
        self._fault = None  # (name, direction, byte)
        self._refusals = 0
        self._pairs = set()
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._accept, daemon=True)

    def start(self):
        self._thread.start()
        return self

    def stop(self):
        end_accepting(self._listener, self._thread)
        self.heal()

    def plan(self, fault=None, direction=SENT, at=0):
        """Counts anew; the fault strikes once, with the byte `at` (from 0) of that direction."""
        self.heal()
        with self._lock:
            self.passed = {SENT: 0, RECEIVED: 0}
            self.struck = fault == REFUSE
            self._refusals = REFUSALS if fault == REFUSE else 0
            self._fault = (fault, direction, at) if fault and fault != REFUSE else None

    def arm(self, fault, direction, after):
        """Connections go on; the fault strikes once, so many bytes of that direction from now."""
        with self._lock:
            self.struck = False
            self._refusals = REFUSALS if fault == REFUSE else 0
            self._fault = None if fault == REFUSE else (fault, direction,
                                                        self.passed[direction] + after)

    def heal(self):
        """Ends every connection, so that none outlives its fault."""
        with self._lock:
            self._fault, self._refusals = None, 0
        for pair in list(self._pairs):
            pair.end()

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                self._listener.close()
                return
            if self._refuses():
                client.close()
                continue
            try:
                pair = _Pair(self, client, socket.create_connection(self.target, 10))
            except OSError:
                client.close()
                continue
            self._pairs.add(pair)
            pair.start()

    def _refuses(self):
        with self._lock:
            refuses = self._refusals > 0
            self._refusals -= refuses
            return refuses

    def forget(self, pair):
        self._pairs.discard(pair)

    def count(self, direction, size):
        """The fault that strikes within the next so many bytes and how many come before it."""
        with self._lock:
            before = self.passed[direction]
            self.passed[direction] += size
            if not self._fault or self._fault[1] != direction \
                    or self.passed[direction] <= self._fault[2]:
                return None, size
            name, _, at = self._fault
            self._fault, self.struck = None, True
            return name, at - before


class _Pair:
    """One connection to the proxy and its own to the server."""

    def __init__(self, proxy, client, server):
        self.proxy, self.client, self.server = proxy, client, server
        self._over = threading.Event()
        self._is_half = self._is_slow = self._is_silent = False
        for side in (client, server):
            side.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def start(self):
        for arguments in ((self.client, self.server, SENT), (self.server, self.client, RECEIVED)):
            threading.Thread(target=self._pump, args=arguments, daemon=True).start()

    def end(self):
        self._over.set()
        for side in (self.client, self.server):
            try:
                side.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        self.proxy.forget(self)

    def _pump(self, source, sink, direction):
        try:
            while not self._over.is_set():
                data = source.recv(65536)
                if not data:
                    break
                self._pass(sink, direction, data)
        except OSError:
            pass
        is_kept = self._is_silent or (self._is_half and direction == RECEIVED)
        if not self._over.is_set() and not is_kept:
            self.end()

    def _pass(self, sink, direction, data):
        fault, before = self.proxy.count(direction, len(data))
        self._send(sink, direction, data[:before])
        if fault:
            self._strike(fault, sink, data[before:])
        self._send(sink, direction, data[before:])

    def _strike(self, fault, sink, rest):
        if fault == CUT:
            self.end()
        elif fault == RESET:
            self._reset()
        elif fault == HALF:
            self._is_half = True
            self.client.shutdown(socket.SHUT_WR)
        elif fault == STALL:
            self._over.wait(STALL_S)
        elif fault == SILENT:
            self._is_silent = True
        elif fault == SLOW:
            self._is_slow = True
        elif fault == TWICE:
            sink.sendall(rest)

    def _reset(self):
        self._over.set()
        self.client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.server.shutdown(socket.SHUT_RDWR)
        # The other thread may wait in recv(), which alone would keep the socket open.
        self.client.shutdown(socket.SHUT_RD)
        self.client.close()
        self.proxy.forget(self)

    def _send(self, sink, direction, data):
        if self._is_silent or (self._is_half and direction == RECEIVED) or not data:
            return
        if not self._is_slow:
            sink.sendall(data)
            return
        for start in range(0, len(data), SLOW_BYTES):
            sink.sendall(data[start:start + SLOW_BYTES])
            self._over.wait(SLOW_S)
