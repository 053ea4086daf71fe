# SPDX-License-Identifier: Apache-2.0
"""The greeting, the sign-in, ID."""
from servers.imap_script import Dialect, before, cut, instead, reset, stall

from .row import Behaviour, always, once

CODES, WORDS, FINAL = ("a passing refusal of the sign-in by its code",
                       "a passing refusal of the sign-in by its words",
                       "a refusal of the sign-in that says that it is final")
OTHER_WAY, ECHO, LOST, GREETING, ID = ("PLAIN does not work, LOGIN does", "what we sent comes back",
                                       "no answer to the sign-in", "an odd greeting", "ID")

THROTTLE = b"Request is throttled. Suggested Backoff Time: 299910 milliseconds"
REFUSED = ("part.waits_for_person", "check user name")


def no(words, code=b""):
    return instead(b"TAG NO " + (b"[%s] " % code if code else b"") + words)


def both(change):
    return (*always("AUTHENTICATE", change), *always("LOGIN", change))


def waits_as_told(stage):
    run = stage.start()
    stage.until(run, "part.failed")
    delay_ms = run.events("part.failed")[0]["attributes"]["delay_ms"]
    assert delay_ms >= 299910, delay_ms
    return stage.stop(run)


def is_told_of(words):
    def story(stage):
        run = stage.start()
        stage.until(run, words)
        return stage.stop(run)
    return story


def passes(name, kind, seen, change):
    return Behaviour(name, kind, f"AUTHENTICATE, first: {name}", seen,
                     faults=once("AUTHENTICATE", change), words=("part.failed", "part.works_again"),
                     heard=("AUTHENTICATE", "AUTHENTICATE", "EXAMINE"))


def final(name, seen, change):
    return Behaviour(name, FINAL, f"AUTHENTICATE: {name}", seen, faults=both(change), reports={},
                     exit=77, words=REFUSED)


def echoes(name, seen, change, status=77):
    return Behaviour(name, ECHO, f"AUTHENTICATE: {name}", seen, faults=both(change), reports={},
                     exit=status, words=("***",))


ROWS = [
    passes("sign-in unavailable", CODES, "Dovecot, RFC 5530",
           no(b"Temporary authentication failure.", b"UNAVAILABLE")),
    passes("sign-in over quota", CODES, "Gmail: OfflineIMAP#666",
           no(b"Account exceeded command or bandwidth limits.", b"OVERQUOTA")),
    passes("sign-in in use", CODES, "RFC 5530", no(b"mailbox is locked", b"INUSE")),
    passes("sign-in over a limit", CODES, "Yahoo: imapflow#75", no(b"LOGIN Rate limit hit.", b"LIMIT")),
    passes("sign-in fails in the server", CODES, "Yahoo: MailKit#358",
           no(b"LOGIN Server error - Please try again later", b"SERVERBUG")),

    passes("Server Unavailable. 15", WORDS, "Exchange: imapfilter#146", no(b"Server Unavailable. 15")),
    passes("too many simultaneous connections", WORDS, "Gmail: home-assistant#155699",
           no(b"Too many simultaneous connections. (Failure)", b"ALERT")),
    passes("maximum number of connections", WORDS, "Dovecot: parsedmarc#179",
           no(b"Maximum number of connections from user+IP exceeded", b"ALERT")),
    passes("temporary failure, no code", WORDS, "mailcore2#587",
           no(b"Temporary authentication failure.")),
    Behaviour("sign-in throttled for minutes", WORDS, "AUTHENTICATE: a time is told",
              "Exchange: parsedmarc#179, imapsync#272", faults=both(no(THROTTLE)), reports={},
              words=("throttled",), story=waits_as_told),

    final("wrong password", "Dovecot, Yahoo, iCloud",
          no(b"Authentication failed.", b"AUTHENTICATIONFAILED")),
    final("no authorization", "RFC 5530", no(b"not for you", b"AUTHORIZATIONFAILED")),
    final("password expired", "RFC 5530", no(b"change it", b"EXPIRED")),
    final("application-specific password wanted", "Gmail: himalaya#58",
          no(b"Application-specific password required: https://support.example (Failure)", b"ALERT")),
    final("sign-in by the web wanted", "Gmail: S22.Imap#116",
          instead(b"* NO [WEBALERT https://x.example] Web login required.",
                  b"TAG NO [ALERT] Please log in via your web browser")),

    Behaviour("PLAIN refused by NO", OTHER_WAY, "AUTHENTICATE", "curl#8979; MailKit#849",
              faults=always("AUTHENTICATE", no(b"AUTHENTICATE failed.")),
              heard=("AUTHENTICATE", "LOGIN", "EXAMINE")),
    Behaviour("PLAIN refused by BAD", OTHER_WAY, "AUTHENTICATE: BAD", "curl#8984",
              faults=always("AUTHENTICATE", instead(b"TAG BAD command unknown")),
              # The second one without the password in the command.
              heard=("AUTHENTICATE", "AUTHENTICATE", "LOGIN", "EXAMINE")),
    Behaviour("both ways refused without a reason", OTHER_WAY, "AUTHENTICATE, LOGIN",
              "Exchange: MailKit#483", faults=both(no(b"AUTHENTICATE failed.")), reports={}, exit=75,
              words=("check user name", "part.failed")),

    echoes("refusal with our line", "a proxy that logs to its client",
           instead(b"TAG NO [AUTHENTICATIONFAILED] A1 AUTHENTICATE PLAIN "
                   b"AHUAaHVudGVyMi1zZWNyZXQ=")),
    echoes("refusal with a part of our line", "the same, cut",
           instead(b"TAG NO [AUTHENTICATIONFAILED] bad response AaHVudGVyMi1zZ...")),
    echoes("BYE with the password itself", "a debug build of a gateway",
           instead(b"* BYE user u used hunter2-secret"), 75),
    echoes("BAD with the password in quotes", "a parser's error message",
           instead(b'TAG BAD unexpected "hunter2-secret" in line'), 75),

    Behaviour("silence for the sign-in", LOST, "AUTHENTICATE: silence", "a dead back end",
              faults=once("AUTHENTICATE", stall()), words=("no answer in time",), within_s=180),
    Behaviour("hangs up at the sign-in", LOST, "AUTHENTICATE: closed", "a dead back end",
              faults=once("AUTHENTICATE", cut()), words=("part.failed",)),
    Behaviour("gone at the sign-in", LOST, "AUTHENTICATE: reset", "a firewall",
              faults=once("AUTHENTICATE", reset), words=("part.failed",)),
    Behaviour("half an OK", LOST, "AUTHENTICATE: cut in the answer", "a dying server",
              faults=once("AUTHENTICATE", cut(4)), words=("part.failed",)),

    Behaviour("BYE for a greeting", GREETING, "greeting: BYE", "Dovecot, Cyrus",
              faults=once("greeting", instead(b"* BYE Too many connections")),
              words=("Too many connections",)),
    Behaviour("half a greeting", GREETING, "greeting: cut", "a dying server",
              faults=once("greeting", cut(6)), words=("part.failed",)),
    Behaviour("HTTP for a greeting", GREETING, "greeting: not IMAP", "an ingress", reports={}, exit=78,
              faults=always("greeting", instead(b"HTTP/1.1 502 Bad Gateway")),
              words=("no IMAP server",)),
    Behaviour("a blank line before the greeting", GREETING, "greeting: blank line",
              "Exchange behind a load balancer", faults=always("greeting", before(b"", b" "))),
    Behaviour("signed in by the greeting", GREETING, "greeting: PREAUTH", "RFC 3501, 7.1.4",
              Dialect(greeting=b"* PREAUTH [CAPABILITY {capabilities}] ready"), heard=("EXAMINE",)),

    Behaviour("ID refused by BAD", ID, "ID: BAD", "proxies in front of Cyrus",
              faults=always("ID", instead(b"TAG BAD no"))),
    Behaviour("ID refused by NO", ID, "ID: NO", "RFC 2971",
              faults=always("ID", instead(b"TAG NO not now"))),
    Behaviour("ID ends the session once", ID, "ID: closed", "a proxy",
              faults=once("ID", cut()), words=("part.failed",)),
    Behaviour("ID answered at length", ID, "ID: literals", "RFC 2971", faults=always(
        "ID", before(b'* ID ("name" {7}\r\nDovecot "version" NIL "os" "a \\"b\\"")'))),
    Behaviour("no ID, and EXAMINE wants it", ID, "EXAMINE: Unsafe Login", "Coremail without ID listed",
              Dialect(signed_in="IMAP4rev1", needs_id=True), reports={}, exit=75,
              words=("Unsafe Login",)),
]
