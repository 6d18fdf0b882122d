"""Callbacks and webhooks of a document: they leave through the outbox, tell of the record, run on the world clock."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

ADMIN = "http://127.0.0.1:4010/__admin"
SHOP = """
openapi: 3.1.0
info: {title: Shop, version: "1"}
paths:
  /orders:
    post:
      parameters: [{name: notify, in: query, schema: {type: string}}]
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/NewOrder"}}}}
      responses:
        "201": {description: Made., content: {application/json: {schema: {$ref: "#/components/schemas/Order"}}}}
        "500": {description: No.}
      callbacks:
        shipped:
          "{$request.body#/tell}/orders/{$response.body#/id}?sku={$request.body#/sku}&m={$method}":
            put:
              parameters: [{name: X-Event, in: header, schema: {type: string}, example: shipped}]
              requestBody:
                content:
                  application/json:
                    schema:
                      type: object
                      required: [event, orderId, sku, at, order]
                      properties:
                        event: {const: shipped}
                        orderId: {type: integer}
                        sku: {type: string}
                        at: {type: string, format: date-time}
                        timestamp: {type: string, format: date-time}
                        order: {$ref: "#/components/schemas/Order"}
              responses: {"200": {description: Noted.}}
        failed:
          "{$request.body#/tell}/failed":
            post: {responses: {"200": {description: Noted.}}}
        asked:
          $request.query.notify:
            post:
              requestBody: {content: {application/json: {schema: {type: object}, example: {status: asked, sku: x}}}}
              responses: {"200": {description: Noted.}}
    get:
      responses:
        "200":
          description: All.
          content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Order"}}}}
  /orders/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get:
      responses:
        "200": {description: One., content: {application/json: {schema: {$ref: "#/components/schemas/Order"}}}}
    delete: {responses: {"204": {description: Gone.}, "404": {description: None.}}}
  /subscriptions:
    post:
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Subscription"}}}}
      responses:
        "201": {description: Made., content: {application/json: {schema: {$ref: "#/components/schemas/Subscription"}}}}
    get:
      responses:
        "200":
          description: All.
          content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Subscription"}}}}
  /subscriptions/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get:
      responses:
        "200": {description: One., content: {application/json: {schema: {$ref: "#/components/schemas/Subscription"}}}}
webhooks:
  order.created:
    post:
      requestBody:
        content:
          application/json:
            schema:
              type: object
              required: [type, data]
              properties: {type: {const: order.created}, data: {$ref: "#/components/schemas/Order"}}
      responses: {"200": {description: Noted.}}
  order.deleted:
    post:
      requestBody: {content: {application/json: {schema: {type: object, properties: {id: {type: integer}}}}}}
      responses: {"200": {description: Noted.}}
components:
  schemas:
    NewOrder: {type: object, properties: {sku: {type: string}, tell: {type: string}}}
    Order: {type: object, required: [id], properties: {id: {type: integer}, sku: {type: string}}}
    Subscription:
      type: object
      properties:
        id: {type: integer, readOnly: true}
        url: {type: string}
        events: {type: array, items: {type: string}}
        active: {type: boolean}
"""


def settled(shop) -> None:
    """What was due is sent."""
    assert shop.post(f"{ADMIN}/outbox/settle", json={"timeout": 10}).json()["settled"] is True


def came(receiver) -> list[tuple[str, str, Any]]:
    """What the receiver was sent: method, path, body."""
    return [(got.method, got.path, json.loads(got.body) if got.body else None) for got in receiver.requests]


def test_a_callback_tells_of_the_record_at_the_address_that_was_sent(serve, receiver):
    """With the declared method and headers, at the world's time."""
    shop = serve(SHOP)
    shop.post(f"{ADMIN}/clock/freeze", json={"at": "2026-09-01T12:00:00Z"})

    order = shop.post("/orders", json={"sku": "a b", "tell": receiver.url}).json()
    settled(shop)

    [(method, path, body)] = came(receiver)
    assert (method, path) == ("PUT", f"/hook/orders/{order['id']}?sku=a%20b&m=POST")
    assert (body["event"], body["orderId"], body["sku"]) == ("shipped", order["id"], "a b")
    assert (body["order"], body["timestamp"]) == (order, "2026-09-01T12:00:00.000Z")
    assert receiver.requests[0].headers["X-Event"] == "shipped"


def test_a_callback_without_an_address_is_not_sent_and_told(serve):
    """The answer says which, and why."""
    shop = serve(SHOP)

    answer = shop.post("/orders", json={"sku": "a"})

    assert shop.get(f"{ADMIN}/outbox").json()["deliveries"] == []
    assert "zoo.callback-skipped=shipped: nothing is at $request.body#/tell" in answer.headers["Mock-Assumption"]
    assert "zoo.callback-skipped=asked: nothing is at $request.query.notify" in answer.headers["Mock-Assumption"]


def test_an_example_of_a_callback_keeps_what_it_says_happened(serve, receiver):
    """And has the record's values beside it; the address may stand in the query."""
    shop = serve(SHOP)

    shop.post("/orders", params={"notify": f"{receiver.url}/asked?a=1"}, json={"sku": "b"})
    settled(shop)

    assert came(receiver) == [("POST", "/hook/asked?a=1", {"status": "asked", "sku": "b"})]


def test_an_answer_that_is_no_success_calls_nobody(serve, receiver):
    """It was asked for, and so it stays."""
    shop = serve(SHOP)

    shop.post("/orders", json={"tell": receiver.url, "sku": "a"}, headers={"Prefer": "code=500"})

    assert shop.get(f"{ADMIN}/outbox").json()["deliveries"] == []


def test_a_callback_is_asked_again_on_the_worlds_clock(serve, receiver):
    """Five seconds after a receiver that was busy."""
    shop = serve(SHOP)
    shop.post(f"{ADMIN}/clock/freeze", json={"at": "2026-09-01T12:00:00Z"})
    receiver.script(503, 200)
    shop.post("/orders", json={"tell": receiver.url, "sku": "a"})
    settled(shop)

    shop.post(f"{ADMIN}/clock/advance", json={"seconds": 5})
    settled(shop)

    [delivery] = shop.get(f"{ADMIN}/outbox").json()["deliveries"]
    assert [attempt["status"] for attempt in delivery["attempts"]] == [503, 200]
    assert (delivery["event"], delivery["state"]) == ("shipped", "delivered")


def test_a_callback_leaves_the_machine_for_allowed_hosts_alone(serve):
    """The outbox says what would allow it."""
    shop = serve(SHOP)

    shop.post("/orders", json={"tell": "http://192.0.2.7", "sku": "a"})
    settled(shop)

    [delivery] = shop.get(f"{ADMIN}/outbox").json()["deliveries"]
    assert delivery["state"] == "failed"
    assert "start the server with --allow-host 192.0.2.7" in delivery["attempts"][0]["error"]


def test_those_who_registered_are_told_of_what_happens(serve, receiver):
    """By the webhook that is named for it, if they asked for that."""
    shop = serve(SHOP)
    for path, events in [("/all", []), ("/deleted", ["order.deleted"]), ("/off", None)]:
        hook = {"url": receiver.url + path, "events": events or [], "active": events is not None}
        shop.post("/subscriptions", json=hook)

    order = shop.post("/orders", json={"sku": "c"}).json()
    settled(shop)
    shop.delete(f"/orders/{order['id']}")
    settled(shop)

    told = sorted(came(receiver), key=lambda each: each[1])
    assert told[0] == ("POST", "/hook/all", {"type": "order.created", "data": order})
    assert [(path, body["id"]) for _, path, body in told[1:]] == [
        ("/hook/all", order["id"]),
        ("/hook/deleted", order["id"]),
    ]


def test_a_webhook_is_sent_when_it_is_asked_for(serve, receiver):
    """To the address that is given, telling of the latest record, of another one, or in one's own words."""
    shop = serve(SHOP)
    first, latest = (shop.post("/orders", json={"sku": sku}).json() for sku in ("d", "e"))
    bodies = [{}, {"id": first["id"]}, {"body": {"mine": 1}}]

    answers = [shop.post(f"{ADMIN}/webhooks/order.created", json={"url": receiver.url, **more}) for more in bodies]
    settled(shop)

    assert [answer.status_code for answer in answers] == [202, 202, 202]
    assert [body for _, _, body in came(receiver)] == [
        {"type": "order.created", "data": latest},
        {"type": "order.created", "data": first},
        {"mine": 1},
    ]


@pytest.mark.parametrize(
    ("path", "body", "status", "said"),
    [
        ("nope", {"url": "http://127.0.0.1:1"}, 404, "No document that is served declares a webhook 'nope'"),
        ("order.created", None, 422, "Nobody registered for it in this world; say where it goes in `url`."),
        ("order.created", {"url": "http://127.0.0.1:1", "id": 999}, 404, "There is no '999' in orders."),
        ("order.created", {"uri": "http://127.0.0.1:1"}, 422, "'uri' was unexpected"),
    ],
)
def test_a_webhook_that_cannot_be_sent_says_why(serve, path, body, status, said):
    """And what there is instead."""
    shop = serve(SHOP)

    answer = shop.post(f"{ADMIN}/webhooks/{path}", json=body)

    assert answer.status_code == status
    assert said in answer.json()["detail"]


def test_a_webhook_has_an_id_that_its_retries_repeat(serve, receiver):
    """A receiver that got it, and was not heard to have, discards it by that; another webhook has another id."""
    shop = serve(SHOP)
    receiver.script(503)

    for _ in range(2):
        shop.post(f"{ADMIN}/webhooks/order.created", json={"url": receiver.url, "body": {}})
        shop.post(f"{ADMIN}/clock/advance", json={"seconds": 60})
        settled(shop)

    first, again, other = [request.headers["Webhook-Id"] for request in receiver.requests]
    assert first == again != other
    assert re.fullmatch("msg_[0-9a-f]{32}", first)


DECLARED = """
openapi: 3.1.0
info: {title: Own, version: "1"}
paths: {/: {get: {operationId: root, responses: {"204": {description: nothing}}}}}
webhooks:
  ping:
    post:
      parameters: [{name: webhook-id, in: header, example: mine, schema: {type: string}}]
      responses: {"204": {description: thanks}}
"""


def test_a_declared_webhook_id_is_the_documents_own(serve, receiver):
    """Its example is sent, as those of all declared headers are."""
    own = serve(DECLARED)

    own.post(f"{ADMIN}/webhooks/ping", json={"url": receiver.url})
    settled(own)

    assert receiver.requests[0].headers.get_all("Webhook-Id") == ["mine"]


def test_webhooks_of_a_document_of_3_0_are_those_of_its_extension(serve, receiver):
    """`x-webhooks` is what 3.1 calls `webhooks`."""
    shop = serve(SHOP.replace("openapi: 3.1.0", "openapi: 3.0.3").replace("webhooks:", "x-webhooks:"))

    sent = shop.post(f"{ADMIN}/webhooks/order.created", json={"url": receiver.url})
    settled(shop)

    assert sent.status_code == 202
    assert [(method, path) for method, path, _ in came(receiver)] == [("POST", "/hook")]


RELATIVE = """
openapi: 3.0.3
info: {title: Prints, version: "1"}
servers: [{url: https://prints.example.com/v1}]
paths:
  /jobs:
    post:
      requestBody:
        content: {application/json: {schema: {type: object, properties: {then: {type: string}}}}}
      responses: {"202": {description: Taken.}}
      callbacks:
        done:
          "{$request.body#/then}":
            post: {responses: {"200": {description: Noted.}}}
        told:
          "/printed?by={$method}":
            servers: [{url: "TOLD"}]
            post: {responses: {"200": {description: Noted.}}}
  /again:
    post:
      responses: {"202": {description: Taken.}}
      callbacks: {again: {/again: {post: {responses: {"200": {description: Noted.}}}}}}
"""


def test_a_relative_callback_is_at_its_own_server_or_at_this_mock(serve, receiver):
    """In the world of the request, below the path of the document's server."""
    prints = serve(RELATIVE.replace("TOLD", receiver.url))

    prints.post("/jobs", json={"then": "/jobs/7"}, headers={"Mock-World": "alice"})
    prints.post("/jobs", json={"then": "/jobs/8"})

    urls = [
        {
            delivery["url"]
            for delivery in prints.get(f"{ADMIN.replace('/__', world + '/__')}/outbox").json()["deliveries"]
        }
        for world in ("/~alice", "")
    ]
    told = f"{receiver.url}/printed?by=POST"
    assert urls == [
        {"http://127.0.0.1:4010/~alice/v1/jobs/7", told},
        {"http://127.0.0.1:4010/v1/jobs/8", told},
    ]


def test_a_callback_to_this_mock_calls_nobody_back(serve):
    """One that leads to its own operation ends there, and says so."""
    prints = serve(RELATIVE)

    answer = prints.post("/again", headers={"User-Agent": "mockserver"})

    assert prints.get(f"{ADMIN}/outbox").json()["deliveries"] == []
    assert "callback-skipped=again: the request was a callback itself" in answer.headers["Mock-Assumption"]
