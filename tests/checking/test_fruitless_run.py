"""Runs that tested next to nothing: the reason is told, and a green exit code is none."""

import json

import pytest

from mockserver.contract.checking.fruitless_run import fruitless, gives_credential
from mockserver.contract.reports.findings import Reclassified
from mockserver.contract.reports.run_record import ApiRun, OperationCoverage
from mockserver.openapi.model.document import load

DONE = {"responses": {"200": {"description": "Done."}}}
SHOP = {
    "openapi": "3.0.3",
    "info": {"title": "Shop", "version": "1"},
    "servers": [{"url": "https://shop.example.com/v1/"}],
    "components": {"securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}}},
    "security": [{"key": []}],
    "paths": {"/items": {"get": DONE}, "/items/{id}": {"get": DONE, "delete": DONE}},
}


@pytest.fixture
def why(tmp_path):
    """Tells why a run was fruitless, by the answers of the operations."""

    def tell(*, gives=False, security=SHOP["security"], components=SHOP["components"], refusals=None, **answers):
        file = tmp_path / "shop.json"
        file.write_text(json.dumps({**SHOP, "security": security, "components": components}))
        names = {"items": "GET /items", "item": "GET /items/{id}", "delete": "DELETE /items/{id}"}
        coverage = [OperationCoverage(names[key], 1, answers=counted) for key, counted in answers.items()]
        run = ApiRun("shop", "http://127.0.0.1:1/v2", coverage=coverage)
        return fruitless(load(file, "shop"), run, Reclassified(refusals or {}), gives=gives)

    return tell


@pytest.mark.parametrize(
    ("given", "status", "security", "failed"),
    [
        (False, "401", [{"key": []}], True),
        (False, "403", [{"key": []}], True),
        (True, "401", [{"key": []}], True),
        (True, "403", [{"key": []}], False),
        (False, "401", [], False),
        (False, "401", [{}, {"key": []}], False),
    ],
)
def test_a_server_that_only_wants_a_credential_is_told(why, given, status, security, failed):
    """It fails the check where the document wants one as well: else 401 may be about what was sent."""
    found = why(gives=given, security=security, items={status: 61}, item={status: 3})

    assert found is not None
    assert found.why.startswith(f"shop: every answer was {status}, so that nothing else was tested; ")
    assert found.is_failed is failed


def test_refusals_that_come_before_the_credential_is_looked_at_are_no_test(why):
    """Some servers look at the method and the body first."""
    found = why(items={"401": 61, "405": 2}, item={"401": 3, "422": 1})

    assert found is not None
    assert found.why.startswith("shop: every operation refused its callers with 401, so that nothing else was tested; ")
    assert found.is_failed


def test_the_key_of_a_query_is_given_by_its_scheme(why):
    """No header carries it."""
    in_query = {"securitySchemes": {"key": {"type": "apiKey", "in": "query", "name": "token"}}}
    found = why(components=in_query, items={"401": 61})

    assert found is not None
    assert found.why.endswith("; give a credential: --credential key=SECRET")


def test_a_server_without_the_paths_of_the_document_is_told(why):
    """With the path that the document says, and without its 404 among the undeclared refusals."""
    found = why(
        items={"404": 9, "401": 1},
        item={"404": 4},
        refusals={("GET", "/items"): [404], ("GET", "/items/{id}"): [401, 404]},
    )

    assert found is not None
    assert found.why == (
        "shop: 2 of 2 operations only ever answered 404: http://127.0.0.1:1/v2 is probably not where the paths of the "
        "document begin; the document says /v1 of its server"
    )
    assert (found.is_failed, found.refusals.refusals) == (True, {("GET", "/items/{id}"): [401]})


@pytest.mark.parametrize(
    "answers",
    [
        {"items": {"200": 1, "401": 3}},
        {"items": {"200": 1}, "item": {"404": 3}},
        {"items": {"401": 1, "405": 1}, "item": {"422": 3}},
        {"item": {"404": 3}, "delete": {"404": 2}},
        {},
    ],
)
def test_other_runs_are_not_held_to_be_fruitless(why, answers):
    """Records that are not there are no wrong address."""
    assert why(**answers) is None


@pytest.mark.parametrize(
    ("headers", "more", "gives"),
    [((), [], False), (("X-Key: a",), [], True), ((), ["--auth=a:b"], True), ((), ["--request-timeout", "5"], False)],
)
def test_a_credential_may_stand_in_a_header_or_behind_the_dashes(headers, more, gives):
    """As Schemathesis takes it."""
    assert gives_credential(headers, more) is gives
