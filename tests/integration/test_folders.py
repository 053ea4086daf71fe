# SPDX-License-Identifier: Apache-2.0
"""Several folders in one connector: each has its place, they take turns, they come and go."""
import os
import signal
import time

from .support import ConnectorTest, simple_mail

TURN_MAILS = 1000  # of one folder, where others wait


class Folders(ConnectorTest):
    def base_settings(self):
        return {**super().base_settings(), "EMAIL_INTEL_IMAP_PUSH": "off",
                "EMAIL_INTEL_IMAP_MAILBOX": "INBOX,Lists/*"}

    def folder(self, name):
        return self.dovecot.mailbox(self.user, name)

    def places(self):
        ours = self.platform.state(self.connector_id)["email_intel_imap"]
        return {key.split("/", 1)[1]: place for key, place in ours["mailboxes"].items()}

    def make(self, name):
        """As a mail program does it: a server need not look for folders behind its back."""
        self.dovecot.doveadm("mailbox", "create", "-u", self.user, name)
        return self.folder(name)

    def until_reports(self, run, names):
        run.until(lambda: set(names) <= set(self.platform.report_names()), f"{names}", 60)

    def deliver(self, folder, subject):
        self.folder(folder).deliver(simple_mail(subject, int(time.time())))

    def sent(self):
        """The reports' names, in the order in which they came to the queue."""
        reports = set(self.platform.report_names())
        return [name for message in self.platform.messages() for name in message["names"]
                if name in reports]


class Places(Folders):
    def test_each_folder_has_a_place_and_is_read_once(self):
        names = self.fill(3, "inbox")
        names += self.fill(2, "cert", mailbox=self.folder("Lists/CERT"))
        names += self.fill(1, "isac", mailbox=self.folder("Lists/L\u00f6segeld/ISAC"))
        self.fill(1, "other", mailbox=self.folder("Other"))
        run = self.once_ok()
        self.imported()
        self.assertEqual(self.platform.report_names(), sorted(names))
        places = self.places()
        self.assertEqual({name: place["cursor"] for name, place in places.items()},
                         {"INBOX": 3, "Lists/CERT": 2, "Lists/L\u00f6segeld/ISAC": 1})
        self.assertEqual([place.get("turn") for place in places.values()].count(True), 1)
        self.assertEqual(len(run.events("run.started")), 1)
        self.assertEqual(len(self.platform.works()), 1)
        count = len(self.platform.messages())
        self.once_ok()
        self.assertEqual(len(self.platform.messages()), count)
        self.assert_works_closed()

    def test_one_folder_and_several_find_each_others_places(self):
        first = self.fill(2, "first")
        self.once_ok(EMAIL_INTEL_IMAP_MAILBOX="INBOX")
        second = self.fill(2, "second", mailbox=self.folder("Lists/x"))
        self.once_ok()
        self.imported()
        self.assertEqual(self.platform.report_names(), first + second)
        count = len(self.platform.messages())
        run = self.once_ok(EMAIL_INTEL_IMAP_MAILBOX="INBOX")
        self.assertEqual(run.events("state.shared"), [])
        self.assertEqual(len(self.platform.messages()), count)
        self.assertIn("Lists/x", self.places())

    def test_special_uses_exclusions_and_a_name_with_a_comma(self):
        self.fill(1, "inbox")
        self.fill(1, "junk", mailbox=self.folder("Junk"))
        self.fill(1, "comma", mailbox=self.folder("Junk, old"))
        self.once_ok(EMAIL_INTEL_IMAP_MAILBOX="*,!Junk\\, old")
        self.once_ok(EMAIL_INTEL_IMAP_MAILBOX="INBOX,\\Junk")
        self.imported()
        self.assertEqual(self.platform.report_names(), ["inbox 0000", "junk 0000"])
        run = self.once_ok(EMAIL_INTEL_IMAP_MAILBOX="Junk, old")
        self.assertEqual(len(run.events("mailbox.folder_by_name")), 1, run.tail())
        self.imported()
        self.assertIn("comma 0000", self.platform.report_names())

    def test_a_copy_of_a_mail_is_not_sent_again(self):
        self.fill(2, "inbox")
        self.folder("Lists/x").add(simple_mail("list", int(time.time())))
        self.once_ok()
        self.imported()
        sent = self.sent()
        for entry in os.listdir(os.path.join(self.mailbox.path, "cur")):
            with open(os.path.join(self.mailbox.path, "cur", entry), "rb") as file:
                self.folder("Lists/x").deliver(file.read())
        self.once_ok()
        self.assertEqual(self.sent(), sent)
        self.assertEqual(self.places()["Lists/x"]["cursor"], 3)


class ComeAndGo(Folders):
    def test_a_folder_that_appears_is_read_and_one_that_vanishes_is_not_missed(self):
        self.fill(1, "inbox")
        run = self.start()
        self.until_reports(run, ["inbox 0000"])
        self.make("Lists/new")
        self.deliver("Lists/new", "new")
        self.until_reports(run, ["new"])
        self.dovecot.doveadm("mailbox", "delete", "-u", self.user, "Lists/new")
        run.until(lambda: run.events("mailbox.folder_gone"), "the folder's end")
        self.deliver("INBOX", "later")
        self.until_reports(run, ["later"])
        run.until(lambda: "gone" in self.places()["Lists/new"], "its end in the state")
        self.assert_stops(run)

    def test_a_renamed_folder_goes_on_where_it_stood(self):
        self.fill(3, "old", mailbox=self.folder("Lists/old"))
        self.deliver("INBOX", "inbox")
        self.once_ok()
        self.imported()
        count = len(self.sent())
        self.dovecot.doveadm("mailbox", "rename", "-u", self.user, "Lists/old", "Lists/renamed")
        self.deliver("Lists/renamed", "after")
        run = self.once_ok()
        self.assertEqual(len(run.events("mailbox.folder_renamed")), 1, run.tail())
        self.imported()
        self.assertIn("after", self.platform.report_names())
        self.assertEqual(self.sent()[count:], ["after"])
        self.assertEqual(sorted(self.places()), ["INBOX", "Lists/renamed"])

    def test_without_a_folder_the_daemon_stays_and_says_so(self):
        self.fill(1, "late")
        settings = {"EMAIL_INTEL_IMAP_MAILBOX": "Lists/*"}
        self.assertEqual(self.once(**settings).process.returncode, 78)
        self.assertEqual(self.check(**settings).process.returncode, 78)
        run = self.start(**settings)
        run.until(lambda: run.events("part.waits_for_person"), "the line at error")
        [line] = run.events("part.waits_for_person")[:1]
        self.assertEqual(line["level"].upper(), "ERROR")
        self.assertIn("Lists/*", line["attributes"]["reason"])
        self.make("Lists/x")
        self.deliver("Lists/x", "found")
        run.signal(signal.SIGHUP)  # tried at once
        self.until_reports(run, ["found"])
        self.assert_stops(run)


class Turns(Folders):
    def test_a_run_that_is_killed_goes_on_in_the_folder_at_work(self):
        names = self.fill(120, "inbox")
        names += self.fill(120, "cert", mailbox=self.folder("Lists/CERT"))
        names += self.fill(120, "isac", mailbox=self.folder("Lists/ISAC"))
        for at in (50, 160, 290):
            run = self.start()
            run.until(lambda: len(self.platform.messages()) >= at, f"{at} messages")
            run.kill()
        self.once_ok()
        self.imported()
        self.assertEqual(self.platform.report_names(), sorted(names))
        order = list(dict.fromkeys(name.split()[0] for name in self.sent()))
        self.assertEqual(len(order), 3)

    def test_a_long_folder_lets_the_others_have_their_turns(self):
        self.fill(TURN_MAILS + 50, "inbox", size=10)
        self.fill(5, "list", mailbox=self.folder("Lists/x"))
        self.once_ok()
        sent = self.sent()
        self.assertEqual(len(sent), TURN_MAILS + 55)
        lists = [i for i, name in enumerate(sent) if name.startswith("list")]
        self.assertLess(lists[-1], sent.index(f"inbox {TURN_MAILS + 49:04d}"))
