# SPDX-License-Identifier: Apache-2.0
"""POST /graphql: validates documents and variables against the release's schema and runs them."""
import collections
import json
import re
import threading

from graphql import execute, parse, validate
from graphql.error import GraphQLError, GraphQLSyntaxError
from graphql.execution.values import get_variable_values

from ..web import Answer, Cut, json_answer
from . import reports_query
from .errors import PlatformError, formatted, functional
from .release import IS_CORE_3, schema_for

_RESOLVER = "resolve" if IS_CORE_3 else "resolver"
_UNKNOWN_MEMBER = re.compile(r'In field "([^"]*)": Unknown field\.')
_JWKS = json.dumps({"keys": [{"kid": "9742406efaad4e91", "use": "sig", "alg": "EdDSA",
                              "crv": "Ed25519", "kty": "OKP", "x": "test"}]})


class GraphqlApi:
    def __init__(self, platform, base_path=""):
        self.platform, self.path = platform, base_path + "/graphql"
        self.schema = schema_for(platform.release)
        self.documents = collections.Counter()  # text of each document that was run
        self.calls = collections.Counter()      # operation -> how often asked for
        self.headers = {}                       # of the last call
        self.refused = []                       # messages of refused documents and variables
        self._parsed = {}
        self._seen = threading.local()
        self._bind()

    # HTTP

    def answer(self, method, path, headers, body):
        if path.split("?")[0] != self.path:
            return Answer(404, b"Not Found", "text/plain")
        if method != "POST":
            return json_answer({"message": "Method not allowed"}, 405)
        if not (headers.get("Content-Type") or "").startswith("application/json"):
            return Answer(400, b"POST body missing, invalid Content-Type", "text/plain")
        self.headers = dict(headers.items())
        try:
            request = json.loads(body)
        except ValueError as error:
            return json_answer({"status": "error", "error": f"Unexpected token: {error}"}, 500)
        if not isinstance(request, dict):
            return Answer(400, b"Operation batching disabled.", "text/plain")
        return self._run(request, headers)

    def _run(self, request, headers):
        text = request.get("query") or ""
        try:
            document = self._checked_document(text)
        except PlatformError as error:
            self.refused.append(error.message)
            return json_answer({"errors": [formatted(self.platform.release, error)]})
        operation = _operation_of(document)
        self.calls[operation] += 1
        fault, cut = self.platform.faults.before(operation)
        if fault:
            return fault
        answer = self._execute(document, request.get("variables") or {}, headers)
        if cut:
            raise Cut()
        self.documents[text] += 1
        return json_answer(answer)

    # Checks

    def _checked_document(self, text):
        if text not in self._parsed:
            self._parsed[text] = self._validated(text)
        return self._parsed[text]

    def _validated(self, text):
        try:
            document = parse(text)
        except GraphQLSyntaxError as error:
            raise PlatformError("GRAPHQL_PARSE_FAILED", error.message) from None
        errors = validate(self.schema, document)
        if errors:
            raise PlatformError("GRAPHQL_VALIDATION_FAILED", errors[0].message)
        _refuse_aliases(document.definitions[0])
        return document

    def _execute(self, document, variables, headers):
        root = _operation_of(document).split(".")[0]
        try:
            user = self.platform.users.of_token(headers.get("Authorization"))
            self.platform.users.check(user, root)
            self._enter(headers.get("opencti-draft-id"))
            values = self._coerced(document, variables)
        except PlatformError as error:
            if error.code == "BAD_USER_INPUT":
                self.refused.append(error.message)
                return {"errors": [formatted(self.platform.release, error)]}
            return self._failed(error, root)
        done = execute(self.schema, document, variable_values=values, context_value=user)
        answer = {"data": done.data}
        if done.errors:
            answer["errors"] = [self._formatted(error) for error in done.errors]
        return answer

    def _enter(self, draft_id):
        """What this request sees; one a thread."""
        drafts = self.platform.drafts
        self._seen.knowledge = (drafts.find_open(draft_id).knowledge if draft_id
                                else self.platform.knowledge)

    def _coerced(self, document, variables):
        """Types of all variables; those that no document declares are ignored, as there."""
        definitions = document.definitions[0].variable_definitions or []
        try:
            found = get_variable_values(self.schema, definitions, variables)
            if isinstance(found, list):
                raise found[0]
        except GraphQLError as error:
            message = _UNKNOWN_MEMBER.sub(r'not to include unknown field "\1"', error.message)
            raise PlatformError("BAD_USER_INPUT", message) from None
        return variables

    def _failed(self, error, root):
        return {"errors": [formatted(self.platform.release, error, [root])], "data": {root: None}}

    def _formatted(self, error):
        origin = getattr(error, "original_error", None)
        if not isinstance(origin, PlatformError):
            origin = PlatformError("INTERNAL_SERVER_ERROR", str(error))
        return formatted(self.platform.release, origin, error.path)

    # What the fields do

    def _bind(self):
        query, mutation = self._roots()
        self._bind_all(query, {
            "me": self._me,
            "about": lambda user, **_: {"version": self.platform.release.text},
            "connector": lambda user, id: self._connector(self.platform.connectors.find(id)),
            "work": lambda user, id: self._work(id),
            "works": self._works,
            "isWorkAlive": lambda user, id: self.platform.works.alive(id),
            "identity": lambda user, id: self._entity(id, "identities", "Organization"),
            "markingDefinition":
                lambda user, id: self._entity(id, "markings", "Marking-Definition"),
            "reports": lambda user, **given:
                reports_query.answer(self._seen.knowledge, user, **given),
        })
        self._bind_all(mutation, {
            "registerConnector": self._register, "pingConnector": self._ping,
            "resetStateConnector":
                lambda user, id: self._connector(self.platform.connectors.reset(id)),
            "deleteConnector": self._delete, "workAdd": self._work_add,
            "workEdit": lambda user, id: {"work_id": id}, "workDelete": self._work_delete,
            "stixBundlePush": self._push, "draftWorkspaceAdd": self._draft_add,
        })
        edits = self.schema.get_type("WorkEditMutations")
        for name, field in edits.fields.items():
            setattr(field, _RESOLVER, self._work_editor(name))

    def _roots(self):
        if IS_CORE_3:
            return self.schema.query_type, self.schema.mutation_type
        return self.schema.get_query_type(), self.schema.get_mutation_type()

    @staticmethod
    def _bind_all(kind, resolvers):
        for name, resolver in resolvers.items():
            if name in kind.fields:
                setattr(kind.fields[name], _RESOLVER, _plain(resolver))

    def _register(self, user, input=None):
        if input is None:
            raise functional("Missing input")
        return self._connector(self.platform.connectors.register(input, user.id), user.id)

    def _ping(self, user, id, state=None, connectorInfo=None):
        connector, echo = self.platform.connectors.ping(id, state, connectorInfo)
        return {**self._connector(connector), "connector_state": echo}

    def _me(self, user):
        markings = self.platform.knowledge.markings
        return {"id": user.id, "name": user.name,
                "capabilities": [{"name": right} for right in sorted(user.rights)],
                "allowed_marking": [{"id": standard, "entity_type": "Marking-Definition", **marking}
                                    for standard, marking in markings.items()
                                    if user.may_use(standard)],
                "effective_confidence_level": {"max_confidence": user.max_confidence}}

    def _delete(self, user, id):
        self.platform.delete_connector(id)
        return id

    def _work_add(self, user, connectorId, friendlyName=None, isMultiPartWork=False):
        work = self.platform.works.add(connectorId, friendlyName, isMultiPartWork)
        return self._work(work.id)

    def _work_delete(self, user, connectorId):
        self.platform.works.delete_of(connectorId)
        return True

    def _push(self, user, connectorId, bundle, work_id=None):
        self.platform.push(user, connectorId, bundle, work_id)
        return True

    def _draft_add(self, user, input):
        draft = self.platform.drafts.add(input["name"])
        return {"id": draft.id, "entity_type": "DraftWorkspace", "name": draft.name}

    def _work_editor(self, name):
        def edit(source, info, **arguments):
            if name == "delete":
                self.platform.works.delete(source["work_id"])
                return source["work_id"]
            return self.platform.works.edit(source["work_id"], name, **arguments)
        return edit

    def _work(self, work_id):
        work = self.platform.works.by_id.get(work_id)
        if not work:
            return None
        told = self.platform.works.as_json(work)
        tracking = {"import_expected_number": told["expected"],
                    "import_processed_number": told["processed"], "import_last_processed": None}
        messages = [{"message": text, "timestamp": work.timestamp} for text in work.messages]
        return {**told, "tracking": tracking, "messages": messages}

    def _works(self, user, filters, first=500, orderBy="timestamp", orderMode="desc"):
        found = self.platform.works.matching(filters, orderMode == "desc")
        edges = [{"cursor": work.id, "node": self._work(work.id)} for work in found[:first]]
        return {"edges": edges, "pageInfo": {
            "startCursor": edges[0]["cursor"] if edges else "",
            "endCursor": edges[-1]["cursor"] if edges else "",
            "hasNextPage": len(found) > len(edges), "hasPreviousPage": False,
            "globalCount": len(found)}}

    def _entity(self, stix_id, kind, entity_type):
        entities = getattr(self._seen.knowledge, kind)
        standard = self._seen.knowledge.resolve(stix_id, entities)
        if not standard:
            return None
        return {"id": standard, "entity_type": entity_type, **entities[standard]}

    def _connector(self, connector, user=None):
        if not connector:
            return None
        given = connector.input
        return {
            **given, "connector_type": given["type"], "connector_scope": given.get("scope"),
            "connector_state": connector.state, "connector_state_reset": connector.state_reset,
            "connector_user_id": user or connector.user_id, "active": True, "built_in": False,
            "connector_info": _info_as_stored(connector.info), "jwks": _JWKS,
            "created_at": connector.created_at, "updated_at": connector.updated_at,
            "connector_queue_details": lambda *_: self._queue_details(connector.id),
            "config": self.platform.connector_config(connector),
        }

    def _queue_details(self, connector_id):
        number, size = self.platform.queue_size(connector_id)
        return {"messages_number": float(number), "messages_size": float(size)}


def _plain(resolver):
    """graphql calls with the parent and what it knows of the query; we want user and arguments."""
    return lambda source, info, **arguments: resolver(info.context, **arguments)


def _refuse_aliases(definition):
    """One field so often in one document: a mutation once, a query twice."""
    names = collections.Counter(field.name.value for field in definition.selection_set.selections)
    name, count = names.most_common(1)[0]
    most = 1 if definition.operation == "mutation" else 2
    if count > most:
        raise PlatformError("GRAPHQL_VALIDATION_FAILED", "Allowed number of calls for "
                            f"{definition.operation.capitalize()}->{name} has been exceeded "
                            f"(max: {most})")


def _operation_of(document):
    """`pingConnector`, or `workEdit.addExpectations` for what is done to a work."""
    field = document.definitions[0].selection_set.selections[0]
    if field.name.value == "workEdit" and field.selection_set:
        return f"workEdit.{field.selection_set.selections[0].name.value}"
    return field.name.value


def _info_as_stored(info):
    if not info:
        return None
    dates = {name: re.sub(r"(:\d\d)(\.\d+)?Z$", r"\1.000Z", value)
             for name, value in info.items() if isinstance(value, str)}
    return {**info, **dates}
