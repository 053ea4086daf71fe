# SPDX-License-Identifier: Apache-2.0
"""Registered connectors: their state, the reset that is told once, and deletion."""
import json
import threading
import time

from .errors import functional, internal

_LOCK_ERROR = (
    'Unexpected error value: { message: "Execution timeout, too many concurrent call on the same '
    'entities", extensions: { code: "LOCK_ERROR", data: { http_status: 500 } } }')

# Attributes that may not become null again once a registration has set them.
_MANDATORY_ONCE_SET = (("enrichment_resolution", "enrichment_resolution"),
                       ("scope", "connector_scope"))


class Connector:
    def __init__(self, given, user_id, created_at):
        self.id = given["id"]
        self.queue_name = given["name"]  # queue arguments keep the first name
        self.input = dict(given)
        self.user_id = user_id
        self.state = None
        self.state_reset = False
        self.info = None
        self.created_at = self.updated_at = created_at

    def queue_arguments(self):
        return {"name": self.queue_name, "x-queue-type": "classic",
                "config": {"id": self.id, "type": self.input["type"],
                           "scope": list(self.input.get("scope") or [])}}

    def store_state(self, text):
        """Stores, then fails where the old or the new text cannot be read, as the platform does."""
        old, self.state = self.state, text
        for candidate in (old, text):
            if candidate:
                try:
                    json.loads(candidate)
                except ValueError:
                    raise internal(f"Unexpected token '{candidate[1:2]}', \"{candidate[:20]}\" "
                                   "is not valid JSON") from None


class Connectors:
    """lock_error_s: how long after its deletion a connector cannot be registered."""

    def __init__(self, release, broker, clock, lock_error_s=5.0):
        self.release, self.broker, self.lock_error_s = release, broker, lock_error_s
        self._clock = clock
        self.by_id = {}
        self.pings = []          # what every ping sent and got, in order
        self.stale_echoes = []   # texts that the next pings answer instead of the state
        self._deleted_at = {}
        self._lock = threading.RLock()

    def register(self, given, user_id):
        with self._lock:
            known = self.by_id.get(given["id"])
            connector = known or Connector(given, user_id, self._clock.text())
            self.broker.declare(connector)
            if time.monotonic() - self._deleted_at.get(given["id"], -1e9) < self.lock_error_s:
                raise internal(_LOCK_ERROR)
            if known:
                self._refuse_forgetting(known, given)
                known.input.update(given)
            self.by_id[connector.id] = connector
            return connector

    def _refuse_forgetting(self, known, given):
        if self.release < "7.260224.0":
            return
        for member, attribute in _MANDATORY_ONCE_SET:
            if known.input.get(member) is not None and given.get(member) is None:
                raise functional(f"Validation against schema failed on attribute [{attribute}]: "
                                 "this mandatory field cannot be nil")

    def find(self, connector_id):
        return self.by_id.get(connector_id)

    def ping(self, connector_id, state, info):
        with self._lock:
            connector = self.by_id.get(connector_id)
            if not connector:
                raise functional("No connector found with the specified ID")
            self.broker.declare(connector)
            entry = {"id": connector_id, "sent": state, "echo": None, "info": info,
                     "at": self._clock.text()}
            self.pings.append(entry)
            if info is not None:
                connector.info = info
            if connector.state_reset:
                connector.state_reset = False
            else:
                connector.updated_at = self._clock.text()
                connector.store_state(state)  # also none at all: what was stored is wiped
            echo = self.stale_echoes.pop(0) if self.stale_echoes else connector.state
            entry["echo"] = echo
            return connector, echo

    def reset(self, connector_id):
        """The button in the user interface."""
        with self._lock:
            connector = self._existing(connector_id)
            connector.state, connector.state_reset = "", True
            self.broker.purge(connector_id)
            return connector

    def delete(self, connector_id):
        with self._lock:
            self._existing(connector_id)
            del self.by_id[connector_id]
            self._deleted_at[connector_id] = time.monotonic()
            self.broker.delete(connector_id)

    def set_state(self, connector_id, text):
        """As another connector of the same id left it; registers one where there is none."""
        with self._lock:
            connector = self.by_id.get(connector_id)
            if not connector:
                connector = Connector({"id": connector_id, "name": "Email Intel IMAP",
                                       "type": "EXTERNAL_IMPORT", "scope": ["email-intel-imap"]},
                                      None, self._clock.text())
                self.by_id[connector_id] = connector
                self.broker.declare(connector)
            connector.state = text

    def _existing(self, connector_id):
        connector = self.by_id.get(connector_id)
        if not connector:
            raise functional("No connector found with the specified ID")
        return connector
