"""Everything that may go wrong with a call, by name: for tests that want all of it.

Each entry puts one kind of fault into a queue; ``match`` says for which calls, as in :class:`FaultQueue`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final

from werkzeug.wrappers import Response

from reconciler.emulator.errors import gateway, stale
from reconciler.emulator.faults import Fault, FaultQueue

Trouble = Callable[..., None]

_JSON: Final = "application/json"

RETRY_AFTER: Final = {
    "seconds": "3", "zero": "0", "padded": " 007 ", "huge": "99999999", "beyond": "9" * 400,
    "negative": "-5", "fraction": "1.5", "unit": "3s", "nonsense": "soon", "empty": "", "two": "3, 5",
    "date": "Fri, 15 Jan 2027 08:00:30 GMT", "date_offset": "Fri, 15 Jan 2027 09:00:30 +0100",
    "date_850": "Friday, 15-Jan-27 08:00:30 GMT", "date_asctime": "Fri Jan 15 08:00:30 2027",
    "date_iso": "2027-01-15T08:00:30Z", "past": "Sun, 06 Nov 1994 08:49:37 GMT",
    "far": "Sun, 31 Dec 2999 23:59:59 GMT", "no_date": "Fri, 31 Feb 2027 25:00",
}  # fmt: skip
"""What a Retry-After may hold: both forms of RFC 9110, its two old dates, and more; FACTS 6 knows nothing of it."""

_FOREIGN: Final = {
    "empty": b"",
    "truncated": b'{"items": [{"id": "a", "na',
    "page": b"<html><title>Sign in</title></html>",
    "other_json": b'{"status": "up"}',
    "a_list": b"[]",
    "null": b"null",
    "latin_1": '{"items": [], "n": "é"}'.encode("latin-1"),
    "another_object": b'{"items": [{"id": "another", "etag": "\\"e\\""}]}',
}


def _redirect(status: int) -> Trouble:
    def add(queue: FaultQueue, **match: Any) -> None:
        headers = {"Location": "https://elsewhere.example/data"}
        queue.add(Fault(lambda *_: Response(b"", status=status, headers=headers)), **match)

    return add


def _refused(queue: FaultQueue, **match: Any) -> None:
    body = gateway(401, "401013", "Oauth token is not valid").body
    queue.add(Fault(lambda *_: Response(json.dumps(body), status=401, mimetype=_JSON)), **match)


def _garbled(queue: FaultQueue, **match: Any) -> None:
    """Say gzip of what is none."""
    headers = {"Content-Encoding": "gzip"}
    queue.add(Fault(after=lambda _: Response(b"no gzip", headers=headers, mimetype=_JSON)), **match)


def _cut(queue: FaultQueue, **match: Any) -> None:
    """End an answer before the length that it names: the connection broke within the body."""

    def after(_: Response) -> Response:
        response = Response(_FOREIGN["truncated"], headers={"Connection": "close"}, mimetype=_JSON)
        response.headers["Content-Length"] = "4096"  # last: a body that is set sets its own
        return response

    queue.add(Fault(after=after), **match)


def _moved_on(queue: FaultQueue, **match: Any) -> None:
    """Answer 412 to whatever etag was sent, right or wrong."""
    body = stale('"sent"', '"another"').body
    queue.add(Fault(lambda *_: Response(json.dumps(body), status=412, mimetype=_JSON)), **match)


def _foreign(body: bytes) -> Trouble:
    return lambda queue, **match: queue.body(body, **match)


def _told_to_wait(status: int, retry_after: str | None) -> Trouble:
    return lambda queue, **match: queue.status(status, retry_after=retry_after, **match)


def _status(status: int, *, committed: bool = False) -> Trouble:
    return lambda queue, **match: queue.status(status, committed=committed, **match)


CATALOGUE: Final[dict[str, Trouble]] = {
    "latency": lambda queue, **match: queue.slow(8, **match),
    "reset_before": lambda queue, **match: queue.reset_before(**match),
    "reset_after_commit": lambda queue, **match: queue.reset_after_commit(**match),
    "silence": lambda queue, **match: queue.timeout(**match),
    "silence_after_commit": lambda queue, **match: queue.timeout(committed=True, **match),
    "late_commit": lambda queue, **match: queue.late_commit(20, **match),
    "etag_moves": lambda queue, **match: queue.concurrent_write(lambda _body: None, **match),
    "unauthorised": _refused,
    "garbled": _garbled,
    "stale": lambda queue, **match: queue.stale(**match),
    "412_storm": _moved_on,
    "ignored": lambda queue, **match: queue.ignore_write(**match),
    "cut": _cut,
    "too_many": _told_to_wait(429, None),
    **{f"too_many_{name}": _told_to_wait(429, header) for name, header in RETRY_AFTER.items()},
    **{f"unavailable_{name}": _told_to_wait(503, RETRY_AFTER[name]) for name in ("seconds", "date", "nonsense")},
    **{f"status_{status}": _status(status) for status in (400, 403, 408, 409, 422, 500, 502, 503, 504)},
    **{f"status_{status}_after_commit": _status(status, committed=True) for status in (500, 503, 504)},
    **{f"redirect_{status}": _redirect(status) for status in (301, 302, 303, 307, 308)},
    **{f"body_{name}": _foreign(body) for name, body in _FOREIGN.items()},
}
