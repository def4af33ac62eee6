"""One call of Flow Service: headers, token, and what may follow a refusal or a loss.

::

                        READ                 WRITE                    CREATE
    nothing was sent    again                again                    Unreachable
    … nor will be       Unreachable, at once: a certificate or a proxy in the way, a host that is known to be down
    answer lost         again                OutcomeUnknown           OutcomeUnknown
    429                 again                again                    OutcomeUnknown
    408, 5xx            again                OutcomeUnknown           OutcomeUnknown
    401                 once more with another token, if there is one
    other 3xx, 4xx      the refusal

A WRITE (PATCH, PUT, action) is repeated only where it certainly did not happen: after an unknown outcome a second PATCH
answers 412 to our own first one, and only the engine can tell the two apart, by reading. A 429 stands in no source
(FACTS 6), so for a CREATE, which has no idempotency key, it is not trusted to mean "not done".
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum, auto
from typing import Final, TypeVar

import reconciler
from reconciler.model.errors import BadAnswer, OutcomeUnknown, Unreachable
from reconciler.model.secrets import Redactor, Secret
from reconciler.service.auth import Auth
from reconciler.service.environment import Settings
from reconciler.service.losses import Hopeless
from reconciler.service.refusals import TOO_MANY, UNAUTHENTICATED, is_success, may_pass, refusal
from reconciler.service.retry import Again, Repeater
from reconciler.service.transport import Answer, Request, Transport

BAD_ANSWERS: Final = 3
UNSENT_TRIES: Final = 4  # three waits, 3.5 s at most: whoever waits for a dead service is told soon

_Result = TypeVar("_Result")


class Repeat(Enum):
    """How far a call may be repeated: the columns of the table above."""

    READ = auto()
    WRITE = auto()
    CREATE = auto()


class Caller:
    """Sends requests to Flow Service as one organisation, sandbox and client."""

    def __init__(
        self, settings: Settings, transport: Transport, auth: Auth, repeater: Repeater, redactor: Redactor
    ) -> None:
        self._endpoint = settings.service
        self._transport = transport
        self._auth = auth
        self._repeater = repeater
        self._redactor = redactor
        self._accepted = False  # iff a token of ours was ever taken
        # All of FACTS 2, always: without x-sandbox-name some calls mean the sandbox prod.
        self._headers = {
            "Accept": "application/json",
            "User-Agent": f"flow-reconciler/{reconciler.__version__}",
            "x-api-key": settings.api_key,
            "x-gw-ims-org-id": settings.organisation,
            "x-sandbox-name": settings.sandbox,
        }

    def write(self, method: str, path: str, repeat: Repeat, body: bytes | None, etag: str | None = None) -> Answer:
        """Return the successful answer to a write; raises the ServiceError family."""
        headers = dict(self._headers)
        if body is not None:
            headers["Content-Type"] = "application/json"
        if etag is not None:
            headers["If-Match"] = etag
        path, _, query = path.partition("?")
        request = Request(method, path, query, headers, body)
        return self._repeater.run(lambda: self._attempt(request, repeat))

    def read(self, path: str, query: str, understand: Callable[[Answer], _Result]) -> _Result:
        """Return what ``understand`` makes of the answer to a GET; its BadAnswer is tried twice more.

        A body that breaks off, or a gateway's page with status 200, is as passing as a 503.
        """
        request = Request("GET", path, query, self._headers)

        def attempt() -> _Result:
            answer = self._attempt(request, Repeat.READ)
            try:
                return understand(answer)
            except BadAnswer as error:
                raise Again(error, attempts=BAD_ANSWERS) from error.__cause__

        return self._repeater.run(attempt)

    def _attempt(self, request: Request, repeat: Repeat) -> Answer:
        token = self._auth.token()
        answer = self._transmit(request, token, repeat)
        if answer.status == UNAUTHENTICATED:
            # The gateway refuses before anything is done, so this is safe even for a create.
            another = self._auth.renew(token)
            answer = answer if another is None else self._transmit(request, another, repeat)
        if answer.status != UNAUTHENTICATED:
            self._accepted = True
        return self._judge(answer, repeat)

    def _transmit(self, request: Request, token: Secret, repeat: Repeat) -> Answer:
        try:
            return self._transport.send(self._endpoint, request, token)
        except Unreachable as error:
            if repeat is Repeat.CREATE or isinstance(error, Hopeless):
                raise
            raise Again(error, attempts=UNSENT_TRIES) from error.__cause__
        except OutcomeUnknown as error:
            if repeat is not Repeat.READ:
                raise
            raise Again(Unreachable(str(error))) from error.__cause__

    def _judge(self, answer: Answer, repeat: Repeat) -> Answer:
        if is_success(answer):
            return answer
        hint = self._auth.advice(accepted=self._accepted) if answer.status == UNAUTHENTICATED else None
        error = refusal(answer, self._redactor, hint=hint)
        if not may_pass(answer):
            raise error
        if repeat is Repeat.READ or (repeat is Repeat.WRITE and answer.status == TOO_MANY):
            raise Again(error, after=self._repeater.retry_after(answer.headers.get("Retry-After")))
        raise OutcomeUnknown(str(error), status=error.status, code=error.code)
