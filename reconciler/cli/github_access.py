"""What every command on GitHub needs: the API, the last net over what is posted, and the occasion."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import click

from reconciler.cli.surroundings import Surroundings
from reconciler.github.access import Access
from reconciler.github.api import Api
from reconciler.github.nightly import last_look
from reconciler.manifest import load
from reconciler.model.errors import ReconcilerError
from reconciler.model.graph import Graph, graph_of
from reconciler.model.secrets import Redactor
from reconciler.render.inert import inert
from reconciler.render.words import iso
from reconciler.service.certificates import ca_bundle
from reconciler.service.proxies import endpoint

_SECRET: Final = re.compile(
    r"FLOW_SECRET_.*|RECONCILER_(KEY|PLAN_KEY|GIT_TOKEN)|AEP_(.*_)?(ACCESS_TOKEN|CLIENT_SECRET)"
)
_LOG: Final = 64 * 1024
"""Bytes of a log, from its end."""

_HOUR: Final = 3600.0
_STALE: Final = 36 * _HOUR
"""A nightly run that is missing; a day and half a night, since GitHub starts runs late."""


def learn_secrets(environ: Mapping[str, str], redactor: Redactor) -> None:
    """Let no secret of this environment pass a sink, whatever a text from elsewhere holds."""
    redactor.learn_all(value for name, value in environ.items() if _SECRET.fullmatch(name))


def connect(around: Surroundings) -> Api:
    """Return GitHub's API for this job; raises UsageError."""
    import requests  # noqa: PLC0415 - slow to import, and --help does without

    access = Access.read(around.environ)
    around.redactor.learn(access.token.reveal())
    learn_secrets(around.environ, around.redactor)
    http = around.http
    if http is None:
        http = requests.Session()
        proxy = endpoint(access.api, around.environ, "GITHUB_API_URL").proxy
        http.proxies = {"https": proxy.reveal()} if proxy else {}
        http.verify = ca_bundle(around.environ) or True
    http.trust_env = False
    return Api(access, http, around.clock.now, around.clock.sleep, _tell_wait)


def graph(around: Surroundings, target: str) -> Graph | None:
    """Return the graph of a target from the manifests, None where they cannot be read: a plan is shown without, too."""
    try:
        manifests = load(around.folder)
        return graph_of(manifests.estate(manifests.target(target)).resources)
    except ReconcilerError:
        return None


def nightly_remark(api: Api, workflow: str | None, now: float) -> list[str]:
    """Return a sentence on when drift was last looked for; it never fails what it stands in."""
    if not workflow:
        return []
    try:
        seen = last_look(api, workflow)
    except ReconcilerError as error:
        return [f"! Whether drift is looked for every night cannot be told: {error}"]
    if seen is None:
        return [f"! Drift was never looked for on schedule: no run of {workflow} has ended well"]
    ago = f"{(now - seen) / _HOUR:.0f} hours ago ({iso(int(seen))})"
    if now - seen > _STALE:
        return [f"! Drift was last looked for {ago}: the schedule of {workflow} has stopped, or its runs fail"]
    return [f"Drift was last looked for {ago}"]


def said(log: Path | None) -> str:
    """Return the end of what a command said on stderr, as a workflow kept it; nothing where there is no such file."""
    if log is None:
        return ""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - _LOG))
            return file.read().decode(errors="replace")
    except OSError:
        return ""


def _tell_wait(seconds: float, why: str) -> None:
    click.echo(f"waiting {seconds:.0f} s: {inert(why)}", err=True)
