"""The program: ``reconciler``, and ``python -m reconciler``."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line, and exit with its code; Ctrl-C while it is being loaded ends like any later one."""
    try:
        from reconciler.cli.main import main as run  # noqa: PLC0415 - loading takes a while, in which one may be hit
    except KeyboardInterrupt:
        sys.stderr.write("interrupted\n")
        raise SystemExit(130) from None
    run()


if __name__ == "__main__":
    main()
