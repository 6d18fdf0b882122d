"""A mock that fails by itself says so in the words of its vendor: 500 from every operation of every API."""

from pathlib import Path

import httpx
import pytest

from mockserver.openapi.model.operation import Operation
from mockserver.server import Options, create_app, load_services
from mockserver.vendors import APIS
from tests.conftest import Server
from tests.invariants.test_house import documented

SERVICES = load_services(Options())
OPERATIONS = [(name, operation) for name, service in SERVICES.items() for operation in service.spec.operations]

FAILING = """
def fail(call, state):
    raise RuntimeError("out of ideas")

HANDLERS = dict.fromkeys({operations!r}, fail)
"""


@pytest.fixture(scope="module")
def failing(tmp_path_factory: pytest.TempPathFactory) -> Server:
    """A mock in which each handler of each API fails."""
    folder: Path = tmp_path_factory.mktemp("failing")
    files = []
    for name, service in SERVICES.items():
        file = folder / f"{name}.py"
        file.write_text(FAILING.format(operations=[operation.id for operation in service.spec.operations]))
        files.append(f"{name}={file}")
    return Server("http://127.0.0.1:4010", create_app(Options(handlers=files)))


@pytest.mark.parametrize(("api", "operation"), OPERATIONS, ids=lambda value: getattr(value, "id", value))
def test_an_operation_that_fails_says_so(failing: Server, world: str, api: str, operation: Operation) -> None:
    """In the form that the document declares for it, with the place in the user's file that failed, but for pages of
    visitors.
    """
    client = failing.client(f"/~{world}/{api}", dict([APIS[api].credential]))

    answer: httpx.Response = client.request(**documented(SERVICES[api], operation))

    with failing.client(f"/~{world}/__admin") as admin:
        [last] = admin.get("/requests", params={"limit": 1}).json()["requests"]
    assert (last["operation"], answer.status_code, answer.headers.get("Mock-Violation")) == (operation.id, 500, None)
    is_page = answer.headers["Content-Type"].startswith("text/html")
    assert is_page or f"{api}.py:3, in fail: RuntimeError: out of ideas" in answer.text
