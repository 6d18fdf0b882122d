"""Which media type answers: `Accept` with its parameters, and ranges that a document declares."""

from __future__ import annotations

import pytest

from mockserver.openapi.lint import lint

SHOP = """
openapi: 3.0.3
info: {title: Shop, version: "1"}
paths:
  /product:
    get:
      responses:
        "200":
          description: One.
          content:
            application/json; version=1: {schema: {type: object}, example: {name: old}}
            application/json; version=2: {schema: {type: object}, example: {title: new}}
  /plain:
    get:
      responses:
        "200": {description: One., content: {application/json: {schema: {type: object}, example: {name: plain}}}}
  /any:
    get:
      responses:
        "200": {description: One., content: {"*/*": {schema: {type: object}, example: {name: any}}}}
  /picture:
    get: {responses: {"200": {description: One., content: {image/*: {schema: {type: string, format: binary}}}}}}
"""


@pytest.mark.parametrize(
    ("accept", "status", "sent"),
    [
        ("application/json; version=2", 200, "application/json; version=2"),
        ("application/json;version=1", 200, "application/json; version=1"),
        ('application/json;VERSION="2"', 200, "application/json; version=2"),
        ("application/json", 200, "application/json; version=1"),
        ("application/*;q=0.1, application/json;version=2", 200, "application/json; version=2"),
        ("application/json;version=1;q=0.2, application/json;version=2;q=0.9", 200, "application/json; version=2"),
        ("application/json;version=1;q=0, application/json", 200, "application/json; version=2"),
        ("application/json;version=9", 406, "application/problem+json"),
        ("application/json;version=9, */*;q=0.1", 200, "application/json; version=1"),
        ("application/json;charset=utf-8;version=2", 200, "application/json; version=2"),
    ],
)
def test_parameters_choose_where_media_types_differ_by_them(serve, accept, status, sent):
    """Any value is taken where none is asked for, and none stands for another."""
    shop = serve(SHOP)

    answer = shop.get("/product", headers={"Accept": accept})

    assert (answer.status_code, answer.headers["Content-Type"]) == (status, sent)


@pytest.mark.parametrize("accept", ["application/json;charset=utf-8", "application/json;version=2"])
def test_parameters_that_nothing_is_offered_with_count_for_nothing(serve, accept):
    """Many clients ask for a charset."""
    shop = serve(SHOP)

    assert shop.get("/plain", headers={"Accept": accept}).json() == {"name": "plain"}


def test_a_media_type_that_is_not_declared_is_not_made(serve):
    """It is a 406 that says what there is."""
    shop = serve(SHOP)

    answer = shop.get("/plain", headers={"Accept": "text/csv"})

    assert (answer.status_code, answer.json()["detail"]) == (406, "Accept is 'text/csv'; there is application/json.")


@pytest.mark.parametrize(
    ("accept", "sent"),
    [("image/webp", "image/webp"), ("image/gif;q=0.5, image/jpeg", "image/jpeg"), ("image/*", "image/png")],
)
def test_a_declared_range_is_sent_as_the_member_that_is_asked_for(serve, accept, sent):
    """Never as one that the client does not take."""
    shop = serve(SHOP)

    assert shop.get("/picture", headers={"Accept": accept}).headers["Content-Type"] == sent


@pytest.mark.parametrize(
    ("accept", "status", "sent"),
    [
        ("application/xml", 200, "application/xml"),
        ("text/html, */*;q=0.8", 200, "application/json"),
        ("text/csv", 406, "application/problem+json"),
    ],
)
def test_an_object_of_any_media_type_is_written_as_one_that_has_objects(serve, accept, status, sent):
    """Nothing is called a table or a page that is none."""
    shop = serve(SHOP)

    answer = shop.get("/any", headers={"Accept": accept})

    assert (answer.status_code, answer.headers["Content-Type"]) == (status, sent)


NAMED = """
openapi: 3.0.3
info: {title: Pager, version: "1"}
paths:
  /incidents:
    parameters:
      - name: accept
        in: header
        required: true
        schema: {type: string, default: application/vnd.pager+json;version=2}
    get:
      responses:
        "200": {description: All., content: {application/json: {schema: {type: object}, example: {incidents: []}}}}
  /notes:
    post:
      parameters:
        - {name: Content-Type, in: header, schema: {type: string, enum: [application/vnd.pager+json, text/csv]}}
      requestBody:
        content: {application/json: {schema: {type: object, required: [note], properties: {note: {type: string}}}}}
      responses: {"204": {description: Noted.}}
"""


@pytest.mark.parametrize(
    ("accept", "status"),
    [
        ("application/vnd.pager+json;version=2", 200),
        ("application/vnd.pager+json", 200),
        ("application/json", 200),
        ("application/vnd.pager+json;version=3", 406),
        ("application/xml", 406),
    ],
)
def test_a_media_type_that_only_a_header_parameter_names_is_taken(serve, accept, status):
    """It asks for what is declared; another version of it does not."""
    pager = serve(NAMED)

    answer = pager.get("/incidents", headers={"Accept": accept})

    assert answer.status_code == status
    assert status == 406 or (answer.headers["Content-Type"], answer.json()) == ("application/json", {"incidents": []})


def test_lint_is_silent_of_a_header_parameter_that_names_media_types(tmp_path):
    """One that names none counts for nothing, and is told."""
    named, unnamed = tmp_path / "named.yaml", tmp_path / "unnamed.yaml"
    named.write_text(NAMED)
    unnamed.write_text(NAMED.replace(", default: application/vnd.pager+json;version=2", ""))

    assert lint(named) == ()
    assert [finding.message for finding in lint(unnamed)] == [
        "a header parameter named accept counts for nothing; use `content` or `security`"
    ]


def test_a_remembered_record_is_answered_in_yaml(serve):
    """With the objects and the lists in it."""
    zoo = serve(
        """
        openapi: 3.0.3
        info: {title: Zoo, version: "1"}
        paths:
          /animals:
            post:
              requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Animal"}}}}
              responses:
                "201":
                  description: Made.
                  content: {application/json: {schema: {$ref: "#/components/schemas/Animal"}}}
          /animals/{id}:
            get:
              parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
              responses:
                "200":
                  description: One.
                  content:
                    application/json: {schema: {$ref: "#/components/schemas/Animal"}}
                    application/yaml: {schema: {$ref: "#/components/schemas/Animal"}}
        components:
          schemas:
            Animal:
              type: object
              properties:
                id: {type: integer}
                tags: {type: array, items: {type: string}}
                home: {type: object, properties: {name: {type: string}}}
        """
    )
    made = zoo.post("/animals", json={"tags": ["a"], "home": {"name": "Den"}}).json()

    answer = zoo.get(f"/animals/{made['id']}", headers={"Accept": "application/yaml"})

    assert answer.text == f"id: {made['id']}\ntags:\n- a\nhome:\n  name: Den\n"


@pytest.mark.parametrize(
    ("content_type", "body", "status"),
    [
        ("application/vnd.pager+json", '{"note": "a"}', 204),
        ("application/vnd.pager+json", "{}", 422),
        ("application/vnd.other+json", '{"note": "a"}', 415),
        ("text/csv", "a", 415),
    ],
)
def test_a_body_in_a_media_type_that_only_a_header_parameter_names_is_read(serve, content_type, body, status):
    """As the declared one of its family, whose schema it has to keep."""
    pager = serve(NAMED)

    answer = pager.post("/notes", content=body, headers={"Content-Type": content_type})

    assert answer.status_code == status
