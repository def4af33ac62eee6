"""One conversation with GitHub's REST API: JSON in and out, page by page, never faster than it is allowed to."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, NoReturn, TypeVar
from urllib.parse import parse_qsl, urlencode, urlsplit

import requests
from tenacity import RetryCallState, Retrying, retry_if_exception_type
from urllib3.exceptions import HTTPError

from reconciler.github.access import Access
from reconciler.github.limits import LONGEST, wait_for
from reconciler.model.errors import GitHubError, GitHubNotFound, GitHubUnclear

VERSION: Final = "2022-11-28"
ATTEMPTS: Final = 5
PAGE: Final = 100
MOST_PAGES: Final = 100
MOST_BYTES: Final = 64 * 1024 * 1024
TIMEOUTS: Final = (10, 60)
_CHUNK: Final = 64 * 1024
_Result = TypeVar("_Result")
_SHOWN: Final = 200

_OK: Final = 300
_FOUND: Final = frozenset({302, 307})
_NOT_FOUND: Final = frozenset({404, 410})
_BROKEN: Final = 500


class _Again(Exception):
    """An exchange that may be repeated after a while; ``after`` None means: as we like."""

    def __init__(self, error: GitHubError, after: float | None) -> None:
        super().__init__(str(error))
        self.error = error
        self.after = after


class Api:
    """GitHub for one repository, by one token. Follows no redirect, keeps no cookie, reads nothing from environment.

    Every method raises GitHubError: GitHubNotFound for 404 and 410, GitHubUnclear for a POST that may have happened.
    """

    def __init__(
        self,
        access: Access,
        http: requests.Session,
        now: Callable[[], float],
        sleep: Callable[[float], None],
        on_wait: Callable[[float, str], None] = lambda _seconds, _why: None,
    ) -> None:
        self.access = access
        self._http = http
        self._now = now
        self._sleep = sleep
        self._on_wait = on_wait

    def get(self, path: str, **query: str | int) -> Any:
        """Return what stands at a path below the repository."""
        return self._json("GET", self._url(path, query))[0]

    def pages(self, path: str, key: str | None = None, **query: str | int) -> Iterator[Any]:
        """Yield every item of a list, page by page by the ``next`` of its Link header; ``key`` is its name, if any."""
        url: str | None = self._url(path, {**query, "per_page": PAGE})
        for _ in range(MOST_PAGES):
            if url is None:
                return
            body, headers = self._json("GET", url)
            items = body.get(key) if key and isinstance(body, dict) else body
            if not isinstance(items, list):
                raise GitHubError(f"GET {path}: GitHub answered with no list")
            yield from items
            url = self._next(headers)
        if url is not None:
            raise GitHubError(f"GET {path}: more than {MOST_PAGES * PAGE} items, and all would have to be looked at")

    def post(self, path: str, body: Mapping[str, Any]) -> Any:
        """Make something; sent again only where GitHub certainly has not done it."""
        return self._json("POST", self._url(path, {}), body)[0]

    def patch(self, path: str, body: Mapping[str, Any]) -> Any:
        """Change something to what the body says."""
        return self._json("PATCH", self._url(path, {}), body)[0]

    def delete(self, path: str) -> None:
        """Delete something; what is gone already is no error."""
        try:
            self._json("DELETE", self._url(path, {}))
        except GitHubNotFound:
            return

    def graphql(self, query: str) -> Any:
        """Ask by GraphQL and return ``data``; a query only reads, and may be asked again."""
        body, _ = self._json("POST", self.access.graphql, {"query": query}, repeatable=True)
        data = body.get("data") if isinstance(body, dict) and not body.get("errors") else None
        if data is None:
            raise GitHubError("POST /graphql: GitHub answered with an error")
        return data

    def download(self, path: str, most: int) -> bytes:
        """Return a file that the API sends us elsewhere for; the token stays here. More than ``most`` is an error."""

        def attempt(number: int) -> bytes:
            answer, content = self._exchange("GET", self._url(path, {}), None, number)
            if answer.status_code not in _FOUND:
                raise GitHubError(f"GET {path}: GitHub answered {answer.status_code} and sent us nowhere")
            place = answer.headers.get("Location", "")
            if self.access.secure and urlsplit(place).scheme != "https":
                raise GitHubError(f"GET {path}: GitHub sent us to an address without https")
            answer, content = self._send("GET", place, {}, None, most + 1)
            self._check("GET", f"the file of {path}", answer, content, number)
            if len(content) > most:
                raise GitHubError(f"GET {path}: the file is larger than {most} bytes")
            return content

        return self._repeat(attempt)

    def _url(self, path: str, query: Mapping[str, str | int]) -> str:
        tail = f"?{urlencode(query)}" if query else ""
        return f"{self.access.api}/repos/{self.access.repository}{path}{tail}"

    def _json(
        self, method: str, url: str, body: Mapping[str, Any] | None = None, *, repeatable: bool = False
    ) -> tuple[Any, Mapping[str, str]]:
        def attempt(number: int) -> tuple[Any, Mapping[str, str]]:
            answer, content = self._exchange(method, url, body, number, repeatable=repeatable or method != "POST")
            if not content:
                return None, answer.headers
            try:
                return json.loads(content), answer.headers
            except (ValueError, RecursionError) as error:
                raise GitHubError(f"{_named(method, url)}: GitHub's answer is no JSON") from error

        return self._repeat(attempt)

    def _exchange(
        self, method: str, url: str, body: Mapping[str, Any] | None, number: int, *, repeatable: bool = True
    ) -> tuple[requests.Response, bytes]:
        headers = {
            "Accept": "application/vnd.github+json",
            "X-GitHub-Api-Version": VERSION,
            "User-Agent": "flow-reconciler",
            "Authorization": f"Bearer {self.access.token.reveal()}",
        }
        name = _named(method, url)
        try:
            answer, content = self._send(method, url, headers, body, MOST_BYTES)
        except requests.exceptions.ConnectTimeout as error:  # nothing was sent
            raise _Again(GitHubError(f"{name}: GitHub cannot be reached"), None) from error
        except (OSError, HTTPError) as error:
            if repeatable:
                raise _Again(GitHubError(f"{name}: GitHub's answer was lost ({type(error).__name__})"), None) from error
            raise GitHubUnclear(f"{name}: GitHub's answer was lost, and it may have done it") from error
        self._check(method, name.partition(" ")[2], answer, content, number, repeatable=repeatable)
        return answer, content

    def _send(
        self, method: str, url: str, headers: Mapping[str, str], body: Mapping[str, Any] | None, most: int
    ) -> tuple[requests.Response, bytes]:
        data = None if body is None else json.dumps(body).encode()
        kind = {} if data is None else {"Content-Type": "application/json"}
        answer = self._http.request(
            method, url, headers={**headers, **kind}, data=data, timeout=TIMEOUTS, allow_redirects=False, stream=True
        )
        try:
            content = bytearray()
            for chunk in answer.iter_content(_CHUNK):
                content += chunk
                if len(content) > most:
                    break
            return answer, bytes(content)
        finally:
            answer.close()

    def _check(
        self, method: str, path: str, answer: requests.Response, content: bytes, number: int, *, repeatable: bool = True
    ) -> None:
        """Raise for an answer that is none: again where that may help."""
        status, name = answer.status_code, f"{method} {path}"
        if status < _OK or status in _FOUND:
            return
        message = _message(content)
        wait = wait_for(status, answer.headers, message, self._now(), number)
        if wait is not None:
            if wait > LONGEST:
                raise GitHubError(f"{name}: GitHub asks us to wait {wait:.0f} seconds (rate limit): run it again then")
            raise _Again(GitHubError(f"{name}: GitHub says that we ask too often"), wait)
        if status >= _BROKEN:
            if not repeatable:
                raise GitHubUnclear(f"{name}: GitHub answered {status}, and may have done it")
            raise _Again(GitHubError(f"{name}: GitHub answered {status}"), None)
        told = f" ({message})" if message else ""
        if status in _NOT_FOUND:
            raise GitHubNotFound(f"{name}: GitHub answered {status}{told}: not there, or the token may not see it")
        advice = {401: ": is GITHUB_TOKEN the job's own?", 403: ": give the job the permission in its workflow"}
        raise GitHubError(f"{name}: GitHub answered {status}{told}{advice.get(status, '')}")

    def _repeat(self, attempt: Callable[[int], _Result]) -> _Result:
        """Run an attempt until it holds, or until it has been tried often enough."""
        count = 0

        def once() -> _Result:
            nonlocal count
            count += 1
            return attempt(count)

        retrying = Retrying(
            retry=retry_if_exception_type(_Again),
            stop=lambda state: state.attempt_number >= ATTEMPTS,
            wait=_wait,
            sleep=self._sleep,
            before_sleep=lambda state: self._on_wait(state.upcoming_sleep, str(_again(state))),
            retry_error_callback=_give_up,
        )
        return retrying(once)

    def _next(self, headers: Mapping[str, str]) -> str | None:
        """Return the address of the next page; raises GitHubError for one that is not the API's."""
        links = requests.utils.parse_header_links(headers.get("Link", ""))
        url = next((link["url"] for link in links if link.get("rel") == "next"), None)
        if url is not None and not url.startswith(f"{self.access.api}/"):
            raise GitHubError("GitHub's next page is at another host, and the token would go there")
        return url


def _named(method: str, url: str) -> str:
    """Name a request for readers, without the host; the query stays, whose parameters are ours."""
    parts = urlsplit(url)
    query = urlencode([(key, value) for key, value in parse_qsl(parts.query) if key != "per_page"])
    return f"{method} {parts.path}{'?' if query else ''}{query}"


def _message(content: bytes) -> str:
    """Return what an error says, and of a refused field which and why; nothing of what is no JSON of GitHub's."""
    try:
        body = json.loads(content)
    except (ValueError, RecursionError):
        return ""
    if not isinstance(body, dict):
        return ""
    errors = body.get("errors")
    found = [body.get("message"), *(_of_field(one) for one in (errors if isinstance(errors, list) else [])[:3])]
    return "; ".join(str(text)[:_SHOWN] for text in found if text)


def _of_field(error: Any) -> str:
    if not isinstance(error, dict):
        return str(error)
    return " ".join(str(error[key]) for key in ("field", "code", "message") if error.get(key))


def _again(state: RetryCallState) -> _Again:
    failure = state.outcome.exception() if state.outcome is not None else None
    if isinstance(failure, _Again):
        return failure
    raise AssertionError("only _Again is repeated")


def _wait(state: RetryCallState) -> float:
    after = _again(state).after
    return float(2 ** (state.attempt_number - 1)) if after is None else after


def _give_up(state: RetryCallState) -> NoReturn:
    again = _again(state)
    raise type(again.error)(f"{again.error} (tried {state.attempt_number} times)") from again.__cause__
