"""Members of request bodies that name records get the ids of records that are there."""

import pytest

from mockserver.contract.checking.checks.checked_api import CheckedApi
from mockserver.contract.checking.preparation.body_references import body_references
from mockserver.openapi.model.document import load

SHOP = """
openapi: 3.1.0
info: {title: Shop, version: "1"}
paths:
  /customers:
    get: {operationId: listCustomers, responses: {"200": {description: All., content: {application/json: {schema:
      {type: array, items: {$ref: "#/components/schemas/Customer"}}}}}}}
  /customers/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string, format: uuid}}]
    get: {operationId: getCustomer, responses: {"200": {description: One., content: {application/json: {schema:
      {$ref: "#/components/schemas/Customer"}}}}, "404": {description: N.}, "422": {description: N.}}}
  /tags:
    get: {operationId: listTags, responses: {"200": {description: All., content: {application/json: {schema:
      {type: array, items: {$ref: "#/components/schemas/Tag"}}}}}}}
  /tags/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get: {operationId: getTag, responses: {"200": {description: One., content: {application/json: {schema:
      {$ref: "#/components/schemas/Tag"}}}}, "404": {description: N.}, "422": {description: N.}}}
  /orders:
    get: {operationId: listOrders, responses: {"200": {description: All., content: {application/json: {schema:
      {type: array, items: {$ref: "#/components/schemas/Order"}}}}}}}
    post:
      operationId: placeOrder
      requestBody: {required: true, content: {application/json: {schema: {$ref: "#/components/schemas/NewOrder"}}}}
      responses: {"201": {description: M., content: {application/json: {schema: {$ref: "#/components/schemas/Order"}}}},
        "400": {description: N.}, "404": {description: N.}, "415": {description: N.}, "422": {description: N.}}
  /orders/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get: {operationId: getOrder, responses: {"200": {description: One., content: {application/json: {schema:
      {$ref: "#/components/schemas/Order"}}}}, "404": {description: N.}, "422": {description: N.}}}
components:
  schemas:
    Customer: {type: object, required: [id, name], properties: {id: {type: string, format: uuid, readOnly: true},
      name: {type: string}}}
    Tag: {type: object, required: [id], properties: {id: {type: integer, readOnly: true}, text: {type: string}}}
    NewOrder: {type: object, required: [customer_id, note], properties: {customer_id: {type: string, format: uuid},
      tag_ids: {type: array, items: {type: integer}}, referrer: {type: object, required: [customer_id], properties:
      {customer_id: {type: string}}}, note: {type: string, maxLength: 20}}}
    Order: {type: object, required: [id, note], properties: {id: {type: integer, readOnly: true},
      customer_id: {type: string, format: uuid}, tag_ids: {type: array, items: {type: integer}},
      note: {type: string}}}
"""


@pytest.fixture
def file(tmp_path):
    """The document of a shop, whose orders name customers and tags."""
    made = tmp_path / "shop.yaml"
    made.write_text(SHOP)
    return made


def test_a_member_that_names_a_record_gets_the_ids_of_its_collection(file):
    """Also one of a list; at most three."""
    api = CheckedApi(load(file, "shop"))

    found = body_references(api, {"customers": ["a", "b", "b", "c", "d"], "tags": [7]})

    assert found == {"placeOrder": {"customer_id": ["a", "b", "c"], "tag_ids[*]": [7]}}


def test_where_no_id_is_known_chance_decides(file):
    """As with a server whose lists are empty."""
    api = CheckedApi(load(file, "shop"))

    assert body_references(api, {"customers": []}) == {}
