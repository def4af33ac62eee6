"""One HTTP exchange: a request out, an answer or the reason why there is none.

The reason decides what may follow. :class:`~reconciler.model.errors.Unreachable` is raised iff not one byte of the
request can have reached the service; :class:`~reconciler.model.errors.OutcomeUnknown` for every other loss.
"""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from typing import Final, Protocol
from urllib.parse import unquote, urlsplit

import requests
from urllib3.exceptions import HTTPError

from reconciler.model.errors import ServiceError
from reconciler.model.secrets import Redactor, Secret
from reconciler.service.connections import pooled
from reconciler.service.environment import Settings
from reconciler.service.gate import Gate
from reconciler.service.losses import host_of, loss, reason_of
from reconciler.service.proxies import Endpoint
from reconciler.service.retry import Clock

CONNECT_TIMEOUT: Final = 6  # a lost packet is sent again after one and after three seconds
READ_TIMEOUT: Final = 60  # a flow is written in five to eight seconds (FACTS 7)
BODY_SECONDS: Final = 120.0
"""For the body of an answer, from its head to its end: a time-out counts from byte to byte, and a body may drip."""

MOST_BYTES: Final = 64 * 1024 * 1024
"""Of a body, unpacked; what is longer is cut, and then is no JSON. A list of all specs is a sixth of that at most."""

_CHUNK: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class Request:
    """One request; ``path`` starts after the endpoint's base and is what messages show.

    ``confidential`` says that neither its body nor its answer's may be shown, not even masked.
    """

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] | None = None
    body: bytes | None = None
    confidential: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, and to what."""

    request: Request
    status: int
    headers: Mapping[str, str]
    content: bytes


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and what became of it: an answer, or an error in words.

    ``started`` is in epoch seconds; ``seconds`` is how long it took, after ``waited`` seconds for its turn.
    """

    host: str
    request: Request
    started: float
    waited: float
    seconds: float
    answer: Answer | None
    error: str = ""


class Observer(Protocol):
    """Sees what goes over the wire, headers that hold a token left out. Thread-safe."""

    def exchanged(self, exchange: Exchange) -> None:
        """Take note of a request that has ended."""

    def waits(self, seconds: float, attempt: int, error: str) -> None:
        """Take note of a wait before another try."""


class Transport:
    """A session that follows no redirect, keeps no cookie, and reads nothing from the environment.

    ``stopwatch`` tells the seconds that pass, whatever is done to the clock meanwhile.
    """

    def __init__(
        self,
        settings: Settings,
        session: requests.Session | None,
        clock: Clock,
        redactor: Redactor,
        *,
        pool: int,
        on_request: Observer | None,
        stopwatch: Callable[[], float] = time.monotonic,
    ) -> None:
        self._session = session or pooled(pool)
        self._session.trust_env = False
        self._session.verify = settings.ca_bundle or True
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self._clock = clock
        self._redactor = redactor
        self._observer = on_request
        self._stopwatch = stopwatch
        self._gates = {host_of(endpoint): Gate(endpoint, clock) for endpoint in (settings.ims, settings.service)}
        for endpoint in (settings.service, settings.ims):
            _learn_proxy(endpoint, redactor)

    def close(self) -> None:
        """Close the pooled connections."""
        self._session.close()

    def send(self, endpoint: Endpoint, request: Request, authorisation: Secret | None = None) -> Answer:
        """Exchange one request for its answer, whatever its status. Raises Unreachable, OutcomeUnknown."""
        gate = self._gates[host_of(endpoint)]
        waited = gate.wait()
        started, told = self._clock.now(), False
        try:
            answer = self._exchange(endpoint, request, authorisation)
            gate.answered(answer.status, answer.headers.get("Retry-After"))
            told = True
        except (OSError, HTTPError, ValueError) as error:  # requests lets a few of all three through
            gate.lost(reason_of(endpoint, error, self._redactor))
            told = True
            lost = loss(endpoint, f"{request.method} {request.path}", error, self._redactor)
            self._tell(endpoint, request, started, waited, lost)
            raise lost from error
        finally:
            if not told:
                gate.left()
        self._tell(endpoint, request, started, waited, answer)
        return answer

    def _exchange(self, endpoint: Endpoint, request: Request, authorisation: Secret | None) -> Answer:
        headers = dict(request.headers or {})
        if authorisation is not None:
            headers["Authorization"] = f"Bearer {authorisation.reveal()}"
        response = self._session.request(
            request.method,
            endpoint.base + request.path + (f"?{request.query}" if request.query else ""),
            headers=headers,
            data=request.body,
            timeout=(CONNECT_TIMEOUT, READ_TIMEOUT),
            allow_redirects=False,
            proxies={"https": endpoint.proxy.reveal()} if endpoint.proxy else {},
            stream=True,  # so that the body can be measured while it comes
        )
        try:
            return Answer(request, response.status_code, response.headers, self._body(response))
        finally:
            response.close()

    def _body(self, response: requests.Response) -> bytes:
        """Read a body up to its end, or to the most that is taken; raises TimeoutError."""
        ends, content = self._stopwatch() + BODY_SECONDS, bytearray()
        for chunk in response.iter_content(_CHUNK):
            content += chunk
            if len(content) >= MOST_BYTES:
                break
            if self._stopwatch() > ends:
                raise TimeoutError(f"the answer was not whole after {BODY_SECONDS:.0f} s")
        return bytes(content[:MOST_BYTES])

    def _tell(
        self, endpoint: Endpoint, request: Request, started: float, waited: float, outcome: Answer | ServiceError
    ) -> None:
        if self._observer is not None:
            answer, error = (outcome, "") if isinstance(outcome, Answer) else (None, str(outcome))
            seconds = self._clock.now() - started
            self._observer.exchanged(Exchange(host_of(endpoint), request, started, waited, seconds, answer, error))


def _learn_proxy(endpoint: Endpoint, redactor: Redactor) -> None:
    if endpoint.proxy is not None and "@" in endpoint.proxy.reveal():
        user, _, password = urlsplit(endpoint.proxy.reveal()).netloc.rpartition("@")[0].partition(":")
        header = base64.b64encode(f"{unquote(user)}:{unquote(password)}".encode()).decode()
        # As a whole, quoted and not, and as requests turns it into a header.
        redactor.learn_all([endpoint.proxy.reveal(), password, unquote(password), header])
