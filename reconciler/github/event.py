"""What a workflow was started by, as the runner's event file tells it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from reconciler.model.errors import UsageError

_SHA: Final = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class PullRequest:
    """A pull request; ``head`` is the commit that its author pushed, None where it is not known."""

    number: int
    head: str | None = None


def pull_request(environ: Mapping[str, str], number: int | None = None) -> PullRequest:
    """Return the pull request of this run, or the one that was asked for; raises UsageError where there is none."""
    event = _event(environ).get("pull_request")
    found = event if isinstance(event, dict) else {}
    head = found.get("head")
    sha = commit(head.get("sha")) if isinstance(head, dict) else None
    if number is not None:
        return PullRequest(number, sha if found.get("number") == number else None)
    if not isinstance(found.get("number"), int):
        raise UsageError("this is no run for a pull request (GITHUB_EVENT_PATH names none): say --pull-request NUMBER")
    return PullRequest(found["number"], sha)


def commit(text: Any) -> str | None:
    """Return a text that is a whole commit id, else None."""
    return text if isinstance(text, str) and _SHA.fullmatch(text) else None


def _event(environ: Mapping[str, str]) -> dict[str, Any]:
    path = environ.get("GITHUB_EVENT_PATH", "")
    if not path:
        return {}
    try:
        event = json.loads(Path(path).read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise UsageError(f"GITHUB_EVENT_PATH: {path} cannot be read as JSON") from error
    return event if isinstance(event, dict) else {}
