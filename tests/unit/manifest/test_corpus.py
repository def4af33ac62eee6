"""The bodies of Adobe's documents work as they are."""

import json
from pathlib import Path

import pytest

CORPUS = Path(__file__).parents[4] / "shared" / "flow-service" / "corpus"
KINDS = {
    "connections": "Connection",
    "sourceConnections": "SourceConnection",
    "targetConnections": "TargetConnection",
    "flows": "Flow",
    "connectionSpecs": "ConnectionSpec",
    "flowSpecs": "FlowSpec",
}


def bodies():
    for path in sorted(CORPUS.glob("*/*-p[ou][st]t-request.json")) + sorted(CORPUS.glob("*/*-put-request.json")):
        yield pytest.param(path, id=f"{path.parent.name}/{path.name}")


needs_corpus = pytest.mark.skipif(
    not CORPUS.is_dir(), reason="the collection of documented bodies is not beside this checkout"
)


@needs_corpus
@pytest.mark.parametrize("path", list(bodies()))
def test_a_documented_body_works_as_it_is(loaded, path):
    """Under spec, read as JSON and read as YAML, it comes out as it went in, but for masked passwords."""
    kind = KINDS[path.name.split("-")[1]]
    body = json.loads(path.read_text())
    object_id = body.pop("id", None)
    metadata = {"name": "x"} | ({"id": object_id} if object_id else {})
    document = {"apiVersion": "reconciler/v1", "kind": kind, "metadata": metadata, "spec": body}
    manifests = loaded(json.dumps(document, indent=2), "a.json")
    manifests.validate()
    found = manifests.estate(manifests.target(None)).resources[0].spec
    assert json.loads(json.dumps(found, default=lambda slot: slot.literal.reveal())) == body


@needs_corpus
def test_the_documented_bodies_are_there():
    """Lest the test above passes over nothing."""
    assert len(list(bodies())) > 30
