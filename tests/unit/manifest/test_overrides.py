"""What is otherwise on one target."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.manifest import reader
from reconciler.manifest.merge import merge
from reconciler.manifest.nodes import plain
from reconciler.model.resources import Location, Reference


def with_overrides(overrides, spec="{name: x, params: {a: 1, b: 2}}", metadata="name: x"):
    return (
        f"apiVersion: reconciler/v1\nkind: TargetConnection\nmetadata: {{{metadata}}}\n"
        f"overrides:\n  dev: {overrides}\nspec: {spec}\n"
    )


def test_an_override_is_a_merge_patch_on_its_target_only(desired):
    """Objects are merged, null deletes, lists are replaced."""
    text = with_overrides("{spec: {name: y, params: {a: null, c: [3]}}}")
    assert desired(text, "dev").spec == {"name": "y", "params": {"b": 2, "c": [3]}}
    assert desired(text, "prod").spec == {"name": "x", "params": {"a": 1, "b": 2}}


def test_an_override_reaches_metadata(desired, loaded):
    """All but name and id; with targets it can also leave its target out."""
    text = with_overrides("{metadata: {protect: true, ignore: [/name]}}")
    assert desired(text, "dev").protect
    assert desired(text, "dev").ignore == (("name",),)
    assert not desired(text, "prod").protect
    manifests = loaded(with_overrides("{metadata: {targets: [prod]}}"))
    assert manifests.estate(manifests.target("dev")).resources == ()


@pytest.mark.parametrize(
    ("overrides", "place", "message"),
    [
        ("{metadata: {name: y}}", "5:20", "/overrides/dev/metadata/name: an override cannot change it"),
        ("{metadata: {id: y}}", "5:20", "write metadata.id as a map from target to id"),
        ("{metadata: {protect: 1}}", "5:29", "/metadata/protect: write true or false; found 1 (a number)"),
        ("{metadata: {portect: true}}", "5:20", "did you mean 'protect'?"),
        ("{spec: {nmae: y}}", "5:16", "did you mean 'name'?"),
        ("{spec: {params: 1}}", "5:24", "/spec/params must be a mapping"),
        (
            "{spec: null}",
            "5:15",
            "/overrides/dev/spec must be a mapping; found null (as all that is left empty): write a value, or",
        ),
        ("{metadata: {targets: [qa]}}", "5:30", "/overrides/dev/metadata/targets/0: there is no target 'qa'"),
        ("{}\n  qa: {}", "6:3", "/overrides/qa: there is no target 'qa'"),
    ],
)
def test_an_override_is_checked_where_it_is_written(problems, overrides, place, message):
    """At its own line, not at the line of what it overrides."""
    (problem,) = problems(with_overrides(overrides))
    assert problem.startswith(f"m/a.yaml:{place}: ")
    assert message in problem


def test_sugar_is_replaced_as_a_whole(loaded, manifest):
    """It stands for one value: a ref over a valueFrom is a ref, and data over it is that data."""
    base = manifest("Connection", "{name: x}", "id: c")
    spec = "{name: x, params: {a: {valueFrom: {target: dataset}}, b: {valueFrom: {target: dataset}}, c: {d: 1}}}"
    text = with_overrides(
        "{spec: {params: {a: {ref: Connection/x}, b: {e: 1}, c: {valueFrom: {target: dataset}}}}}", spec
    )
    manifests = loaded(base + "---\n" + text)
    params = manifests.estate(manifests.target("dev")).resources[1].spec["params"]
    assert isinstance(params["a"], Reference)
    assert params["b"] == {"e": 1}
    assert params["c"] == "d1"


def test_values_remember_where_they_were_written(desired):
    """In the body or in the override."""
    resource = desired(with_overrides("{spec: {params: {c: 3}}}"))
    assert resource.locate(("params", "c")) == Location("m/a.yaml", 5, 25)
    assert resource.locate(("params", "a")) == Location("m/a.yaml", 6, 26)


def merged_by_the_book(target, patch):
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merged_by_the_book(result.get(key), value)
    return result


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.sampled_from(["x", "y"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=12,
)


def node(value):
    return reader.read("a.json", json.dumps([value]).encode())[0][0].root.value[0]


@given(JSON, JSON)
def test_merging_is_rfc_7386(base, patch):
    """By the pseudo-code of the RFC, on any two documents."""
    assert plain(merge(node(base), node(patch))) == merged_by_the_book(base, patch)
