"""Adobe's own documents: the bodies that they show, and the OpenAPI. They are no part of the repository."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jsonschema_rs
import pytest
import yaml

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "flow-service"
CORPUS = FOLDER / "corpus"
_PLACEHOLDER = re.compile(r"\{[^}]*\}")


@dataclass(frozen=True, slots=True)
class Documented:
    """One body of one document; ``call`` is the path after the service base, as the document writes it."""

    file: str
    collection: str
    method: str
    call: str
    is_request: bool
    status: int | None
    sub: str | None

    @property
    def body(self) -> Any:
        return json.loads((CORPUS / self.file).read_text("utf-8"))

    @property
    def path(self) -> str:
        return urlsplit(self.call).path

    @property
    def query(self) -> dict[str, list[str]]:
        return parse_qs(urlsplit(self.call).query, keep_blank_values=True)

    @property
    def id(self) -> str | None:
        """The id in the path, None where there is none or only a placeholder."""
        parts = self.path.strip("/").split("/")
        return parts[1] if len(parts) > 1 and not _PLACEHOLDER.search(parts[1]) else None


@functools.cache
def documented() -> tuple[Documented, ...]:
    """Every body that is JSON, in the documents' order; none where the documents are not at hand."""
    if not CORPUS.is_dir():
        return ()
    rows = [json.loads(line) for line in (CORPUS / "index.jsonl").read_text("utf-8").splitlines()]
    return tuple(
        Documented(
            row["file"],
            row["resource"],
            row["method"],
            row["call"],
            row["kind"] == "request",
            int(row["status"]) if row.get("status") else None,
            row.get("sub"),
        )
        for row in rows
        if row["valid_json"]
    )


def parameters(found: list[Documented]) -> list[Any]:
    """Return pytest's parameters for bodies, or one that is skipped with a reason."""
    if not CORPUS.is_dir():
        reason = "the collection of Adobe's documents is not beside this checkout"
        return [pytest.param(None, marks=pytest.mark.skip(reason=reason))]
    return [pytest.param(one, id=one.file.removesuffix(".json")) for one in found]


class Table:
    """Where ours and the documents differ: rows of patterns with FACTS' mark; a row that nothing needs is an error."""

    def __init__(self, rows: dict[tuple[str, ...], str]) -> None:
        self.rows = rows
        self.used: set[tuple[str, ...]] = set()

    def explains(self, key: tuple[str, ...]) -> bool:
        """Iff a row covers a difference."""
        covering = [row for row in self.rows if all(map(fnmatchcase, key, row))]
        self.used.update(covering)
        return bool(covering)

    def stale(self) -> list[tuple[str, ...]]:
        """Return the rows that have explained nothing."""
        return sorted(self.rows.keys() - self.used)


def shape(value: Any, opaque: frozenset[str] = frozenset(), path: str = "") -> Iterator[tuple[str, str]]:
    """Every path of a body with its JSON type; ``*`` is any element. Below an opaque path a client decides."""
    yield path, _type(value)
    if path in opaque:
        return
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from shape(inner, opaque, f"{path}/{key}")
    elif isinstance(value, list):
        for inner in value:
            yield from shape(inner, opaque, f"{path}/*")


def _type(value: Any) -> str:
    names = {dict: "object", list: "array", str: "string", bool: "boolean", type(None): "null"}
    return names.get(type(value), "number")


@functools.cache
def openapi() -> OpenApi:
    return OpenApi(yaml.load((FOLDER / "openapi" / "flow-service.yaml").read_text("utf-8"), yaml.CSafeLoader))


class OpenApi:
    """The service's OpenAPI document, as something to hold a request against."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = _nullable(document)
        self.paths = {
            re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(template))): (template, methods)
            for template, methods in sorted(self.document["paths"].items(), key=lambda item: "{" in item[0])
        }

    def operation(self, method: str, path: str) -> tuple[str, dict[str, Any]] | None:
        """Return the operation of a call and its path template, None where there is none."""
        for pattern, (template, methods) in self.paths.items():
            if pattern.fullmatch(path) and method.lower() in methods:
                return template, methods[method.lower()]
        return None

    def problems(self, request: Any) -> Iterator[str]:
        """Say what of a recorded request is not as the document has it."""
        found = self.operation(request.method, request.path)
        if found is None:
            yield "no such operation"
            return
        _, operation = found
        known = {(one["in"], one["name"].lower()): one for one in operation.get("parameters", [])}
        sent = {name.lower() for name in request.headers}
        for (place, name), one in known.items():
            given = name in sent if place == "header" else name in request.query
            # the recorder keeps no Authorization: a token is nobody's to keep
            if place in {"header", "query"} and one.get("required") and not given and name != "authorization":
                yield f"{place} {one['name']} is missing"
        yield from (f"query {name} is unknown" for name in request.query if ("query", name.lower()) not in known)
        yield from self._body(operation, request)

    def _body(self, operation: dict[str, Any], request: Any) -> Iterator[str]:
        content = operation.get("requestBody", {}).get("content", {})
        if request.body in {None, ""} if not isinstance(request.body, dict | list) else False:
            if operation.get("requestBody", {}).get("required"):
                yield "body is missing"
            return
        if not content:
            yield "body is not expected"
            return
        if request.headers.get("Content-Type", "").partition(";")[0] not in content:
            yield f"content type {request.headers.get('Content-Type')} is unknown"
        yield from (f"body{error}" for error in self.errors(content["application/json"]["schema"], request.body))

    def errors(self, schema: dict[str, Any], value: Any) -> Iterator[str]:
        """Say where a body does not fit one of the document's schemas: paths without indices, and the rule."""
        whole = {**schema, "components": self.document["components"]}
        for error in jsonschema_rs.Draft7Validator(whole).iter_errors(value):
            place = "/".join("*" if isinstance(token, int) else token for token in error.instance_path)
            yield f" /{place}: {error.schema_path[-1]}"


def _nullable(schema: Any) -> Any:
    """Return an OpenAPI 3.0 document with its nullable types as JSON Schema has them."""
    if isinstance(schema, list):
        return [_nullable(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: _nullable(value) for key, value in schema.items()}
    if made.pop("nullable", False) is True and isinstance(made.get("type"), str):
        made["type"] = [made["type"], "null"]
    return made
