# SPDX-License-Identifier: Apache-2.0
"""A small HTTP/1.1 server in threads, with TLS and with an idle limit for kept connections."""
import email.utils
import http.server
import json
import socket
import ssl
import threading
import time


class Cut(Exception):
    """Raised by an answer function: the connection is closed without an answer."""


class Answer:
    """What goes back: status, body as bytes, further headers."""

    def __init__(self, status, body, content_type="application/json; charset=utf-8", headers=()):
        self.status, self.body, self.content_type = status, body, content_type
        self.headers = list(headers)


def json_answer(value, status=200):
    return Answer(status, json.dumps(value).encode())


class HttpServer:
    """answer(method, path, headers, body) -> Answer, called in a thread of the connection.

    idle_s: a connection kept open is closed after so long without a request. tls: a pair of
    certificate and key file. clock: seconds for the answers' Date. Listens from the constructor
    on, serves from start on.
    """

    def __init__(self, answer, port=0, idle_s=5.0, tls=None, clock=time.time):
        self.clock = clock
        self.connections = 0
        self._open = set()
        self._context = _server_context(tls) if tls else None
        self._server = _Server(("127.0.0.1", port), _handler_class(self, answer, idle_s))
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever,
                                        kwargs={"poll_interval": 0.05}, daemon=True)

    def start(self):
        self._thread.start()
        return self

    def stop(self):
        self._server.shutdown()
        self._server.server_close()
        self.cut_all()

    def cut_all(self):
        """Closes what is open, idle or in the middle of an answer."""
        for connection in list(self._open):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def secured(self, connection):
        if not self._context:
            return connection
        return self._context.wrap_socket(connection, server_side=True)

    def opened(self, connection):
        self.connections += 1
        self._open.add(connection)

    def closed(self, connection):
        self._open.discard(connection)


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request, client_address):
        """A client that hangs up, or does not trust our certificate, is no news here."""


def _server_context(tls):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(*tls)
    return context


def _handler_class(owner, answer, idle_s):
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = idle_s
        # One packet for head and body: without it Nagle and delayed ACK cost 40 ms an answer.
        wbufsize = -1
        disable_nagle_algorithm = True

        def setup(self):
            self.request.settimeout(idle_s)
            self.request = owner.secured(self.request)
            super().setup()
            owner.opened(self.request)

        def finish(self):
            owner.closed(self.request)
            super().finish()

        def date_time_string(self, timestamp=None):
            now = owner.clock() if timestamp is None else timestamp
            return email.utils.formatdate(now, usegmt=True)

        def log_message(self, *args):
            """Silent: the tests look at what was recorded, not at a log."""

        def _serve(self):
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length)
            try:
                reply = answer(self.command, self.path, self.headers, body)
            except Cut:
                self.close_connection = True
                return
            self.send_response(reply.status)
            self.send_header("Content-Type", reply.content_type)
            self.send_header("Content-Length", str(len(reply.body)))
            self.send_header("Keep-Alive", f"timeout={int(idle_s)}")
            for name, value in reply.headers:
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(reply.body)

        do_GET = do_POST = do_PUT = do_DELETE = do_OPTIONS = do_HEAD = _serve

    return Handler
