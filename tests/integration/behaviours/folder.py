# SPDX-License-Identifier: Apache-2.0
"""EXAMINE, UIDNEXT, UIDVALIDITY, SEARCH."""
from servers.imap_script import (DONE, Dialect, before, cut, drop_lines, flood, instead,
                                 rewrite)

from .row import Behaviour, always, bulletin, named, once

REFUSED, FINAL, ODD, UIDNEXT, LIES = ("EXAMINE refused for now", "EXAMINE refused for good",
                                      "an odd answer to EXAMINE", "no UIDNEXT, or a wrong one",
                                      "UIDNEXT goes back or ahead")
SEARCH_REFUSED, FORMS, MORE_FORMS, UNTRUE, BROKEN, SILENT = (
    "SEARCH refused", "a form of ESEARCH", "a form of SEARCH", "an untrue answer to SEARCH",
    "an answer to SEARCH that cannot be read", "no answer to SEARCH")
PLAIN = Dialect(signed_in="IMAP4rev1")
FOUR_BILLION = 4294967295


def drop(word):
    return drop_lines(lambda line: word in line)


def says_uidnext(value):
    return rewrite(rb"UIDNEXT \d+", b"UIDNEXT %d" % value)


def one_more_later(stage):
    """A second run, with a mail that came in between."""
    stage.once()
    stage.box.append(bulletin(4))
    return stage.once()



def goes_back(stage):
    """Restored from a backup: the same UIDVALIDITY, the last two mails are others."""
    stage.once()
    del stage.box[1:]
    stage.box.append(bulletin(2, when=bulletin(2).day + 7 * 3600))
    return stage.once()


def refused(name, seen, line):
    return Behaviour(name, REFUSED, f"EXAMINE, first: {name}", seen,
                     faults=once("EXAMINE", instead(line)), words=("cannot be opened now",
                                                                  "part.works_again"))


ROWS = [
    refused("folder fails in the server", "Zimbra: imapsync#426",
            b"TAG NO [SERVERBUG] Internal error occurred."),
    refused("folder in use", "RFC 5530; Dovecot's locks", b"TAG NO [INUSE] Timeout waiting for lock"),
    refused("folder unavailable", "iCloud: mail-archiver#414", b"TAG NO [UNAVAILABLE] Try later"),
    refused("signed in but not connected", "Exchange: email-oauth2-proxy#74",
            b"TAG BAD User is authenticated but not connected."),
    Behaviour("closed at EXAMINE", REFUSED, "EXAMINE: cut in the answer", "Dovecot",
              faults=once("EXAMINE", cut(30)), words=("part.failed",)),

    Behaviour("no such folder, by its code", FINAL, "EXAMINE: NONEXISTENT", "RFC 5530",
              faults=always("EXAMINE", instead(b"TAG NO [NONEXISTENT] Unknown Mailbox")),
              reports={}, exit=78, words=("no folder",)),
    Behaviour("no such folder, by the list", FINAL, "EXAMINE: NO; LIST has others", "Exchange",
              faults=(*always("EXAMINE", instead(b"TAG NO INBOX doesn't exist.")),
                      *always("LIST", instead(b'* LIST () "/" Archive', b'* LIST () "/" "a b"', DONE))),
              settings={"EMAIL_INTEL_IMAP_MAILBOX": "Alerts"}, reports={}, exit=78,
              words=("Archive", "a b")),
    Behaviour("folder and list refused", FINAL, "EXAMINE, LIST: NO", "Exchange",
              faults=(*always("EXAMINE", instead(b"TAG NO failed")),
                      *always("LIST", instead(b"TAG NO LIST failed"))),
              reports={}, exit=75, words=("cannot be opened now",)),
    Behaviour("UIDVALIDITY 0", FINAL, "EXAMINE: UIDVALIDITY", "modern-email/defects#52",
              Dialect(uidvalidity=0), reports={}, exit=78, words=("no lasting UIDs",)),

    Behaviour("UIDVALIDITY of 40 bits", ODD, "EXAMINE: UIDVALIDITY", "imap.md D",
              Dialect(uidvalidity=1099511627776 + 5)),
    Behaviour("UIDVALIDITY of 80 digits", ODD, "EXAMINE: UIDVALIDITY, no number of 64 bits", "imap.md D",
              Dialect(uidvalidity=int("12345678" * 10))),
    Behaviour("UIDVALIDITY left out once", ODD, "EXAMINE, first: no UIDVALIDITY",
              "a server under load", faults=once("EXAMINE", drop(b"UIDVALIDITY"))),
    Behaviour("blank lines in EXAMINE", ODD, "EXAMINE: blank lines", "Exchange 2007",
              faults=always("EXAMINE", before(b"", b" "))),
    Behaviour("words that end like a literal", ODD, "EXAMINE: OK ... {3}", "RFC 3501, 7.1",
              faults=always("EXAMINE", before(b"* OK [ALERT] kept for you {3}"))),

    Behaviour("UIDNEXT in STATUS alone", UIDNEXT, "EXAMINE: no UIDNEXT", "UW-IMAP, Courier",
              faults=always("EXAMINE", drop(b"UIDNEXT")), reports=named(1, 2, 3, 4),
              story=one_more_later),
    Behaviour("UIDNEXT nowhere", UIDNEXT, "EXAMINE, STATUS: no UIDNEXT", "old Domino",
              faults=(*always("EXAMINE", drop(b"UIDNEXT")),
                      *always("STATUS", instead(b"TAG BAD no STATUS here"))),
              reports=named(1, 2, 3, 4), story=one_more_later),
    Behaviour("UIDNEXT 1000 once", UIDNEXT, "EXAMINE, first: too high", "servers.md S5",
              faults=once("EXAMINE", says_uidnext(1000)), reports=named(1, 2, 3, 4),
              story=one_more_later),
    Behaviour("UIDNEXT 2^32 - 1 once", UIDNEXT, "EXAMINE, first: the highest", "servers.md S5",
              faults=once("EXAMINE", says_uidnext(FOUR_BILLION)), reports=named(1, 2, 3, 4),
              story=one_more_later),
    Behaviour("UIDNEXT 1 once", UIDNEXT, "EXAMINE, second: too low", "servers.md S5",
              faults=once("EXAMINE", says_uidnext(1), (2,)), reports=named(1, 2, 3, 4),
              story=one_more_later),

    Behaviour("UIDNEXT always a constant", LIES, "EXAMINE: always 1000", "a store without UIDs",
              faults=always("EXAMINE", says_uidnext(1000)), reports=named(1, 2, 3, 4),
              story=one_more_later),
    Behaviour("restored from a backup", LIES, "EXAMINE: goes back for good", "servers.md S5",
              reports={**named(1, 3), "Bulletin 2": "bulletin 2"}, words=("mailbox.gone_back",),
              story=goes_back),

    Behaviour("search over a limit", SEARCH_REFUSED, "SEARCH, first: LIMIT", "Yahoo: imapflow#75",
              faults=once("SEARCH", instead(b"TAG NO [LIMIT] SEARCH Rate limit hit.")),
              words=("part.failed",)),
    Behaviour("search refused by BAD", SEARCH_REFUSED, "SEARCH, first: BAD", "Exchange",
              faults=once("SEARCH", instead(b"TAG BAD Command Argument Error. 11")),
              words=("part.failed",)),
    Behaviour("search refused for good", SEARCH_REFUSED, "SEARCH: always NO", "a broken index",
              faults=always("SEARCH", instead(b"TAG NO [SERVERBUG] index is broken")), reports={},
              exit=75, words=("index is broken",)),
    Behaviour("closed in the search", SEARCH_REFUSED, "SEARCH, first: cut", "any",
              faults=once("SEARCH", cut(12)), words=("part.failed",)),

    Behaviour("ESEARCH without UID", FORMS, "SEARCH: no UID", "Purelymail: libredesk#282",
              Dialect(esearch=b"* ESEARCH (TAG \"TAG\") ALL {set}"), never=("part.failed",)),
    Behaviour("ESEARCH with more behind ALL", FORMS, "SEARCH: items behind ALL", "cyrus-imapd#1720",
              Dialect(esearch=b"* ESEARCH (TAG \"TAG\") UID MIN 1 MAX 3 ALL {set} COUNT 3"),
              never=("part.failed",)),
    Behaviour("ESEARCH for another tag", FORMS, "SEARCH: another tag", "cyrus-imapd#1725",
              Dialect(esearch=b"* ESEARCH (TAG \"A99\") UID ALL {set}"), never=("part.failed",)),
    Behaviour("ESEARCH answered by SEARCH", FORMS, "SEARCH: SEARCH", "proxies",
              faults=always("SEARCH", rewrite(rb"^\* ESEARCH.*ALL 1:3$", b"* SEARCH 1 2 3")),
              never=("part.failed",)),
    Behaviour("ESEARCH that none fit, without UID", FORMS, "SEARCH: no UID, no ALL",
              "RFC 4731", Dialect(esearch_none=b"* ESEARCH (TAG \"TAG\")"), box=list,
              never=("part.failed",)),

    Behaviour("a SEARCH line for each UID", MORE_FORMS, "SEARCH: many lines", "davmail#35", PLAIN,
              always("SEARCH", lambda reply, session: [
                  b"* SEARCH " + uid for uid in reply[0].split()[2:]] + reply[1:]),
              never=("part.failed",)),
    Behaviour("a modification sequence behind", MORE_FORMS, "SEARCH: MODSEQ", "RFC 7162: Gmail", PLAIN,
              always("SEARCH", rewrite(rb"^(\* SEARCH.*)$", rb"\1 (MODSEQ 917162500)")),
              never=("part.failed",)),
    Behaviour("blanks behind the numbers", MORE_FORMS, "SEARCH: trailing blanks", "Courier", PLAIN,
              always("SEARCH", rewrite(rb"^(\* SEARCH.*)$", rb"\1  ")), never=("part.failed",)),
    Behaviour("UIDs in falling order", MORE_FORMS, "SEARCH: another order", "RFC 3501 has no order",
              PLAIN, always("SEARCH", rewrite(rb"SEARCH 1 2 3", b"SEARCH 3 1 2")),
              never=("part.failed",)),
    Behaviour("UIDs twice", MORE_FORMS, "SEARCH: doubled", "a damaged index", PLAIN,
              always("SEARCH", rewrite(rb"SEARCH 1 2 3", b"SEARCH 1 2 2 3 3 1")),
              never=("part.failed",)),

    Behaviour("OK alone for a search", UNTRUE, "SEARCH, first: no line", "Exchange under load",
              faults=once("SEARCH", instead(DONE), (1, 2)), never=("part.failed",)),
    Behaviour("one empty SEARCH", UNTRUE, "SEARCH, first: empty", "servers.md S4",
              dialect=PLAIN, faults=once("SEARCH", instead(b"* SEARCH", DONE))),
    Behaviour("one empty SEARCH SINCE", UNTRUE, "SEARCH, second: empty", "servers.md S4",
              dialect=PLAIN, faults=once("SEARCH", instead(b"* SEARCH", DONE), (2,))),
    Behaviour("one empty ESEARCH", UNTRUE, "SEARCH, first: empty ESEARCH", "servers.md S4",
              faults=once("SEARCH", instead(b"* ESEARCH (TAG \"TAG\") UID", DONE))),
    Behaviour("SEARCH SINCE knows no date", UNTRUE, "SEARCH: SINCE finds nothing, ever",
              "a store without an index of dates", dialect=PLAIN,
              faults=always("SEARCH", lambda reply, session: [b"* SEARCH", DONE]
                            if b"SINCE" in session.line else reply)),

    Behaviour("OK alone where none is found", SILENT, "SEARCH: no line for none, one gone",
              "davmail#35", PLAIN, (
                  *always("SEARCH", lambda reply, session: [
                      line for line in reply if line != b"* SEARCH"
                      and not session.line.endswith(b" 2:2") or line == DONE]),
                  *always("FETCH BODY", drop(b"UID 2 ")),
                  *always("FETCH UID", lambda reply, session: [
                      line for line in reply if b"UID 2)" not in line])),
              reports=named(1, 3), never=("part.failed",)),
    Behaviour("OK alone for each search", SILENT, "SEARCH: never a line", "a gateway without SEARCH",
              faults=always("SEARCH", instead(DONE)), never=("part.failed",)),
    Behaviour("OK alone for search and FETCH", SILENT, "SEARCH, FETCH of UIDs: never a line",
              "a store that is away", reports={}, exit=75, words=("part.failed",),
              faults=(*always("SEARCH", instead(DONE)), *always("FETCH UID", instead(DONE)))),

    Behaviour("words for numbers", BROKEN, "SEARCH, first: not numbers", "a broken index", PLAIN,
              once("SEARCH", instead(b"* SEARCH 1 two 3", DONE)), words=()),
    Behaviour("counts three, gives none", BROKEN, "SEARCH, first: COUNT alone", "a broken index",
              faults=once("SEARCH", instead(b"* ESEARCH (TAG \"TAG\") UID COUNT 3", DONE))),
    Behaviour("more UIDs than mails", BROKEN, "SEARCH, first: UIDs of nobody", "hostile", PLAIN,
              once("SEARCH", instead(b"* SEARCH " + b" ".join(b"%d" % n for n in range(1, 9999, 2)),
                                     DONE))),
    Behaviour("a search without end", BROKEN, "SEARCH, first: flood", "servers.md S11", PLAIN,
              once("SEARCH", flood(b"* SEARCH 1 2 3\r\n")), words=("over 33554432 bytes",)),
    Behaviour("one line without end", BROKEN, "SEARCH, first: a flood of numbers", "servers.md S11",
              PLAIN, once("SEARCH", flood(b"4294967295 1 7 "))),
]
