"""Plan files on the command line: read, taken together, and held against where they are about to be applied."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

import click

from reconciler.cli.surroundings import Surroundings
from reconciler.engine.review import merged_scope
from reconciler.ledger import plan_file
from reconciler.model.errors import PlanFileError
from reconciler.model.plan import Plan, SavedPlan, Scope
from reconciler.model.resources import ResourceName
from reconciler.render.inert import inert


@dataclass(frozen=True, slots=True)
class PlanFiles:
    """Plans that were reviewed, by the name of their file, all of one target; none of them allow nothing."""

    saved: Mapping[str, SavedPlan]

    @property
    def plans(self) -> list[Plan]:
        """The plans, in the order of their files."""
        return [saved.plan for saved in self.saved.values()]

    @property
    def target(self) -> str | None:
        """The target that all of them are for, None where there are none."""
        return self.plans[0].target if self.saved else None

    @property
    def prune(self) -> bool:
        """Iff one of them was made with ``--prune``."""
        return any(saved.scope.prune for saved in self.saved.values())

    def scope(self, known: Collection[ResourceName]) -> Scope:
        """Return what they were made for, taken together; where there are none, all is looked at."""
        if not self.saved:
            return Scope()
        return merged_scope([saved.scope for saved in self.saved.values()], known)

    def check_where(self, organisation: str, sandbox: str) -> None:
        """Raise PlanFileError for a plan that was made for another organisation or sandbox."""
        for name, saved in self.saved.items():
            found = (saved.plan.organisation, saved.plan.sandbox)
            if found != (organisation, sandbox):
                raise PlanFileError(
                    f"{name} was made for sandbox {found[1]!r} of {found[0]!r}, and this is {sandbox!r} of "
                    f"{organisation!r}: correct AEP_ORG_ID or the target's sandbox, or plan again"
                )


def read(files: Collection[Path], around: Surroundings) -> PlanFiles:
    """Read plan files that are to be applied, and warn of what cannot be proved; raises PlanFileError."""
    keys = around.plan_keys()
    saved = {}
    for file in files:
        saved[str(file)], warning = plan_file.load(file, keys)
        warn(warning)
    targets = [around.target] if around.target else []
    for name, one in saved.items():
        targets.append(one.plan.target)
        if targets[-1] != targets[0]:
            other = "--target says" if around.target else "another one is for"
            raise PlanFileError(
                f"{name} is a plan for target {targets[-1]!r}, and {other} {targets[0]!r}: apply one target at a time"
            )
    return PlanFiles(saved)


def warn(warning: str | None) -> None:
    """Tell on stderr what a person should know of a plan file."""
    if warning:
        click.echo(f"warning: {inert(warning)}", err=True)
