"""What our client sends, and where that is not as Adobe's OpenAPI has it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from reconciler.emulator import app
from reconciler.emulator.app import Request
from support.bench import CLIENT
from support.documents import Table, openapi

PATCHED = ("sourceConnections", "targetConnections", "flows")
KNOWN = Table(
    {
        ("PATCH", "/connections/{id}", "no such operation"): "X FACTS 1: only the OpenAPI ends it in a slash",
        ("DELETE", "/connections/{id}", "no such operation"): "X FACTS 1: only the OpenAPI ends it in a slash",
        ("POST", "/flows/{id}/action", "query subOp is missing"): "X FACTS 1: in no tutorial's call",
        (
            "POST",
            "/flows",
            "body /scheduleParams/interval: type",
        ): "X FACTS 10: integer to the flow spec, echoed as sent",
        (
            "PUT",
            "/connectionSpecs/{id}",
            "body /attributes/category: type",
        ): "X FACTS 17: documented bodies have texts there",
        (
            "PUT",
            "/flowSpecs/{id}",
            "body /attributes/isSourceFlow: type",
        ): "X FACTS 17: documented bodies have flags there",
    }
    | {("PATCH", f"/{one}/{{id}}", "body /[*]/op: enum"): "X FACTS 9: lower case in every tutorial" for one in PATCHED}
    | {
        ("PATCH", f"/{one}/{{id}}", "body /[*]/value: type"): "X FACTS 9: documented values are texts, too"
        for one in PATCHED
    }
)

PASSED_ON = Table(
    {
        ("P*", "/connectionSpecs*", "body /settings/*: type"): "X FACTS 17: what a manifest has there is sent",
        ("P*", "/connectionSpecs*", "body /sourceSpec/attributes/*: type"): "X FACTS 17: documented bodies have texts",
        ("P*", "/flowSpecs*", "body /attributes/*: type"): "X FACTS 17: documented bodies have flags there",
        ("P*", "/flows*", "body /*mappingVersion: type"): "X FACTS 10: number and text both",
        ("POST", "/targetConnections", "body /: required"): "a manifest whose data holds nothing but a null",
    }
)
"""What only the manifests of some test have in them; the tool sends what stands there."""


@contextmanager
def sent_by_us(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Request]]:
    """Keep what our client sends to any emulator, however often a test empties its list; not what the test sends."""
    sent: list[Request] = []

    def keeping(*arguments: Any) -> Request:
        request = Request(*arguments)
        if request.headers.get("X-Api-Key", CLIENT) == CLIENT and not request.path.startswith("/ims/"):
            sent.append(request)
        return request

    with monkeypatch.context() as patched:
        patched.setattr(app, "Request", keeping)
        yield sent


def differences(requests: Iterable[Request]) -> dict[tuple[str, str, str], list[Request]]:
    """Return the requests by method, path and what is not as documented."""
    found: dict[tuple[str, str, str], list[Request]] = defaultdict(list)
    for one in requests:
        parts = one.path.strip("/").split("/")
        template = "/".join(["", parts[0], *(["{id}", *parts[2:]] if len(parts) > 1 else [])])
        for problem in openapi().problems(one):
            found[one.method, template, problem].append(one)
    return found
