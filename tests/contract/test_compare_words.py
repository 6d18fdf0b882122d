"""Differences that tell nothing new are not told, or told once, and no option is proposed that makes others of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from mockserver import running
from mockserver.contract.compare.compare_options import CompareOptions
from mockserver.contract.compare.compare_run import CompareResult, compare
from mockserver.contract.compare.divergence import Divergence
from mockserver.contract.replay.difference import DifferenceKind

SHELF = """
openapi: 3.1.0
info: {title: Shelf, version: "1"}
paths:
  /me:
    get:
      operationId: getMe
      responses: {"200": {description: me, content: {application/json: {schema: {$ref: "#/components/schemas/Me"}}}}}
  /covers/{number}:
    get:
      operationId: getCover
      parameters: [{name: number, in: path, required: true, schema: {type: integer, minimum: 1}}]
      responses:
        "200": {description: one, content: {application/json: {schema: {$ref: "#/components/schemas/Me"}}}}
        "404": {$ref: "#/components/responses/Problem"}
  /authors:
    get:
      operationId: listAuthors
      responses:
        "200":
          description: all
          content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Author"}}}}
    post:
      operationId: createAuthor
      requestBody: {required: true, content: {application/json: {schema: {$ref: "#/components/schemas/NewAuthor"}}}}
      responses:
        "201": {description: new, content: {application/json: {schema: {$ref: "#/components/schemas/Author"}}}}
  /authors/{authorId}:
    parameters: [{name: authorId, in: path, required: true, schema: {type: integer}}]
    get:
      operationId: getAuthor
      responses:
        "200": {description: one, content: {application/json: {schema: {$ref: "#/components/schemas/Author"}}}}
        "404": {$ref: "#/components/responses/Problem"}
    delete:
      operationId: deleteAuthor
      responses: {"204": {description: gone}, "404": {$ref: "#/components/responses/Problem"}}
  /books:
    get:
      operationId: listBooks
      responses:
        "200":
          description: all
          content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Book"}}}}
    post:
      operationId: createBook
      requestBody: {required: true, content: {application/json: {schema: {$ref: "#/components/schemas/NewBook"}}}}
      responses:
        "201": {description: new, content: {application/json: {schema: {$ref: "#/components/schemas/Book"}}}}
        "404": {$ref: "#/components/responses/Problem"}
  /books/{bookId}:
    parameters: [{name: bookId, in: path, required: true, schema: {type: integer}}]
    get:
      operationId: getBook
      responses:
        "200": {description: one, content: {application/json: {schema: {$ref: "#/components/schemas/Book"}}}}
        "404": {$ref: "#/components/responses/Problem"}
components:
  responses:
    Problem:
      description: no
      content:
        application/problem+json:
          schema:
            type: object
            required: [title, status, code]
            properties: {title: {type: string}, status: {type: integer}, code: {type: string}}
  schemas:
    Me: {type: object, required: [name], properties: {name: {type: string}}}
    NewAuthor: {type: object, required: [name], properties: {name: {type: string, minLength: 1}}}
    Author: {type: object, required: [id, name], properties: {id: {type: integer}, name: {type: string}}}
    NewBook: {type: object, required: [author_id], properties: {author_id: {type: integer}}}
    Book: {type: object, required: [id, author_id], properties: {id: {type: integer}, author_id: {type: integer}}}
"""


OTHER = """
from mockserver import Problem


def _lacking(call, _state):
    try:
        return call.default()
    except Problem as problem:
        if problem.status == 404:
            raise Problem(404, "No.", code="gone_missing") from None
        raise


def _me(_call, _state):
    return {"name": "Pat Reception"}


HANDLERS = {
    **dict.fromkeys(("getAuthor", "deleteAuthor", "createBook", "getBook"), _lacking),
    "getMe": _me,
    "getCover": lambda _call, _state: (_ for _ in ()).throw(Problem(404, "No.", code="no_cover")),
}
"""
"""A server that has its own word for what is not there, its own user, and no covers."""

ODD = """
HANDLERS = {"getMe": lambda _call, _state: {"name": 7}}
"""


def compared(folder: Path, handlers: str, sequences: int) -> CompareResult:
    """The shelf compared with a server that these handlers make."""
    document, code = folder / "shelf.yaml", folder / "handlers.py"
    document.write_text(SHELF)
    code.write_text(handlers)
    with running(str(document), handlers=[str(code)]) as other:
        return compare(CompareOptions(str(document), other.url, writes=True, sequences=sequences))


@pytest.fixture(scope="module")
def result(tmp_path_factory) -> CompareResult:
    """The shelf compared with the server that has its own words."""
    return compared(tmp_path_factory.mktemp("shelf"), OTHER, 16)


def divergences(result: CompareResult) -> list[Divergence]:
    """The divergences that were found."""
    return [found.divergence for found in result.found]


def test_one_word_for_another_is_told_once(result):
    """At whichever operations it was seen; the others are named beside the first."""
    words = [found for found in result.found if found.divergence.left.status == found.divergence.right.status == 404]

    assert [[(one.place, one.left, one.right) for one in found.divergence.differences] for found in words] == [
        [("/code", "not-found", "gone_missing")]
    ]
    assert {"getBook", "createBook"} <= {words[0].divergence.step.operation, *words[0].also}


def test_an_option_that_changes_the_status_is_not_proposed(result):
    """With `accept` the word differs no more, since the mock then answers 201 where the server answers 404."""
    assert [one.what for found in result.found for one in found.proposals if "missing-references" in one.what] == []


def test_what_the_mock_makes_up_is_compared_by_shape(result):
    """Neither its values, nor that it has what an id of nothing names."""
    operations = {one.step.operation for one in divergences(result)}

    assert operations & {"getMe", "getCover"} == set()


def test_the_shape_of_what_the_mock_makes_up_is_still_compared(tmp_path):
    """A member of another type is told."""
    found = compared(tmp_path, ODD, 6)

    kinds = {one.kind for each in divergences(found) for one in each.differences}
    assert kinds & {DifferenceKind.TYPE, DifferenceKind.BRANCH} != set()
