"""Targets: where manifests go."""

import pytest

from reconciler.manifest import load
from reconciler.model.errors import ManifestErrors, UsageError
from reconciler.model.resources import Guards, LedgerHome


def target(spec, name="x", more=""):
    return f"apiVersion: reconciler/v1\nkind: Target\nmetadata: {{name: {name}{more}}}\nspec: {spec}\n"


def test_a_target_has_all_in_its_spec(loaded):
    """Every field arrives as the model's."""
    spec = (
        "{sandbox: s, values: {a: 1}, guards: {maxDeletes: 0, maxChangesPercent: 10}, settleSeconds: 1.5, "
        "ledger: {ref: refs/x, remote: origin}}"
    )
    one = loaded(target(spec)).targets["x"]
    assert (one.sandbox, one.emulator, one.default, one.values) == ("s", False, False, {"a": 1})
    assert one.guards == Guards(0, 10)
    assert one.settle_seconds == 1.5
    assert one.ledger == LedgerHome("refs/x", "origin")
    assert one.source.file == "m/a.yaml"


def test_the_defaults_are_the_models(loaded):
    """What is left out is what the model says."""
    one = loaded(target("{emulator: true}")).targets["x"]
    assert (one.sandbox, one.emulator, one.guards, one.settle_seconds) == (None, True, Guards(), 45)
    assert one.ledger == LedgerHome()


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("{}", "either sandbox: NAME or emulator: true"),
        ("{sandbox: s, emulator: true}", "either sandbox: NAME or emulator: true"),
        ("{sandbox: 's/x'}", "technical name"),
        ("{sandbox: s, host: platform.adobe.io}", "a target never names a host"),
        ("{sandbox: s, valeus: {}}", "did you mean 'values'?"),
        ("{sandbox: s, guards: {maxDelete: 1}}", "did you mean 'maxDeletes'?"),
        ("{sandbox: s, guards: {maxDeletes: -1}}", "/spec/guards/maxDeletes must be 0 or more; found -1"),
        (
            "{sandbox: s, guards: {maxChangesPercent: 101}}",
            "/spec/guards/maxChangesPercent must be 100 or less; found 101",
        ),
        (
            "{sandbox: s, settleSeconds: '45'}",
            "/spec/settleSeconds must be a number; found '45': write it without quotes",
        ),
        ("{sandbox: s, ledger: {ref: ''}}", "/spec/ledger/ref must not be empty: write it, or leave it out"),
        ("{sandbox: s, guards: {maxDeletes: two}}", "/spec/guards/maxDeletes must be a whole number; found 'two'"),
        ("{sandbox: s, guards: {maxDeletes: 1.5}}", "must be a whole number; found 1.5"),
        ("{emulator: 'true'}", "/spec/emulator: write true or false, without quotes"),
        ("{sandbox: 7}", "/spec/sandbox must be text; found 7 (a number): quote it"),
        ("{sandbox: s, guards: }", "/spec/guards must be a mapping; found null (as all that is left empty): write a"),
        ("{sandbox: DEV}", "/spec/sandbox: sandbox DEV is target dev already, at m/targets.yaml:2:1"),
        ("{emulator: true, default: true}", "/spec/default: the default is target dev already, at m/targets.yaml:2:1"),
    ],
)
def test_a_target_is_checked(problems, spec, message):
    """Never a host, one home, one default, one target a sandbox."""
    (problem,) = problems(target(spec), "z.yaml")
    assert problem.startswith("m/z.yaml:4:")
    assert message in problem


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("{sandbox: a, ledger: {ref: refs/heads/l}}", "{sandbox: b, ledger: {ref: refs/heads/l}}"),
        ("{emulator: true, ledger: {ref: refs/heads/l}}", "{sandbox: b, ledger: {ref: refs/heads/l, remote: origin}}"),
        ("{sandbox: a}", "{sandbox: b, ledger: {ref: refs/reconciler/x}}"),
        ("{emulator: true, ledger: {remote: r}}", "{emulator: true, ledger: {ref: refs/reconciler/x, remote: r}}"),
        ("{sandbox: a, ledger: {ref: refs/reconciler/y}}", "{sandbox: b}"),
    ],
)
def test_no_ledger_is_of_two_targets(problems, first, second):
    """Each would let go of what the other manages; the remote that is not named is origin, the ref the target's own."""
    (problem,) = problems(target(first) + "---\n" + target(second, "y"))
    ref = "refs/heads/l" if "heads" in first else "refs/reconciler/y" if "/y" in first else "refs/reconciler/x"
    column = second.index("{ref") + 7 if "{ref" in second else 7
    assert problem == (
        f"m/a.yaml:9:{column}: /spec/ledger: target y would have its ledger on {ref}, as target x at m/a.yaml:1:1 has: "
        "give one of the two another ref"
    )


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("{sandbox: a, ledger: {ref: refs/heads/l}}", "{sandbox: b, ledger: {ref: refs/heads/m}}"),
        ("{sandbox: a, ledger: {ref: refs/heads/l}}", "{sandbox: b, ledger: {ref: refs/heads/l, remote: r}}"),
        ("{emulator: true}", "{sandbox: b, ledger: {ref: refs/reconciler/x}}"),
        ("{emulator: true, ledger: {}}", "{emulator: true, ledger: {ref: refs/reconciler/x}}"),
    ],
)
def test_ledgers_of_their_own(loaded, first, second):
    """Another ref or another remote is another ledger, and an emulator that says nothing of git has a folder."""
    assert {"x", "y"} <= loaded(target(first) + "---\n" + target(second, "y")).targets.keys()


def test_a_target_has_only_a_name(problems):
    """Nothing of a resource's metadata makes sense for it."""
    (problem,) = problems(target("{emulator: true}", more=", protect: true"))
    assert "/metadata/protect: unknown field" in problem


def test_the_default_target_is_the_one_that_says_so_or_the_only_one(folder, loaded):
    """Else it must be named."""
    manifests = load(folder)
    assert manifests.target(None).name == "dev"
    assert manifests.target("prod").sandbox == "prod"
    (folder / "targets.yaml").write_text(target("{sandbox: only}", "only"))
    assert load(folder).default_target().name == "only"
    with pytest.raises(UsageError, match=r"name one with --target \(the targets are only, x\)"):
        loaded(target("{emulator: true}")).target(None)


def test_an_unknown_target_is_refused_with_the_known_ones(folder):
    """All of them."""
    with pytest.raises(UsageError, match="there is no target 'qa' in m: the targets are dev, prod"):
        load(folder).target("qa")


def test_without_targets_nothing_can_be_said(folder, manifest):
    """The message says what to write."""
    (folder / "targets.yaml").write_text(manifest("TargetConnection", "{name: x}"))
    manifests = load(folder)
    for ask in (manifests.validate, manifests.default_target):
        with pytest.raises(
            UsageError,
            match=r"m: there is no Target manifest: add one, e\.g\. kind: Target with spec: \{emulator: true\}",
        ):
            ask()


def test_an_estate_is_of_its_target_only(loaded, manifest):
    """What is wrong on another target does not stop this one; validate says it."""
    spec = "{name: {valueFrom: {target: only}}}"
    manifests = loaded(target("{emulator: true, values: {only: x}}") + "---\n" + manifest("TargetConnection", spec))
    assert manifests.estate(manifests.target("x")).resources[0].spec == {"name": "x"}
    with pytest.raises(ManifestErrors, match="targets dev, prod have no value 'only'"):
        manifests.validate()
    with pytest.raises(ManifestErrors, match="target dev has no value 'only': add it to"):
        manifests.estate(manifests.target("dev"))


def test_a_value_that_no_target_has_is_said_once(problems, manifest):
    """With all the targets, and what one of them has."""
    local = target("{emulator: true, values: {mappingId: m}}", "local")
    asks = manifest("TargetConnection", "{name: {valueFrom: {target: mapingId}}}")
    (problem,) = problems(local + "---\n" + asks)
    assert problem == ("m/a.yaml:9:35: targets dev, local, prod have no value 'mapingId'; did you mean 'mappingId'?")


def test_without_targets_their_names_are_not_wrong(folder, problems, manifest):
    """The first thing to do is to write a target, and only that is said of them."""
    (folder / "targets.yaml").unlink()
    text = manifest("Flow", "{name: x}", "targets: [dev], protct: 1") + "overrides: {prod: {spec: {}}}\n"
    first, second = problems(text)
    assert first == "m:1:1: there is no Target manifest: add one, e.g. kind: Target with spec: {emulator: true}"
    assert "/metadata/protct" in second
