# SPDX-License-Identifier: Apache-2.0
"""Works of the stand-in platform as the real one was measured to have them: who closes them, what
becomes of the messages that wait, and what the numbers then say."""
import json

from servers.process import wait_until

from .plain_client import (ALIVE, AUTHOR, EXPECT, MARKING, PROCESSED, REGISTER_SHORT,
                           REPORT_EXPECTATION, WORK, WORK_ADD, WORK_ADD_MULTI, WORK_DELETE,
                           WORK_DELETE_ALL, report)
from .platform_test import PlatformTest

DAY_S = 86400


class WorkTest(PlatformTest):
    platform_arguments = {"manager_period_s": 0}

    def setUp(self):
        super().setUp()
        self.client.register(self.id)
        self.sent = 0  # messages since the platform forgot

    def on_release(self, release):
        self.platform.stop()  # two workers would share the queue
        self.platform = self.start_platform(release=release, manager_period_s=0)
        self.client = self.connect(self.platform)
        self.client.register(self.id, document=REGISTER_SHORT)
        self.sent = 0

    def forget(self):
        self.platform.forget_reports()
        self.sent = 0

    def add(self, expected=0, multipart=False):
        if multipart:
            work = self.client.ask(WORK_ADD_MULTI, connectorId=self.id, isMultiPartWork=True)["id"]
        else:
            work = self.client.ask(WORK_ADD, connectorId=self.id, friendlyName="x")["id"]
        if expected:
            self.expect(work, expected)
        return work

    def expect(self, work, count):
        self.client.ask(EXPECT, id=work, expectations=count)

    def close_work(self, work, in_error=False):
        self.client.ask(PROCESSED, id=work, message="closed", inError=in_error)

    def send(self, work, count, prefix="r"):
        self.client.send([report(f"{prefix}{i}", created_by_ref=None) for i in range(count)], work)
        self.sent += count

    def queued(self):
        return self.broker.count(self.vhost, f"push_{self.id}")

    def drain(self):
        self.platform.worker("running")
        wait_until(lambda: len(self.platform.messages()) >= self.sent
                   and not self.platform.call("worker_busy"), "the worker takes what waits", 20)
        self.platform.worker("off")
        return len(self.platform.reports())

    def told(self, work):
        """Status, expected, processed, alive."""
        told = self.client.ask(WORK, id=work)
        alive = self.client.ask(ALIVE, id=work)
        if told is None:
            return None, None, None, alive
        tracking = told["tracking"]
        return (told["status"], tracking["import_expected_number"],
                tracking["import_processed_number"], alive)


class Completion(WorkTest):
    def test_numbers_are_null_before_the_first_expectation(self):
        work = self.add()
        self.assertEqual(self.told(work), ("progress", None, None, True))
        self.expect(work, 2)
        self.assertEqual(self.told(work), ("progress", 2, 0, True))

    def test_the_last_report_completes_it_without_more_words(self):
        work = self.add(2)
        self.send(work, 1, "a")
        self.drain()
        self.assertEqual(self.told(work), ("progress", 2, 1, True))
        self.send(work, 1, "b")
        self.drain()
        self.assertEqual(self.told(work), ("complete", 2, 2, True))

    def test_more_messages_than_counted_are_imported_and_shown(self):
        work = self.add(1)
        self.send(work, 3)
        self.assertEqual(self.drain(), 3)
        self.assertEqual(self.told(work), ("complete", 1, 3, True))

    def test_counting_after_all_is_done_corrects_the_number(self):
        work = self.add()
        self.send(work, 1)
        self.drain()
        self.assertEqual(self.told(work)[0], "complete")
        self.expect(work, 1)
        self.assertEqual(self.told(work), ("complete", 1, 1, True))

    def test_closed_before_anything_is_counted_it_feigns_one_of_one(self):
        self.platform.worker("off")
        work = self.add()
        self.send(work, 3)
        self.close_work(work)
        self.assertEqual(self.told(work), ("complete", 1, 1, True))
        self.assertEqual(self.drain(), 3, "imported all the same")

    def test_an_error_is_no_other_status(self):
        work = self.add()
        self.close_work(work, in_error=True)
        self.assertEqual(self.told(work)[0], "complete")
        self.assertEqual(self.client.ask(WORK, id=work)["errors"], [{"message": "closed"}])
        open_work = self.add(1)
        self.close_work(open_work, in_error=True)
        self.assertEqual(self.told(open_work)[0], "progress")

    def test_one_work_over_two_runs(self):
        for multipart in (False, True):
            with self.subTest(multipart=multipart):
                self.forget()
                self.platform.worker("off")
                work = self.add(3, multipart)
                self.send(work, 3, "a")
                self.close_work(work)
                self.assertEqual(self.told(work), ("progress", 3, 0, True))
                self.expect(work, 2)
                self.send(work, 2, "b")
                self.close_work(work)
                self.assertEqual(self.drain(), 5)
                self.assertEqual(self.told(work), ("complete", 5, 5, True))

    def test_a_complete_one_never_goes_back_to_progress(self):
        for multipart, shown in ((False, 5), (True, 3)):
            with self.subTest(multipart=multipart):
                self.forget()
                work = self.add(3, multipart)
                self.send(work, 3, "a")
                self.drain()
                self.close_work(work)
                self.assertEqual(self.told(work), ("complete", 3, 3, True))
                self.expect(work, 2)
                self.assertEqual(self.told(work), ("complete", 5, 3, True))
                self.send(work, 2, "b")
                self.assertEqual(self.drain(), 5)
                self.assertEqual(self.told(work), ("complete", 5, shown, True))
                self.close_work(work)
                self.assertEqual(self.told(work), ("complete", 5, 5, True))

    def test_counted_after_the_worker_was_done(self):
        work = self.add(multipart=True)
        self.send(work, 2)
        self.drain()
        self.assertEqual(self.told(work)[0], "progress")
        self.expect(work, 2)
        self.close_work(work)
        self.assertEqual(self.told(work), ("complete", 2, 2, True))

    def test_some_releases_never_complete_by_to_processed(self):
        for release, status in (("7.260422.0", "complete"), ("7.260428.0", "progress"),
                                ("7.260614.0", "progress"), ("7.260615.0", "complete")):
            with self.subTest(release=release):
                self.on_release(release)
                work = self.add(3, multipart=True)
                self.send(work, 3)
                self.drain()
                self.close_work(work)
                self.assertEqual(self.told(work), (status, 3, 3, True))


class Older(WorkTest):
    """The connector manager completes what is older than the Work with the latest report."""

    def older_and_newer(self):
        """An older Work of 5 counted and 4 waiting messages, and a newer one."""
        self.platform.worker("off")
        older = self.add(5)
        self.send(older, 4)
        newer = self.add(1)
        return older, newer

    def report_on(self, work):
        self.client.ask(REPORT_EXPECTATION, id=work, error=None)

    def test_nothing_happens_before_the_newer_one_reports(self):
        older, _ = self.older_and_newer()
        self.platform.run_manager()
        self.assertEqual(self.told(older), ("progress", 5, 0, True))

    def test_it_keeps_its_key_and_what_waits_is_imported(self):
        older, newer = self.older_and_newer()
        self.report_on(newer)
        self.platform.run_manager()
        self.assertEqual(self.told(older), ("complete", 5, None, True))
        self.assertEqual(self.drain(), 4)
        self.assertEqual(self.told(older), ("complete", 5, None, True), "short: no verdict")
        self.send(older, 1, "last")
        self.assertEqual(self.drain(), 5)
        self.assertEqual(self.told(older), ("complete", 5, 5, True))

    def test_a_work_with_nothing_at_all_is_closed_likewise(self):
        older = self.add()
        self.report_on(self.add(1))
        self.platform.run_manager()
        self.assertEqual(self.told(older), ("complete", None, None, True))

    def test_the_period(self):
        older, newer = self.older_and_newer()
        self.report_on(newer)
        self.platform.set_manager_period(0.05)
        wait_until(lambda: self.told(older)[0] == "complete", "the manager comes by", 10)

    def test_another_connector_s_works_stay(self):
        older = self.add(5)
        other = self.id + "0"
        self.client.register(other)
        work = self.client.ask(WORK_ADD, connectorId=other, friendlyName="x")["id"]
        self.report_on(work)
        self.platform.run_manager()
        self.assertEqual(self.told(older)[0], "progress")

    def test_an_id_with_an_underscore_is_never_closed(self):
        self.id = "email_intel"
        self.client.register(self.id)
        older = self.add(5)
        self.report_on(self.add(1))
        self.platform.run_manager()
        self.assertEqual(self.told(older)[0], "progress")


class OlderOnOldReleases(WorkTest):
    def older_is_closed(self, release):
        """What is told of it, and how many of 4 reports are imported."""
        self.on_release(release)
        self.platform.worker("off")
        older = self.add(5)
        self.send(older, 4)
        self.client.ask(REPORT_EXPECTATION, id=self.add(1), error=None)
        self.platform.run_manager()
        told = self.told(older)
        count = self.drain()
        return told, count, self.loss_kinds()

    def test_what_waits_is_dropped_on_the_releases_in_between(self):
        for release, alive, count in (("6.8.9", False, 0), ("7.260507.0", False, 0),
                                      ("7.260510.0", True, 4)):
            with self.subTest(release=release):
                told, imported, losses = self.older_is_closed(release)
                self.assertEqual(told, ("complete", 5, None, alive))
                self.assertEqual(imported, count)
                self.assertEqual(losses, ["message of a dead work"] * (4 - count))


class Lost(WorkTest):
    """What the broker confirmed and the platform never imports."""

    def waiting(self, count=3, expected=None):
        self.platform.worker("off")
        work = self.add(count if expected is None else expected)
        self.send(work, count)
        return work

    def assert_dropped(self, count):
        self.assertEqual(self.drain(), 0)
        self.assertEqual(self.loss_kinds(), ["message of a dead work"] * count)

    def test_works_cleared_while_reports_wait(self):
        for document in (WORK_DELETE, WORK_DELETE_ALL):
            with self.subTest(document=document):
                self.forget()
                work = self.waiting()
                self.client.ask(document, id=work, connectorId=self.id)
                self.assertEqual(self.told(work), (None, None, None, False))
                self.expect(work, 1)
                self.close_work(work)
                self.assertEqual(self.told(work), (None, None, None, False))
                self.assert_dropped(3)

    def test_an_unsplit_bundle_of_a_deleted_work_is_dropped(self):
        self.platform.worker("off")
        work = self.add(3)
        bundle = [AUTHOR, MARKING, report()]
        self.client.publish([json.dumps(self.client.envelope(bundle, work, no_split=True))])
        self.sent += 1
        self.client.ask(WORK_DELETE, id=work)
        self.assert_dropped(1)
        fresh = self.add(1)
        self.send(fresh, 1)
        self.assertEqual(self.drain(), 1)

    def test_redis_emptied(self):
        work = self.waiting()
        self.platform.empty_redis()
        self.assertEqual(self.told(work)[3], False)
        self.expect(work, 1)
        self.client.ask(REPORT_EXPECTATION, id=work, error=None)
        self.assertEqual(self.told(work)[3], False, "that revives nothing")
        self.assert_dropped(3)
        self.close_work(work)
        self.assertEqual(self.told(work), ("complete", 1, 1, False), "it feigns success")
        self.assertEqual(self.client.ask(WORK, id=work)["errors"], [])

    def test_purged_after_seven_days(self):
        self.platform.worker("off")
        work = self.add()
        self.send(work, 2)
        self.close_work(work)
        in_progress = self.add(1)
        self.platform.set_clock(7 * DAY_S - 60)
        self.platform.run_manager()
        self.assertEqual(self.told(work)[0], "complete")
        self.platform.set_clock(7 * DAY_S + 60)
        self.platform.run_manager()
        self.assertEqual(self.told(work), (None, None, None, False))
        self.assertEqual(self.told(in_progress)[0], "progress", "such a one stays for ever")
        self.assert_dropped(2)

    def test_each_completion_renews_the_seven_days(self):
        work = self.add(1)
        self.send(work, 1)
        self.drain()
        self.platform.set_clock(6 * DAY_S)
        self.expect(work, 1)
        self.send(work, 1, "later")
        self.drain()
        self.platform.set_clock(8 * DAY_S)
        self.platform.run_manager()
        self.assertEqual(self.told(work), ("complete", 2, 2, True))

    def test_a_deleted_push_queue_comes_back_empty_with_the_next_ping(self):
        work = self.waiting(8)
        self.platform.delete_push_queue(self.id)
        self.sent -= 8
        self.assertIsNone(self.queued())
        self.client.ping(self.id, "{}")
        self.assertEqual(self.queued(), 0)
        self.assertEqual(self.drain(), 0)
        self.assertEqual(self.told(work), ("progress", 8, 0, True))

    def test_messages_without_a_work_are_imported(self):
        self.platform.empty_redis()
        self.assertEqual(len(self.import_all([report()])), 1)
