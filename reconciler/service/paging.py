"""A list read whole, page by page, or not at all.

A list that broke half way is no list: what it lacks would look deleted, and be created again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final, TypeVar
from urllib.parse import quote, unquote, urlsplit

from reconciler.diff.document import Json, is_object
from reconciler.model.errors import BadAnswer, NotFound, Rejected
from reconciler.model.kinds import Kind
from reconciler.model.live import Live
from reconciler.model.secrets import Redactor
from reconciler.service.caller import Caller
from reconciler.service.transport import Answer
from reconciler.service.wire import bad_answer, decode, live

LIMIT: Final = 100  # the most that a page may hold (FACTS 5)
BARREN: Final = 2  # readings of a list that lacks something, after which nothing new is expected of another
MOST_PAGES: Final = 10_000
_BAD_REQUEST: Final = 400

# What a query may hold as it stands; a token made of these is sent back to the byte.
_QUERY_SAFE: Final = "!$'()*+,;=:@/?-._~%"


_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class Page:
    """One page: its objects, and the token of the one that follows, still quoted as in the link."""

    items: list[Live]
    token: str | None


def read_list(
    caller: Caller,
    redactor: Redactor,
    kind: Kind,
    ids: list[str] | None = None,
    told: Callable[[int], None] | None = None,
) -> list[Live]:
    """Return every object of a kind, or those of the given ids; each once, in the service's order.

    ``told`` hears of each page, with the number of its objects.
    """
    found = _merged(_telling(_pages(caller, redactor, kind, ids), told), {})
    wanted = None if ids is None else set(ids)
    # FACTS 5 contradicts itself on whether `property` filters: what was not asked for is left out here.
    return [item for item in found.values() if wanted is None or item.id in wanted]


def read_whole(caller: Caller, redactor: Redactor, kind: Kind, told: Callable[[int], None] | None = None) -> list[Live]:
    """Return every object of a kind, and be sure of it: what is not in it does not exist.

    Pages are no snapshot (FACTS 5): an object may move from a page to come to one that was read already, and a list of
    connections may end at a full page without saying that there is more (OAS has no ``_links`` there). So such a list
    is held against the service's own count (``count=true``, FACTS 4), and read again for what it lacks, as long as that
    brings something new.
    """
    found: dict[str, Live] = {}
    barren, readings = 0, 0
    while barren < BARREN:
        pages = list(_telling(_pages(caller, redactor, kind, None), told if readings == 0 else None))
        known, readings = len(found), readings + 1
        _merged(pages, found)
        barren = 0 if len(found) > known else barren + 1
        if kind.is_spec or (len(pages) == 1 and len(pages[0].items) < LIMIT):
            return list(found.values())
        count = _count(caller, redactor, kind)
        if len(found) >= count:
            return list(found.values())
    raise BadAnswer(
        f"the list /{kind.collection} is not whole: the service counts {count} objects, and {readings} readings have "
        f"shown {len(found)}; run the command again once nobody else is changing them"
    )


def _telling(pages: Iterable[Page], told: Callable[[int], None] | None) -> Iterator[Page]:
    for page in pages:
        yield page
        if told:
            told(len(page.items))


def _merged(pages: Iterable[Page], found: dict[str, Live]) -> dict[str, Live]:
    """Add what pages show; an object that moved between pages may come twice, and stands where it came first."""
    seen: set[str] = set()
    for item in (item for page in pages for item in page.items):
        if item.id not in seen:
            found[item.id] = item
        seen.add(item.id)
    return found


def _count(caller: Caller, redactor: Redactor, kind: Kind) -> int:
    def understand(answer: Answer) -> int:
        document = decode(answer, redactor)
        count = document.get("count") if is_object(document) else None
        if not isinstance(count, int) or isinstance(count, bool):
            raise bad_answer(answer, "holds no count")
        return count

    return _turn(caller, f"/{kind.collection}", "count=true", understand, 1)


def _pages(caller: Caller, redactor: Redactor, kind: Kind, ids: list[str] | None) -> Iterator[Page]:
    path, own = f"/{kind.collection}", _parameters(kind, ids)

    def understand(answer: Answer) -> Page:
        return _page(kind, decode(answer, redactor), answer, filtered=ids is not None)

    seen: set[str] = set()
    token: str | None = None
    for number in range(1, MOST_PAGES + 1):
        try:
            page = _turn(caller, path, _query(own, token), understand, number)
        except Rejected as refused:
            if token is None or refused.status != _BAD_REQUEST:
                raise
            own = []  # the token alone, from here on
            page = _turn(caller, path, _query(own, token), understand, number)
        yield page
        token = page.token
        if token is None:
            return
        if token in seen:
            raise BadAnswer(f"the list {path} goes in a circle: page {number} leads to a page that was read before")
        seen.add(token)
    raise BadAnswer(f"the list {path} does not end: {MOST_PAGES} pages were read")


def _turn(caller: Caller, path: str, query: str, understand: Callable[[Answer], _Result], number: int) -> _Result:
    try:
        return caller.read(path, query, understand)
    except NotFound as error:
        # A list is never "not found": the sandbox or the base URL is wrong, or the token of a page is.
        hint = "there is always a list: check AEP_BASE_URL and the target's sandbox"
        raise Rejected(f"{error} ({hint})", status=error.status, code=error.code) from error
    except BadAnswer as error:
        raise BadAnswer(f"the list {path} broke off at page {number}: {error}", status=error.status) from error


def _parameters(kind: Kind, ids: list[str] | None) -> list[str]:
    # Lists of specs declare no limit, and a parameter that a call does not know fails with 1451 (FACTS 5).
    limit = [] if kind.is_spec else [f"limit={LIMIT}"]
    return limit if ids is None else [*limit, f"property=id=={','.join(ids)}"]


def _query(own: list[str], token: str | None) -> str:
    # Whether our own parameters must come again is unknown (FACTS 5). The one client that we know repeats them, so that
    # is tried first; without them would be the worse guess, which a service that wants them answers with other objects.
    return "&".join(own if token is None else [*own, f"continuationToken={token}"])


def _page(kind: Kind, document: Json, answer: Answer, *, filtered: bool) -> Page:
    if not is_object(document):
        raise bad_answer(answer, "is no list")
    if filtered and "items" not in document and "id" in document:
        # FACTS 4: one document shows a filtered list as the bare object.
        return Page([live(kind, document, answer)], None)
    items = document.get("items")
    if not isinstance(items, list):
        raise bad_answer(answer, "has no items")
    return Page([live(kind, item, answer) for item in items], _next_token(document.get("_links"), answer))


def _next_token(links: Json, answer: Answer) -> str | None:
    """Return the token of the next page; None on the last, where `_links` or its `next` is empty or not there."""
    following = links.get("next") if is_object(links) else links
    href = following.get("href") if is_object(following) else following
    if href is None:
        return None
    token = _token_in(href) if isinstance(href, str) else None
    if token is None:
        raise bad_answer(answer, "names a next page, but not how to get it")
    return token


def _token_in(href: str) -> str | None:
    """Take the token out of a link, whatever host or path the link has: only the token is ever followed.

    It stays as the link quotes it: decoding and encoding again would lose the difference between ``+`` and ``%2B``.
    """
    try:
        query = urlsplit(href).query
    except ValueError:
        return None
    for parameter in query.split("&"):
        name, _, token = parameter.partition("=")
        if unquote(name) == "continuationToken" and token:
            return quote(token, safe=_QUERY_SAFE)
    return None
