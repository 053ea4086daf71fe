# SPDX-License-Identifier: Apache-2.0
"""Mails that a server has and does not hand out: header first, content later."""
import calendar
import dataclasses
import time

from servers.imap_script import cut, instead, of_uid, rewrite, up_to, where

from .row import Behaviour, always, bulletin, bulletins, headed, named

HEADER, NOTHING, LATER, WHOSE = ("a mail withheld, its header given", "a mail and its header withheld",
                                 "what becomes of a mail that was withheld",
                                 "whose trouble it is")
SEVERAL = "a FETCH of several, all of it refused for some of them"
HOUR_S = 3600
GIVES_UP = 75
ASIDE = ("mail.set_aside",)
REPAIRED = ("mail.set_aside", "mail.repaired")


def is_line_of(uid):
    return lambda line: b"UID %d " % uid in line


def refuse(uid, line):
    """What stands before it comes, then the refusal."""
    return of_uid(uid, up_to(is_line_of(uid), line))


def without_bytes(uid, what):
    return rewrite(rb"(UID %d BODY\[[A-Z]*\](<0>)?) .*\)$" % uid, rb"\1 " + what + b")")


def refuse_whole(wanted):
    """A FETCH that asks for one of them gives nothing at all."""
    return where(wanted, instead(b"TAG NO cannot"))


def body(change):
    return always("FETCH BODY", change)


def all_of(change):
    return (*always("FETCH BODY", change), *always("FETCH HEADER", change))


NO = b"TAG NO [SERVERBUG] Internal error occurred."


# ---- stories ------------------------------------------------------------------

def repaired(stage):
    """By another process, later, when the server hands it out: the same report gets its content."""
    stage.once()
    header = stage.reports()["Bulletin 2"]
    assert not header["content"], header["content"]
    stage.heal()
    stage.later(HOUR_S)
    run = stage.once()
    after = stage.reports()["Bulletin 2"]
    assert after["standard_id"] == header["standard_id"], "another report"
    return run


def comes_later(stage):
    """There was no header either, and so no report."""
    stage.once()
    assert sorted(stage.reports()) == ["Bulletin 1", "Bulletin 3"], sorted(stage.reports())
    stage.heal()
    stage.later(HOUR_S)
    return stage.once()


def in_another_life(stage):
    """Refused again by a run of an hour later, it is set aside, and comes when it is handed out."""
    first = stage.once()
    assert first.process.returncode == GIVES_UP, first.process.returncode
    stage.later(HOUR_S + 60)
    again = stage.once()
    assert again.process.returncode == 0, again.process.returncode
    stage.heal()
    stage.later(3 * HOUR_S)
    return stage.once()


def in_one_life(stage):
    """The daemon repairs it while others come."""
    run = stage.start()
    stage.until(run, "mail.set_aside")
    stage.until_reports(run, 3)
    stage.heal()
    stage.later(HOUR_S)
    stage.until(run, "mail.repaired")
    stage.until_true(run, lambda: stage.reports()["Bulletin 2"]["content"], "its content")
    return stage.stop(run)


def killed_behind_its_header(stage):
    run = stage.start()
    stage.until(run, "mail.set_aside")
    stage.until_reports(run, 3)
    stage.until_state(run, "aside")
    run.kill()
    stage.heal()
    stage.later(HOUR_S)
    stage.once()  # what was on its way is asked for first
    stage.later(3 * HOUR_S)
    return stage.once()


def edited(stage):
    """What an analyst has written stays."""
    stage.once()
    report = stage.reports()["Bulletin 2"]
    stage.platform.edit_report(report["standard_id"], content="<p>an analyst's words</p>")
    stage.heal()
    stage.later(HOUR_S)
    return stage.once()


def expunged(stage):
    stage.once()
    del stage.box[1]
    stage.heal()
    stage.later(HOUR_S)
    return stage.once()


def undated(stage):
    """Mails without a Date have the server's, with their header alone and whole."""
    stage.once()
    header = stage.reports()["Bulletin 2"]
    stage.heal()
    stage.later(HOUR_S)
    run = stage.once()
    after = stage.reports()["Bulletin 2"]
    when = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(received_s(stage.box[1])))
    for report in (header, after):
        assert report["published"].startswith(when), (report["published"], when)
    assert after["standard_id"] == header["standard_id"], "another report"
    return run


def never_comes(stage):
    """A week and twenty tries later it is a report of facts."""
    run = stage.start()
    stage.until(run, "mail.set_aside")
    hours = 1
    while run.err.count("mail.withheld") < 2:
        before = stage.n_asked(3)
        hours += 13
        stage.later(hours * HOUR_S)
        stage.until_true(run, lambda: stage.n_asked(3) > before
                         or run.err.count("mail.withheld") == 2, f"another try after {hours} h")
        assert hours < 40 * 24, "no end"
    assert hours >= 7 * 24, hours
    stage.until_true(run, lambda: len(stage.platform.reports()) == 4, "reports of facts")
    return stage.stop(run)


def dateless(uid):
    mail = bulletin(uid)
    head, _, body = mail.raw.partition(b"\r\n\r\n")
    lines = [line for line in head.split(b"\r\n") if not line.startswith(b"Date:")]
    return dataclasses.replace(mail, raw=b"\r\n".join(lines) + b"\r\n\r\n" + body)


def received_s(mail):
    return calendar.timegm(time.strptime(mail.received, "%d-%b-%Y %H:%M:%S +0000"))


def of_one_second(*uids):
    when = bulletin(1)
    return [dataclasses.replace(bulletin(uid), received=when.received) for uid in uids]


def waits(stage):
    """Nobody's mail comes: the run waits, and nothing is set aside."""
    run = stage.start()
    stage.until_true(run, lambda: stage.n_asked(1) > 2, "some tries")
    assert not stage.reports(), stage.reports().keys()
    stage.heal()
    stage.until_reports(run, len(stage.box))
    return stage.stop(run)


def withheld(name, seen, change, **more):
    more.setdefault("faults", body(change))
    return Behaviour(name, HEADER, f"FETCH of UID 2: {name}", seen, within_s=180, words=REPAIRED,
                     story=repaired, **more)


def nothing(name, seen, change):
    return Behaviour(name, NOTHING, f"FETCH of UID 2, header as well: {name}", seen, within_s=180,
                     faults=all_of(change), words=ASIDE, story=comes_later)


ROWS = [
    withheld("refused by NO", "Dovecot with a damaged file: servers.md S2", refuse(2, NO)),
    withheld("refused by BAD", "Exchange: a mail that cannot be converted",
             refuse(2, b"TAG BAD Command Error. 12")),
    withheld("always NIL", "Dovecot with a missing file", without_bytes(2, b"NIL")),
    withheld("always an empty literal", "servers.md S19", without_bytes(2, b"{0}\r\n")),
    withheld("ends the session each time", "Exchange: MailKit#849", of_uid(2, cut())),

    nothing("all of it refused", "Dovecot with a damaged file", refuse(2, NO)),
    nothing("all of it NIL", "Dovecot with a missing file", without_bytes(2, b"NIL")),
    nothing("all of it empty", "servers.md S19", without_bytes(2, b"{0}\r\n")),
    nothing("ends the session for its header, too", "a crashing parser", of_uid(2, cut())),

    Behaviour("repaired in one life", LATER, "FETCH of UID 2: refused, then given", "servers.md S2",
              faults=body(refuse(2, NO)), words=REPAIRED, story=in_one_life, within_s=180),
    Behaviour("killed behind its header", LATER, "FETCH of UID 2: refused; kill -9", "servers.md S2",
              faults=body(refuse(2, NO)), words=REPAIRED, story=killed_behind_its_header,
              within_s=180),
    Behaviour("edited meanwhile", LATER, "FETCH of UID 2: refused; an analyst writes",
              "docs/decisions.md", faults=body(refuse(2, NO)), words=ASIDE, story=edited, within_s=180,
              reports={**named(1, 3), "Bulletin 2": "an analyst's words"}),
    Behaviour("expunged meanwhile", LATER, "FETCH of UID 2: refused; then gone", "any",
              faults=body(refuse(2, NO)), words=ASIDE, story=expunged, within_s=180,
              reports={**named(1, 3), **headed(2)}),
    Behaviour("two never handed out", LATER, "FETCH of UID 2 and 3: refused for a month",
              "servers.md S2; ingest.md I5", faults=(*all_of(refuse(2, NO)), *all_of(refuse(3, NO))),
              box=lambda: of_one_second(1, 2, 3, 4), words=("mail.set_aside", "mail.withheld"),
              story=never_comes, within_s=300, reports=named(1, 4), facts=2),

    Behaviour("withheld, and without a date", "a date that only the server knows",
              "FETCH of UID 2: refused, no Date in its header", "ingest.md I5",
              box=lambda: [bulletin(1), dateless(2), bulletin(3)], faults=body(refuse(2, NO)),
              words=REPAIRED, story=undated, within_s=180),

    Behaviour("refused for all, for a while", WHOSE, "FETCH: NO for all", "servers.md S2",
              faults=all_of(instead(b"TAG NO [UNAVAILABLE] Service temporarily unavailable")),
              box=lambda: bulletins(8), never=("mail.set_aside", "mail.fallback"), story=waits,
              within_s=180),
    Behaviour("one of two hundred", WHOSE, "FETCH of UID 117: NO", "ingest.md I4",
              faults=body(refuse(117, NO)), box=lambda: bulletins(200), words=ASIDE,
              reports={**named(*range(1, 117), *range(118, 201)), **headed(117)}, within_s=180),
    Behaviour("a folder's only mail", WHOSE, "FETCH of the only mail: NO", "servers.md S1",
              faults=body(refuse(1, NO)), box=lambda: bulletins(1), exit=GIVES_UP,
              reports={}, words=("part.failed",), never=ASIDE, within_s=180),
    Behaviour("a folder's only mail, an hour later", WHOSE, "FETCH of the only mail: NO, in two runs",
              "servers.md S1", faults=body(refuse(1, NO)), box=lambda: bulletins(1),
              reports=named(1), words=REPAIRED, story=in_another_life, within_s=180),
    Behaviour("the first and the last", WHOSE, "FETCH of UID 1 and 6: NO", "ingest.md I14",
              faults=(*body(refuse(1, NO)), *body(refuse(6, NO))), box=lambda: bulletins(6),
              words=ASIDE, reports={**named(2, 3, 4, 5), **headed(1, 6)}, within_s=180),

    Behaviour("two side by side", SEVERAL, "FETCH with UID 3 or 4: NO, nothing comes", "Exchange",
              faults=body(refuse_whole(lambda uid: uid in (3, 4))), box=lambda: bulletins(6),
              words=ASIDE, reports={**named(1, 2, 5, 6), **headed(3, 4)}),
    Behaviour("every other one", SEVERAL, "FETCH with an even UID: NO, nothing comes", "Exchange",
              faults=body(refuse_whole(lambda uid: uid % 2 == 0)), box=lambda: bulletins(12),
              words=ASIDE, reports={**named(*range(1, 12, 2)), **headed(*range(2, 13, 2))}),
]
