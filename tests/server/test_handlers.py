"""Behaviour of the user's own: overlays and handlers beside a document."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from mockserver.problem import Unusable
from mockserver.server import Options, create_app

SHOP = """
openapi: 3.1.0
info: {title: Shop, version: "1"}
paths:
  /price:
    get:
      operationId: getPrice
      responses:
        "200":
          description: A price.
          content: {application/json: {schema: {type: object, required: [euro]}, example: {euro: 5}}}
        "409": {description: Closed.}
  /stock/{sku}:
    get:
      parameters: [{name: sku, in: path, required: true, schema: {type: string}}]
      responses: {"200": {description: A number., content: {application/json: {schema: {type: integer}}}}}
"""
PRICES = """
openapi: 3.1.0
info: {title: Prices, version: "1"}
paths:
  /prices:
    get:
      responses:
        "200":
          description: All.
          content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Price"}}}}
  /prices/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get:
      operationId: readPrice
      responses:
        "200": {description: One., content: {application/json: {schema: {$ref: "#/components/schemas/Price"}}}}
components:
  schemas:
    Price: {type: object, required: [id, euro], properties: {id: {type: integer}, euro: {type: number}}}
"""
HANDLERS = """
from mockserver.problem import Problem
from mockserver.messages import Response

def dearer(call, state):
    answer = call.default()
    return answer._replace(body={"euro": answer.body["euro"] * 2})

def stock(call, state):
    if call.path["sku"] == "none":
        raise Problem(404, "No such thing.", code="unknown")
    return len(call.path["sku"])

HANDLERS = {"getPrice": dearer, "GET /stock/{sku}": stock}
"""


@pytest.fixture
def files(tmp_path) -> Path:
    """A folder with a document and handlers for it."""
    (tmp_path / "shop.yaml").write_text(SHOP)
    (tmp_path / "handlers.py").write_text(HANDLERS)
    return Path(tmp_path)


def serve(files: Path, **options: object) -> httpx.Client:
    """A client of the shop."""
    app = create_app(Options(apis=(str(files / "shop.yaml"),), **options))  # type: ignore[arg-type]
    return httpx.Client(transport=httpx.WSGITransport(app=app), base_url="http://127.0.0.1:4010")


def test_a_handler_answers_and_may_ask_what_the_mock_would_have_said(files):
    """Named by operation id, or by method and path."""
    shop = serve(files, handlers=[str(files / "handlers.py")])

    price, stock, missing = shop.get("/price"), shop.get("/stock/abc"), shop.get("/stock/none")

    assert price.json() == {"euro": 10}
    assert stock.json() == 3
    assert (missing.status_code, missing.json()["detail"]) == (404, "No such thing.")


def test_a_bundled_api_takes_handlers_too(tmp_path):
    """In the place of its own."""
    file = tmp_path / "mine.py"
    file.write_text(
        'def get(call, state):\n    found = call.default()\n    found["data"]["destination"] = "https://mine.example"\n'
        '    return found\nHANDLERS = {"getLink": get}\n'
    )
    app = create_app(Options(apis=("xqr",), handlers=[f"xqr={file}"]))
    key = {"Authorization": "Bearer xqr_pk_a1b2c3d4." + "x" * 64}
    client = httpx.Client(transport=httpx.WSGITransport(app=app), base_url="http://127.0.0.1:4010/xqr", headers=key)

    link = client.get("/api/v1/links/d47f2e1a-8c3b-4a5d-9e6f-1234567890ab").json()["data"]

    assert link["destination"] == "https://mine.example"


def test_an_answer_that_a_handler_spoils_breaks_the_document(tmp_path):
    """However well it kept it before, and however often it was asked for."""
    (tmp_path / "shop.yaml").write_text(PRICES)
    file = tmp_path / "mine.py"
    file.write_text(
        "def spoil(call, state):\n    found = call.default()\n    found.body['euro'] = 'much'\n    return found\n"
        'HANDLERS = {"readPrice": spoil}\n'
    )
    app = create_app(Options(apis=(str(tmp_path / "shop.yaml"),), handlers=(str(file),)))
    client = httpx.Client(transport=httpx.WSGITransport(app=app), base_url="http://127.0.0.1:4010")

    told = [client.get("/prices/1").headers.get("Mock-Violation", "") for _ in range(2)]

    assert told == ["1; response/euro: expected a number, got a string"] * 2


def test_what_a_handler_changes_in_the_own_answer_is_not_kept(tmp_path):
    """A handler that counts up a member of what the mock would answer counts from the same value each time."""
    (tmp_path / "shop.yaml").write_text(PRICES)
    file = tmp_path / "mine.py"
    file.write_text(
        "def count(call, state):\n    found = call.default()\n    found.body['id'] += 1\n    return found\n"
        'HANDLERS = {"readPrice": count}\n'
    )
    shop = serve(tmp_path, handlers=(str(file),))

    counted = [shop.get("/prices/1").json()["id"] for _ in range(2)]

    assert counted == [2, 2]


def test_an_overlay_is_laid_over_the_document(files):
    """What is served and held to is the document with it."""
    overlay = files / "overlay.yaml"
    overlay.write_text(
        "overlay: 1.0.0\ninfo: {title: Dearer, version: '1'}\nactions:\n"
        "  - target: $.paths['/price'].get.responses['200'].content['application/json']\n"
        "    update: {example: {euro: 7}}\n"
    )

    shop = serve(files, overlays=[str(overlay)])

    assert shop.get("/price").json() == {"euro": 7}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "HANDLERS = {'getCost': print}",
            "HANDLERS has 'getCost', which is no operation of shop; operations are getPrice",
        ),
        ("HANDLERS = [1]", "expected a table HANDLERS = "),
        ("", "expected a table HANDLERS = "),
        ("\nimport nothing_of_this_name", "mine.py:2: ModuleNotFoundError: No module named 'nothing_of_this_name'"),
        ("\ndef (", "mine.py:2: SyntaxError: "),
    ],
)
def test_handlers_that_cannot_be_used_are_refused(files, text, message):
    """At the start, with what was expected."""
    file = files / "mine.py"
    file.write_text(text)

    with pytest.raises(Unusable, match=message.replace("(", r"\(")):
        serve(files, handlers=[str(file)])


@pytest.mark.parametrize("option", ["overlays", "handlers"])
@pytest.mark.parametrize(
    ("named", "message"),
    [("nothing.x", "'nothing.x' is no file"), ("shop=nothing.x", "'nothing.x' is no file")],
)
def test_files_have_to_be_there(files, option, named, message):
    """Else the option is said with what was seen."""
    with pytest.raises(Unusable, match=f"--{option.removesuffix('s')}s? {named}: {message}"):
        serve(files, **{option: [named]})


def test_of_several_apis_one_has_to_be_named(files):
    """Nobody guesses whose overlay it is."""
    with pytest.raises(Unusable, match="expected api=file, with an API that is served: xqr, shop"):
        create_app(Options(apis=("xqr", str(files / "shop.yaml")), overlays=[str(files / "shop.yaml")]))
