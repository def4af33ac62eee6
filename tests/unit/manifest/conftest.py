"""A small estate to vary: two targets, and manifests written as text."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from reconciler.manifest import Manifests, load
from reconciler.model.errors import ManifestErrors
from reconciler.model.resources import Desired

TARGETS = """
apiVersion: reconciler/v1
kind: Target
metadata: {name: dev}
spec: {sandbox: dev, default: true, values: {dataset: d1, list: [1, 2], start: 2027-01-04T06:00:00Z}}
---
apiVersion: reconciler/v1
kind: Target
metadata: {name: prod}
spec: {sandbox: prod, values: {dataset: d2, list: [], start: "1800000000"}}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the two targets, named as a person would name it."""
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "targets.yaml").write_text(TARGETS)
    monkeypatch.chdir(tmp_path)
    return Path("m")


Loader = Callable[..., Manifests]


@pytest.fixture
def loaded(folder: Path) -> Loader:
    """Write one file beside the targets, and load the folder."""

    def write_and_load(text: str | bytes, name: str = "a.yaml") -> Manifests:
        (folder / name).write_bytes(text.encode() if isinstance(text, str) else text)
        return load(folder)

    return write_and_load


@pytest.fixture
def problems(loaded: Loader) -> Callable[..., list[str]]:
    """Return what is wrong with a file, each as it is shown."""

    def find(text: str | bytes, name: str = "a.yaml") -> list[str]:
        try:
            loaded(text, name).validate()
        except ManifestErrors as errors:
            return [str(problem) for problem in errors.problems]
        return []

    return find


@pytest.fixture
def spec_problems(problems: Callable[..., list[str]]) -> Callable[..., list[str]]:
    """Return what is wrong with a spec in flow style, on line 4 from column 7 on."""

    def find(kind: str, spec: str, metadata: str = "") -> list[str]:
        return problems(manifest(kind, spec, metadata))

    return find


@pytest.fixture
def desired(loaded: Loader) -> Callable[..., Desired]:
    """Return the first resource that a file declares, on a target."""

    def find(text: str, target: str = "dev") -> Desired:
        manifests = loaded(text)
        return manifests.estate(manifests.target(target)).resources[0]

    return find


def manifest(kind: str, spec: str, metadata: str = "") -> str:
    extra = f", {metadata}" if metadata else ""
    return f"apiVersion: reconciler/v1\nkind: {kind}\nmetadata: {{name: x{extra}}}\nspec: {spec}\n"


@pytest.fixture(name="manifest")
def manifest_fixture() -> Callable[..., str]:
    """Write a manifest around a spec."""
    return manifest
