"""What stood in the way of a new user in the first hour."""

from __future__ import annotations

import pytest

LIBRARY = """
openapi: 3.1.0
info: {title: Library, version: "1"}
paths:
  /api/books/:
    post:
      requestBody:
        content:
          application/x-www-form-urlencoded: {schema: {$ref: "#/components/schemas/Book"}}
          application/json: {schema: {$ref: "#/components/schemas/Book"}}
      responses:
        "201":
          description: Made.
          headers: {Location: {schema: {type: string}}}
          content: {application/json: {schema: {$ref: "#/components/schemas/Book"}}}
        "422": {description: The ISBN is taken.}
  /api/books/{id}/:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get: {responses: {"200": {$ref: "#/components/responses/Book"}}}
    delete:
      responses:
        "200":
          description: Gone.
          content:
            application/json:
              schema:
                type: object
                required: [acknowledged, deletedCount]
                properties: {acknowledged: {type: boolean}, deletedCount: {type: integer}}
  /api/books/{id}/cover/:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    post:
      requestBody:
        content:
          multipart/form-data: {schema: {type: object, properties: {cover: {type: string, format: binary}}}}
      responses: {"200": {$ref: "#/components/responses/Book"}}
  /rooms/{room}/shelves:
    parameters: [{name: room, in: path, required: true, schema: {type: string}}]
    get: {responses: {"200": {$ref: "#/components/responses/Shelves"}}}
  /rooms/{room}/shelves/{id}:
    parameters:
      - {name: room, in: path, required: true, schema: {type: string}}
      - {name: id, in: path, required: true, schema: {type: string}}
    get: {responses: {"200": {$ref: "#/components/responses/Shelf"}, "404": {description: None.}}}
    put:
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Shelf"}}}}
      responses: {"201": {$ref: "#/components/responses/Shelf"}}
  /rooms/{room}/shelves/{id}/boxes:
    parameters:
      - {name: room, in: path, required: true, schema: {type: string}}
      - {name: id, in: path, required: true, schema: {type: string}}
    get: {responses: {"200": {$ref: "#/components/responses/Shelves"}}}
  /rooms/{room}/shelves/{id}/boxes/{box}:
    parameters:
      - {name: room, in: path, required: true, schema: {type: string}}
      - {name: id, in: path, required: true, schema: {type: string}}
      - {name: box, in: path, required: true, schema: {type: string}}
    get: {responses: {"200": {$ref: "#/components/responses/Shelf"}}}
    put:
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Shelf"}}}}
      responses: {"201": {$ref: "#/components/responses/Shelf"}}
components:
  responses:
    Book: {description: It., content: {application/json: {schema: {$ref: "#/components/schemas/Book"}}}}
    Shelf: {description: It., content: {application/json: {schema: {$ref: "#/components/schemas/Shelf"}}}}
    Shelves:
      description: All.
      content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Shelf"}}}}
  schemas:
    Book:
      type: object
      required: [id, name]
      properties:
        id: {type: integer, readOnly: true}
        name: {type: string}
        isbn: {type: string, description: Unique.}
        tags: {type: array, items: {type: string}}
        pages: {type: array, items: {type: integer}}
    Shelf: {type: object, properties: {id: {type: string}, size: {type: integer}}}
"""


@pytest.fixture
def library(serve):
    """Books in the style of Django, shelves that PUT makes."""
    return serve(LIBRARY)


def test_a_location_is_written_as_the_path_is(library):
    """With the slash at its end, so that it can be followed."""
    made = library.post("/api/books/", json={"name": "Emma"})

    assert made.headers["Location"].endswith(f"/api/books/{made.json()['id']}/")
    assert library.get(made.headers["Location"]).json() == made.json()


@pytest.mark.parametrize(
    "form", ["name=E&tags[]=a&tags[]=b&pages[1]=4&pages[0]=3", "name=E&tags=a&tags=b&pages=3&pages=4"]
)
def test_arrays_of_forms_may_be_named_by_brackets(library, form):
    """As PHP and Rails clients send them, or one by one."""
    made = library.post("/api/books/", content=form, headers={"Content-Type": "application/x-www-form-urlencoded"})

    assert (made.json()["tags"], made.json()["pages"]) == (["a", "b"], [3, 4])


def test_one_record_that_is_deleted_is_counted_as_one(library):
    """Whatever an answer says of it."""
    book = library.post("/api/books/", json={"name": "Emma"}).json()["id"]

    assert library.delete(f"/api/books/{book}/").json() == {"acknowledged": True, "deletedCount": 1}


def test_a_record_that_is_made_up_for_an_answer_says_so(library):
    """Where the document has no 404 for what is not there."""
    answer = library.get("/api/books/777777/")

    assert (answer.status_code, answer.json()["id"]) == (200, 777777)
    assert answer.headers["Mock-Assumption"].startswith("zoo.invented-records=There is no '777777' in books.")


def test_a_picture_leaves_the_name_of_its_record_alone(library):
    """The name of the file is not that of the book."""
    book = library.post("/api/books/", json={"name": "Emma"}).json()["id"]

    library.post(f"/api/books/{book}/cover/", files={"cover": ("p.png", b"png", "image/png")})

    assert library.get(f"/api/books/{book}/").json()["name"] == "Emma"


def test_what_is_taken_is_refused_as_the_document_says(library):
    """Here with 422, which speaks of it."""
    library.post("/api/books/", json={"name": "Emma", "isbn": "1"})

    assert library.post("/api/books/", json={"name": "Persuasion", "isbn": "1"}).status_code == 422


def test_nothing_is_below_what_a_client_has_just_made(library):
    """But what it puts there itself."""
    library.put("/rooms/r1/shelves/s1", json={"size": 1})
    library.put("/rooms/r1/shelves/s1/boxes/b1", json={"size": 2})

    assert [box["size"] for box in library.get("/rooms/r1/shelves/s1/boxes").json()] == [2]
