"""What a record tells of the records that belong to it follows from these: lists of them, how many, what they cost."""

from __future__ import annotations

STORE = """
openapi: 3.0.3
info: {title: Store, version: "1"}
paths:
  /customers:
    get:
      parameters: [{name: sort, in: query, schema: {type: string}}]
      responses: {"200": {description: x, content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Customer"}}}}}}
    post:
      requestBody: {content: {application/json: {schema: {type: object, properties: {name: {type: string}}}}}}
      responses: {"201": {description: x, content: {application/json: {schema: {$ref: "#/components/schemas/Customer"}}}}}
  /customers/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get: {responses: {"200": {description: x, content: {application/json: {schema: {$ref: "#/components/schemas/Customer"}}}}, "404": {description: None.}}}
  /orders:
    get: {responses: {"200": {description: x, content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Order"}}}}}}}
    post:
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/OrderIn"}}}}
      responses: {"201": {description: x, content: {application/json: {schema: {$ref: "#/components/schemas/Order"}}}}}
  /orders/{orderId}:
    parameters: [{name: orderId, in: path, required: true, schema: {type: integer}}]
    get: {responses: {"200": {description: x, content: {application/json: {schema: {$ref: "#/components/schemas/Order"}}}}, "404": {description: None.}}}
    patch:
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/OrderIn"}}}}
      responses: {"200": {description: x, content: {application/json: {schema: {$ref: "#/components/schemas/Order"}}}}, "404": {description: None.}}
    delete: {responses: {"204": {description: Gone.}, "404": {description: None.}}}
  /orders/{orderId}/lines:
    parameters: [{name: orderId, in: path, required: true, schema: {type: integer}}]
    get: {responses: {"200": {description: x, content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Line"}}}}}, "404": {description: None.}}}
    post:
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/LineIn"}}}}
      responses: {"201": {description: x, content: {application/json: {schema: {$ref: "#/components/schemas/Line"}}}}, "404": {description: None.}}
  /orders/{orderId}/lines/{lineId}:
    parameters:
      - {name: orderId, in: path, required: true, schema: {type: integer}}
      - {name: lineId, in: path, required: true, schema: {type: integer}}
    get: {responses: {"200": {description: x, content: {application/json: {schema: {$ref: "#/components/schemas/Line"}}}}, "404": {description: None.}}}
    patch:
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/LineIn"}}}}
      responses: {"200": {description: x, content: {application/json: {schema: {$ref: "#/components/schemas/Line"}}}}, "404": {description: None.}}
    delete: {responses: {"204": {description: Gone.}, "404": {description: None.}}}
components:
  schemas:
    Customer:
      type: object
      required: [id, name, ordersCount, stats]
      properties:
        id: {type: integer}
        name: {type: string}
        ordersCount: {type: integer}
        stats: {type: object, properties: {openOrders: {type: integer}, visits: {type: integer}}}
    LineIn: {type: object, properties: {sku: {type: string}, quantity: {type: integer}, price: {type: number}}}
    Line:
      type: object
      required: [id, orderId, sku, quantity, price, lineTotal]
      properties:
        id: {type: integer}
        orderId: {type: integer}
        sku: {type: string}
        quantity: {type: integer, minimum: 1, maximum: 9}
        price: {type: number, minimum: 1, maximum: 99}
        lineTotal: {type: number}
    OrderIn:
      type: object
      properties:
        customerId: {type: integer}
        state: {type: string, enum: [open, closed]}
        lines: {type: array, items: {$ref: "#/components/schemas/LineIn"}}
    Order:
      type: object
      required: [id, customerId, state, lines, numLines, total]
      properties:
        id: {type: integer}
        customerId: {type: integer}
        state: {type: string, enum: [open, closed]}
        lines: {type: array, items: {$ref: "#/components/schemas/Line"}}
        numLines: {type: integer}
        total: {type: number}
"""  # noqa: E501

TWO = [{"sku": "a", "quantity": 2, "price": 3.5}, {"sku": "b", "quantity": 1, "price": 10}]


def test_counters_of_first_records_are_true(serve):
    """Customers have as many orders as there are that name them, and orders as many lines."""
    client = serve(STORE)

    customers, orders = client.get("/customers").json(), client.get("/orders").json()

    named = [order["customerId"] for order in orders]
    assert [each["ordersCount"] for each in customers] == [named.count(each["id"]) for each in customers]
    assert [each["numLines"] for each in orders] == [3, 3, 3]
    assert [len(client.get(f"/orders/{each['id']}/lines").json()) for each in orders] == [3, 3, 3]


def test_counters_follow_what_is_made_and_deleted(serve):
    """A new customer has no orders, then two, of which one is open, then one."""
    client = serve(STORE)
    ann = client.post("/customers", json={"name": "Ann"}).json()
    made = [
        client.post("/orders", json={"customerId": ann["id"], "state": state}).json() for state in ("open", "closed")
    ]

    after_two = client.get(f"/customers/{ann['id']}").json()
    client.delete(f"/orders/{made[0]['id']}")
    after_one = client.get(f"/customers/{ann['id']}").json()

    assert ann["ordersCount"] == 0
    assert (after_two["ordersCount"], after_two["stats"]["openOrders"]) == (2, 1)
    assert (after_one["ordersCount"], after_one["stats"]["openOrders"]) == (1, 0)


def test_lists_are_sorted_by_counters_as_they_are(serve):
    """The customer with the most orders is the last by their number."""
    client = serve(STORE)
    ann = client.post("/customers", json={"name": "Ann"}).json()
    for _ in range(4):
        client.post("/orders", json={"customerId": ann["id"]})

    customers = client.get("/customers", params={"sort": "ordersCount"}).json()

    assert (customers[-1]["id"], customers[-1]["ordersCount"]) == (ann["id"], 4)


def test_lines_that_are_sent_with_an_order_are_its_lines(serve):
    """They have the order's id, ids and amounts of their own, and stand in the list below the order."""
    client = serve(STORE)

    order = client.post("/orders", json={"customerId": 1, "lines": TWO}).json()

    assert [(line["orderId"], line["sku"], line["lineTotal"]) for line in order["lines"]] == [
        (order["id"], "a", 7),
        (order["id"], "b", 10),
    ]
    assert (order["numLines"], order["total"]) == (2, 17)
    assert client.get(f"/orders/{order['id']}/lines").json() == order["lines"]
    assert client.get(f"/orders/{order['id']}/lines/{order['lines'][1]['id']}").json() == order["lines"][1]


def test_an_order_shows_the_lines_that_are_below_it(serve):
    """What is added, changed and deleted below an order changes its lines and its total."""
    client = serve(STORE)
    order = client.post("/orders", json={"customerId": 1, "lines": TWO}).json()
    path = f"/orders/{order['id']}"

    client.post(f"{path}/lines", json={"sku": "c", "quantity": 1, "price": 3})
    added = client.get(path).json()
    client.patch(f"{path}/lines/{order['lines'][1]['id']}", json={"quantity": 2})
    changed = client.get(path).json()
    client.delete(f"{path}/lines/{order['lines'][0]['id']}")
    deleted = client.get(path).json()

    assert ([line["sku"] for line in added["lines"]], added["total"]) == (["a", "b", "c"], 20)
    assert ([line["lineTotal"] for line in changed["lines"]], changed["total"]) == ([7, 20, 3], 30)
    assert ([line["sku"] for line in deleted["lines"]], deleted["total"]) == (["b", "c"], 23)


def test_lines_that_a_change_sends_are_all_that_there_are(serve):
    """A line that is named by its id stays that line, one without is new, and others are gone."""
    client = serve(STORE)
    order = client.post("/orders", json={"customerId": 1, "lines": TWO}).json()
    first, second = (line["id"] for line in order["lines"])
    lines = [{"id": second, "sku": "b", "quantity": 3, "price": 10}, {"sku": "d", "quantity": 1, "price": 1}]

    changed = client.patch(f"/orders/{order['id']}", json={"lines": lines}).json()

    assert [(line["id"] == second, line["sku"], line["lineTotal"]) for line in changed["lines"]] == [
        (True, "b", 30),
        (False, "d", 1),
    ]
    assert changed["total"] == 31
    assert client.get(f"/orders/{order['id']}/lines/{first}").status_code == 404


def test_totals_of_first_records_are_those_of_their_lines(serve):
    """Also where the lines are made by themselves."""
    client = serve(STORE)

    orders = client.get("/orders").json()

    for order in orders:
        assert order["total"] == round(sum(line["quantity"] * line["price"] for line in order["lines"]), 2)
        assert {line["orderId"] for line in order["lines"]} == {order["id"]}
