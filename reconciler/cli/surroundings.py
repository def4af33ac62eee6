"""What a command finds around it: the environment, the clock, and the way to the service. Tests bring their own."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from reconciler.engine.ports import Clock
from reconciler.model.errors import UsageError
from reconciler.model.secrets import Keys, Redactor, Secret

if TYPE_CHECKING:
    import requests  # slow to import, and validate does without


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Around one run of one command.

    ``folder``, ``target`` and ``verbose`` are the options that stand before every command. ``http`` is the transport
    where the network is not to be used.
    """

    redactor: Redactor = field(default_factory=Redactor)
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)
    clock: Clock = field(default_factory=lambda: Clock(time.time, time.sleep, random.random))
    http: requests.Session | None = None
    folder: Path = Path("manifests")
    target: str | None = None
    verbose: int = 0

    def keys(self) -> Keys | None:
        """Return the keys that ``RECONCILER_KEY`` makes, known to the redactor from then on; None without it.

        Raises UsageError for one that is no text.
        """
        return self._keys("RECONCILER_KEY")

    def plan_keys(self) -> Keys | None:
        """Return the keys that seal saved plans: those of ``RECONCILER_PLAN_KEY`` where it is set, else :meth:`keys`.

        A key of its own can be given to pull requests, which then can seal a plan and nothing else: neither forge the
        ledger nor try what a fingerprint was made of. Raises UsageError for one that is no text.
        """
        return self._keys("RECONCILER_PLAN_KEY") or self.keys()

    def _keys(self, variable: str) -> Keys | None:
        root = self.environ.get(variable, "")
        try:
            root.encode()
        except UnicodeEncodeError as error:
            raise UsageError(f"{variable}: the key must be UTF-8 text") from error
        self.redactor.learn(root)
        return Keys.derive(Secret(root)) if root else None
