"""``--verbose``: what goes over the wire, on stderr, safe to paste into a ticket."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from reconciler.model.secrets import Redactor
from reconciler.render.inert import inert
from reconciler.service.masking import shown_body, shown_headers, shown_query, shown_text
from reconciler.service.transport import Exchange

BODIES: Final = 2
"""How often ``-v`` asks for headers and bodies too."""


@dataclass(frozen=True, slots=True)
class WireLog:
    """An observer of the service client; the lines of one exchange stay together."""

    level: int
    redactor: Redactor
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def exchanged(self, exchange: Exchange) -> None:
        """Write one line for a request and its answer; with ``-vv`` headers and bodies below it."""
        lines = [self._line(exchange)]
        if self.level >= BODIES:
            lines += self._details(exchange)
        self._write(lines)

    def waits(self, seconds: float, attempt: int, error: str) -> None:
        """Write one line for a wait."""
        self._write([f"wire: waits {seconds:.2f} s before try {attempt}: {shown_text(error, self.redactor)}"])

    def _line(self, exchange: Exchange) -> str:
        request, answer = exchange.request, exchange.answer
        query = f"?{shown_query(request.query, self.redactor)}" if request.query else ""
        started = datetime.fromtimestamp(exchange.started, UTC).strftime("%H:%M:%S.%f")[:-3]
        parts = [f"{answer.status if answer else 'no answer'} after {exchange.seconds * 1000:.0f} ms"]
        parts.append(f"{len(request.body or b'')} bytes out")
        if answer:
            parts.append(f"{len(answer.content)} in")
            identifier = shown_headers(answer.headers, self.redactor).get("x-request-id")
            parts += [f"x-request-id {identifier}"] if identifier else []
        parts += [f"waited {exchange.waited:.2f} s for its turn"] if exchange.waited else []
        parts += [shown_text(exchange.error, self.redactor)] if exchange.error else []
        return f"wire: {started}Z {exchange.host} {request.method} {request.path}{query}: {', '.join(parts)}"

    def _details(self, exchange: Exchange) -> Iterator[str]:
        request, answer = exchange.request, exchange.answer
        sides = [(">", request.headers or {}, request.body or b"")]
        sides += [("<", answer.headers, answer.content)] if answer else []
        for mark, headers, body in sides:
            yield from (f"wire:   {mark} {k}: {v}" for k, v in shown_headers(headers, self.redactor).items())
            if body:
                hidden = "(credentials, so it is not shown)" if request.confidential else None
                yield f"wire:   {mark} {hidden or shown_body(body, self.redactor)}"

    def _write(self, lines: list[str]) -> None:
        text = "".join(f"{inert(self.redactor.redact(line))}\n" for line in lines)
        with self._lock:
            sys.stderr.write(text)
            sys.stderr.flush()
