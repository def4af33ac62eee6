"""All secrets of a run in one variable: a reusable workflow cannot know what the secrets of a team are called."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Final

from reconciler.model.errors import UsageError
from reconciler.model.secrets import Redactor

BUNDLE: Final = "RECONCILER_SECRETS"
_NAME: Final = re.compile(r"FLOW_SECRET_[A-Z0-9_]+", re.ASCII)
_FORM: Final = f'{BUNDLE}: write a JSON object of texts, {{"FLOW_SECRET_NAME": "value", …}}'


def unbundled(environ: Mapping[str, str], redactor: Redactor) -> Mapping[str, str]:
    """Return an environment with the secrets of ``RECONCILER_SECRETS`` in it, known to the redactor from then on.

    A variable that is set itself counts more. Raises UsageError, which never shows a value.
    """
    text = environ.get(BUNDLE, "").strip()
    if not text:
        return environ
    redactor.learn(text)
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise UsageError(f"{_FORM}; what stands there is no JSON") from None
    if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
        raise UsageError(f"{_FORM}; what stands there is JSON of another form")
    redactor.learn_all(found.values())
    if odd := sorted(name for name in found if not _NAME.fullmatch(name)):
        raise UsageError(f"{_FORM}; {odd[0]!r} is no name of a secret")
    return {**environ, **{name: value for name, value in found.items() if not environ.get(name)}}
