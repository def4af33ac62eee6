"""References, values of targets and secrets in a spec; and what only looks like them."""

import pytest

from reconciler.model.resources import Reference, ResourceName
from reconciler.model.secrets import SecretOrigin, SecretSlot

SPEC = 'name: x, connectionSpec: {id: s, version: "1.0"}'


def reference(text):
    return Reference(ResourceName.parse(text))


def test_references_become_leaves(loaded, manifest):
    """Anywhere: in a field, in a list, deep in params."""
    text = manifest(
        "SourceConnection", "{name: x, baseConnectionId: {ref: Connection/x}, params: {a: [{ref: Connection/x}]}}"
    )
    manifests = loaded(text + "---\n" + manifest("Connection", f"{{{SPEC}}}"))
    _, source = manifests.estate(manifests.target("dev")).resources
    assert source.spec["baseConnectionId"] == reference("Connection/x")
    assert source.spec["params"] == {"a": [reference("Connection/x")]}


@pytest.mark.parametrize(
    "data",
    ["{ref: main}", "{ref: heads/main}", "{ref: Target/dev}", "{ref: 1}", "{ref: {a: 1}}", "{ref: Flow/x, b: 1}",
     "{valueFrom: 1, b: 2}"],
)  # fmt: skip
def test_all_else_is_plain_data(desired, manifest, data):
    """A mapping of another key, of more keys, or of a ref that names no kind."""
    params = desired(manifest("TargetConnection", f"{{name: x, params: {{a: {data}}}}}")).spec["params"]
    assert isinstance(params["a"], dict)
    assert all(isinstance(value, str | int | dict) for value in params["a"].values())


@pytest.mark.parametrize(
    ("sugar", "message"),
    [
        ("{valueFrom: x}", "exactly one of target, env or file"),
        ("{valueFrom: {}}", "found a mapping of nothing"),
        ("{valueFrom: {env: A, file: B}}", "found a mapping of env, file"),
        ("{valueFrom: {secret: A}}", "found a mapping of secret"),
        ("{valueFrom: {env: 1}}", "valueFrom.env takes a name, as text; found 1"),
        ("{valueFrom: {target: ''}}", "valueFrom.target takes a name"),
        ("{valueFrom: {env: a-b}}", "this cannot name an environment variable"),
        (
            "{valueFrom: {target: datset}}",
            "targets dev, prod have no value 'datset'; did you mean 'dat",
        ),
        ("{ref: Connection/A_b}", "a name is lower-case letters"),
        ("{ref: Connection/nothing}", "there is no Connection/nothing"),
    ],
)
def test_sugar_must_be_well_formed(spec_problems, sugar, message):
    """What is meant as sugar is never sent as data."""
    found = spec_problems("Connection", f"{{{SPEC}, auth: {{params: {{a: {sugar}}}}}}}")
    assert any("m/a.yaml:4:" in one and message in one for one in found), found


def test_a_targets_value_stands_in(desired, manifest):
    """Of any type, nested anywhere; each target has its own, which no resource can change for another."""
    text = manifest(
        "TargetConnection", "{name: x, params: {a: [{valueFrom: {target: list}}], b: {valueFrom: {target: dataset}}}}"
    )
    assert desired(text, "dev").spec["params"] == {"a": [[1, 2]], "b": "d1"}
    assert desired(text, "prod").spec["params"] == {"a": [[]], "b": "d2"}


def test_secrets_become_slots(desired, manifest):
    """With where they stand and where they come from."""
    params = "{password: {valueFrom: {env: FLOW_SECRET_A}}, list: [{valueFrom: {file: crm/token}}]}"
    spec = f"{{{SPEC}, auth: {{params: {params}}}, encryption: {{params: {{key: {{valueFrom: {{env: B}}}}}}}}}}"
    found = desired(manifest("Connection", spec)).spec
    slots = [
        found["auth"]["params"]["password"],
        found["auth"]["params"]["list"][0],
        found["encryption"]["params"]["key"],
    ]
    assert [(slot.pointer, slot.origin, slot.key) for slot in slots] == [
        ("/auth/params/password", SecretOrigin.ENV, "FLOW_SECRET_A"),
        ("/auth/params/list/0", SecretOrigin.FILE, "crm/token"),
        ("/encryption/params/key", SecretOrigin.ENV, "B"),
    ]


@pytest.mark.parametrize(
    "spec",
    [
        f"{{{SPEC}, description: {{valueFrom: {{env: FLOW_SECRET_A}}}}}}",
        f"{{{SPEC}, auth: {{params: {{valueFrom: {{env: A}}}}}}}}",
    ],
)
def test_secrets_stand_below_params_only(spec_problems, spec):
    """Elsewhere they would be shown, and compared."""
    (problem,) = spec_problems("Connection", spec)
    assert "only below auth.params and encryption.params" in problem


def literal_slots(value):
    if isinstance(value, SecretSlot):
        return [(value.pointer, value.literal.reveal())]
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
    return [slot for child in children for slot in literal_slots(child)]


def test_a_literal_password_is_warned_of_and_masked(loaded, manifest):
    """By its key's name, also nested below one; what is no text or is empty hides nothing."""
    params = "{username: u, password: hunter2, port: 5, secrets: {a: [b, true]}, token: '', list: [{apiKey: k}]}"
    manifests = loaded(manifest("Connection", f"{{{SPEC}, auth: {{params: {params}}}}}"))
    estate = manifests.estate(manifests.target(None))
    found = estate.resources[0].spec["auth"]["params"]
    assert found["username"] == "u"
    assert found["port"] == 5
    assert literal_slots(found) == [
        ("/auth/params/password", "hunter2"),
        ("/auth/params/secrets/a/0", "b"),
        ("/auth/params/list/0/apiKey", "k"),
    ]
    assert [str(notice)[:16] for notice in estate.notices] == [
        "m/a.yaml:4:97: /",
        "m/a.yaml:4:129: ",
        "m/a.yaml:4:167: ",
    ]
    assert all("written into git" in notice.message and "hunter2" not in str(notice) for notice in estate.notices)
    assert "hunter2" not in repr(estate)
    assert len(manifests.validate()) == 3, "once, not once a target"


@pytest.mark.parametrize("spec_id", ["{ref: ConnectionSpec/x}", "spec-1"])
def test_a_connection_spec_in_git_says_what_is_a_password(loaded, manifest, spec_id):
    """Referred to, or by its id; only the auth spec that is used counts."""
    marked = "{{properties: {{{}: {{format: password}}}}}}"
    auth = f"[{{name: A, spec: {marked.format('code')}}}, {{name: B, spec: {marked.format('user')}}}]"
    spec = manifest("ConnectionSpec", f"{{authSpec: {auth}}}", "id: spec-1")
    params = "auth: {specName: A, params: {code: c, user: u}}"
    use = f"{{name: x, connectionSpec: {{id: {spec_id}, version: '1'}}, {params}}}"
    manifests = loaded(spec + "---\n" + manifest("Connection", use))
    found = manifests.estate(manifests.target(None)).resources[0].spec["auth"]["params"]
    assert isinstance(found["code"], SecretSlot)
    assert found["user"] == "u"


def test_a_targets_value_under_a_passwords_key_is_a_literal_too(loaded, manifest):
    """It stands in git all the same."""
    manifests = loaded(
        manifest("Connection", f"{{{SPEC}, auth: {{params: {{password: {{valueFrom: {{target: dataset}}}}}}}}}}")
    )
    assert len(manifests.validate()) == 1, "one place, whatever the target"


def test_a_number_under_a_passwords_key_is_pointed_out(loaded, manifest):
    """It is sent as a number, and so it is shown."""
    manifests = loaded(manifest("Connection", f"{{{SPEC}, auth: {{params: {{tokenLifetime: 3600, password: null}}}}}}"))
    (notice,) = manifests.validate()
    assert "/auth/params/tokenLifetime is shown, being a number" in str(notice)


def test_a_reference_is_no_mapping_and_no_list(spec_problems):
    """It stands for an id."""
    found = spec_problems("TargetConnection", "{name: x, data: {ref: Connection/x}}")
    assert any("/spec/data must be a mapping; found a reference" in problem for problem in found)


def test_wrong_sugar_is_reported_once(spec_problems):
    """Not once more for its shape."""
    wrong = "{valueFrom: x}"
    spec = f"{{name: {wrong}, state: {wrong}, transformations: {wrong}, scheduleParams: {{startTime: {wrong}}}}}"
    assert len(spec_problems("Flow", spec, "id: f")) == 4
