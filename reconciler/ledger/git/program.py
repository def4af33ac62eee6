"""The git program: one call, its answer, and its reason where it failed."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final

from reconciler.ledger.git.addresses import without_userinfo
from reconciler.ledger.git.environment import environment
from reconciler.model.errors import LedgerError

OLDEST: Final = (2, 31)
"""The first git that takes settings by the environment, and names paths absolutely."""

TIMEOUT: Final = 60.0
_REASON: Final = re.compile(r"(?:fatal|error|remote|ERROR): *(.*)|(ssh: .*|.*Permission denied.*)|(!\t.*|.*Host key.*)")
_SHOWN: Final = 600


@dataclass(frozen=True, slots=True)
class Answer:
    """What git said. ``code`` is None where it did not end in time."""

    code: int | None
    out: bytes
    reason: str

    @property
    def ok(self) -> bool:
        """Iff it did what it was asked."""
        return self.code == 0

    @property
    def text(self) -> str:
        """Its output as text, without the line's end."""
        return self.out.decode(errors="surrogateescape").rstrip("\n")


@dataclass(frozen=True, slots=True)
class Git:
    """Runs git with an environment of ours. ``redact`` is the fence that what it says has to pass."""

    environ: Mapping[str, str]
    redact: Callable[[str], str] = str
    timeout: float = TIMEOUT

    @classmethod
    def found(cls, environ: Mapping[str, str], redact: Callable[[str], str]) -> Git:
        """Return the git of the PATH; raises LedgerError where there is none, or one too old."""
        git = cls(environment(environ), redact)
        answer = git.run("version")
        found = re.search(r"(\d+)\.(\d+)", answer.text)
        if not answer.ok or found is None or (int(found[1]), int(found[2])) < OLDEST:
            shown = answer.text.strip() or answer.reason
            raise LedgerError(
                f"the ledger lives in git, which takes git {OLDEST[0]}.{OLDEST[1]} or later on the PATH; found: {shown}"
            )
        return git

    def with_settings(
        self, environ: Mapping[str, str], settings: Iterable[tuple[str, str]], protocols: str, **variables: str
    ) -> Git:
        """Return the same git with settings and variables for one repository."""
        return replace(self, environ=environment(environ, settings, protocols) | variables)

    def run(self, *arguments: str, stdin: bytes = b"", cwd: str | None = None) -> Answer:
        """Run git; raises LedgerError where there is none.

        In a session of its own: no question reaches a terminal, and Ctrl-C leaves a push that is under way alone.
        """
        try:
            process = subprocess.Popen(  # noqa: S603 - no shell, and no argument that begins as an option of another's
                ["git", *arguments],  # noqa: S607 - the git program of the PATH is meant
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                cwd=cwd,
                env=dict(self.environ),
                start_new_session=True,
            )
        except OSError as error:
            raise LedgerError(f"the ledger lives in git, and git cannot be run: {error.strerror or error}") from error
        with process:
            try:
                out, err = process.communicate(stdin, self.timeout)
            except subprocess.TimeoutExpired:
                _kill(process)
                return Answer(None, b"", f"git {arguments[0]} did not end within {self.timeout:.0f} s")
            except BaseException:
                _kill(process)
                raise
        return Answer(process.returncode, out, self._reason(err, process.returncode))

    def _reason(self, err: bytes, code: int) -> str:
        lines = [line.strip() for line in err.decode(errors="replace").splitlines() if line.strip()]
        told = [next(filter(None, match.groups()), "") for match in map(_REASON.fullmatch, lines) if match]
        text = "; ".join(dict.fromkeys(filter(None, told or lines[-3:]))) or f"it ended with code {code}"
        text = self.redact(without_userinfo(text))
        return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End git and whatever it started to reach the remote."""
    with suppress(OSError, AttributeError):  # gone already, or a system without groups of processes
        os.killpg(process.pid, signal.SIGKILL)
    process.kill()
