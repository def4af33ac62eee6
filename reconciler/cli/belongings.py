"""What a machine, a pipeline or a person has set, for ``doctor``: git, key, secrets and variables, each in a row."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from reconciler.cli.surroundings import Surroundings
from reconciler.engine.credentials import slots
from reconciler.ledger.git.program import Git
from reconciler.manifest import Manifests
from reconciler.manifest.secrets import EnvironmentSecrets, is_always_allowed
from reconciler.model.errors import LedgerError, UsageError
from reconciler.model.health import Check, Status
from reconciler.model.resources import Target

_NAMES: Final = "ACCESS_TOKEN|CLIENT_ID|CLIENT_SECRET|SCOPES|API_KEY|ORG_ID|BASE_URL|IMS_URL|SANDBOX"
_OWN: Final = re.compile(rf"AEP_(?P<target>[A-Z0-9_]+?)_(?:{_NAMES})")
_ANY: Final = re.compile(rf"AEP_(?:[A-Z0-9_]+_)?(?:{_NAMES})")
_PLACEHOLDER: Final = re.compile(r"<.*>|\$\{.*\}|change-?me|todo|xxx+|your[-_ ].*", re.IGNORECASE)
_SHORT_KEY: Final = 32


def git(around: Surroundings) -> Check:
    """Look for the git program."""
    try:
        version = Git.found(around.environ, around.redactor.redact).run("version").text
    except LedgerError as error:
        return Check("git", Status.WARNING, str(error), "install git; a ledger that is a folder does without")
    return Check("git", Status.OK, version.removeprefix("git version "))


def key(around: Surroundings) -> Check:
    """Look at ``RECONCILER_KEY``."""
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


def secrets(manifests: Manifests | None, target: Target | None, around: Surroundings) -> Check:
    """Look for each secret that a manifest names; ``manifests`` is None where not all of them can be read."""
    if manifests is None or target is None:
        why = "not all manifests can be read" if manifests is None else "no target is chosen"
        return Check("secrets", Status.NOT_CHECKED, why)
    source, missing, wrong, count = EnvironmentSecrets(around.environ), set[str](), set[str](), 0
    for resource in manifests.estate(target).resources:
        for _, slot in slots(dict(resource.spec)):
            count += 1
            try:
                value = source.value(slot)
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


def variables(manifests: Manifests | None, environ: Mapping[str, str]) -> Iterator[Check]:
    """Yield what looks wrong with single variables, by name alone."""
    ours = [name for name in sorted(environ) if _ANY.fullmatch(name)]
    odd = [f"{name}: {told}" for name in ours for told in _oddities(name, environ[name])]
    if manifests is not None:
        known = {name.upper().replace("-", "_") for name in manifests.targets}
        odd += [f"{name}: there is no such target" for name in ours if _of_nobody(name, known)]
    if odd:
        yield Check("variables", Status.WARNING, "; ".join(odd), "set them anew, without what is named")
    else:
        yield Check("variables", Status.OK, "nothing looks odd")


def _of_nobody(name: str, known: set[str]) -> bool:
    match = _OWN.fullmatch(name)
    return match is not None and match["target"] not in known


def _oddities(name: str, value: str) -> Iterator[str]:
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


def learn(around: Surroundings) -> None:
    """Make known to every sink what must not show, also where the settings are refused."""
    for name, value in around.environ.items():
        if is_always_allowed(name) or (_ANY.fullmatch(name) and name.endswith(("_SECRET", "_TOKEN"))):
            around.redactor.learn(value.strip())
