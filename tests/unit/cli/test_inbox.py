"""What was written is proven before it is put in place: it comes true, and touches nobody else."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest

from reconciler.cli.inbox import Found, _proven
from reconciler.model.errors import UsageError
from reconciler.model.plan import Action, Change, Request
from reconciler.model.resources import ResourceName

ONE, TWO = ResourceName.parse("Flow/one"), ResourceName.parse("Flow/two")


@dataclass(frozen=True)
class After(Found):
    """A look whose second one is known before."""

    after: Any = None

    def with_drafts(self, drafts: Any) -> Any:
        return self.after


def step(name: ResourceName, *requests: Request, **decided: Any) -> Any:
    decision = SimpleNamespace(outcomes=(), **decided)
    match = SimpleNamespace(entry=object(), live=None)
    return SimpleNamespace(change=Change(name, "x", Action.UPDATE, requests=requests), decision=decision, match=match)


def look(**steps: Any) -> Any:
    return SimpleNamespace(
        planned=SimpleNamespace(steps={ResourceName.parse(f"Flow/{key}"): one for key, one in steps.items()})
    )


def proven(before: Any, after: Any, *taken: ResourceName) -> Any:
    found = After(None, None, None, before.planned, after)
    return _proven(found, SimpleNamespace(changed={"a.yaml": b""}), dict.fromkeys(taken, ()))


def test_what_comes_true_passes() -> None:
    """Nothing has drifted any more, and the others are to change as they were before."""
    request = Request("PATCH", "/flows/x", [1])
    after = look(one=step(ONE), two=step(TWO, request))
    assert proven(look(one=step(ONE), two=step(TWO, request)), after, ONE) is after


def test_what_does_not_come_true_is_not_written() -> None:
    """Nothing is known of it any more: then it has not come true either."""
    gone = step(ONE)
    gone.decision = None
    with pytest.raises(UsageError, match="Flow/one would still differ"):
        proven(look(one=step(ONE)), look(one=gone), ONE)


def test_what_would_touch_others_is_not_written() -> None:
    """Another resource would be sent something that nobody has asked for."""
    after = look(one=step(ONE), two=step(TWO, Request("PATCH", "/flows/x", [1])))
    with pytest.raises(UsageError, match="Flow/two would change, too"):
        proven(look(one=step(ONE), two=step(TWO)), after, ONE)
