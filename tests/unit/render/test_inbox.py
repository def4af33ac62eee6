"""What an acceptance has written, as a person reads it."""

from __future__ import annotations

import io

from reconciler.diff.document import MISSING
from reconciler.model.inbox import InboxReport, Written
from reconciler.model.plan import FieldChange
from reconciler.model.resources import Location
from reconciler.render.console import make_console
from reconciler.render.inbox import inbox_text


def drawn(report: InboxReport) -> str:
    stream = io.StringIO()
    inbox_text(report, make_console(stream, {}))
    return stream.getvalue()


def test_what_was_written() -> None:
    """File and line, from what to what, who else is concerned, and how to go on; hostile text is inert."""
    place = Location("m/flow.yaml", 7, 3)
    written = (
        Written("Flow/orders", place, FieldChange("/name", "a", "\x1b[31m\u202eb"), ("dev", "test")),
        Written("Flow/orders", place, FieldChange("/description", "gone", MISSING)),
    )
    assert drawn(InboxReport(written, ("mind\nthis",))) == (
        "Written m/flow.yaml:7:3  Flow/orders\n"
        '      ~ /name  "a" → "\\u001b[31m\\u202eb"\n'
        "      also changes dev, test: see the plans there\n"
        "Written m/flow.yaml:7:3  Flow/orders\n"
        '      - /description  "gone"\n'
        "! mind\\nthis\n"
        "Nothing was sent. Look at it with git diff, then commit it: an apply of that leaves live as it is.\n"
        "\n"
    )


def test_nothing_written() -> None:
    """Then only that is said."""
    assert drawn(InboxReport((), ("Flow/orders has not drifted",))) == "! Flow/orders has not drifted\n\n"
