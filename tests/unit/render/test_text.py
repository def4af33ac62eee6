"""What a person reads at a terminal or in a log."""

from __future__ import annotations

import dataclasses
import io
import json
import re

import pytest

from reconciler.diff.document import MISSING
from reconciler.model.secrets import MASK, Redactor
from reconciler.render.console import make_console
from reconciler.render.sink import RedactingStream
from reconciler.render.text import apply_text, drift_text, plan_text

ANSI = re.compile(r"\x1b\[[0-9;]*m")
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
COLOURS = {"TERM": "xterm-256color", "COLUMNS": "80", "LINES": "40"}


def piped(render, value, environ=None):
    stream = io.StringIO()
    render(value, make_console(stream, environ or {}))
    return stream.getvalue()


def on_terminal(samples, render, value, **environ):
    stream = samples.Terminal()
    render(value, make_console(stream, COLOURS | environ))
    return stream.getvalue()


FULL = """\
Plan for prod  sandbox prod-eu of ACME@AdobeOrg at 1a2b3c4d5e6f

  ~ Connection/salesforce-crm  update [git] [drift]  139f6a5f-a78b-4744-9f6a-5fa78bd74431
      ~ /name                        "Salesforce" → "Salesforce CRM"
      - /description                 "by hand"
      + /auth/params/environmentUrl  "https://acme.my.salesforce.com"
      ~ /auth/params/password        (secret)     → (secret, sent again)
      note: the password was rotated
      PATCH /connections/139f6a5f-a78b-4744-9f6a-5fa78bd74431 If-Match "2f00f2d9-0000-0200-0000-5f3a8f1b0000" 227 bytes
        [
          {"op":"replace","path":"/name","value":"Salesforce CRM"},
          {"op":"remove","path":"/description","value":"by hand"},
          {
            "op": "replace",
            "path": "/auth/params",
            "value": {"username":"crm","password":{"$secret":"/auth/params/password"}}
          }
        ]

  ! Flow/nightly  blocked [git]  ce20ec0c-a8c5-4d4c-a0ec-0ca8c5dd4c4e
      blocked: startTime has passed and cannot change; set it back to 1597784298, or metadata.onImmutable: replace
      ~ /scheduleParams/startTime  1597784298 (2020-08-18T20:58:18Z) → 1597784299 (2020-08-18T20:58:19Z)

  + SourceConnection/accounts  create [git]
      POST /sourceConnections 75 bytes
        {"name":"Accounts","baseConnectionId":{"$ref":"Connection/salesforce-crm"}}

  = 1 to adopt, nothing to send:
      TargetConnection/lake  ce20ec0c-a8c5-4d4c-a0ec-0ca8c5dd4c4e

Notices
  ! crm.yaml:9:7: a password stands in the manifest

Orphans  No manifest declares them any more.
  Flow/old                   ce20ec0c-a8c5-4d4c-a0ec-0ca8c5dd4c4e
  Connection/salesforce-crm  139f6a5f-a78b-4744-9f6a-5fa78bd74431  protected
  They stay live. --prune deletes them. If one was renamed, give its manifest metadata.previousName; to let it live on \
without us, bring the manifest back with metadata.onRemove: forget, apply, and remove it again.
  What is protected stays live, whatever --prune says. To have it deleted, bring its manifest back without \
metadata.protect, apply, and remove it again.

Plan: 1 to create, 1 to update, 1 to adopt, 1 blocked, 5 unchanged.
"""


def test_a_plan_in_a_pipe(samples):
    """Whole, aligned, without a single escape: this is what a log keeps."""
    assert piped(plan_text, samples.FULL) == FULL


def test_an_apply_in_a_pipe(samples):
    """A line a result, the sum, and what to do next."""
    assert (
        piped(apply_text, samples.APPLY)
        == """\
Apply to prod  run run-1

  ✓ Connection/salesforce-crm  applied   update  139f6a5f-a78b-4744-9f6a-5fa78bd74431  3 attempts
  ! Flow/nightly               conflict  update  ce20ec0c-a8c5-4d4c-a0ec-0ca8c5dd4c4e
      /scheduleParams/interval is 30, the plan saw 15
  - SourceConnection/accounts  skipped   create
      needs Connection/salesforce-crm

Apply: 1 applied, 1 conflict, 1 skipped, 5 unchanged.
  conflict: somebody changed it since the plan and nothing was overwritten; plan again, then take their change into \
the manifest, or apply to put git's back
  skipped: something it needs did not end well, or the run was stopped; apply again when that is mended
"""
    )


def test_a_drift_in_a_pipe(samples):
    """A table, then the fields; what is in sync is only counted."""
    assert (
        piped(drift_text, samples.DRIFT)
        == """\
Drift on prod

  RESOURCE                   STATUS   FIELDS  LAST WRITER                   WHEN
  Flow/nightly               drifted  1       mallory@acme.com via exc_app  2025-11-24T23:00:00Z
  SourceConnection/accounts  missing
      why: the service answers 404

  Flow/nightly  ce20ec0c-a8c5-4d4c-a0ec-0ca8c5dd4c4e
      last applied → live now
      ~ /scheduleParams/interval  15 → 30

Drift: 1 drifted, 1 missing, 1 in sync.
  Put git's back: reconciler --target prod apply
  Keep theirs: reconciler --target prod drift --accept Flow/nightly
  Leave it for now: reconciler --target prod drift --snooze Flow/nightly --until DATE --reason TEXT
"""
    )


def test_nothing_to_do_is_said_in_a_sentence(samples):
    """Not in an empty list."""
    assert "No changes to send to prod: 5 unchanged.\n" in piped(plan_text, samples.plan())
    assert "No changes to send. Plan: 1 to adopt, 5 unchanged.\n" in piped(plan_text, samples.plan(samples.ADOPTED))
    nothing = dataclasses.replace(samples.DRIFT, items=samples.DRIFT.items[1:2])
    assert "No drift: 1 in sync.\n" in piped(drift_text, nothing)
    unreadable = samples.DriftItem("Flow/x", None, samples.DriftStatus.UNREADABLE)
    report = dataclasses.replace(samples.DRIFT, items=(unreadable,))
    assert "No drift in what could be read: 1 unreadable.\n" in piped(drift_text, report)
    empty = dataclasses.replace(samples.APPLY, results=(), unchanged=0, run=None)
    assert piped(apply_text, empty) == "Apply to prod\n\nApply: 0 unchanged.\n"


def test_an_interrupted_apply_says_how_to_go_on(samples):
    """And a plan without a commit names none."""
    assert "Interrupted: what was not begun" in piped(apply_text, dataclasses.replace(samples.APPLY, interrupted=True))
    assert " at " not in piped(plan_text, dataclasses.replace(samples.plan(), commit=None))


def test_orphans_are_told_the_ways_out(samples):
    """Deleting, renaming, letting go; whether they are protected or not."""
    for protect in (True, False):
        output = piped(plan_text, samples.plan(orphans=[samples.Orphan(samples.CRM, samples.ID, protect=protect)]))
        ways = (
            ("without metadata.protect",)
            if protect
            else ("--prune deletes", "metadata.previousName", "onRemove: forget")
        )
        assert all(way in output for way in ways)
        assert ("--prune deletes" in output) is not protect


@pytest.mark.parametrize("name", ["FORCE_COLOR", "CLICOLOR_FORCE", "TTY_COMPATIBLE", "COLORTERM"])
def test_a_pipe_is_plain_whatever_the_environment_says(samples, name):
    """The same bytes everywhere."""
    assert piped(plan_text, samples.FULL, {name: "1", "TERM": "xterm-256color", "COLUMNS": "40"}) == FULL


def test_a_terminal_has_colours_and_no_colour_takes_them_away(samples):
    """NO_COLOR takes bold and dim, too; an empty one takes nothing, as its standard says."""
    assert ANSI.search(on_terminal(samples, plan_text, samples.FULL))
    assert ANSI.search(on_terminal(samples, plan_text, samples.FULL, NO_COLOR=""))
    assert "\x1b" not in on_terminal(samples, plan_text, samples.FULL, NO_COLOR="1")
    assert "\x1b" not in on_terminal(samples, plan_text, samples.FULL, TERM="dumb")


@pytest.mark.parametrize("columns", [20, 60, 80, 140])
def test_no_line_is_wider_than_the_terminal(samples, columns):
    """Ids and values stand below their names, sentences go on below themselves."""
    for render, value in ((plan_text, samples.FULL), (apply_text, samples.APPLY), (drift_text, samples.DRIFT)):
        output = on_terminal(samples, render, value, NO_COLOR="1", COLUMNS=str(columns))
        assert max(map(len, output.splitlines())) <= max(columns, 40)
        for identity in UUID.findall(piped(render, value)) if columns >= 60 else ():
            assert identity in output


def test_colours_change_no_character(samples):
    """A terminal with colours shows what one without shows."""
    coloured = on_terminal(samples, plan_text, samples.FULL)
    assert ANSI.sub("", coloured) == on_terminal(samples, plan_text, samples.FULL, NO_COLOR="1")


def test_nested_values_show_which_inner_keys_differ(samples):
    """A reader should not have to compare two lists by eye."""
    before = [{"params": {"mappingId": "a", "v": "0"}}, {"k": 1, "__x": 1}, "gone"]
    after = [{"params": {"mappingId": "b", "v": "0"}}, {"k": True, "__x": 2}]
    field = samples.FieldChange("/transformations", before, after)
    output = piped(plan_text, samples.plan(dataclasses.replace(samples.UPDATE, fields=(field,), requests=())))
    assert (
        """\
      ~ /transformations
        ~ /0/params/mappingId  "a" → "b"
        ~ /1/__x               1   → 2
        ~ /1/k                 1   → true
        - /2                   "gone"
"""
        in output
    )


def test_values_that_share_too_little_are_shown_whole(samples):
    """A page of inner keys says less than the two values."""
    field = samples.FieldChange("/list", list(range(30)), list(range(100, 130)))
    output = piped(plan_text, samples.plan(dataclasses.replace(samples.UPDATE, fields=(field,))))
    assert "[0, 1, 2" in output
    assert "/29" not in output


def unwrapped(output, start, end):
    """Return what stands between two texts, without the breaks of lines and what they are indented with."""
    return re.sub(r"\n +", "", output[output.index(start) : output.index(end)])


@pytest.mark.parametrize("columns", ["40", "80", "120"])
def test_no_value_is_ever_cut(samples, columns):
    """What you see is what is sent; the two values of a field stand below each other where they do not fit."""
    url = "https://example.com/a/very/long/path/that/goes/on/{}/and,on/and & on/" + "x" * 200 + " ever"
    fields = (samples.FieldChange("/url", url.format("one"), url.format("two")), samples.FieldChange("/b", 1, 2))
    value = samples.plan(dataclasses.replace(samples.UPDATE, fields=fields, requests=(), notes=()))
    output = on_terminal(samples, plan_text, value, NO_COLOR="1", COLUMNS=columns)
    assert '      ~ /url\n          "https' in output
    assert unwrapped(output, "/url", "\n      ~ /b") == (
        f"/url{json.dumps(url.format('one'))}→ {json.dumps(url.format('two'))}"
    )
    assert re.search(r"~ /b +1 → 2\n", output)


def test_added_and_removed_values_are_not_cut_either(samples):
    """Below their path where they do not fit beside it."""
    long = "word " * 30
    fields = (samples.FieldChange("/new", MISSING, long), samples.FieldChange("/old", long, MISSING))
    value = samples.plan(dataclasses.replace(samples.UPDATE, fields=fields, requests=(), notes=()))
    output = on_terminal(samples, plan_text, value, NO_COLOR="1")
    assert unwrapped(output, '"word', "\n      - /old") == json.dumps(long)


def test_an_update_s_body_is_whole_and_a_create_s_goes_on_in_json(samples):
    """A log is searched later; a terminal is read now, but what changes is never hidden."""
    body = {"items": [{"at": at, "text": "x" * 90} for at in range(50)], "empty": []}
    for method, cut in (("PATCH", False), ("POST", True)):
        request = samples.Request(method, "/flows", body)
        value = samples.plan(dataclasses.replace(samples.UPDATE, fields=(), notes=(), requests=(request,)))
        output = on_terminal(samples, plan_text, value, NO_COLOR="1")
        assert ("… 172 more lines; --format json shows all of them" in output) is cut
        if not cut:
            assert json.loads(unwrapped(output, "{\n", "\n\nPlan:")) == body
        whole = piped(plan_text, value)
        assert json.loads(whole[whole.index("bytes\n") + 6 : whole.index("\n\nPlan:")]) == body


def test_a_line_of_a_create_s_body_is_never_cut(samples):
    """The limit is between lines: a value that has begun is shown to its end."""
    request = samples.Request("POST", "/flows", {"text": "x" * 5000, "more": 1})
    value = samples.plan(dataclasses.replace(samples.CREATE, requests=(request,)))
    output = on_terminal(samples, plan_text, value, NO_COLOR="1")
    assert "x" * 5000 in unwrapped(output, '"text"', "… 2")
    assert "… 2 more lines" in output


def test_a_symbol_stays_with_its_name_however_long_that_is(samples):
    """A name may have 99 characters."""
    name = samples.ResourceName(samples.Kind.SOURCE_CONNECTION, "n" * 99)
    update = dataclasses.replace(samples.UPDATE, resource=name)
    result = dataclasses.replace(samples.APPLY.results[0], resource=name)
    plan = on_terminal(samples, plan_text, samples.plan(update), NO_COLOR="1")
    assert "\n  ~ SourceConnection/nnnn" in plan
    assert f"\n      {samples.ID}\n" in plan
    apply = on_terminal(samples, apply_text, dataclasses.replace(samples.APPLY, results=(result,)), NO_COLOR="1")
    assert "\n  ✓ SourceConnection/nnnn" in apply
    assert f"\n      applied  update  {samples.ID}  3 attempts\n" in apply


def test_adoptions_that_send_nothing_are_one_block(samples):
    """With one line for all secrets that nobody can check, and every other note."""
    note = "secrets are unverified until they are sent: /auth/params/password"
    other = dataclasses.replace(samples.CRM, name="other")
    adopted = [
        dataclasses.replace(samples.ADOPTED, resource=samples.CRM, notes=("adopts what bears the name now", note)),
        dataclasses.replace(samples.ADOPTED, resource=other, notes=(note,)),
        samples.ADOPTED,
    ]
    assert f"""\
  = 3 to adopt, nothing to send:
      Connection/salesforce-crm  {samples.FLOW_ID}
      Connection/other           {samples.FLOW_ID}
      TargetConnection/lake      {samples.FLOW_ID}
      note: Connection/salesforce-crm: adopts what bears the name now
      note: secrets are unverified until they are sent: Connection/salesforce-crm, Connection/other

""" in piped(plan_text, samples.plan(*adopted))


def test_a_drift_on_a_narrow_terminal(samples):
    """Writer and time stand below their resource; no time is torn."""
    assert (
        on_terminal(samples, drift_text, samples.DRIFT, NO_COLOR="1")
        == """\
Drift on prod

  RESOURCE                   STATUS   FIELDS
      LAST WRITER  WHEN
  Flow/nightly               drifted  1
      mallory@acme.com via exc_app  2025-11-24T23:00:00Z
  SourceConnection/accounts  missing
      why: the service answers 404

  Flow/nightly  ce20ec0c-a8c5-4d4c-a0ec-0ca8c5dd4c4e
      last applied → live now
      ~ /scheduleParams/interval  15 → 30

Drift: 1 drifted, 1 missing, 1 in sync.
  Put git's back: reconciler --target prod apply
  Keep theirs: reconciler --target prod drift --accept Flow/nightly
  Leave it for now: reconciler --target prod drift --snooze Flow/nightly\x20
    --until DATE --reason TEXT
"""
    )


def test_what_is_no_drift_is_told_with_its_reason(samples):
    """Names of unmanaged objects, ids that stand nowhere else, and fields sorted as a plan's are."""
    item, status = samples.DriftItem, samples.DriftStatus
    items = (
        *[item(f"Flow/{at}", samples.FLOW_ID, status.IN_SYNC) for at in range(7)],
        item("Flow/p", samples.FLOW_ID, status.PENDING, detail="/name is changed in git"),
        item("Flow/o", samples.FLOW_ID, status.ORPHANED),
        item("Flow/q", samples.FLOW_ID, status.ORPHANED),
        item(f"Flow/{samples.ID}", samples.ID, status.UNMANAGED, detail="Made by hand"),
    )
    output = piped(drift_text, dataclasses.replace(samples.DRIFT, items=items))
    assert f"      why: /name is changed in git  {samples.FLOW_ID}\n" in output
    assert "      name: Made by hand\n" in output
    assert output.endswith(
        "No drift: 7 in sync, 1 pending (changed in git, not applied yet), "
        "2 orphaned (their manifests have left git), 1 unmanaged.\n"
    )
    fields = (samples.FieldChange("/b", 1, 2), samples.FieldChange("/a", 1, 2))
    drifted = dataclasses.replace(samples.DRIFT.items[0], fields=fields)
    output = piped(drift_text, dataclasses.replace(samples.DRIFT, items=(drifted,)))
    assert output.index("/a") < output.index("/b")


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (MISSING, MISSING, "~ /p  (secret) → (secret, changed)"),
        ("leaked", "leaked", "~ /p  (secret) → (secret, changed)"),
        ("leaked", MISSING, "- /p  (secret)"),
        (MISSING, "leaked", "+ /p  (secret)"),
    ],
)
def test_a_drifted_secret_is_not_said_to_be_sent(samples, before, after, expected):
    """Live is what somebody made of it."""
    field = samples.FieldChange("/p", before, after, sensitive=True)
    item = dataclasses.replace(samples.DRIFT.items[0], fields=(field,))
    output = piped(drift_text, dataclasses.replace(samples.DRIFT, items=(item,)))
    assert f"      {expected}\n" in output
    assert "leaked" not in output


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (1799042400, "1799042400 (2027-01-04T06:00:00Z)"),
        ("1799042400", '"1799042400" (2027-01-04T06:00:00Z)'),
        (10**30, str(10**30)),
        ("9" * 5000, f'"{"9" * 5000}"'),
        ("١٢", '"١٢"'),
        ("soon", '"soon"'),
        (True, "true"),
        (1.5, "1.5"),
        (None, "null"),
    ],
)
def test_a_start_is_shown_as_a_date_too(samples, value, shown):
    """Nobody reads epoch seconds; what no calendar holds stays a number."""
    for path in ("/scheduleParams/startTime", "/scheduleParams/endTime"):
        field = samples.FieldChange(path, MISSING, value)
        output = piped(plan_text, samples.plan(dataclasses.replace(samples.UPDATE, fields=(field,), requests=())))
        assert f"+ {path}  {shown}\n" in output
    inner = samples.FieldChange("/scheduleParams", {"startTime": 1, "x": 2}, {"startTime": value, "x": 2})
    output = piped(plan_text, samples.plan(dataclasses.replace(samples.UPDATE, fields=(inner,), requests=())))
    assert f"~ /startTime  1 (1970-01-01T00:00:01Z) → {shown}\n" in output
    other = samples.FieldChange("/started", MISSING, 1799042400)
    assert "2027" not in piped(plan_text, samples.plan(dataclasses.replace(samples.UPDATE, fields=(other,))))


def test_what_was_blocked_is_said_once(samples):
    """And nobody is told that no apply will do: one that leaves nothing out may."""
    result = samples.Result(samples.CRM, samples.Action.BLOCKED, samples.Status.BLOCKED, error="is left out")
    output = piped(apply_text, dataclasses.replace(samples.APPLY, results=(result,), run=None, unchanged=0))
    assert "  ! Connection/salesforce-crm  blocked\n      is left out\n" in output
    assert output.endswith("  blocked: nothing of it was sent; its reason says what is in the way\n")


def test_a_put_is_told_by_its_fields(samples):
    """Its body repeats the whole object, and hides in it what changes."""
    change = dataclasses.replace(samples.UPDATE, requests=(samples.Request("PUT", "/flowSpecs/1", {"a": 1}),))
    assert "      PUT /flowSpecs/1 7 bytes, the whole object with these changes in it\n\n" in piped(
        plan_text, samples.plan(change)
    )


def test_a_request_without_a_body_is_one_line(samples):
    """No bytes, no body."""
    change = dataclasses.replace(samples.UPDATE, requests=(samples.Request("POST", "/flows/1/action?op=enable"),))
    assert "      POST /flows/1/action?op=enable\n" in piped(plan_text, samples.plan(change))


@pytest.mark.parametrize(
    ("after", "unknown", "expected"),
    [
        ("x", True, "(known after apply)"),
        ({"$ref": "Flow/x"}, True, "id of Flow/x (known after apply)"),
        ({"a": {"$ref": "Flow/x"}}, True, '{"a": {"$ref": "Flow/x"}} (known after apply)'),
        ({"$ref": "Flow/x"}, False, '{"$ref": "Flow/x"}'),
    ],
)
def test_what_is_not_known_yet_says_so(samples, after, unknown, expected):
    """And shows as much as is known."""
    field = samples.FieldChange("", MISSING, after, unknown=unknown)
    output = piped(plan_text, samples.plan(dataclasses.replace(samples.CREATE, fields=(field,), requests=())))
    assert f"      + (all of it)  {expected}\n" in output


@pytest.mark.parametrize(
    ("before", "after", "unknown", "expected"),
    [
        (MISSING, "leaked", False, "+ /p  (secret)"),
        (MISSING, "leaked", True, "+ /p  (secret, not set here)"),
        ("leaked", "leaked", False, "~ /p  (secret) → (secret, sent again)"),
        ("leaked", "leaked", True, "~ /p  (secret) → (secret, not set here)"),
        ("leaked", MISSING, False, "- /p  (secret)"),
    ],
)
def test_a_sensitive_field_never_shows_a_value(samples, before, after, unknown, expected):
    """Whatever stands in it."""
    field = samples.FieldChange("/p", before, after, sensitive=True, unknown=unknown)
    change = samples.Change(samples.CRM, None, samples.Action.UPDATE, fields=(field,))
    output = piped(plan_text, samples.plan(change))
    assert f"      {expected}\n" in output
    assert "leaked" not in output
    assert "hunter2" not in piped(plan_text, samples.FULL)


def test_a_known_secret_is_masked_before_it_is_cut_escaped_or_wrapped(samples):
    """Cut in its middle, its ends would pass every redactor."""
    secret = "s3cret\twith a tab and " + "a very long tail " * 8
    redactor = Redactor()
    redactor.learn(secret)
    stream = samples.Terminal()
    fields = (samples.FieldChange("/description", "x", secret),)
    change = dataclasses.replace(samples.UPDATE, fields=fields, notes=(secret,))
    plan_text(samples.plan(change), make_console(RedactingStream(stream, redactor), COLOURS))
    assert MASK in stream.getvalue()
    assert "s3cret" not in stream.getvalue()
    assert "long tail" not in stream.getvalue()


@pytest.mark.parametrize("terminal", [True, False])
def test_hostile_values_are_inert(samples, terminal):
    """No value moves the cursor, commands the runner, starts a line of its own, or is taken for markup."""
    value = dataclasses.replace(
        samples.plan(samples.hostile_change(), notices=[samples.Notice(samples.HOSTILE)]),
        target=samples.HOSTILE,
        sandbox=samples.HOSTILE,
        commit="\x1b[2J::x",
    )
    output = on_terminal(samples, plan_text, value, NO_COLOR="1") if terminal else piped(plan_text, value)
    assert not {"\x1b", "\u202e", "\r"} & set(output)
    assert "##[" not in output
    assert "[bold]z[/bold]" in output
    assert ":smile:" in output
    if not terminal:  # the Actions runner reads a pipe; a terminal may wrap a line anywhere
        assert not any(line.lstrip().startswith("::") for line in output.splitlines())


def test_hostile_reports_are_inert(samples):
    """An error of the service and the name of a last writer are other people's words as well."""
    hostile = samples.HOSTILE
    apply = dataclasses.replace(samples.APPLY, results=(dataclasses.replace(samples.APPLY.results[1], error=hostile),))
    item = dataclasses.replace(samples.DRIFT.items[0], changed_by=hostile, resource=hostile, detail=hostile)
    drift = dataclasses.replace(samples.DRIFT, items=(item,))
    for output in (piped(apply_text, apply), piped(drift_text, drift)):
        assert not {"\x1b", "\u202e"} & set(output)
        assert not any(line.lstrip().startswith("::") for line in output.splitlines())


def test_a_time_that_no_calendar_holds_is_shown_as_it_is(samples):
    """The service's clock is not ours to judge."""
    item = dataclasses.replace(samples.DRIFT.items[0], changed_at=10**30, changed_client="mallory@acme.com")
    output = piped(drift_text, dataclasses.replace(samples.DRIFT, items=(item,)))
    assert f"  mallory@acme.com  {10**30}\n" in output
