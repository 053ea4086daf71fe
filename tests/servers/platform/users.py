# SPDX-License-Identifier: Apache-2.0
"""API tokens, whose they are, and what they may do."""
import uuid

from .errors import PlatformError, auth_required

CONNECTOR_RIGHTS = ("APIACCESS_USETOKEN", "CONNECTORAPI", "MODULES_MODMANAGE")

# Root field -> right that it asks for; every call needs APIACCESS_USETOKEN besides.
_NEEDED = {"registerConnector": "CONNECTORAPI", "pingConnector": "CONNECTORAPI",
           "workAdd": "CONNECTORAPI", "workEdit": "CONNECTORAPI",
           "connector": "MODULES_MODMANAGE", "work": "MODULES_MODMANAGE",
           "isWorkAlive": "MODULES_MODMANAGE", "resetStateConnector": "MODULES_MODMANAGE",
           "deleteConnector": "MODULES_MODMANAGE"}


class Users:
    def __init__(self, token):
        self._by_token = {}
        self.add(token)

    def add(self, token, rights=CONNECTOR_RIGHTS):
        self._by_token[token] = (str(uuid.uuid5(uuid.NAMESPACE_OID, token)), frozenset(rights))

    def revoke(self, token):
        self._by_token.pop(token, None)

    def ids(self):
        return {user_id for user_id, _ in self._by_token.values()}

    def user_of(self, authorization):
        """The user id of an Authorization header, for who may use the API at all."""
        scheme, _, token = (authorization or "").partition(" ")
        user_id, rights = self._by_token.get(token, (None, ()))
        if scheme != "Bearer" or "APIACCESS_USETOKEN" not in rights:
            raise auth_required()
        return user_id

    def check(self, user_id, root_field):
        for held_by, rights in self._by_token.values():
            if held_by == user_id and _NEEDED.get(root_field, "APIACCESS_USETOKEN") in rights:
                return
        raise PlatformError("FORBIDDEN_ACCESS", "You are not allowed to do this.")
