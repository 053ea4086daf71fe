# SPDX-License-Identifier: Apache-2.0
"""Sessions that the daemon keeps, numbers that change, clocks that are wrong."""
import dataclasses
import time

from servers import imap_dialects as dialects
from servers.imap_script import Dialect, instead, late, reset

from .row import Behaviour, always, bulletin, bulletins, named, once

KEPT, NUMBERS, CLOCK = "a session that is kept", "other numbers", "a clock that is wrong"
DAY_S = 86400
HIGHEST = 4294967295


def and_one_more(stage):
    """The daemon has all; then one more comes."""
    run = stage.start()
    stage.until_reports(run, len(stage.box))
    stage.box.append(bulletin(stage.box[-1].uid + 1))
    stage.until_reports(run, len(stage.box))
    return stage.stop(run)


def one_goes_and_one_comes(stage):
    run = stage.start()
    stage.until_reports(run, 3)
    del stage.box[0]
    stage.box.append(bulletin(4))
    stage.until_reports(run, 4)
    return stage.stop(run)


def renumber(stage, uidvalidity, extra):
    """A new folder of the same name, in which the same mails have other UIDs."""
    stage.server.dialect = dataclasses.replace(stage.server.dialect, uidvalidity=uidvalidity)
    mails = [*stage.box, *extra]
    stage.box[:] = [dataclasses.replace(mail, uid=100 + n) for n, mail in enumerate(mails)]


def renumbered(stage):
    """What came into the folder meanwhile was received five minutes before the last run."""
    run = stage.start()
    stage.until_reports(run, 3)
    stage.until(run, "work.accounted")
    renumber(stage, 8, [bulletin(4, when=int(time.time()) - 300)])
    stage.until_reports(run, 4)
    stage.until(run, "run.nothing_new")
    return stage.stop(run)


def renumbered_while_away(stage):
    stage.once()
    renumber(stage, 2 ** 40 + 3, [bulletin(4, when=int(time.time()) - 300)])
    return stage.once()


def other_at_each_look(stage):
    """No number is worth anything; what was imported is not imported again."""
    numbers = iter(range(8, 10 ** 6))

    def change(reply, session):
        value = b"UIDVALIDITY %d" % next(numbers)
        return [line.replace(b"UIDVALIDITY 7", value) for line in reply]

    stage.once()
    stage.server.faults += always("EXAMINE", change)
    run = stage.start()
    stage.until(run, "part.failed")
    return stage.stop(run)


def at(offset_s):
    """A first start with a platform whose clock is right: ours is wrong by so much."""
    def story(stage):
        stage.later(offset_s)
        return stage.once()
    return story


def of_then(offset_s):
    return lambda: [bulletin(uid, when=int(time.time()) + offset_s - 7200 + uid)
                    for uid in (1, 2, 3)]


def up_to_highest():
    return [dataclasses.replace(bulletin(uid), uid=real)
            for uid, real in ((1, 5), (2, HIGHEST - 1), (3, HIGHEST))]


ROWS = [
    Behaviour("NOOP never tells", KEPT, "NOOP: never EXISTS", "S22.Imap#31; MailKit#762",
              Dialect(noop_tells=False), reports=named(1, 2, 3, 4), story=and_one_more),
    Behaviour("NOOP tells", KEPT, "NOOP: EXISTS", "RFC 3501, 7.3.1", reports=named(1, 2, 3, 4),
              story=and_one_more, never=("part.failed",)),
    Behaviour("signed out while idle", KEPT, "NOOP: BYE", "Yandex: MailKit#938",
              faults=once("NOOP", instead(b"* BYE Autologout; idle for too long")),
              reports=named(1, 2, 3, 4), story=and_one_more),
    Behaviour("gone while idle", KEPT, "NOOP: reset", "a firewall", faults=once("NOOP", reset),
              reports=named(1, 2, 3, 4), story=and_one_more),
    Behaviour("one goes and one comes", KEPT, "NOOP: as many as before", "any",
              reports=named(1, 2, 3, 4), story=one_goes_and_one_comes),

    Behaviour("a new numbering", NUMBERS, "EXAMINE: UIDVALIDITY changes under the daemon",
              "paperless-ngx#8944; OfflineIMAP#633", reports=named(1, 2, 3, 4),
              words=("mailbox.renumbered",), story=renumbered),
    Behaviour("a new numbering of 41 bits", NUMBERS, "EXAMINE: UIDVALIDITY changes between runs",
              "ProtonMail Bridge: OfflineIMAP#633", reports=named(1, 2, 3, 4),
              words=("mailbox.renumbered",), story=renumbered_while_away),
    Behaviour("another numbering at each look", NUMBERS, "EXAMINE: UIDVALIDITY is never the same",
              "cases/24", words=("part.failed",), never=("mailbox.renumbered",),
              story=other_at_each_look),
    Behaviour("the highest UIDs there are", NUMBERS, "SEARCH, FETCH: 2^32 - 1", "RFC 3501, 2.3.1.1",
              box=up_to_highest, reports=named(1, 2, 3)),
    Behaviour("ten thousand UIDs apart", NUMBERS, "SEARCH: gaps", "old mailboxes",
              dialects.EXCHANGE_ONLINE, reports=named(1, 2, 3),
              box=lambda: [dataclasses.replace(mail, uid=mail.uid * 10007)
                           for mail in bulletins()]),

    Behaviour("a clock 40 days ahead", CLOCK, "first start", "servers.md S15", reports=named(1, 2, 3),
              box=of_then(-40 * DAY_S), words=("platform.clock_off",), story=at(-40 * DAY_S)),
    Behaviour("a clock 40 days behind", CLOCK, "first start, behind", "a machine without a battery",
              reports=named(1, 2, 3), box=of_then(40 * DAY_S),
              words=("platform.clock_off", '"ahead_s":-'), story=at(40 * DAY_S)),
    Behaviour("a server of another day", CLOCK, "INTERNALDATE: 26 hours ahead",
              "time zones of mail servers", reports=named(1, 2, 3), box=of_then(26 * 3600)),
    Behaviour("slow at everything", CLOCK, "each command: 1 s late", "satellite links", faults=tuple(
        fault for command in ("greeting", "AUTHENTICATE", "EXAMINE", "SEARCH", "FETCH INFO",
                              "FETCH BODY") for fault in always(command, late(1))),
              never=("part.failed",)),
]
