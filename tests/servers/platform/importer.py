# SPDX-License-Identifier: Apache-2.0
"""Imports one STIX object as the worker and the platform do, silent losses included."""
import base64
import binascii
import hashlib
import json
import re

from . import files as file_rules
from . import ids
from .errors import PlatformError, WorkerError, functional, on_work, unsupported
from .knowledge import MAX_BODY, MAX_OPERATIONS

_MARKDOWN_DATA_IMAGE = re.compile(r"!\[[^\]]*\]\(\s*<?\s*(data:[^)>\s]*)")
_GOOD_IMAGE = re.compile(r"data:image/(?:png|jpe?g|gif|webp);base64,([A-Za-z0-9+/]+={0,2})")
_MAX_IMAGE = 5 * 1024 * 1024

# `![` so often beside `data:` makes the platform search for tens of seconds.
MARKDOWN_FLOOD = 1000

# The mutation's text and the members not written out here, in bytes: with it a report of a
# short name holds 998,600 bytes of content beside a file and not 998,800, as measured.
_QUERY_TEXT = "q" * 560


class Importer:
    """import_object gives None, or the text of the error that goes on the work.

    user: whom the message is imported for; what it may not do is refused, object by object, while
    the Work becomes complete all the same.
    """

    def __init__(self, release, knowledge):
        self.release, self.knowledge = release, knowledge

    def import_object(self, given, user):
        try:
            self._import(given, user)
            return None
        except (PlatformError, WorkerError) as error:
            return on_work(error)
        except KeyError as error:  # pycti reads some members without asking
            return on_work(error)

    def _import(self, given, user):
        kind = given.get("type")
        known = {"identity": self.knowledge.add_identity, "report": None,
                 "marking-definition": self.knowledge.add_marking}
        if kind not in known:
            raise WorkerError("Incompatible element in bundle")
        if not isinstance(given["id"], str) or not ids.STIX_ID.fullmatch(given["id"]):
            raise PlatformError("BAD_USER_INPUT",
                                f"{given['id']} is not a valid STIX ID (UUID not valid)")
        user.require(("KNOWLEDGE_KNUPDATE",))
        if kind == "report":
            self._report(given, user)
        else:
            known[kind](given)

    # Reports

    def _report(self, given, user):
        name, published = given["name"], given.get("published")
        if name is None or published is None:
            self.knowledge.lose("no name or published", given["id"])
            return
        instant = self._checked(name, published)
        content = given.get("x_opencti_content") if self.release >= "6.2.2" else None
        if content is None:
            content = given.get("content")
        report = {
            "name": ids.trim(name), "published": instant, "content": ids.trim(content or ""),
            "description": given.get("description"),
            "report_types": given.get("report_types") or [],
            "created_by": self._reference(given, given.get("created_by_ref"),
                                          self.knowledge.identities, "author"),
            "markings": self._markings(given, user), "object_refs": self._objects(given),
            "labels": given.get("labels") or [],
            "external_references": given.get("external_references") or [],
        }
        report["confidence"] = self._confidence(given, user)
        self._check_images(report)
        files = self._files(given)
        if files:
            user.require(("KNOWLEDGE_KNUPLOAD",))
        self._check_size(given, report, files)
        self.knowledge.store_report(given["id"], report, files)

    @staticmethod
    def _checked(name, published):
        if not isinstance(name, str):
            raise PlatformError("BAD_USER_INPUT", "String cannot represent a non string value")
        if name == "":
            raise unsupported("Report creation required name and published")
        instant = ids.instant(published)
        if not instant:
            raise PlatformError("BAD_USER_INPUT", "Variable \"$input\" got invalid value at "
                                ".published: DateTime cannot represent an invalid "
                                f"date-time-string {published}.")
        return instant

    def _reference(self, given, stix_id, among, what):
        if not stix_id:
            return None
        found = self.knowledge.resolve(stix_id, among)
        if not found:
            # Four tries, then the report is made without it and nobody is told.
            self.knowledge.lose(f"{what} unknown", f"{stix_id} of {given['id']}")
        return found

    @staticmethod
    def _confidence(given, user):
        confidence = given.get("confidence")
        if confidence is not None and not isinstance(confidence, int):
            raise PlatformError("BAD_USER_INPUT", "Int cannot represent non-integer value")
        return user.max_confidence if confidence is None else min(confidence, user.max_confidence)

    def _markings(self, given, user):
        markings = [self._reference(given, reference, self.knowledge.markings, "marking")
                    for reference in given.get("object_marking_refs") or []]
        markings = [marking for marking in markings if marking]
        if not all(user.may_use(marking) for marking in markings):
            raise PlatformError("MISSING_REFERENCE_ERROR", "Element(s) not found")
        return markings

    def _objects(self, given):
        known = {**self.knowledge.identities, **self.knowledge.markings, **self.knowledge.reports}
        found = [self._reference(given, reference, known, "object")
                 for reference in given.get("object_refs") or []]
        return [reference for reference in found if reference]

    def _check_images(self, report):
        for text in (report["content"], report["description"] or ""):
            if "data:" not in text:
                continue
            if text.count("![") > MARKDOWN_FLOOD:
                self.knowledge.lose("markdown flood", f"{text.count('![')} of ![ beside data:")
            if self.release >= "7.260520.0" and not all(
                    _image_is_good(url) for url in _MARKDOWN_DATA_IMAGE.findall(text)):
                raise functional("Failed to process markdown embedded images in descriptions")

    # Files

    def _files(self, given):
        files = {}
        for entry in given.get("x_opencti_files") or []:
            if not self.release >= "6.0.3":
                entry["version"]  # pycti's KeyError
            name = file_rules.stored_name(entry["name"])
            if not name:
                raise WorkerError("File missing in the request.")
            key = name.lower() if self.release >= "6.3.6" else name
            if key in files:
                self.knowledge.lose("file names collide", f"{name!r} of {given['id']}")
            files[key] = self._file(given, entry, name)
        return files

    def _file(self, given, entry, name):
        data = self._decoded(given, entry, name)
        markings = entry.get("object_marking_refs") or []
        return {"name": name, "mime_type": file_rules.shown_type(name),
                "sent_mime_type": entry.get("mime_type", "application/octet-stream"),
                "size": len(data), "sha256": hashlib.sha256(data).hexdigest(),
                "embedded": bool(entry.get("embedded")), "markings": markings,
                "no_trigger_import": bool(entry.get("no_trigger_import"))}

    def _decoded(self, given, entry, name):
        encoded = entry["data"] if not self.release >= "6.0.5" else entry.get("data")
        try:
            return base64.b64decode(encoded or "", validate=True)
        except (binascii.Error, ValueError):
            self.knowledge.lose("file of no bytes", f"{name!r} of {given['id']}: bad base64")
            return b""

    # Size of the request that the worker makes

    def _check_size(self, given, report, files):
        size = operations_size(given, report, len(files))
        if files and self.release >= "6.9.7":
            if size > MAX_OPERATIONS:
                raise WorkerError("The \u2018operations\u2019 multipart field value exceeds the "
                                  "1000000 byte size limit.")
        elif size > MAX_BODY:
            raise WorkerError("request entity too large")


def operations_size(given, report, file_count):
    """Bytes of the worker's request without files, as Python's json.dumps writes it."""
    variables = {
        "stix_id": given["id"], "x_opencti_stix_ids": None,
        "createdBy": given.get("created_by_ref"),
        "objectMarking": given.get("object_marking_refs"), "objectLabel": [],
        "externalReferences": given.get("external_references"), "revoked": None,
        "confidence": given.get("confidence"), "lang": None, "created": report["published"],
        "modified": given.get("modified"), "name": given["name"],
        "description": report["description"], "content": report["content"],
        "published": report["published"], "report_types": report["report_types"],
        "objects": given.get("object_refs"), "update": False,
        "files": [None] * file_count,
        "filesMarkings": [given.get("object_marking_refs")] * file_count,
        "noTriggerImport": [False] * file_count, "embedded": [False] * file_count,
    }
    return len(json.dumps({"query": _QUERY_TEXT, "variables": {"input": variables}}))


def _image_is_good(url):
    found = _GOOD_IMAGE.fullmatch(url)
    if not found:
        return False
    try:
        return 0 < len(base64.b64decode(found.group(1), validate=True)) <= _MAX_IMAGE
    except (binascii.Error, ValueError):
        return False
