"""The API on a stand-in, with a clock that does not wait."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests
from support.github import REPOSITORY, TOKEN, GitHub

from reconciler.emulator.inprocess import WsgiAdapter
from reconciler.github.access import Access
from reconciler.github.api import Api

ENVIRON = {"GITHUB_TOKEN": TOKEN, "GITHUB_REPOSITORY": REPOSITORY, "GITHUB_RUN_ID": "7"}


@pytest.fixture
def github() -> GitHub:
    return GitHub()


@pytest.fixture
def waits() -> list[float]:
    return []


@pytest.fixture
def api(github: GitHub, waits: list[float]) -> Iterator[Api]:
    with requests.Session() as http:
        http.mount("https://api.github.com", WsgiAdapter(github.app()))
        yield Api(Access.read(ENVIRON), http, lambda: github.now, waits.append)
