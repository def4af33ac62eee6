"""Messages on a manifest's line: a command of the runner that nothing in it can end."""

from __future__ import annotations

import pytest

from reconciler.model.resources import Location
from reconciler.render.annotations import annotation


@pytest.mark.parametrize("level", ["error", "warning"])
def test_an_annotation(level) -> None:
    """One line, with its place."""
    text = annotation(level, "odd: 100 %\n::error::x", Location("a,b:c%.yaml", 3, 7))
    assert text == f"::{level} file=a%2Cb%3Ac%25.yaml,line=3,col=7::odd: 100 %25\\n::error::x"
    assert "\x1b" not in annotation(level, "\x1b\r", Location("\x1b\r", 1, 1))
