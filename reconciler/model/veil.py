"""Results as they may be shown or saved: secrets taken out of the values in them, before anybody renders them.

To look for secrets in a finished text would tear its words and its syntax apart wherever a password is a word: ``name``
in JSON, ``0`` in a schedule. Here only values are looked at, each for itself: what comes from live objects, and what
sentences quote. Names of ours, paths, ids, etags and digests pass as they are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from reconciler.diff.document import Json, Missing, is_object, same, shown
from reconciler.diff.pointer import name_of
from reconciler.model.credential_text import WHOLE, mask_credentials
from reconciler.model.health import Health
from reconciler.model.plan import Change, FieldChange, Plan, Request
from reconciler.model.resources import Notice
from reconciler.model.results import ApplyReport, DriftItem, DriftReport
from reconciler.model.secrets import MASK, Redactor
from reconciler.model.sensitive import is_sensitive_key

_UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_STAND_IN: Final = {
    "$secret": re.compile(r"/(?:auth|encryption)/params(?:/[^/\s]+)+"),
    "$ref": re.compile(r"[A-Za-z]+/[a-z0-9-]{1,100}"),
}


@dataclass(frozen=True, slots=True)
class Veil:
    """What stands between a result and everybody who sees it; idempotent."""

    redactor: Redactor

    def over(self, result: Plan | ApplyReport | DriftReport) -> Plan | ApplyReport | DriftReport:
        """Return a result of a command without the secrets in it."""
        if isinstance(result, Plan):
            return self.plan(result)
        if isinstance(result, ApplyReport):
            results = tuple(replace(one, error=self._sentence(one.error)) for one in result.results)
            return replace(result, results=results, notices=self._notices(result.notices))
        return self.drift(result)

    def drift(self, report: DriftReport) -> DriftReport:
        """Return a look for drift without the secrets in it."""
        return replace(report, items=tuple(map(self._item, report.items)), notices=self._notices(report.notices))

    def plan(self, plan: Plan) -> Plan:
        """Return a plan without the secrets in it."""
        return replace(plan, changes=tuple(map(self._change, plan.changes)), notices=self._notices(plan.notices))

    def health(self, health: Health) -> Health:
        """Return what doctor found without the secrets in it."""
        checks = (replace(one, found=self.sentence(one.found), mend=self.sentence(one.mend)) for one in health.checks)
        return replace(health, checks=tuple(checks))

    def sentence(self, text: str) -> str:
        """Return a sentence of ours, which may quote others."""
        return mask_credentials(self.redactor.redact_finished(text))

    def value(self, text: str) -> str:
        """Return a text that somebody else wrote."""
        masked = self.redactor.redact_data(text)
        if masked != MASK and _UUID.fullmatch(text):
            return text  # an id of which a part happens to be a secret; an id that is one is masked
        return mask_credentials(masked)

    def document(self, value: Json | Missing, *, named: Callable[[str], bool], key: str = "") -> Json | Missing:
        """Return a value of a live object; ``named`` tells keys whose values are secrets, ``key`` is the value's own.

        A stand-in for a secret or a reference passes as it is.
        """
        if isinstance(value, str):
            return WHOLE if value and named(key) and value != WHOLE else self.value(value)
        if is_object(value) and not _is_stand_in(value):
            return {self.sentence(name): self.document(inner, named=named, key=name) for name, inner in value.items()}
        if isinstance(value, list):
            return [self.document(inner, named=named, key=key) for inner in value]
        return value

    def _change(self, change: Change) -> Change:
        named = _never if change.resource.kind.is_spec else is_sensitive_key
        fields = tuple(self._field(one, named) for one in change.fields)
        hidden = _hidden(change.fields, fields)
        return replace(
            change,
            fields=fields,
            requests=tuple(self._request(one, named) for one in change.requests),
            blocked_by=self._sentence(change.blocked_by),
            notes=(*map(self.sentence, change.notes), *([hidden] if hidden else [])),
        )

    def _field(self, field: FieldChange, named: Callable[[str], bool]) -> FieldChange:
        if field.sensitive:
            return field
        key = _own_key(field.path)
        before, after = (self.document(side, named=named, key=key) for side in (field.before, field.after))
        return replace(field, before=before, after=after)

    def _request(self, request: Request, named: Callable[[str], bool]) -> Request:
        if request.method != "PATCH" or not isinstance(request.body, list):
            return replace(request, body=self.document(request.body, named=named))
        return replace(request, body=[self._operation(one, named) for one in request.body])

    def _operation(self, operation: Json, named: Callable[[str], bool]) -> Json:
        """Return one operation of a JSON Patch: op and path are ours."""
        if not is_object(operation) or "value" not in operation:
            return operation
        key = _own_key(operation["path"])
        return operation | {"value": self.document(operation["value"], named=named, key=key)}

    def _item(self, item: DriftItem) -> DriftItem:
        kind, _, _ = item.resource.partition("/")
        named = _never if kind.endswith("Spec") else is_sensitive_key
        by, client = (None if one is None else self.value(one) for one in (item.changed_by, item.changed_client))
        fields = tuple(self._field(one, named) for one in item.fields)
        told = [self._sentence(item.detail), _hidden(item.fields, fields)]
        detail = "; ".join(filter(None, told)) or item.detail
        return replace(item, fields=fields, changed_by=by, changed_client=client, detail=detail)

    def _sentence(self, text: str | None) -> str | None:
        return None if text is None else self.sentence(text)

    def _notices(self, notices: Iterable[Notice]) -> tuple[Notice, ...]:
        return tuple(replace(notice, message=self.sentence(notice.message)) for notice in notices)


def _never(_: str) -> bool:
    """Of a spec the keys are those of a schema: a property that is called password is none."""
    return False


def _hidden(before: Sequence[FieldChange], after: Sequence[FieldChange]) -> str | None:
    """Say where all that differs is what is not shown; None where that is so nowhere."""
    alike = [
        veiled.path
        for plain, veiled in zip(before, after, strict=True)
        if not veiled.sensitive
        and same(shown(veiled.before), shown(veiled.after))
        and not same(shown(plain.before), shown(plain.after))
    ]
    return f"what differs at {', '.join(alike)} is a credential, which is not shown" if alike else None


def _own_key(pointer: str) -> str:
    """Return the key that a value stands under, of an element the list's."""
    tokens = reversed(pointer.split("/"))
    return next((token for token in tokens if not token.isdecimal() and name_of(token) is None), "")


def _is_stand_in(value: Mapping[str, Json]) -> bool:
    """Iff an object stands for a secret or a reference, and not for itself."""
    if len(value) != 1:
        return False
    ((key, text),) = value.items()
    return isinstance(text, str) and key in _STAND_IN and bool(_STAND_IN[key].fullmatch(text))
