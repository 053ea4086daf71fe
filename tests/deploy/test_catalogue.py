# SPDX-License-Identifier: Apache-2.0
"""The catalogue for the platform's manager, by the platform's own rules: what its reader throws
on (Ajv, strict, with six formats), what it adds or takes away, and what its successor wants."""
import base64
import json
import re
import unittest

from . import support

# Ajv's strict mode throws on any other word, and with it every page of the catalogue.
KEYWORDS = {"$schema", "$id", "type", "properties", "required", "additionalProperties",
            "description", "default", "enum", "items", "minimum", "maximum", "format", "writeOnly"}
FORMATS = {"password", "uri", "duration", "email", "date-time", "date"}
TYPES = {"string": str, "integer": int, "boolean": bool, "array": list}
# ajv-formats: no fraction, no weeks beside others, no 0.
DURATION = re.compile(r"P(?!$)((\d+Y)?(\d+M)?(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+S)?)?|(\d+W)?)")
GIVEN = {"OPENCTI_URL", "OPENCTI_URI", "OPENCTI_TOKEN", "CONNECTOR_ID", "CONNECTOR_NAME",
         "CONNECTOR_TYPE", "CONNECTOR_RUN_AND_TERMINATE", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY",
         "HTTPS_CA_CERTIFICATES", "HTTPS_PROXY_REJECT_UNAUTHORIZED"}
IMAGE_TYPES = {"EXTERNAL_IMPORT", "INTERNAL_ENRICHMENT", "INTERNAL_IMPORT_FILE",
               "INTERNAL_EXPORT_FILE"}
OFFICIAL_SLUG, OFFICIAL_IMAGE = "email-intel-imap", "opencti/connector-email-intel-imap"


class Catalogue(unittest.TestCase):
    def setUp(self):
        self.catalogue = json.loads(support.read("deploy", "xtm-composer", "catalog.json"))
        self.contract, = self.catalogue["contracts"]
        self.schema = self.contract["config_schema"]

    def test_catalogue__is_known_by_its_head(self):
        for member in ("id", "name", "description", "version"):
            self.assertIsInstance(self.catalogue[member], str)
        self.assertNotEqual(self.catalogue["id"], "filigran-catalog-id")

    def test_catalogue__stands_beside_the_official_connector(self):
        self.assertNotEqual(self.contract["slug"], OFFICIAL_SLUG)
        self.assertNotEqual(self.contract["container_image"], OFFICIAL_IMAGE)

    def test_contract__has_what_today_s_platform_reads(self):
        contract = self.contract
        for member in ("title", "slug", "description", "short_description", "container_version"):
            self.assertTrue(contract[member], member)
        self.assertIn(contract["container_type"], IMAGE_TYPES)
        self.assertNotIn(":", contract["container_image"], "the platform adds the tag")
        self.assertIs(contract["manager_supported"], True)
        self.assertIs(contract["verified"], False)
        self.assertRegex(contract["support_version"], r"^>= \d+\.\d+\.\d+$")
        self.assertIsInstance(contract["use_cases"], list)
        self.assertLessEqual(0, contract["max_confidence_level"])
        self.assertLessEqual(contract["max_confidence_level"], 100)

    def test_contract__has_what_the_coming_platform_reads(self):
        contract = self.contract
        self.assertEqual(contract["id"], f"{contract['slug']}-{contract['version']}")
        self.assertRegex(contract["slug"], r"^[a-z0-9]+(-[a-z0-9]+)*$")
        self.assertRegex(contract["version"], r"^\d+\.\d+\.\d+$")
        self.assertRegex(contract["min_version"], r"^\d+\.\d+(\.\d+)?$")
        self.assertRegex(contract["image_name"], r"^[a-z0-9]+([._/-][a-z0-9]+)*$")
        self.assertLessEqual(len(contract["short_description"]), 250)
        self.assertIn(len(contract["use_cases"]), (1, 2, 3))
        self.assertIn(len(contract["solution_categories"]), (1, 2, 3))
        self.assertIn(contract["license_type"], ("Free", "Commercial", ""))
        self.assertEqual((contract["platform"], contract["integration_type"]),
                         ("OpenCTI", "connector"))
        self.assertEqual(contract["image_type"], contract["container_type"])
        self.assertIn("playbook_supported", contract["additional_properties"])

    def test_logo__is_a_picture_within_the_text(self):
        head, data = self.contract["logo"].split(",", 1)
        self.assertEqual(head, "data:image/svg+xml;base64")
        self.assertEqual(base64.b64decode(data, validate=True).decode(),
                         support.read("deploy", "xtm-composer", "logo.svg"))

    def test_schema__has_no_word_that_the_platform_throws_on(self):
        self.assertLessEqual(set(self.schema), KEYWORDS)
        self.assertTrue(self.schema["required"])
        for name, entry in self.schema["properties"].items():
            with self.subTest(name):
                self.assertLessEqual(set(entry), KEYWORDS)
                self.assertIn(entry["type"], TYPES)
                self.assertIn(entry.get("format", "uri"), FORMATS)
                self.assertIn(entry.get("items", {"type": "string"}), [{"type": "string"}])
                if "minimum" in entry:
                    self.assertEqual(entry["type"], "integer")

    def test_schema__has_defaults_that_it_takes_itself(self):
        for name, entry in self.schema["properties"].items():
            if "default" not in entry:
                self.assertNotEqual(entry["type"], "array", f"{name}: a list needs a default")
                continue
            with self.subTest(name):
                value = entry["default"]
                self.assertIs(type(value), TYPES[entry["type"]])
                self.assertIn(value, entry.get("enum", [value]))
                self.assertNotEqual(entry.get("format"), "password")
                if entry.get("format") == "duration":
                    self.assertTrue(DURATION.fullmatch(value))
                if entry["type"] == "integer":
                    self.assertLessEqual(entry["minimum"], value)
                    self.assertLessEqual(value, entry["maximum"])

    def test_schema__asks_for_nothing_that_the_platform_gives(self):
        self.assertEqual(set(self.schema["properties"]) & GIVEN, set())
        self.assertLessEqual(set(self.schema["required"]), set(self.schema["properties"]))
        self.assertLessEqual(len(self.schema["properties"]), 25, "a form that can be filled in")

    def test_schema__hides_what_is_secret(self):
        for name, entry in self.schema["properties"].items():
            is_secret = re.search(r"PASSWORD|SECRET|_JSON$|TOKEN$", name) is not None
            self.assertEqual(entry.get("format") == "password", is_secret, name)
