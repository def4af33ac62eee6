"""The manifests of this repository are what a reader copies: they must hold, and say what the documents say."""

import json
from pathlib import Path

import pytest

from reconciler.manifest import load
from reconciler.model.kinds import Kind
from reconciler.model.resources import Reference, ResourceName

ROOT = Path(__file__).parents[3]
UPDATE = ROOT.parent / "shared/flow-service/corpus/aep-en__sources-sources-sdk-api-update-connection-specs"


@pytest.fixture(scope="module")
def manifests():
    return load(ROOT / "manifests")


def resources(manifests, target):
    return {str(one.name): one for one in manifests.estate(manifests.target(target)).resources}


def test_it_is_valid_on_every_target_and_warns_of_nothing(manifests):
    """No password stands in it."""
    assert manifests.validate() == ()
    assert sorted(manifests.targets) == ["dev", "local", "prod"]
    assert manifests.target(None).emulator


def test_the_custom_source_is_registered(manifests):
    """In the flow spec that all of them share, by one member."""
    spec = resources(manifests, "prod")["FlowSpec/generic-rest-batch"]
    assert spec.id == "6499120c-0b15-42dc-936e-847ea3c24d72"
    member = Reference(ResourceName(Kind.CONNECTION_SPEC, "mailchimp-members"))
    assert spec.spec == {"sourceConnectionSpecIds": [member]}


def test_targets_differ_where_they_say(manifests):
    """By values, and by overrides."""
    dev, prod = resources(manifests, "dev"), resources(manifests, "prod")
    assert dev["Connection/salesforce-crm"].spec["name"] == "Salesforce (dev)"
    flow = "Flow/bigquery-mytable-daily"
    assert dev[flow].spec["scheduleParams"]["frequency"] == "week"
    assert prod[flow].spec["scheduleParams"] == {
        "startTime": 1799042400, "frequency": "day", "interval": 1, "backfill": True
    }  # fmt: skip
    assert dev[flow].spec["transformations"] != prod[flow].spec["transformations"]


def without_descriptions(value):
    if isinstance(value, dict):
        texts = {key: item for key, item in value.items() if key != "description" or not isinstance(item, str)}
        return {key: without_descriptions(item) for key, item in texts.items()}
    return [without_descriptions(item) for item in value] if isinstance(value, list) else value


@pytest.mark.skipif(not UPDATE.is_dir(), reason="the collection of documented bodies is not beside this checkout")
def test_the_connection_spec_is_the_documents(manifests):
    """Value by value, but for the words of its descriptions."""
    body = json.loads((UPDATE / "01-connectionSpecs-put-request.json").read_text())
    spec = resources(manifests, "prod")["ConnectionSpec/mailchimp-members"].spec
    assert without_descriptions(spec) == without_descriptions(body)
