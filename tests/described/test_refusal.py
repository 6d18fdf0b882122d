"""How an API says no of which only its document is known."""

import pytest

SHOP = """
openapi: 3.1.0
info: {title: Shop, version: "1"}
paths:
  /orders:
    post:
      operationId: addOrder
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: "#/components/schemas/Order"}}}
      responses:
        "201": {description: An order.}
        STATUS: {description: No., content: {application/json: {schema: SCHEMA}}}
components:
  schemas:
    Order:
      type: object
      required: [sku, count]
      properties: {sku: {type: string}, count: {type: integer, minimum: 1}}
"""
JSON = {"Content-Type": "application/json"}


def refused(serve, status, schema, **sent):
    """The answer to an order that is none, of a shop that refuses in these words."""
    shop = serve(SHOP.replace("STATUS", f'"{status}"').replace("SCHEMA", schema), state=False)
    return shop.post("/orders", headers=JSON, **(sent or {"json": {"count": 0}}))


@pytest.mark.parametrize(("declared", "answered"), [("422", 422), ("400", 400), ("4XX", 422), ("default", 422)])
def test_the_declared_error_says_it(serve, declared, answered):
    """The best of those that a document may have."""
    schema = "{type: object, required: [message], properties: {message: {type: string}, status: {type: integer}}}"

    answer = refused(serve, declared, schema)

    assert answer.status_code == answered
    assert answer.json() == {
        "message": "body/count: 0 is less than 1; body/sku: is required",
        "status": answered,
    }


def test_each_violation_has_its_item(serve):
    """In a list of errors, however deep."""
    schema = """
          {type: object, required: [error], properties: {error: {type: object, required: [errors], properties: {
            code: {type: string}, errors: {type: array, items: {type: object, required: [field, reason],
            properties: {field: {type: string}, reason: {type: string}}}}}}}}"""

    answer = refused(serve, "400", schema)

    assert answer.json()["error"] == {
        "code": "invalid",
        "errors": [
            {"field": "count", "reason": "0 is less than 1"},
            {"field": "sku", "reason": "is required"},
        ],
    }


def test_what_its_schema_does_not_allow_is_not_said(serve):
    """An answer never breaks its document for being told more."""
    schema = "{type: object, required: [message, code], properties: {message: {enum: [bad]}, code: {const: 7}}}"

    answer = refused(serve, "400", schema)

    assert answer.json() == {"message": "bad", "code": 7}
    assert "Mock-Violation" not in answer.headers


def test_a_text_is_said_as_a_text(serve):
    """Where the schema is no object."""
    assert refused(serve, "400", "{type: string}").json() == "body/count: 0 is less than 1; body/sku: is required"


def test_without_a_declared_error_it_is_a_problem(serve):
    """As RFC 9457 has it, with the violations as Prism's users know them."""
    answer = refused(serve, "503", "{type: string}")

    assert (answer.status_code, answer.headers["Content-Type"]) == (422, "application/problem+json")
    assert answer.json() == {
        "type": "about:blank",
        "title": "Unprocessable Entity",
        "status": 422,
        "detail": "body/count: 0 is less than 1; body/sku: is required",
        "validation": [
            {"location": ["body", "count"], "severity": "Error", "code": "minimum", "message": "0 is less than 1"},
            {"location": ["body", "sku"], "severity": "Error", "code": "required", "message": "is required"},
        ],
    }
    assert "Mock-Violation" not in answer.headers


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"content": b"{"}, 400),
        ({"content": b""}, 400),
        ({"content": b"{}", "headers": {"Content-Type": "text/csv"}}, 415),
    ],
)
def test_other_refusals_are_problems_too(serve, sent, status):
    """With their own statuses, where the document declares none."""
    shop = serve(SHOP.replace("STATUS", '"503"').replace("SCHEMA", "{}"), state=False)

    answer = shop.post("/orders", **{"headers": JSON, **sent})

    assert (answer.status_code, answer.json()["status"]) == (status, status)


def test_what_is_no_operation_is_a_problem(serve):
    """Of this API, as nothing but its document is known."""
    shop = serve(SHOP.replace("STATUS", '"503"').replace("SCHEMA", "{}"), state=False)

    missing, wrong = shop.get("/nothing"), shop.get("/orders")

    assert (missing.status_code, missing.json()["title"]) == (404, "Not Found")
    assert (wrong.status_code, wrong.headers["Allow"]) == (405, "POST")


def test_an_item_without_a_place_says_where_itself(serve):
    """Else nobody could tell which of the members is meant."""
    item = "{type: object, properties: {message: {type: string}}}"
    schema = f"{{type: object, properties: {{errors: {{type: array, items: {item}}}}}}}"

    answer = refused(serve, "400", schema)

    assert [error["message"] for error in answer.json()["errors"]] == [
        "body/count: 0 is less than 1",
        "body/sku: is required",
    ]


def test_a_made_up_error_tells_of_nothing_else(serve):
    """What it could show besides is left out where it may be; in it a text would only repeat what is said."""
    order = "{type: object, properties: {description: {type: string}, items: {type: array, items: {type: string}}}}"
    texts = "{type: array, items: {type: string}}"
    members = f"message: {{type: string}}, order: {order}, kept: {order}, field_errors: {texts}"
    error = f"{{type: object, required: [kept], properties: {{{members}}}}}"
    schema = f"{{type: object, required: [error], properties: {{error: {error}}}}}"

    said = refused(serve, "400", schema).json()["error"]

    assert said["message"].startswith("body/count")
    assert said["field_errors"] == ["body/count: 0 is less than 1", "body/sku: is required"]
    assert (said.keys() & {"order"}, said["kept"].keys() & {"items"}) == (set(), set())


def test_what_is_not_declared_is_told_where_the_404_has_no_body(serve):
    """A bare 404 would look like an answer."""
    shop = serve(
        SHOP.replace(
            "STATUS: {description: No., content: {application/json: {schema: SCHEMA}}}", '"404": {description: No.}'
        )
    )

    answer = shop.post("/orders", json={"sku": "a", "count": 1}, headers={"Prefer": "example=nope"})

    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/problem+json")
    assert "which the document does not declare" in answer.json()["detail"]
