# SPDX-License-Identifier: Apache-2.0
"""A test certificate authority and the certificates that the tests need, good and bad.

Made by the openssl program into one directory; keys are thrown away with it.
"""
import os
import subprocess
import time

# Names under which tests meet the stand-in for their token endpoints.
PROVIDERS = ("login.microsoftonline.com", "oauth2.googleapis.com", "sts.googleapis.com",
             "iamcredentials.googleapis.com", "accounts.google.com")
PASSPHRASE = "pass phrase; with # signs"

_CA_EXTENSIONS = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n"
_SERVER_EXTENSIONS = (
    "basicConstraints=CA:FALSE\nkeyUsage=digitalSignature,keyEncipherment\n"
    "extendedKeyUsage=serverAuth\nsubjectAltName={names}\n"
)
_CLIENT_EXTENSIONS = (
    "basicConstraints=CA:FALSE\nkeyUsage=digitalSignature\nextendedKeyUsage=clientAuth\n"
)
_LOCAL_NAMES = "DNS:localhost,IP:127.0.0.1"


def _days(days):
    return ["-days", str(days)]


def _ended(days):
    """OpenSSL takes negative days up to 3.3, and dates from 3.4 on."""
    version = subprocess.run(["openssl", "version"], capture_output=True, text=True,
                             check=True).stdout.split()[1]
    if tuple(int(part) for part in version.split(".")[:2]) < (3, 4):
        return _days(-days)
    begun, ended = (time.strftime("%Y%m%d%H%M%SZ", time.gmtime(time.time() - n * 86400))
                    for n in (days + 30, days))
    return ["-not_before", begun, "-not_after", ended]


class Pki:
    """Files of one directory.

    ca, other_ca: PEM certificates. Servers, each NAME.pem with NAME.key: good (localhost,
    127.0.0.1), providers (besides: PROVIDERS), wrong-host, expired, other (by other_ca), self-signed. Clients: client, and
    client-locked.key, its key under PASSPHRASE.
    """

    def __init__(self, directory):
        self.directory = str(directory)
        self.ca = self.path("ca.pem")
        self.other_ca = self.path("other-ca.pem")

    def path(self, name):
        return os.path.join(self.directory, name)

    def cert(self, name):
        return self.path(f"{name}.pem")

    def key(self, name):
        return self.path(f"{name}.key")

    def make(self):
        os.makedirs(self.directory, exist_ok=True)
        self._authority("ca", "Test CA")
        self._authority("other-ca", "Other Test CA")
        self._server("good", "ca", "localhost", _LOCAL_NAMES)
        self._server("providers", "ca", "localhost", ",".join(
            [_LOCAL_NAMES, *(f"DNS:{name}" for name in PROVIDERS)]))
        self._application("app")
        self._server("wrong-host", "ca", "mail.example", "DNS:mail.example")
        self._server("other", "other-ca", "localhost", _LOCAL_NAMES)
        self._server("expired", "ca", "localhost", _LOCAL_NAMES, days=-1)
        self._self_signed()
        self._signed("client", "ca", "connector", _CLIENT_EXTENSIONS, days=30)
        self._openssl("pkey", "-aes256", "-in", self.key("client"),
                      "-passout", f"pass:{PASSPHRASE}", "-out", self.key("client-locked"))
        self._readable()
        return self

    def _openssl(self, *args):
        done = subprocess.run(["openssl", *args], cwd=self.directory, capture_output=True,
                              check=False)
        if done.returncode:
            raise RuntimeError(f"openssl {args[0]}: {done.stderr.decode(errors='replace')}")

    def _write(self, name, text):
        with open(self.path(name), "w", encoding="ascii") as file:
            file.write(text)
        return self.path(name)

    def _new_key(self, name):
        # P-256 keys take a millisecond; RSA would be most of the start-up time.
        self._openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256",
                      "-out", self.key(name))

    def _request(self, name, common_name):
        self._new_key(name)
        self._openssl("req", "-new", "-key", self.key(name), "-subj", f"/CN={common_name}",
                      "-out", self.path(f"{name}.csr"))

    def _sign(self, name, how, extensions, days):
        """days below zero: a certificate that ended that many days ago."""
        extensions_file = self._write(f"{name}.ext", extensions)
        request = ["x509", "-req", "-in", self.path(f"{name}.csr"), *how, "-sha256",
                   "-extfile", extensions_file, "-out", self.cert(name)]
        self._openssl(*request, *(_days(days) if days > 0 else _ended(-days)))

    def _authority(self, name, common_name):
        self._request(name, common_name)
        self._sign(name, ["-signkey", self.key(name)], _CA_EXTENSIONS, 30)

    def _signed(self, name, authority, common_name, extensions, days):
        self._request(name, common_name)
        self._sign(name, ["-CA", self.cert(authority), "-CAkey", self.key(authority),
                          "-CAcreateserial"], extensions, days)

    def _server(self, name, authority, common_name, names, days=30):
        self._signed(name, authority, common_name, _SERVER_EXTENSIONS.format(names=names), days)

    def _application(self, name):
        """RSA, which providers want for assertions; NAME.pub is its public key."""
        self._openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={name}",
                      "-days", "30", "-keyout", self.key(name), "-out", self.cert(name))
        self._openssl("pkey", "-in", self.key(name), "-pubout", "-out", self.path(f"{name}.pub"))

    def _self_signed(self):
        self._request("self-signed", "localhost")
        self._sign("self-signed", ["-signkey", self.key("self-signed")],
                   _SERVER_EXTENSIONS.format(names=_LOCAL_NAMES), 30)

    def _readable(self):
        """Servers that run as another user read these files too; they are test keys."""
        os.chmod(self.directory, 0o755)
        for name in os.listdir(self.directory):
            os.chmod(self.path(name), 0o644)
