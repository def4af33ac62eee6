"""``reconciler github reviewed-plans``: the plans that were reviewed in what was merged since the last apply."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import click

from reconciler.cli.github_access import connect
from reconciler.cli.surroundings import Surroundings
from reconciler.cli.wiring import commit_of, ledger_alone
from reconciler.github.artefacts import NoPlan, plan_of
from reconciler.github.event import commit
from reconciler.github.merged import Pull, merged_since
from reconciler.ledger import plan_file
from reconciler.model.errors import PlanFileError, UsageError
from reconciler.model.ledger import Begin, End
from reconciler.model.secrets import Keys
from reconciler.render.inert import inert

_RUNS: Final = 200
"""Runs of the ledger that are looked at for one that ended well."""

_WELL: Final = frozenset({"applied", "unchanged"})


@click.command("reviewed-plans")
@click.option("--out", type=click.Path(path_type=Path), required=True, metavar="DIR", help="Where to put them.")
@click.option("--artefact", default="plan", show_default=True, metavar="PREFIX", help="How their names begin.")
@click.option("--branch", envvar="GITHUB_REF_NAME", metavar="NAME", help="Merged into which.  [default: the run's]")
@click.pass_context
def command(ctx: click.Context, out: Path, artefact: str, branch: str | None) -> None:
    """Fetch the plans that were reviewed in the pull requests merged since the last apply that ended well.

    Of each pull request the plan of its last commit counts, which a run has kept as artefact PREFIX-TARGET-COMMIT; it
    must be sealed with our key. A pull request whose plan is missing or has expired is named, and what it changes is
    then refused by apply --reviewed. A plan that was forged ends it here.

    \b
    Example:
      reconciler --target prod github reviewed-plans --out reviewed
      reconciler --target prod apply --yes --reviewed reviewed
    """
    around: Surroundings = ctx.obj
    keys = around.plan_keys()
    if keys is None:
        raise UsageError("nothing shows whose a plan is without the key: set RECONCILER_PLAN_KEY, or RECONCILER_KEY")
    api = connect(around)
    target, ledger = ledger_alone(ctx)
    head = commit_of(around.folder)
    if head is None:
        raise UsageError(f"{around.folder} is in no git repository: nobody can tell what was merged")
    base = _last_applied(ledger.history(_RUNS))
    if base == head:
        _tell([f"commit {head[:12]} was applied already, and ended well: nothing was merged since"])
    merged = merged_since(api, base, head, branch)
    plans, remarks = {}, list(merged.remarks)
    for pull in merged.pulls:
        try:
            plans[pull] = plan_of(api, pull, f"{artefact}-{target.name}-{pull.head}")
        except NoPlan as reason:
            remarks.append(f"pull request #{pull.number} has no plan for {target.name}: {reason}")
    since = f"since {base[:12]}" if base else "since the beginning, as no apply has ended well yet"
    _write(out, plans, target.name, keys)
    _tell([*remarks, f"{len(plans)} of {len(merged.pulls)} pull requests merged {since} have a reviewed plan"])


def _last_applied(runs: Sequence[tuple[Begin, End | None]]) -> str | None:
    """Return the commit of the last run that left nothing to be done again, None if there is none."""
    for begin, end in runs:
        if end is not None and not end.taken_over and all(one.status in _WELL for one in end.outcomes):
            return commit(begin.commit)
    return None


def _write(out: Path, plans: dict[Pull, bytes], target: str, keys: Keys) -> None:
    """Put plans into a folder that holds none yet, once all of them are known to be ours; raises PlanFileError."""
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise UsageError(f"{out} is there, and not empty: name a new folder, so that no older plan is taken for one")
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent) as place:  # of mode 0700
        for at, (pull, content) in enumerate(plans.items()):
            path = Path(place) / f"{at:04}-pull-{pull.number}.plan"
            path.write_bytes(content)
            try:
                found = plan_file.load(path, keys)[0].plan.target
            except PlanFileError as error:
                told = str(error).replace(str(path), "its plan")
                raise PlanFileError(f"pull request #{pull.number}: {told}") from error
            if found != target:
                raise PlanFileError(f"pull request #{pull.number}: its plan is one for target {found!r}")
        out.mkdir(exist_ok=True)
        for path in sorted(Path(place).iterdir()):
            path.rename(out / path.name)


def _tell(remarks: Sequence[str]) -> None:
    for remark in remarks:
        click.echo(f"note: {inert(remark)}", err=True)
