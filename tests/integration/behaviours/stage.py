# SPDX-License-Identifier: Apache-2.0
"""Where a row is played: the real program, a scripted mail server, a platform and a broker."""
import os
import signal
import threading
import time
import uuid

from servers.imap_script import ScriptedServer
from servers.platform.client import PlatformProcess
from servers.platform.core import DEFAULT_TOKEN
from servers.process import children_of, read_text, wait_until

from ..support import BINARY, SERVERS, Run, connector_environment

PASSWORD = "hunter2-secret"
FORMS = (PASSWORD, "aHVudGVyMi1zZWNyZXQ", "AHUAaHVudGVyMi1zZWNyZXQ", "odW50ZXIyLXNlY3JldA")
NO_NAME = "<no subject>"
LOOK_S = 0.1
DRAIN_S = 60


def peak_mib(pid):
    """The most that the process and its children ever held, each by itself."""
    total = 0
    for one in (pid, *children_of(pid)):
        for line in read_text(f"/proc/{one}/status").splitlines():
            if line.startswith("VmHWM:"):
                total += int(line.split()[1])
    return total / 1024


class Lane:
    """A platform and a virtual host, on which rows are played one after the other."""

    def __init__(self, **arguments):
        self.broker = SERVERS.broker
        self.vhost = self.broker.new_vhost(f"t-{uuid.uuid4().hex[:12]}")
        self.platform = PlatformProcess(broker={
            "port": self.broker.port, "vhost": self.vhost,
            "management_url": self.broker.management_url()}, lock_error_s=0.3, **arguments).start()

    def clear(self):
        self.platform.clear_faults()
        self.platform.set_clock(0)
        self.platform.forget_reports()

    def stop(self):
        self.platform.stop()
        self.broker.delete_vhost(self.vhost)


class Stage:
    """One row's. Stories use what has no underscore."""

    def __init__(self, lane, row):
        self.row, self.lane = row, lane
        self.platform, self.broker = lane.platform, lane.broker
        self.box = row.box()
        self.wanted = row.wanted(self.box)
        self.server = ScriptedServer(self.box, row.dialect, row.faults)
        self.connector_id = row.settings.get("CONNECTOR_ID", str(uuid.uuid4()))
        self.directory = SERVERS.new_path("behaviour")
        os.makedirs(self.directory)
        self.peak_mib = 0.0
        self._runs = []
        self._violations = len(self.platform.violations())

    # The connector

    def environment(self, settings):
        return connector_environment({
            "OPENCTI_URL": self.platform.url, "OPENCTI_TOKEN": DEFAULT_TOKEN,
            "CONNECTOR_ID": self.connector_id, "CONNECTOR_LOG_LEVEL": "info",
            "CONNECTOR_DURATION_PERIOD": "PT1S",
            "EMAIL_INTEL_IMAP_HOST": "127.0.0.1",
            "EMAIL_INTEL_IMAP_PORT": self.server.port, "EMAIL_INTEL_IMAP_USERNAME": "u",
            "EMAIL_INTEL_IMAP_PASSWORD": PASSWORD, "EMAIL_INTEL_IMAP_TLS": "none",
            "EMAIL_INTEL_IMAP_SASL": "plain",
            **self.row.settings, **settings})

    def start(self, *arguments, **settings):
        run = Run([BINARY, *arguments], self.environment(settings), self.directory)
        self._runs.append(run)
        threading.Thread(target=self._weigh, args=(run,), daemon=True).start()
        return run

    def once(self, *arguments, **settings):
        run = self.start("--once", *arguments, **settings)
        run.wait(self.row.within_s * 2)
        return run

    def stop(self, run):
        run.signal(signal.SIGTERM)
        run.wait(self.row.within_s)
        return run

    def _weigh(self, run):
        while run.running():
            self.peak_mib = max(self.peak_mib, peak_mib(run.process.pid))
            time.sleep(LOOK_S)

    # The world

    def heal(self):
        self.server.faults.clear()

    def n_asked(self, uid):
        """How often the mail itself was asked for."""
        return sum(1 for name, uids in self.server.fetched
                   if uid in uids and name in ("FETCH BODY", "FETCH HEADER"))

    def later(self, seconds):
        """The clock goes on, as the platform has it."""
        self.platform.set_clock(seconds)

    def until(self, run, words, count=1):
        run.until(lambda: run.err.count(words) >= count, f"{count} times {words}",
                  self.row.within_s)

    def until_true(self, run, condition, what):
        run.until(condition, what, self.row.within_s)

    def until_reports(self, run, count):
        run.until(lambda: len(self.platform.reports()) >= count, f"{count} reports",
                  self.row.within_s)

    def until_state(self, run, word):
        """The platform has stored a state with it."""
        run.until(lambda: word in str(self.platform.state(self.connector_id)), f"a state with {word}",
                  self.row.within_s)

    def log(self):
        return "".join(run.out + run.err for run in self._runs)

    def reports(self):
        queue = f"push_{self.connector_id}"
        wait_until(lambda: not self.broker.count(self.lane.vhost, queue)
                   and not self.platform.call("worker_busy"), "the queue is empty", DRAIN_S)
        return {report["name"]: report for report in self.platform.reports()}

    # The verdict

    def judge(self, run, took_s):
        """What is not as the row wants it: lines."""
        row, log = self.row, self.log()
        out = []
        if run and run.process.returncode != row.exit:
            out.append(f"exit {run.process.returncode}, wanted {row.exit}")
        out += [f"not in the log: {words}" for words in row.words if words not in log]
        out += [f"in the log: {words}" for words in row.never if words in log]
        out += ["the password is in the log" for form in FORMS if form in log]
        if took_s > row.within_s:
            out.append(f"{took_s:.0f} s, wanted {row.within_s:.0f}")
        if self.peak_mib > row.memory_mib:
            out.append(f"{self.peak_mib:.0f} MiB, wanted {row.memory_mib}")
        heard = [word for word in self.server.log if word in row.heard]
        if tuple(heard[:len(row.heard)]) != row.heard:
            out.append(f"heard {' '.join(heard)}, wanted {' '.join(row.heard)}")
        out += self._judge_reports()
        out += [f"violation: {one}" for one in self.platform.violations()[self._violations:]]
        return out

    def _judge_reports(self):
        got, out = self.reports(), []
        n_facts = sum(name.startswith(NO_NAME) for name in self.platform.report_names())
        if n_facts != self.row.facts:
            out.append(f"{n_facts} reports of facts, wanted {self.row.facts}")
        got = {name: report for name, report in got.items() if not name.startswith(NO_NAME)}
        out += [f"no report {name}" for name in self.wanted if name not in got]
        out += [f"a report {name} that is not wanted" for name in got if name not in self.wanted]
        for name, words in self.wanted.items():
            content = (got[name]["content"] or "") if name in got else None
            if content is not None and words is None and content:
                out.append(f"{name} has content")
            elif content is not None and words and words not in content:
                out.append(f"{name} lacks its content")
        return out

    def close(self):
        for run in self._runs:
            if run.running():
                run.kill()
        self.server.stop()


def play(lane, row):
    """Plays one row; gives its stage, what is wrong and how long it took."""
    if row.platform is None:
        return _play(lane, row)
    own = Lane(**row.platform)
    try:
        return _play(own, row)
    finally:
        own.stop()


def _play(lane, row):
    lane.clear()
    stage = Stage(lane, row)
    start = time.monotonic()
    try:
        run = row.story(stage) if row.story else stage.once()
        took_s = time.monotonic() - start
        problems = stage.judge(run, took_s)
    except Exception as error:  # pylint: disable=broad-except
        took_s = time.monotonic() - start
        problems = [f"{type(error).__name__}: {error}"]
    finally:
        stage.close()
    return stage, problems, took_s
