"""Errors as the frameworks fill them whose forms a document declares."""

from __future__ import annotations

import pytest

BOOKS = """
openapi: 3.1.0
info: {title: Books, version: "1"}
paths:
  /books:
    post:
      requestBody:
        content:
          application/json:
            schema:
              type: object
              required: [title]
              properties: {title: {type: string}, pages: {type: array, items: {type: integer}}}
      responses:
        "201": {description: Made., content: {application/json: {schema: {$ref: "#/components/schemas/Book"}}}}
        "INVALID": {description: No., content: {application/json: {schema: ERROR}}}
  /books/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get:
      responses:
        "200": {description: It., content: {application/json: {schema: {$ref: "#/components/schemas/Book"}}}}
        "404": {description: None., content: {application/json: {schema: ERROR}}}
components:
  schemas:
    Book: {type: object, required: [id], properties: {id: {type: integer}, title: {type: string}}}
"""
FASTAPI = """
{type: object, properties: {detail: {type: array, items: {type: object, required: [loc, msg, type], properties:
  {loc: {type: array, items: {anyOf: [{type: string}, {type: integer}]}}, msg: {type: string}, type: {type: string}}}}}}
"""
SPRING = """
{type: object, properties: {timestamp: {type: string, format: date-time}, status: {type: integer},
  error: {type: string}, message: {type: string}, path: {type: string}}}
"""
MAP = "{type: object, additionalProperties: {type: array, items: {type: string}}}"
JSON_API = """
{type: object, required: [errors], properties: {errors: {type: array, items: {type: object, properties:
  {status: {type: string}, title: {type: string}, detail: {type: string},
   source: {type: object, properties: {pointer: {type: string}}}}}}}}
"""
GOOGLE = """
{type: object, properties: {error: {type: object, properties:
  {code: {type: integer}, message: {type: string}, status: {type: string}}}}}
"""
LISTED = """
{type: object, required: [code], properties:
  {code: {type: string, enum: [INTERNAL_FAILURE, RESOURCE_MISSING, VALIDATION_FAILED, RATE_LIMITED]}}}
"""
EXEMPLARY = """
{type: object, required: [title], properties: {title: {type: string}, code: {type: string, examples: [CODES]}}}
"""
WRONG = {"pages": [1, "two"]}


@pytest.fixture
def books(serve):
    """`books(schema, "422")`: books whose errors have this schema."""
    return lambda schema, invalid="422": serve(
        BOOKS.replace("ERROR", " ".join(schema.split())).replace("INVALID", invalid)
    )


@pytest.mark.parametrize("schema", [FASTAPI, FASTAPI.replace("required: [loc, msg, type], ", "")])
def test_fastapi(books, schema):
    """The way to each member as a list, with its kind, whether or not that has to be there."""
    errors = books(schema).post("/books", json=WRONG).json()["detail"]

    assert [(error["loc"], error["type"]) for error in errors] == [
        (["body", "pages", 1], "type_error"),
        (["body", "title"], "missing"),
    ]
    assert errors[1]["msg"] == "is required"


def test_spring(books):
    """The moment, the phrase of the status, the reason, and the path that was asked for."""
    error = books(SPRING).get("/books/77").json()

    assert error["timestamp"][:2] == "20"
    assert error | {"timestamp": ""} == {
        "timestamp": "", "status": 404, "error": "Not Found", "message": "There is no '77' in books.",
        "path": "/books/77",
    }  # fmt: skip


def test_django_rest_framework(books):
    """The messages by the name of the member, at the top."""
    error = books(MAP, "400").post("/books", json=WRONG).json()

    assert error == {"pages.1": ["expected an integer, got a string"], "title": ["is required"]}


def test_rails(books):
    """The same below `errors`."""
    error = books(f"{{type: object, required: [errors], properties: {{errors: {MAP}}}}}").post("/books", json={}).json()

    assert error == {"errors": {"title": ["is required"]}}


def test_json_api(books):
    """One error for each violation, its status as a text, its place as a pointer."""
    [error] = books(JSON_API).post("/books", json={}).json()["errors"]

    assert (error["status"], error["title"]) == ("422", "Unprocessable Entity")
    assert error["source"] == {"pointer": "/title"}


def test_google(books):
    """The canonical name beside the number."""
    error = books(GOOGLE).get("/books/77").json()["error"]

    assert error == {"code": 404, "message": "There is no '77' in books.", "status": "NOT_FOUND"}


def test_of_a_list_of_codes_the_most_fitting_is_taken(books):
    """And not the first."""
    listed = books(LISTED)

    assert listed.get("/books/77").json() == {"code": "RESOURCE_MISSING"}
    assert listed.post("/books", json=WRONG).json() == {"code": "VALIDATION_FAILED"}
    assert listed.get("/books/1", headers={"Prefer": "code=404"}).json() == {"code": "RESOURCE_MISSING"}


@pytest.mark.parametrize(
    ("codes", "missing", "invalid"),
    [
        ("slot_taken, not_found, invalid", "not_found", "invalid"),
        ("BOOK_NOT_FOUND, TITLE_TAKEN", "BOOK_NOT_FOUND", "INVALID"),
        ("SlotTaken, ShelfFull", "NotFound", "Invalid"),
        ("slot-taken", "not-found", "invalid"),
        ("slot_taken", "not_found", "invalid"),
        ("E1001", "NOT_FOUND", "INVALID"),
        ("AUTHENTICATION_REQUIRED, TOKEN_INVALID, API_KEY_MISSING", "NOT_FOUND", "INVALID"),
    ],
)
def test_a_code_is_a_word_of_the_documents_examples(books, codes, missing, invalid):
    """Where one fits the status, else the mock's own word, in their spelling."""
    shelf = books(EXEMPLARY.replace("CODES", codes))

    assert shelf.get("/books/77").json()["code"] == missing
    assert shelf.post("/books", json=WRONG).json()["code"] == invalid


def test_a_code_of_a_response_is_kept_as_it_is_documented(books):
    """An example of the response has it."""
    schema = "{type: object, properties: {error: {type: string}, message: {type: string}}}"
    example = "{error: book_not_found, message: No such book.}"
    shelf = books(f"{schema}, example: {example}", "422")

    error = shelf.get("/books/77").json()

    assert error == {"error": "book_not_found", "message": "There is no '77' in books."}


def test_codes_of_list_items_are_not_those_of_the_whole(books):
    """Each violation has its own."""
    item = "{type: object, properties: {code: {type: string, examples: [required, too_short]}}}"
    shelf = books(
        "{type: object, required: [code], properties: {code: {type: string, examples: [validation_failed, not_found]}, "
        f"errors: {{type: array, items: {item}}}}}}}"
    )

    assert shelf.post("/books", json={}).json()["code"] == "validation_failed"
