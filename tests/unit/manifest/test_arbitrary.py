"""Whatever stands in a folder: manifests, or an error that a person can read."""

import contextlib
import json
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.manifest import load
from reconciler.model.errors import ManifestErrors, UsageError

TARGET = {"apiVersion": "reconciler/v1", "kind": "Target", "metadata": {"name": "dev"}, "spec": {"emulator": True}}
WORDS = [
    "apiVersion",
    "reconciler/v1",
    "kind",
    "Flow",
    "Connection",
    "Target",
    "metadata",
    "name",
    "id",
    "spec",
    "ref",
    "valueFrom",
    "env",
    "target",
    "overrides",
    "dev",
    "auth",
    "params",
    "connectionSpec",
    "transformations",
    "scheduleParams",
    "startTime",
    "ignore",
    "/a/0",
    "Connection/x",
    "x",
    "targets",
    "values",
]
WORDS.append("9" * 5000)  # more digits than Python likes to read


def survive(data, name):
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "targets.json").write_text(json.dumps(TARGET))
        (Path(folder) / name).write_bytes(data)
        with contextlib.suppress(ManifestErrors, UsageError):
            manifests = load(Path(folder))
            manifests.validate()
            manifests.estate(manifests.target(None))


@settings(deadline=None)  # files are written: a busy disk is no failure
@given(st.binary(), st.sampled_from(["a.yaml", "a.json"]))
def test_any_bytes(data, name):
    """Never a traceback."""
    survive(data, name)


@settings(deadline=None)  # files are written: a busy disk is no failure
@given(
    st.text(alphabet=st.sampled_from("{}[]:,-&*!|>'\"%@`#?\n\t ab1~\\u<.\u202e\x00")),
    st.sampled_from(["a.yaml", "a.json"]),
)
def test_any_text_of_the_characters_that_mean_something(text, name):
    """Never a traceback."""
    survive(text.encode(), name)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(WORDS) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS) | st.text(), inner, max_size=4),
)
METADATA = st.fixed_dictionaries(
    {"name": st.just("x") | VALUES}, optional={"id": VALUES, "ignore": VALUES, "targets": VALUES}
)
SPECS = st.dictionaries(
    st.sampled_from(["name", "auth", "connectionSpec", "flowSpec", "sourceConnectionIds", "transformations", "state",
                     "scheduleParams", "data", "encryption"]),
    VALUES,
)  # fmt: skip


@settings(deadline=None)  # files are written: a busy disk is no failure
@given(
    st.sampled_from(["Connection", "Flow", "SourceConnection", "FlowSpec", "ConnectionSpec", "Target"]),
    METADATA | VALUES,
    SPECS | VALUES,
    VALUES | st.fixed_dictionaries({"dev": st.fixed_dictionaries({}, optional={"spec": SPECS, "metadata": METADATA})}),
)
def test_any_manifest(kind, metadata, spec, overrides):
    """Never a traceback."""
    document = {"apiVersion": "reconciler/v1", "kind": kind, "metadata": metadata, "spec": spec, "overrides": overrides}
    survive(json.dumps(document).encode(), "a.json")


def test_depth_is_no_way_to_the_end_of_the_stack():
    """However deep, in whatever notation."""
    for data in (b"[" * 200_000, b"{a: " * 200_000, b"- " * 200_000, b'{"a":' * 200_000, b"? " * 100_000):
        survive(data, "a.yaml")
