"""The command line without a process: arguments and an environment in, an exit code and two texts out."""

from __future__ import annotations

import io
import subprocess
import sys

import pytest
from support.bench import Ran

from reconciler.cli import targets
from reconciler.cli.main import run
from reconciler.cli.surroundings import Surroundings
from reconciler.model.secrets import Redactor

CONNECTION = {
    "name": "Salesforce",
    "connectionSpec": {"id": "cfc0fee1-7dc0-40ef-b73e-d8b134c436f5", "version": "1.0"},
    "auth": {
        "specName": "Basic Authentication",
        "params": {
            "username": "me",
            "password": {"valueFrom": {"env": "FLOW_SECRET_PASSWORD"}},
            "securityToken": {"valueFrom": {"env": "FLOW_SECRET_TOKEN"}},
            "environmentUrl": "login.salesforce.com",
        },
    },
}
SECRETS = {"FLOW_SECRET_PASSWORD": "open-sesame", "FLOW_SECRET_TOKEN": "a-token-of-it"}


class Person(io.StringIO):
    """Somebody at a terminal who types a line."""

    def isatty(self):
        return True


@pytest.fixture
def call(capsys):
    """Runs the command line on an environment."""

    def call(*arguments, environ=None, redactor=None):
        capsys.readouterr()
        code = run(arguments, Surroundings(redactor or Redactor(), environ or {}))
        captured = capsys.readouterr()
        return Ran(code, captured.out, captured.err)

    return call


@pytest.fixture
def command(monkeypatch):
    """Puts something else in the place of what ``reconciler targets`` does."""
    return lambda body: monkeypatch.setattr(targets.command, "callback", body)


@pytest.fixture
def estate(bench):
    """One connection with two secrets, on the bench."""
    bench.declare("Connection", "crm", CONNECTION)
    bench.environ |= SECRETS | {"RECONCILER_KEY": "a-key-of-more-than-thirty-two-characters"}
    return bench


@pytest.fixture
def types(monkeypatch):
    """Lets a person type at a terminal."""
    return lambda text: monkeypatch.setattr(sys, "stdin", Person(text))


@pytest.fixture
def git_folder():
    """Makes a folder a repository with one commit of all that is in it."""

    def commit(folder):
        who = ("-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false")
        for arguments in (("init", "-q"), ("add", "-A"), (*who, "commit", "-q", "-m", "all")):
            subprocess.run(["git", *arguments], cwd=folder, check=True)

    return commit
