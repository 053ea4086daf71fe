# SPDX-License-Identifier: Apache-2.0
"""An HTTP proxy that leads every CONNECT to one port here, whatever name is asked for.

So that a client meets a stand-in under the names of the real servers.
"""
import socket
import threading

from .relay import _shut, end_accepting


class NameProxy:
    """asked: the host:port of each CONNECT, in order."""

    def __init__(self, target_port):
        self.target = ("127.0.0.1", target_port)
        self.asked = []
        self._aborts = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._accept, daemon=True)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def start(self):
        self._thread.start()
        return self

    def stop(self):
        end_accepting(self._listener, self._thread)

    def abort_next(self, times):
        """The next ones that ask are hung up on."""
        self._aborts = times

    def aborts_left(self):
        return self._aborts

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                self._listener.close()
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        head = b""
        try:
            while b"\r\n\r\n" not in head:
                chunk = client.recv(1)
                if not chunk:
                    return
                head += chunk
            self.asked.append(head.split()[1].decode())
            if self._aborts:
                self._aborts -= 1
                raise ConnectionAbortedError
            server = socket.create_connection(self.target, 10)
            client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        except OSError:
            client.close()
            return
        for source, sink in ((client, server), (server, client)):
            threading.Thread(target=_pump, args=(source, sink), daemon=True).start()


def _pump(source, sink):
    try:
        while True:
            data = source.recv(65536)
            if not data:
                break
            sink.sendall(data)
    except OSError:
        pass
    _shut(sink)
