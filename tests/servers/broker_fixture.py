# SPDX-License-Identifier: Apache-2.0
"""python3 -m servers.broker_fixture start|stop DIRECTORY: one broker for many test programs."""
import os
import shutil
import sys

from .pki import Pki
from .rabbitmq import Rabbitmq


def start(directory):
    if os.path.exists(os.path.join(directory, "broker.json")):
        stop(directory)
    shutil.rmtree(directory, ignore_errors=True)
    pki = Pki(os.path.join(directory, "pki")).make()
    Rabbitmq(os.path.join(directory, "rabbitmq"), tls=pki).start().save()
    shutil.copy(os.path.join(directory, "rabbitmq", "broker.json"), directory)


def stop(directory):
    if os.path.exists(os.path.join(directory, "broker.json")):
        Rabbitmq.attach(directory).discard()
    shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    {"start": start, "stop": stop}[sys.argv[1]](sys.argv[2])
