"""Flow Service as the engine sees it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote

import requests

from reconciler.diff.document import Json
from reconciler.model.kinds import Kind
from reconciler.model.live import Live, Written
from reconciler.model.secrets import Redactor
from reconciler.service.auth import make_auth
from reconciler.service.caller import Caller, Repeat
from reconciler.service.environment import Settings
from reconciler.service.paging import read_list, read_whole
from reconciler.service.retry import Budget, Clock, Repeater
from reconciler.service.transport import Observer, Transport
from reconciler.service.wire import check_id, decode, encode_body, if_match, one, written

IDS_A_CALL: Final = 100  # as many as fit a page, and an address of four thousand characters


class Client:
    """Flow Service for one organisation and sandbox. Thread-safe.

    Reads are repeated inside on 429, 5xx and lost answers. PATCH, PUT and actions are repeated only where they
    certainly did not happen (429, nothing sent); otherwise they raise OutcomeUnknown, and the engine reads before it
    writes again. A create is never repeated.
    """

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        redactor: Redactor,
        *,
        budget: Budget | None = None,
        session: requests.Session | None = None,
        pool: int = 8,
        on_request: Observer | None = None,
    ) -> None:
        self._settings = settings
        self._redactor = redactor
        self._transport = Transport(settings, session, clock, redactor, pool=pool, on_request=on_request)
        repeater = Repeater(clock, budget or Budget(), on_request.waits if on_request else None)
        auth = make_auth(settings, self._transport, repeater, clock, redactor)
        self._caller = Caller(settings, self._transport, auth, repeater, redactor)

    @property
    def organisation(self) -> str:
        """The organisation of every call."""
        return self._settings.organisation

    @property
    def sandbox(self) -> str:
        """The sandbox of every call."""
        return self._settings.sandbox

    @property
    def client(self) -> str:
        """The API key, as the service shows it in ``createdClient`` and ``updatedClient``."""
        return self._settings.api_key

    def close(self) -> None:
        """Close the pooled connections."""
        self._transport.close()

    def list(
        self,
        kind: Kind,
        ids: Collection[str] | None = None,
        told: Callable[[int], None] | None = None,
        *,
        sure: bool = False,
    ) -> list[Live]:
        """Return every object of the kind, or those of the given ids; whole or not at all.

        ``told`` hears of each page, with the number of its objects. ``sure``: what is not in it does not exist. A list
        of several pages alone cannot say that.
        """
        if ids is None and sure:
            return read_whole(self._caller, self._redactor, kind, told)
        if ids is None:
            return read_list(self._caller, self._redactor, kind, told=told)
        wanted = sorted({check_id(wanted) for wanted in ids})
        batches = [wanted[start : start + IDS_A_CALL] for start in range(0, len(wanted), IDS_A_CALL)]
        return [item for batch in batches for item in read_list(self._caller, self._redactor, kind, batch, told)]

    def get(self, kind: Kind, id: str) -> Live:
        """Return one object; raises NotFound, Unauthorised."""
        return self._caller.read(
            _path(kind, id), "", lambda answer: one(kind, id, decode(answer, self._redactor), answer)
        )

    def create(self, kind: Kind, body: Json) -> Written:
        """POST; raises Rejected where it was refused, OutcomeUnknown where it may have happened."""
        answer = self._caller.write("POST", f"/{kind.collection}", Repeat.CREATE, encode_body(body, self._redactor))
        return written(answer, self._redactor)

    def patch(self, kind: Kind, id: str, ops: Sequence[Mapping[str, Any]], etag: str) -> Written:
        """PATCH with If-Match; raises PreconditionFailed, Rejected, OutcomeUnknown."""
        body = encode_body(ops, self._redactor)
        answer = self._caller.write("PATCH", _path(kind, id), Repeat.WRITE, body, if_match(etag))
        return written(answer, self._redactor, id)

    def put(self, kind: Kind, id: str, body: Json, etag: str | None = None) -> Written:
        """PUT of a spec, whole; raises PreconditionFailed, Rejected, OutcomeUnknown.

        No sample of a spec shows an etag, yet a text names PUT among the calls that need one (FACTS 7): If-Match goes
        along where there is an etag to send.
        """
        guard = None if etag is None else if_match(etag)
        answer = self._caller.write("PUT", _path(kind, id), Repeat.WRITE, encode_body(body, self._redactor), guard)
        return written(answer, self._redactor, id)

    def act(self, kind: Kind, id: str, op: str) -> Written:
        """POST …/action?op=…, without a body (FACTS 1); raises Rejected, OutcomeUnknown."""
        path = f"{_path(kind, id)}/action"
        answer = self._caller.write("POST", f"{path}?op={quote(op, safe='')}", Repeat.WRITE, None)
        return written(answer, self._redactor, id)

    def delete(self, kind: Kind, id: str) -> None:
        """DELETE, without If-Match (FACTS 7); answered 204, or 202 long before it is done (FACTS 4).

        Raises NotFound, Rejected, OutcomeUnknown.
        """
        self._caller.write("DELETE", _path(kind, id), Repeat.WRITE, None)


def _path(kind: Kind, id: str) -> str:
    return f"/{kind.collection}/{check_id(id)}"
