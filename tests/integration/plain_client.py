# SPDX-License-Identifier: Apache-2.0
"""A small client that speaks as the official helper does, to test the stand-in platform with."""
import base64
import http.client
import json
import time
import uuid

import pika

REGISTER = """mutation RegisterConnector($input: RegisterConnectorInput) {
  registerConnector(input: $input) {
    id connector_state jwks
    config { connection { host vhost use_ssl port user pass }
      s3 { endpoint port use_ssl bucket_name bucket_region access_key secret_key }
      listen listen_routing listen_exchange push push_routing push_exchange }
    connector_user_id } }"""
REGISTER_SHORT = """mutation RegisterConnector($input: RegisterConnectorInput) {
  registerConnector(input: $input) {
    id connector_state
    config { connection { host vhost use_ssl port user pass }
      listen listen_routing listen_exchange push push_routing push_exchange }
    connector_user_id } }"""
PING = """mutation PingConnector($id: ID!, $state: String, $connectorInfo: ConnectorInfoInput) {
  pingConnector(id: $id, state: $state, connectorInfo: $connectorInfo) {
    id connector_state
    connector_info { run_and_terminate buffering queue_threshold queue_messages_size
      next_run_datetime last_run_datetime } } }"""
PING_SHORT = """mutation PingConnector($id: ID!, $state: String) {
  pingConnector(id: $id, state: $state) { id connector_state } }"""
WORK_ADD = """mutation workAdd($connectorId: String!, $friendlyName: String) {
  workAdd(connectorId: $connectorId, friendlyName: $friendlyName) { id } }"""
WORK_ADD_MULTI = """mutation workAdd($connectorId: String!, $isMultiPartWork: Boolean) {
  workAdd(connectorId: $connectorId, isMultiPartWork: $isMultiPartWork) { id } }"""
EXPECT = """mutation addExpectations($id: ID!, $expectations: Int) {
  workEdit(id: $id) { addExpectations(expectations: $expectations) } }"""
PROCESSED = """mutation workToProcessed($id: ID!, $message: String, $inError: Boolean) {
  workEdit(id: $id) { toProcessed(message: $message, inError: $inError) } }"""
REPORT_EXPECTATION = """mutation reportExpectation($id: ID!, $error: WorkErrorInput) {
  workEdit(id: $id) { reportExpectation(error: $error) } }"""
WORK_DELETE = "mutation($id: ID!) { workEdit(id: $id) { delete } }"
WORK_DELETE_ALL = "mutation($connectorId: String!) { workDelete(connectorId: $connectorId) }"
ALIVE = "query WorkAliveQuery($id: ID!) { isWorkAlive(id: $id) }"
ABOUT = "query { about { version } }"
RESET = "mutation R($id: ID!) { resetStateConnector(id: $id) { id } }"
DELETE = "mutation D($id: ID!) { deleteConnector(id: $id) }"
QUEUE = """query GetConnector($id: String!) { connector(id: $id) {
  id connector_state connector_queue_details { messages_number messages_size } } }"""
ME = """query { me { name capabilities { name }
  allowed_marking { standard_id definition_type definition }
  effective_confidence_level { max_confidence } } }"""
REPORTS = """query Reports($filters: FilterGroup, $first: Int, $after: ID) {
  reports(filters: $filters, first: $first, after: $after) {
    edges { node { standard_id x_opencti_stix_ids } }
    pageInfo { hasNextPage endCursor globalCount } } }"""
IDENTITY = "query($id: String!) { identity(id: $id) { id name } }"
MARKING_BY_ID = "query($id: String!) { markingDefinition(id: $id) { id definition } }"
WORK = """query($id: ID!) { work(id: $id) { id status
  tracking { import_expected_number import_processed_number } errors { message } } }"""

AUTHOR = {"type": "identity", "spec_version": "2.1",
          "id": "identity--f1f25c53-7d95-5ee6-b5d0-3379bfb2e997", "name": "Email Intel IMAP",
          "identity_class": "organization"}
MARKING = {"type": "marking-definition", "spec_version": "2.1",
           "id": "marking-definition--826578e1-40ad-459f-bc73-ede076f81f37",
           "definition_type": "statement", "definition": {"statement": "custom"},
           "x_opencti_definition_type": "TLP", "x_opencti_definition": "TLP:AMBER+STRICT"}


class Refused(Exception):
    """A GraphQL error: code and message."""

    def __init__(self, error):
        code = error.get("extensions", {}).get("code") or error.get("name")
        super().__init__(f"{code}: {error['message']}")
        self.code, self.error = code, error


class PlainClient:
    def __init__(self, port, token, path="/graphql"):
        self.port, self.token, self.path = port, token, path
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        self.used = time.monotonic()
        self.config = None
        self.user_id = None
        self.answer_headers = {}  # of the last answer

    def close(self):
        self.connection.close()

    def post(self, body, content_type="application/json", method="POST", path=None):
        """Status and text of one request."""
        # The platform ends what is idle for 5 s; half of that leaves a busy machine room.
        if time.monotonic() - self.used > 2.5:
            self.connection.close()
        self.used = time.monotonic()
        self.connection.request(method, path or self.path, body, {
            "Content-Type": content_type, "Authorization": f"Bearer {self.token}"})
        answer = self.connection.getresponse()
        self.answer_headers = answer.headers
        return answer.status, answer.read().decode()

    def ask(self, query, **variables):
        status, text = self.post(json.dumps({"query": query, "variables": variables}))
        if status != 200:
            raise RuntimeError(f"HTTP {status}: {text}")
        answer = json.loads(text)
        if answer.get("errors"):
            raise Refused(answer["errors"][0])
        return next(iter(answer["data"].values()))

    def register(self, connector_id, document=REGISTER, **changes):
        given = {"id": connector_id, "name": "Email Intel IMAP", "type": "EXTERNAL_IMPORT",
                 "scope": ["email-intel-imap"], "auto": False, "auto_update": False,
                 "enrichment_resolution": "none", "only_contextual": False,
                 "playbook_compatible": False, "listen_callback_uri": None, **changes}
        given = {key: value for key, value in given.items() if value is not ...}
        answer = self.ask(document, input=given)
        self.config, self.user_id = answer["config"], answer["connector_user_id"]
        return answer

    def ping(self, connector_id, state=None):
        info = {"run_and_terminate": False, "buffering": False, "queue_threshold": 500.0,
                "queue_messages_size": 0.0, "next_run_datetime": None,
                "last_run_datetime": "2026-03-03T16:00:00Z"}
        return self.ask(PING, id=connector_id, state=state, connectorInfo=info)

    def envelope(self, objects, work_id, **changes):
        bundle = {"type": "bundle", "id": f"bundle--{uuid.uuid4()}", "spec_version": "2.1",
                  "x_opencti_seq": objects[0].get("nb_deps", 1), "objects": objects}
        content = base64.b64encode(json.dumps(bundle).encode()).decode()
        body = {"bundle_type": "QUEUE_BUNDLE", "applicant_id": self.user_id,
                "action_sequence": 1, "entities_types": [], "content": content, "update": False,
                "draft_id": None, "no_split": False, "work_id": work_id, **changes}
        return {key: value for key, value in body.items() if value is not ...}

    def publish(self, bodies, **properties):
        """Bodies as text, confirmed one by one."""
        told = self.config["connection"]
        parameters = pika.ConnectionParameters(
            told["host"], told["port"], told["vhost"],
            credentials=pika.PlainCredentials(told["user"], told["pass"]))
        settings = {"delivery_mode": 2, "content_encoding": "utf-8", **properties}
        with pika.BlockingConnection(parameters) as connection:
            channel = connection.channel()
            channel.confirm_delivery()
            for body in bodies:
                channel.basic_publish(self.config["push_exchange"], self.config["push_routing"],
                                      body, pika.BasicProperties(**settings), mandatory=True)

    def send(self, objects, work_id=None):
        """One message per object, as the splitter does."""
        self.publish([json.dumps(self.envelope([{**given, "nb_deps": 1}], work_id))
                      for given in objects])


def report(name="Weekly CTI Digest", published="2026-08-20T13:56:00.000Z", **changes):
    given = {"type": "report", "spec_version": "2.1", "id": f"report--{uuid.uuid4()}",
             "created_by_ref": AUTHOR["id"], "name": name, "published": published,
             "report_types": ["threat-report"], "object_marking_refs": [MARKING["id"]],
             "x_opencti_content": "text", **changes}
    return {key: value for key, value in given.items() if value is not ...}


def attachment(name="mail.eml", data=b"bytes", **changes):
    return {"name": name, "mime_type": "message/rfc822",
            "data": base64.b64encode(data).decode(), **changes}
