# SPDX-License-Identifier: Apache-2.0
"""reports(first, after, filters): which of these ids are there."""
from .errors import unsupported

DEFAULT_FIRST = 500


def answer(knowledge, user, first=None, after=None, filters=None):
    """As ReportConnection. What a marking hides from the user looks as if it were not there."""
    wanted = _wanted_ids(filters)
    found = [report for report in list(knowledge.reports.values())
             if wanted is None or wanted.intersection(_ids_of(report))]
    found = [report for report in found if all(user.may_use(marking)
                                               for marking in report["markings"])]
    start = 0
    if after:
        start = next((place + 1 for place, report in enumerate(found)
                      if report["id"] == after), len(found))
    page = found[start:start + (DEFAULT_FIRST if first is None else first)]
    return {"edges": [{"cursor": report["id"], "node": _node(report)} for report in page],
            "pageInfo": {"startCursor": page[0]["id"] if page else "",
                         "endCursor": page[-1]["id"] if page else "",
                         "hasNextPage": start + len(page) < len(found),
                         "hasPreviousPage": start > 0, "globalCount": len(found)}}


def _ids_of(report):
    return {report["id"], report["standard_id"], *_foreign_ids(report)}


def _foreign_ids(report):
    return [stix_id for stix_id in report["stix_ids"] if stix_id != report["standard_id"]]


def _node(report):
    return {**report, "entity_type": "Report", "x_opencti_stix_ids": _foreign_ids(report)}


def _wanted_ids(filters):
    """None without a filter. By ids is all that a connector asks, and all that is played here."""
    if not filters:
        return None
    if filters["filterGroups"] or len(filters["filters"]) != 1:
        raise unsupported("the stand-in knows one filter by ids only")
    given = filters["filters"][0]
    if len(given["key"]) != 1:
        raise unsupported("Filters with several keys are not supported")
    if given["key"] != ["ids"] or given.get("operator", "eq") != "eq":
        raise unsupported("the stand-in knows one filter by ids only")
    values = given.get("values") or []
    if not values:
        raise unsupported("Filters must have at least one value")
    if given.get("mode", "or") != "or":
        raise unsupported("Filters by ids cannot ask for all of them at once")
    return set(values)
