"""``reconciler doctor``: what stands between a person and a first plan, and where to mend it."""

from __future__ import annotations

import platform
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import click

from reconciler.cli.main import DONE, ERROR
from reconciler.cli.options import format_option
from reconciler.cli.surroundings import Surroundings
from reconciler.cli.wiring import ledger_alone
from reconciler.engine.credentials import slots
from reconciler.ledger.git.program import Git
from reconciler.ledger.lease import moment
from reconciler.manifest import Manifests, load
from reconciler.manifest.secrets import EnvironmentSecrets, is_always_allowed
from reconciler.model.errors import LedgerError, ManifestErrors, ReconcilerError, UsageError
from reconciler.model.health import Check, Health, Status
from reconciler.model.resources import Target
from reconciler.service.environment import Settings
from reconciler.service.probe import REMOTE, Probe

_NAMES: Final = "ACCESS_TOKEN|CLIENT_ID|CLIENT_SECRET|SCOPES|API_KEY|ORG_ID|BASE_URL|IMS_URL|SANDBOX"
_OWN: Final = re.compile(rf"AEP_(?P<target>[A-Z0-9_]+?)_(?:{_NAMES})")
_ANY: Final = re.compile(rf"AEP_(?:[A-Z0-9_]+_)?(?:{_NAMES})")
_PLACEHOLDER: Final = re.compile(r"<.*>|\$\{.*\}|change-?me|todo|xxx+|your[-_ ].*", re.IGNORECASE)
_SHORT_KEY: Final = 32
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
    health = _examined(ctx, around)
    if form == "json":
        sys.stdout.write(doctor_json(health).decode())
    else:
        doctor_text(health, make_console(sys.stdout, around.environ))
    return DONE if health.is_well else ERROR


def _examined(ctx: click.Context, around: Surroundings) -> Health:
    manifests, read = _manifests(around)
    whole = manifests if read.status is Status.OK else None
    target, chosen = _target(manifests, around, is_whole=whole is not None)
    checks = [read, chosen, Check("python", Status.OK, platform.python_version()), _git(around), _key(around)]
    checks += [_secrets(whole, target, around), *_variables(whole, around.environ)]
    checks += _service(target, around)
    checks.append(_ledger(ctx) if target else Check("ledger", Status.NOT_CHECKED, "no target is chosen"))
    checks.append(Check("write permission", Status.NOT_CHECKED, "reads cannot tell: the first apply will"))
    health = Health(tuple(checks), "")
    option = f"--target {target.name} " if target else ""
    return Health(health.checks, f"reconciler {option}{'plan' if health.is_well else 'doctor'}")


def _manifests(around: Surroundings) -> tuple[Manifests | None, Check]:
    try:
        manifests = load(around.folder)
        manifests.validate()
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


def _git(around: Surroundings) -> Check:
    try:
        version = Git.found(around.environ, around.redactor.redact).run("version").text
    except LedgerError as error:
        return Check("git", Status.WARNING, str(error), "install git; a ledger that is a folder does without")
    return Check("git", Status.OK, version.removeprefix("git version "))


def _key(around: Surroundings) -> Check:
    mend = "make one with openssl rand -base64 32, and keep it as a secret of the pipeline"
    try:
        keys = around.keys()
    except UsageError as error:
        return Check("key", Status.FAILED, str(error), mend)
    if keys is None:
        return Check("key", Status.WARNING, "RECONCILER_KEY is not set: a rotated secret cannot be seen", mend)
    root = around.environ["RECONCILER_KEY"]
    if len(root) < _SHORT_KEY or len(set(root)) < _SHORT_KEY // 4:
        return Check("key", Status.WARNING, "RECONCILER_KEY is easy to guess", mend)
    return Check("key", Status.OK, f"RECONCILER_KEY is set, id {keys.id}")


def _secrets(manifests: Manifests | None, target: Target | None, around: Surroundings) -> Check:
    if manifests is None or target is None:
        why = "not all manifests can be read" if manifests is None else "no target is chosen"
        return Check("secrets", Status.NOT_CHECKED, why)
    secrets, missing, wrong, count = EnvironmentSecrets(around.environ), set[str](), set[str](), 0
    for resource in manifests.estate(target).resources:
        for _, slot in slots(dict(resource.spec)):
            count += 1
            try:
                value = secrets.value(slot)
            except UsageError as error:
                wrong.add(str(error))
                continue
            if value is None:
                missing.add(slot.key)
            else:
                around.redactor.learn(value.reveal())  # before the service can repeat it
    if wrong:
        return Check("secrets", Status.FAILED, "; ".join(sorted(wrong)), "mend the manifest or the variable named")
    if missing:
        mend = "plan does without; for apply set them, in GitHub as secrets of the environment, named in the workflow"
        return Check("secrets", Status.WARNING, f"not there: {', '.join(sorted(missing))}", mend)
    return Check("secrets", Status.OK, f"{count} named, all there")


def _variables(manifests: Manifests | None, environ: Mapping[str, str]) -> Iterator[Check]:
    """Yield what looks wrong with single variables, by name alone."""
    odd = [f"{name}: {told}" for name in sorted(environ) if _ANY.fullmatch(name) for told in _oddities(name, environ)]
    if manifests is not None:
        known = {name.upper().replace("-", "_") for name in manifests.targets}
        odd += [f"{name}: there is no such target" for name in sorted(environ) if _of_nobody(name, known)]
    if odd:
        yield Check("variables", Status.WARNING, "; ".join(odd), "set them anew, without what is named")
    else:
        yield Check("variables", Status.OK, "nothing looks odd")


def _of_nobody(name: str, known: set[str]) -> bool:
    match = _OWN.fullmatch(name)
    return match is not None and match["target"] not in known


def _oddities(name: str, environ: Mapping[str, str]) -> Iterator[str]:
    value = environ[name]
    if value != value.strip():
        yield "white space around it"
    value = value.strip()
    if value[:1] in ("'", '"'):
        yield "quotes around it"
    if value.lower().startswith("bearer "):
        yield "'Bearer' before the token"
    if _PLACEHOLDER.fullmatch(value):
        yield "a placeholder, no value"
    if value and name.endswith("ORG_ID") and not value.endswith("@AdobeOrg"):
        yield "an organisation ends in @AdobeOrg"


def _service(target: Target | None, around: Surroundings) -> Iterator[Check]:
    if target is None:
        yield from _unchecked("no target is chosen", "environment", *REMOTE)
        return
    if target.emulator:
        yield from _unchecked("not needed: the emulator is inside this process", "environment", *REMOTE)
        return
    _learn(around)
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


def _learn(around: Surroundings) -> None:
    """Make known to every sink what must not show, also where the settings are refused."""
    for name, value in around.environ.items():
        if is_always_allowed(name) or (_ANY.fullmatch(name) and name.endswith(("_SECRET", "_TOKEN"))):
            around.redactor.learn(value.strip())


def _unchecked(why: str, *rows: str) -> Iterator[Check]:
    return (Check(row, Status.NOT_CHECKED, why) for row in rows)


def _ledger(ctx: click.Context) -> Check:
    try:
        _, ledger = ledger_alone(ctx)
        state = ledger.read()
    except ManifestErrors:
        return Check("ledger", Status.NOT_CHECKED, "not all manifests can be read")
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
    return Check("ledger", Status.OK, f"readable, {count}")
