# SPDX-License-Identifier: Apache-2.0
"""Works: expectations, reports, completion."""
import threading
import time

from .errors import internal

MAX_ERRORS = 100


class Work:
    def __init__(self, work_id, connector_id, name, multipart, timestamp):
        self.id, self.connector_id, self.name = work_id, connector_id, name
        self.multipart = multipart
        self.status = "progress"
        self.timestamp = timestamp
        self.expected = None
        self.processed = None
        self.received_time = self.processed_time = self.completed_time = None
        self.messages, self.errors = [], []
        self.calls = []  # every edit by name and arguments, in order

    def complete(self, now):
        if self.status != "complete":
            self.status, self.completed_time = "complete", now

    def as_json(self):
        return {key: value for key, value in vars(self).items()}


class Works:
    def __init__(self, release, connectors, clock):
        self.release, self._connectors, self._clock = release, connectors, clock
        self.by_id = {}
        self.deleted = {}
        self._lock = threading.RLock()

    def add(self, connector_id, name, multipart):
        if not self._connectors.find(connector_id):
            raise internal("Cannot read properties of null (reading 'id')")
        with self._lock:
            now = self._clock.text()
            work_id = f"work_{connector_id}_{now}"
            while work_id in self.by_id or work_id in self.deleted:
                time.sleep(0.001)  # ids are made of milliseconds
                now = self._clock.text()
                work_id = f"work_{connector_id}_{now}"
            self.by_id[work_id] = Work(work_id, connector_id, name, bool(multipart), now)
            return self.by_id[work_id]

    def alive(self, work_id):
        return work_id in self.by_id

    def edit(self, work_id, action, **arguments):
        """Answers normally for a work that is gone, as releases from 6.8.0 on do."""
        with self._lock:
            work = self.by_id.get(work_id)
            if not work:
                if self.release < "6.8.0":
                    raise internal("Cannot read properties of undefined (reading 'internal_id')")
                return work_id
            work.calls.append({"action": action, **arguments})
            getattr(self, "_" + action)(work, **arguments)
            return work_id

    def delete(self, work_id):
        with self._lock:
            work = self.by_id.pop(work_id, None)
            if work:
                self.deleted[work_id] = work

    def close_older(self):
        """What the connector manager does every minute: a newer work that got a report ends
        the older ones of the same connector."""
        with self._lock:
            newest = {}
            for work in self.by_id.values():
                if work.processed:
                    newest[work.connector_id] = work.timestamp
            for work in self.by_id.values():
                if work.timestamp < newest.get(work.connector_id, ""):
                    work.complete(self._clock.text())

    def _ping(self, work):
        """Nothing but the record of it."""

    def _addDraftContext(self, work, draftContext=None):
        """Drafts are not played here."""

    def _toReceived(self, work, message=None):
        work.received_time = self._clock.text()
        work.messages.append(message)

    def _addExpectations(self, work, expectations=None):
        work.expected = (work.expected or 0) + (expectations or 0)
        work.processed = work.processed or 0

    def _reportExpectation(self, work, error=None):
        work.processed = (work.processed or 0) + 1
        if error and len(work.errors) < MAX_ERRORS:
            work.errors.append({"message": error.get("error"), "source": error.get("source")})
        # Without its number of expectations a work of one message is complete as well.
        if self._settled(work) and (not work.multipart or work.processed_time):
            work.complete(self._clock.text())

    def _toProcessed(self, work, message=None, inError=None):
        work.processed_time = self._clock.text()
        work.messages.append(message)
        if inError:
            work.errors.append({"message": message, "source": None})
        if not work.expected and not work.processed:
            work.expected = work.processed = 1
        if self._settled(work):
            work.complete(self._clock.text())

    def _settled(self, work):
        expected, processed = work.expected or 0, work.processed or 0
        if self.release < "7.260422.0":
            return processed == expected
        return processed >= expected
