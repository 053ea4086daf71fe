# SPDX-License-Identifier: Apache-2.0
"""Starts the stand-in as a process of its own and speaks its control API."""
import json
import os
import subprocess
import sys
import urllib.error
import urllib.request

from ..process import ServerError, wait_until

_TESTS = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class PlatformProcess:
    """Arguments as core.Platform's. Every question is answered as of now."""

    def __init__(self, scheme="http", **arguments):
        self.scheme = scheme
        self.arguments = arguments
        self._process = None
        self.port = self._control_port = None

    def start(self):
        environment = {**os.environ, "PYTHONPATH": _TESTS, "PYTHONWARNINGS": "ignore"}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "servers.platform", json.dumps(self.arguments)],
            env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        line = self._process.stdout.readline()
        if not line:
            raise ServerError(f"the stand-in platform ended with {self._process.wait(10)}")
        answer = json.loads(line)
        self.port, self._control_port = answer["port"], answer["control_port"]
        return self

    def stop(self):
        if not self._process:
            return
        self._process.stdin.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(10)
        self._process.stdout.close()
        self._process = None

    @property
    def url(self):
        return f"{self.scheme}://localhost:{self.port}{self.arguments.get('base_path', '')}"

    def call(self, action, **arguments):
        request = urllib.request.Request(
            f"http://127.0.0.1:{self._control_port}/", method="POST",
            data=json.dumps({"do": action, **arguments}).encode())
        try:
            with _OPENER.open(request, timeout=60) as answer:
                return json.load(answer)["result"]
        except urllib.error.HTTPError as error:
            raise ServerError(f"{action}: {json.load(error)['error']}") from None

    # As an administrator

    def reset_connector(self, connector):
        self.call("reset_connector", connector=connector)

    def delete_connector(self, connector):
        self.call("delete_connector", connector=connector)

    def set_lock_error(self, period_s):
        self.call("set_lock_error", period_s=period_s)

    def set_state(self, connector, state):
        """state: a value, stored as JSON text; or the text itself."""
        text = state if isinstance(state, str) or state is None else json.dumps(state)
        self.call("set_state", connector=connector, state=text)

    def delete_works(self):
        self.call("delete_works")

    def empty_redis(self):
        self.call("empty_redis")

    def run_manager(self):
        self.call("run_manager")

    def set_manager_period(self, period_s):
        self.call("set_manager_period", period_s=period_s)

    def delete_push_queue(self, connector):
        self.call("delete_push_queue", connector=connector)

    def forget(self, stix_id):
        return self.call("forget", stix_id=stix_id)

    def edit_report(self, standard_id, **changes):
        """name, content, description; gives the standard id that it has then."""
        return self.call("edit_report", standard_id=standard_id, **changes)

    def open_file(self, standard_id, name):
        return self.call("open_file", standard_id=standard_id, name=name)

    def forget_reports(self):
        self.call("forget_reports")

    def add_token(self, token, rights=()):
        self.call("add_token", token=token, rights=list(rights))

    def set_user(self, token=None, **changes):
        """rights, markings, name, max_confidence: as users.Users.change's."""
        self.call("set_user", token=token, **changes)

    def revoke_token(self, token):
        self.call("revoke_token", token=token)

    # Trouble: arguments as faults.Faults.add's

    def fail(self, operation, kind, times=1, **details):
        self.call("fail", operation=operation, kind=kind, times=times, **details)

    def clear_faults(self):
        self.call("clear_faults")

    def tell_queue_size(self, size):
        self.call("tell_queue_size", size=size)

    def tell_broker(self, **members):
        self.call("tell_broker", **members)

    def set_clock(self, offset_s):
        self.call("set_clock", offset_s=offset_s)

    def worker(self, mode=None, delay_s=None):
        self.call("worker", mode=mode, delay_s=delay_s)

    # Questions

    def reports(self):
        return self.call("reports")

    def report_names(self):
        return sorted(report["name"] for report in self.reports())

    def losses(self):
        return self.call("knowledge")["losses"]

    def knowledge(self):
        return self.call("knowledge")

    def works(self):
        return self.call("works")["alive"]

    def deleted_works(self):
        return self.call("works")["deleted"]

    def connectors(self):
        return self.call("connectors")

    def state(self, connector):
        """The parsed state, None for none of any kind."""
        text = self.connectors().get(connector, {}).get("state")
        return json.loads(text) if text else None

    def pings(self):
        return self.call("pings")

    def messages(self):
        return self.call("messages")

    def seen(self):
        return self.call("seen")

    def calls(self, operation):
        return self.seen()["calls"].get(operation, 0)

    def violations(self):
        return self.seen()["violations"]

    def wait_for_reports(self, count, timeout=30):
        wait_until(lambda: len(self.reports()) >= count,
                   f"the platform holds {count} reports", timeout)
        return self.reports()
