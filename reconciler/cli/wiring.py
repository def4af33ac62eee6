"""Where the parts meet: a target's manifests, service, ledger and secrets, put together for one command."""

from __future__ import annotations

import getpass
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from reconciler.cli.surroundings import Surroundings
from reconciler.cli.wirelog import WireLog
from reconciler.engine import public
from reconciler.engine.credentials import slots
from reconciler.engine.latecomers import Patient
from reconciler.engine.observe import observe
from reconciler.engine.passwords import secrets_shown
from reconciler.engine.plan import Planned, make_plan
from reconciler.engine.ports import Clock, FlowService, Ledger, Progress, Secrets
from reconciler.engine.snapshot import Snapshot
from reconciler.engine.steps import Context
from reconciler.engine.unfinished import making
from reconciler.ledger.git.environment import environment
from reconciler.ledger.grouped import GroupedLedger
from reconciler.ledger.home import GitAccess, open_store
from reconciler.ledger.target import TargetLedger
from reconciler.manifest import load
from reconciler.manifest.hints import closest
from reconciler.manifest.secrets import EnvironmentSecrets
from reconciler.model.errors import UsageError
from reconciler.model.ledger import LedgerState
from reconciler.model.plan import Scope
from reconciler.model.resources import Estate, Notice, ResourceName, Target
from reconciler.model.secrets import Keys, Redactor, Secret, SecretSlot
from reconciler.service.client import Client
from reconciler.service.environment import Settings
from reconciler.service.hosts import TRUSTED_VARIABLE, TrustedHosts

if TYPE_CHECKING:
    import requests

STATE_FOLDER = ".reconciler"


@dataclass(frozen=True, slots=True)
class LearningSecrets:
    """Secrets that every sink has been told of before anybody can show them."""

    inner: Secrets
    redactor: Redactor

    def value(self, slot: SecretSlot) -> Secret | None:
        """Return the value, known to the redactor from now on."""
        value = self.inner.value(slot)
        if value is not None:
            self.redactor.learn(value.reveal())
        return value


@dataclass(frozen=True, slots=True)
class Session:
    """Everything that a command on one target works with."""

    estate: Estate
    service: FlowService
    ledger: Ledger
    secrets: Secrets
    keys: Keys | None
    redactor: Redactor
    clock: Clock
    environ: Mapping[str, str]

    @property
    def target(self) -> Target:
        """The target."""
        return self.estate.target

    def observed(self, *, everything: bool = False, prune: bool = False) -> tuple[LedgerState, Snapshot]:
        """Read ledger and service; every secret that the service shows is known to the redactor from then on."""
        with self.telling() as progress:
            progress.step("ledger", 0, 1, "")
            state = self.ledger.read()
            progress.step("ledger", 1, 1, "", len(state.entries))
            snapshot = observe(
                Patient(self.service, self.ledger.last_end, self.target.settle_seconds, self.clock),
                self.estate.resources,
                state.entries,
                progress,
                everything=everything,
                prune=prune,
                unsure=making(state.open),
            )
        self.redactor.learn_all(secrets_shown(snapshot))
        self.redactor.publish([*public.of_ledger(state), *public.of_live(snapshot)])
        return state, snapshot

    @contextmanager
    def telling(self) -> Iterator[Progress]:
        """Show how far it is while something is under way, and only then: a bar would draw over a question."""
        from reconciler.render.console import make_console  # noqa: PLC0415 - rich is slow to import
        from reconciler.render.progress import ConsoleProgress  # noqa: PLC0415

        with ConsoleProgress(make_console(sys.stderr, self.environ)) as progress:
            yield progress

    def _secret_if_any(self, slot: SecretSlot) -> Secret | None:
        """Return a secret for planning, which does without: one that may not be read here is as good as missing."""
        try:
            return self.secrets.value(slot)
        except UsageError:
            return None

    def planned(self, state: LedgerState, snapshot: Snapshot, scope: Scope) -> Planned:
        """Plan from what was read."""
        check_known(self.estate, scope, state.entries if scope.prune else ())
        context = Context(
            organisation=self.service.organisation,
            sandbox=self.service.sandbox,
            now=self.clock.now(),
            secret=self._secret_if_any,
            keys=self.keys,
            commit=commit_of(self.estate.folder),
            scope=scope,
        )
        with self.telling() as progress:
            planned = make_plan(self.estate, state, snapshot, context, progress)
        if context.commit and is_dirty(self.estate.folder):
            notice = Notice(f"the manifests have changes that are not committed (last commit {context.commit[:12]})")
            planned = replace(planned, plan=replace(planned.plan, notices=(*planned.plan.notices, notice)))
        return planned


def check_known(estate: Estate, scope: Scope, managed: Iterable[ResourceName] = ()) -> None:
    """Raise UsageError for a resource on the command line that no manifest declares, nor the ledger where it counts."""
    known = {resource.name for resource in estate.resources} | set(managed)
    asked: set[ResourceName] = set(scope.only or ()) | scope.exclude | scope.rotate
    if unknown := sorted(asked - known):
        close = closest(str(unknown[0]), map(str, known))
        hint = f": did you mean {close}?" if close else ""
        raise UsageError(f"no manifest declares {', '.join(map(str, unknown))} on target {estate.target.name}{hint}")


@contextmanager
def session(ctx: click.Context) -> Iterator[Session]:
    """Open a session on the target that the command line names. Raises ReconcilerError."""
    around: Surroundings = ctx.obj
    redactor, environ, clock = around.redactor, around.environ, around.clock
    manifests = load(around.folder)
    target = manifests.target(around.target)
    estate = manifests.estate(target)
    keys = around.keys()
    secrets = LearningSecrets(EnvironmentSecrets(environ), redactor)
    for resource in estate.resources:
        for _, slot in slots(dict(resource.spec)):
            with suppress(UsageError):  # whoever asks for the value is told
                secrets.value(slot)  # known to the redactor before the service can repeat it
    redactor.publish([target.name, target.sandbox or "", *public.of_git(estate.resources)])
    home = _home(around.folder, target)
    settings = Settings.read(target, environ)
    with _transport(around, target, home) as http:
        service = Client(settings, clock, redactor, session=http, on_request=wire_log(around))
        single = _ledger(around, target, settings, keys)
        ledger = GroupedLedger(single, clock.now) if single.is_far else single
        try:
            yield Session(estate, service, ledger, secrets, keys, redactor, clock, environ)
        finally:
            service.close()


def wire_log(around: Surroundings) -> WireLog | None:
    """Return who is to tell what goes over the wire; None where nobody asked."""
    return WireLog(around.verbose, around.redactor) if around.verbose else None


def _ledger(around: Surroundings, target: Target, settings: Settings, keys: Keys | None) -> TargetLedger:
    """Return a target's ledger, wherever it lives."""
    clock, redactor = around.clock, around.redactor
    trusted = TrustedHosts.read(around.environ.get(TRUSTED_VARIABLE, ""))
    access = GitAccess(around.environ, redactor, trusted.name, clock.now, clock.sleep, clock.random)
    store = open_store(target, around.folder, _home(around.folder, target), access)
    return TargetLedger(store, keys, settings.organisation, settings.sandbox, clock.now, redactor)


def ledger_alone(ctx: click.Context) -> tuple[Target, TargetLedger]:
    """Open the ledger of the target that the command line names, without the service: no credentials are needed.

    Raises ReconcilerError.
    """
    around: Surroundings = ctx.obj
    target = load(around.folder).target(around.target)
    return target, ledger_of(around, target)


def ledger_of(around: Surroundings, target: Target) -> TargetLedger:
    """Open a target's ledger, without the service and without credentials; raises ReconcilerError."""
    wanted = {name: value for name, value in around.environ.items() if name.endswith(("_ORG_ID", "_SANDBOX"))}
    settings = Settings.read(target, {**wanted, "AEP_ACCESS_TOKEN": "not-used", "AEP_API_KEY": "not-used"})
    return _ledger(around, target, settings, around.keys())


def _home(manifests: Path, target: Target) -> Path:
    """Return where a target's ledger lives: beside the manifests, named from here where that is shorter."""
    home = manifests.resolve().parent / STATE_FOLDER / target.name
    return home.relative_to(Path.cwd()) if home.is_relative_to(Path.cwd()) else home


@contextmanager
def _transport(around: Surroundings, target: Target, home: Path) -> Iterator[requests.Session | None]:
    """Yield a session that ends in the embedded Flow Service for a target that is one, else None: the network."""
    if around.http or not target.emulator:
        yield around.http
        return
    app = embedded(home)
    import requests  # noqa: PLC0415 - slow to import, and validate does without

    from reconciler.emulator.inprocess import WsgiAdapter  # noqa: PLC0415 - an extra of the package

    with requests.Session() as http:
        http.mount("http://", WsgiAdapter(app))
        try:
            yield http
        finally:
            app.store.close()


def embedded(home: Path) -> EmulatorApp:
    """Return the embedded Flow Service that keeps its objects beside a target's ledger."""
    create_app, path = emulator(), home / "emulator.sqlite"
    try:
        home.mkdir(parents=True, exist_ok=True)
        return create_app(path)
    except (OSError, sqlite3.Error) as error:
        raise UsageError(f"the embedded Flow Service cannot keep its objects in {path}: {error}") from error


def emulator() -> Callable[..., EmulatorApp]:
    """Return the emulator's ``create_app``; raises UsageError where the extra is not installed."""
    try:
        from reconciler.emulator import create_app  # noqa: PLC0415 - an extra of the package
    except ImportError as error:
        raise UsageError(
            "the embedded Flow Service is not installed: pip install 'flow-reconciler[emulator]'"
        ) from error
    return create_app


def commit_of(folder: Path | None) -> str | None:
    """Return git's commit of the manifests; None outside a repository or without git."""
    return _git(folder, "rev-parse", "--verify", "HEAD") or None


def is_dirty(folder: Path | None) -> bool:
    """Iff the manifests are not all as git has committed them."""
    return bool(_git(folder, "status", "--porcelain", "--", "."))


def _git(folder: Path | None, *arguments: str) -> str | None:
    """Return what git says of a folder, None where it says nothing."""
    try:
        found = subprocess.run(  # noqa: S603 - the arguments are ours
            ["git", *arguments],  # noqa: S607 - the git program of the PATH is meant
            cwd=folder,
            env=environment(os.environ),  # none of our secrets, and no lock: a plan must not write the user's index
            capture_output=True,
            text=True,
            check=False,
            timeout=10,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return found.stdout.strip() if found.returncode == 0 else None


def actor(environ: Mapping[str, str]) -> str:
    """Return who applies: the workflow's actor, else the user."""
    workflow = environ.get("GITHUB_ACTOR")
    if workflow:
        return f"{workflow} (run {environ.get('GITHUB_RUN_ID', '?')})"
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # which of them depends on Python's version and on the system
        return "unknown"


if TYPE_CHECKING:
    from reconciler.emulator.app import EmulatorApp
