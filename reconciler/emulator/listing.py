"""Lists: filtered, sorted, counted, page by page (FACTS 5).

A page begins behind the last item of the one before, by sort key and by the order of making, not at an offset: what is
made or deleted between two pages neither repeats an item nor hides one.
"""

from __future__ import annotations

import itertools
import json
import random
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from werkzeug.datastructures import MultiDict

from reconciler.emulator import filters, tokens, transitions
from reconciler.emulator.errors import invalid, numbered
from reconciler.emulator.filters import Filter
from reconciler.emulator.resources import SPECS, Document, child
from reconciler.emulator.stamps import Call, Service
from reconciler.emulator.store import Record
from reconciler.emulator.views import shown

_PARAMETERS: Final = ("property", "limit", "orderby", "count", "continuationToken")
_MAX_LIMIT: Final = 100
_BOOLEANS: Final = {"true": True, "false": False}
_DIGITS: Final = re.compile(r"[0-9]{1,4}")
_ORDER: Final = re.compile(r"(?P<direction>[+-]?)(?P<path>[A-Za-z_][\w.:]*)")

_LOSES_ONE_IN: Final = 6

SortKey = tuple[int, Any]


@dataclass(slots=True)
class Query:
    """What a list call asks for; ``after`` is the place in the order where its page begins."""

    properties: list[str]
    orderby: str | None
    limit: int | None
    after: list[Any] | None
    count: bool


def listed(service: Service, call: Call, collection: str, args: MultiDict[str, str], flow_id: str = "") -> Document:
    """Answer a list call; ``flow_id`` restricts it to one flow's runs."""
    if service.settings.token_alone and "continuationToken" in args:
        refuse_unknown(args, ("continuationToken",))
    query = _query(service, collection, args)
    if flow_id:
        query.properties.append(f"flowId=={flow_id}")  # the link of the page leads to /runs, with this in its token
    wanted = [filters.parse(text) for text in query.properties]
    if not service.settings.property_filters:
        wanted = []
    reply = answer(service, call, collection, wanted, query, f"/{collection}")
    if _is_bare(service, collection, wanted, reply):
        return dict(reply["items"][0])
    return reply


def answer(service: Service, call: Call, collection: str, wanted: list[Filter], query: Query, path: str) -> Document:
    """Return what a query finds: a count, a page, or everything; ``path`` is where the next page is."""
    matching = _matching(service, call, collection, wanted, query)
    if query.count:
        return {"count": sum(1 for _ in matching)}
    if query.limit is None:
        return {"items": _in_some_order(service, [shown(service, record, listed=True) for record in matching])}
    limit = query.limit
    if service.settings.page_cap and _has_links(service, path):
        limit = min(limit, service.settings.page_cap)  # a short page without links would look whole to anybody
    page = list(itertools.islice(_ordered(matching, query), limit + 2))
    return _page(service, path, page, limit, query)


def _query(service: Service, collection: str, args: MultiDict[str, str]) -> Query:
    """Read the parameters; spec lists know only ``property`` and come in one piece."""
    known = ("property",) if collection in SPECS else _PARAMETERS
    refuse_unknown(args, known)
    count = _count(args)
    token = tokens.read(args["continuationToken"]) if "continuationToken" in args else None
    if collection in SPECS:
        return Query(args.getlist("property"), None, None, None, count)
    if token:  # a token carries its query; what a caller repeats beside it says the same, but for the limit
        limit = _limit(args, token["limit"])
        return Query(token["properties"], token["orderby"], limit, token["after"], count)
    orderby = args.get("orderby")
    check_order(orderby)
    return Query(args.getlist("property"), orderby, _limit(args, service.settings.default_limit), None, count)


def refuse_unknown(args: MultiDict[str, str], known: Iterable[str] = ()) -> None:
    """Refuse a query parameter that the call does not have: stray ones fail (FACTS 5)."""
    if unknown := sorted(args.keys() - set(known)):
        raise numbered("1451-400", f"Invalid params {unknown[0]} provided in query params.")


def _count(args: MultiDict[str, str]) -> bool:
    text = args.get("count", "false").lower()
    if text not in _BOOLEANS:
        raise invalid(f"The count {text} is no boolean.")
    if _BOOLEANS[text] and "limit" in args:
        raise numbered("1401-400", "The limit and count parameters cannot be given together in the same request.")
    return _BOOLEANS[text]


def _limit(args: MultiDict[str, str], default: int) -> int:
    text = args.get("limit", str(default))
    if not (_DIGITS.fullmatch(text) and 1 <= int(text) <= _MAX_LIMIT):
        raise invalid(f"The limit {text} is not between 1 and {_MAX_LIMIT}.")
    return int(text)


def check_order(orderby: str | None) -> None:
    """Refuse an order that nothing can be brought into."""
    _order(orderby)


def _order(orderby: str | None) -> tuple[bool, list[str]]:
    """Return whether to sort downwards, and the path to sort by."""
    if orderby is None:
        return False, []
    match = _ORDER.fullmatch(orderby)
    if match:
        return match["direction"] == "-", match["path"].split(".")
    if orderby[:1] in ("+", "-", "#") or orderby[:1].isalpha():
        raise numbered("1433-400", f"Incorrect field = {orderby} passed in orderBy.")
    raise numbered("1432-400", "Sort order specified is not correct.")


def _matching(service: Service, call: Call, collection: str, wanted: list[Filter], query: Query) -> Iterator[Record]:
    after = query.after[1] if query.after and query.orderby is None else 0
    for record in service.past.scan(collection, call.scope, after):
        document = _filterable(service, record, wanted)
        if all(item.matches(document) for item in wanted):
            yield record


def _filterable(service: Service, record: Record, wanted: list[Filter]) -> Document:
    """Return what filters look at: the stored document, or where it would differ the shown one, which costs more."""
    inherits = any(item.path.startswith("inheritedAttributes") for item in wanted)
    return shown(service, record) if inherits or transitions.unsettled(service, record) else record.body


def _ordered(records: Iterator[Record], query: Query) -> Iterator[Record]:
    downwards, path = _order(query.orderby)
    if not path:
        return records
    keyed = [(sort_key(record, path), record) for record in records]
    keyed.sort(key=lambda pair: pair[0], reverse=downwards)  # stable: equal keys stay in the order of their making
    return (record for key, record in keyed if _behind(key, record.seq, query.after, downwards=downwards))


def _behind(key: SortKey, seq: int, after: list[Any] | None, *, downwards: bool) -> bool:
    if after is None:
        return True
    last: SortKey = (after[0][0], after[0][1])
    if key == last:
        return seq > int(after[1])
    return key < last if downwards else key > last


def sort_key(record: Record, path: list[str]) -> SortKey:
    """Return a key that compares with any other: absent before numbers, before strings, before the rest."""
    value = child(record.body, *path)
    if value is None:
        return 0, 0
    if isinstance(value, int | float):
        return 1, value
    return (2, value) if isinstance(value, str) else (3, json.dumps(value, sort_keys=True))


def _in_some_order(service: Service, items: list[Document]) -> list[Document]:
    """Return the objects of one answer in their own order, or in another one with every call."""
    if service.settings.list_order == "stable":
        return items
    return random.Random(service.store.tick()).sample(items, len(items))  # noqa: S311 - an order, no secret


def _is_bare(service: Service, collection: str, wanted: list[Filter], reply: Document) -> bool:
    return service.settings.bare_match and collection == "flowSpecs" and bool(wanted) and len(reply["items"]) == 1


def _page(service: Service, path: str, page: list[Record], limit: int, query: Query) -> Document:
    """Return the envelope; its link is relative to the service base, the token first (FACTS 17)."""
    items = _in_some_order(service, [shown(service, record, listed=True) for record in page[:limit]])
    if len(page) > limit and _has_links(service, path):
        last, (_, field) = page[_last_of(service, page, limit)], _order(query.orderby)
        after = [sort_key(last, field) if field else None, last.seq]
        state = {"properties": query.properties, "orderby": query.orderby, "limit": query.limit, "after": after}
        link = f"{path}?continuationToken={tokens.write(state)}{service.settings.token_padding}"
        return {"items": items, "_links": {"next": {"href": link}}}
    links = {"empty": {}, "self": {"self": {"href": path}}}.get(service.settings.last_links)
    return {"items": items} if links is None or len(page) > limit else {"items": items, "_links": links}


def _has_links(service: Service, path: str) -> bool:
    return path != "/connections" or service.settings.connection_links


def _last_of(service: Service, page: list[Record], limit: int) -> int:
    """Return behind which object the next page begins: an overlap shows one twice, and of a move one is lost."""
    if service.settings.pages_overlap and limit > 1:
        return limit - 2
    loses = service.settings.pages_lose and len(page) > limit + 1
    return limit if loses and _draw(service) == 0 else limit - 1


def _draw(service: Service) -> int:
    # counted out instead of drawn, all readings of a list might lose the same object
    return random.Random(service.store.tick()).randrange(_LOSES_ONE_IN)  # noqa: S311 - no secret
