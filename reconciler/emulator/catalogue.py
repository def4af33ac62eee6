"""The specs that a fresh store holds: values from documented replies, without their prose."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib import resources

from reconciler.emulator.resources import SPECS, Document


def documents() -> Iterator[tuple[str, Document]]:
    """Yield every catalogue spec with its collection (FACTS 12, 13: their ids are the same everywhere)."""
    text = resources.files("reconciler.emulator").joinpath("catalogue.json").read_text("utf-8")
    content = json.loads(text)
    for collection in SPECS:
        for document in content[collection]:
            yield collection, document
