"""A run that is killed anywhere in its talk with the remote."""

import os
import signal
import subprocess
import sys
import time as clock
from dataclasses import replace

import pytest

from reconciler.model.kinds import Kind
from reconciler.model.ledger import End, Outcome, Put
from reconciler.model.resources import ResourceName

CRM = ResourceName(Kind.CONNECTION, "crm")
END = End("first", 1_700_000_005.0, (Outcome(CRM, "create", "applied", "id"),))


KILLED = """
import os, sys, time
sys.path[:0] = {path!r}
from pathlib import Path
from support.clones import Forge
from reconciler.model.ledger import Begin
forge = object.__new__(Forge)
given = dict(folder=Path({folder!r}), environ={environ!r}, slept=[], trusted=frozenset(), now=time.time)
for name, value in given.items():
    setattr(forge, name, value)
from reconciler.model.secrets import Redactor
forge.redactor = Redactor()
ledger = forge.ledger(Path({clone!r}))
ledger.begin(Begin("killed", "ci", "digest", None, time.time(), time.time() + 1))
"""


@pytest.mark.parametrize(
    "moment", ["before the push", "in the push", "after the push", "in the fetch", "in the commit"]
)
def test_a_run_that_is_killed_leaves_a_usable_ledger(forge, begun, entry, moment):
    """With SIGKILL, its git too: the next run from the same clone takes over what arrived, and begins."""
    clone = forge.clone("clone")
    other = forge.ledger(forge.clone("other"))
    other.begin(begun("zeroth"))
    other.end("zeroth", replace(END, run="zeroth"))
    asked = {"in the fetch": "fetch", "in the commit": "fast-import"}.get(moment, "push")
    do = {"in the push": '"$GIT" "$@" &', "after the push": '"$GIT" "$@"', "in the fetch": '"$GIT" "$@" &'}.get(
        moment, ""
    )
    forge.wrap(f'[ "$1" = {asked} ] && {{ {do}\ntouch "{forge.folder}/there"; sleep 60; }}')
    code = KILLED.format(path=sys.path, folder=str(forge.folder), environ=forge.environ, clone=str(clone))
    process = subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE)
    with process:
        end = clock.monotonic() + 30
        while not (forge.folder / "there").exists() and process.poll() is None:
            assert clock.monotonic() < end
            clock.sleep(0.01)
        children = subprocess.run(["pgrep", "-P", str(process.pid)], capture_output=True, text=True, check=False)
        process.kill()
        for child in children.stdout.split():
            os.killpg(int(child), signal.SIGKILL)
        assert process.stderr.read() == b""
    forge.wrap("")
    ledger = forge.ledger(clone)
    now = clock.time() + 1000
    ledger._now = lambda: now
    standing = ledger.read().open
    arrived = {"after the push": [True], "in the push": [True, False]}.get(moment, [False])
    assert (standing is not None) in arrived
    assert ledger.begin(begun("next", started=now), standing and standing.run) == standing
    ledger.record("next", [Put(entry())])
    ledger.end("next", End("next", now + 1))
    assert set(forge.ledger(forge.clone("third")).read().entries) == {CRM}
