"""What a client writes is what it reads, in whatever schema the answer has."""

from __future__ import annotations

import pytest

SHOP = """
openapi: 3.0.3
info: {title: Shop, version: "1"}
paths:
  /orders:
    post:
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/OrderCreate"}}}}
      responses: {"201": {$ref: "#/components/responses/Order"}}
  /orders/{orderId}:
    parameters: [{name: orderId, in: path, required: true, schema: {type: integer}}]
    get:
      responses: {"200": {$ref: "#/components/responses/Order"}}
    put:
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/OrderCreate"}}}}
      responses: {"200": {$ref: "#/components/responses/Order"}}
    patch:
      requestBody:
        content:
          application/json:
            schema: {type: object, properties: {status: {type: string, enum: [draft, paid, shipped]}}}
      responses: {"200": {$ref: "#/components/responses/Order"}}
  /shirts:
    get:
      responses:
        "200":
          description: All.
          content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/ShirtRow"}}}}
    post:
      requestBody:
        content:
          application/json:
            schema:
              type: object
              properties:
                sku: {type: string}
                size: {type: string}
                colours: {type: array, items: {type: string}}
                weight: {type: string}
                brand: {type: string}
                washed: {type: string}
                added: {type: string}
                secret: {type: string}
      responses: {"201": {$ref: "#/components/responses/Shirt"}}
  /shirts/{sku}:
    parameters: [{name: sku, in: path, required: true, schema: {type: string}}]
    get:
      responses: {"200": {$ref: "#/components/responses/Shirt"}}
  /payments:
    post:
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Payment"}}}}
      responses: {"201": {$ref: "#/components/responses/Payment"}}
  /payments/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get:
      responses: {"200": {$ref: "#/components/responses/Payment"}}
components:
  responses:
    Order: {description: It., content: {application/json: {schema: {$ref: "#/components/schemas/Order"}}}}
    Shirt: {description: It., content: {application/json: {schema: {$ref: "#/components/schemas/Shirt"}}}}
    Payment: {description: It., content: {application/json: {schema: {$ref: "#/components/schemas/Payment"}}}}
  schemas:
    LineCreate:
      type: object
      required: [sku]
      properties: {sku: {type: string}, quantity: {type: integer}, options: {type: object}}
    Line:
      type: object
      required: [id, sku]
      properties: {id: {type: integer}, sku: {type: string}, quantity: {type: integer}, options: {type: object}}
    OrderCreate:
      type: object
      required: [lines]
      properties:
        reference: {type: string}
        customer_id: {type: integer}
        note: {type: string}
        priority: {type: integer, default: 3}
        lines: {type: array, items: {$ref: "#/components/schemas/LineCreate"}}
    Order:
      type: object
      required: [id, lines, status]
      properties:
        id: {type: integer, readOnly: true}
        reference: {type: string}
        customer: {type: object, required: [id, name], properties: {id: {type: integer}, name: {type: string}}}
        lines: {type: array, items: {$ref: "#/components/schemas/Line"}}
        status: {type: string, enum: [draft, paid, shipped], readOnly: true}
        note: {type: string}
        priority: {type: integer}
        created: {type: string}
        shippedAt: {type: string, format: date-time, nullable: true}
        trackingUrl: {type: string}
        comments_count: {type: integer}
        gift: {type: boolean}
        tags: {type: array, items: {type: string}}
        balance: {type: number}
    Shirt:
      type: object
      additionalProperties: false
      required: [sku, size]
      properties:
        sku: {type: string}
        size: {type: integer}
        colours: {type: string}
        weight: {type: number}
        brand: {type: object, required: [id, name], properties: {id: {type: string}, name: {type: string}}}
        washed: {type: boolean}
        added: {type: string, format: date}
    ShirtRow:
      type: object
      properties: {sku: {type: string}, size: {type: string}, colours: {type: array, items: {type: string}}}
    Card:
      type: object
      required: [kind, last4]
      properties: {id: {type: integer}, kind: {type: string}, last4: {type: string}}
    Iban:
      type: object
      required: [kind, iban]
      properties: {id: {type: integer}, kind: {type: string}, iban: {type: string}, bank: {type: object}}
    Payment:
      oneOf: [{$ref: "#/components/schemas/Card"}, {$ref: "#/components/schemas/Iban"}]
      discriminator:
        propertyName: kind
        mapping: {card: "#/components/schemas/Card", iban: "#/components/schemas/Iban"}
"""
LINES: list[dict[str, object]] = [{"sku": "a", "quantity": 2, "options": {"colour": "red"}}, {"sku": "b"}]


@pytest.fixture
def shop(serve):
    """Orders, shirts and payments, whose answers have other schemas than their requests."""
    return serve(SHOP)


def test_nested_members_stay_as_sent_where_the_answer_requires_more(shop):
    """Each line has the id that the answer's schema demands, beside all that was sent."""
    made = shop.post("/orders", json={"lines": LINES}).json()

    assert made["lines"] == [{"id": 1, **LINES[0]}, {"id": 2, **LINES[1]}]
    assert shop.get(f"/orders/{made['id']}").json() == made


def test_what_nobody_sent_is_not_invented(shop):
    """Beside ids, times, defaults and what is required a new record has only that nothing has happened to it."""
    made = shop.post("/orders", json={"lines": []}).json()

    expected = {
        "lines": [], "status": "draft", "priority": 3, "shippedAt": None, "comments_count": 0, "gift": False,
        "tags": [], "balance": 0,
    }  # fmt: skip
    assert {name: value for name, value in made.items() if name not in ("id", "created")} == expected
    assert made["created"][:2] == "20"


def test_an_id_that_the_request_names_otherwise_is_in_the_object_of_the_answer(shop):
    """`customer_id` is the id of `customer`."""
    made = shop.post("/orders", json={"lines": [], "customer_id": 7}).json()

    assert made["customer"]["id"] == 7
    assert "customer_id" not in made


def test_a_body_may_say_what_records_call_read_only(shop):
    """The status that PATCH declares is the status."""
    order = shop.post("/orders", json={"lines": []}).json()["id"]

    changed = shop.patch(f"/orders/{order}", json={"status": "paid"})

    assert (changed.json()["status"], "Mock-Assumption" in changed.headers) == ("paid", False)
    assert shop.get(f"/orders/{order}").json()["status"] == "paid"


def test_put_begins_like_a_new_record_and_keeps_what_is_the_servers(shop):
    """What PUT leaves out is gone or has its default; id, time and status stay."""
    order = shop.post("/orders", json={"lines": LINES, "note": "n", "priority": 9, "customer_id": 7}).json()

    put = shop.put(f"/orders/{order['id']}", json={"lines": []}).json()

    assert put == {
        name: value for name, value in order.items() if name not in ("note", "customer")
    } | {"lines": [], "priority": 3}  # fmt: skip


LEDGER = """
openapi: 3.1.0
info: {title: Ledger, version: "1"}
paths:
  /notes:
    post:
      requestBody:
        content: {application/x-www-form-urlencoded: {schema: {$ref: "#/components/schemas/Sent"}}}
      responses: {"201": {$ref: "#/components/responses/Note"}}
  /notes/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    patch:
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Sent"}}}}
      responses: {"200": {$ref: "#/components/responses/Note"}}
components:
  responses:
    Note: {description: It., content: {application/json: {schema: {$ref: "#/components/schemas/Note"}}}}
  schemas:
    Sent:
      type: object
      properties:
        lines: {type: array, items: {type: string}}
        parts: {type: array, items: {type: object, properties: {sku: {type: string}}}}
        memo: {type: string}
        writer: {type: string}
        labels: {anyOf: [{type: object}, {const: ""}]}
        updated: {type: string}
    Note:
      type: object
      properties:
        id: {type: integer}
        lines: {type: object, required: [data, count], properties: {data: {type: array}, count: {type: integer}}}
        parts: {type: object, required: [data], properties: {data: {type: array, items: {type: object}}}}
        memo: {type: [string, "null"]}
        writer: {type: object, required: [id, login], properties: {id: {type: integer}, login: {type: string}}}
        labels: {type: object}
        updated: {type: string}
"""


def test_a_list_stands_in_the_envelope_of_the_answer(serve):
    """What the envelope requires beside it is added; a list of one object is no envelope, whatever this one allows."""
    ledger = serve(LEDGER)
    note = ledger.post("/notes", data={"lines": ["a", "b"]}).json()

    changed = ledger.patch(f"/notes/{note['id']}", json={"parts": [{"sku": "A"}]}).json()

    assert note["lines"]["data"] == ["a", "b"]
    assert changed["parts"] == {"data": [{"sku": "A"}]}


def test_a_name_stands_in_the_object_of_the_answer(serve):
    """Where it is no id: what the object requires besides is added."""
    note = serve(LEDGER).post("/notes", data={"writer": "Ann"})

    assert note.json()["writer"]["login"] == "Ann"
    assert type(note.json()["writer"]["id"]) is int
    assert "Mock-Assumption" not in note.headers


def test_an_empty_text_of_a_form_empties_an_object(serve):
    """As forms do, which know no other way."""
    ledger = serve(LEDGER)
    note = ledger.post("/notes", data={"memo": "m"}).json()["id"]
    ledger.patch(f"/notes/{note}", json={"labels": {"a": "b"}})

    emptied = ledger.patch(f"/notes/{note}", json={"labels": ""})

    assert (emptied.json()["labels"], "Mock-Assumption" in emptied.headers) == ({}, False)


def test_the_time_of_the_last_change_is_what_the_client_says_it_is(serve):
    """Where only the rest is sent, or the same again, it is the moment, and the answer tells so."""
    ledger = serve(LEDGER)
    note = ledger.post("/notes", data={"memo": "m"}).json()["id"]

    said = ledger.patch(f"/notes/{note}", json={"updated": "1999-12-31T00:00:00Z"})
    again = ledger.patch(f"/notes/{note}", json={"updated": "1999-12-31T00:00:00Z", "memo": "n"})

    assert (said.json()["updated"], again.json()["updated"][:2]) == ("1999-12-31T00:00:00Z", "20")
    assert "Mock-Assumption" not in said.headers
    assert again.headers["Mock-Assumption"] == "zoo.replaced-values=the moment of this change: /updated"


def test_values_of_neighbouring_types_convert_where_nothing_is_lost(shop):
    """Numbers in texts, lists of one, ids for objects, flags and dates; a list of other types shows them as sent."""
    sent = {
        "sku": "s", "size": "42.0", "colours": ["red"], "weight": "3.5", "brand": "b7", "washed": "true",
        "added": "2026-01-02T00:00:00Z",
    }  # fmt: skip

    made = shop.post("/shirts", json=sent)

    brand = made.json().pop("brand")
    assert made.json() | {"brand": brand} == {
        "sku": "s", "size": 42, "colours": "red", "weight": 3.5, "brand": brand, "washed": True, "added": "2026-01-02",
    }  # fmt: skip
    assert (brand["id"], "Mock-Assumption" in made.headers) == ("b7", False)
    assert {"sku": "s", "size": "42.0", "colours": ["red"]} in shop.get("/shirts").json()


def test_what_an_answer_cannot_show_is_told_and_kept(shop):
    """`large` is no size in numbers and two colours are no text: the answer says so, and the list still has both."""
    sent = {"sku": "s", "size": "large", "colours": ["red", "blue"]}

    made = shop.post("/shirts", json=sent)

    assert made.json().keys() == {"sku", "size"}
    assert made.headers["Mock-Assumption"] == (
        "zoo.replaced-values=/colours does not fit the schema of this answer and is left out; "
        "/size does not fit the schema of this answer and another value stands for it"
    )
    assert sent in shop.get("/shirts").json()


def test_the_journal_says_what_was_replaced(shop):
    """As the header does; what the answer relied on can be looked for."""
    shop.post("/shirts", json={"sku": "s", "size": "large"})

    found = shop.post("/__admin/requests/find", json={"assumption": "zoo.replaced-values"}).json()["requests"]

    assert [entry["request"]["path"] for entry in found] == ["/shirts"]
    assert found[0]["assumptions"][0].startswith("zoo.replaced-values=/size ")


def test_what_only_requests_declare_is_kept_and_not_shown(shop):
    """`secret` is in no answer."""
    made = shop.post("/shirts", json={"sku": "s", "size": "1", "secret": "psst"})

    assert made.json() == {"sku": "s", "size": 1}
    assert shop.get("/__admin/state/zoo/shirts/s").json()["secret"] == "psst"


@pytest.mark.parametrize(
    "sent", [{"kind": "iban", "iban": "DE1", "bank": {"bic": "X"}}, {"kind": "card", "last4": "4242"}]
)
def test_the_branch_of_a_union_is_the_one_that_was_sent(shop, sent):
    """No member of another branch comes in, none of this one goes."""
    made = shop.post("/payments", json=sent).json()

    assert made == {**sent, "id": made["id"]}
    assert shop.get(f"/payments/{made['id']}").json() == made


def test_a_taken_id_is_a_conflict_though_409_is_not_declared(shop):
    """The first record is as it was."""
    shop.post("/shirts", json={"sku": "s", "size": "1"})

    second = shop.post("/shirts", json={"sku": "s", "size": "2"})

    assert (second.status_code, second.json()["title"]) == (409, "Conflict")
    assert shop.get("/shirts/s").json()["size"] == 1


def test_what_only_the_server_says_does_not_count_and_the_answer_tells_so(serve):
    """An id that is marked readOnly in the body's own schema."""
    pets = serve(
        """
openapi: 3.1.0
info: {title: Zoo, version: "1"}
paths:
  /pets:
    post:
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Pet"}}}}
      responses: {"201": {$ref: "#/components/responses/Pet"}}
  /pets/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get: {responses: {"200": {$ref: "#/components/responses/Pet"}}}
components:
  responses:
    Pet: {description: It., content: {application/json: {schema: {$ref: "#/components/schemas/Pet"}}}}
  schemas:
    Pet:
      type: object
      required: [id, name]
      properties: {id: {type: integer, readOnly: true}, name: {type: string}, secret: {type: string, writeOnly: true}}
"""
    )

    made = pets.post("/pets", json={"id": 900, "name": "Rex", "secret": "psst"})

    assert made.json() == {"id": made.json()["id"], "name": "Rex"}
    assert made.headers["Mock-Assumption"] == "zoo.replaced-values=readOnly and so the server's own: /id"
    assert pets.get("/__admin/state/zoo/pets/" + str(made.json()["id"])).json()["secret"] == "psst"
