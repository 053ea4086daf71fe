# SPDX-License-Identifier: Apache-2.0
"""A person before a browser, scripted: opens what a login shows, and consents or not.

Every name is reached through a proxy, as servers.name_proxy leads it; 127.0.0.1 is this machine.
"""
import http.client
import ssl
import urllib.parse


class Browser:
    """proxy_port: of the proxy; ca: the authority that signed the pages' certificates."""

    def __init__(self, proxy_port, ca):
        self._proxy_port = proxy_port
        self._context = ssl.create_default_context(cafile=ca)

    def get(self, url):
        """One page; returns status, headers and body."""
        parts = urllib.parse.urlsplit(url)
        if parts.scheme == "http":
            connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=30)
        else:
            connection = http.client.HTTPSConnection("127.0.0.1", self._proxy_port, timeout=30,
                                                     context=self._context)
            connection.set_tunnel(parts.hostname, parts.port or 443)
        try:
            connection.request("GET", urllib.parse.urlunsplit(("", "", parts.path or "/",
                                                               parts.query, "")))
            reply = connection.getresponse()
            return reply.status, dict(reply.getheaders()), reply.read().decode()
        finally:
            connection.close()

    def consent(self, url):
        """Where the provider sends the browser after its page."""
        status, headers, body = self.get(url)
        if status != 302:
            raise AssertionError(f"{status}: {body}")
        return headers["Location"]
