# SPDX-License-Identifier: Apache-2.0
"""Platform and broker as they are: names, rights, addresses, trouble at the start."""
from servers.web import Answer, HttpServer

from .row import Behaviour

BROKER, PLATFORM, ADDRESS, RIGHTS = ("a broker that is not as the platform says", "a busy platform",
                                     "an address that is not the platform's", "rights and ids")
HOST = {"told_broker": {"host": "rabbitmq.opencti.internal.example"}}


def told(**members):
    return {"told_broker": members}


def failing(operation, times=2, **details):
    def story(stage):
        stage.platform.fail(operation, "error", times, **details)
        return stage.once()
    return story


def weak(token, rights):
    def story(stage):
        stage.platform.add_token(token, rights)
        return stage.once(OPENCTI_TOKEN=token)
    return story


def behind(answer):
    """What stands at the address answers by itself, or says where to go."""
    def story(stage):
        web = HttpServer(lambda method, path, headers, body: answer(stage, path)).start()
        try:
            return stage.once(OPENCTI_URL=f"http://127.0.0.1:{web.port}")
        finally:
            web.stop()
    return story


def page(status, text):
    return behind(lambda stage, path: Answer(status, text, "text/html"))


def moved(status):
    return behind(lambda stage, path: Answer(status, b"moved", headers=[
        ("Location", stage.platform.url + path)]))


def with_slash(stage):
    return stage.once(OPENCTI_URL=stage.platform.url + "/")


def checked(stage):
    run = stage.start("--check")
    run.wait(stage.row.within_s)
    return run


ROWS = [
    Behaviour("a broker's name that only the platform knows", BROKER, "host", "connectors#233; "
              "opencti#7794", platform=HOST, reports={}, exit=75, words=("MQ_HOST",)),
    Behaviour("the same, by --check", BROKER, "host, --check", "connectors#1709", platform=HOST,
              reports={}, words=("broker: not tried", "MQ_HOST"), story=checked),
    Behaviour("a virtual host that is not there", BROKER, "vhost", "connectors#54",
              platform=told(vhost="/nope"), reports={}, exit=78, words=("MQ_VHOST",)),
    Behaviour("a wrong password of the broker", BROKER, "password", "connectors#54",
              platform=told(**{"pass": "p@ss/w:rd%2F"}), reports={}, exit=77,
              words=("MQ_USER", "MQ_PASS"), never=("p@ss/w:rd",)),
    Behaviour("TLS told for a plain port", BROKER, "TLS", "connectors#54", platform=told(use_ssl=True),
              reports={}, exit=78, words=("TLS",)),

    Behaviour("a lock at workAdd", PLATFORM, "workAdd: LOCK_ERROR twice", "opencti#3019",
              story=failing("workAdd", code="LOCK_ERROR",
                            message="Execution timeout, too many concurrent call on the same entities")),
    Behaviour("a cluster that is read only", PLATFORM, "registerConnector: DATABASE_ERROR twice",
              "opencti#10435", story=failing("registerConnector", code="DATABASE_ERROR",
                                            message="Cluster is read only")),
    Behaviour("pings that fail", PLATFORM, "pingConnector: DATABASE_ERROR three times",
              "opencti#10435", story=failing("pingConnector", 3, code="DATABASE_ERROR",
                                            message="Service unavailable")),

    Behaviour("a slash behind the address", ADDRESS, "URL: trailing slash", "connectors#640",
              story=with_slash),
    Behaviour("an address that has moved", ADDRESS, "URL: 308", "an ingress that wants https",
              story=moved(308), reports={}, exit=78, words=("OPENCTI_URL",)),
    Behaviour("a sign-in page", ADDRESS, "URL: 200, HTML", "a proxy with a sign-in of its own",
              story=page(200, b"<!doctype html><title>Sign in</title>"), reports={}, exit=75,
              words=("OPENCTI_URL",)),
    Behaviour("blocked by a firewall", ADDRESS, "URL: 403, HTML", "a WAF", story=page(
        403, b"<html>blocked"), reports={}, exit=77, words=("403",)),
    Behaviour("an ingress without a back end", ADDRESS, "URL: 404", "ingress-nginx", story=page(
        404, b"default backend - 404"), reports={}, exit=78, words=("404",)),

    Behaviour("a user who may not connect", RIGHTS, "token without CONNECTORAPI", "opencti#6709",
              story=weak("weak-token-of-a-test", ["APIACCESS_USETOKEN"]), reports={}, exit=77,
              words=("role Connector",)),
    Behaviour("a token nobody has", RIGHTS, "token ChangeMe", "connectors#39",
              settings={"OPENCTI_TOKEN": "ChangeMe"}, reports={}, exit=77),
    Behaviour("an id that everybody has", RIGHTS, "CONNECTOR_ID ChangeMe", "connectors#640",
              settings={"CONNECTOR_ID": "ChangeMe"}, platform={}, words=("CONNECTOR_ID",)),
]
