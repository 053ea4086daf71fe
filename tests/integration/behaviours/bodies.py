# SPDX-License-Identifier: Apache-2.0
"""FETCH of mails: refused for now, cut, in odd forms, larger than said."""
from servers.imap_script import (DONE, Dialect, before, cut, drop_lines, flood, instead, late,
                                 reset, rewrite, stall, then)

from .row import Behaviour, always, bulletin, bulletins, named, once

CODE, WORDS, NOTHING, LOST, CUT = ("FETCH refused for now by its code",
                                   "FETCH refused for now by its words", "a FETCH that gives nothing",
                                   "FETCH ended by the server", "FETCH cut by the network")
FORM, ORDER, LITERAL, MEMORY = ("a body in an odd form", "bodies in another order or number",
                                "a literal of a wrong length", "memory")
MIB = 1024 * 1024


def second(line):
    return lambda reply, session: [reply[0], line]


def refused(name, kind, seen, line, change=instead):
    return Behaviour(name, kind, f"FETCH, first: {name}", seen, faults=once("FETCH BODY", change(line)),
                     never=("mail.set_aside", "mail.fallback"))


def ended(name, seen, line):
    return Behaviour(name, LOST, f"FETCH behind the first mail: {name}", seen,
                     faults=once("FETCH BODY", second(line)), words=("part.failed",),
                     never=("mail.set_aside", "mail.fallback"))


def broken(name, seen, change, **more):
    return Behaviour(name, CUT, f"FETCH: {name}", seen, faults=once("FETCH BODY", change),
                     words=("part.failed",), never=("mail.set_aside", "mail.fallback"), **more)


def as_body(form):
    return Dialect(body=form)


def is_line_of(uid):
    return lambda line: b"UID %d " % uid in line


def larger(count, size):
    return lambda: [bulletin(uid, size) for uid in range(1, count + 1)]


ROWS = [
    refused("mails over quota", CODE, "Gmail: ha-email-sensor#16",
            b"TAG NO [OVERQUOTA] Account exceeded command or bandwidth limits."),
    refused("mails unavailable", CODE, "iCloud: mail-archiver#414",
            b"TAG NO [UNAVAILABLE] Service temporarily unavailable"),
    refused("mails fail in the server", CODE, "Dovecot with an unreadable file",
            b"TAG NO [SERVERBUG] Internal error", second),
    refused("mails in use", CODE, "RFC 5530", b"TAG NO [INUSE] locked"),
    refused("mails over a limit", CODE, "Yahoo", b"TAG NO [LIMIT] FETCH Rate limit hit."),

    refused("System Error", WORDS, "Gmail; mailpile#2242", b"TAG NO System Error (Failure)"),
    refused("Server Busy by BAD", WORDS, "Exchange: imap_tools#135", b"TAG BAD Server busy, too many "
            b"commands"),
    refused("some are gone", WORDS, "Exchange", b"TAG NO some of the requested messages no longer exist",
            then),
    refused("try again later", WORDS, "Yahoo: imap-backup#218",
            b"TAG NO UID FETCH Server error - Please try again later", second),

    Behaviour("OK alone for mails", NOTHING, "FETCH, first: OK alone", "servers.md S2",
              faults=once("FETCH BODY", instead(DONE)), never=("mail.set_aside", "mail.fallback")),
    Behaviour("NIL for one, once", NOTHING, "FETCH, first: NIL for UID 2", "servers.md S2",
              faults=once("FETCH BODY", rewrite(rb"(UID 2 BODY\[\]) .*\)$", rb"\1 NIL)"))),
    Behaviour("empty literals, once", NOTHING, "FETCH, first: {0}", "servers.md S19",
              faults=once("FETCH BODY", rewrite(rb"BODY\[\] .*\)$", b"BODY[] {0}\r\n)"))),
    Behaviour("empty quotes, once", NOTHING, "FETCH, first: \"\"", "servers.md S19",
              faults=once("FETCH BODY", rewrite(rb"BODY\[\] .*\)$", b'BODY[] "")'))),
    Behaviour("NIL for one that is gone", NOTHING, "FETCH: NIL, SEARCH: none",
              "Dovecot 2.3, expunged by another session",
              faults=(*always("FETCH BODY", rewrite(rb"(UID 2 BODY\[\]) .*\)$", rb"\1 NIL)")),
                      *always("SEARCH", lambda reply, session: [
                          b"* ESEARCH (TAG \"TAG\") UID", DONE]
                          if session.line.endswith(b"UID 2:2") else reply)), reports=named(1, 3)),

    ended("BYE Connection closed", "Exchange: MailKit#849", b"* BYE Connection closed. 14"),
    ended("BYE the token has expired", "Exchange: aioimaplib#83",
          b"* BYE Session invalidated - AccessTokenExpired"),
    ended("BYE shutting down", "Dovecot, Cyrus", b"* BYE [UNAVAILABLE] Server shutting down."),
    ended("BYE idle for too long", "Yandex: MailKit#938", b"* BYE Autologout; idle for too long"),

    broken("cut in the middle of a mail", "any", cut(100)),
    broken("reset before the first byte", "a firewall", reset),
    broken("closed between two mails", "any", cut(1060)),
    broken("silence in the middle of a mail", "a dead NFS server", stall(100), within_s=180),
    Behaviour("answers after ten seconds", CUT, "FETCH: late", "tape and cold storage",
              faults=once("FETCH BODY", late(10)), never=("part.failed",)),

    Behaviour("literal8", FORM, "FETCH: ~{n}", "RFC 3516",
              as_body(lambda raw: b"~{%d}\r\n%s" % (len(raw), raw)), never=("part.failed",)),
    Behaviour("line ends of LF alone", FORM, "FETCH: bare LF", "stores that keep mails as files",
              as_body(lambda raw: b"{%d}\r\n%s" % (len(raw) - raw.count(b"\r"), raw.replace(b"\r", b""))),
              never=("part.failed",)),
    Behaviour("UID behind the body", FORM, "FETCH: UID last", "RFC 3501 allows it",
              Dialect(uid_last=True), never=("part.failed",)),
    Behaviour("items that are unknown", FORM, "FETCH: X-GM-MSGID, lists, literals", "Gmail",
              faults=always("FETCH BODY", rewrite(rb"UID (\d) BODY",
                            rb'X-GM-MSGID 12789 X-L (a (b "c)") NIL) X-T {4}\r\n)) ( UID \1 BODY')),
              never=("part.failed",)),
    Behaviour("NULs in a mail", FORM, "FETCH: bytes of 0", "RFC 3516; broken mailers",
              box=lambda: [mail.__class__(mail.uid, mail.raw + b"\0\0x", mail.received)
                           for mail in bulletins()], never=("part.failed",)),

    Behaviour("in falling order", ORDER, "FETCH: last UID first", "Cyrus",
              Dialect(order=lambda box: list(reversed(box))), never=("part.failed",)),
    Behaviour("each mail twice", ORDER, "FETCH: doubled", "Courier with a damaged index",
              faults=always("FETCH BODY", lambda reply, session: [
                  line for line in reply[:-1] for _ in range(2)] + reply[-1:]), never=("part.failed",)),
    Behaviour("one breaks off in quotes", ORDER, "FETCH of UID 2: an open quotation mark, once",
              "a proxy that counts badly",
              faults=once("FETCH BODY", rewrite(rb"(UID 2 BODY\[\]) .*\)$", rb'\1 "abc'))),
    Behaviour("NO behind all mails", ORDER, "FETCH: all came, then NO", "servers.md S1",
              box=larger(5, MIB), faults=once("FETCH BODY", then(b"TAG NO some are gone")),
              memory_mib=128, never=("mail.set_aside",)),
    Behaviour("one left out, once", ORDER, "FETCH, first: no line for UID 2", "a damaged index",
              faults=once("FETCH BODY", drop_lines(is_line_of(2)))),

    Behaviour("two bytes too short", LITERAL, "FETCH: {n-2}", "Domino: MailKit#954",
              as_body(lambda raw: b"{%d}\r\n%s" % (len(raw) - 2, raw)), never=("mail.fallback",)),
    Behaviour("two bytes too long, once", LITERAL, "FETCH, first: {n+2}", "Domino: MailKit#939",
              faults=once("FETCH BODY", lambda reply, session: [
                  line.replace(b"{%d}" % int(line.split(b"{")[1].split(b"}")[0]),
                               b"{%d}" % (int(line.split(b"{")[1].split(b"}")[0]) + 2))
                  if b"{" in line else line for line in reply])),
    Behaviour("a literal of -1, once", LITERAL, "FETCH, first: {-1}", "hostile",
              faults=once("FETCH BODY", rewrite(rb"\{\d+\}", b"{-1}")), words=("part.failed",)),
    Behaviour("a literal of 2^64 - 1, once", LITERAL, "FETCH, first: {2^64-1}", "hostile",
              faults=once("FETCH BODY", rewrite(rb"\{\d+\}", b"{18446744073709551615}")),
              words=("part.failed",)),

    Behaviour("mails larger than said", MEMORY, "FETCH: 700 bytes said, 8 MiB come", "servers.md S11",
              Dialect(size=lambda mail: "700"), box=larger(4, 8 * MIB), memory_mib=128),
    Behaviour("news without end", MEMORY, "FETCH, first: EXISTS for ever", "servers.md S11",
              faults=once("FETCH BODY", flood(b"* 3 EXISTS\r\n")), words=("over 8388608 bytes",)),
    Behaviour("a body of 50 MB that nobody asked for", MEMORY, "FETCH, first: UID 99", "servers.md S11",
              faults=once("FETCH BODY", before(b"* 9 FETCH (UID 99 BODY[] {50000000}\r\n"
                                               + b"x" * 50_000_000 + b")"))),
    Behaviour("bodies of a later group first", MEMORY, "FETCH: 28 mails of 700 KB, reversed",
              "servers.md S11", Dialect(order=lambda box: list(reversed(box))),
              box=larger(28, 700_000)),
    Behaviour("many mails at once", MEMORY, "FETCH: 300 mails of 40 KB", "any", box=larger(300, 40_000)),
]
