"""A fuzzer that is not ours calls the emulator as Adobe's OpenAPI allows: schemathesis, from PyPI.

Not among the test dependencies: ``pip install schemathesis`` and run this file, beside the documents.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from support.bench import HEADERS, NOW, ORGANISATION, SANDBOX
from support.documents import FOLDER

from reconciler.emulator import create_app
from reconciler.emulator.server import running
from reconciler.emulator.settings import Settings

pytestmark = pytest.mark.filterwarnings("default")
schemathesis = pytest.importorskip("schemathesis", reason="schemathesis is not installed: it is no dependency of ours")

ID, ETAG = "2edc08ac-4df5-4fe6-936f-81a19ce92f5c", '"1400dd53-0000-0200-0000-5f3f23450000"'
SPEC = {"id": "5c0e", "version": "1.0"}
OBJECTS: dict[str, dict[str, Any]] = {
    "connections": {"connectionSpec": SPEC, "auth": {"specName": "Basic", "params": {}}},
    "sourceConnections": {"connectionSpec": SPEC, "data": {}, "params": {}},
    "targetConnections": {"connectionSpec": SPEC, "data": {}, "params": {}},
    "flows": {"flowSpec": SPEC, "sourceConnectionIds": [], "targetConnectionIds": [], "state": "enabled"},
    "connectionSpecs": {"providerId": "p", "version": "1.0"},
    "flowSpecs": {"providerId": "p", "version": "1.0"},
    "runs": {"flowId": ID, "createdAt": 1_800_000_000_000, "state": "success"},
}


def document() -> dict[str, Any]:
    """Return the OpenAPI, but for what every other document of Adobe's contradicts.

    A spec's transformations are a list (X FACTS 15). What explore and configs answer is no list of lists: FACTS 4, O.
    """
    path = FOLDER / "openapi" / "flow-service.yaml"
    if not path.exists():
        pytest.skip("the collection of Adobe's documents is not beside this checkout", allow_module_level=True)
    loaded: dict[str, Any] = yaml.load(path.read_text("utf-8"), yaml.CSafeLoader)
    for schema in loaded["components"]["schemas"].values():
        for name, field in schema.get("properties", {}).items():
            if name.startswith("transformationSpec") and field.get("type") == "object":
                field.clear()
    for call, methods in loaded["paths"].items():
        if call.endswith(("/explore", "/configs")):
            methods["get"]["responses"]["200"]["content"]["application/json"].pop("schema")
    return loaded


SCHEMA = schemathesis.openapi.from_dict(document())
OPERATIONS = [result.ok() for result in SCHEMA.get_all_operations()]
ANSWERED: dict[str, Counter[int]] = defaultdict(Counter)


@pytest.fixture(scope="module")
def app() -> Iterator[Any]:
    made = create_app(":memory:", Settings(clock=lambda: NOW, check_references=False, record=False))
    yield made
    made.close()


@pytest.fixture(scope="module")
def address(app: Any) -> Iterator[str]:
    with running(app) as url:
        yield f"{url}/data/foundation/flowservice"


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: f"{one.method.upper()} {one.path}")
def test_whatever_is_allowed_is_answered(operation: Any, app: Any, address: str) -> None:
    """Never with a bug, always in JSON or empty; what succeeds has the documented form.

    Half of the calls are about an object that is there, and name its etag.
    """
    from schemathesis.checks import not_a_server_error  # noqa: PLC0415 - see importorskip
    from schemathesis.specs.openapi.checks import response_schema_conformance  # noqa: PLC0415 - see importorskip

    collection = operation.path.split("/")[1]
    count = 0

    @given(case=operation.as_strategy())
    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
    def call(case: Any) -> None:
        nonlocal count
        count += 1
        headers = dict(HEADERS)
        if case.path_parameters and count % 2:
            item = {"id": ID, "name": "x", "etag": ETAG, **OBJECTS[collection]}
            app.store.seed(collection, item, sandbox=SANDBOX, organisation=ORGANISATION)
            case.path_parameters = dict.fromkeys(case.path_parameters, ID)
            headers["If-Match"] = ETAG
        response = case.call(base_url=address, headers=headers)
        ANSWERED[f"{operation.method.upper()} {operation.path}"][response.status_code] += 1
        case.validate_response(response, checks=[not_a_server_error, response_schema_conformance])

    call()


def test_the_fuzzer_reached_what_succeeds() -> None:
    """Lest it is refused at the door: most operations have answered at least one call with success."""
    if not ANSWERED:
        pytest.skip("the test above was not run")
    taken = {name for name, statuses in ANSWERED.items() if any(status < 300 for status in statuses)}
    assert len(taken) >= len(ANSWERED) // 2, sorted(ANSWERED.keys() - taken)
    print(*sorted(f"{name}: {dict(statuses)}" for name, statuses in ANSWERED.items()), sep="\n")  # noqa: T201 - shown with -s
