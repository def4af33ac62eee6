"""A spec is a body that Flow Service can take."""

import pytest

SPEC = 'connectionSpec: {id: s, version: "1.0"}'
FLOW = 'name: f, flowSpec: {id: s, version: "1.0"}, sourceConnectionIds: [a], targetConnectionIds: [b]'


@pytest.mark.parametrize(
    ("kind", "spec", "place", "message"),
    [
        (
            "Connection",
            f"{{name: x, nmae: y, {SPEC}}}",
            "4:17",
            "/spec/nmae: unknown field of a Connection; did you mean 'n",
        ),
        ("Connection", f"{{name: x, {SPEC}, etag: y}}", "4:58", "/spec/etag is owned by the service: remove it"),
        ("Connection", f"{{name: x, {SPEC}, state: enabled}}", "4:58", "/spec/state is owned by the service"),
        ("Connection", f"{{name: x, {SPEC}, version: '1'}}", "4:58", "/spec/version is owned by the service"),
        ("FlowSpec", "{id: x, name: y, providerId: z}", "4:8", "put it in metadata.id"),
        (
            "Connection",
            "{name: 5, " + SPEC + "}",
            "4:14",
            '/spec/name must be text; found 5 (a number); quote it, as in "1.0"',
        ),
        ("Connection", "{name: null, " + SPEC + "}", "4:14", "/spec/name must be text; found null"),
        ("Connection", "{name: x, connectionSpec: {id: s, version: 1.0}}", "4:50", "found 1.0 (a number); quote it"),
        ("Connection", "{name: x, connectionSpec: {id: s, version: true}}", "4:50", "(a boolean); quote it"),
        ("Connection", "{name: x, connectionSpec: {id: s}}", "4:33", 'write version: "1.0"'),
        ("Connection", '{name: x, connectionSpec: {version: "1"}}', "4:33", "/spec/connectionSpec/id is missing"),
        ("Connection", '{name: x, connectionSpec: {id: "", version: "1"}}', "4:38", "is an empty id"),
        ("Connection", '{name: x, connectionSpec: {id: 1, version: "1"}}', "4:38", "must be an id or {ref: Kind/name}"),
        ("Connection", '{name: x, connectionSpec: {id: a, versoin: "1"}}', "4:41", "did you mean 'version'?"),
        ("Connection", "{name: x, connectionSpec: s}", "4:33", "/spec/connectionSpec must be a mapping; found a text"),
        ("Connection", "{name: x}", "4:7", "/spec/connectionSpec is missing: without metadata.id"),
        ("Connection", f"{{name: x, {SPEC}, auth: secret}}", "4:64", "/spec/auth must be a mapping; found a text"),
        ("Connection", f"{{name: x, {SPEC}, auth: {{params: [1]}}}}", "4:73", "must be a mapping; found a list"),
        ("SourceConnection", "{}", "4:7", "/spec/name is missing"),
        ("SourceConnection", "{name: x, data: [1]}", "4:23", "/spec/data must be a mapping"),
        ("Flow", "{name: x}", "4:7", "/spec/flowSpec is missing"),
        ("Flow", f"{{{FLOW}, transformations: {{}}}}", "4:", "/spec/transformations must be a list; found a mapping"),
        ("Flow", f"{{{FLOW}, transformations: [1]}}", "4:", "/spec/transformations/0 must be a mapping"),
        ("Flow", f"{{{FLOW}, transformations: [{{params: {{}}}}]}}", "4:", "is known by its name"),
        ("Flow", f"{{{FLOW}, state: on}}", "4:", "/spec/state is enabled or disabled; found 'on'"),
        ("Flow", f"{{{FLOW}, state: null}}", "4:", "/spec/state is enabled or disabled; found null"),
        ("Flow", f"{{{FLOW}, scheduleParams: 1}}", "4:", "/spec/scheduleParams must be a mapping"),
        ("Flow", f"{{{FLOW}, scheduleParams: {{startTime: 2027-01-04T06:00:00}}}}", "4:", "without a zone"),
        ("Flow", f"{{{FLOW}, scheduleParams: {{startTime: 2027-01-04}}}}", "4:", "ISO 8601 to the second with a zone"),
        ("Flow", f"{{{FLOW}, scheduleParams: {{endTime: 2027-13-04T06:00:00Z}}}}", "4:", "there is no such time"),
        ("Flow", f"{{{FLOW}, scheduleParams: {{endTime: 1927-01-04T06:00:00Z}}}}", "4:", "before 1970"),
        ("Flow", f"{{{FLOW}, scheduleParams: {{startTime: true}}}}", "4:", "must be a time; found true"),
        ("Flow", f"{{{FLOW}, scheduleParams: {{startTime: 1.5}}}}", "4:", "must be a time; found 1.5"),
        (
            "Flow",
            "{name: f, flowSpec: {id: s, version: '1'}, sourceConnectionIds: a, targetConnectionIds: [1]}",
            "4:",
            "list",
        ),
        ("ConnectionSpec", "{name: x}", "4:7", "/spec/providerId is missing"),
        ("ConnectionSpec", "{name: x, providerId: p, authSpec: {}}", "4:42", "/spec/authSpec must be a list"),
    ],
)
def test_a_body_that_the_service_cannot_take_is_refused(spec_problems, kind, spec, place, message):
    """At the place where it is wrong, with what to do."""
    found = spec_problems(kind, spec)
    assert any(one.startswith(f"m/a.yaml:{place}") and message in one for one in found), found


@pytest.mark.parametrize(
    ("kind", "spec"),
    [
        ("Flow", "{scheduleParams: {frequency: day}}"),
        ("Flow", "{state: disabled}"),
        ("Flow", "{flowSpec: {id: x}}"),
        ("Connection", "{description: x}"),
        ("FlowSpec", "{sourceConnectionSpecIds: [a]}"),
        ("ConnectionSpec", "{version: '1.1'}"),
        ("Connection", "{connectionSpec: {id: a, version: null}}"),
    ],
)
def test_with_an_id_a_part_is_complete(spec_problems, kind, spec):
    """What is not declared is not managed."""
    assert spec_problems(kind, spec, "id: {dev: a, prod: b}") == []


def test_completeness_is_asked_where_the_id_is_missing(spec_problems):
    """With an id on dev only, prod may have to create."""
    (problem,) = spec_problems("Connection", "{name: x}", "id: {dev: a}")
    assert "/spec/connectionSpec is missing" in problem


def test_a_spec_that_declares_nothing_is_an_error(spec_problems):
    """It manages nothing."""
    (problem,) = spec_problems("Flow", "{}", "id: a")
    assert "declares nothing" in problem


def test_null_means_must_be_absent(desired, manifest):
    """It stays null wherever a field can be absent."""
    spec = f"{{name: x, description: null, {SPEC}, auth: {{params: {{a: null}}}}, encryption: null}}"
    found = desired(manifest("Connection", spec)).spec
    assert found["description"] is None
    assert found["encryption"] is None
    assert found["auth"] == {"params": {"a": None}}


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("2027-01-04T06:00:00Z", 1799042400),
        ("2027-01-04T07:00:00+01:00", 1799042400),
        ("2027-01-04t06:00z", 1799042400),
        ("2027-01-04T06:00:00.000Z", 1799042400),
        ('"1612310466"', "1612310466"),
        ("1612310466", 1612310466),
        ("null", None),
        ("{valueFrom: {target: start}}", 1799042400),
    ],
)
def test_times_are_sent_as_epoch_seconds(desired, manifest, written, sent):
    """ISO 8601 becomes a number; what is epoch seconds already is sent as it was written."""
    spec = f"{{{FLOW}, scheduleParams: {{startTime: {written}, endTime: {written}}}}}"
    assert desired(manifest("Flow", spec)).spec["scheduleParams"] == {"startTime": sent, "endTime": sent}


def test_a_passwords_text_is_in_no_message(spec_problems):
    """Not where a text stands in place of a mapping, nor where it is taken for a variable's name."""
    spec = (
        f"{{name: x, {SPEC}, auth: hunter2-hunter2, encryption: {{params: {{p: {{valueFrom: hunter2}}, q: {{valueFrom: "
    )
    found = spec_problems("Connection", spec + "{env: hunter2-x}}}}}")
    assert len(found) == 3
    assert not any("hunter2" in problem for problem in found)


@pytest.mark.parametrize(
    ("kind", "spec", "message"),
    [
        (
            "SourceConnection",
            "{name: x, baseConnectionId: {ref: connection/x}}",
            "/spec/baseConnectionId: unknown kind 'connection'; did you mean 'Connection'?",
        ),
        (
            "Flow",
            "{sourceConnectionIds: [{ref: sourceConnection/x}]}",
            "/spec/sourceConnectionIds/0: unknown kind 'sourceConnection'; did you mean 'SourceConnection'?",
        ),
        (
            "Connection",
            "{connectionSpec: {id: {ref: ConnectionSpec}}}",
            "/spec/connectionSpec/id: a ref is Kind/name, e.g. Connection/crm",
        ),
        ("Connection", "{name: {ref: 5}}", "/spec/name: a ref is Kind/name, e.g. Connection/crm"),
    ],
)
def test_a_misspelt_reference_is_no_data_where_an_id_must_stand(spec_problems, kind, spec, message):
    """It says what a ref is, or which kind was meant; in params it is data, as test_sugar has it."""
    (problem,) = spec_problems(kind, spec, "id: f")
    assert problem.endswith(": " + message)


ONE_OF = "/spec/scheduleParams/frequency is one of once, minute, hour, day, week; found "


@pytest.mark.parametrize(
    ("schedule", "message"),
    [
        ("frequency: NO", ONE_OF + "'NO'"),
        ("frequency: fortnight", ONE_OF + "'fortnight'"),
        ("frequency: Days", ONE_OF + "'Days'; did you mean 'day'?"),
        ("frequency: 5", ONE_OF + "5 (a number)"),
        ("frequency: [day]", ONE_OF + "a list"),
        ("frequency: day, interval: 0", "/spec/scheduleParams/interval must be at least 1; found 0"),
        ("frequency: day, interval: '0'", "/spec/scheduleParams/interval must be at least 1; found '0'"),
        ("interval: -1", "/spec/scheduleParams/interval must be a whole number, at least 1; found -1"),
        ("interval: 1.5", "/spec/scheduleParams/interval must be a whole number, at least 1; found 1.5"),
        ("interval: two", "/spec/scheduleParams/interval must be a whole number, at least 1; found 'two'"),
        ("interval: true", "/spec/scheduleParams/interval must be a whole number, at least 1; found true"),
        ("frequency: minute, interval: '14'", "must be at least 15 with frequency minute; found '14'"),
        ("frequency: once, interval: 1", "/spec/scheduleParams/interval: a flow that runs once has no interval"),
        ("frequency: once, backfill: false", "/spec/scheduleParams/backfill: a flow that runs once has no backfill"),
        ("backfill: yes", "/spec/scheduleParams/backfill: write true or false (yes is text in YAML 1.2)"),
        ("backfill: 1", "/spec/scheduleParams/backfill: write true or false; found 1"),
        ("timeUnit: Hour", "/spec/scheduleParams/timeUnit is one of hour, day; found 'Hour'; did you mean 'hour'?"),
        ("timeUnit: week, interval: 1", "/spec/scheduleParams/timeUnit is one of hour, day; found 'week'"),
        ("timeUnit: 3", "/spec/scheduleParams/timeUnit is one of hour, day; found 3 (a number)"),
        ("timeUnit: day, exportMode: DAILY", "/exportMode is one of DAILY_FULL_EXPORT, FIRST_FULL_THEN_INCREMENTAL"),
        ("timeUnit: hour, interval: 1", "/interval of an export must be 3 or 6 or 9 or 12 with timeUnit hour; found 1"),
        ("timeUnit: hour, interval: '24'", "must be 3 or 6 or 9 or 12 with timeUnit hour; found '24'"),
        ("timeUnit: day, interval: true", "/interval of an export must be 1 with timeUnit day; found true"),
        ("timeUnit: day, interval: x", "/interval of an export must be 1 with timeUnit day; found 'x'"),
        ("timeUnit: day, interval: 0", "/interval of an export must be 1 with timeUnit day; found 0"),
        (
            "timeUnit: day, interval: 1, exportMode: DAILY_FULL_EXPORT",
            "must be 0, with timeUnit day: DAILY_FULL",
        ),
        ("timeUnit: hour, interval: 0, exportMode: DAILY_FULL_EXPORT", "must be 0, with timeUnit day: DAILY_FULL"),
    ],
)
def test_a_schedule_that_no_document_allows_is_refused(spec_problems, schedule, message):
    """Before a flow is made that never runs as meant."""
    (problem,) = spec_problems("Flow", f"{{scheduleParams: {{{schedule}}}}}", "id: f")
    assert message in problem


@pytest.mark.parametrize(
    "schedule",
    [
        "frequency: minute, interval: '15', backfill: 'true'",
        "frequency: week, interval: 1, backfill: false",
        "frequency: once, interval: null, backfill: null",
        "frequency: null, interval: 3",
        "interval: 3, timeUnit: hour, startTime: 1668474000, endTime: 1668479500",
        "interval: '12', timeUnit: hour, exportMode: FIRST_FULL_THEN_INCREMENTAL",
        "interval: 1, timeUnit: day, folderNameTemplate: '%DATASET_NAME%'",
        "interval: 0, timeUnit: day, exportMode: DAILY_FULL_EXPORT",
        "timeUnit: null, interval: 4, exportMode: null",
        "timeUnit: hour",
        "timeUnit: day, interval: null",
    ],
)
def test_a_schedule_that_a_document_shows_is_taken(spec_problems, schedule):
    """Numbers and their texts; an export's schedule, of a shape of its own."""
    assert spec_problems("Flow", f"{{scheduleParams: {{{schedule}}}}}", "id: f") == []


def test_a_schedule_whose_sugar_is_wrong_is_reported_once(spec_problems):
    """For the sugar, not for what it is not."""
    wrong = "{valueFrom: x}"
    spec = f"{{scheduleParams: {{frequency: {wrong}, interval: {wrong}, backfill: {wrong}}}}}"
    assert len(spec_problems("Flow", spec, "id: f")) == 3
    spec = f"{{scheduleParams: {{timeUnit: {wrong}, interval: {wrong}, exportMode: {wrong}}}}}"
    assert len(spec_problems("Flow", spec, "id: f")) == 3
    spec = f"{{scheduleParams: {{timeUnit: day, interval: 3, exportMode: {wrong}}}}}"
    assert len(spec_problems("Flow", spec, "id: f")) == 1


def test_parameters_of_any_json_type_are_taken(loaded, manifest):
    """Numbers and booleans in auth.params are what the service asks for."""
    spec = f"{{name: x, {SPEC}, auth: {{params: {{port: 5432, ratio: 0.5, ssl: true, proxy: null}}}}}}"
    assert loaded(manifest("Connection", spec)).validate() == ()
