"""What every test shares: a bench on which the whole tool runs against an emulator in memory."""

from __future__ import annotations

import signal
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from support import playing
from support.bench import Bench
from support.schemas import judging
from support.sent import KNOWN, PASSED_ON, differences, sent_by_us

# How fast a busy machine is says nothing of the code.
settings.register_profile("reconciler", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("reconciler")

# A shell lets what it starts in the background ignore Ctrl-C, and so would every process that a test starts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

_LONG = frozenset({"test_any_password.py", "test_converges.py", "test_team_day.py", "test_workflows_run.py"})
_MANY = 16  # inputs of a test, from which on they are shared out
SHARED = Path(__file__).resolve().parents[2] / "shared"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--variant", default="", help="variants of the emulator to play, as a comma list")
    parser.addoption("--share", default="1/1", help="of a test with many inputs only those of this share, such as 2/4")
    parser.addoption("--openapi", action="store_true", help="hold what is sent in any test against Adobe's OpenAPI")
    parser.addoption("--whole", action="store_true", help="every trouble at every call, every boundary of a run")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Take one share of many, and begin with what takes longest, so that no worker is left with it in the end."""
    share, shares = map(int, config.getoption("--share").split("/"))
    inputs: dict[str, list[pytest.Item]] = defaultdict(list)
    for item in items:
        inputs[item.nodeid.partition("[")[0]].append(item)
    left = {id(item) for cases in inputs.values() if len(cases) >= _MANY for item in cases}
    left -= {id(item) for cases in inputs.values() for item in cases[share - 1 :: shares]}
    config.hook.pytest_deselected(items=[item for item in items if id(item) in left])
    items[:] = [item for item in items if id(item) not in left]
    items.sort(key=lambda item: "simulation" not in item.path.parts and item.path.name not in _LONG)


@pytest.fixture(autouse=True)
def variant(request: pytest.FixtureRequest) -> Iterator[None]:
    """Play the variants that the command line asks for, but for what the test says it assumes."""
    assumed = {name: value for mark in request.node.iter_markers("assumes") for name, value in mark.kwargs.items()}
    usual = request.node.get_closest_marker("usual")
    playing.play({} if usual else {**playing.changes(request.config.getoption("--variant")), **assumed})
    yield
    playing.play({})


@pytest.fixture(autouse=True)
def judge(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Hold every manifest that a test lets the tool read against our JSON Schema: it takes what the reader takes."""
    with judging(monkeypatch):
        yield


@pytest.fixture(autouse=True)
def openapi(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Hold every request of the tool against Adobe's OpenAPI, where the command line asks for it."""
    if not request.config.getoption("--openapi"):
        yield
        return
    request.getfixturevalue("shared")
    with sent_by_us(monkeypatch) as sent:
        yield
    found = differences(sent)
    assert {key: found[key][0] for key in found if not (KNOWN.explains(key) or PASSED_ON.explains(key))} == {}


@pytest.fixture
def bench(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Bench]:
    """A fresh folder, a fresh emulator, and the command line between them."""
    made = Bench(tmp_path, capsys)
    yield made
    made.close()


@pytest.fixture(scope="session")
def shared() -> Path:
    """The documents that the tool was built from; they are not part of the project."""
    if not (SHARED / "flow-service" / "FACTS.md").exists():
        pytest.skip("the collection of Adobe's documents is not beside this checkout")
    return SHARED
