"""One file's bytes -> its YAML documents, by events: strict, with places, and never with a traceback."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import yaml

from reconciler.manifest import characters
from reconciler.manifest.builder import Builder, ReadNoFurther
from reconciler.manifest.nodes import Document, Mark
from reconciler.model.errors import Problem
from reconciler.model.resources import Location

_Loader: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the C parser where PyYAML was built with it


def read(file: str, data: bytes) -> tuple[list[Document], list[Problem]]:
    """Return the documents of a file that could be read, and all that is wrong with its text.

    Empty documents are skipped. Behind a syntax error nothing can be read; all before it still is.
    """
    try:
        text = characters.decode(data)
    except characters.NotText as error:
        return [], [_problem(file, error.mark, str(error))]
    text, hidden = characters.hidden_in_text(text)
    text = characters.join_surrogates(text) if file.lower().endswith(".json") else text
    builder = Builder(file)
    builder.problems += [_problem(file, mark, message) for mark, message in hidden]
    try:
        for event in events(text):
            builder.take(event)
    except yaml.MarkedYAMLError as error:
        builder.problems.append(_problem(file, _mark(error), _message(error, text)))
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        # the pure parser lets chr() fail on an escape beyond Unicode, and reader errors carry no mark
        builder.problems.append(_problem(file, Mark(1, 1), f"the text cannot be parsed: {_one_line(str(error))}"))
    except ReadNoFurther as error:
        builder.problems.append(_problem(file, error.mark, str(error)))
    return builder.documents, builder.problems


_INDENTED: Final = "; is a line here, or above, indented otherwise than its neighbours?"
_HINTS: Final = {
    "did not find expected key": _INDENTED,
    "expected <block end>": _INDENTED,
    "mapping values are not allowed": "; a text that holds ': ' wants quotes, and a list or mapping a line of its own",
    "expected ',' or": "; is a bracket left open?",
}
"""What most often lies behind the words of a parser, of which the C one and the other have different ones."""


def events(text: str) -> Iterator[Any]:
    """Return a text's YAML events, each with its marks; raises what the parser raises."""
    return iter(yaml.parse(text, Loader=_Loader))


def _mark(error: yaml.MarkedYAMLError) -> Mark:
    mark = error.problem_mark or error.context_mark
    return Mark(mark.line + 1, mark.column + 1) if mark else Mark(1, 1)


def _message(error: yaml.MarkedYAMLError, text: str) -> str:
    line, column = _mark(error)
    here = "".join(text.split("\n")[line - 1 : line])  # the place may lie behind the last line
    if here[column - 1 : column] == "\t":
        return "a tab: YAML indents with spaces"
    parts = [error.context, error.problem]
    said = _one_line(", ".join(part for part in parts if part))
    hint = next((hint for words, hint in _HINTS.items() if words in said), "")
    return f"the text cannot be parsed: {said}{hint}"


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _problem(file: str, mark: Mark, message: str) -> Problem:
    return Problem(Location(file, *mark), message)
