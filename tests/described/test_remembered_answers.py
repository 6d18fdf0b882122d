"""What an answer shows of a record is made once, and again as soon as anything of it changes."""

from __future__ import annotations

from tests.described.conftest import Serve

SHOP = """
openapi: 3.1.0
info: {title: Shop, version: "1"}
paths:
  /customers:
    get:
      responses:
        "200":
          description: All.
          content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Customer"}}}}
  /customers/{customerId}:
    parameters: [{name: customerId, in: path, required: true, schema: {type: integer}}]
    get:
      responses:
        "200": {description: One., content: {application/json: {schema: {$ref: "#/components/schemas/Customer"}}}}
    patch:
      requestBody: {content: {application/json: {schema: {type: object, properties: {name: {type: string}}}}}}
      responses:
        "200": {description: Changed., content: {application/json: {schema: {$ref: "#/components/schemas/Customer"}}}}
  /orders:
    get:
      responses:
        "200":
          description: All.
          content:
            application/json:
              schema:
                type: object
                required: [data, total]
                properties:
                  data: {type: array, items: {$ref: "#/components/schemas/Order"}}
                  total: {type: integer}
  /orders/{orderId}:
    parameters: [{name: orderId, in: path, required: true, schema: {type: integer}}]
    get:
      responses:
        "200": {description: One., content: {application/json: {schema: {$ref: "#/components/schemas/Order"}}}}
components:
  schemas:
    Customer:
      type: object
      required: [id, name]
      properties: {id: {type: integer, readOnly: true}, name: {type: string}, url: {type: string, readOnly: true}}
    Order:
      type: object
      required: [id, customer]
      properties: {id: {type: integer, readOnly: true}, customer: {$ref: "#/components/schemas/Customer"}}
"""
NAMES = """
openapi: 3.1.0
info: {title: Names, version: "1"}
paths:
  /names:
    get:
      responses:
        "200":
          description: All.
          content:
            application/json:
              schema: {type: array, uniqueItems: true, items: {$ref: "#/components/schemas/Name"}}
    post:
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Name"}}}}
      responses:
        "201": {description: Made., content: {application/json: {schema: {$ref: "#/components/schemas/Name"}}}}
  /names/{nameId}:
    parameters: [{name: nameId, in: path, required: true, schema: {type: integer}}]
    get:
      responses:
        "200": {description: One., content: {application/json: {schema: {$ref: "#/components/schemas/Name"}}}}
components:
  schemas:
    Name: {type: object, required: [text], additionalProperties: false, properties: {text: {type: string}}}
"""


def test_a_record_in_a_list_is_shown_as_the_other_collection_has_it_now(serve: Serve) -> None:
    """An order in a list that was read before shows its customer under the name that was given since."""
    shop = serve(SHOP)
    shop.get("/orders")
    shop.get("/orders/1")

    shop.patch("/customers/1", json={"name": "Eva"})

    listed, read = shop.get("/orders").json()["data"][0], shop.get("/orders/1").json()
    assert (listed["customer"]["name"], read["customer"]["name"]) == ("Eva", "Eva")


def test_links_lead_to_the_host_that_was_asked(serve: Serve) -> None:
    """A list that is read under two names of the mock links to each under its own."""
    shop = serve(SHOP)

    urls = [shop.get("/customers", headers={"Host": host}).json()[0]["url"] for host in ("one.test", "two.test") * 2]

    assert urls == ["http://one.test/customers/1", "http://two.test/customers/1"] * 2


def test_what_a_list_says_of_all_of_its_items_is_still_checked(serve: Serve) -> None:
    """Where no two items may be alike, a list of two that are breaks its schema, and the answer says so."""
    names = serve(NAMES)
    for _ in range(2):
        names.post("/names", json={"text": "Ann"})

    told = names.get("/names").headers

    assert told["Mock-Violation"] == "1; response: has an item twice"


def test_a_page_that_is_asked_for_again_is_the_same_bytes(serve: Serve) -> None:
    """What was put together of remembered items is what was written at first."""
    shop = serve(SHOP)

    pages = [shop.get("/orders").content for _ in range(3)]

    assert pages[0] == pages[1] == pages[2]
    assert pages[0].startswith(b'{"data":[{"id":1,"customer":{"id":1,')
