# SPDX-License-Identifier: Apache-2.0
"""Trouble on demand: the next calls of an operation fail in a chosen way."""
import threading

from .errors import PlatformError, formatted
from ..web import Answer, Cut, json_answer

KINDS = ("status", "error", "cut_before", "cut_after", "delay", "hang")


class Faults:
    """A rule: operation (`pingConnector`, `workEdit.addExpectations`, `*`), kind, times
    (None: until cleared), skip (so many calls go well first), and what the kind needs:
    status + body; code + message; seconds.

    cut_before: the connection dies before the call is processed, cut_after: behind it, before
    the answer. hang: no answer until release() or the client goes.
    """

    def __init__(self, release):
        self._platform_release = release
        self._rules = []
        self._lock = threading.Lock()
        self._let_go = threading.Event()

    def add(self, operation, kind, times=1, skip=0, **details):
        if kind not in KINDS:
            raise ValueError(f"fault kind {kind}: one of {', '.join(KINDS)}")
        with self._lock:
            self._let_go.clear()
            self._rules.append({"operation": operation, "kind": kind, "times": times,
                                "skip": skip, "seen": 0, **details})

    def clear(self):
        with self._lock:
            self._rules.clear()
        self._let_go.set()

    def left(self):
        """Rules that have not struck as often as they were to."""
        with self._lock:
            return [rule["operation"] for rule in self._rules]

    def before(self, operation):
        """Returns an Answer that stands for the call, or None and whether to cut afterwards."""
        rule = self._match(operation)
        if not rule:
            return None, False
        kind = rule["kind"]
        if kind == "cut_before":
            raise Cut()
        if kind == "hang":
            self._let_go.wait(rule.get("seconds", 120))
            raise Cut()
        if kind == "delay":
            self._let_go.wait(rule["seconds"])
            return None, False
        if kind == "status":
            return self._status(rule), False
        if kind == "error":
            return self._error(rule, operation), False
        return None, kind == "cut_after"

    def _match(self, operation):
        with self._lock:
            for rule in self._rules:
                if rule["operation"] not in (operation, "*"):
                    continue
                rule["seen"] += 1
                if rule["seen"] <= rule["skip"]:
                    continue
                if rule["times"] is not None:
                    rule["times"] -= 1
                    if rule["times"] <= 0:
                        self._rules.remove(rule)
                return rule
        return None

    @staticmethod
    def _status(rule):
        status = rule.get("status", 500)
        body = rule.get("body")
        if body is None and status == 429:
            return json_answer({"message": "Too many requests, please try again later."}, 429)
        if body is None:
            body = f"<html><head><title>{status}</title></head><body>nginx</body></html>"
        return Answer(status, body.encode(), "text/html")

    def _error(self, rule, operation):
        error = PlatformError(rule.get("code", "INTERNAL_SERVER_ERROR"),
                              rule.get("message", "fault on demand"))
        root = operation.split(".")[0]
        return json_answer({"errors": [formatted(self._platform_release, error, [root])],
                            "data": {root: None}})
