"""The envelope of a manifest: known fields, right types, every mistake at its place."""

import pytest

from reconciler.manifest import load
from reconciler.model.errors import ManifestErrors
from reconciler.model.kinds import Kind
from reconciler.model.resources import Location, OnRemove, ResourceName

ID = "id: f-1"


def test_metadata_becomes_desired(desired):
    """Every field of the contract arrives; the name's kind is the manifest's."""
    text = (
        "apiVersion: reconciler/v1\nkind: Flow\nmetadata:\n  name: a\n  id: f-1\n  previousName: b\n  protect: true\n"
        "  onRemove: forget\n  onImmutable: block\n  ignore: [/description, /transformations/1/params/mappingVersion]\n"
        "  targets: [dev]\nspec:\n  description: x\n  transformations:\n    - {name: Copy}\n    - name: Mapping\n"
        "      params: {mappingVersion: 0}\n"
    )
    resource = desired(text)
    assert resource.name == ResourceName(Kind.FLOW, "a")
    assert resource.id == "f-1"
    assert resource.previous_name == ResourceName(Kind.FLOW, "b")
    assert resource.protect
    assert resource.on_remove is OnRemove.FORGET
    assert resource.ignore == (("description",), ("transformations", "[name=Mapping]", "params", "mappingVersion"))
    assert resource.source == Location("m/a.yaml", 1, 1)


def test_defaults(desired, manifest):
    """Orphaned when it leaves git, not protected, nothing ignored, without an id."""
    resource = desired(manifest("TargetConnection", "{name: x}"))
    assert resource.id is None
    assert resource.previous_name is None
    assert not resource.protect
    assert resource.on_remove is OnRemove.ORPHAN
    assert resource.ignore == ()


@pytest.mark.parametrize(
    ("metadata", "place", "message"),
    [
        ("protet: true", "3:21", "/metadata/protet: unknown field; did you mean 'protect'?"),
        ("protect: yes", "3:30", "/metadata/protect: write true or false (yes is text in YAML 1.2)"),
        ("protect: 'True'", "3:30", "/metadata/protect: write true or false, without quotes"),
        ("protect: maybe", "3:30", "/metadata/protect: write true or false; found 'maybe'"),
        ("onRemove: delete", "3:31", "/metadata/onRemove must be 'orphan' or 'forget'; found 'delete'"),
        ("onImmutable: other", "3:34", "/metadata/onImmutable must be 'block' or 'replace'; found 'other'"),
        ("previousName: A", "3:35", "a name is lower-case letters"),
        ("id: ''", "3:25", "an id is the service's own"),
        ("id: a/b", "3:25", "an id is the service's own"),
        ("id: ..", "3:25", "an id is the service's own"),
        (
            "id: 5",
            "3:25",
            "/metadata/id must be an id, as text, or a map from target to id; found 5 (a number): quote it",
        ),
        ("id: {dev: a b}", "3:31", "/metadata/id/dev: an id is the service's own"),
        ("id: {qa: a}", "3:26", "/metadata/id/qa: there is no target 'qa'; known are: dev, prod"),
        ("targets: [dve]", "3:31", "/metadata/targets/0: there is no target 'dve'; did you mean 'dev'?"),
        ("targets: []", "3:30", "/metadata/targets: name at least one target, or leave it out"),
        ("ignore: description", "3:29", "/metadata/ignore must be a list, as in [/description]; found 'description'"),
        ("ignore: [description]", "3:30", "a JSON Pointer starts with '/'"),
        ("ignore: [/a~2]", "3:30", "'~' is written ~0"),
        ("previousName: x-old, x: 1", "3:42", "unknown field"),
    ],
)
def test_metadata_is_checked(spec_problems, metadata, place, message):
    """Unknown fields at their key, wrong values at the value, with what to write."""
    (problem,) = spec_problems("TargetConnection", "{name: x}", metadata)
    assert problem.startswith(f"m/a.yaml:{place}: ")
    assert message in problem


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("just text", "1:1", "a manifest is a mapping of apiVersion, kind, metadata and spec; found a text"),
        ("[1]", "1:1", "found a list"),
        ("kind: Flow\nmetadata: {name: x, id: f}\nspec: {name: y}", "1:1", "apiVersion must be reconciler/v1; it is"),
        ("apiVersion: v1\nkind: Flow\nmetadata: {name: x, id: f}\nspec: {name: y}", "1:13", "found 'v1'"),
        ("apiVersion: reconciler/v1\nmetadata: {}", "1:1", "kind is missing"),
        ("apiVersion: reconciler/v1\nkind: flow", "2:7", "unknown kind 'flow'; did you mean 'Flow'?"),
        ("apiVersion: reconciler/v1\nkind: [1]", "2:7", "unknown kind a list"),
        ("apiVersion: reconciler/v1\nkind: Flow", "1:1", "/metadata is missing: write metadata: {name: …}"),
        ("apiVersion: reconciler/v1\nkind: Flow\nmetadata: {}", "3:11", "/metadata/name is missing: what git calls it"),
        (
            "apiVersion: reconciler/v1\nkind: Flow\nmetadata: x\nspec: y",
            "3:11",
            "/metadata must be a mapping; found 'x'",
        ),
        (
            "apiVersion: reconciler/v1\nkind: Flow\nmetadata: {name: x}\nspec: [y]",
            "4:7",
            "/spec must be a mapping; found a list",
        ),
        ("apiVersion: reconciler/v1\nkind: Flow\nmetadata: {name: A_b}\nspec: {}", "3:18", "a name is lower-case"),
        (
            "apiVersion: reconciler/v1\nkind: Flow\nmetadata: {name: x}\nspecs: {}\nspec: {}",
            "4:1",
            "did you mean 'spec'",
        ),
        ("apiVersion: reconciler/v1\nkind: Flow\nmetadata: {name: x}\noverrides: 1\nspec: {}", "4:12", "overrides"),
        (
            "apiVersion: reconciler/v1\nkind: Flow\nmetadata: {name: x}\noverrides: {dev: {sepc: 1}}\nspec: {}",
            "4:19",
            "/overrides/dev/sepc: unknown field; did you mean 'spec'?",
        ),
    ],
)
def test_the_envelope_is_checked(problems, text, place, message):
    """Each mistake at its place."""
    assert any(one.startswith(f"m/a.yaml:{place}: ") and message in one for one in problems(text)), problems(text)


@pytest.mark.parametrize("length", [100, 101])
def test_names_have_100_characters_at_most(problems, length):
    """One more is an error."""
    text = f"apiVersion: reconciler/v1\nkind: Flow\nmetadata: {{name: {'a' * length}, id: f}}\nspec: {{name: x}}\n"
    assert len(problems(text)) == length - 100


def test_names_are_unique_per_kind(problems, folder, manifest):
    """Both places are named; another kind may have the same name."""
    (folder / "0.yaml").write_text(manifest("TargetConnection", "{name: x}"))
    assert problems(manifest("SourceConnection", "{name: x}")) == []
    (problem,) = problems(manifest("TargetConnection", "{name: x}"))
    assert problem == "m/a.yaml:3:18: TargetConnection/x stands here and at m/0.yaml:3:18: rename one of the two"


def test_everything_is_reported_in_one_run(folder, manifest):
    """A syntax error here, an unknown field there, a bad override and a missing value: all at once."""
    (folder / "broken.yaml").write_text("a: [")
    (folder / "field.yaml").write_text(manifest("TargetConnection", "{name: x, nmae: y}"))
    (folder / "envelope.yaml").write_text(manifest("Connection", "{name: x}", "protcet: true"))
    (folder / "value.yaml").write_text(manifest("SourceConnection", "{name: {valueFrom: {target: nothing}}}"))
    with pytest.raises(ManifestErrors) as error:
        load(folder)
    files = [problem.location.file for problem in error.value.problems]
    assert sorted(set(files)) == ["m/broken.yaml", "m/envelope.yaml", "m/field.yaml", "m/value.yaml"]
    assert len([file for file in files if file == "m/field.yaml"]) == 1, "once, not once a target"


def test_what_stands_in_a_broken_manifest_is_not_missed(folder, manifest):
    """A reference to a manifest with a mistake is right, to nowhere it is wrong; in between nobody can tell."""
    (folder / "base.yaml").write_text(manifest("Connection", "{name: x}", "protcet: true"))
    (folder / "spec.yaml").write_text(manifest("SourceConnection", "1").replace("name: x", "name: y"))
    refs = "{name: x, baseConnectionId: {ref: Connection/x}, params: {other: {ref: SourceConnection/y}}}"
    (folder / "a.yaml").write_text(manifest("SourceConnection", refs))
    (folder / "b.yaml").write_text(manifest("TargetConnection", "{name: x, baseConnectionId: {ref: Connection/y}}"))
    with pytest.raises(ManifestErrors) as error:
        load(folder)
    assert {problem.location.file for problem in error.value.problems} == {"m/b.yaml", "m/base.yaml", "m/spec.yaml"}
    (folder / "c.yaml").write_text("[")
    with pytest.raises(ManifestErrors) as error:
        load(folder)
    assert {problem.location.file for problem in error.value.problems} == {"m/base.yaml", "m/c.yaml", "m/spec.yaml"}


def test_one_object_is_adopted_once(problems, folder, manifest):
    """Two manifests of a kind with one id would fight."""
    (folder / "0.yaml").write_text(manifest("Flow", "{name: x}", ID).replace("name: x,", "name: y,"))
    assert problems(manifest("TargetConnection", "{name: x}", ID)) == []
    (problem,) = problems(manifest("Flow", "{name: x}", ID))
    assert "m/a.yaml:3:25: /metadata/id: Flow/y at m/0.yaml:1:1 adopts the same id" in problem


def test_a_former_name_is_free_and_used_once(problems, folder, manifest):
    """A manifest that still has the name, or another that says it had, is an error."""
    (folder / "0.yaml").write_text(manifest("Flow", "{name: x}", ID).replace("name: x,", "name: y,"))
    (problem,) = problems(manifest("Flow", "{name: x}", "previousName: y, id: f"))
    assert "/metadata/previousName: Flow/y still is a manifest, at m/0.yaml:1:1" in problem
    (folder / "0.yaml").write_text(
        manifest("Flow", "{name: x}", "previousName: z").replace("name: x,", "name: y, id: g,")
    )
    (problem,) = problems(manifest("Flow", "{name: x}", "previousName: z, id: f"))
    assert "/metadata/previousName: Flow/y at m/0.yaml:1:1 was Flow/z, too" in problem


def test_a_wrong_envelope_hides_no_other_mistake(problems):
    """Not the spec's, not the overrides'; and nothing is reported that only follows from the first mistake."""
    text = (
        "apiVersion: v1\nkind: Flow\nmetadata: {name: A, id: [f], protcet: 1}\n"
        "overrides: {qa: {spec: {}}, dev: {spec: 1, metadata: {name: x}}}\nspec: {state: on, etag: x}\n"
    )
    assert [problem.split(": ")[1].split(";")[0] for problem in problems(text + "---\n" + text.replace("A", "B"))] == [
        "apiVersion must be reconciler/v1",
        "/metadata/name",
        "/metadata/id must be an id, as text, or a map from target to id",
        "/metadata/protcet",
        "/overrides/qa",
        "/overrides/dev/spec must be a mapping",
        "/overrides/dev/metadata/name",
        "/spec/state is enabled or disabled",
        "/spec/etag is owned by the service",
    ] * 2
