"""The entry point: the group of commands, and the one boundary where errors become a message and an exit code."""

from __future__ import annotations

import io
import os
import signal
import sys
import traceback
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import IO, Final

import click

from reconciler import __version__
from reconciler.cli.bundle import unbundled
from reconciler.cli.lazy import LazyGroup
from reconciler.cli.surroundings import Surroundings
from reconciler.model.errors import ManifestErrors, ReconcilerError

DONE: Final = 0
ERROR: Final = 1
CHANGES: Final = 2
INTERRUPTED: Final = 130

_ANNOTATED: Final = 50
"""GitHub shows no more annotations of one run."""

_COMMANDS: Final = {
    "validate": "Check the manifests alone: no network, no credentials, no secrets.",
    "plan": "Show what an apply would send, and why. Sends nothing; needs no secrets.",
    "apply": "Bring the target to what git says, and remember it.",
    "show": "Show a plan that was saved with plan --out, as plan did. Needs neither manifests nor the service.",
    "drift": "Show what was changed behind git's back, and who wrote last.",
    "import": "Write manifests for what is live and has none. Changes nothing in the service.",
    "history": "Show who applied what, and when.",
    "unlock": "End the hold of a run that will never come back.",
    "doctor": "Check environment, credentials, permissions and ledger by reads alone, and say what is wrong.",
    "graph": "Show which resources need which. Reads the manifests alone: no network, no secrets.",
    "schema": "Print JSON Schemas: of a manifest, for editors, and of what commands print with --format json.",
    "targets": "List the targets.",
    "github": "Comments, summaries, issues and reviewed plans, by GitHub's API: for workflows.",
    "emulate": "Serve the embedded Flow Service on loopback until interrupted.",
}
"""Every command and its first line of help, written out so that listing them imports none of them."""


_BEFORE: Final = {"--target": " VALUE", "--manifests": " VALUE", "--verbose": "", "-v": ""}
"""The options that stand before the command, and what follows them."""


class _Commands(LazyGroup):
    table = _COMMANDS


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option(
    "--manifests",
    "folder",
    type=click.Path(path_type=Path),
    default=Path("manifests"),
    show_default=True,
    help="Folder of the manifests.",
)
@click.option("--target", metavar="NAME", help="Target to work on.  [default: the one marked default: true]")
@click.option("-v", "--verbose", count=True, help="Tell each request on stderr; -vv bodies too. Secrets are masked.")
@click.version_option(__version__, prog_name="reconciler")
@click.pass_context
def cli(ctx: click.Context, folder: Path, target: str | None, verbose: int) -> None:
    """Bring Adobe Experience Platform's Flow Service to what the manifests in git say.

    \b
    Example:
      reconciler plan                       what would be sent to the default target
      reconciler --target prod apply        send it
      reconciler --target prod drift        what was changed behind git's back
    """
    surroundings: Surroundings = ctx.obj
    environ = unbundled(surroundings.environ, surroundings.redactor)
    ctx.obj = replace(surroundings, environ=environ, folder=folder, target=target, verbose=verbose)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line on this process's environment, and exit with its code.

    Being told to end is as good as Ctrl-C: an apply finishes what is under way and lets the ledger go.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    raise SystemExit(run(arguments, Surroundings()))


def run(arguments: Sequence[str] | None, surroundings: Surroundings) -> int:
    """Run the command line and return its exit code; every sink is redacted, and no error shows a traceback."""
    from reconciler.render.sink import RedactingStream  # noqa: PLC0415 - needed once something runs

    outer = sys.stdout, sys.stderr
    # A stream that was closed before we started is None: what goes there is nobody's.
    out, err = (RedactingStream(stream or io.StringIO(), surroundings.redactor) for stream in outer)
    sys.stdout, sys.stderr = out, err
    try:
        code = _run(arguments, surroundings)
        out.flush()
        err.flush()
    except BrokenPipeError:
        for stream in outer:
            _silence(stream)
        return ERROR
    finally:
        sys.stdout, sys.stderr = outer
    return code


def _run(arguments: Sequence[str] | None, surroundings: Surroundings) -> int:
    environ = surroundings.environ
    try:
        code = _invoke(arguments, surroundings)
    except click.exceptions.Exit as end:
        return end.exit_code
    except (click.Abort, KeyboardInterrupt):
        return _interrupted()
    except click.ClickException as error:
        click.echo(_usage(error), err=True)
        return ERROR
    except BrokenPipeError:
        raise
    except (ReconcilerError, OSError) as error:  # an OSError is the machine's answer: a full disk, a folder of others
        click.echo(_message("error", str(error), environ), err=True)
        if isinstance(error, ManifestErrors):
            _annotated(error, environ)
        return ERROR
    except Exception as error:  # noqa: BLE001 - the boundary: a bug is one line, not a traceback with values in it
        return _interrupted() if _is_interruption(error) else _bug(error, surroundings)
    return code if isinstance(code, int) else DONE


def _annotated(errors: ManifestErrors, environ: Mapping[str, str]) -> None:
    from reconciler.cli.output import annotate_errors  # noqa: PLC0415 - only an error needs it

    annotate_errors(((problem.message, problem.location) for problem in errors.problems[:_ANNOTATED]), environ)


def _interrupted() -> int:
    click.echo("interrupted", err=True)
    return INTERRUPTED


def _bug(error: Exception, surroundings: Surroundings) -> int:
    environ, redact = surroundings.environ, surroundings.redactor.redact  # nobody knows what an error of a bug quotes
    click.echo(_message("bug", f"{type(error).__name__}: {redact(str(error))}. Please report it", environ), err=True)
    if environ.get("RECONCILER_DEBUG"):
        click.echo(redact(traceback.format_exc()), err=True)
    return ERROR


def _is_interruption(error: BaseException) -> bool:
    """Iff Ctrl-C is what an error came from: one that hits a lock of ``threading`` leaves it as a RuntimeError."""
    cause = error.__context__
    return cause is not None and (isinstance(cause, KeyboardInterrupt) or _is_interruption(cause))


def _invoke(arguments: Sequence[str] | None, surroundings: Surroundings) -> object:
    """Run the command; ``cli.main`` would turn a closed pipe into an exit of its own before we hear of it."""
    words = sys.argv[1:] if arguments is None else arguments
    with cli.make_context("reconciler", list(words), obj=surroundings) as ctx:
        return cli.invoke(ctx)


def _usage(error: click.ClickException) -> str:
    from reconciler.render.inert import inert  # noqa: PLC0415 - only an error needs it

    shown = io.StringIO()
    if isinstance(error, click.NoSuchOption) and error.option_name in _BEFORE:
        word = f"{error.option_name}{_BEFORE[error.option_name]}"  # click would propose what looks most like it
        error = click.UsageError(f"{error.option_name} stands before the command: reconciler {word} plan", error.ctx)
    error.show(shown)
    return "\n".join(inert(line) for line in shown.getvalue().rstrip("\n").split("\n"))


def _message(kind: str, text: str, environ: Mapping[str, str]) -> str:
    from reconciler.render.inert import inert  # noqa: PLC0415 - only an error needs it

    lines = [inert(line) for line in text.split("\n")]
    head = f"{kind}:"
    if sys.stderr.isatty() and not environ.get("NO_COLOR"):
        head = click.style(head, fg="red", bold=True)
    return "\n".join([f"{head} {lines[0]}", *lines[1:]])


def _silence(stream: IO[str] | None) -> None:
    """Send what is left in a stream nowhere: its reader has gone, and Python would complain once more at the end."""
    with suppress(OSError, AttributeError):  # no descriptor, or no stream
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())  # type: ignore[union-attr] # suppressed
