# SPDX-License-Identifier: Apache-2.0
"""An OAuth2 token endpoint as Google's: refresh_token grants give access tokens that expire.

Paths: /token (RFC 6749 section 6), /introspect (RFC 7662, for Dovecot's oauth2 passdb).
"""
import secrets
import threading
import time
import urllib.parse

from .web import HttpServer, json_answer

CLIENT_ID = "connector.apps.example"
CLIENT_SECRET = "client-secret/+="


class TokenEndpoint:
    """Knows one refresh token per user. tls: certificate and key file, or None for plain HTTP."""

    def __init__(self, users=("analyst",), lifetime_s=3600, tls=None):
        self.lifetime_s = lifetime_s
        self.refresh_tokens = {user: f"1//{secrets.token_urlsafe(24)}" for user in users}
        self.requests = []  # fields of every grant request, in order
        self._issued = {}   # access token -> (user, end of its life)
        self._failures = []
        self._delay_s = 0.0
        self._lock = threading.Lock()
        self._scheme = "https" if tls else "http"
        self._server = HttpServer(self._answer, tls=tls)
        self.port = self._server.port

    def start(self):
        self._server.start()
        return self

    def stop(self):
        self._server.stop()

    @property
    def token_url(self):
        return f"{self._scheme}://localhost:{self.port}/token"

    @property
    def introspection_url(self):
        return f"{self._scheme}://localhost:{self.port}/introspect"

    def credentials(self, user):
        """The authorized-user document that a Google client library writes."""
        return {"type": "authorized_user", "client_id": CLIENT_ID,
                "client_secret": CLIENT_SECRET, "refresh_token": self.refresh_tokens[user],
                "token_uri": self.token_url}

    # Trouble on demand

    def fail_next(self, status, error, times=1):
        """status 400 with error invalid_grant: the user took the permission back."""
        with self._lock:
            self._failures += [(status, error)] * times

    def answer_after(self, seconds):
        self._delay_s = seconds

    def expire_all(self):
        """Every access token that is out there is worth nothing from now on."""
        with self._lock:
            self._issued.clear()

    # Inside

    def _answer(self, method, path, headers, body):
        form = self._form(body)
        if method == "POST" and path == "/token":
            return self._grant(form)
        if path.startswith("/introspect"):
            return self._introspect(form)
        return json_answer({"error": "not_found"}, 404)

    @staticmethod
    def _form(body):
        return dict(urllib.parse.parse_qsl(body.decode("utf-8", "replace"), True))

    def _grant(self, form):
        with self._lock:
            self.requests.append(form)
            failure = self._failures.pop(0) if self._failures else None
        time.sleep(self._delay_s)
        if failure:
            status, error = failure
            return json_answer({"error": error, "error_description": "on demand"}, status)
        if form.get("grant_type") != "refresh_token":
            return json_answer({"error": "unsupported_grant_type"}, 400)
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
            return json_answer({"error": "invalid_client"}, 401)
        user = self._user_of(form.get("refresh_token"))
        if not user:
            return json_answer({"error": "invalid_grant",
                                "error_description": "Token has been expired or revoked."}, 400)
        return json_answer(self._issue(user))

    def _user_of(self, refresh_token):
        known = {token: user for user, token in self.refresh_tokens.items()}
        return known.get(refresh_token)

    def _issue(self, user):
        token = f"ya29.{secrets.token_urlsafe(32)}"
        with self._lock:
            self._issued[token] = (user, time.monotonic() + self.lifetime_s)
        return {"access_token": token, "expires_in": self.lifetime_s, "token_type": "Bearer",
                "scope": "https://mail.google.com/"}

    def _introspect(self, form):
        with self._lock:
            user, end = self._issued.get(form.get("token"), (None, 0))
        if not user or time.monotonic() >= end:
            return json_answer({"active": False})
        return json_answer({"active": True, "username": user, "scope": "mail"})
