# SPDX-License-Identifier: Apache-2.0
"""How mail servers of the field talk, as their public capabilities, sources and reports show."""
from .imap_script import Dialect

COUNTS = (b"* {mails} EXISTS", b"* 0 RECENT", b"* OK [UIDVALIDITY {uidvalidity}] ok")
NEXT = b"* OK [UIDNEXT {uidnext}] ok"

GMAIL = Dialect(
    greeting=b"* OK Gimap ready for requests",
    capabilities="IMAP4rev1 UNSELECT IDLE NAMESPACE QUOTA ID XLIST CHILDREN X-GM-EXT-1 XYZZY "
    "SASL-IR AUTH=XOAUTH2 AUTH=PLAIN AUTH=PLAIN-CLIENTTOKEN AUTH=OAUTHBEARER",
    signed_in="IMAP4rev1 UNSELECT IDLE ID CHILDREN X-GM-EXT-1 UIDPLUS COMPRESS=DEFLATE ENABLE MOVE "
    "CONDSTORE ESEARCH UTF8=ACCEPT LITERAL-",
    examine=(b"* FLAGS (\\Answered \\Flagged $NotPhishing $Phishing)",
             b"* OK [PERMANENTFLAGS ()] Flags permitted.", *COUNTS, NEXT,
             b"* OK [HIGHESTMODSEQ 9876543]"))

EXCHANGE_ONLINE = Dialect(
    greeting=b"* OK The Microsoft Exchange IMAP4 service is ready. [QQBCAEMA]",
    capabilities="IMAP4 IMAP4rev1 AUTH=PLAIN AUTH=XOAUTH2 SASL-IR UIDPLUS ID UNSELECT CHILDREN "
    "IDLE NAMESPACE LITERAL+",
    signed_in="IMAP4 IMAP4rev1 AUTH=PLAIN AUTH=XOAUTH2 SASL-IR UIDPLUS MOVE ID UNSELECT CHILDREN "
    "IDLE NAMESPACE LITERAL+",
    examine=(*COUNTS[:2], b"* FLAGS (\\Seen $MDNSent)", b"* OK [UNSEEN 1] Is the first unseen",
             COUNTS[2], NEXT), uid_last=True, flags=b"\\Seen")

YAHOO = Dialect(
    greeting=b"* OK [CAPABILITY {capabilities}] IMAP4rev1 Hello",
    capabilities="IMAP4rev1 SASL-IR AUTH=PLAIN AUTH=XOAUTH2 AUTH=OAUTHBEARER ID MOVE NAMESPACE",
    signed_in="IMAP4rev1 ID MOVE NAMESPACE XYMHIGHESTMODSEQ UIDPLUS LITERAL+ CHILDREN UNSELECT "
    "OBJECTID",
    examine=(*COUNTS, NEXT, b"* OK [MAILBOXID (1)] Ok", b"* OK [HIGHESTMODSEQ 102784]"))

DOVECOT_24 = Dialect(
    capabilities="IMAP4rev1 IMAP4rev2 LOGIN-REFERRALS ID ENABLE IDLE AUTH=PLAIN",
    signed_in="IMAP4rev1 IMAP4rev2 ID ENABLE IDLE SORT CONDSTORE",
    examine=(b"* FLAGS (\\Seen)", COUNTS[0], COUNTS[2], NEXT, b'* LIST (\\Subscribed) "/" INBOX',
             b"* OK [NOMODSEQ] no"))

CYRUS = Dialect(
    signed_in="IMAP4rev1 LITERAL+ ID ENABLE ACL ANNOTATE-EXPERIMENT-1 ESEARCH CONDSTORE "
    "URLAUTH=BINARY",
    examine=(*COUNTS, b"* FLAGS (\\Seen)", b"* OK [PERMANENTFLAGS ()] Ok", NEXT,
             b"* OK [HIGHESTMODSEQ 4] Ok", b"* OK [URLMECH INTERNAL] Ok",
             b"* OK [ANNOTATIONS 65536] Ok"))

COURIER = Dialect(
    greeting=b"* OK [CAPABILITY {capabilities}] Courier-IMAP ready.",
    capabilities="IMAP4rev1 UIDPLUS CHILDREN NAMESPACE THREAD=REFERENCES SORT QUOTA IDLE",
    signed_in="IMAP4rev1 UIDPLUS CHILDREN NAMESPACE", uid_last=True,
    examine=(b"* FLAGS (\\Seen)", b"* OK [PERMANENTFLAGS ()] No permanent flags permitted",
             *COUNTS))

ZIMBRA = Dialect(
    signed_in="ACL BINARY CATENATE CHILDREN CONDSTORE ENABLE ESEARCH ESORT I18NLEVEL=1 ID IDLE "
    "IMAP4rev1 LIST-EXTENDED",
    flags=b"\\Seen $Forwarded",
    examine=(*COUNTS, b"* OK [UIDNEXT {uidnext}] next expected UID is {uidnext}",
             b"* OK [HIGHESTMODSEQ 4]"))

HMAILSERVER = Dialect(
    greeting=b"* OK IMAPrev1", capabilities="IMAP4 IMAP4rev1 CHILDREN IDLE QUOTA SORT ACL",
    signed_in="IMAP4 IMAP4rev1 CHILDREN IDLE QUOTA SORT ACL NAMESPACE RIGHTS=texk",
    tells_capabilities=False)

# It counts a mail's line ends as it stores them, and knows no date of what was moved there.
DOMINO = Dialect(
    capabilities="IMAP4rev1 LITERAL+ NAMESPACE QUOTA UIDPLUS", signed_in="IMAP4rev1 LITERAL+",
    size=lambda mail: str(len(mail.raw) + 100), date=lambda mail: '"00-Jan-0000 00:00:00 +0000"',
    body=lambda raw: b"{%d}\r\n%s" % (len(raw) - 2, raw))

COREMAIL = Dialect(
    greeting=b"* OK Coremail System IMap Server Ready",
    capabilities="IMAP4rev1 XLIST SPECIAL-USE ID LITERAL+ UIDPLUS SASL-IR AUTH=PLAIN",
    signed_in="IMAP4rev1 XLIST SPECIAL-USE ID LITERAL+ UIDPLUS", tells_capabilities=False,
    needs_id=True)
