"""Whether what a plan would send fits the schemas of its spec, and if not, where and why.

Whether the service itself holds on to all of its schemas is not known (FACTS 10, 17), so a person can overrule each
with ``metadata.skipValidation``; and what a change leaves as it is, is nobody's fault.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from reconciler.diff.document import MISSING, Json, Opaque, is_object
from reconciler.diff.outcomes import present
from reconciler.diff.pointer import Path, covers, find, format_path, is_named_list, name_token
from reconciler.engine import facts
from reconciler.engine.credentials import Vault
from reconciler.engine.decide import Decision
from reconciler.engine.match import Match
from reconciler.engine.schemas.book import Book, Spec, spec_of
from reconciler.engine.schemas.mending import mend
from reconciler.engine.schemas.parts import Part, parts, schemas, unknown_auth
from reconciler.engine.schemas.patterns import ready
from reconciler.engine.schemas.violations import Violation, violations
from reconciler.model.kinds import Kind
from reconciler.model.live import Live
from reconciler.model.resources import Notice

if TYPE_CHECKING:
    import jsonschema_rs

_AUTH_NAME: Final = ("auth", "specName")
_SHOWN: Final = 10
_REMARKS: Final = 3


@dataclass(slots=True)
class Judge:
    """Judges the changes of one plan; each schema is mended and made ready once, and each spec told of once."""

    book: Book
    _ready: dict[tuple[Kind, str, Path], jsonschema_rs.Draft7Validator | None] = field(default_factory=dict)
    _remarks: dict[str, list[str]] = field(default_factory=dict)
    _unread: dict[str, str] = field(default_factory=dict)
    _lacking: list[Notice] = field(default_factory=list)

    def of_create(self, one: Match, vault: Vault) -> str | None:
        """Return why what would be created does not fit its spec, or None."""
        document = present(dict(one.spec))
        return self._reason(one, document, vault, [()], None) if is_object(document) else None

    def of_update(self, one: Match, live: Live, decision: Decision, vault: Vault) -> str | None:
        """Return why what an update changes would not fit the object's spec, or None."""
        if not decision.patch and decision.put is None:
            return None
        secrets = decision.secrets
        changed = [outcome.path for outcome in decision.outcomes if outcome.causes]
        changed += [*secrets.added, *secrets.removed, *secrets.rotated]
        return self._reason(one, decision.wanted, vault, changed, live)

    def misfits(self, one: Match, vault: Vault) -> list[tuple[Path, str]]:
        """Return where what would be created does not fit its spec, sorted, each with what to do; none for a spec."""
        document = present(dict(one.spec))
        if not is_object(document) or not isinstance(spec := self.book.find(one.desired.name.kind, document), Spec):
            return []
        if names := self._unknown_auth(one, document, spec, [()]):
            return [(_AUTH_NAME, _unknown_told(spec, names))]
        return [
            (broken.path, f"{broken.rule}, says {spec}; {_way_out(broken.path)}")
            for broken in self._broken(one, document, spec, vault, [()], None)
        ]

    def notices(self) -> list[Notice]:
        """Return what a person should know besides: one notice a spec, and what is lacking but was not refused."""
        found = [Notice(f"{name} has a schema that is broken in part: {_few(told)}. What is left of it counts")
                 for name, told in sorted(self._remarks.items())]  # fmt: skip
        if self._unread:
            reason = self._unread[min(self._unread)]
            named = _few(sorted(self._unread))
            found.append(Notice(f"not checked against their specs, which could not be read ({reason}): {named}"))
        return found + self._lacking

    def _reason(
        self, one: Match, document: Mapping[str, Json], vault: Vault, changed: Sequence[Path], live: Live | None
    ) -> str | None:
        kind = one.desired.name.kind
        if kind.is_spec:
            self._look_at(spec_of(one))
            return None
        spec = self.book.find(kind, live.document if live else document)
        if not isinstance(spec, Spec):
            self._unread |= {str(one.desired.name): spec} if spec else {}
            return None
        if names := self._unknown_auth(one, document, spec, changed):
            return f"{_place(one, _AUTH_NAME)} {_unknown_told(spec, names)}"
        found = self._broken(one, document, spec, vault, changed, live)
        return _told(one, spec, found) if found else None

    def _broken(
        self, one: Match, document: Mapping[str, Json], spec: Spec, vault: Vault, changed: Sequence[Path],
        live: Live | None,
    ) -> list[Violation]:  # fmt: skip
        """Every violation that a change is to blame for, sorted."""
        kind = one.desired.name.kind
        found = (self._blamed(one, part, spec, vault, changed, live) for part in parts(kind, document, spec.document))
        return sorted({violation for blamed in found for violation in blamed})

    def _unknown_auth(self, one: Match, document: Mapping[str, Json], spec: Spec, changed: Sequence[Path]) -> list[str]:
        touched = any(covers(other, _AUTH_NAME) for other in changed)
        skipped = any(covers(other, _AUTH_NAME) for other in one.desired.skip_validation)
        return unknown_auth(document, spec.document) if touched and not skipped else []

    def _blamed(
        self, one: Match, part: Part, spec: Spec, vault: Vault, changed: Sequence[Path], live: Live | None
    ) -> Iterator[Violation]:
        """Every violation of a part, its path in the object, that the change is to blame for."""
        if not any(covers(path, part.path) or covers(part.path, path) for path in changed):
            return
        before = set(self._violations(part, find(dict(live.document), part.path), spec, vault)) if live else set()
        for violation in self._violations(part, part.value, spec, vault):
            hidden = live is not None and violation.lacks and vault.is_sensitive(violation.path)
            ours = any(covers(path, violation.path) for path in changed)
            below = violation not in before and any(covers(violation.path, path) for path in changed)
            skipped = any(covers(path, violation.path) for path in one.desired.skip_validation)
            if skipped or not (ours or below) or hidden:
                continue
            if violation.lacks and not violation.dependent and not part.binding:
                text = f"{one.desired.name}: {format_path(violation.path)} is required by {spec}, and is not there"
                self._lacking.append(Notice(text, one.desired.locate(violation.path)))
            else:
                yield violation

    def _violations(self, part: Part, value: Json, spec: Spec, vault: Vault) -> list[Violation]:
        validator = self._validator(spec, part.where, part.schema)
        if validator is None or not is_object(value):
            return []
        unknown: set[Path] = set()
        plain = _plain(value, part.path, vault, unknown, ())
        equal = facts.rules(_owner(part)).equal
        found = violations(validator, plain, unknown, lambda path, ours, meant: equal((*part.path, *path), ours, meant))
        return [
            Violation(_named(part.path, value, one.path), one.rule, one.lacks, one.wide, one.dependent) for one in found
        ]

    def _validator(self, spec: Spec, where: Path, schema: Json) -> jsonschema_rs.Draft7Validator | None:
        key = (spec.kind, spec.key, where)
        if key not in self._ready:
            mended = mend(schema)
            self._ready[key] = ready(mended.schema)
            remarks = [f"{format_path(where)}: {remark}" for remark in mended.remarks]
            if remarks:
                self._remarks.setdefault(str(spec), []).extend(remarks)
        return self._ready[key]

    def _look_at(self, spec: Spec) -> None:
        """Make all schemas of a spec ready, so that what is broken in them is told."""
        for where, schema in schemas(spec.document):
            self._validator(spec, where, schema)


def _owner(part: Part) -> Kind:
    return Kind.FLOW if part.path[0] in ("scheduleParams", "transformations") else Kind.CONNECTION


def _plain(value: Json, root: Path, vault: Vault, unknown: set[Path], path: Path) -> Json:
    """Return a value with a stand-in for all that is not known or is nobody's to look at, whose paths are gathered."""
    if is_object(value):
        return {key: _plain(inner, root, vault, unknown, (*path, key)) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner, root, vault, unknown, (*path, str(at))) for at, inner in enumerate(value)]
    if isinstance(value, Opaque) or vault.is_sensitive((*root, *path)):
        unknown.add(path)
        return ""
    return value


def _named(root: Path, value: Json, path: Path) -> Path:
    """Return a path in the object, in which a list's objects stand by name like in every other path."""
    tokens = list(root)
    for token in path:
        named = is_named_list(value) and token.isdecimal()
        there = find(value, (token,)) if value is not MISSING else MISSING
        tokens.append(name_token(there["name"]) if named and is_object(there) else token)
        value = there
    return tuple(tokens)


def _place(one: Match, path: Path) -> str:
    place, pointer = one.desired.locate(path), format_path(("spec", *path))
    return f"{place}: {pointer}" if place else pointer


def _told(one: Match, spec: Spec, found: list[Violation]) -> str:
    told = [f"{_place(one, violation.path)} {violation.rule}" for violation in found]
    return f"does not fit {spec}: {_few(told, _SHOWN, '; ')}. Correct it; {_way_out(found[0].path)}"


def _way_out(path: Path) -> str:
    skip = format_path(path)
    return f"if the service takes it all the same, have it left alone with metadata.skipValidation: [{skip}]"


def _unknown_told(spec: Spec, names: Iterable[str]) -> str:
    return f"is none of {spec}, which knows {', '.join(names)}: name one"


def _few(texts: Iterable[str], most: int = _REMARKS, between: str = ", ") -> str:
    texts = sorted(texts) if isinstance(texts, set) else list(texts)
    more = f"{between}and {len(texts) - most} more" if len(texts) > most else ""
    return between.join(texts[:most]) + more
