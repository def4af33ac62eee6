"""A live document -> the spec of a manifest: what a client may write, with leaves for what is not to be written out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from reconciler.diff.document import MISSING, Json, Missing, is_object
from reconciler.diff.merge import put
from reconciler.diff.pointer import Path, find, format_path, name_of
from reconciler.engine.credentials import items
from reconciler.engine.facts import CREDENTIALS, SERVER_MADE, STATES, set_paths, writable
from reconciler.engine.importing.credentials import Credentials, Hidden, Variables, below_credentials
from reconciler.engine.importing.values import Values, what_differs
from reconciler.model.credential_text import holds_credentials
from reconciler.model.imports import ObjectKey
from reconciler.model.kinds import Kind
from reconciler.model.live import Live
from reconciler.model.references import kind_at
from reconciler.model.resources import Reference, ResourceName
from reconciler.model.secrets import MASK
from reconciler.model.sensitive import is_sensitive_key

Holds = Callable[[str], bool]
"""Whether a text holds a secret that the service has shown."""


@dataclass(frozen=True, slots=True)
class Around:
    """What every object of one import is written with.

    ``managed`` says which resource each object is, ``variables`` and ``values`` give out names.
    """

    managed: Mapping[ObjectKey, ResourceName]
    variables: Variables
    values: Values
    holds: Holds


@dataclass(slots=True)
class Body:
    """One object on its way to a spec; ``left_out`` says what stays out of it and why, ``literal`` which ids stay ids.

    ``omitted`` are paths that a manifest cannot hold, ``own`` is False iff the object is a spec of Adobe's catalogue.
    """

    live: Live
    name: ResourceName
    around: Around
    credentials: Credentials
    hidden: Hidden
    omitted: Mapping[Path, str] = field(default_factory=dict)
    own: bool = True
    left_out: dict[Path, str] = field(default_factory=dict)
    literal: list[tuple[Kind, str]] = field(default_factory=list)
    _suspicious: bool = False

    def spec(self) -> dict[str, Json]:
        """Return the spec; afterwards ``left_out`` and ``literal`` are known."""
        document = self._document()
        self._suspicious = self.around.holds("\n".join(_texts(document)))
        written = self._written((), document, listed=False)
        spec: dict[str, Json] = written if is_object(written) else {}
        return self._with_hidden(spec)

    def _document(self) -> dict[str, Json]:
        document = writable(self.live.kind, self.live.document)
        if self.live.kind is Kind.FLOW:
            document |= self._state()
        if not self.own:  # a shared list of others' is none of ours; what we added to it is
            for path in set_paths(self.live.kind):
                members = document.get(path[0])
                ours = [one for one in members if self._owner(one)] if isinstance(members, list) else []
                document[path[0]] = ours or None
        return document

    def _owner(self, id: Json) -> ResourceName | None:
        return self.around.managed.get((Kind.CONNECTION_SPEC, id)) if isinstance(id, str) else None

    def _state(self) -> dict[str, Json]:
        """Return a flow's state as a manifest has it: the one that it is on its way to (8)."""
        state = self.live.document.get("state")
        settled = STATES.get(state) if isinstance(state, str) else None
        if settled is None:
            self.left_out[("state",)] = f"{state!r} is neither enabled nor disabled"
            return {}
        return {"state": settled}

    def _written(self, path: Path, value: Json, *, listed: bool) -> Json | Missing:
        """Return a value as it is written, MISSING if it is not; a list is one value, and goes whole."""
        if path in self.omitted:
            return self._leave_out(path, self.omitted[path])
        if not (is_object(value) or isinstance(value, list)):
            return self._leaf(path, value, listed=listed)
        inside = listed or isinstance(value, list)
        parts = {token: self._part((*path, token), inner, listed=inside) for token, inner in items(value)}
        kept = {token: part for token, part in parts.items() if part is not MISSING}
        whole = len(kept) == len(parts)
        if not whole and (inside or not kept):
            return MISSING
        return kept if is_object(value) else list(kept.values())

    def _part(self, path: Path, value: Json, *, listed: bool) -> Json | Missing:
        if value == "" and path in self.hidden:  # as it stands it would clear what is set and not shown
            return MISSING
        if path[-1] in SERVER_MADE and below_credentials(path) and find(dict(self.credentials.ours), path) is MISSING:
            return MISSING
        if self._suspicious and not path[-1].isalpha() and name_of(path[-1]) is None and self.around.holds(path[-1]):
            return self._leave_out(path, "its key holds a secret")
        return self._written(path, value, listed=listed)

    def _leave_out(self, path: Path, reason: str) -> Missing:
        self.left_out[path] = reason
        return MISSING

    def _leaf(self, path: Path, value: Json, *, listed: bool) -> Json | Missing:
        if value is None:  # "must be absent" in a manifest; inside a list it is a value like others
            return None if listed else MISSING
        if self.credentials.is_secret(path, value):
            return self._slot(path)
        if not isinstance(value, str):
            return value
        if (self._suspicious and self.around.holds(value)) or holds_credentials(value):
            return self._slot(path) if below_credentials(path) else self._leave_out(path, "it holds a secret")
        if self._looks_secret(path, value):
            return self._leave_out(path, "it may be a secret, which can stand only below auth.params")
        return self._named(path, value)

    def _slot(self, path: Path) -> Json:
        return self.around.variables.slot(self.name, path, self.credentials.known)

    def _looks_secret(self, path: Path, value: str) -> bool:
        """Iff a text outside of credentials has the name of a secret. In a spec such names are those of a schema."""
        own_key = next((token for token in reversed(path) if not token.isdecimal() and name_of(token) is None), "")
        outside = not self.live.kind.is_spec and not below_credentials(path) and len(path) > 1
        return outside and value != "" and is_sensitive_key(own_key)

    def _named(self, path: Path, value: str) -> Json:
        """Return a text as it is, or the reference or target value that it should be."""
        kind = kind_at(path)
        if kind is not None:
            owner = self.around.managed.get((kind, value))
            if owner is None and not kind.is_spec:
                self.literal.append((kind, value))
            return Reference(owner) if owner and owner != self.name else value
        what = what_differs(self.live.kind, path, value)
        return self.around.values.leaf(what, self.name, value) if what else value

    def _with_hidden(self, spec: dict[str, Json]) -> dict[str, Json]:
        """Declare the secrets that the service does not show."""
        ours = {path for path in (*self.credentials.known, *self.credentials.were) if below_credentials(path)}
        ours |= {(*CREDENTIALS[0], key) for key in (*self.hidden.required, *self.hidden.possible)}
        for path in sorted(ours):
            unlisted = not any(token.isdecimal() or name_of(token) is not None for token in path)
            if unlisted and path not in self.omitted and find(spec, path) is MISSING and path[0] in spec:
                put(spec, path, self._slot(path))
        return spec

    def comments(self) -> Iterator[str]:
        """Say what a reader of the manifest should know, a line each."""
        if self.hidden.required or self.hidden.possible:
            named = [f"{', '.join(self.hidden.required)} must be set"] if self.hidden.required else []
            if self.hidden.possible:
                named.append(f"{', '.join(self.hidden.possible)} may be set (take out what is not)")
            yield f"The service does not show secrets: {'; '.join(named)}."
        if self.live.kind.is_spec and "description" not in self.live.document:
            yield "The service does not show a spec's description: a later change clears it, unless it is declared."
        for path in sorted(self.left_out):
            yield f"Left out, and so not managed: {self.shown(path)}"

    def shown(self, path: Path) -> str:
        """Return a path as a pointer for people, on one line: a pointer's escapes would hide a secret from a sink."""
        return legible(format_path(tuple(MASK if self.around.holds(token) else token for token in path)))


def legible(text: str) -> str:
    """Return a text on one line, what cannot be seen written out."""
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode() for one in text)


def _texts(value: Json) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    if is_object(value):
        yield from value
    if is_object(value) or isinstance(value, list):
        for inner in value.values() if is_object(value) else value:
            yield from _texts(inner)
