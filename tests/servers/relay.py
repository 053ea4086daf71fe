# SPDX-License-Identifier: Apache-2.0
"""A TCP relay in front of a server: distance, a count of bytes, and cuts at a chosen byte."""
import select
import socket
import threading
import time


class Relay:
    """Listens on a port of its own from start on; delay_s holds each chunk in both directions.

    received: bytes that came from the server to the client, sent: the other way.
    """

    def __init__(self, target_port, delay_s=0.0, target_host="127.0.0.1", host="127.0.0.1"):
        self.target = (target_host, target_port)
        self.delay_s = delay_s
        self.connections, self.received, self.sent = 0, 0, 0
        self._cut_after = None
        self._stranger, self._strangers = b"", 0
        self._stalled = threading.Event()
        self._pairs = set()
        self._triggers = []
        self._lock = threading.Lock()
        self._listener = socket.create_server((host, 0))
        self._address = self._listener.getsockname()
        self.port = self._address[1]
        self._is_over = False
        self._thread = threading.Thread(target=self._accept, daemon=True)

    def start(self):
        self._thread.start()
        return self

    def stop(self):
        self._is_over = True
        end_accepting(self._listener, self._thread)
        self.cut()

    def away(self):
        """As a server that is down: connections end, and new ones are refused."""
        self.stop()

    def back(self):
        """After away, on the same port."""
        self._listener = socket.create_server(self._address)
        self._is_over = False
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def cut(self):
        """Closes every connection now."""
        for pair in list(self._pairs):
            for side in pair:
                _shut(side)

    def cut_after(self, count):
        """Closes all once the server has sent count more bytes; new connections work."""
        with self._lock:
            self._cut_after = self.received + count

    def impersonate(self, words, times):
        """The next connections meet another server, which says this and hangs up."""
        with self._lock:
            self._stranger, self._strangers = words, times

    def strangers_left(self):
        return self._strangers

    def when_sent(self, count, action):
        """Calls action once the client has sent count more bytes, before the last go on."""
        with self._lock:
            self._triggers.append(("sent", self.sent + count, action))

    def when_received(self, count, action):
        """The same for what the server sends."""
        with self._lock:
            self._triggers.append(("received", self.received + count, action))

    def stall(self):
        """Nothing goes through any more, nothing is closed."""
        self._stalled.set()

    def resume(self):
        self._stalled.clear()

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
                if self._is_stranger():
                    threading.Thread(target=_say, args=(client, self._stranger),
                                     daemon=True).start()
                    continue
                server = socket.create_connection(self.target, 10)
            except OSError:
                if self._is_over:
                    self._listener.close()
                    return
                client.close()
                continue
            self.connections += 1
            self._pairs.add((client, server))
            for source, sink, name in ((client, server, "sent"), (server, client, "received")):
                threading.Thread(target=self._pump, args=(source, sink, name),
                                 daemon=True).start()

    def _is_stranger(self):
        with self._lock:
            is_one = self._strangers > 0
            self._strangers -= is_one
            return is_one

    def _pump(self, source, sink, counter):
        queue = []  # (when it may go, bytes)
        try:
            while True:
                wait = max(0.0, queue[0][0] - time.monotonic()) if queue else 0.25
                if select.select([source], [], [], wait)[0]:
                    data = source.recv(65536)
                    if not data:
                        break
                    queue.append((time.monotonic() + self.delay_s, data))
                if queue and queue[0][0] <= time.monotonic():
                    self._forward(sink, queue.pop(0)[1], counter)
            for _, data in queue:
                self._forward(sink, data, counter)
        except (OSError, ValueError):
            pass
        _shut(source)
        _shut(sink)

    def _forward(self, sink, data, counter):
        while self._stalled.is_set():
            time.sleep(0.01)
        with self._lock:
            setattr(self, counter, getattr(self, counter) + len(data))
            over = self._cut_after is not None and self.received >= self._cut_after
            if over:
                data = data[:max(0, len(data) - (self.received - self._cut_after))]
                self._cut_after = None
            due = [entry for entry in self._triggers
                   if entry[0] == counter and getattr(self, counter) >= entry[1]]
            self._triggers = [entry for entry in self._triggers if entry not in due]
        for _, _, action in due:
            action()
        sink.sendall(data)
        if over:
            self.cut()


def end_accepting(listener, thread):
    """Wakes the thread, which alone closes the socket: closed here, its number could be another
    listener's by the time that the thread calls accept()."""
    _shut(listener)
    if thread.is_alive():
        thread.join(10)


def _say(client, words):
    with client:
        try:
            client.recv(65536)
            client.sendall(words)
            client.shutdown(socket.SHUT_WR)
            while client.recv(65536):
                pass
        except OSError:
            pass


def _shut(side):
    try:
        side.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
