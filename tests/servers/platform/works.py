# SPDX-License-Identifier: Apache-2.0
"""Works: expectations, reports, completion, and the two places where the platform keeps them."""
import threading
import time

from .errors import internal, unsupported

MAX_ERRORS = 100
KEPT_S = 7 * 86400.0  # a complete Work is purged so long after it


class Figures:
    """What Redis holds of a Work; None until the first of its kind."""

    def __init__(self):
        self.expected = self.processed = None


class Work:
    """What the search engine holds: it outlives its figures in Redis.

    While it is in progress its numbers are those of Redis, and none once Redis has lost it. Of a
    complete one they are those of its last completion, except that what is counted later is added.
    """

    def __init__(self, work_id, connector_id, name, multipart, timestamp):
        self.id, self.connector_id, self.name = work_id, connector_id, name
        self.multipart = multipart
        self.status = "progress"
        self.timestamp = timestamp
        self.expected = None
        self.completed_number = None
        self.received_time = self.processed_time = self.completed_time = None
        self.messages, self.errors = [], []
        self.calls = []  # every edit by name and arguments, in order
        self.completed_s = None

    def numbers(self, figures):
        """Expected and processed as they are shown."""
        if self.status == "complete":
            return self.expected, self.completed_number
        return (figures.expected, figures.processed) if figures else (None, None)


class Works:
    def __init__(self, release, connectors, clock):
        self.release, self._connectors, self._clock = release, connectors, clock
        self.by_id = {}
        self.deleted = {}
        self._redis = {}   # id -> Figures; whose key is gone is not alive
        self._latest = {}  # connector -> timestamp of the Work that got its latest report
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
            self._redis[work_id] = Figures()
            return self.by_id[work_id]

    def matching(self, filters, newest_first):
        """By connector_id and status, as the platform's own page asks; other keys are not played."""
        wanted = {given["key"][0]: set(given["values"]) for given in filters["filters"]}
        if filters["filterGroups"] or set(wanted) - {"connector_id", "status"}:
            raise unsupported("the stand-in knows filters by connector_id and status only")
        with self._lock:
            found = [work for work in self.by_id.values()
                     if all(getattr(work, key) in values for key, values in wanted.items())]
        return sorted(found, key=lambda work: work.timestamp, reverse=newest_first)

    def alive(self, work_id):
        return work_id in self._redis

    def as_json(self, work):
        with self._lock:
            expected, processed = work.numbers(self._redis.get(work.id))
            return {**vars(work), "expected": expected, "processed": processed,
                    "is_alive": self.alive(work.id)}

    def edit(self, work_id, action, **arguments):
        """Answers normally for a work that is gone, as releases from 6.8.0 on do."""
        with self._lock:
            work = self.by_id.get(work_id)
            if not work:
                if self.release < "6.8.0":
                    raise internal("Cannot read properties of undefined (reading 'internal_id')")
                return work_id
            work.calls.append({"action": action, **arguments})
            getattr(self, "_" + action)(work, self._redis.get(work_id), **arguments)
            return work_id

    # What ends a Work from outside

    def delete(self, work_id):
        with self._lock:
            work = self.by_id.pop(work_id, None)
            self._redis.pop(work_id, None)
            if work:
                self.deleted[work_id] = work

    def delete_of(self, connector_id):
        for work in list(self.by_id.values()):
            if work.connector_id == connector_id:
                self.delete(work.id)

    def close_older(self):
        """What the connector manager does each period: whatever is older than the Work that got
        the connector's latest report and is not complete becomes so. What waits under it is still
        imported, but by the releases in between, which drop its key as well."""
        drops_the_key = self.release.between("6.8.7", "7.260507.0")
        with self._lock:
            for work in self.by_id.values():
                latest = self._latest.get(work.connector_id, "")
                # It splits ids at each `_`: it finds none of a connector that has one in its own.
                if work.status == "complete" or work.timestamp >= latest \
                        or "_" in work.connector_id:
                    continue
                self._mark_complete(work)
                if drops_the_key:
                    self._redis.pop(work.id, None)

    def purge(self):
        """The manager's other task: complete ones of 7 days ago go, with what waits under them."""
        with self._lock:
            for work in list(self.by_id.values()):
                if work.status == "complete" and \
                        self._clock.seconds() - work.completed_s >= KEPT_S:
                    self.delete(work.id)

    def empty_redis(self):
        with self._lock:
            self._redis.clear()
            self._latest.clear()

    # Edits; figures is None where Redis has lost the Work

    def _ping(self, work, figures):
        """Nothing but the record of it."""

    def _addDraftContext(self, work, figures, draftContext=None):
        work.draft_context = draftContext

    def _toReceived(self, work, figures, message=None):
        work.received_time = self._clock.text()
        work.messages.append(message)

    @staticmethod
    def _addExpectations(work, figures, expectations=None):
        if not figures:
            return
        figures.expected = (figures.expected or 0) + (expectations or 0)
        figures.processed = figures.processed or 0
        work.expected = (work.expected or 0) + (expectations or 0)

    def _reportExpectation(self, work, figures, error=None):
        if not figures:
            return
        figures.processed = (figures.processed or 0) + 1
        self._latest[work.connector_id] = work.timestamp
        if error and len(work.errors) < MAX_ERRORS:
            work.errors.append({"message": error.get("error"), "source": error.get("source")})
        # Without its number of expectations a work of one message is complete as well.
        if self._settled(figures) and self._completes_by_a_report(work):
            self._complete(work, figures)

    @staticmethod
    def _completes_by_a_report(work):
        return not work.multipart or (work.processed_time and work.status != "complete")

    def _toProcessed(self, work, figures, message=None, inError=None):
        work.processed_time = self._clock.text()
        work.messages.append(message)
        if inError:
            work.errors.append({"message": message, "source": None})
        if self.release >= "7.260428.0" and self.release < "7.260615.0":
            return
        if not figures or self._settled(figures):
            self._complete(work, figures)

    def _settled(self, figures):
        expected, processed = figures.expected or 0, figures.processed or 0
        if self.release < "7.260422.0":
            return processed == expected
        return processed >= expected

    def _complete(self, work, figures):
        """Nothing counted and nothing done is shown as 1 of 1, also where Redis has forgotten it:
        that says nothing of what was published."""
        self._mark_complete(work)
        if not figures or not (figures.expected or figures.processed):
            work.expected = work.completed_number = 1
        else:
            work.expected, work.completed_number = figures.expected, figures.processed

    def _mark_complete(self, work):
        work.status = "complete"
        work.completed_time, work.completed_s = self._clock.text(), self._clock.seconds()
