"""Schemas made ready for use, with patterns whose matching takes time in step with the text and no more."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from reconciler.diff.document import Json

if TYPE_CHECKING:
    import jsonschema_rs

_LARGEST: Final = 1_000_000
_LONGEST: Final = 2_000


@lru_cache(maxsize=1024)
def is_usable(pattern: str) -> bool:
    """Iff a pattern is right, of a sensible size, and needs neither lookaround nor back references."""
    return len(pattern) <= _LONGEST and ready({"pattern": pattern}) is not None


def ready(schema: Json) -> jsonschema_rs.Draft7Validator | None:
    """Return a schema made ready for use; None where it cannot be.

    Formats are left to the service: draft-07 lets each decide whether it checks them.
    """
    import jsonschema_rs  # noqa: PLC0415 - only a plan with changes needs it

    options = jsonschema_rs.RegexOptions(size_limit=_LARGEST, dfa_size_limit=_LARGEST)
    try:
        return jsonschema_rs.Draft7Validator(schema, validate_formats=False, pattern_options=options, offline=True)
    except (ValueError, TypeError, OverflowError):
        return None
