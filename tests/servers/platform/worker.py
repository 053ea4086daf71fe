# SPDX-License-Identifier: Apache-2.0
"""Takes messages from the push queues as the platform's worker does, one at a time."""
import base64
import binascii
import collections
import json
import threading

import pika.exceptions

from .errors import PlatformError, on_work
from .topology import PLATFORM

OFF, PAUSED, RUNNING, UNTIL_REPORT = "off", "paused", "running", "until_report"

_IDLE_S = 0.02  # from a look at empty queues to the next
_MAX_SOURCE = 50_000

# pycti's envelope, in its order.
_ENVELOPE = ("bundle_type", "applicant_id", "action_sequence", "entities_types", "content",
             "update", "draft_id", "no_split", "work_id")
_SUB_BUNDLE = ("type", "id", "spec_version", "x_opencti_seq", "objects")


class Worker:
    """mode: running; off or paused (messages stay in the queue); until_report (author and
    marking are imported, the first report goes back and pauses it). delay_s before each message.

    violations: where a message is not what pycti sends. messages: a record of each that came,
    without the content.
    """

    def __init__(self, platform, mode=RUNNING, idle_s=_IDLE_S):
        self.platform = platform
        self._idle_s = idle_s
        self.mode, self.delay_s = mode, 0.0
        self.violations = []
        self.messages = collections.deque(maxlen=200_000)
        self.busy = False
        self._end = threading.Event()
        self._connection = self._channel = None
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self):
        self._thread.start()

    def stop(self):
        self._end.set()
        self._thread.join(10)

    def _run(self):
        while not self._end.is_set():
            if self.mode not in (RUNNING, UNTIL_REPORT) or not self._take_one():
                self._end.wait(self._idle_s)
        self._close()

    def _close(self):
        try:
            if self._connection:
                self._connection.close()
        except (pika.exceptions.AMQPError, OSError):
            pass
        self._connection = self._channel = None

    def _take_one(self):
        """Whether there was anything in any queue."""
        found = False
        for connector_id in list(self.platform.connectors.by_id):
            try:
                found |= self._take_from(f"push_{connector_id}")
            except (pika.exceptions.AMQPError, OSError):
                # The queue or the broker is gone; what was not acknowledged comes again.
                self._close()
        return found

    def _take_from(self, queue):
        if not self._channel:
            self._connection = self.platform.broker.connect()
            self._channel = self._connection.channel()
        method, properties, body = self._channel.basic_get(queue)
        if not method:
            return False
        if self.mode == UNTIL_REPORT and _has_report(self._read(body)[1]):
            self.mode = PAUSED
        if self.mode not in (RUNNING, UNTIL_REPORT):  # also where it was ended since the look
            self._channel.basic_nack(method.delivery_tag, requeue=True)
            return False
        self.busy = True
        try:
            if self.delay_s:
                self._end.wait(self.delay_s)
            if self._handle(properties, body):
                self._channel.basic_ack(method.delivery_tag)
            else:
                self._channel.basic_nack(method.delivery_tag, requeue=False)
        finally:
            self.busy = False
        return True

    # One message

    def _handle(self, properties, body):
        """False: the worker's handler failed; the message is dropped and nobody is told."""
        envelope, bundle = self._read(body)
        self._record(properties, body, envelope, bundle)
        if not bundle:
            self.platform.knowledge.lose("message dropped by the worker",
                                         body[:120].decode("latin-1"))
            return False
        work_id = envelope.get("work_id")
        if self._work_is_dead(work_id):
            self.platform.knowledge.lose("message of a dead work", work_id)
            return True
        objects = _distinct(bundle["objects"])
        if len(bundle["objects"]) > 1 and not envelope.get("no_split"):
            # The worker splits, adds its own expectations and sends itself the parts.
            self._edit(work_id, "addExpectations", expectations=len(objects))
        for given in objects:
            self._import(given, envelope, work_id)
        return True

    @staticmethod
    def _read(body):
        """Envelope and bundle, either None where it cannot be read."""
        try:
            envelope = json.loads(body)
            if envelope.get("type", "bundle") != "bundle":
                return envelope, None
            bundle = json.loads(base64.b64decode(envelope["content"], validate=True).decode())
            if not bundle["objects"] or not all("id" in entry for entry in bundle["objects"]):
                return envelope, None
            return envelope, bundle
        except (ValueError, KeyError, TypeError, AttributeError, binascii.Error):
            return None, None

    def _work_is_dead(self, work_id):
        return (work_id is not None and self.platform.release >= "6.8.7"
                and not self.platform.works.alive(work_id))

    def _import(self, given, envelope, work_id):
        error = self._error_of(given, envelope.get("applicant_id"), envelope.get("draft_id"))
        if error is None:
            self._edit(work_id, "reportExpectation", error=None)
            return
        source = json.dumps(given)
        if len(source) > _MAX_SOURCE or "byte size limit" in error:
            source = "Bundle too large"
        self._edit(work_id, "reportExpectation", error={"error": error, "source": source})

    def _error_of(self, given, applicant_id, draft_id):
        try:
            user = self.platform.users.of_id(applicant_id)
            importer = self.platform.importer
            if draft_id:
                importer = self.platform.drafts.find_open(draft_id).importer
        except PlatformError as error:
            return on_work(error)
        return importer.import_object(given, user)

    def _edit(self, work_id, action, **arguments):
        if work_id is not None:
            self.platform.works.edit(work_id, action, **arguments)

    # What pycti would have sent

    def _record(self, properties, body, envelope, bundle):
        self.messages.append({
            "size": len(body), "message_id": properties.message_id,
            "delivery_mode": properties.delivery_mode, "work_id": (envelope or {}).get("work_id"),
            "types": [entry.get("type") for entry in bundle["objects"]] if bundle else None,
            "ids": [entry.get("id") for entry in bundle["objects"]] if bundle else None,
            "names": [entry.get("name") for entry in bundle["objects"]] if bundle else None,
        })
        if properties.app_id == PLATFORM:
            return
        if properties.delivery_mode != 2:
            self._violation(f"delivery_mode {properties.delivery_mode}, not 2")
        if properties.content_encoding != "utf-8":
            self._violation(f"content_encoding {properties.content_encoding!r}, not 'utf-8'")
        if envelope is None or bundle is None:
            self._violation("message cannot be read")
            return
        self._check_envelope(envelope)
        self._check_bundle(bundle)

    def _check_envelope(self, envelope):
        release = self.platform.release
        newer = {"draft_id": "6.4.0", "no_split": "7.260227.0"}
        expected = [member for member in _ENVELOPE
                    if member in envelope or not release < newer.get(member, "0.0.0")]
        if "work_id" not in envelope:
            expected.remove("work_id")
        # Before 6.0.10 the first member was called type.
        members = ["bundle_type" if member == "type" and release < "6.0.10" else member
                   for member in envelope]
        if members != expected:
            self._violation(f"envelope has {members}, pycti sends {expected}")
        if envelope.get("bundle_type") != "QUEUE_BUNDLE" and "bundle_type" in envelope:
            self._violation(f"bundle_type {envelope['bundle_type']!r}")
        if envelope.get("applicant_id") is None:
            self._violation("applicant_id is missing: imported as the administrator")

    def _check_bundle(self, bundle):
        if tuple(bundle) != _SUB_BUNDLE:
            self._violation(f"bundle has {list(bundle)}, pycti sends {list(_SUB_BUNDLE)}")
        if bundle.get("spec_version") != "2.1" or bundle.get("type") != "bundle":
            self._violation("bundle is not of STIX 2.1")
        if len(bundle["objects"]) != 1:
            self._violation(f"{len(bundle['objects'])} objects in a message, the splitter sends 1")
        given = bundle["objects"][0]
        if given.get("nb_deps") != bundle.get("x_opencti_seq"):
            self._violation("x_opencti_seq is not the object's nb_deps")
        if given.get("spec_version") != "2.1":
            self._violation(f"spec_version {given.get('spec_version')!r} of {given.get('id')}")

    def _violation(self, text):
        if text not in self.violations:
            self.violations.append(text)


def _has_report(bundle):
    return bool(bundle) and any(given.get("type") == "report" for given in bundle["objects"])


def _distinct(objects):
    """In order of dependencies; of one id the last."""
    last = {given["id"]: given for given in objects}
    rank = {"identity": 0, "marking-definition": 0}
    return sorted(last.values(), key=lambda given: rank.get(given.get("type"), 1))
