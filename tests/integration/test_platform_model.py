# SPDX-License-Identifier: Apache-2.0
"""The stand-in platform as the real one was measured to be: what a user may see and do, and what
a search by ids finds."""
import email.utils
import time
import uuid

from servers.platform import ids
from servers.platform.users import CONNECTOR_RIGHTS

from .plain_client import (ABOUT, ALIVE, AUTHOR, EXPECT, IDENTITY, MARKING, MARKING_BY_ID, ME,
                           REPORTS, WORK, WORK_ADD, attachment, report)
from .platform_test import PlatformTest


def marking(definition):
    return ids.static_marking(definition)


class Me(PlatformTest):
    def test_the_connector_s_user_has_the_rights_of_its_groups(self):
        told = self.client.ask(ME)
        rights = [right["name"] for right in told["capabilities"]]
        for right in ("CONNECTORAPI", "APIACCESS_USETOKEN", "KNOWLEDGE", "KNOWLEDGE_KNUPLOAD",
                      "KNOWLEDGE_KNUPDATE_KNDELETE", "MODULES_MODMANAGE"):
            self.assertIn(right, rights)
        self.assertNotIn("KNOWLEDGE_KNUPDATE", rights, "it is held by what is below it only")
        self.assertEqual(told["effective_confidence_level"], {"max_confidence": 100})
        allowed = {entry["definition"]: entry for entry in told["allowed_marking"]}
        self.assertEqual(list(allowed), [*ids.TLP, *ids.PAP])
        self.assertEqual(allowed["TLP:RED"], {
            "standard_id": "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed",
            "definition_type": "TLP", "definition": "TLP:RED"})

    def test_a_grant_shows_at_once(self):
        for granted, shown in (([], []), (["TLP:GREEN"], ["TLP:CLEAR", "TLP:GREEN"]),
                               (["PAP:CLEAR"], ["PAP:CLEAR"]), (None, [*ids.TLP, *ids.PAP])):
            with self.subTest(granted=granted):
                self.platform.set_user(markings=granted)
                told = self.client.ask(ME)["allowed_marking"]
                self.assertEqual([entry["definition"] for entry in told], shown)

    def test_what_is_set_is_told(self):
        self.platform.set_user(name="reader", rights=["APIACCESS_USETOKEN"], max_confidence=50)
        told = self.client.ask(ME)
        self.assertEqual(told["name"], "reader")
        self.assertEqual(told["capabilities"], [{"name": "APIACCESS_USETOKEN"}])
        self.assertEqual(told["effective_confidence_level"], {"max_confidence": 50})


class Search(PlatformTest):
    def setUp(self):
        super().setUp()
        self.client.register(self.id)

    @staticmethod
    def by_ids(values, **changes):
        given = {"key": "ids", "values": values, "mode": "or", **changes}
        return {"mode": "and", "filters": [given], "filterGroups": []}

    def find(self, values, **variables):
        """Pairs of the two kinds of ids, and the page's account."""
        told = self.client.ask(REPORTS, filters=self.by_ids(values), **variables)
        return ([(edge["node"]["standard_id"], edge["node"]["x_opencti_stix_ids"])
                 for edge in told["edges"]], told["pageInfo"])

    def import_reports(self, names, **changes):
        held = self.import_all([AUTHOR, MARKING, *(report(name, **changes) for name in names)])
        return [held[name] for name in names]

    def test_present_and_absent_ids_are_told_apart(self):
        names = [f"r{i:03d}" for i in range(60)]
        there = [held["standard_id"] for held in self.import_reports(names)]
        absent = [f"report--{uuid.uuid4()}" for _ in range(40)]
        found, page = self.find([wanted for pair in zip(there, absent) for wanted in pair])
        self.assertEqual([standard for standard, _ in found], there[:40])
        self.assertEqual((page["hasNextPage"], page["globalCount"]), (False, 40))
        self.assertEqual(self.find(absent)[0], [])

    def test_ids_that_it_was_sent_under_are_found_as_well(self):
        foreign = f"report--{uuid.uuid4()}"
        held, = self.import_reports(["r"], id=foreign)
        self.assertEqual(self.find([foreign])[0], [(held["standard_id"], [foreign])])
        self.assertEqual(self.find([held["standard_id"]])[0], [(held["standard_id"], [foreign])])

    def test_an_id_that_the_platform_computes_alike_is_no_foreign_one(self):
        own = ids.report_id("r", "2026-08-20T13:56:00.000Z")
        self.import_reports(["r"], id=own)
        self.assertEqual(self.find([own])[0], [(own, [])])

    def test_pages(self):
        there = [held["standard_id"] for held in self.import_reports(["a", "b", "c"])]
        found, page = self.find(there, first=2)
        self.assertEqual([standard for standard, _ in found], there[:2])
        self.assertIs(page["hasNextPage"], True)
        found, page = self.find(there, first=2, after=page["endCursor"])
        self.assertEqual([standard for standard, _ in found], there[2:])
        self.assertEqual((page["hasNextPage"], page["globalCount"]), (False, 3))

    def test_without_first_there_are_500(self):
        reports = [report(f"r{i:03d}", object_marking_refs=[]) for i in range(501)]
        there = [ids.report_id(given["name"], given["published"]) for given in reports]
        self.import_all(reports)
        found, page = self.find(there)
        self.assertEqual((len(found), page["hasNextPage"]), (500, True))
        self.assertEqual(len(self.find(there, first=600)[0]), 501)

    def test_filters_that_it_refuses(self):
        one = f"report--{uuid.uuid4()}"
        for changes in ({"values": []}, {"mode": "and", "values": [one, one]},
                        {"key": ["ids", "name"]}):
            with self.subTest(**changes):
                given = {"values": [one], **changes}
                self.refused("UNSUPPORTED_ERROR", self.client.ask, REPORTS,
                             filters=self.by_ids(**given))

    def test_aliases(self):
        field = "reports(first: 1) { pageInfo { globalCount } }"
        self.client.ask(f"query {{ a: {field} b: {field} }}")
        message = self.refused("GRAPHQL_VALIDATION_FAILED", self.client.ask,
                               f"query {{ a: {field} b: {field} c: {field} }}")
        self.assertIn("max: 2", message)

    def test_markings_hide_without_a_word(self):
        held, = self.import_reports(["r"])
        self.platform.set_user(markings=["TLP:AMBER"])
        self.assertEqual(self.find([held["standard_id"]])[0], [])
        self.platform.set_user(markings=["TLP:AMBER+STRICT"])
        self.assertEqual(len(self.find([held["standard_id"]])[0]), 1)

    def test_without_the_right_to_knowledge(self):
        self.platform.set_user(rights=["APIACCESS_USETOKEN", "CONNECTORAPI"])
        self.refused("FORBIDDEN_ACCESS", self.client.ask, REPORTS, filters=self.by_ids(["x"]))
        self.platform.set_user(rights=["APIACCESS_USETOKEN", "BYPASS"])
        self.assertEqual(self.find(["x"])[0], [])


class Time(PlatformTest):
    def told_date(self):
        self.client.ask(ABOUT)
        return email.utils.parsedate_to_datetime(self.client.answer_headers["Date"]).timestamp()

    def test_answers_tell_the_platform_s_time(self):
        self.assertLess(abs(self.told_date() - time.time()), 5)
        for offset in (86400, -7200):
            with self.subTest(offset=offset):
                self.platform.set_clock(offset)
                self.assertLess(abs(self.told_date() - time.time() - offset), 5)


class Files(PlatformTest):
    def test_what_can_be_opened_and_as_what_it_is_shown(self):
        self.client.register(self.id)
        cases = (("report.pdf", "report.pdf", 200, "application/pdf"),
                 ("mail.eml", "mail.eml", 200, "message/rfc822"),
                 ("100%.pdf", "100%.pdf", 200, "application/pdf"),
                 ("50% off.pdf", "50% off.pdf", 200, "application/pdf"),
                 ("a%20b.pdf", "a%20b.pdf", 503, "application/pdf"),
                 ('say "hi".pdf', "say %22hi%22.pdf", 503, "application/pdf"),
                 ("two\r\nlines.pdf", "two%0D%0Alines.pdf", 503, "application/pdf"),
                 ("a.pdf (comment)", "a.pdf (comment)", 200, "application/octet-stream"),
                 ("no ending", "no ending", 200, "application/octet-stream"),
                 ("a/b/../c.txt", "c.txt", 200, "text/plain"))
        sent = [attachment(name, mime_type="application/x-sent") for name, *_ in cases]
        held = self.import_all([report(x_opencti_files=sent)])["Weekly CTI Digest"]
        for name, stored, status, shown in cases:
            with self.subTest(name=name):
                self.assertEqual(held["files"][stored.lower()]["name"], stored)
                self.assertEqual(self.platform.open_file(held["standard_id"], name),
                                 {"status": status, "mime_type": shown})


class Analysts(PlatformTest):
    """What is sent again, after an analyst has worked on it."""

    def setUp(self):
        super().setUp()
        self.client.register(self.id)
        own = ids.report_id("Weekly CTI Digest", "2026-08-20T13:56:00.000Z")
        self.sent = report(id=own, description="sent")
        self.held = self.import_all([AUTHOR, MARKING, self.sent])["Weekly CTI Digest"]
        self.assertEqual(self.held["standard_id"], own)

    def found(self, stix_id):
        told = self.client.ask(REPORTS, filters=Search.by_ids([stix_id]))
        return [edge["node"]["standard_id"] for edge in told["edges"]]

    def test_an_upsert_replaces_what_was_edited(self):
        self.platform.edit_report(self.held["standard_id"], content="edited",
                                  description="edited as well")
        held = self.import_all([self.sent])["Weekly CTI Digest"]
        self.assertEqual((held["content"], held["description"]), ("text", "sent"))
        self.platform.edit_report(self.held["standard_id"], content="edited")
        held = self.import_all([report(x_opencti_content="")])["Weekly CTI Digest"]
        self.assertEqual(held["content"], "edited", "no content replaces none")

    def test_a_renamed_one_is_found_no_more_and_doubled_when_sent_again(self):
        renamed = self.platform.edit_report(self.held["standard_id"], name="Renamed")
        self.assertNotEqual(renamed, self.held["standard_id"])
        self.assertEqual(self.found(self.held["standard_id"]), [])
        self.assertEqual(self.found(renamed), [renamed])
        held = self.import_all([self.sent])
        self.assertEqual(sorted(held), ["Renamed", "Weekly CTI Digest"])

    def test_other_letters_of_one_name_are_no_new_name(self):
        same = self.platform.edit_report(self.held["standard_id"], name="WEEKLY cti digest")
        self.assertEqual(same, self.held["standard_id"])
        self.assertEqual(list(self.import_all([self.sent])), ["Weekly CTI Digest"])


class Rights(PlatformTest):
    """What the user may not do is refused in the worker, where no connector looks."""

    def setUp(self):
        super().setUp()
        self.client.register(self.id)

    def without(self, *rights):
        self.platform.set_user(rights=[right for right in CONNECTOR_RIGHTS
                                       if not right.startswith(rights)])

    def work_of(self, objects):
        """Names of the reports that came of them, and the Work."""
        work = self.client.ask(WORK_ADD, connectorId=self.id, friendlyName="x")["id"]
        self.client.ask(EXPECT, id=work, expectations=len(objects))
        held = self.import_all(objects, work)
        return sorted(held), self.client.ask(WORK, id=work)

    def assert_refused(self, work, errors, processed, code):
        self.assertEqual(work["status"], "complete")
        self.assertEqual(work["tracking"]["import_processed_number"], processed)
        messages = [error["message"] for error in work["errors"]]
        self.assertEqual(len(messages), errors, messages)
        self.assertTrue(all(code in message for message in messages), messages)

    def test_without_the_right_to_upload_a_report_with_a_file_is_lost(self):
        self.without("KNOWLEDGE_KNUPLOAD")
        names, work = self.work_of([AUTHOR, MARKING, report("text only"),
                                    report("file", x_opencti_files=[attachment()])])
        self.assertEqual(names, ["text only"])
        self.assert_refused(work, 1, 4, "FORBIDDEN_ACCESS")

    def test_without_the_right_to_create_nothing_comes_of_it(self):
        self.without("KNOWLEDGE_KNUPDATE")
        names, work = self.work_of([AUTHOR, MARKING, report()])
        self.assertEqual(names, [])
        self.assert_refused(work, 3, 3, "FORBIDDEN_ACCESS")
        self.assertIsNone(self.client.ask(IDENTITY, id=AUTHOR["id"]))

    def test_without_the_marking_the_report_is_lost(self):
        self.platform.set_user(markings=["TLP:AMBER"])
        names, work = self.work_of([
            AUTHOR, MARKING, report("strict"),
            report("amber", object_marking_refs=[marking("TLP:AMBER")]),
            report("clear", object_marking_refs=[marking("TLP:CLEAR")]),
            report("none", object_marking_refs=[])])
        self.assertEqual(names, ["amber", "clear", "none"])
        self.assert_refused(work, 1, 6, "MISSING_REFERENCE_ERROR")
        self.assertIn("Element(s) not found", work["errors"][0]["message"])

    def test_that_a_marking_exists_proves_no_right(self):
        self.platform.set_user(markings=[])
        self.assertEqual(self.client.ask(MARKING_BY_ID, id=MARKING["id"])["definition"],
                         "TLP:AMBER+STRICT")

    def test_confidence_is_capped_to_the_user_s(self):
        self.platform.set_user(max_confidence=50)
        held = self.import_all([report("90", confidence=90), report("10", confidence=10)])
        self.assertEqual((held["90"]["confidence"], held["10"]["confidence"]), (50, 10))

    def test_whom_nobody_knows_imports_nothing(self):
        work = self.client.ask(WORK_ADD, connectorId=self.id, friendlyName="x")["id"]
        self.client.ask(EXPECT, id=work, expectations=2)
        self.client.user_id = str(uuid.uuid4())
        self.assertEqual(self.import_all([AUTHOR, report()], work), {})
        self.assert_refused(self.client.ask(WORK, id=work), 2, 2, "AUTH_REQUIRED")

    def test_without_modules_a_work_is_not_told(self):
        work = self.client.ask(WORK_ADD, connectorId=self.id, friendlyName="x")["id"]
        self.without("MODULES")
        for document in (WORK, ALIVE):
            self.refused("FORBIDDEN_ACCESS", self.client.ask, document, id=work)
        self.client.ask(EXPECT, id=work, expectations=1)
