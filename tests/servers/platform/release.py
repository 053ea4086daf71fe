# SPDX-License-Identifier: Apache-2.0
"""Platform releases, and the schema that each of them has."""
import copy
import os

import graphql
from graphql import build_ast_schema, parse

from .ids import instant

DEFAULT = "7.260817.0"
# graphql-core 3 (Debian 13) has other names than 2 (Debian 12).
IS_CORE_3 = hasattr(graphql.GraphQLSchema, "to_kwargs")
NO_VALUE = graphql.Undefined if IS_CORE_3 else None  # stands for one that cannot be one


class Release:
    """A version such as 6.2.14 or 7.260817.0: compares with texts."""

    def __init__(self, text):
        self.text = text
        self.number = tuple(int(part) for part in text.split("."))

    def __ge__(self, other):
        return self.number >= Release(other).number if isinstance(other, str) else NotImplemented

    def __lt__(self, other):
        return not self >= other

    def between(self, first, last):
        return Release(first).number <= self.number <= Release(last).number


def schema_for(release):
    path = os.path.join(os.path.dirname(__file__), "schema.graphql")
    with open(path, encoding="utf-8") as file:
        document = parse(file.read())
    for definition in document.definitions:
        members = getattr(definition, "fields", None)
        if members:
            definition.fields = _known(members, release)
    schema = build_ast_schema(document)
    dates = schema.get_type("DateTime")
    dates.serialize = str
    dates.parse_value = lambda value: value if instant(value) else NO_VALUE
    dates.parse_literal = lambda node, _=None: dates.parse_value(getattr(node, "value", None))
    for name in ("Any", "StixId"):
        scalar = schema.get_type(name)
        scalar.serialize = scalar.parse_value = lambda value: value
        scalar.parse_literal = lambda node, _=None: getattr(node, "value", None)
    return schema


def _known(members, release):
    """In what they came in: graphql-core's visitor takes lists in one release, tuples in another."""
    kept = []
    for member in members:
        if not _has(member, release):
            continue
        member = copy.copy(member)
        arguments = getattr(member, "arguments", None)
        if arguments:
            member.arguments = type(arguments)(
                argument for argument in arguments if _has(argument, release))
        kept.append(member)
    return type(members)(kept)


def _has(member, release):
    for directive in member.directives or ():
        if directive.name.value == "since":
            return release >= directive.arguments[0].value.value
    return True
