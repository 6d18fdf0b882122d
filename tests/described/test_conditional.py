"""Conditional requests: entity-tags, HTTP dates, and who has an answer already is told so, remembered or not."""

from __future__ import annotations

import re

import pytest

ADMIN = "http://127.0.0.1:4010/__admin"
RATES = """
openapi: 3.0.3
info: {title: Rates, version: "1"}
paths:
  /rates:
    get:
      responses:
        "200":
          description: All.
          headers: {ETag: {schema: {type: string}}, Last-Modified: {schema: {type: string}}}
          content: {application/json: {schema: {type: object}, example: {eur: 1.1}}}
        "304": {description: The same.}
  /tagged:
    get:
      responses:
        "200":
          description: One.
          headers: {etag: {schema: {type: string}, example: v7}}
          content: {application/json: {schema: {type: object}, example: {eur: 1.1}}}
  /same:
    get:
      responses:
        "200": {description: One., content: {application/json: {schema: {type: object}, example: {eur: 1.1}}}}
        "304": {description: The same.}
  /dated:
    get:
      responses:
        "200":
          description: One.
          headers: {Last-Modified: {schema: {type: string}, example: "Wed, 21 Oct 2015 07:28:00 GMT"}}
          content: {application/json: {schema: {type: object}, example: {eur: 1.1}}}
  /plain:
    get:
      responses:
        "200": {description: One., content: {application/json: {schema: {type: object}, example: {eur: 1.1}}}}
  /notes:
    get:
      responses:
        "200":
          description: All.
          headers:
            ETag: {required: true, schema: {type: string}, example: '"never"'}
            Last-Modified: {schema: {type: string}, example: "Wed, 21 Oct 2015 07:28:00 GMT"}
          content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Note"}}}}
    post:
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Note"}}}}
      responses:
        "201": {description: Made., content: {application/json: {schema: {$ref: "#/components/schemas/Note"}}}}
  /notes/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get:
      responses:
        "200": {description: One., content: {application/json: {schema: {$ref: "#/components/schemas/Note"}}}}
        "304": {description: The same.}
        "404": {description: None.}
    put:
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Note"}}}}
      responses:
        "200": {description: Kept., content: {application/json: {schema: {$ref: "#/components/schemas/Note"}}}}
components:
  schemas:
    Note:
      type: object
      required: [id]
      properties: {id: {type: integer}, text: {type: string}}
"""
TAG = re.compile(r'(W/)?"[\x21\x23-\x7e]*"')
FIRST = "Tue, 01 Sep 2026 12:00:00 GMT"
NEXT = "Tue, 01 Sep 2026 12:00:01 GMT"


def frozen(client) -> None:
    """The world's time stands still at 2026-09-01T12:00:00Z."""
    client.post(f"{ADMIN}/clock/freeze", json={"at": "2026-09-01T12:00:00Z"})


def test_an_answer_that_nothing_is_remembered_of_has_its_validators(serve):
    """A quoted tag and an HTTP date."""
    rates = serve(RATES)
    frozen(rates)

    answer = rates.get("/rates")

    assert TAG.fullmatch(answer.headers["ETag"])
    assert answer.headers["Last-Modified"] == FIRST


@pytest.mark.parametrize("path", ["/rates", "/tagged", "/same", "/notes", "/notes/1"])
@pytest.mark.parametrize("form", ["{}", 'W/{}, "b"', '"a,b", {}', "*"])
def test_who_has_it_is_told_so(serve, path, form):
    """304 without a body, with the tag that it has, declared or not."""
    rates = serve(RATES)
    tag = rates.get(path).headers["ETag"]

    answers = [rates.get(path, headers={"If-None-Match": form.format(tag)}), rates.get(path)]

    assert [(answer.status_code, answer.headers["ETag"]) for answer in answers] == [(304, tag), (200, tag)]
    assert answers[0].content == b""
    assert "Mock-Violation" not in answers[0].headers


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"If-None-Match": '"other"'}, 200),
        ({"If-Match": '"other"'}, 412),
        ({"If-Match": '"other", "v7"'}, 200),
        ({"If-Match": 'W/"v7"'}, 412),
        ({"If-Match": "*"}, 200),
        ({"If-Match": '"v7"', "If-None-Match": '"v7"'}, 304),
        ({"If-None-Match": '"v7"', "Prefer": "code=200"}, 200),
    ],
)
def test_tags_are_compared_as_http_has_it(serve, headers, status):
    """Strongly for If-Match; the author's tag is the answer's, in quotes."""
    rates = serve(RATES)

    assert rates.get("/tagged").headers["ETag"] == '"v7"'
    assert rates.get("/tagged", headers=headers).status_code == status


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"If-Modified-Since": "Wed, 21 Oct 2015 07:28:00 GMT"}, 304),
        ({"If-Modified-Since": "Wednesday, 21-Oct-15 07:28:00 GMT"}, 304),
        ({"If-Modified-Since": "Wed, 21 Oct 2015 07:27:59 GMT"}, 200),
        ({"If-Modified-Since": "yesterday"}, 200),
        ({"If-Modified-Since": "Wed, 21 Oct 2015 07:28:00 GMT", "If-None-Match": '"other"'}, 200),
        ({"If-Unmodified-Since": "Wed, 21 Oct 2015 07:28:00 GMT"}, 200),
        ({"If-Unmodified-Since": "Wed, 21 Oct 2015 07:27:59 GMT"}, 412),
    ],
)
def test_dates_are_compared_as_http_has_it(serve, headers, status):
    """A tag goes before a date, and what is no date says nothing."""
    rates = serve(RATES)

    assert rates.get("/dated", headers=headers).status_code == status


def test_without_a_declaration_nothing_is_conditional(serve):
    """The document speaks of none of it."""
    rates = serve(RATES)

    answer = rates.get("/plain", headers={"If-None-Match": "*"})

    assert (answer.status_code, "ETag" in answer.headers) == (200, False)


def test_what_is_written_changes_the_validators_of_a_list(serve):
    """Also where the document has an example of them, and within the same second."""
    rates = serve(RATES)
    frozen(rates)
    before = rates.get("/notes").headers
    rates.post("/notes", json={"id": 77, "text": "new"})

    after = rates.get("/notes").headers
    answers = [
        rates.get("/notes", headers={name: value})
        for name, value in [
            ("If-None-Match", before["ETag"]),
            ("If-Modified-Since", before["Last-Modified"]),
            ("If-None-Match", after["ETag"]),
            ("If-Modified-Since", after["Last-Modified"]),
        ]
    ]

    assert (before["Last-Modified"], after["Last-Modified"]) == (FIRST, NEXT)
    assert [answer.status_code for answer in answers] == [200, 200, 304, 304]


def test_a_write_is_refused_that_is_of_another_version(serve):
    """Where reads tell the tag, whether or not the write's document speaks of conditions."""
    rates = serve(RATES)
    tag = rates.get("/notes/1").headers["ETag"]
    note = {"id": 1, "text": "mine"}

    statuses = [rates.put("/notes/1", json=note, headers={"If-Match": tag}).status_code for _ in range(2)]

    assert statuses == [200, 412]
    assert rates.get("/notes/1").json()["text"] == "mine"


def test_head_tells_the_validators_of_get(serve):
    """And is conditional as well."""
    rates = serve(RATES)
    found = rates.get("/rates").headers

    head = rates.head("/rates")
    same = rates.head("/rates", headers={"If-None-Match": found["ETag"]})

    assert [head.headers[name] for name in ("ETag", "Last-Modified")] == [found["ETag"], found["Last-Modified"]]
    assert same.status_code == 304


def test_a_record_that_says_when_it_was_changed_is_believed(serve):
    """Its date is that of the answer."""
    shop = serve(
        """
        openapi: 3.0.3
        info: {title: Shop, version: "1"}
        paths:
          /teas:
            get:
              responses:
                "200":
                  description: All.
                  headers: {Last-Modified: {schema: {type: string}}}
                  content:
                    application/json:
                      schema: {type: array, items: {type: object}}
                      example: [{name: Oolong, updatedAt: "2020-02-02T20:20:20Z"}, {updatedAt: "2019-01-01T00:00:00Z"}]
        """,
        state=False,
    )

    assert shop.get("/teas").headers["Last-Modified"] == "Sun, 02 Feb 2020 20:20:20 GMT"


PAGES = """
openapi: 3.0.3
info: {title: Pages, version: "1"}
paths:
  /pages/{name}:
    parameters: [{name: name, in: path, required: true, schema: {type: string}}]
    get:
      responses:
        "200":
          description: One.
          headers: {ETag: {schema: {type: string}}}
          content: {application/json: {schema: {type: object}, example: {text: Hello}}}
    put: {responses: {"204": {description: Kept.}}}
  /print:
    post:
      parameters: [{name: If-Match, in: header, schema: {type: string}}]
      responses: {"204": {description: Printed.}}
"""


@pytest.mark.parametrize(
    ("name", "value", "status"),
    [
        ("If-Match", '"other"', 412),
        ("If-Match", "*", 204),
        ("If-None-Match", "*", 412),
        ("If-None-Match", '"other"', 204),
    ],
)
def test_a_write_that_is_not_remembered_is_held_against_what_its_path_is_read_with(serve, name, value, status):
    """Though nothing comes of it, it is refused for another version."""
    pages = serve(PAGES, state=False)

    assert pages.put("/pages/a", headers={name: value}).status_code == status


def test_a_write_that_is_not_remembered_takes_the_tag_that_was_read(serve):
    """As the document's clients send it back."""
    pages = serve(PAGES, state=False)
    tag = pages.get("/pages/a").headers["ETag"]

    assert pages.put("/pages/a", headers={"If-Match": tag}).status_code == 204


def test_a_condition_that_nothing_can_be_held_against_is_told(serve):
    """It was passed over, and the answer says so."""
    pages = serve(PAGES)

    answer = pages.post("/print", headers={"If-Match": '"a"'})

    assert answer.headers["Mock-Assumption"] == (
        "zoo.unchecked-precondition=no read of /print says an entity-tag; the condition was passed over"
    )


POSTERS = """
openapi: 3.0.3
info: {title: Posters, version: "1"}
paths:
  /posters:
    get:
      responses:
        "200":
          description: All.
          content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Poster"}}}}
    post:
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Poster"}}}}
      responses: {"201": {description: New.}}
  /posters/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get:
      responses:
        "200":
          description: One.
          headers: {ETag: {schema: {type: string}}}
          content: {application/json: {schema: {$ref: "#/components/schemas/Poster"}}}
        "404": {description: None.}
    put:
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Poster"}}}}
      responses: {"200": {description: Kept.}, "404": {description: None.}, "412": {description: Another version.}}
components:
  schemas: {Poster: {type: object, properties: {id: {type: integer, readOnly: true}, text: {type: string}}}}
"""


@pytest.mark.parametrize(("number", "match", "status"), [(99, '"a"', 404), (99, "*", 404), (1, '"a"', 412)])
def test_a_condition_does_not_count_for_what_is_not_there(serve, number, match, status):
    """The PUT would be a 404 without it, since POST makes what is new (RFC 9110 13.2.1)."""
    posters = serve(POSTERS)

    assert posters.put(f"/posters/{number}", json={"text": "a"}, headers={"If-Match": match}).status_code == status
