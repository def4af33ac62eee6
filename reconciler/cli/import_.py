"""``reconciler import``: live objects -> manifests."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import click

from reconciler.cli.main import DONE, ERROR
from reconciler.cli.output import tell
from reconciler.cli.wiring import Session, session
from reconciler.diff.pointer import parse
from reconciler.engine.importing.collect import Home, Import, Wish, collect, without
from reconciler.engine.importing.credentials import secrets_in
from reconciler.engine.importing.selection import Owner, Selection, unknown_ids
from reconciler.engine.snapshot import Snapshot
from reconciler.manifest.importing.destination import Folder, open_folder
from reconciler.manifest.importing.intake import Intake, take_in, write
from reconciler.model.errors import UsageError
from reconciler.model.imports import ObjectKey, Omissions
from reconciler.model.kinds import Kind
from reconciler.model.ledger import LedgerState
from reconciler.model.plan import Scope
from reconciler.model.secrets import SecretOrigin

_ROUNDS = 100
"""Each round leaves something out that does not fit; a document has less parts than that."""


@click.command("import")
@click.option(
    "--kind",
    "kinds",
    multiple=True,
    type=click.Choice([kind.value for kind in Kind]),
    help="Import this kind alone. Repeatable.",
)
@click.option("--id", "ids", multiple=True, metavar="ID", help="Import the object with this id. Repeatable.")
@click.option("--name", "names", multiple=True, metavar="GLOB", help="Import objects named so. Repeatable.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder to write to.  [default: the manifests' own]")
@click.option("--overwrite", is_flag=True, help="Write over the manifests of what is managed already, too.")
@click.pass_context
def command(
    ctx: click.Context,
    kinds: tuple[str, ...],
    ids: tuple[str, ...],
    names: tuple[str, ...],
    out: Path | None,
    overwrite: bool,  # noqa: FBT001 - click passes flags by name
) -> int:
    """Write manifests for what is live and has none. Changes nothing in the service.

    The plan right after is empty. What has a manifest is left alone, unless --overwrite says otherwise.

    \b
    Example:
      reconciler --target prod import                            the sandbox whole
      reconciler --target prod import --kind Flow --name '*daily*'
      reconciler --target prod import --out elsewhere            leaves the manifests alone
    """
    selection = Selection(frozenset(map(Kind, kinds)), frozenset(ids), names)
    with session(ctx) as here:
        state, snapshot = here.observed(everything=True)
        if unknown := unknown_ids(snapshot, selection):
            raise UsageError(f"sandbox {here.service.sandbox} shows no such object: {', '.join(unknown)}")
        path = here.estate.folder if out is None else out
        elsewhere = out is not None and out.resolve() != ctx.obj.folder.resolve()
        folder = open_folder(path or ctx.obj.folder, here.target)
        wish = Wish(selection, Owner(here.service.organisation, here.service.client), overwrite)
        found, intake = _settled(here, folder, state, snapshot, wish)
    write(intake.files)
    return _shown(ctx, folder, found, intake, elsewhere=elsewhere)


def _settled(
    here: Session, folder: Folder, state: LedgerState, snapshot: Snapshot, wish: Wish
) -> tuple[Import, Intake]:
    """Collect what is to be imported, leaving out what does not fit, until all that is left does."""
    home, omissions = _home(folder, state), Omissions()

    for _ in range(_ROUNDS):
        found = collect(snapshot, home, wish, here.redactor.knows, omissions)
        intake = take_in(folder, found.manifests, here.redactor.knows) if found.manifests else Intake()
        misfits = [(one.key, one.path, one.reason) for one in intake.misfits]
        misfits = misfits or list(_out_of_sync(here, found, intake, state, snapshot))
        if not misfits:
            return found, intake
        omissions = without(omissions, misfits)
    raise AssertionError("each round leaves something out")


def _home(folder: Folder, state: LedgerState) -> Home:
    if folder.manifests is None:
        return Home(folder.target, entries=state.entries)
    resources = folder.manifests.estate(folder.target).resources
    names = frozenset(manifest.name for manifest in folder.manifests.resources)
    return Home(folder.target, resources, state.entries, names)


def _out_of_sync(
    here: Session, found: Import, intake: Intake, state: LedgerState, snapshot: Snapshot
) -> Iterator[tuple[ObjectKey, tuple[str, ...], str]]:
    """Plan what would be written, in memory: whatever the plan would change has to stay out."""
    if intake.estate is None:
        return
    planned = replace(here, estate=intake.estate).planned(state, snapshot, Scope())
    for one in found.manifests:
        change = planned.steps[one.name].change
        if one.key not in intake.places or not change.is_change:
            continue
        reason = change.blocked_by or "a plan would change it"
        paths = [parse(field.path) for field in change.fields] or [()]
        yield from ((one.key, path, reason) for path in paths)


def _shown(ctx: click.Context, folder: Folder, found: Import, intake: Intake, *, elsewhere: bool) -> int:
    """Say what was written, and what to do next."""
    from reconciler.render.inert import inert  # noqa: PLC0415 - only what is shown needs it

    written = [one for one in found.manifests if intake.places.get(one.key) in intake.files]
    tell((*found.notices, *intake.notices), ctx.obj.environ)
    for one in written:
        click.echo(f"{inert(intake.places[one.key])}  {one.name}  {one.id}")
    for place in sorted(intake.files.keys() - {intake.places[one.key] for one in written}):
        click.echo(f"{inert(place)}  Target/{folder.target.name}")
    over = sum((one.name, one.id) in found.managed for one in written)
    rewritten = f", {over} written over" if over else ""
    nothing = "" if written or found.managed or found.failed else f": {_nothing(ctx)}"
    click.echo(f"{len(written) - over} imported{rewritten}, {len(found.managed) - over} already managed{nothing}")
    for text in found.failed:
        click.echo(f"error: {inert(text)}", err=True)
    if written:
        variables = {
            slot.key for one in written for slot in secrets_in(dict(one.spec)) if slot.origin is SecretOrigin.ENV
        }
        click.echo("\n".join(_next_steps(ctx, folder, sorted(variables), elsewhere=elsewhere)), err=True)
    return ERROR if found.failed else DONE


def _nothing(ctx: click.Context) -> str:
    """Say why there was nothing to import."""
    asked = any(ctx.params[name] for name in ("kinds", "ids", "names"))
    return "nothing that can be imported fits what was asked for" if asked else "there is nothing to import"


def _next_steps(ctx: click.Context, folder: Folder, variables: Sequence[str], *, elsewhere: bool) -> Iterator[str]:
    if variables:
        yield f"Where an apply runs, set {', '.join(variables)}."
    where = [f"--manifests {folder.path}"] if elsewhere or ctx.obj.folder != Path("manifests") else []
    words = " ".join(["reconciler", *where, *([f"--target {ctx.obj.target}"] if ctx.obj.target else []), "plan"])
    yield f"Next: {words}, which has nothing to send; then commit, and apply: that sends nothing, and remembers them."
