"""Faults on order: what goes wrong with the next call that matches (for tests; nothing on the wire can ask for one).

Each rule stands in a queue and serves a number of calls. A call meets the first rule that matches and is not used up.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final, Protocol

from werkzeug.wrappers import Response

from reconciler.emulator.errors import plain
from reconciler.emulator.routes import IGNORED

Mutate = Callable[[dict[str, Any]], object]

_TARGET: Final = re.compile(r"/(?P<collection>\w+)/(?P<identifier>[^/]+)(/action)?/?")


class TransportFault(ConnectionError):
    """An answer that never arrives; it leaves the WSGI application as an exception, and each transport acts it out."""


class ConnectionReset(TransportFault):
    """The connection is closed without an answer."""


class NoAnswer(TransportFault):
    """The connection stays open and silent until the caller gives up."""


class Editable(Protocol):
    """What a fault may do to the service it sits in."""

    def edit(self, collection: str, identifier: str, mutate: Mutate, by: str, client: str, sandbox: str | None) -> None:
        """Change a document as somebody else."""

    def wait(self, seconds: float) -> None:
        """Let time pass."""

    def later(self, environ: dict[str, Any], seconds: float) -> None:
        """Do what a call asks for once that time has passed."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong. ``before`` may answer in the service's place; ``after`` sees the answer it gave."""

    before: Callable[[Editable, str, dict[str, Any]], Response | None] = lambda _app, _path, _environ: None
    after: Callable[[Response], Response] = lambda response: response


@dataclass(slots=True)
class _Rule:
    fault: Fault
    method: str | None
    path: re.Pattern[str]
    left: int

    def serves(self, method: str, path: str) -> bool:
        return self.left > 0 and self.method in (None, method) and self.path.search(path) is not None


@dataclass(slots=True)
class FaultQueue:
    """The faults that are still to come.

    ``path`` is a regular expression, searched in the path after the service base.
    """

    _rules: list[_Rule] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, fault: Fault, *, method: str | None = None, path: str = "", count: int = 1) -> None:
        """Put a fault at the end of the queue, for the next ``count`` calls that match."""
        with self._lock:
            self._rules.append(_Rule(fault, method, re.compile(path), count))

    def take(self, method: str, path: str) -> Fault | None:
        """Return the fault that a call meets."""
        with self._lock:
            rule = next((rule for rule in self._rules if rule.serves(method, path)), None)
            if rule is None:
                return None
            rule.left -= 1
            return rule.fault

    @property
    def pending(self) -> int:
        """How many calls are still to meet a fault."""
        return sum(rule.left for rule in self._rules)

    def clear(self) -> None:
        """Forget every fault that has not come yet."""
        with self._lock:
            self._rules.clear()

    def concurrent_write(
        self, mutate: Mutate, *, by: str = "someone@AdobeID", client: str = "exc_app", **match: Any
    ) -> None:
        """Another writer changes the object just before our call is handled; mutate changes the document in place."""

        def before(app: Editable, path: str, environ: dict[str, Any]) -> None:
            target, sandbox = _TARGET.fullmatch(path), environ.get("HTTP_X_SANDBOX_NAME")
            if target:
                app.edit(target["collection"], target["identifier"], mutate, by, client, sandbox)

        self.add(Fault(before), **match)

    def reset_before(self, **match: Any) -> None:
        """The connection breaks before the service has seen the call."""
        self.add(Fault(lambda *_: _raise(ConnectionReset("reset before the call"))), **match)

    def reset_after_commit(self, **match: Any) -> None:
        """The connection breaks after the service has done what was asked."""
        self.add(Fault(after=lambda _: _raise(ConnectionReset("reset after commit"))), **match)

    def timeout(self, *, committed: bool = False, **match: Any) -> None:
        """No answer comes, whether or not the service has done what was asked."""
        if committed:
            self.add(Fault(after=lambda _: _raise(NoAnswer("no answer after commit"))), **match)
        else:
            self.add(Fault(lambda *_: _raise(NoAnswer("no answer before the call"))), **match)

    def late_commit(self, seconds: float, **match: Any) -> None:
        """No answer comes, and what was asked is done only some time after the caller has given up."""

        def before(app: Editable, _path: str, environ: dict[str, Any]) -> Response:
            app.later(environ, seconds)
            return _raise(NoAnswer("no answer, and a late commit"))

        self.add(Fault(before), **match)

    def stale(self, **match: Any) -> None:
        """Answer a second time what the first of these calls was answered, whatever was written since."""
        answers: list[Response] = []

        def after(response: Response) -> Response:
            answers.append(response)
            return answers[0]

        self.add(Fault(after=after), **match)

    def status(
        self, status: int, *, retry_after: str | int | None = None, committed: bool = False, **match: Any
    ) -> None:
        """Answer with an error status (FACTS 6); ``committed`` only after having done what was asked."""
        if committed:
            self.add(Fault(after=lambda _: _error(status, retry_after)), **match)
        else:
            self.add(Fault(lambda *_: _error(status, retry_after)), **match)

    def slow(self, seconds: float, **match: Any) -> None:
        """Let time pass, then answer rightly."""
        self.add(Fault(lambda app, _path, _environ: app.wait(seconds)), **match)

    def body(
        self, raw: bytes | str, *, status: int = 200, content_type: str = "application/json", **match: Any
    ) -> None:
        """Do what was asked, and answer with something else: half a body, or a proxy's page."""
        self.add(Fault(after=lambda _: Response(raw, status=status, content_type=content_type)), **match)

    def ignore_write(self, **match: Any) -> None:
        """Answer a PATCH, PUT or action as if it had been taken, with a new etag, and change nothing else."""
        self.add(Fault(lambda _app, _path, environ: environ.update({IGNORED: True})), **match)


def _raise(error: TransportFault) -> Response:
    raise error


def _error(status: int, retry_after: str | int | None) -> Response:
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    body = plain(status, f"{status} {HTTPStatus(status).phrase}").body
    return Response(json.dumps(body), status=status, headers=headers, mimetype="application/json")
