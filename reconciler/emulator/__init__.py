"""Flow Service, embedded: a WSGI application over SQLite, as strict as the fact sheet.

A request passes ``app`` (recording, injected faults), ``routes`` (which call), ``gateway`` (headers), then ``writes``,
``listing``, ``actions`` or ``runs`` (what it does to a document), ``canonical`` (the service's own form of it),
``rules`` (may it be so) and at last ``views`` (what of it is shown). What the sources leave open or contradict is a
switch in ``settings``. Nothing here imports the rest of the package: the referee must not share the players' mistakes.
"""

from __future__ import annotations

from reconciler.emulator.app import EmulatorApp, Request, create_app
from reconciler.emulator.settings import Settings

__all__ = ["EmulatorApp", "Request", "Settings", "create_app"]
