"""Pull request comments and job summaries."""

from __future__ import annotations

import dataclasses
import re

import pytest

from reconciler.render.markdown import apply_markdown, drift_markdown, plan_markdown
from reconciler.render.markup import code, fence


def outside_fences(text):
    """Return the lines that GitHub reads as Markdown, and fail if a fence is left open."""
    lines, open_fence = [], None
    for line in text.splitlines():
        match = re.match(r"(`{3,})", line)
        if open_fence is None and match:
            open_fence = match[1]
        elif open_fence is not None and line == open_fence:
            open_fence = None
        elif open_fence is None:
            lines.append(line)
    assert open_fence is None
    return lines


def test_a_plan(samples):
    """Its sum first, a table, and each change folded away, but for a blocked one."""
    assert (
        plan_markdown(samples.plan(samples.BLOCKED, samples.CREATE))
        == """\
### Plan for <code>prod</code>: 1 to create, 1 blocked, 5 unchanged

Sandbox <code>prod-eu</code> of <code>ACME&#64;<!---->AdobeOrg</code> \
at <code>1a2b3c4d5e6f</code>, plan <code>feed</code>.

- **Blocked** <code>Flow/nightly</code>

|  | resource | action | causes | fields |
| --- | --- | --- | --- | --- |
| <code>&#33;</code> | <code>Flow/nightly</code> | blocked | git | <code>/scheduleParams/startTime</code> |
| <code>&#43;</code> | <code>SourceConnection/accounts</code> | create | git | <code>/name</code>, \
<code>/baseConnectionId</code> |

<details open><summary><code>&#33;</code> <b>blocked</b> <code>Flow/nightly</code> \
<code>ce20ec0c-a8c5-4d4c-a0ec-0ca8c5dd4c4e</code></summary>

```text
blocked: startTime has passed and cannot change; set it back to 1597784298, or metadata.onImmutable: replace
```

```diff
- /scheduleParams/startTime: 1597784298 (2020-08-18T20:58:18Z)
+ /scheduleParams/startTime: 1597784299 (2020-08-18T20:58:19Z)
```

</details>

<details><summary><code>&#43;</code> <b>create</b> <code>SourceConnection/accounts</code></summary>

```text
POST /sourceConnections 75 bytes
{"name":"Accounts","baseConnectionId":{"$ref":"Connection/salesforce-crm"}}
```

</details>
"""
    )


def test_a_full_plan_names_notes_notices_and_orphans(samples):
    """And no secret."""
    output = plan_markdown(samples.FULL)
    assert "note: the password was rotated" in output
    assert "! crm.yaml:9:7: a password stands in the manifest" in output
    assert (
        "- <code>Connection/salesforce-crm</code> <code>139f6a5f-a78b-4744-9f6a-5fa78bd74431</code> (protected)"
        in output
    )
    assert "- /auth/params/password: (secret)\n+ /auth/params/password: (secret, sent again)\n" in output
    assert "--prune deletes them" in output
    assert "metadata.previousName" in output
    assert "hunter2" not in output


def test_what_is_grave_is_named_first(samples):
    """What goes, is made anew, stops or is blocked: right under the sum, and first among the rows and the details."""

    def change(name, action, *fields):
        return samples.Change(
            samples.ResourceName(samples.Kind.FLOW, name), "id", action, frozenset({samples.Cause.GIT}), fields
        )

    state = samples.FieldChange("/state", "enabled", "disabled")
    deletes = [change(f"gone-{at}", samples.Action.DELETE, state) for at in range(7)]
    off = change("off", samples.Action.UPDATE, state)
    on = change("on", samples.Action.UPDATE, samples.FieldChange("/state", "disabled", "enabled"))
    anew = change("anew", samples.Action.REPLACE)
    output = plan_markdown(samples.plan(samples.CREATE, on, off, anew, *deletes, samples.BLOCKED))
    grave, _, table = output.partition("plan <code>feed</code>.\n\n")[2].partition("\n\n")
    gone = ", ".join(f"<code>Flow/gone-{at}</code>" for at in range(5))
    assert grave.split("\n") == [
        f"- **Deletes** {gone} and 2 more",
        "- **Replaces** <code>Flow/anew</code>",
        "- **Switches off** <code>Flow/off</code>",
        "- **Blocked** <code>Flow/nightly</code>",
    ]
    rows = re.findall(r"^\| <code>.*?</code> \| <code>(.*?)</code>", table, re.MULTILINE)
    assert rows == [
        "Flow/nightly", *(f"Flow/gone-{at}" for at in range(7)), "Flow/anew", "SourceConnection/accounts",
        "Flow/on", "Flow/off",
    ]  # fmt: skip


def test_nothing_to_do_is_said(samples):
    """In the first lines; a plan without a commit names none."""
    output = plan_markdown(dataclasses.replace(samples.plan(), commit=None))
    assert "**No changes** to send" in output
    assert " at " not in output
    assert "|" not in output


def test_inner_keys_stand_with_their_whole_path(samples):
    """A diff block has no indentation to hang them on."""
    field = samples.FieldChange("/list", [{"a": 1}, 2], [{"a": 2}, 2])
    output = plan_markdown(samples.plan(dataclasses.replace(samples.UPDATE, fields=(field,))))
    assert "```diff\n- /list/0/a: 1\n+ /list/0/a: 2\n```" in output


def test_an_apply(samples):
    """Its sum, what to do next, a table, and the errors unfolded."""
    output = apply_markdown(samples.APPLY)
    assert output.startswith(
        "### Apply to <code>prod</code>: 1 applied, 1 conflict, 1 skipped, 5 unchanged\n\n- **confl"
    )
    assert "| <code>Flow/nightly</code> | update | conflict | 1 |" in output
    assert "```text\nerror: /scheduleParams/interval is 30, the plan saw 15\n```" in output
    assert "**Interrupted**" in apply_markdown(dataclasses.replace(samples.APPLY, interrupted=True, results=()))


def test_a_drift(samples):
    """Who wrote last, when, and what."""
    output = drift_markdown(samples.DRIFT)
    assert output.startswith("### Drift on <code>prod</code>: 1 drifted, 1 missing, 1 in sync\n")
    assert "<code>mallory&#64;<!---->acme&#46;com via exc&#95;app</code> | 2025-11-24T23:00:00Z |" in output
    assert "--- left\n+++ live now\n- /scheduleParams/interval: 15\n+ /scheduleParams/interval: 30\n" in output
    assert "\n\n- Put git's back: <code>reconciler --target prod apply</code>\n- Keep theirs: <code>" in output
    assert "drift --accept Flow/nightly</code>\n- Leave it for now: <code>" in output
    assert "```text\nSourceConnection/accounts  why: the service answers 404\n```" in output


def test_no_drift_offers_no_way_out_and_names_what_no_manifest_does(samples):
    """An unmanaged object is an id; its name is what a person knows it by."""
    item = samples.DriftItem("Flow/ui", None, samples.DriftStatus.UNMANAGED, detail="Made by hand")
    output = drift_markdown(dataclasses.replace(samples.DRIFT, items=(item,)))
    assert output.startswith("### No drift on <code>prod</code>: 1 unmanaged\n")
    assert "Flow/ui  name: Made by hand\n" in output
    assert "details" not in output
    assert "apply" not in output


def test_adoptions_that_send_nothing_are_one_block(samples):
    """And no rows of a table that a reviewer has to go through."""
    note = "secrets are unverified until they are sent: /auth/params/password"
    crm = dataclasses.replace(samples.ADOPTED, resource=samples.CRM, notes=(note,))
    output = plan_markdown(samples.plan(samples.CREATE, crm, samples.ADOPTED))
    assert output.count("adopt") == 2  # the sum, the block
    assert (
        f"""\
<details><summary><code>&#61;</code> <b>2 to adopt</b>, nothing to send</summary>

```text
Connection/salesforce-crm  {samples.FLOW_ID}
TargetConnection/lake  {samples.FLOW_ID}
note: secrets are unverified until they are sent: Connection/salesforce-crm
```
"""
        in output
    )


def test_an_update_is_whole(samples):
    """What a reviewer does not see is sent all the same."""
    body = [{"op": "add", "path": f"/{at}", "value": "x" * 60} for at in range(200)]
    change = dataclasses.replace(samples.UPDATE, requests=(samples.Request("PATCH", "/flows/1", body),))
    assert '"path":"/199"' in plan_markdown(samples.plan(change))


def test_what_was_blocked_is_said_once(samples):
    """The action and the status of such a resource are the same word."""
    result = samples.Result(samples.CRM, samples.Action.BLOCKED, samples.Status.BLOCKED)
    output = apply_markdown(dataclasses.replace(samples.APPLY, results=(result,)))
    assert "| <code>Connection/salesforce-crm</code> |  | blocked |" in output


def hostile_pages(samples):
    hostile = samples.HOSTILE
    plan = dataclasses.replace(
        samples.plan(
            samples.hostile_change(),
            orphans=[samples.Orphan(samples.CRM, hostile)],
            notices=[samples.Notice(hostile)],
        ),
        target=hostile, sandbox=hostile, organisation=hostile, commit="@mallory",
    )  # fmt: skip
    result = dataclasses.replace(samples.APPLY.results[1], error=hostile, id=hostile)
    item = dataclasses.replace(samples.DRIFT.items[0], resource=hostile, changed_by=hostile, detail=hostile, id=hostile)
    return [
        plan_markdown(plan),
        apply_markdown(dataclasses.replace(samples.APPLY, target=hostile, results=(result,))),
        drift_markdown(dataclasses.replace(samples.DRIFT, target=hostile, items=(item,))),
    ]


def test_hostile_values_are_inert(samples):
    """Outside fences no value makes a tag, a mention, a column, a line or a fence; inside, none closes one."""
    for page in hostile_pages(samples):
        lines = outside_fences(page)
        text = "\n".join(lines)
        assert "@" not in text
        assert "`" not in text.replace("`--format json`", "")
        assert set(re.findall(r"</?[^>]+>", text)) <= {
            "<code>", "</code>", "<b>", "</b>", "<details>", "<details open>", "</details>", "<summary>", "</summary>",
            "<!---->",
        }  # fmt: skip
        assert text.count("<details") == text.count("</details>")
        assert not {"\x1b", "\u202e"} & set(page)
        assert not any(line.lstrip().startswith("::") for line in page.splitlines())
        columns = {line.count("|") for line in lines if line.startswith("|")}
        assert len(columns) == 1


@pytest.mark.parametrize("text", ["```", "a `` b ``````` c", "", "~~~"])
def test_a_fence_is_longer_than_any_run_of_backticks_in_it(text):
    """Else the value would close it."""
    opening, content, closing = fence([text], "diff").split("\n")
    assert content == text
    assert opening == f"{closing}diff"
    assert len(closing) > max([2, *map(len, re.findall("`+", text))])


def test_inline_code_keeps_letters_and_writes_everything_else_as_entities():
    """An empty text still makes a cell."""
    assert code("größe|<@x>*_\n") == "<code>größe&#124;&#60;&#64;<!---->x&#62;&#42;&#95;&#92;n</code>"
    assert code("") == "<code> </code>"


@pytest.mark.parametrize("limit", [3_000, 8_000, 60_000])
def test_a_page_stays_within_its_limit_and_says_what_it_left_out(samples, limit):
    """GitHub refuses a comment that is too long: then nobody would read anything."""
    changes = [
        dataclasses.replace(samples.UPDATE, resource=samples.ResourceName(samples.Kind.CONNECTION, f"crm-{at}"))
        for at in range(500)
    ]
    notices = [samples.Notice("x" * 100) for _ in range(200)]
    page = plan_markdown(samples.plan(*changes, notices=notices), limit)
    assert len(page) <= limit
    assert re.search(r"\*\*Cut:\*\* .*: \d+ rows of the table, \d+ sections of details, 1 remark at the end; ", page)
    outside_fences(page)


def test_long_bodies_are_cut_between_lines_and_many_fields_are_counted(samples):
    """Between lines: a secret never stands on two."""
    body = [{"op": "add", "path": f"/{at}", "value": "x" * 60} for at in range(200)]
    fields = tuple(samples.FieldChange(f"/{at}", 1, 2) for at in range(9))
    request = samples.Request("POST", "/flows", body)
    page = plan_markdown(samples.plan(dataclasses.replace(samples.UPDATE, fields=fields, requests=(request,))))
    assert "… 122 more lines; --format json shows all of them\n```" in page
    assert "<code>/4</code> and 4 more |" in page
    assert "POST /x\n```" in plan_markdown(
        samples.plan(dataclasses.replace(samples.UPDATE, requests=(samples.Request("POST", "/x"),)))
    )
