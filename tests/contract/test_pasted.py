"""A body pasted from Adobe's documents works as it is: it is planned, applied, and nothing is left to do."""

from __future__ import annotations

from typing import Any

import pytest
from support.bench import Bench
from support.documents import Documented, documented, parameters

from reconciler.model.kinds import Kind

KINDS = {kind.collection: kind for kind in Kind}


@pytest.fixture
def pasting(bench: Bench) -> Bench:
    """A service that knows nothing of the ids that the documents name, at the time when they were written."""
    bench.setting(check_references=False, check_schemas=False)
    bench.clock.time = 1_500_000_000.0
    return bench


@pytest.mark.parametrize("one", parameters([one for one in documented() if one.is_request and one.method == "POST"]))
def test_a_pasted_body_is_applied(pasting: Bench, one: Documented) -> None:
    """What is sent is the document's own body; the plan after is empty, whatever the service made of it."""
    body: dict[str, Any] = one.body
    pasting.declare(KINDS[one.collection], "pasted", body)
    assert pasting.plan()["summary"]["create"] == 1
    pasting.apply()
    (sent,) = pasting.writes()
    assert (sent.method, sent.path, sent.body) == ("POST", f"/{one.collection}", body)
    assert pasting.plan()["changes"] == []
