# SPDX-License-Identifier: Apache-2.0
"""Whatever a server, the log's reader or a large mail does: the thread that decides looks at its
facts again within 50 ms. On a busy machine the system itself may keep it longer, so that the best
of some lives counts: what blocks or computes does so in each."""
import os
import time
import urllib.parse

from servers.process import wait_until
from servers.relay import Relay

from .support import simple_mail
from .test_monitor import MonitorTest

TURN_S = 0.05
LIVES = 6
SILENT_S = 2


class Silence(MonitorTest):
    def assert_is_never_kept(self, live, **settings):
        """live(run) plays what may keep it, in a life of its own each time."""
        turns = []
        for _ in range(LIVES):
            run = self.up(**settings)
            live(run)
            turns.append(self.scrape()("heart_longest_turn_seconds"))
            run.kill()
            if turns[-1] <= TURN_S:
                return
        self.fail(f"kept for {turns} s in {LIVES} lives; {run.tail()}")

    def behind_relay(self, port):
        relay = Relay(port).start()
        self.addCleanup(relay.stop)
        return relay

    def stalled(self, relay):
        """A life in which the server takes connections, reads, and says nothing."""
        def live(run):
            before = relay.connections
            relay.stall()
            run.until(lambda: relay.connections > before, "it is asked", 60)
            # Who waits for the answer would be kept for so long.
            over_s = time.monotonic() + SILENT_S
            wait_until(lambda: time.monotonic() >= over_s, "silence", 2 * SILENT_S)
            relay.resume()
            relay.cut()
        return live

    def test_large_mail(self):
        imported = []

        def live(run):
            subject = f"large {len(imported)}"
            imported.append(subject)
            self.deliver(subject, size=40 << 20)
            self.until_metric(run, lambda scrape: scrape("mails_confirmed_total") >= 1, subject)
        self.assert_is_never_kept(live, MQ_MAX_MESSAGE_BYTES=128 << 20,
                                  EMAIL_INTEL_IMAP_MAX_MAIL_BYTES=64 << 20)
        self.assertIn(imported[-1], self.imported())

    def test_silent_mail_server(self):
        relay = self.behind_relay(self.dovecot.tls_port)
        self.assert_is_never_kept(self.stalled(relay), EMAIL_INTEL_IMAP_PORT=relay.port)

    def test_silent_platform(self):
        relay = self.behind_relay(urllib.parse.urlsplit(self.platform.url).port)
        self.assert_is_never_kept(self.stalled(relay),
                                  OPENCTI_URL=f"http://127.0.0.1:{relay.port}")

    def test_silent_broker(self):
        relay = self.behind_relay(self.broker.port)
        stalled = self.stalled(relay)

        def live(run):
            self.deliver(f"to a silent broker {time.monotonic_ns()}")
            stalled(run)
        self.assert_is_never_kept(live, MQ_HOST="127.0.0.1", MQ_PORT=relay.port)

    def test_silent_log(self):
        """Standard error is a pipe that is full and that nobody reads."""
        reader, writer = os.pipe()
        self.addCleanup(os.close, reader)
        self.addCleanup(os.close, writer)
        os.set_blocking(writer, False)
        try:
            while True:
                os.write(writer, b"x" * 65536)
        except BlockingIOError:
            os.set_blocking(writer, True)
        shell = ("sh", "-c", f'exec "$@" 2>/proc/{os.getpid()}/fd/{writer}', "sh")
        for _ in range(LIVES):
            self.deliver(f"unlogged {time.monotonic_ns()}")
            run = self.start(prefix=shell, CONNECTOR_LOG_LEVEL="debug")
            self.until_listening(run)
            self.until_metric(run, lambda scrape: scrape("mails_confirmed_total") >= 1, "a report")
            turn_s = self.scrape()("heart_longest_turn_seconds")
            run.kill()
            if turn_s <= TURN_S:
                return
        self.fail(f"kept for {turn_s} s")

    def until_listening(self, run):
        def listens():
            try:
                return bool(self.scrape())
            except OSError:
                return False
        run.until(listens, "the endpoint listens")
