"""One HTTP exchange: a request out, an answer or the reason why there is none.

The reason decides what may follow. :class:`~reconciler.model.errors.Unreachable` is raised iff not one byte of the
request can have reached the service; :class:`~reconciler.model.errors.OutcomeUnknown` for every other loss.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from typing import Final, TypeAlias
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import ConnectTimeoutError, HTTPError

from reconciler.model.errors import OutcomeUnknown, Unreachable
from reconciler.model.secrets import Redactor, Secret
from reconciler.service.environment import Settings
from reconciler.service.proxies import Endpoint
from reconciler.service.retry import Clock

CONNECT_TIMEOUT: Final = 10
READ_TIMEOUT: Final = 60  # a flow is written in five to eight seconds (FACTS 7)

Observer: TypeAlias = Callable[[str, str, int | None, float], None]
"""Told method, path, status (None: no answer) and seconds of every request."""

# A certificate is refused, and a proxy connected to, before the request is written. NewConnectionError and
# NameResolutionError are ConnectTimeoutErrors to urllib3.
_NOTHING_SENT: Final = (
    requests.exceptions.ConnectTimeout,
    requests.exceptions.ProxyError,
    requests.exceptions.InvalidHeader,
    requests.exceptions.InvalidSchema,
    requests.exceptions.InvalidURL,
    ConnectTimeoutError,
    ssl.SSLCertVerificationError,
    UnicodeError,
)


@dataclass(frozen=True, slots=True)
class Request:
    """One request; ``path`` starts after the endpoint's base and is what messages show."""

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] | None = None
    body: bytes | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, and to what."""

    request: Request
    status: int
    headers: Mapping[str, str]
    content: bytes


class Transport:
    """A session that follows no redirect, keeps no cookie, and reads nothing from the environment."""

    def __init__(
        self,
        settings: Settings,
        session: requests.Session | None,
        clock: Clock,
        redactor: Redactor,
        *,
        pool: int,
        on_request: Observer | None,
    ) -> None:
        self._session = session or _pooled(pool)
        self._session.trust_env = False
        self._session.verify = settings.ca_bundle or True
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self._clock = clock
        self._redactor = redactor
        self._on_request = on_request
        for endpoint in (settings.service, settings.ims):
            _learn_proxy(endpoint, redactor)

    def close(self) -> None:
        """Close the pooled connections."""
        self._session.close()

    def send(self, endpoint: Endpoint, request: Request, authorisation: Secret | None = None) -> Answer:
        """Exchange one request for its answer, whatever its status."""
        started, status = self._clock.now(), None
        try:
            response = self._exchange(endpoint, request, authorisation)
            status = response.status_code
        except (OSError, HTTPError, ValueError) as error:  # requests lets a few of all three through
            raise self._loss(endpoint, request, error) from error
        finally:
            if self._on_request is not None:
                self._on_request(request.method, request.path, status, self._clock.now() - started)
        return Answer(request, status, response.headers, response.content)

    def _exchange(self, endpoint: Endpoint, request: Request, authorisation: Secret | None) -> requests.Response:
        headers = dict(request.headers or {})
        if authorisation is not None:
            headers["Authorization"] = f"Bearer {authorisation.reveal()}"
        return self._session.request(
            request.method,
            endpoint.base + request.path + (f"?{request.query}" if request.query else ""),
            headers=headers,
            data=request.body,
            timeout=(CONNECT_TIMEOUT, READ_TIMEOUT),
            allow_redirects=False,
            proxies={"https": endpoint.proxy.reveal()} if endpoint.proxy else {},
        )

    def _loss(self, endpoint: Endpoint, request: Request, error: Exception) -> Unreachable | OutcomeUnknown:
        host = urlsplit(endpoint.base).netloc
        what = f"{request.method} {request.path}"
        causes = list(_causes(error))
        reason = _reason(causes[-1], self._redactor)
        if any(isinstance(cause, _NOTHING_SENT) for cause in causes):
            return Unreachable(f"cannot reach {host} for {what}, nothing was sent: {reason}")
        return OutcomeUnknown(f"no whole answer from {host} to {what}: {reason}")


def _pooled(pool: int) -> requests.Session:
    session = requests.Session()
    # Not blocking: an answer that cannot be decoded never gives its place back, and the last place would wait for ever.
    session.mount("https://", HTTPAdapter(pool_connections=2, pool_maxsize=pool))
    session.mount("http://", HTTPAdapter(pool_connections=2, pool_maxsize=pool))
    return session


def _learn_proxy(endpoint: Endpoint, redactor: Redactor) -> None:
    if endpoint.proxy is not None and "@" in endpoint.proxy.reveal():
        redactor.learn(endpoint.proxy.reveal())
        redactor.learn(endpoint.proxy.reveal().rpartition("@")[0].rpartition(":")[2])


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and what it wraps, outermost first: requests and urllib3 keep the cause in three places."""
    seen: set[int] = set()
    following: BaseException | None = error
    while following is not None and id(following) not in seen:
        seen.add(id(following))
        yield following
        following = _inner(following)


def _inner(error: BaseException) -> BaseException | None:
    for inner in (getattr(error, "reason", None), getattr(error, "original_error", None), *error.args, error.__cause__):
        if isinstance(inner, BaseException):
            return inner
    return None


def _reason(cause: BaseException, redactor: Redactor) -> str:
    # NewConnectionError and its like begin with the connection object; what a reader wants follows.
    whole = redactor.redact(str(cause))  # before it is squeezed and cut: half a secret would not be recognised
    text = whole.rpartition("object at 0x")[2].partition(": ")[2] or whole
    return " ".join(text.split())[:300] or type(cause).__name__
