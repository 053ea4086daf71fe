# SPDX-License-Identifier: Apache-2.0
"""The IMAP session against servers as they are: a table of behaviours, each with what comes out.

Usage: test_behaviours.py PATH_OF_imap_probe [unittest arguments]

A row names who does it (where it was seen), the dialect or the faults that make it, and what the
probe prints: "rc" and "error" of a failure, what became of each UID ("whole whole nil"), and so on.
The server is tests/servers/imap_script.py, in plain text; TLS is tried against a real one.
"""
import os
import subprocess
import sys
import unittest
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
from servers import imap_dialects as dialects  # noqa: E402
from servers.imap_script import (DONE, Dialect, Fault, ScriptedServer, before, behind, cut,  # noqa: E402
                                 drop_lines, flood, instead, mails, reset, rewrite, stall, then)

PROBE = ""
OK, RETRY, REJECT, FATAL = "0", "1", "2", "3"
PASSING, CREDENTIALS, NO_FOLDER, UNCLEAR = "1", "2", "3", "4"
WHOLE = "whole whole whole"
HURRY_MS = "1500"


@dataclass
class Row:
    name: str
    seen: str
    expect: dict
    faults: tuple = ()
    dialect: Dialect = field(default_factory=Dialect)
    box: list = None
    commands: tuple = ("tell", "bodies")
    hurry: bool = False        # the server does not answer: a short time-out
    log: tuple = None          # commands that the server must have heard, in order


def fault(command, change, nth=(1,)):
    return (Fault(command, change, nth),)


def all_of(what=WHOLE, **more):
    return {"rc": OK, "what": what, **more}


def lost(error, what=None, rc=RETRY, **more):
    return {"rc": rc, "error": error, "what": what, **more}


def refused(words, kind, rc=RETRY, **more):
    return {"rc": rc, "error": words, "kind_of_no": kind, **more}


# ---- sign-in ------------------------------------------------------------------

THROTTLE = b"Request is throttled. Suggested Backoff Time: 299910 milliseconds"
SIGN_IN = [
    Row("signed in at once", "RFC 4959", all_of()),
    Row("capabilities only on asking", "Courier, old UW-IMAP", all_of(),
        dialect=Dialect(tells_capabilities=False)),
    Row("no SASL-IR", "Yahoo, Exchange 2010", all_of(),
        dialect=Dialect(capabilities="IMAP4rev1 AUTH=PLAIN")),
    Row("no AUTH=PLAIN", "Domino, hMailServer", all_of(), log=("LOGIN",),
        dialect=Dialect(capabilities="IMAP4rev1")),
    Row("PLAIN refused, LOGIN works", "curl#8979; log in MailKit#849", all_of(),
        fault("AUTHENTICATE", instead(b"TAG NO AUTHENTICATE failed.")), log=("AUTHENTICATE", "LOGIN")),
    Row("PLAIN in one line refused by BAD", "Coremail (163): himalaya#729", all_of(),
        fault("AUTHENTICATE", instead(b"TAG BAD Request not ending with \\r\\n")),
        log=("AUTHENTICATE", "AUTHENTICATE")),
    Row("ID wanted before EXAMINE", "163, 126, 188: roundcube#9414", all_of(),
        dialect=Dialect(needs_id=True), log=("ID", "EXAMINE")),
    Row("ID refused", "proxies in front of Cyrus", all_of(), fault("ID", instead(b"TAG BAD no"))),
    Row("throttled", "Exchange: parsedmarc#179", refused("not possible now", PASSING, wait="299910"),
        fault("AUTHENTICATE", instead(b"TAG NO " + THROTTLE))),
    Row("unavailable", "Exchange: imapfilter#146", refused("not possible now", PASSING),
        fault("AUTHENTICATE", instead(b"TAG NO Server Unavailable. 15"))),
    Row("too many connections", "Gmail: home-assistant#155699", refused("not possible now", PASSING),
        fault("AUTHENTICATE", instead(b"TAG NO [ALERT] Too many simultaneous connections. "
                                      b"(Failure)"))),
    Row("over quota, and hung up", "Gmail: OfflineIMAP#666",
        refused("ends the session", PASSING),
        fault("AUTHENTICATE", instead(b"* BYE [OVERQUOTA] Account exceeded command or bandwidth "
                                      b"limits."))),
    Row("user and address over their limit", "Dovecot", refused("not possible now", PASSING),
        fault("AUTHENTICATE", instead(b"TAG NO [UNAVAILABLE] Maximum number of connections from "
                                      b"user+IP exceeded"))),
    Row("wrong password", "Dovecot, Yahoo, iCloud", refused("check user name", CREDENTIALS, FATAL),
        fault("AUTHENTICATE", instead(b"TAG NO [AUTHENTICATIONFAILED] Authentication failed.")),
        log=("AUTHENTICATE",)),
    Row("an application's password wanted", "Gmail: himalaya#58",
        refused("check user name", CREDENTIALS, FATAL),
        (Fault("AUTHENTICATE", instead(b"TAG NO [ALERT] Application-specific password required: "
                                       b"https://support.example (Failure)")),
         Fault("LOGIN", instead(b"TAG NO [ALERT] Application-specific password required")))),
    Row("sign-in by the web wanted", "Gmail: smiley22/S22.Imap#116",
        refused("check user name", CREDENTIALS, FATAL),
        (Fault("AUTHENTICATE", instead(b"* NO [WEBALERT https://x.example] Web login required.",
                                       b"TAG NO [ALERT] Please log in via your web browser")),
         Fault("LOGIN", instead(b"TAG NO [ALERT] Please log in via your web browser")))),
    Row("refused twice without a reason", "Exchange: MailKit#483",
        refused("check user name", UNCLEAR),
        (Fault("AUTHENTICATE", instead(b"TAG NO AUTHENTICATE failed.")),
         Fault("LOGIN", instead(b"TAG NO LOGIN failed.")))),
    Row("signed in but not connected", "Exchange: email-oauth2-proxy#74",
        refused("cannot be opened now", UNCLEAR),
        (Fault("EXAMINE", instead(b"TAG BAD User is authenticated but not connected.")),
         Fault("LIST", instead(b"TAG BAD User is authenticated but not connected.")))),
    Row("repeats the command", "seen with a proxy that logs to its client",
        refused("***", CREDENTIALS, FATAL),
        fault("AUTHENTICATE", instead(b"TAG NO [AUTHENTICATIONFAILED] AUTHENTICATE PLAIN "
                                      b"AHUAaHVudGVyMi1zZWNyZXQ="))),
    Row("silence for the sign-in", "a dead back end", lost("no answer in time"),
        fault("AUTHENTICATE", stall()), hurry=True),
    Row("hangs up at the sign-in", "a dead back end", lost("connection"), fault("AUTHENTICATE", cut())),
    Row("gone at the sign-in", "a firewall", lost("connection"), fault("AUTHENTICATE", reset)),
    Row("busy", "Dovecot, Cyrus", refused("ends the session", PASSING),
        fault("greeting", instead(b"* BYE Too many connections"))),
    Row("not IMAP", "an ingress", lost("no IMAP server", rc=FATAL),
        fault("greeting", instead(b"HTTP/1.1 502 Bad Gateway"))),
    Row("half a greeting", "a dying server", lost("connection"), fault("greeting", cut(6))),
    Row("capabilities refused", "Yahoo: imapflow#75", refused("what it can do", PASSING),
        fault("CAPABILITY", instead(b"TAG NO [LIMIT] CAPABILITY Rate limit hit.")),
        dialect=Dialect(tells_capabilities=False)),
]

# ---- the folder ------------------------------------------------------------------

FOLDER = [
    Row("a folder that is refused for now", "Zimbra: imapsync#426", refused("opened now", PASSING),
        fault("EXAMINE", instead(b"TAG NO [SERVERBUG] Internal error occurred."))),
    Row("a folder and a list refused", "Exchange", refused("opened now", UNCLEAR),
        (Fault("EXAMINE", instead(b"TAG NO failed")), Fault("LIST", instead(b"TAG NO LIST failed")))),
    Row("a folder that is not there", "RFC 5530", refused("no folder", NO_FOLDER, FATAL),
        fault("EXAMINE", instead(b"TAG NO [NONEXISTENT] Unknown Mailbox"))),
    Row("UIDNEXT not told", "UW-IMAP, Courier", all_of(by="1"),
        fault("EXAMINE", drop_lines(lambda line: b"UIDNEXT" in line))),
    Row("UIDNEXT nowhere", "old Domino", all_of(by="2", uidnext="4"),
        (Fault("EXAMINE", drop_lines(lambda line: b"UIDNEXT" in line)),
         Fault("STATUS", instead(b"TAG BAD no STATUS here")))),
    Row("UIDVALIDITY of 40 bits", "imaps of cloud stores", all_of(uidvalidity="1099511627776"),
        dialect=Dialect(uidvalidity=1099511627776)),
    Row("UIDVALIDITY 0", "modern-email/defects#52", lost("no lasting UIDs", rc=FATAL),
        dialect=Dialect(uidvalidity=0)),
    Row("UIDVALIDITY left out once", "a server under load", all_of(),
        fault("EXAMINE", drop_lines(lambda line: b"UIDVALIDITY" in line))),
    Row("an empty folder", "any", {"rc": OK, "mails": "0", "uidnext": "1"}, box=[]),
    Row("a blank line in EXAMINE", "Exchange 2007", all_of(), fault("EXAMINE", before(b"", b" "))),
    Row("OK with words that end in {3}", "RFC 3501, 7.1", all_of(),
        fault("EXAMINE", before(b"* OK [ALERT] kept for you {3}"))),
    Row("a new EXAMINE", "any", all_of(again="4"), commands=("again", "tell", "bodies")),
    Row("a new EXAMINE refused", "Dovecot", refused("opened again", PASSING),
        fault("EXAMINE", instead(b"TAG NO [INUSE] locked"), nth=(2,)), commands=("again",)),
    Row("hangs up at EXAMINE", "Dovecot", lost("connection"), fault("EXAMINE", cut(30))),
    Row("silence for EXAMINE", "NFS", lost("in time"), fault("EXAMINE", stall(20)), hurry=True),
]

# ---- searching ------------------------------------------------------------------

SEARCH = [
    Row("plain SEARCH", "Exchange, Yahoo", all_of(since="3"), dialect=Dialect(signed_in="IMAP4rev1")),
    Row("a line for each UID", "davmail#35", all_of(since="3"),
        fault("SEARCH", instead(b"* SEARCH 1", b"* SEARCH 2", b"* SEARCH 3", DONE), nth=None),
        dialect=Dialect(signed_in="IMAP4rev1")),
    Row("ESEARCH without UID", "Purelymail: libredesk#282", all_of(since="3"),
        dialect=Dialect(esearch=b"* ESEARCH (TAG \"TAG\") ALL {set}")),
    Row("ESEARCH with more behind ALL", "cyrus-imapd#1720", all_of(since="3"),
        dialect=Dialect(esearch=b"* ESEARCH (TAG \"TAG\") UID MIN 1 MAX 3 ALL {set} COUNT 3")),
    Row("ESEARCH for another tag", "cyrus-imapd#1725", all_of(since="3"),
        dialect=Dialect(esearch=b"* ESEARCH (TAG \"A99\") UID ALL {set}")),
    Row("ESEARCH answered by SEARCH", "proxies", all_of(since="3"),
        dialect=Dialect(esearch=b"* SEARCH 1 2 3")),
    Row("OK alone", "Exchange under load", lost("did not answer the search"),
        fault("SEARCH", instead(DONE))),
    Row("words for numbers", "a broken index", lost("cannot be read"),
        fault("SEARCH", instead(b"* SEARCH 1 two 3", DONE)), dialect=Dialect(signed_in="IMAP4rev1")),
    Row("counts three, gives none", "a broken index", lost("cannot be read"),
        dialect=Dialect(esearch=b"* ESEARCH (TAG \"TAG\") UID COUNT 3")),
    Row("a modification sequence behind", "RFC 7162: Gmail", all_of(since="3"),
        fault("SEARCH", rewrite(rb"^(\* SEARCH.*)$", rb"\1 (MODSEQ 917162500)"), nth=None),
        dialect=Dialect(signed_in="IMAP4rev1")),
    Row("refused", "Yahoo", refused("search refused", PASSING, REJECT),
        fault("SEARCH", instead(b"TAG NO [LIMIT] SEARCH Rate limit hit."))),
    Row("a search without end", "hostile", lost("over 33554432 bytes"),
        fault("SEARCH", flood(b"* SEARCH 1\r\n"))),
    Row("more UIDs than mails", "hostile", lost("cannot be read"),
        fault("SEARCH", instead(b"* SEARCH " + b" ".join(b"%d" % n for n in range(1, 9999, 2)), DONE)),
        dialect=Dialect(signed_in="IMAP4rev1")),
    Row("hangs up in the answer", "any", lost("connection"), fault("SEARCH", cut(12))),
]

# ---- sizes and dates ----------------------------------------------------------------

INFO = [
    Row("a size as a float", "mail.ru: MailKit#1838", all_of(known="3", sizes="400"),
        dialect=Dialect(size=lambda mail: "9.3736e+06" if mail.uid == 2 else str(len(mail.raw)))),
    Row("a size of 2^31 too far", "32-bit servers", all_of(known="3", sizes="400"),
        dialect=Dialect(size=lambda mail: "-2147483548" if mail.uid == 2 else str(len(mail.raw)))),
    Row("a size of NIL", "Domino", all_of(known="3", sizes="0"), dialect=Dialect(size=lambda mail: "NIL")),
    Row("a date of zeros", "Domino: MailKit#1236", all_of(known="3", dates="0"),
        dialect=Dialect(date=lambda mail: '"00-Jan-0000 00:00:00 +0000"')),
    Row("a date as in a header", "asimap#458", all_of(known="3", dates="0"),
        dialect=Dialect(date=lambda mail: '"Mon, 09 Feb 2026 10:00:00 +0000"')),
    Row("a date of NIL", "imap2maildir#26", all_of(known="3", dates="0"),
        dialect=Dialect(date=lambda mail: "NIL")),
    Row("one UID left out", "expunged meanwhile", all_of("whole absent whole", known="2"),
        (Fault("FETCH INFO", drop_lines(lambda line: b"UID 2 " in line)),
         Fault("FETCH BODY", drop_lines(lambda line: b"UID 2 " in line)))),
    Row("sizes refused", "Yahoo: imap-backup#218", refused("sizes refused", PASSING, REJECT),
        fault("FETCH INFO", instead(b"TAG NO UID FETCH Server error - Please try again later"))),
    Row("keywords with all kinds of marks", "libetpan#438; modoboa#4207; net-imap#241",
        all_of(known="3", sizes="600"),
        dialect=Dialect(flags=b"\\Seen todo(high ab\"cd a{1}b [Junk foo]bar")),
    Row("unasked news of keywords", "greenmail#998", all_of(known="3"),
        (Fault("FETCH INFO", before(b"* 1 FETCH (FLAGS (\\Seen todo(high))")),
         Fault("FETCH BODY", before(b"* 1 FETCH (FLAGS (x{3}))", b"* 2 FETCH (FLAGS (\"))")))),
]

# ---- bodies ----------------------------------------------------------------------

BODIES = [
    Row("UID behind the body", "RFC 3501 allows it", all_of(), dialect=Dialect(uid_last=True)),
    Row("in another order", "Cyrus", all_of(), dialect=Dialect(order=lambda box: list(reversed(box)))),
    Row("quoted", "short mails of some servers", all_of("whole"),
        box=[mails(1)[0].__class__(1, b"Subject: q")],
        dialect=Dialect(body=lambda raw: b'"%s"' % raw)),
    Row("as literal8", "RFC 3516", all_of(),
        dialect=Dialect(body=lambda raw: b"~{%d}\r\n%s" % (len(raw), raw))),
    Row("NIL for one", "Dovecot 2.3, expunged by another", all_of("whole nil whole"),
        fault("FETCH BODY", rewrite(rb"(UID 2 BODY\[\]) .*\)$", rb"\1 NIL)"))),
    Row("nothing for one", "expunged meanwhile", all_of("whole absent whole"),
        fault("FETCH BODY", drop_lines(lambda line: b"UID 2 " in line))),
    Row("OK alone", "a store that is away", all_of("absent absent absent"),
        fault("FETCH BODY", instead(DONE))),
    Row("empty, as a literal", "a store that is away", all_of("empty empty empty"),
        dialect=Dialect(body=lambda raw: b"{0}\r\n")),
    Row("empty, in quotes", "a store that is away", all_of("empty empty empty"),
        dialect=Dialect(body=lambda raw: b'""')),
    Row("NO for all", "Gmail: ha-email-sensor#16", refused("FETCH refused", PASSING, REJECT,
                                                          what="refused refused refused"),
        fault("FETCH BODY", instead(b"TAG NO [OVERQUOTA] Account exceeded command or bandwidth limits."))),
    Row("BAD for all", "Exchange: imap_tools#135", refused("FETCH refused", PASSING, REJECT, wait="299910"),
        fault("FETCH BODY", instead(b"TAG BAD " + THROTTLE))),
    Row("NO after the first mail", "Dovecot with an unreadable file",
        refused("FETCH refused", PASSING, REJECT, what="whole refused refused"),
        fault("FETCH BODY", lambda reply, session: [reply[0], b"TAG NO [SERVERBUG] Internal error"])),
    Row("NO after all mails", "Exchange", refused("FETCH refused", UNCLEAR, REJECT, what=WHOLE),
        fault("FETCH BODY", then(b"TAG NO some are gone"))),
    Row("BYE in the middle", "Exchange: MailKit#849",
        refused("ends the session", PASSING, what="whole lost lost"),
        fault("FETCH BODY", lambda reply, session: [reply[0], b"* BYE Connection closed. 14"])),
    Row("the token expires in the middle", "Exchange: aioimaplib#83",
        refused("ends the session", PASSING, what="whole lost lost"),
        fault("FETCH BODY", lambda reply, session: [reply[0], b"* BYE Session invalidated - "
                                                    b"AccessTokenExpired"])),
    Row("cut in the middle of a mail", "any", lost("connection", "broken lost lost"),
        fault("FETCH BODY", cut(100))),
    Row("stalls in the middle of a mail", "any", lost("in time", "broken lost lost"),
        fault("FETCH BODY", stall(100)), hurry=True),
    Row("a reset", "a firewall", lost("connection", "lost lost lost"), fault("FETCH BODY", reset)),
    Row("a literal two bytes too short", "Domino: MailKit#954", all_of(),
        dialect=Dialect(body=lambda raw: b"{%d}\r\n%s" % (len(raw) - 2, raw))),
    Row("a literal of -1", "hostile", lost("cannot be read", "broken lost lost"),
        dialect=Dialect(body=lambda raw: b"{-1}\r\n")),
    Row("a literal of 2^64 - 1", "hostile", lost("cannot be read", "broken lost lost"),
        dialect=Dialect(body=lambda raw: b"{18446744073709551615}\r\n")),
    Row("blank lines and remarks between", "InterMail", all_of(),
        fault("FETCH BODY", lambda reply, session: [b"", reply[0], b"* OK still here", b"", *reply[1:]])),
    Row("news in the middle", "RFC 3501, 5.2", all_of(),
        fault("FETCH BODY", before(b"* 4 EXISTS", b"* 1 RECENT", b"* 2 EXPUNGE"))),
    Row("an unknown answer with a literal", "RFC 3501, 2.2.2", all_of(),
        fault("FETCH BODY", before(b"* XNEWS {14}\r\nTAG OK forged\r\n (a b)"))),
    Row("each mail twice", "Courier with a damaged index", all_of(),
        fault("FETCH BODY", lambda reply, session: [line for line in reply[:-1] for _ in range(2)]
              + reply[-1:])),
    Row("mails that nobody asked for", "old Domino", all_of(),
        fault("FETCH BODY", before(b"* 9 FETCH (UID 99 BODY[] {3}\r\nabc)"))),
    Row("one answer that breaks off", "a proxy that counts badly", all_of("whole unreadable whole"),
        fault("FETCH BODY", rewrite(rb"(UID 2 BODY\[\]) .*\)$", rb'\1 "abc'))),
    Row("whole mails for their heads", "servers without partial FETCH", all_of(bytes="30"),
        dialect=Dialect(partial=False), commands=("head", "10", "tell", "bodies")),
    Row("heads of mails", "any", all_of(bytes="30"), commands=("head", "10", "tell", "bodies")),
    Row("another tag", "a proxy", lost("not to what was asked", "lost lost lost"),
        fault("FETCH BODY", instead(b"Z9 OK done"))),
    Row("news without end", "hostile", lost("over 8388608 bytes", "lost lost lost"),
        fault("FETCH BODY", flood(b"* 3 EXISTS\r\n"))),
    Row("a plus between", "servers that say they are busy", all_of(),
        fault("FETCH BODY", before(b"+ working"))),
    Row("three groups at once", "any", all_of(), commands=("chunk", "1", "groups", "3", "tell", "bodies")),
]

# ---- servers as a whole ---------------------------------------------------------------

DIALECTS = [
    Row("Gmail", "its public capabilities", all_of(since="3", by="0"), dialect=dialects.GMAIL),
    Row("Exchange Online", "MailKit#1494", all_of(since="3", by="0"),
        dialect=dialects.EXCHANGE_ONLINE),
    Row("Yahoo", "MailKit#358; its public capabilities", all_of(since="3", by="0"),
        dialect=dialects.YAHOO),
    Row("Dovecot 2.4 as IMAP4rev2", "RFC 9051", all_of(since="3", by="0"),
        dialect=dialects.DOVECOT_24),
    Row("Cyrus", "its source", all_of(since="3", by="0"), dialect=dialects.CYRUS),
    Row("Courier", "its source", all_of(since="3", by="1"), dialect=dialects.COURIER),
    Row("Zimbra", "imapsync#426", all_of(since="3", by="0"), dialect=dialects.ZIMBRA),
    Row("hMailServer", "hmailserver#81", all_of(since="3", by="0"), dialect=dialects.HMAILSERVER),
    Row("Domino", "MailKit#1236, #954", all_of(known="3", sizes="900", dates="0"),
        dialect=dialects.DOMINO),
    Row("Coremail", "163: roundcube#9414, himalaya#729", all_of(since="3"),
        fault("AUTHENTICATE", instead(b"TAG BAD Request not ending with \\r\\n")), dialects.COREMAIL,
        log=("AUTHENTICATE", "AUTHENTICATE", "ID", "EXAMINE")),
]

ROWS = DIALECTS + SIGN_IN + FOLDER + SEARCH + INFO + BODIES


class Behaviours(unittest.TestCase):
    def probe(self, row, server):
        env = dict(os.environ)
        if row.hurry:
            env["EII_PROBE_TIMEOUT_MS"] = HURRY_MS
        line = [PROBE, "127.0.0.1", str(server.port), "none", "", "u", "hunter2-secret", "INBOX",
                *row.commands]
        done = subprocess.run(line, capture_output=True, text=True, timeout=60, check=False, env=env)
        self.assertGreaterEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def read(self, out):
        pairs = [line.split(" ", 1) for line in out.splitlines()]
        seen = dict(pairs)
        seen.setdefault("rc", OK)
        seen["what"] = " ".join(value for key, value in sorted(pairs) if key.startswith("uid_"))
        seen["kind_of_no"] = seen.get("refusal", " ").split(" ")[0]
        seen["wait"] = seen.get("wait_ms")
        return seen

    def run_row(self, row):
        server = ScriptedServer(row.box, row.dialect, row.faults)
        try:
            return self.read(self.probe(row, server)), server
        finally:
            server.stop()

    def judge(self, row, seen, server):
        for key, value in row.expect.items():
            if value is None:
                continue
            if key == "error":
                self.assertIn(value, seen.get("error", ""), seen)
            else:
                self.assertEqual(value, seen.get(key), (key, seen))
        if row.log:
            signs = [word for word in server.log if word in row.log]
            self.assertEqual(list(row.log), signs, server.log)
        told = str(seen)
        for secret in ("hunter2", "aHVudGVy", "AHUAaHV"):
            self.assertNotIn(secret, told)

    def test_every_row_comes_out_as_it_says(self):
        with ThreadPoolExecutor(max_workers=4) as pool:
            for row, (seen, server) in zip(ROWS, pool.map(self.run_row, ROWS)):
                with self.subTest(row.name, seen=row.seen):
                    self.judge(row, seen, server)

    def test_no_two_rows_are_the_same(self):
        names = [(row.name, row.seen) for row in ROWS]
        self.assertEqual(len(names), len(set(names)))


if __name__ == "__main__":
    if len(sys.argv) < 2 or not os.path.exists(sys.argv[1]):
        sys.exit(__doc__)
    PROBE = sys.argv.pop(1)
    unittest.main()
