# SPDX-License-Identifier: Apache-2.0
"""FETCH of sizes and dates, flags, and what nobody asked for."""
import time

from servers.imap_script import DONE, Dialect, before, cut, drop_lines, instead, of_uid, up_to

from .row import Behaviour, always, named, once

SIZE, DATE, REFUSED, FLAGS, UNASKED = ("an odd RFC822.SIZE", "an odd INTERNALDATE",
                                       "no answer to FETCH of sizes", "odd keywords in FLAGS",
                                       "an answer that nobody asked for")
BLANKS = "more blanks than belong there"


def size_of_two(text):
    return Dialect(size=lambda mail: text if mail.uid == 2 else str(len(mail.raw)))


def date(text):
    return Dialect(date=lambda mail: text)


def keywords(flags):
    return (*once("FETCH INFO", before(b"* 1 FETCH (FLAGS (\\Seen %s))" % flags)),
            *once("FETCH BODY", before(b"* 1 FETCH (FLAGS (\\Seen %s))" % flags)))


def in_flags(name, seen, flags):
    return Behaviour(name, FLAGS, f"FETCH, unasked: {name}", seen, faults=keywords(flags),
                     never=("part.failed",))


def doubled_blanks(reply, session):
    """In the lines themselves, not in their literals; a tag stays one."""
    def line_of(line):
        head, end, rest = line.partition(b"\r\n")
        return head.replace(b" ", b"  ").replace(b'  +0000"', b' +0000"') + end + rest
    return [line_of(line) for line in reply]


def is_line_of(uid):
    return lambda line: b"UID %d " % uid in line


ROWS = [
    Behaviour("a size as a float", SIZE, "FETCH of sizes: 9.3736e+06", "mail.ru: MailKit#1838",
              size_of_two("9.3736e+06"), never=("part.failed",)),
    Behaviour("a size below zero", SIZE, "FETCH of sizes: 2^31 too far", "32-bit servers",
              size_of_two("-2147483548"), never=("part.failed",)),
    Behaviour("a size of NIL", SIZE, "FETCH of sizes: NIL", "Domino", size_of_two("NIL"),
              never=("part.failed",)),
    Behaviour("a size of 0", SIZE, "FETCH of sizes: 0", "a cache that is not filled",
              size_of_two("0"), never=("part.failed",)),
    Behaviour("a size far too large", SIZE, "FETCH of sizes: 2^40", "servers.md S11",
              size_of_two("1099511627776"),
              reports={**named(1, 3), "Bulletin 2": None}),

    Behaviour("a date of zeros", DATE, "FETCH of sizes: 00-Jan-0000", "Domino: MailKit#1236",
              date('"00-Jan-0000 00:00:00 +0000"'), never=("part.failed",)),
    Behaviour("a date as in a header", DATE, "FETCH of sizes: RFC 2822", "asimap#458",
              date('"Mon, 09 Feb 2026 10:00:00 +0000"'), never=("part.failed",)),
    Behaviour("a date of NIL", DATE, "FETCH of sizes: NIL", "imap2maildir#26", date("NIL"),
              never=("part.failed",)),
    Behaviour("a day of one digit", DATE, "FETCH of sizes: 9-Nov", "imap2maildir#28",
              Dialect(date=lambda mail: '"%s"' % time.strftime("%e-%b-%Y %H:%M:%S +0000", time.gmtime(
                  time.time() - 7200)).strip()), never=("part.failed",)),

    Behaviour("sizes refused", REFUSED, "FETCH of sizes, first: NO", "Yahoo: imap-backup#218",
              faults=once("FETCH INFO", instead(b"TAG NO UID FETCH Server error - Please try again "
                                                b"later")), words=("part.failed",)),
    Behaviour("OK alone for sizes", REFUSED, "FETCH of sizes: OK alone", "a cache that is away",
              faults=always("FETCH INFO", instead(DONE)), never=("part.failed",)),
    Behaviour("a size that ends the session", REFUSED, "FETCH of sizes of UID 2: closed",
              "ingest.md I9", faults=always("FETCH INFO", of_uid(2, cut())), within_s=180,
              words=("part.failed",)),
    Behaviour("sizes refused for one", REFUSED, "FETCH of sizes of UID 2: NO", "ingest.md I16",
              faults=always("FETCH INFO", of_uid(2, up_to(is_line_of(2), b"TAG NO cannot be read"))),
              within_s=180),
    Behaviour("one left out and gone", REFUSED, "FETCH: no line, and expunged", "any",
              faults=(*always("FETCH INFO", drop_lines(is_line_of(2))),
                      *always("FETCH BODY", drop_lines(is_line_of(2))),
                      *always("SEARCH", lambda reply, session: [
                          b"* ESEARCH (TAG \"TAG\") UID", DONE] if session.line.endswith(b"UID 2:2")
                          else reply)), reports=named(1, 3)),

    in_flags("a keyword with (", "libetpan#438", b"todo(high"),
    in_flags("a keyword with a quotation mark", "greenmail#998", b'ab"cd'),
    in_flags("a keyword like a literal", "modoboa#4207", b"a{1}b"),
    in_flags("a keyword with [", "net-imap#241", b"[Junk"),
    in_flags("keywords of Gmail", "net-imap#241; himalaya#641",
             b"OIB-Seen-[Gmail]/Trash foo]bar OIB-Seen-OIB/Social Networking Caf\xc3\xa9"),

    Behaviour("news in the middle", UNASKED, "FETCH: EXISTS, RECENT, EXPUNGE", "RFC 3501, 5.2",
              faults=once("FETCH BODY", before(b"* 4 EXISTS", b"* 1 RECENT", b"* 4 EXPUNGE")),
              never=("part.failed",)),
    Behaviour("an unknown answer with a literal", UNASKED, "FETCH: a forged OK in a literal",
              "RFC 3501, 2.2.2", faults=always("FETCH BODY", before(
                  b"* XNEWS {14}\r\nTAG OK forged\r\n (a b)")), never=("part.failed",)),
    Behaviour("a plus between", UNASKED, "FETCH: + working", "servers that say they are busy",
              faults=always("FETCH BODY", before(b"+ working")), never=("part.failed",)),
    Behaviour("mails that nobody asked for", UNASKED, "FETCH: another UID's body", "old Domino",
              faults=always("FETCH BODY", before(b"* 9 FETCH (UID 99 BODY[] {3}\r\nabc)")),
              never=("part.failed",)),
    Behaviour("blank lines and remarks between", UNASKED, "FETCH: blank lines, OK", "InterMail",
              faults=always("FETCH BODY", lambda reply, session: [
                  b"", reply[0], b"* OK still here", b"", *reply[1:]]), never=("part.failed",)),

    Behaviour("two blanks for one", BLANKS, "EXAMINE, FETCH: all blanks doubled", "any",
              faults=tuple(fault for command in ("EXAMINE", "FETCH INFO", "FETCH BODY")
                           for fault in always(command, doubled_blanks)), never=("part.failed",)),
]
