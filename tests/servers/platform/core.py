# SPDX-License-Identifier: Apache-2.0
"""The platform as one object: its parts, and what an administrator may do to it."""
import base64
import json

from ..web import HttpServer
from .api import GraphqlApi
from .clock import Clock
from .connectors import Connectors
from .drafts import Drafts
from .errors import PlatformError
from .faults import Faults
from .importer import Importer
from .knowledge import Knowledge
from .manager import Manager
from .release import DEFAULT, Release
from .topology import CONNECTOR_EXCHANGE, WORKER_EXCHANGE, Broker
from .users import Users
from .worker import RUNNING, Worker
from .works import Works

DEFAULT_TOKEN = "flgrn_octi_tkn_" + "Ab3-" * 15 + "_Z9x"


class Platform:
    """broker: where the platform itself reaches RabbitMQ. told_broker: members of the answer's
    config.connection that differ from it (host, port, vhost, use_ssl, user, pass).
    manager_period_s: of the connector manager, 0 for never."""

    def __init__(self, broker, release=DEFAULT, token=DEFAULT_TOKEN, told_broker=None,
                 worker_mode=RUNNING, lock_error_s=5.0, idle_s=5.0, tls=None, base_path="",
                 port=0, manager_period_s=60.0, worker_idle_s=0.02):
        self.release = Release(release)
        self.broker = Broker(**broker)
        self.told_broker = dict(told_broker or {})
        self.clock = Clock()
        self.users = Users(token)
        self.connectors = Connectors(self.release, self.broker, self.clock, lock_error_s)
        self.works = Works(self.release, self.connectors, self.clock)
        self.knowledge = Knowledge(self.release)
        self.importer = Importer(self.release, self.knowledge)
        self.drafts = Drafts(self.release, self.knowledge)
        self.faults = Faults(self.release)
        self.api = GraphqlApi(self, base_path)
        self.worker = Worker(self, worker_mode, worker_idle_s)
        self.manager = Manager(self.works, manager_period_s)
        self.told_queue_size = None  # bytes that queue details show instead of the truth
        self.http = HttpServer(self.api.answer, port, idle_s, tls, self.clock.seconds)

    def start(self):
        self.worker.start()
        self.manager.start()
        self.http.start()
        return self

    def stop(self):
        self.faults.clear()
        self.http.stop()
        self.worker.stop()
        self.manager.stop()

    def connector_config(self, connector):
        connection = {"host": self.broker.host, "vhost": self.broker.vhost, "use_ssl": False,
                      "port": self.broker.port, "user": self.broker.user,
                      "pass": self.broker.password, **self.told_broker}
        return {
            "connection": connection, "listen": f"listen_{connector.id}",
            "listen_routing": f"listen_routing_{connector.id}",
            "listen_exchange": CONNECTOR_EXCHANGE, "push": f"push_{connector.id}",
            "push_routing": f"push_routing_{connector.id}", "push_exchange": WORKER_EXCHANGE,
            "dead_letter_routing": "listen_routing_too-large-bundle",
            "listen_callback_uri": connector.input.get("listen_callback_uri"),
            "s3": {"endpoint": "minio", "port": 9000, "use_ssl": False,
                   "bucket_name": "opencti-bucket", "bucket_region": "us-east-1",
                   "access_key": "s3-access-key", "secret_key": "s3-secret-key"},
        }

    def queue_size(self, connector_id):
        number, size = self.broker.queue_size(connector_id)
        return number, size if self.told_queue_size is None else self.told_queue_size

    def push(self, user, connector_id, bundle, work_id):
        """A bundle that came by the API goes into the queue whole, and is not counted."""
        try:
            objects = json.loads(bundle)["objects"]
        except (ValueError, KeyError, TypeError):
            objects = None
        if not objects or not self.connectors.find(connector_id):
            raise PlatformError("UNSUPPORTED_ERROR", "Invalid bundle")
        if work_id is None:
            work_id = self.works.add(connector_id, "run @", False).id
            if len(objects) == 1:
                self.works.edit(work_id, "addExpectations", expectations=1)
        self.broker.push(connector_id, {
            "type": "bundle", "applicant_id": user.id, "update": True, "work_id": work_id,
            "content": base64.b64encode(bundle.encode()).decode()})

    def delete_connector(self, connector_id):
        """Its queues, its state and its works."""
        self.connectors.delete(connector_id)
        self.works.delete_of(connector_id)
