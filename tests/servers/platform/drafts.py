# SPDX-License-Identifier: Apache-2.0
"""Drafts: what is imported into one is seen in it alone, until a person validates it."""
import collections
import copy
import threading
import uuid

from .errors import PlatformError, functional
from .importer import Importer
from .knowledge import Knowledge

OPEN, VALIDATED = "open", "validated"


class DraftKnowledge(Knowledge):
    """Over the main knowledge: what is written goes into the layer above."""

    def __init__(self, main):
        super().__init__(main.release)
        self.main = main
        for name in ("identities", "markings", "reports", "_aliases"):
            setattr(self, name, collections.ChainMap({}, getattr(main, name)))

    def _update(self, held, stix_id, report, files):
        standard = held["standard_id"]
        if standard not in self.reports.maps[0]:
            held = self.reports[standard] = copy.deepcopy(held)
        super()._update(held, stix_id, report, files)

    def move(self):
        """All that is above goes down."""
        for name in ("identities", "markings", "reports", "_aliases"):
            getattr(self.main, name).update(getattr(self, name).maps[0])


class Draft:
    def __init__(self, release, main, name):
        self.id, self.name, self.status = str(uuid.uuid4()), name, OPEN
        self.knowledge = DraftKnowledge(main)
        self.importer = Importer(release, self.knowledge)


class Drafts:
    def __init__(self, release, knowledge):
        self.release, self._main = release, knowledge
        self.by_id = {}
        self._lock = threading.RLock()

    def add(self, name):
        if not name:
            raise functional("A draft needs a name")
        draft = Draft(self.release, self._main, name)
        with self._lock:
            self.by_id[draft.id] = draft
        return draft

    def find_open(self, draft_id):
        """For a request or a message that names it."""
        draft = self.by_id.get(draft_id)
        if not draft:
            raise PlatformError("DRAFT_LOCKED", "Could not find draft workspace")
        if draft.status != OPEN:
            raise PlatformError("DRAFT_LOCKED",
                                "Can not execute request in a draft not in an open state")
        return draft

    def validate(self, draft_id):
        with self._lock:
            draft = self.find_open(draft_id)
            draft.status = VALIDATED
            draft.knowledge.move()

    def delete(self, draft_id):
        with self._lock:
            del self.by_id[draft_id]
