# SPDX-License-Identifier: Apache-2.0
"""The connector manager: closes older Works and purges old ones, again and again."""
import threading


class Manager:
    """period_s: 60 on a platform as it comes; 0: only when a test asks for it."""

    def __init__(self, works, period_s):
        self._works, self._period_s = works, period_s
        self._changed = threading.Condition()
        self._is_stopping = False
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self):
        self._thread.start()

    def stop(self):
        with self._changed:
            self._is_stopping = True
            self._changed.notify()
        self._thread.join(10)

    def set_period(self, period_s):
        with self._changed:
            self._period_s = period_s
            self._changed.notify()

    def run_once(self):
        self._works.close_older()
        self._works.purge()

    def _run(self):
        while self._next_is_due():
            self.run_once()

    def _next_is_due(self):
        """Waits for a whole period; a change of it begins a new one. False at the end."""
        with self._changed:
            while not self._is_stopping:
                if not self._changed.wait(self._period_s or None):
                    return True
        return False
