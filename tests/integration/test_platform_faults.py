# SPDX-License-Identifier: Apache-2.0
"""The platform fails, is slow, forgets or refuses: nothing is lost, nothing asked for twice."""
import threading
import time
import uuid

from servers.process import wait_until
from servers.relay import Relay

from .support import ConnectorTest, simple_mail

OPERATIONS = ("about", "registerConnector", "pingConnector", "workAdd",
              "workEdit.addExpectations", "workEdit.toProcessed", "identity", "connector")


class Faults(ConnectorTest):
    def run_with(self, operation, kind, **details):
        self.platform.forget_reports()
        self.platform.clear_faults()
        connector = str(uuid.uuid4())
        self.connector_id = connector
        self.settings["CONNECTOR_ID"] = connector
        self.platform.fail(operation, kind, **details)
        self.once_ok(timeout=120)
        self.imported()
        self.assertEqual(self.platform.call("faults_left"), [], "the fault never struck")
        self.assertEqual(self.platform.report_names(), self.names)

    def test_one_bad_answer_of_any_operation(self):
        self.names = self.fill(3)
        for operation in OPERATIONS:
            for details in ({"status": 500}, {"status": 502}, {"status": 429}):
                with self.subTest(operation=operation, **details):
                    self.run_with(operation, "status", **details)

    def test_a_connection_cut_before_or_after_any_operation(self):
        self.names = self.fill(3)
        for operation in OPERATIONS:
            for kind in ("cut_before", "cut_after"):
                with self.subTest(operation=operation, kind=kind):
                    self.run_with(operation, kind)

    def test_graphql_errors_that_pass(self):
        self.names = self.fill(3)
        for operation in ("registerConnector", "pingConnector", "workAdd",
                          "workEdit.addExpectations"):
            with self.subTest(operation=operation):
                self.run_with(operation, "error", code="DATABASE_ERROR", message="engine is down")

    def test_no_work_is_opened_twice_for_one_lost_answer_and_all_are_closed(self):
        self.names = self.fill(3)
        self.run_with("workAdd", "cut_after")
        self.assertLessEqual(len(self.platform.works()), 2)
        works = [work for work in self.platform.works() if work["calls"]]
        self.assertEqual(len(works), 1)

    def test_expectations_are_never_added_twice(self):
        self.names = self.fill(3)
        self.run_with("workEdit.addExpectations", "cut_after")
        added = sum(call["expectations"] for call in self.platform.works()[-1]["calls"]
                    if call["action"] == "addExpectations")
        sent = len(self.platform.messages())
        self.assertLessEqual(abs(added - sent), 0, self.platform.works())


class Stops(ConnectorTest):
    """A signal ends it in less than 10 s, whatever it waits for."""

    def test_while_a_call_hangs(self):
        self.fill(3)
        for operation in ("about", "registerConnector", "pingConnector", "workAdd",
                          "workEdit.addExpectations", "workEdit.toProcessed"):
            with self.subTest(operation=operation):
                self.connector_id = self.settings["CONNECTOR_ID"] = str(uuid.uuid4())
                called = self.platform.calls(operation)
                self.platform.fail(operation, "hang", times=None)
                run = self.start()
                run.until(lambda: self.platform.calls(operation) > called, "the call is made")
                self.assert_stops(run)
                self.platform.clear_faults()

    def test_while_the_mail_server_is_silent(self):
        self.fill(60, size=20_000)
        relay = Relay(self.dovecot.tls_port).start()
        self.addCleanup(relay.stop)
        for count in (1, 3_000, 300_000):
            with self.subTest(bytes=count):
                self.connector_id = self.settings["CONNECTOR_ID"] = str(uuid.uuid4())
                stalled = threading.Event()
                relay.when_received(count, lambda: (relay.stall(), stalled.set()))
                run = self.start(EMAIL_INTEL_IMAP_PORT=relay.port)
                run.until(stalled.is_set, "the mail server falls silent")
                self.assert_stops(run)
                relay.resume()


class Refusals(ConnectorTest):
    def test_a_bad_token_ends_it_with_77_and_says_what_may_be_wrong(self):
        for token, rights in (("garbage", None), ("no-rights", ())):
            if rights is not None:
                self.platform.add_token(token, rights)
            run = self.once(OPENCTI_TOKEN=token)
            self.assertEqual(run.process.returncode, 77, run.tail())
            self.assertIn("token", run.err.lower())
            self.assertNotIn(token, run.err)

    def test_a_user_without_the_connector_right(self):
        self.platform.add_token("reader", ["APIACCESS_USETOKEN"])
        run = self.once(OPENCTI_TOKEN="reader")
        self.assertEqual(run.process.returncode, 77, run.tail())

    def test_a_platform_that_is_not_there_is_waited_for(self):
        names = self.fill(2)
        port = self.platform.port
        self.platform.stop()
        run = self.start()
        run.until(lambda: any(line["level"] in ("WARNING", "ERROR") for line in run.log),
                  "the absence is told")
        self.platform = self.start_platform(port=port)
        run.until(lambda: len(self.platform.reports()) == 2, "reports", 60)
        self.assertEqual(self.platform.report_names(), names)
        self.assertEqual(run.terminate(), 0)


class Queue(ConnectorTest):
    def test_over_the_threshold_no_mail_is_read(self):
        self.fill(2)
        self.platform.tell_queue_size(501_000_000)
        self.once(timeout=30, CONNECTOR_DURATION_PERIOD="PT2S")
        self.assertEqual(self.platform.messages(), [])
        self.platform.tell_queue_size(499_000_000)
        self.once_ok()
        self.assertEqual(len(self.imported()), 2)

    def test_the_daemon_waits_and_goes_on(self):
        names = self.fill(2)
        self.platform.tell_queue_size(501_000_000)
        run = self.start()
        run.until(lambda: any((ping["info"] or {}).get("buffering")
                              for ping in self.platform.pings()), "a ping tells of it", 60)
        self.assertEqual(self.platform.reports(), [])
        self.platform.tell_queue_size(0)
        run.until(lambda: len(self.platform.reports()) == 2, "the reports", 60)
        self.assertEqual(self.platform.report_names(), names)
        self.assertEqual(run.terminate(), 0)


class Works(ConnectorTest):
    def test_a_work_cleared_in_mid_run_is_replaced(self):
        self.fill(1)
        self.once_ok()
        self.imported()
        run = self.start()
        run.until(lambda: len(self.platform.pings()) > 1, "the daemon is up")
        self.platform.delete_works()
        self.mailbox.deliver(simple_mail("later", int(time.time())))
        run.until(lambda: "later" in self.platform.report_names(), "the later mail")
        self.assertEqual(run.terminate(), 0)
        self.assert_works_closed()

    def test_author_and_marking_are_there_before_the_first_report(self):
        self.fill(20)
        self.once_ok()
        self.imported()
        kinds = [message["types"][0] for message in self.platform.messages()]
        self.assertNotIn("identity", kinds[kinds.index("report"):])
        self.assertEqual(self.platform.losses(), [])

    def test_reports_wait_until_the_platform_has_author_and_marking(self):
        names = self.fill(3)
        self.platform.worker("off")
        run = self.start("--once")
        run.until(lambda: (self.queued() or 0) >= 2
                  and self.platform.calls("identity") >= 2, "it waits for the author")
        self.assertLessEqual(self.queued(), 3)
        self.assertTrue(run.running())
        self.platform.worker("running")
        self.assertEqual(run.wait(), 0, run.tail())
        self.assertEqual(sorted(self.imported()), names)
        self.assertEqual(self.platform.losses(), [])

    def test_a_marking_that_vanished_is_sent_again(self):
        marking = "marking-definition--826578e1-40ad-459f-bc73-ede076f81f37"
        self.fill(2)
        self.platform.forget(marking)
        self.once_ok()
        self.imported()
        for report in self.platform.reports():
            self.assertEqual(report["markings"], [marking])

    def test_pings_carry_pycti_s_connector_info(self):
        self.fill(1)
        self.once_ok()
        info = self.platform.pings()[-1]["info"]
        self.assertEqual(sorted(info), ["buffering", "last_run_datetime", "next_run_datetime",
                                        "queue_messages_size", "queue_threshold",
                                        "run_and_terminate"])

    def test_the_daemon_pings(self):
        self.fill(1)
        run = self.start(CONNECTOR_DURATION_PERIOD="PT1H")
        run.until(lambda: self.platform.reports(), "one report")
        count = len(self.platform.pings())
        wait_until(lambda: len(self.platform.pings()) > count, "a ping within 45 s", 45)
        self.assertEqual(run.terminate(), 0)
