# SPDX-License-Identifier: Apache-2.0
"""Standard ids as the platform computes them: UUIDv5 over canonical JSON (RFC 8785)."""
import datetime
import json
import re
import uuid

NAMESPACE = uuid.UUID("00abedb4-aa42-466c-9c01-fed23315a9b7")

TLP = {
    "TLP:CLEAR": "613f2e26-407d-48c7-9eca-b8e91df99dc9",
    "TLP:GREEN": "34098fce-860f-48ae-8e50-ebd3cc5e41da",
    "TLP:AMBER": "f88d31f6-486f-44da-b317-01333bde0b82",
    "TLP:AMBER+STRICT": "826578e1-40ad-459f-bc73-ede076f81f37",
    "TLP:RED": "5e57c739-391a-4eb3-b6be-7d15ca92d5ed",
}

PAP = ("PAP:CLEAR", "PAP:GREEN", "PAP:AMBER", "PAP:RED")

# What JavaScript's trim takes away: not U+0085 and U+001C to 1F, which Python would.
_JS_BLANKS = ("\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008"
              "\u2009\u200a\u2028\u2029\u202f\u205f\u3000\ufeff")

_RFC3339 = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:Z|([+-])(\d\d):(\d\d))")

STIX_ID = re.compile(
    r"[a-z0-9-]+--[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def trim(text):
    return text.strip(_JS_BLANKS)


def standard_id(kind, members):
    """members: the identifying properties, texts."""
    text = json.dumps(members, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    # uuid5 takes text only and cannot hash a lone surrogate, which JSON may carry.
    digest = uuid.uuid5(NAMESPACE, text.encode("utf-8", "replace").decode())
    return f"{kind}--{digest}"


def report_id(name, published):
    """published: as instant() writes it."""
    return standard_id("report", {"name": trim(name).lower(), "published": published})


def identity_id(name, identity_class):
    members = {"name": trim(name).lower(), "identity_class": identity_class.lower()}
    return standard_id("identity", members)


def marking_id(definition_type, definition):
    if definition in TLP:
        return f"marking-definition--{TLP[definition]}"
    members = {"definition_type": definition_type, "definition": definition}
    return standard_id("marking-definition", members)


def static_markings():
    """What every platform has, by standard id: type and definition; of a type the lowest first."""
    return {marking_id(kind, definition): (kind, definition)
            for kind, definitions in (("TLP", TLP), ("PAP", PAP)) for definition in definitions}


def static_marking(text):
    """A definition that every platform has, or an id, as an id."""
    return next((standard for standard, (_, definition) in static_markings().items()
                 if definition == text), text)


def up_to(marking):
    """The markings that who may use this one may use: itself, and the lower ones of its type."""
    static = static_markings()
    if marking not in static:
        return [marking]
    of_type = [standard for standard in static if static[standard][0] == static[marking][0]]
    return of_type[:of_type.index(marking) + 1]


def instant(text):
    """An RFC 3339 date-time with zone as JavaScript's toISOString writes it, or None."""
    found = _RFC3339.fullmatch(text) if isinstance(text, str) else None
    if not found:
        return None
    year, month, day, hour, minute, second, fraction, sign, off_hour, off_minute = found.groups()
    try:
        when = datetime.datetime(int(year), int(month), int(day), int(hour), int(minute),
                                 int(second))
        if sign:
            offset = datetime.timedelta(hours=int(off_hour), minutes=int(off_minute))
            when = when - offset if sign == "+" else when + offset
    except (ValueError, OverflowError):
        return None
    milliseconds = (fraction or "").ljust(3, "0")[:3]
    return f"{when.year:04d}-{when.strftime('%m-%dT%H:%M:%S')}.{milliseconds}Z"
