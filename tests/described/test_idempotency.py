"""Idempotency keys of any document: the same request under the same key is carried out once."""

from __future__ import annotations

import threading

import httpx
import pytest

from mockserver.server import Options, create_app

ADMIN = "http://127.0.0.1:4010/__admin"
SHOP = """
openapi: 3.0.3
info: {title: Shop, version: "1"}
paths:
  /orders:
    get:
      responses:
        "200":
          description: All.
          content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Order"}}}}
    post:
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Order"}}}}
      responses:
        "201": {description: Made., content: {application/json: {schema: {$ref: "#/components/schemas/Order"}}}}
        400: {description: Bad.}
  /orders/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get:
      responses:
        "200": {description: One., content: {application/json: {schema: {$ref: "#/components/schemas/Order"}}}}
    put:
      parameters: [{name: X-Idempotency-Key, in: header, schema: {type: string}}]
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Order"}}}}
      responses: {"204": {description: Kept.}, "409": {description: The idempotency key is of another request.}}
  /slow:
    post:
      x-mock-delay: 1000
      responses: {"202": {description: Taken.}}
  /payments:
    post:
      responses:
        "202": {description: Taken.}
        "409": {description: A request with this idempotency key is still in progress.}
        default:
          description: No.
          content: {application/json: {schema: {type: object, properties: {message: {type: string}}}}}
components:
  schemas: {Order: {type: object, properties: {id: {type: integer, readOnly: true}, sku: {type: string}}}}
"""
KEY = {"Idempotency-Key": "k-1"}


def test_the_same_request_is_carried_out_once(serve):
    """Its second answer is the first one, and says so."""
    shop = serve(SHOP)
    before = len(shop.get("/orders").json())

    first, second = (shop.post("/orders", json={"sku": "a"}, headers=KEY) for _ in range(2))

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert ("Idempotent-Replayed" in first.headers, second.headers["Idempotent-Replayed"]) == (False, "true")
    assert len(shop.get("/orders").json()) == before + 1


def test_another_request_under_a_key_is_refused(serve):
    """422 where the document has no status for it, also where it declares 400."""
    shop = serve(SHOP)
    shop.post("/orders", json={"sku": "a"}, headers=KEY)

    answer = shop.post("/orders", json={"sku": "b"}, headers=KEY)

    assert (answer.status_code, answer.json()["detail"]) == (422, "This Idempotency-Key was used for another request.")


def test_a_key_is_read_by_its_declared_name(serve):
    """Also where the method is PUT, and the refusal is the declared one."""
    shop = serve(SHOP)
    key = {"X-Idempotency-Key": "k-2"}

    answers = [shop.put("/orders/1", json={"sku": sku}, headers=key) for sku in ("a", "a", "b")]

    assert [answer.status_code for answer in answers] == [204, 204, 409]
    assert [answer.headers.get("Idempotent-Replayed") for answer in answers] == [None, "true", None]


def test_a_status_for_what_still_runs_is_none_for_a_mismatch(serve):
    """The default says it, as a 422."""
    shop = serve(SHOP)
    shop.post("/payments?a=1", headers=KEY)

    answer = shop.post("/payments?a=2", headers=KEY)

    assert (answer.status_code, answer.json()["message"]) == (422, "This Idempotency-Key was used for another request.")


@pytest.mark.parametrize(("seconds", "made"), [(86_399, 1), (86_401, 2)])
def test_a_key_is_forgotten_after_a_day(serve, seconds, made):
    """On the world's clock."""
    shop = serve(SHOP)
    before = len(shop.get("/orders").json())
    shop.post(f"{ADMIN}/clock/freeze", json={})
    shop.post("/orders", json={"sku": "a"}, headers=KEY)
    shop.post(f"{ADMIN}/clock/advance", json={"seconds": seconds})

    shop.post("/orders", json={"sku": "a"}, headers=KEY)

    assert len(shop.get("/orders").json()) == before + made


def test_a_request_that_still_runs_is_in_progress(tmp_path):
    """Until its slow answer is given; after that the answer is given again, even while time stands still."""
    file = tmp_path / "shop.yaml"
    file.write_text(SHOP, encoding="utf-8")
    transport = httpx.WSGITransport(app=create_app(Options(apis=(str(file),))))
    shop = httpx.Client(transport=transport, base_url="http://127.0.0.1:4010")
    shop.post(f"{ADMIN}/clock/freeze", json={"at": "2026-09-01T12:00:00Z"})
    began = threading.Event()

    def slow() -> None:
        began.set()
        shop.post("/slow", headers=KEY)

    thread = threading.Thread(target=slow)
    thread.start()
    began.wait()
    during = _until_known(shop)
    thread.join()
    after = shop.post("/slow", headers=KEY)

    assert (during.status_code, during.headers["Retry-After"]) == (409, "1")
    assert (after.status_code, after.headers["Idempotent-Replayed"]) == (202, "true")


def _until_known(shop: httpx.Client) -> httpx.Response:
    """The answer to the key while its first request runs: the journal tells when that is under way."""
    while not shop.get(f"{ADMIN}/requests").json()["requests"]:
        pass
    return shop.post("/slow", headers=KEY)
