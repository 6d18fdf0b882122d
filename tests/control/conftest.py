"""The control API as its clients see it, every answer held to its document."""

from collections.abc import Iterator

import httpx
import pytest

from mockserver.control.application import DOCUMENT
from mockserver.engine.steps.match import Router
from mockserver.engine.steps.validate import RequestValidator
from mockserver.messages import Response
from mockserver.openapi.model.document import load
from mockserver.problem import Problem

SPEC = load(DOCUMENT, "control")
ROUTER = Router((operation.method, operation.path, RequestValidator(operation, "")) for operation in SPEC.operations)
PROBLEM = SPEC.schemas.validator("/components/schemas/Problem")


def keeps_its_promise(answer: httpx.Response) -> None:
    """The answer is what the document says; an error of no operation is a problem."""
    answer.read()
    is_json = "json" in answer.headers.get("Content-Type", "")
    body = (answer.json() if is_json else answer.text) if answer.content else None
    path = "/" + answer.request.url.raw_path.decode().partition("?")[0].partition("/__admin/")[2]
    if answer.request.method == "HEAD":
        return
    try:
        contract, _ = ROUTER.match("" if answer.status_code == 405 else answer.request.method, path)
    except Problem:
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert PROBLEM.violations(body, "response") == ()
        return
    headers = tuple((name.title(), value) for name, value in answer.headers.items())
    assert contract.check(Response(answer.status_code, body, headers), headers) == ()


@pytest.fixture
def control(admin: httpx.Client) -> Iterator[httpx.Client]:
    """The control API of this test's world."""
    admin.event_hooks = {"response": [keeps_its_promise]}
    yield admin
    admin.event_hooks = {}
