# SPDX-License-Identifier: Apache-2.0
"""Reports leave by other ways than the queue: the platform's API, a directory, a draft."""
import json
import os
import time

from .support import SERVERS, ConnectorTest, simple_mail


class ByApi(ConnectorTest):
    """Reports go through the platform, and no port of the broker is asked for."""

    def setUp(self):
        super().setUp()
        self.platform.call("tell_broker", host="broker.invalid")
        self.settings["CONNECTOR_QUEUE_PROTOCOL"] = "api"

    def test_every_mail_arrives_with_its_files_and_its_work_is_done(self):
        names = self.fill(3)
        self.mailbox.add(simple_mail("large", int(time.time()), size=3_000_000), time.time())
        self.once_ok()
        self.imported()
        self.assertEqual(self.platform.report_names(), sorted(names + ["large"]))
        self.assert_works_closed()
        self.once_ok()
        self.assertEqual(len(self.platform.messages()), 6, "author, marking and four reports")

    def test_what_a_call_lost_goes_again(self):
        names = self.fill(6)
        for kind in ("cut_before", "cut_after", "status"):
            details = {"status": 503} if kind == "status" else {}
            self.platform.fail("stixBundlePush", kind, skip=3, **details)
        self.once_ok()
        self.imported()
        self.assertEqual(self.platform.report_names(), names)
        self.assert_works_closed()

    def test_check_asks_for_no_broker(self):
        self.once_ok()
        self.assertIn("CONNECTOR_QUEUE_PROTOCOL=api", self.check_ok().out)


class ToDirectory(ConnectorTest):
    """Reports become files, with a queue beside them or alone."""

    def setUp(self):
        super().setUp()
        self.out = SERVERS.new_path("out")
        os.makedirs(self.out)
        self.settings.update(CONNECTOR_SEND_TO_DIRECTORY="true",
                             CONNECTOR_SEND_TO_DIRECTORY_PATH=self.out)

    def alone(self):
        """No port of the broker is asked for."""
        self.settings["CONNECTOR_SEND_TO_QUEUE"] = "false"
        self.platform.call("tell_broker", host="broker.invalid")

    def written(self):
        """The files' bundles, in the order of their names."""
        bundles = []
        for name in sorted(os.listdir(self.out)):
            self.assertRegex(name, r"^email_intel_imap-\d{8}-\d{6}-\d+\.\d+\.json$")
            with open(os.path.join(self.out, name), encoding="utf-8") as file:
                whole = json.load(file)
            self.assertEqual(whole["bundle_type"], "DIRECTORY_BUNDLE")
            self.assertEqual(whole["connector"]["id"], self.connector_id)
            self.assertTrue(whole["applicant_id"])
            bundles.append(whole["bundle"])
        return bundles

    def names_written(self):
        return sorted(bundle["objects"][-1]["name"] for bundle in self.written())

    def test_files_alone_have_all_and_leave_no_work(self):
        names = self.fill(3)
        self.alone()
        self.once_ok()
        self.assertEqual(self.names_written(), names)
        for bundle in self.written():
            self.assertEqual([thing["type"] for thing in bundle["objects"]],
                             ["identity", "marking-definition", "report"])
        self.assertEqual(self.platform.works(), [])
        self.assertEqual(self.platform.messages(), [])
        # The place is stored: another run writes what has come since.
        self.mailbox.add(simple_mail("after", int(time.time())), time.time())
        self.once_ok()
        self.assertEqual(self.names_written(), sorted(names + ["after"]))

    def test_files_beside_the_queue(self):
        names = self.fill(3)
        self.once_ok()
        self.imported()
        self.assertEqual(self.platform.report_names(), names)
        self.assertEqual(self.names_written(), names)
        self.assert_works_closed()

    def test_a_missing_directory_is_waited_for(self):
        names = self.fill(3)
        self.alone()
        os.rmdir(self.out)
        failed = self.check()
        self.assertEqual(failed.process.returncode, 69, failed.tail())
        self.assertIn("CONNECTOR_SEND_TO_DIRECTORY_PATH", failed.out)
        run = self.start()
        run.until(lambda: run.events("part.failed"), "the fault is told")
        os.makedirs(self.out)
        half = os.path.join(self.out, "email_intel_imap-20260919-082000-1789806000.25.json.tmp")
        with open(half, "w", encoding="utf-8") as file:
            file.write("{")
        run.until(lambda: len(os.listdir(self.out)) == 3, "all files, and no half one")
        self.assert_stops(run)
        self.assertEqual(self.names_written(), names)
        self.assertIn("files can be written", self.check_ok().out)

    def test_a_kill_leaves_no_half_file(self):
        names = self.fill(40, size=20_000)
        self.alone()
        run = self.start("--once")
        run.until(lambda: len(os.listdir(self.out)) > 5, "some files")
        run.kill()
        self.once_ok()
        # At least once: what was written and not stored yet is written again.
        self.assertEqual(sorted(set(self.names_written())), names)


class ToDraft(ConnectorTest):
    """Nothing is imported before a person has validated it."""

    def setUp(self):
        super().setUp()
        self.settings["CONNECTOR_VALIDATE_BEFORE_IMPORT"] = "true"

    def drafts(self):
        return self.platform.call("drafts")

    def draft_of(self, names):
        """The newest draft, once these reports are in it."""
        self.imported()
        draft = self.drafts()[-1]
        self.assertEqual(draft["reports"], sorted(names))
        return draft

    def test_each_run_fills_a_draft_named_by_its_work(self):
        names = self.fill(3)
        self.once_ok()
        first = self.draft_of(names)
        self.assertEqual(self.platform.reports(), [])
        self.assertEqual(first["name"], self.platform.works()[-1]["id"] + ".json")
        self.assert_works_closed()
        self.once_ok()
        self.assertEqual(len(self.drafts()), 1, "a run without mails makes none")
        self.mailbox.add(simple_mail("after", int(time.time())), time.time())
        self.once_ok()
        self.draft_of(["after"])
        self.platform.call("validate_draft", draft=first["id"])
        self.assertEqual(self.platform.report_names(), names)

    def test_what_a_closed_draft_refuses_goes_to_another(self):
        names = self.fill(3)
        self.platform.worker("until_report")
        run = self.start()
        run.until(lambda: self.queued() == 3, "the reports wait")
        self.platform.call("delete_draft", draft=self.drafts()[0]["id"])
        self.platform.worker("running")
        run.until(lambda: self.drafts() and self.drafts()[-1]["reports"] == names,
                  "another draft has them")
        self.assert_stops(run)
        self.assertEqual(self.platform.reports(), [])

    def test_a_draft_that_is_gone_while_its_author_is_awaited(self):
        names = self.fill(3)
        self.platform.worker("off")
        run = self.start()
        run.until(lambda: self.queued(), "the author waits")
        self.platform.call("delete_draft", draft=self.drafts()[0]["id"])
        run.until(self.drafts, "another draft")
        self.platform.worker("running")
        run.until(lambda: self.drafts()[-1]["reports"] == names, "it has the reports")
        self.assert_stops(run)

    def test_a_killed_process_goes_on_in_its_draft(self):
        names = self.fill(3)
        self.platform.worker("until_report")
        run = self.start()
        run.until(lambda: self.queued() == 3, "the reports wait")
        run.kill()
        self.platform.worker("running")
        self.once_ok()
        self.draft_of(names)
        self.assertEqual(len(self.drafts()), 1)

    def test_a_platform_without_drafts_is_refused_by_name(self):
        self.fill(1)
        self.platform = self.start_platform(release="6.3.13")
        self.settings["OPENCTI_URL"] = self.platform.url
        for run in (self.once(), self.check()):
            self.assertEqual(run.process.returncode, 78, run.tail())
            self.assertIn("OpenCTI 6.3.13 has no drafts", run.out + run.err)
        self.assertEqual(self.platform.messages(), [])
