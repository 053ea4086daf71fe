# SPDX-License-Identifier: Apache-2.0
"""An IMAP server for tests that does as it is told: a mailbox, a dialect, and faults.

A reply is a list of lines (bytes, without CRLF, literals inside); the last one is tagged, by
b"TAG". A dialect says how a server talks at all; a fault changes the replies to one command, at
its nth time or always. Both are data, so that a table of them is a table of behaviours.
"""
import calendar
import re
import socket
import struct
import threading
import time
from dataclasses import dataclass

DONE = b"TAG OK done"


class Gone(Exception):
    """The session is over: cut by a fault, or by the client."""


def day_of(text):
    """The day that "17-Jul-2026 ..." names, in seconds since 1970."""
    return calendar.timegm(time.strptime(text.split()[0].strip('"'), "%d-%b-%Y"))


@dataclass
class Mail:
    uid: int
    raw: bytes
    received: str = "17-Jul-2026 02:44:25 +0000"

    @property
    def day(self):
        return day_of(self.received)


def received_at(when):
    """INTERNALDATE of an instant in seconds since 1970."""
    return time.strftime("%d-%b-%Y %H:%M:%S +0000", time.gmtime(when))


def mails(count=3, size=200):
    """Bulletins with UIDs from 1, of that many bytes each."""
    out = []
    for uid in range(1, count + 1):
        head = f"Subject: Bulletin {uid}\r\nFrom: a@b.example\r\n\r\n".encode()
        out.append(Mail(uid, head + b"x" * (size - len(head) - 2) + b"\r\n"))
    return out


@dataclass
class Dialect:
    """How a server talks. Callables are given what the field's name says."""
    greeting: bytes = b"* OK [CAPABILITY {capabilities}] ready"
    capabilities: str = "IMAP4rev1 SASL-IR AUTH=PLAIN"
    signed_in: str = "IMAP4rev1 ESEARCH ID"
    tells_capabilities: bool = True    # in its greeting and with the OK of the sign-in
    examine: tuple = (b"* FLAGS (\\Seen)", b"* {mails} EXISTS", b"* 0 RECENT",
                      b"* OK [UIDVALIDITY {uidvalidity}] ok", b"* OK [UIDNEXT {uidnext}] ok")
    uidvalidity: int = 7
    esearch: bytes = b"* ESEARCH (TAG \"TAG\") UID ALL {set}"
    esearch_none: bytes = b"* ESEARCH (TAG \"TAG\") UID"
    uid_last: bool = False             # FETCH says the UID behind all else
    flags: bytes = b""                 # FETCH adds them to each answer
    size: object = staticmethod(lambda mail: str(len(mail.raw)))
    date: object = staticmethod(lambda mail: f'"{mail.received}"')
    body: object = staticmethod(lambda raw: b"{%d}\r\n%s" % (len(raw), raw))
    partial: bool = True               # BODY[]<0.n> gives n bytes
    needs_id: bool = False             # EXAMINE is refused before ID
    noop_tells: bool = True            # NOOP says what has come or gone
    order: object = staticmethod(list)  # of the mails in a FETCH


@dataclass
class Fault:
    """change(reply, session) gives another reply, or raises Gone; nth: at which times (None: all)."""
    command: str
    change: object
    nth: object = None


# ---- changes ----------------------------------------------------------------

def instead(*lines):
    return lambda reply, session: list(lines)


def before(*lines):
    return lambda reply, session: list(lines) + reply


def behind(*lines):
    return lambda reply, session: reply[:-1] + list(lines) + reply[-1:]


def then(line):
    """The same, and another end of it."""
    return lambda reply, session: reply[:-1] + [line]


def drop_lines(wanted):
    return lambda reply, session: [line for line in reply if not wanted(line)]


def rewrite(old, new, count=0):
    return lambda reply, session: [re.sub(old, new, line, count=count, flags=re.S)
                                   for line in reply]


def up_to(wanted, end):
    """The lines before the first that is wanted, and another end."""
    def change(reply, session):
        kept = []
        for line in reply:
            if wanted(line):
                break
            kept.append(line)
        return kept + [end]
    return change


def where(wanted, change):
    """Only where one of the UIDs that are asked for is wanted."""
    def chosen(reply, session):
        return change(reply, session) if any(map(wanted, session.asked)) else reply
    return chosen


def of_uid(uid, change):
    return where(lambda asked: asked == uid, change)


def cut(after=None):
    """Sends so many bytes (None: nothing) and closes."""
    def change(reply, session):
        session.send_lines(reply, limit=after or 0)
        raise Gone
    return change


def reset(reply, session):
    """The connection is gone at once, without an end."""
    session.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    raise Gone


def stall(after=0):
    """Sends so many bytes, then nothing until the client goes."""
    def change(reply, session):
        session.send_lines(reply, limit=after)
        while session.connection.recv(65536):
            pass
        raise Gone
    return change


def flood(line):
    """The same line again and again until the client goes."""
    def change(reply, session):
        block = line * (65536 // len(line) + 1)
        while True:
            session.connection.sendall(block)
    return change


def late(seconds):
    def change(reply, session):
        time.sleep(seconds)
        return reply
    return change


# ---- the server ---------------------------------------------------------------

def uid_set(uids):
    """1:3,7"""
    runs = []
    for uid in uids:
        if runs and uid == runs[-1][1] + 1:
            runs[-1][1] = uid
        else:
            runs.append([uid, uid])
    return ",".join(f"{a}:{b}" if b > a else str(a) for a, b in runs)


class Session:
    def __init__(self, server, connection):
        self.server, self.connection = server, connection
        self.input = connection.makefile("rb")
        self.said_id = False
        self.told = None    # mails that the client knows of
        self.line = b""     # the last command, without its tag
        self.asked = []     # UIDs of the last FETCH

    def send_lines(self, lines, limit=None):
        data = b"".join(line.replace(b"TAG", self.tag) + b"\r\n" for line in lines)
        self.connection.sendall(data if limit is None else data[:limit])

    def reply(self, command, lines):
        """What is sent in the end: each fault for the command has its say."""
        nth = self.server.count(command)
        for fault in self.server.faults:
            if fault.command == command and (fault.nth is None or nth in fault.nth):
                lines = fault.change(lines, self)
        self.send_lines(lines)
        return lines

    def capabilities(self, signed_in):
        dialect = self.server.dialect
        return (dialect.signed_in if signed_in else dialect.capabilities).encode()

    def run(self):
        self.tag = b"*"
        self.signed_in = False
        greeting = self.server.dialect.greeting
        if not self.server.dialect.tells_capabilities:
            greeting = b"* OK ready"
        self.reply("greeting", [greeting.replace(b"{capabilities}", self.capabilities(False))])
        while True:
            line = self.input.readline()
            if not line:
                raise Gone
            self.tag, _, rest = line.rstrip(b"\r\n").partition(b" ")
            self.command(rest)

    def command(self, rest):
        self.line = rest
        word = rest.split(b" ")[0].upper().decode()
        if word == "UID":
            word = "UID_" + rest.split(b" ")[1].upper().decode()
        self.server.log.append(word)
        getattr(self, "do_" + word.lower(), self.unknown)(rest)

    def unknown(self, rest):
        self.reply("unknown", [b"TAG BAD unknown command"])

    def do_capability(self, rest):
        self.reply("CAPABILITY", [b"* CAPABILITY " + self.capabilities(self.signed_in), DONE])

    def sign_in(self, command):
        self.signed_in = True
        told = b"[CAPABILITY " + self.capabilities(True) + b"] "
        if not self.server.dialect.tells_capabilities:
            told = b""
        self.reply(command, [b"TAG OK " + told + b"signed in"])

    def do_authenticate(self, rest):
        if len(rest.split(b" ")) < 3:
            self.connection.sendall(b"+ \r\n")
            self.server.heard.append(self.input.readline())
        self.sign_in("AUTHENTICATE")

    def do_login(self, rest):
        self.sign_in("LOGIN")

    def do_id(self, rest):
        self.said_id = True
        self.reply("ID", [b"* ID NIL", DONE])

    def news(self):
        count = len(self.server.mails)
        if not self.server.dialect.noop_tells or self.told in (None, count):
            return []
        self.told = count
        return [b"* %d EXISTS" % count]

    def do_noop(self, rest):
        self.reply("NOOP", self.news() + [DONE])

    def do_idle(self, rest):
        """Tells what has come, as soon as it has, until the client says DONE."""
        if not self.reply("IDLE", [b"+ idling"])[-1].startswith(b"+"):
            return
        self.connection.settimeout(0.05)
        line = b""
        while b"\n" not in line:
            self.send_lines(self.news())
            try:
                piece = self.connection.recv(100)
            except TimeoutError:
                continue
            if not piece:
                raise Gone
            line += piece
        self.connection.settimeout(None)
        self.reply("DONE", [DONE])

    def do_logout(self, rest):
        self.reply("LOGOUT", [b"* BYE bye", DONE])
        raise Gone

    def do_list(self, rest):
        self.reply("LIST", [b'* LIST (\\HasNoChildren) "/" INBOX', DONE])

    def fill(self, line):
        box, dialect = self.server.mails, self.server.dialect
        uidnext = box[-1].uid + 1 if box else 1
        return (line.replace(b"{mails}", b"%d" % len(box))
                .replace(b"{uidvalidity}", b"%d" % dialect.uidvalidity)
                .replace(b"{uidnext}", b"%d" % uidnext))

    def do_examine(self, rest):
        lines = [self.fill(line) for line in self.server.dialect.examine]
        if self.server.dialect.needs_id and not self.said_id:
            lines = [b"TAG NO EXAMINE Unsafe Login. Please contact support"]
        else:
            self.told = len(self.server.mails)
            lines.append(b"TAG OK [READ-ONLY] open")
        self.reply("EXAMINE", lines)

    def do_status(self, rest):
        self.reply("STATUS", [self.fill(b"* STATUS INBOX (UIDNEXT {uidnext} UIDVALIDITY "
                                        b"{uidvalidity})"), DONE])

    def wanted(self, text):
        """The mails of a set of UIDs."""
        top = self.server.mails[-1].uid if self.server.mails else 0
        out = []
        for piece in text.decode().split(","):
            first, _, last = piece.replace("*", str(top)).partition(":")
            low, high = sorted((int(first), int(last or first)))
            out += [mail for mail in self.server.mails if low <= mail.uid <= high]
        return out

    def do_uid_search(self, rest):
        found = self.server.mails
        match = re.search(rb" UID ([0-9:,*]+)$", rest)
        if match:
            found = self.wanted(match.group(1))
        since = re.search(rb" SINCE (\S+)", rest)
        if since:
            found = [mail for mail in found if mail.day >= day_of(since.group(1).decode())]
        uids = [mail.uid for mail in found]
        dialect = self.server.dialect
        if b"RETURN" not in rest:
            line = b"* SEARCH" + b"".join(b" %d" % uid for uid in uids)
        elif uids:
            line = dialect.esearch.replace(b"{set}", uid_set(uids).encode())
        else:
            line = dialect.esearch_none
        self.reply("SEARCH", [line, DONE])

    def fetch_line(self, mail, items):
        dialect = self.server.dialect
        uid = b"UID %d" % mail.uid
        pieces = [] if dialect.uid_last else [uid]
        if dialect.flags:
            pieces.append(b"FLAGS (%s)" % dialect.flags)
        if b"RFC822.SIZE" in items:
            pieces += [b"RFC822.SIZE " + dialect.size(mail).encode(),
                       b"INTERNALDATE " + dialect.date(mail).encode()]
        part = re.search(rb"BODY\.PEEK(\[.*?\])(<0\.(\d+)>)?", items)
        if part:
            raw = mail.raw
            if part.group(1) == b"[HEADER]":
                raw = raw[:raw.index(b"\r\n\r\n") + 4]
            if part.group(2) and dialect.partial:
                raw = raw[:int(part.group(3))]
            pieces.append(b"BODY%s%s %s" % (part.group(1), b"<0>" if part.group(2) else b"",
                                            dialect.body(raw)))
        if dialect.uid_last:
            pieces.append(uid)
        number = self.server.mails.index(mail) + 1
        return b"* %d FETCH (%s)" % (number, b" ".join(pieces))

    def do_uid_fetch(self, rest):
        _, _, uids, items = rest.split(b" ", 3)
        name = ("FETCH HEADER" if b"[HEADER]" in items else
                "FETCH BODY" if b"BODY" in items else
                "FETCH INFO" if b"SIZE" in items else "FETCH UID")
        found = self.server.dialect.order(self.wanted(uids))
        self.asked = [mail.uid for mail in found]
        self.server.fetched.append((name, self.asked))
        self.reply(name, [self.fetch_line(mail, items) for mail in found] + [DONE])


class ScriptedServer:
    def __init__(self, box=None, dialect=None, faults=()):
        self.mails = mails() if box is None else box
        self.dialect = dialect or Dialect()
        self.faults = list(faults)
        self.log, self.heard, self.counts = [], [], {}
        self.fetched = []   # what was asked for, and of which UIDs
        self.lock = threading.Lock()
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.sessions = 0
        threading.Thread(target=self.accept, daemon=True).start()

    def count(self, command):
        with self.lock:
            self.counts[command] = self.counts.get(command, 0) + 1
            return self.counts[command]

    def accept(self):
        while True:
            try:
                connection = self.socket.accept()[0]
            except OSError:
                return
            self.sessions += 1
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        session = Session(self, connection)
        try:
            session.run()
        except (Gone, OSError):
            pass
        finally:
            session.input.close()
            connection.close()

    def stop(self):
        self.socket.close()
