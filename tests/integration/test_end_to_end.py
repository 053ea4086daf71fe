# SPDX-License-Identifier: Apache-2.0
"""A mailbox becomes reports: the whole way, on real servers."""
import glob
import json
import os
import pty
import signal
import subprocess
import threading
import time

from servers.platform import ids
from servers.process import wait_until

from .support import BINARY, DAY_S, RUN_TIMEOUT_S, ConnectorTest, essence, simple_mail

SAMPLES = sorted(glob.glob(os.path.join(os.path.dirname(__file__), "../mail/sample/*.eml")))
AUTHOR = "identity--f1f25c53-7d95-5ee6-b5d0-3379bfb2e997"


def sample(name):
    path = next(path for path in SAMPLES if name in path)
    with open(path, "rb") as file:
        return file.read()


class Reports(ConnectorTest):
    def fill_samples(self):
        now = time.time()
        mails = []
        for i, path in enumerate(SAMPLES):
            with open(path, "rb") as file:
                mails.append((file.read(), int(now) - 3600 * (len(SAMPLES) - i)))
        self.mailbox.fill(mails)
        return mails

    def test_every_sample_mail_becomes_its_report(self):
        mails = self.fill_samples()
        self.once_ok()
        self.imported()
        reports = self.platform.reports()
        self.assertEqual(len(reports), len(SAMPLES))
        by_name = {report["name"]: report for report in reports}
        self.assertEqual(by_name["Analysis of Brass Heron: report and indicators"]["published"],
                         "2026-03-05T14:00:00.000Z")
        self.assertEqual(
            sorted(by_name["Analysis of Brass Heron: report and indicators"]["files"]),
            ["brass-heron.pdf", "indicators.csv"])
        self.assertIn("<no subject> from sensor-4@sensor.example", by_name)
        undated = by_name["Leaked credentials: 14 accounts of corp.example"]
        index = next(i for i, path in enumerate(SAMPLES) if "no-date" in path)
        received = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(mails[index][1]))
        self.assertEqual(undated["published"][:19], received)
        forwarded = by_name["FW: is this one real?"]
        self.assertIn("did not click", forwarded["content"])
        self.assertEqual(list(forwarded["files"]), ["your invoice is overdue.eml"])
        for report in reports:
            self.assertEqual(report["created_by"], AUTHOR)
            self.assertEqual(report["markings"],
                             [f"marking-definition--{ids.TLP['TLP:AMBER+STRICT']}"])
            self.assertEqual(report["report_types"], ["threat-report"])
            self.assertEqual(report["stix_ids"], [report["standard_id"]])
        self.assertEqual(self.platform.losses(), [])

    def test_mails_of_one_subject_and_second_stay_two_reports(self):
        when = int(time.time()) - DAY_S
        self.mailbox.fill([(sample("same-subject-first"), when),
                           (sample("same-subject-second"), when)])
        self.once_ok()
        self.imported()
        reports = self.platform.reports()
        self.assertEqual([report["name"] for report in reports], ["Scanner alert"] * 2)
        self.assertEqual(len({report["content"] for report in reports}), 2)
        self.assertEqual({report["published"][:19] for report in reports},
                         {"2026-03-08T03:00:00"})

    def test_one_mail_delivered_twice_is_one_report(self):
        when = int(time.time()) - DAY_S
        self.mailbox.fill([(sample("01-plain"), when), (sample("01-plain"), when + 60)])
        self.once_ok()
        self.imported()
        self.assertEqual(len(self.platform.reports()), 1)

    def test_a_second_run_publishes_nothing(self):
        self.fill_samples()
        self.once_ok()
        self.imported()
        before = essence(self.platform.reports()), len(self.platform.messages())
        works = len(self.platform.works())
        self.once_ok()
        self.imported()
        self.assertEqual((essence(self.platform.reports()), len(self.platform.messages())), before)
        self.assertEqual(len(self.platform.works()), works)

    def test_the_mailbox_is_as_before(self):
        self.mailbox.fill([(sample("01-plain"), time.time() - DAY_S)], flags="FS")
        self.fill_samples()
        self.mailbox.deliver(sample("12-koi8-r"))
        before = self.dovecot.flags(self.user)
        self.once_ok()
        self.assertEqual(self.dovecot.flags(self.user), before)
        self.assertEqual(before[1], "\\Flagged \\Seen")

    def test_the_work_is_complete_and_counts_right(self):
        names = self.fill(5)
        self.once_ok()
        self.imported()
        self.assert_works_closed()
        work, = self.platform.works()
        self.assertEqual(work["errors"], [])
        self.assertEqual(work["expected"], work["processed"])
        self.assertEqual(work["expected"], len(self.platform.messages()))
        self.assertEqual(self.platform.report_names(), names)
        self.assertIn("toProcessed", [call["action"] for call in work["calls"]])

    def test_an_empty_mailbox_opens_no_work(self):
        self.mailbox.fill([])
        self.once_ok()
        self.assertEqual(self.platform.works(), [])

    def test_a_first_run_takes_the_window_only(self):
        now = int(time.time())
        self.mailbox.fill([(simple_mail(name, now - age), now - age) for name, age in
                           (("old", 31 * DAY_S), ("young", 29 * DAY_S), ("today", 60))])
        self.once_ok()
        self.assertEqual(sorted(self.imported()), ["today", "young"])

    def test_the_date_of_the_server_counts_not_the_sender_s(self):
        now = int(time.time())
        self.mailbox.fill([(simple_mail("late", now - 400 * DAY_S), now - 60),
                           (simple_mail("future", now + 400 * DAY_S), now - 60)])
        self.once_ok()
        self.assertEqual(sorted(self.imported()), ["future", "late"])

    def test_much_text_and_files_become_one_whole_report(self):
        now = int(time.time())
        text = "Indicators of the week. \u0416\u0416\u0416 " * 20_000
        mail = (b"From: a@b.example\r\nSubject: large\r\nMIME-Version: 1.0\r\n"
                b"Message-ID: <large@b.example>\r\nDate: Mon, 02 Mar 2026 08:00:00 +0000\r\n"
                b"Content-Type: multipart/mixed; boundary=x\r\n\r\n"
                b"--x\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" + text.encode() +
                b"\r\n--x\r\nContent-Type: application/pdf; name=a.pdf\r\n"
                b"Content-Disposition: attachment\r\n\r\n%PDF-1.4\r\n--x--\r\n")
        self.mailbox.add(mail, now - 60)
        self.once_ok()
        report = self.imported()["large"]
        self.assertIn("Indicators of the week", report["content"])
        self.assertEqual(list(report["files"]), ["a.pdf"])
        self.assertEqual(self.platform.losses(), [])
        self.assert_works_closed()

    def test_a_mail_over_the_limit_becomes_a_report_of_its_headers(self):
        now = int(time.time())
        self.mailbox.fill([(simple_mail("too large", now - 60, 3 << 20), now - 60),
                           (simple_mail("at the limit", now - 50), now - 50)])
        self.once_ok(EMAIL_INTEL_IMAP_MAX_MAIL_BYTES=1 << 20)
        reports = self.imported()
        self.assertEqual(sorted(reports), ["at the limit", "too large"])
        self.assertNotIn("Indicator seen", reports["too large"]["content"])
        self.assertIn("cert@intel.example", reports["too large"]["description"])

    def test_mails_of_megabytes_among_small_ones(self):
        now = int(time.time())
        sizes = [600, 3 << 20, 600, 5 << 20, 600, 8 << 20, 600]
        self.mailbox.fill([(simple_mail(f"mail {i}", now - 60 + i, size), now - 60 + i)
                           for i, size in enumerate(sizes)])
        self.once_ok(timeout=120)
        reports = self.imported(60)
        self.assertEqual(sorted(reports), [f"mail {i}" for i in range(len(sizes))])
        for i, size in enumerate(sizes):
            self.assertGreaterEqual(len(reports[f"mail {i}"]["content"]), size - 1)

    def test_only_senders_that_the_own_server_vouches_for(self):
        now = int(time.time())

        def mail(subject, *results):
            fields = "".join(f"Authentication-Results: {result}\r\n" for result in results)
            return fields.encode() + simple_mail(subject, now - 60), now - 60
        passed = "mx.corp.example; dmarc=pass header.from=intel.example"
        failed = "mx.corp.example; dmarc=fail header.from=intel.example"
        self.mailbox.fill([mail("passed", passed), mail("failed", failed), mail("nothing said"),
                           mail("forged below", failed, passed),
                           mail("another's", "evil.example; dmarc=pass")])
        settings = {"EMAIL_INTEL_IMAP_REQUIRE_AUTHENTICATION": "mx.corp.example"}
        run = self.once_ok(CONNECTOR_LOG_LEVEL="debug", **settings)
        reports = self.imported()
        self.assertEqual(list(reports), ["passed"])
        self.assertIn("authenticated, by mx.corp.example", reports["passed"]["description"])
        self.assertEqual(len(run.events("mail.left_out")), 4, run.tail())
        works = len(self.platform.works())
        self.mailbox.fill([mail("failed again", failed)])
        self.once_ok(**settings)
        self.assertEqual(len(self.platform.works()), works, "nothing to report, no Work")
        self.once_ok()
        self.assertEqual(len(self.imported()), 1, "what was left out does not come back")

    def test_only_mails_that_are_wanted(self):
        now = int(time.time())
        size = 20000
        self.mailbox.fill([(simple_mail("Advisory 1", now - 60), now - 60),
                           (simple_mail("newsletter", now - 50), now - 50),
                           (simple_mail("advisory 2, too large", now - 40, 2 * size), now - 40),
                           (simple_mail("advisory 3, too old", now - 4000), now - 4000)])
        settings = {"EMAIL_INTEL_IMAP_SENDERS": "nobody@x.example, *@INTEL.example",
                    "EMAIL_INTEL_IMAP_SUBJECTS": "advisory*",
                    "EMAIL_INTEL_IMAP_SIZE_LIMIT_BYTES": str(size),
                    "EMAIL_INTEL_IMAP_AGE_LIMIT": "PT1H"}
        run = self.once_ok(CONNECTOR_LOG_LEVEL="debug", **settings)
        self.assertEqual(list(self.imported()), ["Advisory 1"])
        self.assertEqual(len(run.events("mail.left_out")), 3, run.tail())
        self.once_ok()
        self.assertEqual(len(self.imported()), 1, "what was left out does not come back")

    def test_the_first_rule_says_what_a_report_says(self):
        now = int(time.time())
        rules = os.path.join(self.directory, "rules.ini")
        with open(rules, "w", encoding="utf-8") as file:
            file.write("[rule no news]\nsubject = *newsletter*\nimport = no\n"
                       "[rule cert]\nfrom = *@intel.example\nsubject = *advisory*\n"
                       "report_type = advisory\nlabels = one, two\nconfidence = 42\n"
                       "author = CERT Example\ntlp = green\n"
                       "[rule all]\nlabels = rest\n")
        self.mailbox.fill([(simple_mail("An advisory", now - 60), now - 60),
                           (simple_mail("advisory newsletter", now - 50), now - 50),
                           (simple_mail("something else", now - 40), now - 40)])
        run = self.once_ok(EMAIL_INTEL_IMAP_RULES_FILE=rules)
        reports = self.imported()
        self.assertEqual(sorted(reports), ["An advisory", "something else"])
        self.assertEqual(sorted(line["attributes"]["rule"] for line in run.events("mail.ruled")),
                         ["all", "cert", "no news"])
        advisory, rest = reports["An advisory"], reports["something else"]
        self.assertEqual(advisory["report_types"], ["advisory"])
        self.assertEqual(advisory["labels"], ["one", "two"])
        self.assertEqual(advisory["confidence"], 42)
        self.assertEqual(advisory["markings"], [f"marking-definition--{ids.TLP['TLP:GREEN']}"])
        self.assertNotEqual(advisory["created_by"], AUTHOR)
        self.assertTrue(advisory["created_by"])
        self.assertEqual((rest["labels"], rest["created_by"]), (["rest"], AUTHOR))

    def test_a_mail_s_own_level_marks_its_report(self):
        now = int(time.time())
        rules = os.path.join(self.directory, "rules.ini")
        with open(rules, "w", encoding="utf-8") as file:
            file.write("[rule partners]\nsubject = *partner*\ntlp_from_mail = any\n")
        vouched = (b"Authentication-Results: mx.corp.example; dmarc=pass"
                   b" header.from=intel.example\r\n")
        subjects = {"[TLP:RED] campaign": "TLP:RED", "[TLP:GREEN] campaign": "TLP:AMBER",
                    "[TLP:GREEN] a partner's": "TLP:GREEN", "campaign": "TLP:AMBER"}
        self.mailbox.fill([(vouched + simple_mail(subject, now - 60 + i), now - 60 + i)
                           for i, subject in enumerate(subjects)])
        settings = {"EMAIL_INTEL_IMAP_TLP_LEVEL": "amber", "EMAIL_INTEL_IMAP_RULES_FILE": rules,
                    "EMAIL_INTEL_IMAP_TLP_FROM_MAIL": "any",
                    "EMAIL_INTEL_IMAP_REQUIRE_AUTHENTICATION": "mx.corp.example"}
        run = self.once_ok(**settings)
        self.assertEqual({name: report["markings"] for name, report in self.imported().items()},
                         {subject: [f"marking-definition--{ids.TLP[level]}"]
                          for subject, level in subjects.items()})
        self.assertEqual(sorted(line["attributes"]["marking"]
                                for line in run.events("mail.marked")), ["TLP:GREEN", "TLP:RED"])

    def test_folders_of_any_language(self):
        folder = "Berichte/\u8105\u5a01 & Co"
        self.fill(2, mailbox=self.dovecot.mailbox(self.user, folder))
        self.once_ok(EMAIL_INTEL_IMAP_MAILBOX=folder)
        self.assertEqual(len(self.imported()), 2)

    def test_an_absent_folder_is_named_with_those_there_are(self):
        self.fill(1, mailbox=self.dovecot.mailbox(self.user, "Threat Intel"))
        run = self.once(EMAIL_INTEL_IMAP_MAILBOX="Thread Intel")
        self.assertEqual(run.process.returncode, 78, run.tail())
        self.assertIn("Threat Intel", run.err)


class Releases(ConnectorTest):
    """The same reports on every platform that is still in use."""

    def run_on(self, release):
        self.platform = self.start_platform(release=release)
        self.settings["OPENCTI_URL"] = self.platform.url
        now = int(time.time())
        mails = []
        for i, path in enumerate(SAMPLES):
            with open(path, "rb") as file:
                mails.append((file.read(), now - 3600 + i))
        self.mailbox.fill(mails)
        self.once_ok()
        self.imported()
        self.assertEqual(len(self.platform.reports()), len(SAMPLES))
        self.assertEqual(self.platform.losses(), [])
        self.assert_works_closed()
        self.assertTrue(all(report["content"] for report in self.platform.reports()))

    def test_6_0_0(self):
        self.run_on("6.0.0")

    def test_6_2_14(self):
        self.run_on("6.2.14")

    def test_6_9_5(self):
        self.run_on("6.9.5")

    def test_6_9_10(self):
        self.run_on("6.9.10")

    def test_7(self):
        self.run_on("7.260817.0")
        self.assertEqual(self.platform.seen()["refused"], [])


class Daemon(ConnectorTest):
    def test_mails_that_arrive_are_reported_until_a_signal_ends_it(self):
        self.fill(3)
        run = self.start()
        run.until(lambda: len(self.platform.reports()) == 3, "three reports")
        now = int(time.time())
        self.mailbox.deliver(simple_mail("fresh", now))
        run.until(lambda: "fresh" in self.platform.report_names(), "the fresh mail's report")
        self.mailbox.deliver(simple_mail("late with an old date", now - 90 * DAY_S))
        run.until(lambda: "late with an old date" in self.platform.report_names(), "the late one")
        self.assert_stops(run)
        self.assertEqual(len(self.platform.messages()), len({tuple(message["ids"]) for message
                                                             in self.platform.messages()}) +
                         self.repeats())

    def test_a_log_that_nobody_reads_holds_up_nothing(self):
        path = os.path.join(self.directory, "full")
        os.mkfifo(path)
        reader = os.open(path, os.O_RDWR | os.O_NONBLOCK)
        self.addCleanup(os.close, reader)
        with self.assertRaises(BlockingIOError):
            while True:
                os.write(reader, b"x" * 4096)
        self.fill(300)
        run = self.start(prefix=("/bin/sh", "-c", f'exec "$0" "$@" 2>"{path}"'))
        run.until(lambda: len(self.platform.reports()) == 300, "all reports", 60)
        began = time.monotonic()
        self.assertEqual(run.terminate(), 0)
        self.assertLess(time.monotonic() - began, 10)

    def test_sigusr1_starts_a_run_now(self):
        run = self.start(CONNECTOR_DURATION_PERIOD="PT1H", EMAIL_INTEL_IMAP_PUSH="off")
        run.until(lambda: run.events("run.nothing_new"), "the first run is over")
        self.mailbox.deliver(simple_mail("urgent", int(time.time())))
        run.signal(signal.SIGUSR1)
        run.until(lambda: "urgent" in self.platform.report_names(), "the run before its time")
        self.assertEqual(run.terminate(), 0, run.tail())

    def test_a_password_rotated_in_its_file_is_read_at_the_next_sign_in(self):
        path = os.path.join(self.directory, "password")
        with open(path, "w", encoding="utf-8") as file:
            file.write("secret\n")
        self.fill(1)
        run = self.start(EMAIL_INTEL_IMAP_PASSWORD=None, EMAIL_INTEL_IMAP_PASSWORD_FILE=path)
        run.until(lambda: self.platform.reports(), "one report")
        self.dovecot.add_user(self.user, "rotated")
        with open(path, "w", encoding="utf-8") as file:
            file.write("rotated\n")
        run.signal(signal.SIGHUP)
        self.dovecot.kill_sessions()
        self.mailbox.deliver(simple_mail("later", int(time.time())))
        run.until(lambda: len(self.platform.reports()) == 2, "the later mail", 60)
        self.assertTrue(run.events("app.hup"))
        self.assertEqual(run.terminate(), 0, run.tail())

    def repeats(self):
        """Author and marking go with every run."""
        seen, repeated = set(), 0
        for message in self.platform.messages():
            repeated += message["types"] != ["report"] and tuple(message["ids"]) in seen
            seen.add(tuple(message["ids"]))
        return repeated

    def test_the_session_is_held_between_polls(self):
        self.fill(1)
        run = self.start()
        run.until(lambda: self.platform.reports(), "one report")
        wait_until(lambda: len(self.platform.pings()) >= 2, "pings", 20)
        self.mailbox.deliver(simple_mail("second", int(time.time())))
        run.until(lambda: len(self.platform.reports()) == 2, "the second report")
        run.terminate()
        self.assertEqual(len(self.dovecot_lines(f"Login: user=<{self.user}>")), 1)
        self.assert_logged_out()

    def test_run_and_terminate_ends(self):
        self.fill(2)
        run = self.start(CONNECTOR_RUN_AND_TERMINATE="true")
        self.assertEqual(run.wait(), 0, run.tail())
        self.assertEqual(len(self.imported()), 2)
        self.assert_logged_out()

    def dovecot_lines(self, words):
        return [line for line in self.dovecot.log().splitlines() if words in line]

    def assert_logged_out(self):
        """By LOGOUT, not by a lost connection."""
        wait_until(lambda: self.dovecot_lines(f"imap({self.user})<"), "the session's end", 20)
        for line in self.dovecot_lines(f"imap({self.user})<"):
            self.assertIn("Logged out", line)


class CommandLine(ConnectorTest):
    def test_dry_run_prints_reports_and_changes_nothing(self):
        names = self.fill(3)
        run = self.start("--dry-run")
        self.assertEqual(run.wait(), 0, run.tail())
        reports = [json.loads(line) for line in run.out.splitlines()]
        self.assertEqual(sorted(report["name"] for report in reports), names)
        self.assertEqual(self.platform.connectors(), {})
        self.assertEqual(self.broker.queues(self.vhost), [])

    def at_terminal(self, *arguments, stdout=subprocess.DEVNULL, status=0, **settings):
        """What the program shows where standard error is a terminal (and stdout=None: output too)."""
        master, slave = pty.openpty()
        shown = b""
        with subprocess.Popen([BINARY, *arguments], env=self.environment(**settings),
                              cwd=self.directory, stdin=subprocess.DEVNULL, stderr=slave,
                              stdout=slave if stdout is None else stdout) as process:
            os.close(slave)
            killer = threading.Timer(RUN_TIMEOUT_S, process.kill)
            killer.start()
            try:
                while chunk := os.read(master, 65536):
                    shown += chunk
            except OSError:  # EIO: nobody has the other end any more
                pass
            self.assertEqual(process.wait(RUN_TIMEOUT_S), status, shown)
            killer.cancel()
        os.close(master)
        return shown.decode()

    def test_a_dry_run_at_a_terminal_sums_up_and_never_says_sent(self):
        self.fill(2)
        text = self.at_terminal("--dry-run", CONNECTOR_LOG_LEVEL="info")
        self.assertIn("looking for new mail", text)
        self.assertIn("2 mails, 2 reports printed; 0 fallbacks\r\n", text)
        self.assertIn("0 attachments kept, 0 not; ", text)
        self.assertNotRegex(text, r"(?i)\bsent\b")

    def test_colours_are_for_terminals_that_want_them(self):
        self.mailbox.fill([])
        settings = {"TERM": "xterm", "OPENCTI_TOKEN": "wrong"}
        for no_colour, shown in (("", "\x1b[31mFAILED\x1b[0m"), ("1", "FAILED")):
            text = self.at_terminal("--check", stdout=None, status=77, NO_COLOR=no_colour, **settings)
            self.assertIn(f"\r\nplatform: {shown}: ", text)
            self.assertEqual("\x1b[32mok\x1b[0m" in text, not no_colour, text)
        run = self.start("--check", **settings)
        self.assertEqual(run.wait(), 77, run.tail())
        self.assertNotIn("\x1b", run.out)

    def test_convert_at_a_terminal_sums_up(self):
        path = next(path for path in SAMPLES if "05-attachments" in path)
        text = self.at_terminal("convert", path, SAMPLES[0])
        self.assertRegex(text, r"^2 mails, 2 reports printed; 0 fallbacks\r\n"
                               r"2 attachments kept, \d+ not; \d+\.\d s\r\n$")

    def test_convert_needs_no_settings_and_gives_what_is_sent(self):
        self.mailbox.add(sample("05-attachments"), time.time() - 60)
        self.once_ok()
        sent, = self.imported().values()
        path = next(path for path in SAMPLES if "05-attachments" in path)
        self.settings = {}
        run = self.start("convert", path)
        self.assertEqual(run.wait(), 0, run.tail())
        given = json.loads(run.out)
        self.assertEqual(given["id"], sent["standard_id"])
        self.assertEqual(given["x_opencti_content"].strip(), sent["content"])
        self.assertEqual(given["description"], sent["description"])
        self.assertEqual(len(given["x_opencti_files"]), 2)

    def test_convert_keeps_order_and_tells_of_what_it_cannot_read(self):
        self.settings = {}
        paths = [SAMPLES[1], os.path.join(self.directory, "none.eml"), SAMPLES[0]]
        run = self.start("convert", *paths)
        self.assertEqual(run.wait(), 66, run.tail())
        names = [json.loads(line)["name"] for line in run.out.splitlines()]
        self.assertEqual(len(names), 2)
        self.assertTrue(names[0].startswith("Weekly bulletin"), names)
        self.assertIn("none.eml", run.err)

    def test_check_says_ok_or_what_to_do(self):
        self.mailbox.fill([])
        self.assertIn("7.260817.0", self.check_ok().out)
        for status, settings in (
                (77, {"EMAIL_INTEL_IMAP_PASSWORD": "wrong"}), (77, {"OPENCTI_TOKEN": "wrong"}),
                (78, {"EMAIL_INTEL_IMAP_MAILBOX": "None"}),
                (69, {"OPENCTI_URL": "http://localhost:9"})):
            with self.subTest(**settings):
                run = self.check(**settings)
                self.assertEqual(run.process.returncode, status, run.tail())
        self.assertEqual(self.platform.connectors(), {})

    def checked(self, status, **settings):
        """--check --json: {name: states, in the order of the checks}, and all details as one text."""
        run = self.start("--check", "--json", **settings)
        self.assertEqual(run.wait(), status, run.tail())
        told = json.loads(run.out)
        self.assertEqual((told["schema"], told["exit_code"]), (1, status))
        states = {}
        for check in told["checks"]:
            self.assertEqual(list(check), ["name", "state", "detail", "setting", "do"])
            # What is not well says what mends it, and nothing else does.
            self.assertEqual(check["do"] != "", check["state"] != "ok", check)
            states.setdefault(check["name"], []).append(check["state"])
        self.told = {check["name"]: check for check in told["checks"]}
        return states, "\n".join(check["detail"] for check in told["checks"])

    def test_check_tries_each_part(self):
        self.mailbox.fill([])
        ini = os.path.join(self.directory, "config.ini")
        with open(ini, "w", encoding="utf-8") as file:
            file.write("[email_intel_imap]\nmaibox = Intel\n")
        states, details = self.checked(0)
        self.assertEqual([name for name in states if name not in ("dns", "tls")],
                         ["settings", "converter", "extensions", "mailbox", "platform", "broker"])
        self.assertEqual((states["settings"][-1], states["mailbox"], states["platform"],
                          states["broker"]), ("ok", ["ok"], ["ok"], ["not_tried"]), details)
        self.assertIn("--register", self.told["broker"]["do"])
        self.assertNotIn("failed", states["converter"], details)
        self.assertEqual(self.platform.connectors(), {})

        run = self.start("--check", "--register")
        self.assertEqual(run.wait(), 0, run.tail())
        self.assertRegex(run.out, r"(?m)^registration: ok: registered as .* it stays ")
        self.assertRegex(run.out, r"(?m)^broker: ok: .* signed in to ")
        connector, = self.platform.connectors()
        run = self.start("--check", "--register", EMAIL_INTEL_IMAP_HOST="nowhere.invalid")
        self.assertEqual(run.wait(), 69, run.tail())
        self.assertRegex(run.out, r"(?m)^dns: FAILED: nowhere.invalid: ")
        self.assertIn("mailbox: not tried: ", run.out)
        self.assertIn("registration: ok: the connector is there already", run.out)
        self.assertEqual(list(self.platform.connectors()), [connector])

        self.fill(2)
        self.once_ok()
        run = self.start("--check")
        self.assertRegex(run.out if run.wait() == 0 else run.tail(),
                         r"folder INBOX holds 2 mails, the newest of \d{4}-\d\d-\d\dT")
        run = self.start("--check", EMAIL_INTEL_IMAP_MAILBOX="None",
                         CONNECTOR_DURATION_PERIOD="PT1H")
        self.assertEqual(run.wait(), 78, run.tail())
        self.assertRegex(run.out, r"(?m)^twin: warning: .* also holds a place of .*/INBOX, and ")
        run = self.start("--check", "--json", "--config", ini)
        self.assertEqual(run.wait(), 0, run.tail())
        checks = {check["state"] + ": " + check["detail"]
                  for check in json.loads(run.out)["checks"] if check["name"] in ("settings", "broker")}
        self.assertTrue(any(c.startswith("warning: ") and "maibox" in c for c in checks), checks)
        self.assertTrue(any(c.startswith("ok: ") and " signed in to " in c for c in checks), checks)

        states, details = self.checked(77, MQ_PASS="wrong")
        self.assertEqual(states["broker"], ["failed"], details)
        self.assertEqual(self.told["broker"]["setting"], "MQ_USER")
        self.assertIn("MQ_PASS", self.told["broker"]["do"])
        states, details = self.checked(69, EII_CONVERTER="/bin/false")
        self.assertEqual((states["converter"], states["broker"]), (["failed"], ["ok"]), details)
        states, details = self.checked(78, EMAIL_INTEL_IMAP_PORT="99999", OPENCTI_TOKEN=None)
        self.assertEqual(states.keys(), {"settings"})
        self.assertEqual(states["settings"].count("failed"), 2, details)

    def test_wrong_settings_are_told_all_at_once(self):
        run = self.once(EMAIL_INTEL_IMAP_PORT="99999", CONNECTOR_DURATION_PERIOD="5 minutes",
                        OPENCTI_TOKEN=None)
        self.assertEqual(run.process.returncode, 78, run.tail())
        for name in ("EMAIL_INTEL_IMAP_PORT", "CONNECTOR_DURATION_PERIOD", "OPENCTI_TOKEN"):
            self.assertIn(name, run.err)

    def test_a_file_of_the_official_connector_is_read(self):
        with open(os.path.join(self.directory, "config.yml"), "w", encoding="utf-8") as file:
            file.write("opencti:\n  token: 'x'\nemail_intel_imap:\n  mailbox: Intel\n")
        run = self.start("--print-config", OPENCTI_TOKEN=None, EMAIL_INTEL_IMAP_MAILBOX="Other")
        self.assertEqual(run.wait(), 0, run.tail())
        self.assertIn("OPENCTI_TOKEN=***  # config.yml, line 2\n", run.out)
        self.assertIn("EMAIL_INTEL_IMAP_MAILBOX: the value of environment counts; the official "
                      "connector, where a config.yml lies, takes that of config.yml, line 4",
                      run.err)
        with open(os.path.join(self.directory, "config.ini"), "w", encoding="utf-8"):
            run = self.start("--print-config")
        self.assertEqual(run.wait(), 78, run.tail())
        self.assertIn("config.ini and config.yml both lie in the working directory", run.err)

    def test_settings_come_from_a_file_as_well(self):
        self.fill(1)
        ini = os.path.join(self.directory, "settings.ini")
        with open(ini, "w", encoding="utf-8") as file:
            file.write(f"[email_intel_imap]\nusername = {self.user}\npassword = secret\n")
        self.once_ok("--config", ini, EMAIL_INTEL_IMAP_USERNAME=None,
                     EMAIL_INTEL_IMAP_PASSWORD=None)
        self.assertEqual(len(self.imported()), 1)
