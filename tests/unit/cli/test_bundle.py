"""All secrets in one variable."""

from __future__ import annotations

import json

import pytest
from support.chain import apply_chain, declare_chain

VALUES = {"FLOW_SECRET_DB": "from-the-bundle"}


def test_an_apply_finds_its_secrets_there(bench):
    """And what it holds is masked, in every form."""
    declare_chain(bench)
    bench.environ |= {"FLOW_SECRET_DB": "", "RECONCILER_SECRETS": json.dumps(VALUES)}
    ran = bench.run("apply", "--yes", "--format", "json")
    assert ran.code == 0, ran.err
    id = next(one["id"] for one in ran.json["results"] if one["resource"] == "Connection/warehouse")
    bodies = [request.body for request in bench.writes() if request.path.endswith("/connections")]
    assert id
    assert bodies[0]["auth"]["params"]["password"] == "from-the-bundle"
    assert "from-the-bundle" not in ran.out + ran.err


def test_a_variable_of_its_own_counts_more(bench):
    """Whoever sets one means it."""
    declare_chain(bench)
    bench.environ |= {"FLOW_SECRET_DB": "of-its-own", "RECONCILER_SECRETS": json.dumps(VALUES)}
    assert bench.run("apply", "--yes").code == 0
    bodies = [request.body for request in bench.writes() if request.path.endswith("/connections")]
    assert bodies[0]["auth"]["params"]["password"] == "of-its-own"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("canary", "is no JSON"),
        ("[" * 100_000, "is no JSON"),
        ('["canary"]', "JSON of another form"),
        ('{"FLOW_SECRET_A": 1}', "JSON of another form"),
        ('{"AEP_CLIENT_SECRET": "canary"}', "'AEP_CLIENT_SECRET' is no name of a secret"),
    ],
)
def test_what_is_no_bundle(bench, text, told):
    """It is told how one looks, without what stands there."""
    bench.environ["RECONCILER_SECRETS"] = text
    ran = bench.run("targets")
    assert ran.code == 1
    assert ran.err.startswith("error: RECONCILER_SECRETS: write a JSON object")
    assert told in ran.err
    assert "canary" not in ran.err


def test_one_that_no_manifest_names_is_masked_too(bench):
    """The service may show it all the same."""
    ids = apply_chain(bench)
    bench.environ["RECONCILER_SECRETS"] = json.dumps({"FLOW_SECRET_OTHER": "canary-of-another"})
    bench.edit("connections", ids["Connection/warehouse"], lambda one: one.update(description="canary-of-another"))
    assert "•••" in bench.run("plan").out
    assert "canary-of-another" not in bench.run("plan", "--format", "json").out
