"""``reconciler doctor``: what stands between a person and a first plan, and where to mend it."""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import click

from reconciler.cli import belongings
from reconciler.cli.main import DONE, ERROR
from reconciler.cli.options import format_option
from reconciler.cli.output import write_document
from reconciler.cli.surroundings import Surroundings
from reconciler.cli.validate import validated
from reconciler.cli.wiring import ledger_of
from reconciler.ledger.lease import moment
from reconciler.manifest import Manifests, load
from reconciler.model.errors import ManifestErrors, ReconcilerError, UsageError
from reconciler.model.health import Check, Health, Status
from reconciler.model.resources import Target
from reconciler.model.veil import Veil
from reconciler.service.environment import Settings
from reconciler.service.probe import REMOTE, Probe

_ROUNDS: Final = 5  # what one round leaves out may make another file wrong


@click.command("doctor")
@format_option("text", "json")
@click.pass_context
def command(ctx: click.Context, form: str) -> int:
    """Check environment, credentials, permissions and ledger by reads alone, and say what is wrong.

    \b
    Example:
      reconciler --target prod doctor
    """
    from reconciler.render.console import make_console  # noqa: PLC0415 - rich is slow to import
    from reconciler.render.doctor import doctor_json, doctor_text  # noqa: PLC0415 - the same

    around: Surroundings = ctx.obj
    health = Veil(around.redactor).health(_examined(around))
    if form == "json":
        write_document(doctor_json(health).decode())
    else:
        doctor_text(health, make_console(sys.stdout, around.environ))
    return DONE if health.is_well else ERROR


def _examined(around: Surroundings) -> Health:
    manifests, read = _manifests(around)
    whole = manifests if read.status is Status.OK else None
    target, chosen = _target(manifests, around, is_whole=whole is not None)
    checks = [read, chosen, Check("python", Status.OK, platform.python_version())]
    checks += [belongings.git(around), belongings.key(around), belongings.secrets(whole, target, around)]
    checks += belongings.variables(whole, around.environ)
    checks += _there(target, around) if target else _unchecked("no target is chosen", "environment", *REMOTE, "ledger")
    checks += _unchecked("reads cannot tell: the first apply will", "write permission")
    is_well = all(check.status is not Status.FAILED for check in checks)
    option = f"--target {target.name} " if target else ""
    return Health(tuple(checks), f"reconciler {option}{'plan' if is_well else 'doctor'}")


def _manifests(around: Surroundings) -> tuple[Manifests | None, Check]:
    try:
        manifests = load(around.folder)
        validated(manifests)
    except (ReconcilerError, OSError) as error:
        mend = "reconciler validate shows all of it; --manifests DIR names another folder"
        return _sound(around.folder), Check("manifests", Status.FAILED, _first(error), mend)
    return manifests, Check("manifests", Status.OK, f"{len(manifests.resources)} resources in {around.folder}")


def _first(error: Exception) -> str:
    """Return an error in one line: of many problems how many there are, and the first."""
    if not isinstance(error, ManifestErrors):
        return str(error)
    return f"{len(error.problems)} to mend, the first: {error.problems[0]}"


def _sound(folder: Path) -> Manifests | None:
    """Return what the files without a problem hold, so that one bad file does not hide a good target."""
    without: dict[str, bytes] = {}
    for _ in range(_ROUNDS):
        try:
            return load(folder, without)
        except ManifestErrors as error:
            without |= {problem.location.file: b"" for problem in error.problems}
        except (ReconcilerError, OSError):
            return None
    return None


def _target(manifests: Manifests | None, around: Surroundings, *, is_whole: bool) -> tuple[Target | None, Check]:
    if manifests is None:
        return None, Check("target", Status.NOT_CHECKED, "the manifests cannot be read")
    if not is_whole and around.target is None and not any(one.default for one in manifests.targets.values()):
        # The only target that can be read need not be the one that is meant.
        return None, Check("target", Status.NOT_CHECKED, "not all manifests can be read: name it with --target NAME")
    try:
        target = manifests.target(around.target)
    except UsageError as error:
        return None, Check("target", Status.FAILED, str(error), "write --target NAME before the command")
    where = f"sandbox {target.sandbox}" if target.sandbox else "embedded emulator"
    return target, Check("target", Status.OK, f"{target.name}, {where}")


def _there(target: Target, around: Surroundings) -> Iterator[Check]:
    """Yield what is not on this machine, or need not be."""
    yield from _service(target, around)
    yield _ledger(target, around)


def _service(target: Target, around: Surroundings) -> Iterator[Check]:
    if target.emulator:
        yield from _unchecked("not needed: the emulator is inside this process", "environment", *REMOTE)
        return
    belongings.learn(around)
    try:
        settings = Settings.read(target, around.environ)
    except UsageError as error:
        mend = "export it, or in GitHub set it as a secret or variable of the environment and name it in the workflow"
        yield Check("environment", Status.FAILED, str(error), mend)
        yield from _unchecked("the environment is not complete", *REMOTE)
        return
    yield Check("environment", Status.OK, "complete")
    probe = Probe(settings, around.clock, around.redactor, around.http)
    try:
        yield from probe.checks()
    finally:
        probe.close()


def _unchecked(why: str, *rows: str) -> Iterator[Check]:
    return (Check(row, Status.NOT_CHECKED, why) for row in rows)


def _ledger(target: Target, around: Surroundings) -> Check:
    try:
        ledger = ledger_of(around, target)
        state = ledger.read()
    except UsageError:  # an environment or key that is wrong has a row of its own
        return Check("ledger", Status.NOT_CHECKED, "the environment is not complete, or wrong")
    except (ReconcilerError, OSError) as error:
        return Check("ledger", Status.FAILED, str(error), "reconciler history reads the ledger alone")
    count = f"{len(state.entries)} entries" if state.entries else "empty: nothing was applied yet"
    told = [count, *state.notes]
    if state.open is not None:
        held = f"run {state.open.run} of {state.open.actor} holds it until {moment(state.open.expires)}"
        return Check(
            "ledger", Status.WARNING, "; ".join([*told, held]), "wait for it; if it is dead, reconciler unlock"
        )
    if state.notes:
        return Check("ledger", Status.WARNING, "; ".join(told), "set RECONCILER_KEY as in the pipeline that applies")
    return Check("ledger", Status.OK, f"{ledger.place}: readable, {count}")
