# SPDX-License-Identifier: Apache-2.0
"""What the tests of the stand-in platform itself have in common."""
import uuid

from servers.platform.core import DEFAULT_TOKEN
from servers.process import wait_until

from .plain_client import PlainClient, Refused
from .support import ServerTest


class PlatformTest(ServerTest):
    def setUp(self):
        super().setUp()
        self.client = self.connect(self.platform)
        self.id = str(uuid.uuid4())

    def connect(self, platform, token=DEFAULT_TOKEN):
        client = PlainClient(platform.port, token)
        self.addCleanup(client.close)
        return client

    def refused(self, code, call, *arguments, **keywords):
        with self.assertRaises(Refused) as caught:
            call(*arguments, **keywords)
        self.assertEqual(caught.exception.code, code)
        return caught.exception.error["message"]

    def import_all(self, objects, work_id=None):
        """Sends, waits for the worker, returns the reports by name."""
        before = len(self.platform.messages())
        self.client.send(objects, work_id)
        wait_until(lambda: len(self.platform.messages()) >= before + len(objects)
                   and not self.platform.call("worker_busy"), "messages are taken", 20)
        return {held["name"]: held for held in self.platform.reports()}

    def loss_kinds(self):
        return [loss["kind"] for loss in self.platform.losses()]
