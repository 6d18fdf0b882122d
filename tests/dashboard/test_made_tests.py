"""Tests made of requests whose answers depended on what was before them."""

from __future__ import annotations

import os
import subprocess
import sys

import httpx
import pytest
from playwright.sync_api import expect

from tests.dashboard.servers import served

DOCUMENT = """
openapi: 3.1.0
info: {title: Orders, version: "1"}
paths:
  /orders:
    post:
      operationId: addOrder
      parameters: [{name: Idempotency-Key, in: header, schema: {type: string}}]
      requestBody: {required: true, content: {application/json: {schema: {$ref: "#/components/schemas/Order"}}}}
      responses:
        "201": {description: Made., content: {application/json: {schema: {$ref: "#/components/schemas/Order"}}}}
        "422": {description: Refused.}
  /orders/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get:
      operationId: getOrder
      responses: {"200": {description: A, content: {application/json: {schema: {$ref: "#/components/schemas/Order"}}}}}
    patch:
      operationId: changeOrder
      requestBody: {required: true, content: {application/json: {schema: {type: object}}}}
      responses: {"200": {description: A, content: {application/json: {schema: {$ref: "#/components/schemas/Order"}}}}}
  /lines:
    post:
      operationId: addLine
      requestBody: {required: true, content: {application/json: {schema: {$ref: "#/components/schemas/Line"}}}}
      responses:
        "201": {description: Made., content: {application/json: {schema: {$ref: "#/components/schemas/Line"}}}}
  /lines/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get:
      operationId: getLine
      responses: {"200": {description: A, content: {application/json: {schema: {$ref: "#/components/schemas/Line"}}}}}
components:
  schemas:
    Order: {type: object, properties: {id: {type: integer, readOnly: true}, item: {type: string}}}
    Line: {type: object, properties: {id: {type: integer, readOnly: true}, orderId: {type: integer}}}
"""


@pytest.fixture(scope="module")
def orders_server(tmp_path_factory):
    """A server of the document, and where the document is."""
    file = tmp_path_factory.mktemp("orders") / "orders.yaml"
    file.write_text(DOCUMENT)
    for server in served(str(file)):
        yield server, file


@pytest.fixture
def made(page, orders_server):
    """The test that the page makes of the request with this number."""
    server, _ = orders_server

    def code(world: str, number: int) -> str:
        page.goto(f"{server.root}/__admin/#/{world}/requests/{number}")
        expect(page.locator(".facts")).to_contain_text(f"Number{number}")
        page.get_by_role("button", name="Make a test of it").click()
        text: str = page.get_by_label("The test").input_value()
        page.keyboard.press("Escape")
        return text

    return code


def test_a_made_test_begins_with_what_the_address_names(page, orders_server, made, tmp_path):
    """Not with a record of another collection that has the same number, and with the present state of a changed one."""
    server, file = orders_server
    with httpx.Client(base_url=f"{server.root}/~named") as client:
        order = client.post("/orders", json={"item": "pen"}).json()["id"]
        line = {"orderId": order}
        while client.post("/lines", json=line).json()["id"] < order:
            continue
        client.patch(f"/orders/{order}", json={"item": "ink"})
        number = len(client.get("/__admin/requests").json()["requests"])

    code = made("named", number)
    (tmp_path / "orders.yaml").write_text(file.read_text())
    (tmp_path / "test_made.py").write_text(code)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "mockserver.pytest_plugin"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
    )  # fmt: skip

    assert f'api.state["orders"].insert({{"id": {order}, "item": "ink"}})' in code
    assert "lines" not in code
    assert "1 passed" in done.stdout, done.stdout


def test_a_made_test_says_that_earlier_requests_matter(page, orders_server, made):
    """A key that was used for something else before."""
    server, _ = orders_server
    with httpx.Client(base_url=f"{server.root}/~keys", headers={"Idempotency-Key": "k1"}) as client:
        client.post("/orders", json={"item": "pen"})
        status = client.post("/orders", json={"item": "ink"}).status_code

    first, second = made("keys", 1), made("keys", 2)

    assert status in (409, 422)
    assert "# The answer depended on an earlier request with the same" not in first
    assert "# The answer depended on an earlier request with the same" in second
