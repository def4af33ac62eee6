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
        ("{sandbox: s, guards: {maxDeletes: -1}}", "greater than or equal to 0"),
        ("{sandbox: s, guards: {maxChangesPercent: 101}}", "less than or equal to 100"),
        ("{sandbox: s, settleSeconds: '45'}", "valid number"),
        ("{sandbox: s, ledger: {ref: ''}}", "at least 1 character"),
        ("{sandbox: DEV}", "spec.sandbox: sandbox DEV is target dev already, at m/targets.yaml:2:1"),
        ("{emulator: true, default: true}", "spec.default: the default is target dev already, at m/targets.yaml:2:1"),
    ],
)
def test_a_target_is_checked(problems, spec, message):
    """Never a host, one home, one default, one target a sandbox."""
    (problem,) = problems(target(spec), "z.yaml")
    assert problem.startswith("m/z.yaml:4:")
    assert message in problem


def test_a_target_has_only_a_name(problems):
    """Nothing of a resource's metadata makes sense for it."""
    (problem,) = problems(target("{emulator: true}", more=", protect: true"))
    assert "metadata.protect: unknown field" in problem


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
        with pytest.raises(UsageError, match="holds no manifest of kind Target"):
            ask()


def test_an_estate_is_of_its_target_only(loaded, manifest):
    """What is wrong on another target does not stop this one; validate says it."""
    spec = "{name: {valueFrom: {target: only}}}"
    manifests = loaded(target("{emulator: true, values: {only: x}}") + "---\n" + manifest("TargetConnection", spec))
    assert manifests.estate(manifests.target("x")).resources[0].spec == {"name": "x"}
    for ask in (manifests.validate, lambda: manifests.estate(manifests.target("dev"))):
        with pytest.raises(ManifestErrors, match="target dev has no value 'only'"):
            ask()
