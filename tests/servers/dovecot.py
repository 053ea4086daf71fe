# SPDX-License-Identifier: Apache-2.0
"""A private Dovecot, 2.3 or 2.4, on loopback ports: implicit TLS, STARTTLS and plain text.

Runs as root (mail then belongs to the user `nobody`) or as an ordinary user. Mailboxes live in
the server's directory, one folder tree per user; mailbox.py fills them.
"""
import base64
import os
import pwd
import signal
import subprocess

from .mailbox import Maildir
from .process import (ServerError, accepts_connections, alive, die_with_parent, free_ports,
                      read_text, signal_pid, wait_until)

PROGRAM = "/usr/sbin/dovecot"
MAIL_USER = "nobody"  # whose mail it is when we are root

# What the releases have in common; the rest differs by name.
_CONFIG = """\
{version}
protocols = imap
base_dir = {run}
state_dir = {run}
log_path = {log}
info_log_path = {log}
auth_verbose = yes
auth_failure_delay = 0
ssl = yes
ssl_min_protocol = {min_protocol}
auth_mechanisms = plain login scram-sha-256{oauth_mechanisms}
{identities}
first_valid_uid = 1
namespace inbox {{
  inbox = yes
  separator = /
  mailbox Junk {{
    special_use = \\Junk
  }}
}}
protocol imap {{
  mail_max_userip_connections = 200
  imap_idle_notify_interval = 2 mins
}}
{oauth_passdb}
{named}
service imap-login {{
  chroot =
  inet_listener imap {{
    {address} = 127.0.0.1
    port = {port}
  }}
  inet_listener imaps {{
    {address} = 127.0.0.1
    port = {tls_port}
    ssl = yes
  }}
  process_min_avail = 1
  {lives}
}}
service imap {{
  process_limit = 200
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
{extra}
"""

_NAMED_23 = """\
mail_debug = no
ssl_cert = <{cert}
ssl_key = <{key}
disable_plaintext_auth = no
mail_location = {storage}:~/{store}
mail_home = {mail}/%u
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {passwd}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={mail}/%u
}}
"""

_NAMED_24 = """\
ssl_server_cert_file = {cert}
ssl_server_key_file = {key}
auth_allow_cleartext = yes
mail_driver = {storage}
mail_path = ~/{store}
mail_home = {mail}/%{{user}}
passdb passwd-file {{
  driver = passwd-file
  default_password_scheme = PLAIN
  passwd_file_path = {passwd}
}}
userdb static {{
  driver = static
  fields {{
    uid = {uid}
    gid = {gid}
    home = {mail}/%{{user}}
  }}
}}
"""

_OAUTH_PASSDB_23 = """\
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {path}
}}
"""

_OAUTH_CONFIG = """\
introspection_mode = post
introspection_url = {url}
active_attribute = active
active_value = true
username_attribute = username
tls_ca_cert_file = {ca}
"""

_OAUTH_PASSDB_24 = """\
oauth2 {{
  introspection_mode = post
  introspection_url = {url}
  active_attribute = active
  active_value = true
  username_attribute = username
  ssl_client_ca_file = {ca}
}}
passdb oauth2 {{
  driver = oauth2
  mechanisms_filter = xoauth2 oauthbearer
}}
"""


class Dovecot:
    """users: name -> password (any text; a password-file line holds it without a colon).

    certificate: name of a Pki certificate. oauth_url: introspection address of a token
    endpoint, or None. storage: maildir, or sdbox, which `fill` converts to.
    """

    def __init__(self, directory, pki, certificate="good", users=None, oauth_url=None,
                 storage="maildir", min_protocol="TLSv1.2", extra=""):
        self.directory, self.pki, self.certificate = str(directory), pki, certificate
        self.users = dict(users or {"analyst": "secret"})
        self.oauth_url, self.storage = oauth_url, storage
        self.min_protocol, self.extra = min_protocol, extra
        self.is_newer = _release() >= (2, 4)
        self.host = "127.0.0.1"
        self.port, self.tls_port = free_ports(2)
        self.pid = None
        self._launcher = None

    # Life

    def start(self):
        os.makedirs(self._path("run"), exist_ok=True)
        os.makedirs(self._path("mail"), exist_ok=True)
        self._let_mail_user_in()
        self.write_users()
        self._configure()
        return self.again()

    def again(self):
        self._launcher = subprocess.Popen(
            [PROGRAM, "-F", "-c", self._path("dovecot.conf")], stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
            preexec_fn=die_with_parent)
        self.pid = self._launcher.pid
        wait_until(self._listens, "Dovecot starts", 20)
        return self

    def stop(self):
        """Asks once; the master would give its children 5 s, which no test has to wait for."""
        if self.pid is None:
            return
        signal_pid(self.pid, signal.SIGTERM)
        try:
            wait_until(lambda: self._launcher.poll() is not None, "Dovecot ends", 0.5)
            self._forget()
        except ServerError:
            self.kill()

    def kill(self):
        """All its processes at once, with the sessions they serve."""
        children = self._descendants(self.pid)
        for pid in [self.pid, *children]:
            signal_pid(pid, signal.SIGKILL)
        wait_until(lambda: not any(map(alive, [self.pid, *children])), "Dovecot is killed", 10)
        self._forget()

    def kill_sessions(self):
        """Ends the imap processes that serve sessions; the server stays. Returns how many."""
        sessions = [pid for pid in self._descendants(self.pid)
                    if os.path.basename(_command(pid)) == "imap"]
        for pid in sessions:
            signal_pid(pid, signal.SIGKILL)
        return len(sessions)

    def use_certificate(self, name):
        """New handshakes show this certificate."""
        self.certificate = name
        self._configure()
        self.stop()
        self.again()

    def log(self):
        return read_text(self._path("dovecot.log"))

    # Users and mailboxes

    def write_users(self):
        with open(self._path("passwd.new"), "w", encoding="utf-8") as file:
            for name, password in self.users.items():
                file.write(f"{name}:{{PLAIN.B64}}{_base64(password)}::::::\n")
        os.chmod(self._path("passwd.new"), 0o644)
        os.rename(self._path("passwd.new"), self._path("passwd"))

    def add_user(self, name, password):
        """While it runs: Dovecot looks at the file once a second."""
        self.users[name] = password
        self.write_users()
        wait_until(lambda: self._lets_in(name, password), f"{name} can sign in", 10)

    def mailbox(self, user, folder="INBOX"):
        """The user's folder as files, made when first used."""
        root = os.path.join(self._path("mail"), user, "Maildir")
        return Maildir(root, folder, owner=self._owner())

    def doveadm(self, *args):
        done = subprocess.run(["doveadm", "-c", self._path("dovecot.conf"), *args],
                              capture_output=True, check=False, timeout=120)
        if done.returncode:
            raise ServerError(f"doveadm {args[0]}: {done.stderr.decode(errors='replace')}")
        return done.stdout.decode("utf-8", "surrogateescape")

    def flags(self, user, folder="INBOX"):
        """UID -> flags of every mail, \\Recent included."""
        text = self.doveadm("-f", "tab", "fetch", "-u", user, "uid flags",
                            "mailbox", folder, "all")
        rows = [line.split("\t") for line in text.splitlines()[1:]]
        return {int(uid): flags for uid, flags in rows}

    def convert(self, user):
        """What was filled in as Maildir becomes the server's own storage; needed for sdbox only."""
        source = os.path.join(self._path("mail"), user, "Maildir")
        if self.storage != "maildir":
            self.doveadm("import", "-u", user, f"maildir:{source}", "", "all")

    # Inside

    def _path(self, name):
        return os.path.join(self.directory, name)

    def _lets_in(self, name, password):
        done = subprocess.run(["doveadm", "-c", self._path("dovecot.conf"), "auth", "test", name,
                               password], capture_output=True, check=False)
        return done.returncode == 0

    def _listens(self):
        if self._launcher.poll() is not None:
            raise ServerError(f"Dovecot ended at start: {self.log()[-2000:]}")
        return accepts_connections(self.tls_port) and accepts_connections(self.port)

    def _forget(self):
        if self._launcher:
            self._launcher.wait(10)
        self.pid, self._launcher = None, None

    def _owner(self):
        if os.getuid():
            return os.getuid(), os.getgid()
        entry = pwd.getpwnam(MAIL_USER)
        return entry.pw_uid, entry.pw_gid

    def _let_mail_user_in(self):
        """Another user reads mail below directories that are ours alone."""
        if os.getuid() == 0:
            os.chown(self._path("mail"), *self._owner())
            path = self.directory
            while path not in ("/", "/tmp"):
                os.chmod(path, os.stat(path).st_mode | 0o011)
                path = os.path.dirname(path)

    def _configure(self):
        uid, gid = self._owner()
        oauth = self._oauth_passdb()
        named = (_NAMED_24 if self.is_newer else _NAMED_23).format(
            cert=self.pki.cert(self.certificate), key=self.pki.key(self.certificate),
            storage=self.storage, store="Maildir" if self.storage == "maildir" else "store",
            mail=self._path("mail"), passwd=self._path("passwd"), uid=uid, gid=gid)
        text = _CONFIG.format(
            version=self._version_lines(), run=self._path("run"), log=self._path("dovecot.log"),
            min_protocol=self.min_protocol, port=self.port, tls_port=self.tls_port, named=named,
            address="listen" if self.is_newer else "address",
            lives="restart_request_count = unlimited" if self.is_newer else "service_count = 0",
            oauth_mechanisms=" xoauth2 oauthbearer" if oauth else "", oauth_passdb=oauth,
            identities=self._identities(), extra=self.extra)
        with open(self._path("dovecot.conf"), "w", encoding="utf-8") as file:
            file.write(text)

    def _version_lines(self):
        """2.4 wants to be told first which release's defaults are meant."""
        if not self.is_newer:
            return ""
        return "dovecot_config_version = 2.4.0\ndovecot_storage_version = 2.4.0"

    def _identities(self):
        if os.getuid() == 0:
            return ""
        name = pwd.getpwuid(os.getuid()).pw_name
        group = os.getgid()
        return (f"default_internal_user = {name}\ndefault_login_user = {name}\n"
                f"default_internal_group = #{group}")

    def _oauth_passdb(self):
        if not self.oauth_url:
            return ""
        if self.is_newer:
            return _OAUTH_PASSDB_24.format(url=self.oauth_url, ca=self.pki.ca)
        with open(self._path("oauth2.conf"), "w", encoding="utf-8") as file:
            file.write(_OAUTH_CONFIG.format(url=self.oauth_url, ca=self.pki.ca))
        return _OAUTH_PASSDB_23.format(path=self._path("oauth2.conf"))

    def _descendants(self, pid):
        children = []
        for name in os.listdir("/proc"):
            if name.isdigit() and _parent(name) == pid:
                children += [int(name), *self._descendants(int(name))]
        return children


def _release():
    said = subprocess.run([PROGRAM, "--version"], capture_output=True, text=True, check=True)
    return tuple(int(part) for part in said.stdout.split()[0].split(".")[:2])


def _base64(text):
    return base64.b64encode(text.encode()).decode()


def _parent(pid):
    stat = read_text(f"/proc/{pid}/stat")
    return int(stat.rpartition(")")[2].split()[1]) if stat else 0


def _command(pid):
    try:
        return os.readlink(f"/proc/{pid}/exe")
    except OSError:
        return ""
