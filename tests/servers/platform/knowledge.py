# SPDX-License-Identifier: Apache-2.0
"""What the platform holds: identities, markings, reports with their files."""
import threading
import uuid

from . import ids
from .errors import PlatformError, functional

MAX_OPERATIONS = 1_000_000      # bytes of the request of a report with files, without the files
MAX_BODY = 52_428_800           # bytes of a request without files


class Knowledge:
    """Entities by standard id; other ids they were sent under resolve as well.

    losses: what was dropped without an error, {"kind", "detail"}; a test looks here for what
    nobody tells a connector.
    """

    def __init__(self, release):
        self.release = release
        self.identities, self.markings, self.reports = {}, {}, {}
        self.losses = []
        self.imports = 0                # reports created or updated
        self._aliases = {}
        self._lock = threading.RLock()
        for kind, definition in ids.static_markings().values():
            self._store_marking(kind, definition, None)

    def lose(self, kind, detail):
        self.losses.append({"kind": kind, "detail": detail})

    def resolve(self, stix_id, among):
        """The standard id of a known entity, or None."""
        found = stix_id if stix_id in among else self._aliases.get(stix_id)
        return found if found in among else None

    def forget(self, stix_id):
        """Takes an identity or a marking away, as an administrator may."""
        with self._lock:
            for entities in (self.identities, self.markings):
                standard = self.resolve(stix_id, entities)
                if standard:
                    del entities[standard]
                    self._aliases = {alias: target for alias, target in self._aliases.items()
                                     if target != standard}
                    return True
            return False

    # Import of one object; errors are PlatformError, silent losses are recorded

    def add_identity(self, given):
        name = given.get("name")
        if not isinstance(name, str) or not ids.trim(name):
            raise functional("Identity creation required name")
        identity_class = given.get("identity_class") or "organization"
        standard = ids.identity_id(name, identity_class)
        with self._lock:
            entity = self.identities.setdefault(standard, {"standard_id": standard})
            entity.update(name=ids.trim(name), identity_class=identity_class,
                          description=given.get("description"))
            self._alias(given["id"], standard)

    def add_marking(self, given):
        definition_type, definition = _marking_of(given)
        self._store_marking(definition_type, definition, given["id"])

    def _store_marking(self, definition_type, definition, stix_id):
        standard = ids.marking_id(definition_type, definition)
        with self._lock:
            self.markings[standard] = {"standard_id": standard, "definition": definition,
                                       "definition_type": definition_type}
            if stix_id:
                self._alias(stix_id, standard)

    def store_report(self, stix_id, report, files):
        """Creates or updates by the id that the platform computes."""
        standard = ids.report_id(report["name"], report["published"])
        with self._lock:
            self.imports += 1
            held = self.reports.get(standard) or self.reports.get(self._aliases.get(stix_id))
            if held is None:
                self.reports[standard] = {"id": str(uuid.uuid4()), "standard_id": standard, "stix_ids": [stix_id],
                                          "imports": 1, "files": files, **report}
                self._alias(stix_id, standard)
                return
            self._alias(stix_id, held["standard_id"])
            self._update(held, stix_id, report, files)

    def _update(self, held, stix_id, report, files):
        held["imports"] += 1
        if stix_id not in held["stix_ids"]:
            held["stix_ids"].append(stix_id)
        content = report.pop("content") or held["content"]
        published = held["published"]  # the first one stays
        held.update(report, content=content, published=published)
        if files and self.release.between("6.9.7", "6.9.12"):
            self.lose("files of an update", f"{sorted(files)} of {held['name']!r}")
            return
        held["files"].update(files)

    def edit_report(self, standard_id, name=None, content=None, description=None):
        """An analyst's work. A new name makes a new standard id; the old one is kept nowhere."""
        with self._lock:
            held = self.reports[standard_id]
            new_id = ids.report_id(name or held["name"], held["published"])
            if new_id != standard_id and new_id in self.reports:
                raise functional("This update will produce a duplicate")
            if content is not None:
                held["content"] = ids.trim(content)
            if description is not None:
                held["description"] = description
            held["name"] = ids.trim(name or held["name"])
            self._move_report(held, new_id)
            return new_id

    def _move_report(self, held, new_id):
        old_id = held["standard_id"]
        if old_id == new_id:
            return
        self.reports[new_id] = self.reports.pop(old_id)
        held["standard_id"] = new_id
        held["stix_ids"] = [stix_id for stix_id in held["stix_ids"] if stix_id != old_id]
        self._aliases = {alias: new_id if target == old_id else target
                         for alias, target in self._aliases.items()}

    def _alias(self, stix_id, standard):
        if stix_id != standard:
            self._aliases[stix_id] = standard


def _marking_of(given):
    """In the order in which pycti recognises one."""
    definition_type = given.get("x_opencti_definition_type")
    definition = given.get("x_opencti_definition")
    if not definition_type or not definition:
        definition_type = given.get("definition_type")
        value = given.get("definition")
        if definition_type == "tlp" and isinstance(value, dict) and "tlp" in value:
            definition_type, definition = "TLP", f"TLP:{str(value['tlp']).upper()}"
        else:
            definition = given.get("name")
    if not definition_type or not definition:
        raise PlatformError("UNSUPPORTED_ERROR", "Marking creation required a definition")
    return definition_type, "TLP:CLEAR" if definition == "TLP:WHITE" else definition
