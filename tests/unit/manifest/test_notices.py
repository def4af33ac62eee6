"""What is odd and stops nothing: each once, at its place, whatever the number of targets."""

import pytest

from reconciler.model.errors import ManifestErrors

SPEC = 'name: x, connectionSpec: {id: s, version: "1.0"}'


@pytest.fixture
def notices(loaded):
    """Return what validating points out, which each target's estate has as well."""

    def find(text):
        manifests = loaded(text)
        found = [str(notice) for notice in manifests.validate()]
        each = {str(one) for target in manifests.targets.values() for one in manifests.estate(target).notices}
        assert each == set(found)
        return found

    return find


def test_ignoring_what_is_not_there_is_pointed_out(notices, manifest):
    """It may be misspelt; the rest of the list counts."""
    text = manifest("TargetConnection", "{name: x, params: {a: 1}}", "ignore: [/params/a, /nothere]")
    assert notices(text) == ["m/a.yaml:3:41: /metadata/ignore/1: /nothere points to nothing in spec"]


def test_what_is_there_on_one_target_may_be_ignored_on_all(notices, manifest):
    """Whether an override adds it or removes it."""
    text = manifest("TargetConnection", "{name: x, description: y}", "ignore: [/params/a, /description]")
    assert notices(text + "overrides: {dev: {spec: {params: {a: 1}}}, prod: {spec: {description: null}}}\n") == []


def connection(password):
    return f"{{{SPEC}, auth: {{params: {{password: {{valueFrom: {password}}}}}}}}}"


def test_a_variable_that_only_some_may_read_is_pointed_out(notices, manifest):
    """Another machine's environment may allow it."""
    assert notices(manifest("Connection", connection("{env: FLOW_SECRET_A}"))) == []
    (notice,) = notices(manifest("Connection", connection("{env: SALESFORCE_PASSWORD}")))
    assert notice == (
        "m/a.yaml:4:102: /spec/auth/params/password may be read only where RECONCILER_SECRET_ENV allows "
        "SALESFORCE_PASSWORD"
    )


@pytest.mark.parametrize("path", ["../x", "a/../../x", ".."])
def test_a_file_that_climbs_out_is_refused(loaded, manifest, path):
    """No environment allows it."""
    with pytest.raises(ManifestErrors, match=r"m/a.yaml:4:103: /spec/auth/params/password: the file .* lies outside"):
        loaded(manifest("Connection", connection(f"{{file: {path}}}"))).validate()


def test_a_file_below_the_folder_is_fine(notices, manifest):
    """Also one with dots in its name."""
    assert notices(manifest("Connection", connection("{file: crm/..token}"))) == []


def named(name, metadata="", spec=SPEC):
    return f"apiVersion: reconciler/v1\nkind: Connection\nmetadata: {{name: {name}{metadata}}}\nspec: {{{spec}}}\n"


def test_two_that_ask_for_one_name_are_pointed_out(notices):
    """Nobody can tell which of the live objects is whose."""
    (notice,) = notices(named("b") + "---\n" + named("a"))
    assert notice == (
        "m/a.yaml:4:14: Connection/a and Connection/b ask for one name: without a ledger they cannot be told apart; "
        "give them metadata.id once they exist"
    )
    (notice,) = notices("---\n".join(map(named, "abc")))
    assert "Connection/a, Connection/b and Connection/c ask for one name" in notice


@pytest.mark.parametrize(
    "other",
    [
        named("b", ", id: i"),
        named("b", spec=SPEC.replace("id: s", "id: t")),
        named("b", spec=SPEC.replace("name: x", "name: y")),
        named("b", ", targets: [prod]"),
        named("b").replace("kind: Connection", "kind: SourceConnection"),
    ],
)
def test_what_can_be_told_apart_is_not(notices, other):
    """By an id, by the spec, by the name, by the kind; or where they are on no target together."""
    assert notices(named("a", ", targets: [dev]") + "---\n" + other) == []


def test_overrides_make_it_no_more_than_one_notice(notices):
    """The place is the same on every target."""
    more = "overrides: {dev: {spec: {name: d}}, prod: {spec: {name: p}}}\n"
    assert len(notices(named("a") + more + "---\n" + named("b") + more)) == 1
