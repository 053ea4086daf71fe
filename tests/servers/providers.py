# SPDX-License-Identifier: Apache-2.0
"""The token endpoints of Microsoft and Google as one server, told apart by path and Host; with the
pages on which a user consents.

Assertions are verified by the openssl program against public keys that were registered.
"""
import base64
import hashlib
import json
import secrets
import subprocess
import tempfile
import time
import urllib.parse

from .token_endpoint import CLIENT_ID, CLIENT_SECRET, TokenEndpoint
from .web import Answer, json_answer

TENANT = "11111111-2222-3333-4444-555555555555"
APP = "66666666-7777-8888-9999-000000000000"
APP_SECRET = "p~q/+=& value"
_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class Providers(TokenEndpoint):
    """mailbox: what an application's token opens. public_key: of its certificate or service
    account, a PEM file; federated: the workload's token that is taken."""

    def __init__(self, mailbox, tls, public_key=None, federated=None, lifetime_s=3600):
        super().__init__(users=[mailbox], lifetime_s=lifetime_s, tls=tls)
        self.mailbox, self.public_key, self.federated = mailbox, public_key, federated
        self.seen_ids = set()
        self.consent_error = None    # instead of consent, from now on
        self.device_answers = []     # words that come before the device's tokens, in order
        self.without_refresh = False
        self._codes = {}             # authorization code -> the query that it was given for
        self._consented = set()      # user codes that were entered

    def _answer(self, method, path, headers, body):
        if path.startswith("/o/oauth2/v2/auth?") and headers["Host"] == "accounts.google.com":
            return self._consent(self._query(path))
        if path.startswith("/device?"):
            self._consented.add(self._query(path)["code"])
            return json_answer({})
        if path.endswith("/oauth2/v2.0/devicecode"):
            return self._device(path.split("/")[1], self._form(body))
        if path.endswith(":signJwt"):
            return self._sign(headers, body)
        if path.endswith("/oauth2/v2.0/token"):
            return self._microsoft(path.split("/")[1], self._form(body))
        if method == "POST" and headers["Host"].startswith("sts."):
            return self._exchange(self._form(body))
        if method == "POST" and headers["Host"].startswith("oauth2.googleapis.com"):
            return self._google(self._form(body))
        return super()._answer(method, path, headers, body)

    # Microsoft

    def _microsoft(self, tenant, form):
        self.requests.append(form)
        if self._failures:
            status, error = self._failures.pop(0)
            return _refused(status, error, 90033)
        if tenant != TENANT:
            return _refused(400, "invalid_request", 90002)
        if form.get("client_id") != APP:
            return _refused(400, "unauthorized_client", 700016)
        if form["grant_type"] == "refresh_token":
            return self._rotate(form)
        if form["grant_type"] == "urn:ietf:params:oauth:grant-type:device_code":
            return self._by_device(form)
        if form.get("scope") != "https://outlook.office365.com/.default":
            return _refused(400, "invalid_scope", 70011)
        if form.get("client_assertion_type") == _ASSERTION:
            return self._by_assertion(form["client_assertion"])
        if form.get("client_secret") != APP_SECRET:
            return _refused(401, "invalid_client", 7000215)
        return json_answer(self._issue(self.mailbox))

    def _by_assertion(self, assertion):
        if self.federated:
            return (json_answer(self._issue(self.mailbox)) if assertion == self.federated
                    else _refused(400, "invalid_client", 700213))
        header, claims = _parts(assertion)
        now = time.time()
        good = (header["alg"] == "PS256" and header["x5t#S256"] and
                claims["iss"] == claims["sub"] == APP and
                claims["aud"] == f"https://login.microsoftonline.com/{TENANT}/oauth2/v2.0/token" and
                claims["nbf"] <= now < claims["exp"] <= now + 600 and
                claims["jti"] not in self.seen_ids and
                _is_signed(assertion, self.public_key, True))
        self.seen_ids.add(claims["jti"])
        return json_answer(self._issue(self.mailbox)) if good else _refused(
            401, "invalid_client", 700027)

    def _rotate(self, form):
        """Each token once: the old one is dead at once, which is stricter than the real one."""
        user = self._user_of(form.get("refresh_token"))
        if not user:
            return _refused(400, "invalid_grant", 700082)
        self.refresh_tokens[user] = f"1//{secrets.token_urlsafe(24)}"
        return json_answer({**self._issue(user), "refresh_token": self.refresh_tokens[user]})

    # A user's consent: Microsoft

    def _device(self, tenant, form):
        self.requests.append(form)
        if tenant != TENANT:
            return _refused(400, "invalid_request", 90002)
        if form.get("client_id") != APP:
            return _refused(400, "unauthorized_client", 700016)
        if form.get("scope") != \
                "https://outlook.office.com/IMAP.AccessAsUser.All offline_access":
            return _refused(400, "invalid_scope", 70011)
        return json_answer({"device_code": "device/1+", "user_code": "ABC123", "interval": 1,
                            "verification_uri": "https://login.microsoftonline.com/device",
                            "expires_in": 900, "message": "not shown"})

    def _by_device(self, form):
        if form.get("device_code") != "device/1+":
            return _refused(400, "bad_verification_code", 70018)
        if self.device_answers:
            return _refused(400, *self.device_answers.pop(0))
        if "ABC123" not in self._consented:
            return _refused(400, "authorization_pending", 70016)
        return self._granted("https://outlook.office.com/IMAP.AccessAsUser.All")

    # A user's consent: Google

    @staticmethod
    def _query(path):
        return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(path).query, True))

    def _consent(self, query):
        good = (query.get("response_type") == "code" and query.get("client_id") == CLIENT_ID and
                query.get("redirect_uri", "").startswith("http://127.0.0.1:") and
                query.get("scope") == "https://mail.google.com/" and
                query.get("access_type") == "offline" and query.get("prompt") == "consent" and
                query.get("code_challenge_method") == "S256" and
                query.get("login_hint") == self.mailbox)
        if not good:
            return json_answer(query, 400)
        code = f"4/{secrets.token_urlsafe(24)}"
        self._codes[code] = query
        brought = {"error": self.consent_error} if self.consent_error else {
            "code": code, "scope": query["scope"]}
        brought["state"] = query["state"]
        return Answer(302, b"", headers=[
            ("Location", f"{query['redirect_uri']}/?{urllib.parse.urlencode(brought)}")])

    def _by_code(self, form):
        self.requests.append(form)
        query = self._codes.pop(form.get("code"), None)
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
            return json_answer({"error": "invalid_client"}, 401)
        if not query or form.get("redirect_uri") != query["redirect_uri"] or _encode(
                hashlib.sha256(form.get("code_verifier", "").encode()).digest()).decode() != \
                query["code_challenge"]:
            return json_answer({"error": "invalid_grant"}, 400)
        return self._granted(query["scope"])

    def _granted(self, scope):
        answer = {**self._issue(self.mailbox), "scope": scope}
        if not self.without_refresh:
            answer["refresh_token"] = self.refresh_tokens[self.mailbox]
        return json_answer(answer)

    # Google

    def _google(self, form):
        if form.get("grant_type") == "authorization_code":
            return self._by_code(form)
        if form.get("grant_type") != "urn:ietf:params:oauth:grant-type:jwt-bearer":
            return self._grant(form)
        self.requests.append(form)
        header, claims = _parts(form["assertion"])
        now = time.time()
        if header["alg"] != "RS256" or not _is_signed(form["assertion"], self.public_key, False):
            return json_answer({"error": "invalid_grant",
                                "error_description": "Invalid JWT Signature."}, 400)
        if claims["sub"] != self.mailbox or claims["scope"] != "https://mail.google.com/":
            return json_answer({"error": "unauthorized_client", "error_description":
                                "Unauthorized client or scope in request."}, 401)
        if not claims["iat"] <= now < claims["exp"] <= claims["iat"] + 3600:
            return json_answer({"error": "invalid_grant", "error_description":
                                "Invalid JWT: Token must be a short-lived token"}, 400)
        return json_answer(self._issue(claims["sub"]))

    def _exchange(self, form):
        if form["subject_token"] != self.federated or "cloud-platform" not in form["scope"]:
            return json_answer({"error": "invalid_grant"}, 400)
        return json_answer({"access_token": "federated-token", "expires_in": 3599,
                            "token_type": "Bearer"})

    def _sign(self, headers, body):
        if headers["Authorization"] != "Bearer federated-token":
            return json_answer({"error": {"code": 403, "status": "PERMISSION_DENIED"}}, 403)
        payload = json.loads(body)["payload"].encode()
        first = b".".join([_encode(b'{"alg":"RS256","typ":"JWT"}'), _encode(payload)])
        signature = _openssl("dgst", "-sha256", "-sign",
                             self.public_key.replace(".pub", ".key"), data=first)
        return json_answer({"signedJwt": (first + b"." + _encode(signature)).decode()})


def _refused(status, error, code):
    return json_answer({"error": error, "error_description": f"AADSTS{code}: on demand.",
                        "error_codes": [code], "trace_id": "0a0b0c0d-1111",
                        "correlation_id": "0e0f0a0b-2222"}, status)


def _encode(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def _decode(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _parts(assertion):
    return [json.loads(_decode(part)) for part in assertion.split(".")[:2]]


def _openssl(*args, data):
    done = subprocess.run(["openssl", *args], input=data, capture_output=True, check=False)
    return done.stdout if done.returncode == 0 else b""


def _is_signed(assertion, public_key, is_pss):
    text, _, signature = assertion.rpartition(".")
    with tempfile.NamedTemporaryFile() as file:
        file.write(_decode(signature))
        file.flush()
        pss = ["-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:digest"]
        return b"OK" in _openssl("dgst", "-sha256", "-verify", public_key,
                                 *(pss if is_pss else []), "-signature", file.name,
                                 data=text.encode())
