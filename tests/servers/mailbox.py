# SPDX-License-Identifier: Apache-2.0
"""Fills a Maildir++ folder by writing files: 5,000 mails in half a second, 100,000 in ten.

Dovecot takes INTERNALDATE from a file's modification time, the UID from dovecot-uidlist
(written here, so that UIDs and UIDVALIDITY are known before the server runs).
"""
import base64
import os
import time

UIDVALIDITY = 1_700_000_000
_INDEX_FILES = ("dovecot.index", "dovecot.index.log", "dovecot.index.log.2", "dovecot.index.cache")


def modified_utf7(name):
    """RFC 3501 section 5.1.3."""
    out, run = [], ""
    for char in name + "\0":
        plain = char == "\0" or 0x20 <= ord(char) <= 0x7E
        if not plain:
            run += char
            continue
        if run:
            out.append("&" + _base64_of(run) + "-")
            run = ""
        out.append("&-" if char == "&" else char)
    return "".join(out)[:-1]


def _base64_of(text):
    return base64.b64encode(text.encode("utf-16-be")).decode().rstrip("=").replace("/", ",")


class Maildir:
    """One folder. UIDs count from 1 in the order of add."""

    def __init__(self, root, folder="INBOX", owner=None):
        self.root, self.folder = root, folder
        self.owner = owner or (os.getuid(), os.getgid())
        name = "" if folder == "INBOX" else "." + modified_utf7(folder).replace("/", ".")
        self.path = os.path.join(root, name) if name else root
        self._made = False

    def add(self, mail, received=None, flags=""):
        """One mail as bytes; received: INTERNALDATE in seconds since 1970. Returns its UID."""
        return self.fill([(mail, received)], flags)[0]

    def fill(self, mails, flags=""):
        """mails: pairs of bytes and INTERNALDATE (None: now). Returns the UIDs."""
        self._make()
        uidvalidity, next_uid, lines = self._read_uidlist()
        uids = []
        for mail, received in mails:
            when = time.time() if received is None else received
            name = f"{int(when)}.M{next_uid}P1.test,S={len(mail)}"
            self._write_mail(name, mail, when, flags)
            lines.append(f"{next_uid} :{name}\n")
            uids.append(next_uid)
            next_uid += 1
        self._write_uidlist(uidvalidity, next_uid, lines)
        return uids

    def deliver(self, mail, received=None):
        """As a mail server does it, while the folder is in use: the server gives the UID."""
        self._make()
        when = time.time() if received is None else received
        name = f"{int(when)}.M{time.monotonic_ns()}P2.test,S={len(mail)}"
        temporary = os.path.join(self.path, "tmp", name)
        self._write(temporary, mail, when)
        os.rename(temporary, os.path.join(self.path, "new", name))

    def expunge(self, uid):
        """Takes a mail away behind the server's back."""
        for line in self._read_uidlist()[2]:
            if line.split(" ", 1)[0] == str(uid):
                os.unlink(self._file_of(line.split(":", 1)[1].strip()))

    def change_uidvalidity(self, uidvalidity, first_uid=1):
        """A new number and new UIDs, as after a restored backup; the server must be stopped."""
        lines = [f"{first_uid + i} :{line.split(':', 1)[1]}"
                 for i, line in enumerate(self._read_uidlist()[2])]
        self._write_uidlist(uidvalidity, first_uid + len(lines), lines)
        for name in _INDEX_FILES:
            if os.path.exists(os.path.join(self.path, name)):
                os.unlink(os.path.join(self.path, name))
        for name in os.listdir(self.root):
            # Dovecot remembers the folder's old number here.
            if name.startswith("dovecot-uidvalidity") or name.startswith("dovecot.list.index"):
                os.unlink(os.path.join(self.root, name))

    def _make(self):
        if self._made:
            return
        for part in ("", "cur", "new", "tmp"):
            for base in (self.root, self.path):
                os.makedirs(os.path.join(base, part), exist_ok=True)
        if self.path != self.root:
            open(os.path.join(self.path, "maildirfolder"), "ab").close()
        home = os.path.dirname(self.root)
        for base in (home, self.root, self.path):
            os.chown(base, *self.owner)
            for part in ("cur", "new", "tmp"):
                if base != home:
                    os.chown(os.path.join(base, part), *self.owner)
        self._made = True

    def _write_mail(self, name, mail, when, flags):
        self._write(os.path.join(self.path, "cur", f"{name}:2,{flags}"), mail, when)

    def _write(self, path, mail, when):
        with open(path, "wb", buffering=0) as file:
            file.write(mail)
        os.utime(path, (when, when))
        os.chown(path, *self.owner)

    def _file_of(self, name):
        for part in ("cur", "new"):
            for entry in os.listdir(os.path.join(self.path, part)):
                if entry.split(":", 1)[0] == name.split(":", 1)[0]:
                    return os.path.join(self.path, part, entry)
        raise FileNotFoundError(name)

    def _read_uidlist(self):
        """Version 3: '3 V<uidvalidity> N<next uid> …', then '<uid> … :<file name>' lines."""
        path = os.path.join(self.path, "dovecot-uidlist")
        if not os.path.exists(path):
            return UIDVALIDITY, 1, []
        with open(path, encoding="utf-8") as file:
            head, *lines = file.readlines()
        fields = {part[0]: part[1:] for part in head.split()[1:]}
        return int(fields["V"]), int(fields["N"]), lines

    def _write_uidlist(self, uidvalidity, next_uid, lines):
        path = os.path.join(self.path, "dovecot-uidlist")
        with open(path + ".new", "w", encoding="utf-8") as file:
            file.write(f"3 V{uidvalidity} N{next_uid}\n")
            file.writelines(lines)
        os.chown(path + ".new", *self.owner)
        os.rename(path + ".new", path)
