"""References lead somewhere, to a fitting kind, and not round in a circle."""

import pytest


def source(name, base):
    return (
        f"apiVersion: reconciler/v1\nkind: SourceConnection\nmetadata: {{name: {name}}}\n"
        f"spec:\n  name: x\n  params:\n    other: {{ref: {base}}}\n"
    )


def test_a_reference_to_nowhere_is_an_error_at_its_place(problems):
    """With what is there, which is never the one that refers."""
    assert problems(source("a", "SourceConnection/b")) == [
        "m/a.yaml:7:12: there is no SourceConnection/b, nor any other SourceConnection on this target"
    ]
    there = source("ab", "1").replace("{ref: 1}", "1")
    assert problems(source("a", "SourceConnection/b") + "---\n" + there) == [
        "m/a.yaml:7:12: there is no SourceConnection/b; did you mean 'SourceConnection/ab'?"
    ]


def test_only_what_a_field_takes_is_suggested(problems, manifest):
    """A target connection of nearly that name is no base of a source connection."""
    spec = '{name: c, connectionSpec: {id: s, version: "1"}}'
    texts = [
        manifest("SourceConnection", "{name: s, baseConnectionId: {ref: Connection/crmm}}"),
        manifest("TargetConnection", "{name: t}").replace("name: x}\nspec", "name: crmm}\nspec"),
        manifest("Connection", spec).replace("name: x}\nspec", "name: crm}\nspec"),
    ]
    (problem,) = problems("---\n".join(texts))
    assert problem.endswith("there is no Connection/crmm; did you mean 'Connection/crm'?")


def test_of_many_only_the_beginning_is_listed(problems, manifest):
    """A thousand names help nobody."""
    texts = [manifest("Flow", "{name: y}", "id: f").replace("name: x", "name: zzzzzzzz")]
    for at in range(30):
        flow = manifest("Flow", "{name: y}", f"id: g-{at}").replace("name: x", f"name: b{at:02}")
        texts.append(flow)
    texts.append(manifest("TargetConnection", "{name: t, params: {a: {ref: Flow/qqqqqqqqqqqqqqqq}}}"))
    (problem,) = problems("---\n".join(texts))
    assert problem.endswith("Flow/b18, Flow/b19 and 11 more")


def test_left_out_of_two_targets_is_said_once(problems, manifest, folder):
    """Not once a target."""
    (folder / "third.yaml").write_text(
        "apiVersion: reconciler/v1\nkind: Target\nmetadata: {name: local}\nspec: {emulator: true}\n"
    )
    there = source("b", "1").replace("{ref: 1}", "1").replace("name: b", "name: b, targets: [prod]")
    (problem,) = problems(source("a", "SourceConnection/b") + "---\n" + there)
    assert problem.endswith("SourceConnection/b is not on targets dev, local: its metadata.targets leaves that out")


def test_a_reference_to_what_is_not_on_this_target_is_an_error(problems):
    """It says which target, and what leaves it out."""
    there = source("b", "SourceConnection/c").replace("name: b", "name: b, targets: [prod]")
    text = source("a", "SourceConnection/b") + "---\n" + there.replace("other: {ref: SourceConnection/c}", "other: 1")
    (problem,) = problems(text)
    assert problem == "m/a.yaml:7:12: SourceConnection/b is not on target dev: its metadata.targets leaves that out"


@pytest.mark.parametrize(
    ("names", "shown"),
    [("a", "SourceConnection/a -> SourceConnection/a"),
     ("ba", "SourceConnection/a -> SourceConnection/b -> SourceConnection/a"),
     ("abc", "SourceConnection/a -> SourceConnection/b -> SourceConnection/c -> SourceConnection/a")],
)  # fmt: skip
def test_a_circle_is_named_once(problems, names, shown):
    """From its least name on, at one of its references."""
    ring = zip(names, names[1:] + names[0], strict=True)
    (problem,) = problems("---\n".join(source(name, f"SourceConnection/{following}") for name, following in ring))
    assert f"references go round in a circle: {shown}; none can be created first" in problem


def test_every_circle_is_found(problems):
    """Not only the first."""
    pairs = ["ab", "ba", "cd", "dc", "ea"]
    text = "---\n".join(source(one, f"SourceConnection/{other}") for one, other in pairs)
    assert len(problems(text)) == 2


@pytest.mark.parametrize(
    ("kind", "spec", "message"),
    [
        (
            "SourceConnection",
            "{name: x, baseConnectionId: {ref: TargetConnection/t}}",
            "takes the id of a Connection, not",
        ),
        (
            "FlowSpec",
            "{name: x, providerId: p, sourceConnectionSpecIds: [{ref: TargetConnection/t}]}",
            "of a ConnectionSpec",
        ),
    ],
)
def test_a_reference_has_the_kind_that_the_field_takes(spec_problems, folder, manifest, kind, spec, message):
    """Where the service knows one."""
    (folder / "t.yaml").write_text(
        manifest("TargetConnection", "{name: x}").replace("name: x}\nspec", "name: t}\nspec")
    )
    (problem,) = spec_problems(kind, spec)
    assert message in problem
