# SPDX-License-Identifier: Apache-2.0
"""Servers that work, each in its own way."""
from servers import imap_dialects as dialects
from servers.imap_script import Dialect, instead

from .row import Behaviour, always

WITH, WITHOUT, SIGN_IN = ("a dialect with ESEARCH", "a dialect without ESEARCH",
                          "a dialect with a sign-in of its own")

ROWS = [
    Behaviour("Gmail", WITH, "whole session", "its public capabilities", dialects.GMAIL,
              heard=("AUTHENTICATE", "ID", "EXAMINE")),
    Behaviour("Dovecot 2.3", WITH, "whole session, plainest", "its source"),
    Behaviour("Dovecot 2.4", WITH, "whole session, IMAP4rev2", "RFC 9051", dialects.DOVECOT_24),
    Behaviour("Cyrus", WITH, "whole session, many codes in EXAMINE", "its source", dialects.CYRUS),
    Behaviour("Zimbra", WITH, "whole session, flags in each FETCH", "imapsync#426", dialects.ZIMBRA),
    Behaviour("Exchange Online", WITHOUT, "whole session, UID last in FETCH", "MailKit#1494",
              dialects.EXCHANGE_ONLINE),
    Behaviour("Yahoo", WITHOUT, "whole session", "MailKit#358; its public capabilities",
              dialects.YAHOO),
    Behaviour("Courier", WITHOUT, "EXAMINE without UIDNEXT, STATUS has it", "its source",
              dialects.COURIER),
    Behaviour("hMailServer", WITHOUT, "CAPABILITY only when asked for", "hmailserver#81",
              dialects.HMAILSERVER),
    Behaviour("Domino", WITHOUT, "FETCH: sizes, dates and literals are off", "MailKit#1236, #954",
              dialects.DOMINO),
    Behaviour("Coremail", SIGN_IN, "AUTHENTICATE refused by BAD, ID before EXAMINE",
              "163, 126, 188: roundcube#9414, himalaya#729", dialects.COREMAIL,
              always("AUTHENTICATE", instead(b"TAG BAD Request not ending with \\r\\n")),
              heard=("LOGIN", "ID", "EXAMINE")),
    Behaviour("Exchange 2010", SIGN_IN, "AUTHENTICATE without SASL-IR", "RFC 4959; MailKit#849",
              Dialect(capabilities="IMAP4 IMAP4rev1 AUTH=PLAIN IDLE", signed_in="IMAP4 IMAP4rev1")),
    Behaviour("UW-IMAP", SIGN_IN, "LOGIN alone, no capabilities told", "its source",
              Dialect(capabilities="IMAP4REV1 LOGIN-REFERRALS", signed_in="IMAP4REV1",
                      tells_capabilities=False), heard=("LOGIN", "EXAMINE")),
]
