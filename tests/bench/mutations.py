"""Manifests as nobody would write them: the working set, mutated by chance, the same for the same seed."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

SET = Path(__file__).resolve().parents[2] / "manifests"
LONGEST = 6 * 1024 * 1024  # bytes of a mutation: some grow without end, and the tool refuses from 5 MiB on

SCRAPS = [
    "&a ", "*a", "<<: *a\n", "!!python/object:os.system ", "%YAML 9.9\n", "---\n", "...\n", "- ", "? ",
    ": ", "{", "}",
    "[", "]", "|\n", ">-\n", "'", '"', "\t", "\r", "\r\n", "\x00", "\x1b[31m", "\u202e", "\u200b", "\ufeff", "\u2028",
    "\x85", "\U000e0041", "#", "~", "null", "true", "1.0", "0x1F", "0o17", "1e999", "-.inf", ".nan", "10" * 200,
    "9" * 5000, "-" * 50, "[" * 200, "{a: " * 100, "- " * 100, "::error::x\n", "##[group]x", "${{ secrets.X }}",
    "{ref: Connection/x}", "{ref: Flow/}", "{valueFrom: {env: FLOW_SECRET_X}}",
    "{valueFrom: {file: ../../etc/passwd}}",
    "{valueFrom: {target: dataset}}", "{valueFrom: }", "\\ud800", '"\\uD83D"', "\\x1b", "__proto__: {}\n", "a" * 3000,
]  # fmt: skip
VALUES: list[Any] = [
    None, True, False, 0, -1, 1.5, 2**53, 2**70, 10**400, "", " ", "~", "\x00", "\ud800", "\u202e",
    "x" * 5000, [], {}, [[]],
    [None], {"": ""}, {"ref": "Connection/x"}, {"ref": 1}, {"ref": "Connection/"}, {"valueFrom": {}},
    {"valueFrom": None},
    {"valueFrom": {"env": "AEP_CLIENT_SECRET"}}, {"valueFrom": {"file": "/etc/passwd"}},
    {"valueFrom": {"target": "x"}},
    {"valueFrom": {"env": "FLOW_SECRET_X", "file": "x"}}, "/", "/a/~2", "~1", "[name=x]", "2027-02-30T25:00:00Z",
    "9999-12-31T23:59:59+14:00", "0001-01-01T00:00:00+14:00", "10" * 30, "Flow/x", "once", "*", "**" * 50, "(a+)+$",
    {"__proto__": {"x": 1}}, {"<<": {"a": 1}}, [{"name": "x"}, {"name": "x"}], {"name": {"name": {"name": 1}}},
]  # fmt: skip
KEYS = [
    "ref", "valueFrom", "env", "name", "id", "ignore", "targets", "overrides", "snooze", "protect",
    "previousName", "spec",
    "metadata", "onRemove", "auth", "params", "password", "scheduleParams", "startTime", "interval",
    "frequency", "state",
    "backfill", "transformations", "values", "sandbox", "emulator", "guards", "ledger", "settleSeconds",
    "default", "dev",
    "connectionSpec", "version", "authSpec", "properties", "format", "", "/", "~", "__proto__",
    "a\u202eb", "0", "[name=x]",
]  # fmt: skip


def corpus() -> dict[str, bytes]:
    """Return the files of the working set by name."""
    return {str(path.relative_to(SET)): path.read_bytes() for path in sorted(SET.rglob("*.yaml"))}


def mutated(files: dict[str, bytes], seed: str) -> tuple[str, bytes]:
    """Return the name of a file and what becomes of it; the same for the same seed."""
    dice = random.Random(seed)
    name = dice.choice(sorted(files))
    mutate = dice.choice([_bytes, _scraps, _lines, _tree, _tree, _tree])
    data = mutate(dice, files[name], files)
    return (name.removesuffix("yaml") + "json" if dice.random() < 0.1 else name), data[:LONGEST]


def _bytes(dice: random.Random, data: bytes, _files: dict[str, bytes]) -> bytes:
    changed = bytearray(data)
    for _ in range(dice.choice([1, 1, 2, 5, 50])):
        at = dice.randrange(len(changed))
        changed[at : at + dice.randrange(4)] = dice.randbytes(dice.randrange(4))
        changed = changed or bytearray(b"a")
    return bytes(changed)


def _scraps(dice: random.Random, data: bytes, _files: dict[str, bytes]) -> bytes:
    text = data.decode()
    for _ in range(dice.choice([1, 1, 2, 4])):
        at = dice.randrange(len(text))
        text = text[:at] + dice.choice(SCRAPS) + text[at + dice.randrange(8) :]
    return text.encode()


def _lines(dice: random.Random, data: bytes, files: dict[str, bytes]) -> bytes:
    lines = data.split(b"\n")
    other = files[dice.choice(sorted(files))].split(b"\n")
    for _ in range(dice.choice([1, 2, 5])):
        at, end = dice.randrange(len(lines)), dice.randrange(len(lines) + 1)
        insert = dice.choice([[], lines[at:end], other[: dice.randrange(9)], [b" " * dice.randrange(9) + lines[at]]])
        lines[at : at + dice.randrange(3)] = insert * (dice.choice([1, 1, 1, 200]) if len(lines) < 10_000 else 1)
        lines = lines or [b""]
    if dice.random() < 0.1:
        dice.shuffle(lines)
    return b"\n".join(lines)


def _tree(dice: random.Random, data: bytes, _files: dict[str, bytes]) -> bytes:
    documents = list(yaml.safe_load_all(data))
    for _ in range(dice.choice([1, 1, 1, 2, 4])):
        parents = [one for one in _containers(documents) if one]
        if not parents:
            break
        _change(dice, dice.choice(parents))
    if dice.random() < 0.5:  # JSON is YAML, and escapes everything
        return "\n---\n".join(json.dumps(document, default=str) for document in documents).encode()
    return yaml.safe_dump_all(documents, allow_unicode=True).encode("utf-8", "surrogatepass")


def _containers(value: Any) -> Iterator[Any]:
    if isinstance(value, dict | list):
        yield value
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _containers(inner)


def _change(dice: random.Random, parent: Any) -> None:
    keys = list(parent) if isinstance(parent, dict) else list(range(len(parent)))
    key, what = dice.choice(keys), dice.randrange(6)
    value = copy.deepcopy(dice.choice(VALUES))
    if what == 0:
        del parent[key]
    elif what == 1 and isinstance(parent, dict):
        parent[dice.choice(KEYS)] = value
    elif what == 2:  # deep, or wide
        parent[key] = _nested(dice, parent[key])
    elif what == 3 and isinstance(parent, list):
        parent.extend(copy.deepcopy(parent[key]) for _ in range(dice.choice([1, 2, 300])))
    elif what == 4 and isinstance(parent, dict):
        parent[dice.choice(KEYS)] = parent.pop(key)
    else:
        parent[key] = value


def _nested(dice: random.Random, value: Any) -> Any:
    if dice.random() < 0.3:
        return {f"{dice.choice(KEYS)}{at}": value if at == 0 else at for at in range(500)}
    for _ in range(dice.choice([3, 40, 70, 120])):
        value = {dice.choice(KEYS): value} if dice.random() < 0.5 else [value]
    return value
