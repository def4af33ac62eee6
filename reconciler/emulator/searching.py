"""``POST /…/search``: a list call whose parameters come in a body (FACTS 1)."""

from __future__ import annotations

from typing import Any, Final

from werkzeug.datastructures import MultiDict

from reconciler.emulator import tokens
from reconciler.emulator.errors import invalid, numbered
from reconciler.emulator.listing import Query, answer, check_order, refuse_unknown
from reconciler.emulator.resources import SPECS, Document
from reconciler.emulator.stamps import Call, Service
from reconciler.emulator.writes import require_object

_COMMON: Final[dict[str, type]] = {"queryString": str, "limit": int, "orderby": str, "count": bool}
_FIELDS: Final[dict[str, dict[str, type]]] = {
    "connections": _COMMON,
    "flows": {**_COMMON, "projectionFields": str},
    "flowSpecs": {**_COMMON, "projectionFields": str, "groupByProperty": str},
}
_UNKNOWN_GRAMMAR: Final = ("queryString", "projectionFields", "groupByProperty")
_MOST: Final = 1000


def found(service: Service, call: Call, collection: str, args: MultiDict[str, str], body: Any) -> Document:
    """Answer a search that asks for everything.

    How a query, a projection or a group is written is in no source. Whatever we answered would be made up, and a client
    might come to rely on it: so such a search is refused.
    """
    refuse_unknown(args, () if collection in SPECS else ("continuationToken",))
    wanted = _checked(collection, require_object(body))
    limit, orderby = wanted.get("limit"), wanted.get("orderby")
    query = Query([], orderby, limit or service.settings.default_limit, None, wanted.get("count") is True)
    if collection in SPECS and limit is None:
        query.limit = _MOST
    if "continuationToken" in args:
        token = tokens.read(args["continuationToken"])
        query = Query([], token["orderby"], limit or token["limit"], token["after"], query.count)
    reply = answer(service, call, collection, [], query, f"/{collection}/search")
    return {"items": reply["items"]} if collection in SPECS and "items" in reply else reply


def _checked(collection: str, body: Document) -> Document:
    fields = _FIELDS[collection]
    for name, value in body.items():
        if name not in fields:
            raise invalid(f"A search has no {name}.")
        if not isinstance(value, fields[name]) or (fields[name] is int and isinstance(value, bool)):
            raise invalid(f"The {name} of a search has the wrong type.")
    if unknown := next((name for name in _UNKNOWN_GRAMMAR if body.get(name)), None):
        raise invalid(f"How a {unknown} is written is not known here.")
    if "limit" in body and not 1 <= body["limit"] <= _MOST:
        raise invalid(f"The limit {body['limit']} is not between 1 and {_MOST}.")
    if body.get("count") and "limit" in body:
        raise numbered("1401-400", "The limit and count parameters cannot be given together in the same request.")
    check_order(body.get("orderby"))
    return body
