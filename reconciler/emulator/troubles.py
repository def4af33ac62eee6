"""Everything that may go wrong with a call, by name: for tests that want all of it.

Each entry puts one kind of fault into a queue; ``match`` says for which calls, as in :class:`FaultQueue`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final

from werkzeug.wrappers import Response

from reconciler.emulator.errors import gateway
from reconciler.emulator.faults import Fault, FaultQueue

Trouble = Callable[..., None]

RETRY_AFTER: Final = {
    "seconds": "3", "zero": "0", "date": "Fri, 15 Jan 2027 08:00:30 GMT", "past": "Sun, 06 Nov 1994 08:49:37 GMT",
    "huge": "99999999", "negative": "-5", "fraction": "1.5", "nonsense": "soon", "empty": "", "two": "3, 5",
}  # fmt: skip
"""What a Retry-After may hold; FACTS 6 knows nothing of it."""

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
    queue.add(Fault(lambda *_: Response(json.dumps(body), status=401, mimetype="application/json")), **match)


def _garbled(queue: FaultQueue, **match: Any) -> None:
    """Say gzip of what is none."""
    headers = {"Content-Encoding": "gzip"}
    queue.add(Fault(after=lambda _: Response(b"no gzip", headers=headers, mimetype="application/json")), **match)


def _foreign(body: bytes) -> Trouble:
    return lambda queue, **match: queue.body(body, **match)


def _too_many(retry_after: str | None) -> Trouble:
    return lambda queue, **match: queue.status(429, retry_after=retry_after, **match)


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
    "too_many": _too_many(None),
    **{f"too_many_{name}": _too_many(header) for name, header in RETRY_AFTER.items()},
    **{f"status_{status}": _status(status) for status in (408, 500, 502, 503, 504)},
    **{f"status_{status}_after_commit": _status(status, committed=True) for status in (500, 503, 504)},
    **{f"redirect_{status}": _redirect(status) for status in (301, 302, 303, 307, 308)},
    **{f"body_{name}": _foreign(body) for name, body in _FOREIGN.items()},
}
