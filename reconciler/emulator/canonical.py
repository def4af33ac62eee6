"""The service's own form of a document: what it adds or rewrites when it stores one (FACTS 8, 11, 15, 17).

Everything else is kept as it was sent, strings as strings.
"""

from __future__ import annotations

import hashlib
import re
from typing import Any, Final, Literal

from reconciler.emulator.resources import STREAMING, Document, child
from reconciler.emulator.settings import Settings

_NUMERAL: Final = re.compile(r"0|[1-9][0-9]{0,15}")
_BOOLEANS: Final = {"true": True, "false": False}


def canonical(collection: str, document: Document, settings: Settings) -> Document:
    """Bring a document, in place, to the form in which it is stored."""
    _fill_version(document, "connectionSpec")
    _fill_version(document, "flowSpec")
    if collection == "connections":
        _add_inlet(document)
    elif collection == "targetConnections":
        _add_data_nulls(document)
    elif collection == "flows":
        if settings.mapping_versions == "strings":
            _stringify_mapping_versions(document)
        schedule_form(document, settings.numbers)
    elif collection == "flowSpecs":
        _rename_transformation_specs(document)
    return document


def _fill_version(document: Document, field: str) -> None:
    """A spec's version may be left out, replies have it (FACTS 17)."""
    if isinstance(document.get(field), dict):
        document[field].setdefault("version", "1.0")


def _add_inlet(document: Document) -> None:
    """A streaming connection has its inlet from the service, also after its params were replaced (FACTS 8)."""
    params = child(document, "auth", "params")
    if child(document, "connectionSpec", "id") == STREAMING and isinstance(params, dict):
        inlet = hashlib.sha256(document["id"].encode()).hexdigest()
        params |= {"inletUrl": f"https://dcs.adobedc.net/collection/{inlet}", "inletId": inlet}


def _add_data_nulls(document: Document) -> None:
    if isinstance(document.get("data"), dict):
        document["data"].setdefault("schema", None)
        document["data"].setdefault("properties", None)


def _stringify_mapping_versions(document: Document) -> None:
    """A mapping version is sent as 0 and comes back as "0" (FACTS 11)."""
    for params in mapping_params(document):
        version = params.get("mappingVersion")
        if isinstance(version, int) and not isinstance(version, bool):
            params["mappingVersion"] = str(version)


def mapping_params(document: Document) -> list[Document]:
    """Return the params of a flow's Mapping transformations."""
    transformations: Any = document.get("transformations")
    if not isinstance(transformations, list):
        return []
    return [
        item["params"]
        for item in transformations
        if child(item, "name") == "Mapping" and isinstance(child(item, "params"), dict)
    ]


def _rename_transformation_specs(document: Document) -> None:
    """Three spellings are accepted, replies use one (FACTS 15)."""
    for spelling in ("transformationSpec", "transformationSpecDTOS"):
        if spelling in document:
            sent = document.pop(spelling)
            document.setdefault("transformationSpecs", sent)


def schedule_form(document: Document, form: Literal["echoed", "numbers", "strings"]) -> Document:
    """Bring a flow's schedule, in place, to one form of its numbers and booleans (FACTS 10)."""
    schedule = document.get("scheduleParams")
    if form != "echoed" and isinstance(schedule, dict):
        convert = _as_number if form == "numbers" else _as_string
        document["scheduleParams"] = {key: convert(value) for key, value in schedule.items()}
    return document


def _as_number(value: Any) -> Any:
    if isinstance(value, str):
        return int(value) if _NUMERAL.fullmatch(value) else _BOOLEANS.get(value, value)
    return value


def _as_string(value: Any) -> Any:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int) else value
