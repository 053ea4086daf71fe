# SPDX-License-Identifier: Apache-2.0
"""API tokens, whose they are, and what they may do."""
import uuid

from . import ids
from .errors import auth_required, forbidden

# Of the 17 capabilities of the groups Connectors and Default, those that were noted.
CONNECTOR_RIGHTS = (
    "APIACCESS_USETOKEN", "CONNECTORAPI", "KNOWLEDGE", "KNOWLEDGE_KNUPLOAD",
    "KNOWLEDGE_KNUPDATE_KNDELETE", "KNOWLEDGE_KNUPDATE_KNMERGE", "MODULES_MODMANAGE",
    "SETTINGS_SETLABELS", "SETTINGS_SETVOCABULARIES")

# Root field -> rights of which one is asked for; every call needs APIACCESS_USETOKEN besides.
_WORK = ("CONNECTORAPI", "MODULES_MODMANAGE")
_NEEDED = {"registerConnector": ("CONNECTORAPI",), "pingConnector": ("CONNECTORAPI",),
           "workAdd": _WORK, "workEdit": _WORK, "workDelete": _WORK, "stixBundlePush": ("CONNECTORAPI",),
           "draftWorkspaceAdd": ("KNOWLEDGE_KNUPDATE",),
           "connector": ("MODULES",), "work": ("MODULES",), "isWorkAlive": ("MODULES",), "works": ("MODULES",),
           "resetStateConnector": ("MODULES_MODMANAGE",),
           "deleteConnector": ("MODULES_MODMANAGE",), "reports": ("KNOWLEDGE",)}


class User:
    """rights: names of capabilities. markings: standard ids, None for all that there are."""

    def __init__(self, token, rights, name="Email Intel IMAP"):
        self.id = str(uuid.uuid5(uuid.NAMESPACE_OID, token))
        self.name = name
        self.rights = frozenset(rights)
        self.markings = None
        self.max_confidence = 100

    def may(self, right):
        """A right is held by one below it, too: KNOWLEDGE_KNUPDATE_KNDELETE holds KNUPDATE."""
        return any(held == "BYPASS" or held == right or held.startswith(right + "_")
                   for held in self.rights)

    def may_use(self, marking):
        if "BYPASS" in self.rights or self.markings is None:
            return True
        return any(marking in ids.up_to(allowed) for allowed in self.markings)

    def require(self, rights):
        if not any(self.may(right) for right in rights):
            raise forbidden()


ADMINISTRATOR = User("administrator", ("BYPASS",), "admin")


class Users:
    def __init__(self, token):
        self.default_token = token
        self._by_token = {}
        self.add(token)

    def add(self, token, rights=CONNECTOR_RIGHTS):
        self._by_token[token] = User(token, rights)

    def change(self, token=None, rights=None, markings=..., name=None, max_confidence=None):
        """What is not given stays. markings: definitions (TLP:AMBER) or ids; None for all."""
        user = self._by_token[token or self.default_token]
        if rights is not None:
            user.rights = frozenset(rights)
        if markings is not ...:
            user.markings = markings if markings is None else {ids.static_marking(marking)
                                                              for marking in markings}
        user.name = name or user.name
        if max_confidence is not None:
            user.max_confidence = max_confidence

    def revoke(self, token):
        self._by_token.pop(token, None)

    def of_token(self, authorization):
        """The user of an Authorization header, for who may use the API at all."""
        scheme, _, token = (authorization or "").partition(" ")
        user = self._by_token.get(token)
        if scheme != "Bearer" or not user or not user.may("APIACCESS_USETOKEN"):
            raise auth_required()
        return user

    def of_id(self, user_id):
        """Whom a message is imported for; nobody: the worker's own administrator."""
        if user_id is None:
            return ADMINISTRATOR
        for user in self._by_token.values():
            if user.id == user_id:
                return user
        raise auth_required()

    @staticmethod
    def check(user, root_field):
        user.require(_NEEDED.get(root_field, ("APIACCESS_USETOKEN",)))
