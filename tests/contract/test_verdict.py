"""Where a finding of Schemathesis belongs, by the request as it was sent and by the document."""

import json
from types import SimpleNamespace

import pytest

from mockserver.contract.checking.judgement import VALID_REFUSED, Judge
from mockserver.contract.checking.sent_request import operations_of
from mockserver.openapi.model.document import load

SHOP = """
openapi: 3.1.0
info: {title: Shop, version: "1"}
paths:
  /orders:
    post:
      requestBody:
        content:
          application/x-www-form-urlencoded:
            schema: {type: object, properties: {count: {type: integer}, price: {type: number}}}
          application/json:
            schema:
              type: object
              properties:
                count: {type: integer, minimum: 1}
                price: {type: number, maximum: 2368}
                lines: {items: {type: integer}}
                votes: {anyOf: [{type: integer, minimum: 3}, {type: "null"}]}
                level: {anyOf: [{type: number, minimum: 3}, {type: "null"}]}
      responses: {"204": {description: Done.}, "422": {description: No.}}
"""
FORM = "application/x-www-form-urlencoded"
TOLD = "the document says that count is an integer, which the text of a form writes in digits alone"
WITH_A_FRACTION = "the document says that body {} is an integer, and it was sent with a fraction of .0"


@pytest.mark.parametrize(
    ("media_type", "body", "sent", "status", "reason"),
    [
        (FORM, {"count": 2368.0}, "count=2368.0", 422, TOLD),
        (FORM, {"count": -1e22}, "count=1e%2B22", 422, TOLD),
        (FORM, {"count": 2368}, "count=2368", 422, None),
        (FORM, {"count": 2368.0}, "count=2368.0", 500, None),
        (FORM, {"price": 2368.0}, "price=2368.0", 422, None),
        ("application/json", {"count": 2368.0}, '{"count": 2368.0}', 422, WITH_A_FRACTION.format("/count")),
        ("application/json", {"count": 1e22}, '{"count": 1e22}', 400, WITH_A_FRACTION.format("/count")),
        ("application/json", {"lines": [1, 2.0]}, '{"lines": [1, 2.0]}', 422, WITH_A_FRACTION.format("/lines/*")),
        ("application/json", {"votes": 4.0}, '{"votes": 4.0}', 422, WITH_A_FRACTION.format("/votes")),
        ("application/json", {"level": 4.0}, '{"level": 4.0}', 422, None),
        ("application/json", {"count": 2368.0}, '{"count": 2368.0}', 500, None),
        ("application/json", {"count": 2368}, '{"count": 2368}', 422, None),
        ("application/json", {"price": 2368.0}, '{"price": 2368.0}', 422, None),
    ],
)
def test_an_integer_with_a_decimal_point_is_told_apart(tmp_path, media_type, body, sent, status, reason):
    """JSON Schema takes it for one, forms and many readers of JSON do not; other refusals of what is valid stay."""
    file = tmp_path / "shop.yaml"
    file.write_text(SHOP)
    judge = Judge(operations_of(load(file, "shop")))
    operation = SimpleNamespace(method="post", path="/orders")
    empty: dict[str, object] = {"path_parameters": {}, "query": {}, "headers": {}, "cookies": {}}
    case = SimpleNamespace(operation=operation, method="POST", media_type=media_type, body=body, meta=None, **empty)
    request = SimpleNamespace(headers={"Content-Type": media_type}, body=sent, url="http://127.0.0.1/orders")
    response = SimpleNamespace(status_code=status, request=request, content=b"")

    verdict = judge(SimpleNamespace(code=VALID_REFUSED), case, response)

    assert (verdict and verdict.reason) == reason


NULLABLE = """
openapi: 3.1.0
info: {title: Nullable, version: "1"}
paths:
  /orders:
    get:
      parameters:
        - {name: color, in: query, schema: {type: string}}
        - {name: page, in: query, schema: {type: integer}}
        - {name: since, in: query, schema: {anyOf: [{type: string, minLength: 8}, {type: "null"}]}}
      responses: {"200": {description: Some.}, "400": {description: No.}}
"""


@pytest.mark.parametrize(
    ("query", "status", "reason"),
    [
        ({"color": "0"}, 400, None),
        ({"page": 7}, 404, None),
        (
            {"since": "null"},
            400,
            "the document lets the query since be null, for which a parameter has no text, and one was sent",
        ),
        (
            {"since": None},
            400,
            "the document lets the query since be null, for which a parameter has no text, and one was sent",
        ),
        ({"since": "yesterday"}, 400, None),
    ],
)
def test_null_for_a_parameter_is_told_apart(tmp_path, query, status, reason):
    """It has no text; what is refused without one stays a finding."""
    file = tmp_path / "pages.yaml"
    file.write_text(NULLABLE)
    judge = Judge(operations_of(load(file, "pages")))
    operation = SimpleNamespace(method="get", path="/orders")
    rest: dict[str, object] = {"path_parameters": {}, "headers": {}, "cookies": {}, "body": None, "media_type": None}
    case = SimpleNamespace(operation=operation, method="GET", query=query, meta=None, **rest)
    request = SimpleNamespace(headers={}, body=None, url="http://127.0.0.1/orders", method="GET")
    response = SimpleNamespace(status_code=status, request=request, content=b"")

    verdict = judge(SimpleNamespace(code=VALID_REFUSED), case, response)

    assert (verdict and verdict.reason) == reason


PATCHED = """
openapi: 3.0.3
info: {title: Notes, version: "1"}
paths:
  /orders:
    patch:
      requestBody: {content: {application/json-patch+json: {schema: {description: Any patch.}}}}
      responses: {"204": {description: Done.}, "400": {description: No.}}
"""


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({}, "the document takes what is no list for a JSON Patch, which is a list of operations (RFC 6902 3)"),
        (
            [{"op": "remove", "path": "/a"}],
            "the document says how the operations of a JSON Patch look, not that the record can take them",
        ),
        ([], None),
    ],
)
def test_a_json_patch_that_cannot_be_one_or_be_applied_is_told_apart(tmp_path, body, reason):
    """A patch of no operations always can."""
    file = tmp_path / "notes.yaml"
    file.write_text(PATCHED)
    judge = Judge(operations_of(load(file, "notes")))
    operation = SimpleNamespace(method="patch", path="/orders")
    empty: dict[str, object] = {"path_parameters": {}, "query": {}, "headers": {}, "cookies": {}}
    media_type = "application/json-patch+json"
    case = SimpleNamespace(operation=operation, method="PATCH", media_type=media_type, body=body, meta=None, **empty)
    request = SimpleNamespace(headers={}, body=json.dumps(body), url="http://127.0.0.1/orders")

    verdict = judge(
        SimpleNamespace(code=VALID_REFUSED), case, SimpleNamespace(status_code=400, request=request, content=b"")
    )

    assert (verdict and verdict.reason) == reason


PAGED = """
openapi: 3.0.3
info: {title: Pages, version: "1"}
paths:
  /orders:
    get:
      parameters:
        - {name: cursor, in: query, schema: {type: string}}
        - {name: offset, in: query, schema: {type: integer}}
        - {name: shop, in: query, schema: {type: string, pattern: "^s[0-9]+$"}}
      responses: {"200": {description: A page.}, "400": {description: No.}}
"""
MADE_UP = "the document lets cursor be any text, and this one was made by chance: no answer had it"
LINKED = "the value of query /shop was taken from an answer, and the document does not let it in"


@pytest.mark.parametrize(
    ("query", "phase", "status", "reason"),
    [
        ({"cursor": ""}, "coverage", 400, MADE_UP),
        ({"cursor": "chance"}, "fuzzing", 422, MADE_UP),
        ({"cursor": "000"}, "coverage", 400, MADE_UP),
        ({"cursor": "", "offset": "7"}, "coverage", 400, MADE_UP),
        ({"cursor": "bmV4dA=="}, "fuzzing", 400, None),
        ({"cursor": "a b"}, "fuzzing", 400, None),
        ({"cursor": "chance"}, "fuzzing", 403, None),
        ({"offset": 7}, "fuzzing", 400, None),
        ({"shop": "7"}, "stateful", 400, LINKED),
        ({"shop": "7"}, "fuzzing", 400, None),
        ({"shop": "s7"}, "stateful", 400, None),
    ],
)
def test_refusals_of_values_that_only_a_server_knows_are_told_apart(tmp_path, query, phase, status, reason):
    """A cursor that it gave out, in a body or a link, has to be taken; so has all that chance makes of the schema."""
    file = tmp_path / "pages.yaml"
    file.write_text(PAGED)
    judge = Judge(operations_of(load(file, "pages")))
    empty: dict[str, object] = {"path_parameters": {}, "headers": {}, "cookies": {}, "media_type": None, "body": None}
    meta = SimpleNamespace(phase=SimpleNamespace(name=phase), components={})
    operation = SimpleNamespace(method="get", path="/orders")
    case = SimpleNamespace(operation=operation, method="GET", query=query, meta=meta, **empty)
    request = SimpleNamespace(headers={}, body=None, url="http://127.0.0.1/orders", method="GET")
    links = {"link": ['</orders?cursor=a%20b>; rel="next"']}
    judge.note(
        SimpleNamespace(
            status_code=200, request=request, content=b'{"next": "bmV4dA==", "title": "000"}', headers=links
        )
    )

    verdict = judge(
        SimpleNamespace(code=VALID_REFUSED), case, SimpleNamespace(status_code=status, request=request, content=b"")
    )

    assert (verdict and verdict.reason) == reason
