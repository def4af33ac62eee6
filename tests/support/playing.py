"""The emulator under another reading of what the documents leave open, for a whole test run.

``pytest --variant post_without_etag,secrets_masked`` plays those variants wherever a test makes a Flow Service. A test
that is about one reading says so with ``@pytest.mark.assumes(secrets="clear")``, and gets that one.
"""

from __future__ import annotations

from typing import Any

from reconciler.emulator.settings import Settings
from support.variants import VARIANTS

_played: dict[str, Any] = {}
_plain = Settings.__init__


def changes(names: str) -> dict[str, Any]:
    """Return what the variants of a comma list change; raises KeyError for one that is not known."""
    return {field: value for name in names.split(",") if name for field, value in VARIANTS[name].items()}


def play(settings: dict[str, Any]) -> None:
    """Let every Flow Service that is made from now on behave so, unless its maker says otherwise."""
    _played.clear()
    _played.update(settings)


def _init(self: Settings, *arguments: Any, **given: Any) -> None:
    _plain(self, *arguments, **{**_played, **given})


Settings.__init__ = _init  # type: ignore[method-assign]  # the one place that every Flow Service passes
