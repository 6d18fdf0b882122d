"""A document of OpenAPI 2.0, as its clients write requests."""

from __future__ import annotations

import pytest

DOCUMENT = """
swagger: "2.0"
info: {title: Zoo, version: "1"}
paths:
  /cages:
    get:
      parameters:
        - name: size
          in: query
          type: array
          items: {type: array, collectionFormat: pipes, minItems: 2, items: {type: integer}}
        - name: plain
          in: query
          type: array
          collectionFormat: pipes
          items: {type: array, items: {type: integer}}
      responses: {"200": {description: Fine.}, "400": {description: Not so.}}
    post:
      consumes: [application/x-www-form-urlencoded]
      parameters:
        - {name: note, in: formData, type: integer, allowEmptyValue: true}
        - {name: count, in: formData, type: integer}
      responses: {"200": {description: Fine.}, "400": {description: Not so.}}
"""


@pytest.fixture
def zoo(serve):
    """Its cages."""
    return serve(DOCUMENT, state=False)


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("size=1|2,3|4", 200),
        ("size=1|2", 200),
        ("size=1|2,3", 400),
        ("size=1|2,3|x", 400),
        ("plain=1,2|3", 200),
        ("plain=1,2|x", 400),
    ],
)
def test_a_list_in_a_list_has_a_separator_of_its_own(zoo, query, status):
    """A comma where none is named."""
    assert zoo.get("/cages", params=query).status_code == status


@pytest.mark.parametrize(("form", "status"), [("note=", 200), ("note=7", 200), ("note=x", 400), ("count=", 400)])
def test_a_field_may_be_sent_without_a_value_where_that_is_allowed(zoo, form, status):
    """`allowEmptyValue`; what has a value still has to fit."""
    headers = {"Content-Type": "application/x-www-form-urlencoded"}

    assert zoo.post("/cages", content=form, headers=headers).status_code == status
