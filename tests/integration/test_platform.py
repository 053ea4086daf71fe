# SPDX-License-Identifier: Apache-2.0
"""The stand-in platform behaves as the real one was measured to."""
import json
import time
import uuid

from servers.process import wait_until

from .plain_client import (ABOUT, ALIVE, AUTHOR, DELETE, EXPECT, MARKING, PING_SHORT, PROCESSED,
                           QUEUE, REGISTER_SHORT, RESET, WORK_ADD, WORK_ADD_MULTI, Refused,
                           attachment, report)
from .platform_test import PlatformTest


class Registration(PlatformTest):
    def test_register_declares_queues_and_tells_the_broker(self):
        answer = self.client.register(self.id)
        self.assertIsNone(answer["connector_state"])
        self.assertEqual(answer["config"]["connection"]["port"], self.broker.port)
        self.assertEqual(sorted(self.broker.queues(self.vhost)),
                         [f"listen_{self.id}", f"push_{self.id}"])

    def test_ping_makes_a_lost_queue_again(self):
        self.client.register(self.id)
        self.broker.delete_queue(self.vhost, f"push_{self.id}")
        self.broker.delete_exchange(self.vhost, "amqp.worker.exchange")
        self.client.ping(self.id)
        self.client.send([AUTHOR])
        wait_until(self.platform.messages, "the message arrives", 10)

    def test_state_is_kept_across_registrations(self):
        self.client.register(self.id)
        self.assertEqual(self.client.ping(self.id, '{"a":1}')["connector_state"], '{"a":1}')
        self.assertEqual(self.client.register(self.id)["connector_state"], '{"a":1}')
        self.assertEqual(self.client.ping(self.id, "null")["connector_state"], "null")
        for state in ('""', "12", "[1]", '"text"', ""):
            with self.subTest(state=state):
                self.assertEqual(self.client.ping(self.id, state)["connector_state"], state)
                self.assertEqual(self.client.register(self.id)["connector_state"], state)

    def test_a_ping_without_a_state_wipes_it(self):
        self.client.register(self.id)
        for variables in ({}, {"state": None}):
            with self.subTest(**variables):
                self.client.ping(self.id, '{"a":1}')
                answer = self.client.ask(PING_SHORT, id=self.id, **variables)
                self.assertIsNone(answer["connector_state"])
                self.assertIsNone(self.client.register(self.id)["connector_state"])

    def test_a_reset_survives_the_registration_until_the_first_ping(self):
        self.client.register(self.id)
        self.client.ping(self.id, '{"a":1}')
        self.client.ask(RESET, id=self.id)
        for _ in range(2):
            self.assertEqual(self.client.register(self.id)["connector_state"], "")
        self.assertEqual(self.client.ping(self.id)["connector_state"], "")
        self.assertEqual(self.client.ping(self.id, "{}")["connector_state"], "{}")

    def test_reset_is_told_once_and_purges(self):
        self.platform.worker("off")
        self.client.register(self.id)
        self.client.ping(self.id, '{"a":1}')
        self.client.send([AUTHOR])
        self.client.ask(RESET, id=self.id)
        self.assertEqual(self.broker.count(self.vhost, f"push_{self.id}"), 0)
        self.assertEqual(self.client.register(self.id)["connector_state"], "")
        self.assertEqual(self.client.ping(self.id, '{"a":1}')["connector_state"], "")
        self.assertEqual(self.client.ping(self.id, '{"a":1}')["connector_state"], '{"a":1}')

    def test_state_that_is_no_json_fails_but_is_stored(self):
        self.client.register(self.id)
        self.refused("INTERNAL_SERVER_ERROR", self.client.ping, self.id, "not json")
        self.refused("INTERNAL_SERVER_ERROR", self.client.ping, self.id, "{}")
        self.assertEqual(self.client.ping(self.id, "{}")["connector_state"], "{}")

    def test_unknown_connector_cannot_ping(self):
        message = self.refused("FUNCTIONAL_ERROR", self.client.ping, self.id, "{}")
        self.assertEqual(message, "No connector found with the specified ID")
        self.assertEqual(self.broker.queues(self.vhost), [])

    def test_a_deleted_connector_cannot_come_back_at_once(self):
        self.addCleanup(self.platform.set_lock_error, 0.3)
        self.platform.set_lock_error(3600)  # longer than a busy machine takes
        self.client.register(self.id)
        self.client.ask(DELETE, id=self.id)
        self.assertEqual(self.broker.queues(self.vhost), [])
        self.assertIn("LOCK_ERROR",
                      self.refused("INTERNAL_SERVER_ERROR", self.client.register, self.id))
        self.platform.set_lock_error(0)
        self.assertIsNone(self.client.register(self.id)["connector_state"])

    def test_attributes_once_set_may_not_be_forgotten(self):
        self.client.register(self.id)
        self.assertIn("enrichment_resolution", self.refused(
            "FUNCTIONAL_ERROR", self.client.register, self.id, enrichment_resolution=...))
        self.assertIn("connector_scope", self.refused(
            "FUNCTIONAL_ERROR", self.client.register, self.id, scope=...))

    def test_dates_of_connector_info_come_back_with_milliseconds(self):
        self.client.register(self.id)
        info = self.client.ping(self.id)["connector_info"]
        self.assertEqual(info["last_run_datetime"], "2026-03-03T16:00:00.000Z")


class Transport(PlatformTest):
    def test_bad_tokens_and_missing_rights(self):
        stranger = self.connect(self.platform, "garbage")
        self.assertEqual(self.refused("AUTH_REQUIRED", stranger.ask, ABOUT),
                         "You must be logged in to do this.")
        self.platform.add_token("default-group", [])
        self.refused("AUTH_REQUIRED", self.connect(self.platform, "default-group").ask, ABOUT)
        self.platform.add_token("reader", ["APIACCESS_USETOKEN"])
        reader = self.connect(self.platform, "reader")
        self.assertEqual(reader.ask(ABOUT)["version"], self.release)
        self.refused("FORBIDDEN_ACCESS", reader.register, self.id)

    def test_what_the_release_does_not_know_is_refused(self):
        self.assertIn("foo", self.refused("BAD_USER_INPUT", self.client.register, self.id, foo=1))
        self.assertIn("NOPE", self.refused("BAD_USER_INPUT", self.client.register, self.id,
                                           type="NOPE"))
        self.refused("GRAPHQL_VALIDATION_FAILED", self.client.ask, "query { about { memory } }")
        ping = "pingConnector(id: $i) { id }"
        twice = f"mutation($i: ID!) {{ a: {ping} b: {ping} }}"
        self.refused("GRAPHQL_VALIDATION_FAILED", self.client.ask, twice, i=self.id)
        self.assertEqual(len(self.platform.seen()["refused"]), 4)

    def test_requests_that_are_no_graphql(self):
        self.assertEqual(self.client.post("{")[0], 500)
        self.assertEqual(self.client.post("{}", content_type="text/plain")[0], 400)
        self.assertEqual(self.client.post("[]")[0], 400)
        self.assertEqual(self.client.post(None, method="GET")[0], 405)
        self.assertEqual(self.client.post("{}", path="/other")[0], 404)

    def test_idle_connections_are_closed(self):
        platform = self.start_platform(idle_s=0.2)
        client = self.connect(platform)
        client.ask(ABOUT)
        held = client.connection.sock
        held.settimeout(5)
        self.assertEqual(held.recv(1), b"")

    def test_faults(self):
        self.client.register(self.id)
        for status in (500, 502, 429):
            self.platform.fail("pingConnector", "status", status=status)
            with self.assertRaisesRegex(RuntimeError, f"HTTP {status}"):
                self.client.ping(self.id)
        self.platform.fail("pingConnector", "error", code="DATABASE_ERROR", message="m", skip=1)
        self.client.ping(self.id)
        self.refused("DATABASE_ERROR", self.client.ping, self.id)
        for kind, state in (("cut_before", '{"a":1}'), ("cut_after", '{"a":2}')):
            self.platform.fail("pingConnector", kind)
            with self.assertRaises(ConnectionError):
                self.client.ping(self.id, state)
            self.client.close()
        self.assertEqual(self.platform.state(self.id), {"a": 2})
        self.platform.fail("about", "delay", seconds=0.3)
        start = time.monotonic()
        self.client.ask(ABOUT)
        self.assertGreaterEqual(time.monotonic() - start, 0.3)

    def test_queue_size_comes_from_the_broker_or_as_told(self):
        self.client.register(self.id)
        self.platform.tell_queue_size(600_000_000)
        details = self.client.ask(QUEUE, id=self.id)["connector_queue_details"]
        self.assertEqual(details["messages_size"], 600_000_000.0)


class OlderReleases(PlatformTest):
    release = "6.0.0"

    def test_6_0_knows_the_short_documents_only(self):
        self.refused("GRAPHQL_VALIDATION_FAILED", self.client.register, self.id)
        self.refused("BAD_USER_INPUT", self.client.register, self.id, document=REGISTER_SHORT)
        self.client.register(self.id, document=REGISTER_SHORT, auto_update=...,
                             enrichment_resolution=..., listen_callback_uri=...)
        self.refused("GRAPHQL_VALIDATION_FAILED", self.client.ping, self.id)
        answer = self.client.ask(PING_SHORT, id=self.id, state="{}")
        self.assertEqual(answer["connector_state"], "{}")

    def test_errors_have_the_old_shape(self):
        error = None
        try:
            self.client.ask(PING_SHORT, id=self.id, state="{}")
        except Refused as refused:
            error = refused.error
        self.assertNotIn("extensions", error)
        self.assertEqual(error["name"], "FUNCTIONAL_ERROR")
        self.assertEqual(error["data"]["http_status"], 400)

    def test_6_0_reads_content_only_and_wants_version(self):
        self.client.register(self.id, document=REGISTER_SHORT, auto_update=...,
                             enrichment_resolution=..., listen_callback_uri=...)
        work = self.client.ask(WORK_ADD, connectorId=self.id, friendlyName="x")["id"]
        held = self.import_all([
            AUTHOR, MARKING,
            report("new only"), report("both", content="old text"),
            report("no version", x_opencti_files=[attachment()]),
            report("version", x_opencti_files=[attachment(version="2026-01-01T00:00:00Z")]),
        ], work)
        self.assertEqual(held["new only"]["content"], "")
        self.assertEqual(held["both"]["content"], "old text")
        self.assertIn("version", held)
        self.assertNotIn("no version", held)
        self.assertEqual(self.platform.works()[0]["errors"][0]["message"], "'version'")


class Imports(PlatformTest):
    def setUp(self):
        super().setUp()
        self.client.register(self.id)

    def test_three_messages_make_a_report_and_complete_the_work(self):
        work = self.client.ask(WORK_ADD, connectorId=self.id, friendlyName="Email Intel IMAP")["id"]
        self.client.ask(EXPECT, id=work, expectations=3)
        given = report(x_opencti_files=[attachment("Mail.EML", b"abc")])
        held = self.import_all([AUTHOR, MARKING, given], work)["Weekly CTI Digest"]
        self.client.ask(PROCESSED, id=work, message="done", inError=False)
        self.assertEqual(held["standard_id"], "report--7c7a5d61-f17c-5d74-ae12-d9e7c467333c")
        self.assertEqual(held["created_by"], AUTHOR["id"])
        self.assertEqual(held["markings"], [MARKING["id"]])
        self.assertEqual(held["files"]["mail.eml"]["name"], "Mail.EML")
        self.assertEqual(held["files"]["mail.eml"]["size"], 3)
        told = self.platform.works()[0]
        self.assertEqual((told["status"], told["expected"], told["processed"]), ("complete", 3, 3))
        self.assertEqual(self.platform.losses(), [])
        self.assertEqual(self.platform.violations(), [])

    def test_same_name_and_instant_are_one_report(self):
        files = [attachment("a.txt")]
        self.import_all([report(x_opencti_content="", x_opencti_files=files)])
        held = self.import_all([
            report(name=" weekly cti digest ", published="2026-08-20T15:56:00.0009+02:00"),
            report(name="weekly CTI digest", x_opencti_content="",
                   x_opencti_files=[attachment("b.txt")])])
        self.assertEqual(list(held), ["weekly CTI digest"])
        only = held["weekly CTI digest"]
        self.assertEqual((only["imports"], only["content"]), (3, "text"))
        self.assertEqual(sorted(only["files"]), ["a.txt", "b.txt"])
        self.assertEqual(len(self.import_all([report(published="2026-08-20T13:56:00.001Z")])), 2)

    def test_silent_losses(self):
        unknown = f"identity--{uuid.uuid4()}"
        marking = f"marking-definition--{uuid.uuid4()}"
        held = self.import_all([
            report(name=None), report(published=None), report(published=...),
            report("no author", created_by_ref=unknown),
            report("no marking", object_marking_refs=[marking]),
            report("case", x_opencti_files=[attachment("A.txt", b"1"), attachment("a.txt", b"22")]),
            report("bytes", x_opencti_files=[attachment("a.bin", data=b"") | {"data": "???"}])])
        self.assertEqual(sorted(held), ["bytes", "case", "no author", "no marking"])
        self.assertEqual(held["no marking"]["markings"], [])
        self.assertEqual([file["size"] for file in held["case"]["files"].values()], [2])
        # The platform was not told of the author either, in any of the seven.
        kinds = [kind for kind in self.loss_kinds() if kind != "author unknown"]
        self.assertEqual(kinds, ["no name or published"] * 3 +
                         ["marking unknown", "file names collide", "file of no bytes"])

    def test_errors_are_told_on_the_work(self):
        work = self.client.ask(WORK_ADD, connectorId=self.id, friendlyName="x")["id"]
        self.client.ask(EXPECT, id=work, expectations=8)
        held = self.import_all([
            report(name=...), report(name=""), report(name=7), report(published="2026-08-20"),
            report(published="2026-13-45T00:00:00Z"),
            report(x_opencti_files=[attachment("")]), report(id="report--x"),
            {"type": "malware-x", "id": f"malware-x--{uuid.uuid4()}"}], work)
        self.assertEqual(held, {})
        errors = [entry["message"] for entry in self.platform.works()[0]["errors"]]
        self.assertEqual(len(errors), 8)
        self.assertEqual(errors[0], "'name'")
        self.assertEqual(errors[5], "File missing in the request.")
        self.assertEqual(errors[7], "Incompatible element in bundle")

    def test_a_report_with_a_file_holds_998_600_bytes_of_content_and_not_998_800(self):
        files = [attachment()]
        held = self.import_all([
            report("fits", x_opencti_content="a" * 998_600, x_opencti_files=files),
            report("not", x_opencti_content="a" * 998_800, x_opencti_files=files),
            report("cyrillic", x_opencti_content="\u0416" * 160_000, x_opencti_files=files),
            report("more cyrillic", x_opencti_content="\u0416" * 170_000, x_opencti_files=files),
            report("no file", x_opencti_content="a" * 5_000_000)])
        self.assertEqual(sorted(held), ["cyrillic", "fits", "no file"])

    def test_markdown_images(self):
        pixel = "data:image/png;base64,iVBORw0KGgo="
        refused = ["![x](data:text/html,a)", "![x](  data:a)", "![x](<data:a)", "![a\nb](data:a)",
                   "\\![x](data:a)", "![x](data:image/png;base64,)"]
        accepted = ["![x](DATA:a)", "![x](http://a.example) data:", "![x][1] data:a",
                    "&#33;[x](data:a)", f"![x]({pixel})", f'<![if !mso]><img src="{pixel}">']
        held = self.import_all([report(f"r{i}", x_opencti_content=text)
                                for i, text in enumerate(refused)]
                               + [report(f"d{i}", description=text)
                                  for i, text in enumerate(refused)]
                               + [report(f"a{i}", x_opencti_content=text)
                                  for i, text in enumerate(accepted)])
        self.assertEqual(sorted(held), [f"a{i}" for i in range(len(accepted))])

    def test_messages_of_a_dead_work_vanish(self):
        work = self.client.ask(WORK_ADD, connectorId=self.id, friendlyName="x")["id"]
        self.platform.delete_works()
        self.assertIs(self.client.ask(ALIVE, id=work), False)
        self.assertEqual(self.client.ask(EXPECT, id=work, expectations=1),
                         {"addExpectations": work})
        self.assertEqual(self.import_all([report()], work), {})
        self.assertEqual(self.loss_kinds(), ["message of a dead work"])
        self.assertEqual(len(self.import_all([report()])), 1)

    def test_unreadable_messages_are_dropped(self):
        bad = [json.dumps(self.client.envelope([report()], None, content="%%%")), "not json",
               json.dumps(self.client.envelope([{"type": "report"}], None)),
               json.dumps(self.client.envelope([report()], None, type="other"))]
        self.client.publish(bad)
        wait_until(lambda: len(self.platform.losses()) == len(bad), "all are dropped", 10)
        self.assertEqual(self.platform.reports(), [])

    def test_what_pycti_would_not_send_is_noted(self):
        self.platform.worker("off")
        good = {**AUTHOR, "nb_deps": 1}
        self.client.publish([json.dumps(self.client.envelope([good], None, extra=1))])
        self.client.publish([json.dumps(self.client.envelope([good], None, draft_id=...))])
        self.client.publish([json.dumps(self.client.envelope([good], None, applicant_id=None))])
        self.client.publish([json.dumps(self.client.envelope([good], None))], delivery_mode=1)
        self.client.publish([json.dumps(self.client.envelope([AUTHOR], None))])
        self.assertEqual(self.broker.count(self.vhost, f"push_{self.id}"), 5)
        self.platform.worker("running")
        wait_until(lambda: len(self.platform.messages()) == 5, "all are taken", 10)
        self.assertEqual(len(self.platform.violations()), 5)

    def test_an_unsplit_bundle_is_imported_whole(self):
        work = self.client.ask(WORK_ADD, connectorId=self.id, friendlyName="x")["id"]
        self.client.ask(EXPECT, id=work, expectations=3)
        objects = [report(), AUTHOR, MARKING]
        self.client.publish([json.dumps(self.client.envelope(objects, work, no_split=True))])
        held = self.platform.wait_for_reports(1)[0]
        self.assertEqual(held["created_by"], AUTHOR["id"])
        wait_until(lambda: self.platform.works()[0]["processed"] == 3, "three are reported", 5)


class WorkLife(PlatformTest):
    def setUp(self):
        super().setUp()
        self.client.register(self.id)

    def work(self):
        return self.platform.works()[-1]

    def test_a_work_needs_a_connector(self):
        self.refused("INTERNAL_SERVER_ERROR", self.client.ask, WORK_ADD,
                     connectorId=str(uuid.uuid4()), friendlyName="x")

    def test_processed_completes_an_empty_work(self):
        work = self.client.ask(WORK_ADD, connectorId=self.id, friendlyName="x")["id"]
        self.client.ask(PROCESSED, id=work, message="failed", inError=True)
        told = self.work()
        self.assertEqual((told["status"], told["expected"], told["processed"]), ("complete", 1, 1))
        self.assertEqual(told["errors"][0]["message"], "failed")

    def test_too_many_expectations_leave_it_open_until_a_newer_one_reports(self):
        first = self.client.ask(WORK_ADD, connectorId=self.id, friendlyName="x")["id"]
        self.client.ask(EXPECT, id=first, expectations=5)
        self.import_all([AUTHOR], first)
        self.client.ask(PROCESSED, id=first, message="", inError=False)
        self.assertEqual(self.work()["status"], "progress")
        second = self.client.ask(WORK_ADD, connectorId=self.id, friendlyName="x")["id"]
        self.client.ask(EXPECT, id=second, expectations=1)
        self.import_all([AUTHOR], second)
        self.platform.run_manager()
        self.assertEqual([work["status"] for work in self.platform.works()], ["complete"] * 2)

    def test_a_multipart_work_waits_for_processed(self):
        work = self.client.ask(WORK_ADD_MULTI, connectorId=self.id, isMultiPartWork=True)["id"]
        self.client.ask(EXPECT, id=work, expectations=1)
        self.import_all([AUTHOR], work)
        self.assertEqual(self.work()["status"], "progress")
        self.client.ask(PROCESSED, id=work, message="", inError=False)
        self.assertEqual(self.work()["status"], "complete")


class FileLoss(PlatformTest):
    def test_some_releases_lose_the_files_of_an_update(self):
        for release, kept in (("6.9.5", 2), ("6.9.10", 1), ("6.9.13", 2)):
            with self.subTest(release=release):
                platform = self.platform = self.start_platform(release=release)
                self.client = self.connect(platform)
                self.client.register(
                    self.id, document=REGISTER_SHORT)
                held = self.import_all([report(x_opencti_files=[attachment("a.txt")]),
                                        report(x_opencti_files=[attachment("b.txt")])])
                self.assertEqual(len(held["Weekly CTI Digest"]["files"]), kept)
                platform.stop()
