"""References wherever authors put them, served: at operations, at whole mappings, to `$id`s, to dynamic anchors."""

from pathlib import Path

import pytest

from mockserver.openapi.lint import lint

HEAD = "openapi: 3.0.3\ninfo: {title: Zoo, version: '1'}\n"

OPERATION = """
operationId: listPets
summary: {$ref: 'texts.yaml#/list'}
parameters: {$ref: 'parameters.yaml#/paging'}
responses:
  $ref: 'responses.yaml#/pets'
"""
FILES = {
    "list.yaml": OPERATION,
    "texts.yaml": "list: All pets",
    "parameters.yaml": "paging: [{name: limit, in: query, schema: {type: integer, maximum: 10}}]",
    "responses.yaml": """
pets:
  '200':
    description: ok
    content:
      application/json:
        schema: {type: array, items: {type: object, required: [name], properties: {name: {type: string}}}}
        example: {$ref: 'examples.yaml#/rex'}
""",
    "examples.yaml": "rex: [{name: Rex}]",
}


@pytest.fixture
def files(tmp_path):
    """Writes files beside the document."""

    def write(contents: dict[str, str]) -> Path:
        for name, text in contents.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text, encoding="utf-8")
        found: Path = tmp_path
        return found

    return write


@pytest.mark.parametrize(
    ("document", "path"),
    [
        (f"{HEAD}paths: {{/pets: {{get: {{$ref: list.yaml}}}}}}", "/pets"),
        (f"{HEAD}paths: {{$ref: 'paths.yaml'}}", "/pets"),
        (f"{HEAD}paths: {{/pets: {{$ref: 'item.yaml'}}}}", "/pets"),
        ("swagger: '2.0'\ninfo: {title: Zoo, version: '1'}\npaths: {/old: {get: {$ref: old.yaml}}}", "/old"),
    ],
    ids=["operation", "paths", "path item", "2.0"],
)
def test_an_operation_may_be_referred_to(serve, files, document, path):
    """It is served as if it stood there: its parameters are held to, its example is the answer."""
    old = OPERATION.replace("responses.yaml#/pets", "old-responses.yaml")
    folder = files(
        FILES
        | {
            "paths.yaml": "/pets: {$ref: item.yaml}",
            "item.yaml": "get: {$ref: list.yaml}",
            "old.yaml": old.replace("#/paging", "#/old"),
            "old-responses.yaml": "'200': {description: ok, schema: {type: array, items: {}}, "
            "examples: {application/json: [{name: Rex}]}}",
        }
    )
    (folder / "parameters.yaml").write_text(
        FILES["parameters.yaml"] + "\nold: [{name: limit, in: query, type: integer, maximum: 10}]"
    )
    client = serve(document)

    pets, refused = client.get(path), client.get(path, params={"limit": 11})

    assert pets.json() == [{"name": "Rex"}]
    assert refused.status_code == 422
    assert [str(finding) for finding in lint(folder / "zoo.yaml")] == []


def test_members_beside_a_reference_count_first(serve, files):
    """As they do at a path."""
    files(FILES)
    client = serve(f"{HEAD}paths: {{/pets: {{get: {{$ref: list.yaml, deprecated: true}}}}}}")

    assert client.get("/pets").headers["Deprecation"] == "true"


def test_components_may_be_kept_elsewhere(serve, files):
    """All of them, or those of one kind; references go on meaning `#/components`."""
    files(
        {
            "components.yaml": "schemas: {$ref: schemas.yaml}\nresponses: {Pet: {$ref: 'answers.yaml#/pet'}}",
            "schemas.yaml": "Pet: {type: object, required: [name], properties: {name: {$ref: '#/Name'}}}\n"
            "Name: {type: string, enum: [Rex]}",
            "answers.yaml": "pet: {description: ok, content: {application/json: {schema: "
            "{$ref: 'zoo.yaml#/components/schemas/Pet'}}}}",
        }
    )
    client = serve(
        f"{HEAD}components: {{$ref: components.yaml}}\n"
        "paths: {/pet: {get: {responses: {'200': {$ref: '#/components/responses/Pet'}}}}}"
    )

    assert client.get("/pet").json() == {"name": "Rex"}


def test_one_operation_at_two_paths_is_two_operations(serve, files):
    """Each answers; the name is that of the first."""
    files(FILES)
    client = serve(f"{HEAD}paths: {{/pets: {{get: {{$ref: list.yaml}}}}, /animals: {{get: {{$ref: list.yaml}}}}}}")

    assert client.get("/pets").json() == client.get("/animals").json() == [{"name": "Rex"}]
    listed = client.get("/__admin/requests").json()["requests"]
    assert {(entry["request"]["path"], entry["operation"]) for entry in listed} == {
        ("/pets", "listPets"),
        ("/animals", "GET /animals"),
    }


@pytest.mark.parametrize(
    ("ref", "told"),
    [
        ("missing.yaml", "'missing.yaml' leads to no file"),
        ("broken.yaml", "'broken.yaml' leads to a file that cannot be used"),
        ("https://example.com/list.yaml", "is an address"),
        ("list.yaml#/nothing", "leads nowhere"),
        ("#/paths", "'#/paths' leads to what it stands in"),
    ],
)
def test_a_reference_that_leads_nowhere_takes_one_operation_alone(serve, files, ref, told):
    """The others are served, and why this one is not is told."""
    folder = files({**FILES, "broken.yaml": "a: ["})
    client = serve(f"{HEAD}paths: {{/a: {{get: {{$ref: '{ref}'}}}}, /pets: {{get: {{$ref: list.yaml}}}}}}")

    assert client.get("/pets").json() == [{"name": "Rex"}]
    assert client.get("/a").status_code in (404, 405)
    found = lint(folder / "zoo.yaml")
    assert len(found) == 1
    assert found[0].severity == "error"
    assert told in found[0].message


def test_a_reference_that_nobody_follows_is_told_where_its_file_is_missing(serve, files):
    """Such as that of an external document."""
    folder = files(FILES)
    serve(f"{HEAD}tags: [{{$ref: tag.yaml}}]\npaths: {{/pets: {{get: {{$ref: list.yaml}}}}}}")

    found = lint(folder / "zoo.yaml")

    assert [(finding.line, finding.severity) for finding in found] == [(3, "error")]
    assert "'tag.yaml' leads to no file" in found[0].message


PAGES = """
openapi: 3.1.0
info: {title: Zoo, version: '1'}
paths:
  /people:
    put:
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/People'}}}}
      responses: {'204': {description: ok}}
  /pets:
    put:
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Pets'}}}}
      responses: {'204': {description: ok}}
  /any:
    put:
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Page'}}}}
      responses: {'204': {description: ok}}
components:
  schemas:
    Page:
      IDPAGEtype: object
      required: [items]
      properties:
        items: {type: array, items: {$dynamicRef: '#item'}}
        next: {anyOf: [{type: 'null'}, {$ref: 'SELF'}]}
      $defs: {any: {$dynamicAnchor: item}}
    People:
      IDPEOPLE$ref: PAGE
      $defs: {person: {$dynamicAnchor: item, type: object, required: [email]}}
    Pets:
      IDPETS$ref: PAGE
      $defs: {pet: {$dynamicAnchor: item, type: string}}
"""


@pytest.mark.parametrize(
    ("ids", "page"), [(True, "page"), (False, "#/components/schemas/Page")], ids=["with ids", "without"]
)
def test_a_generic_schema_is_what_each_user_of_it_says(serve, files, ids, page):
    """At any depth, whether the schemas have an `$id` each or are told apart by where they stand."""
    text = PAGES.replace("PAGE\n", f"{page!r}\n").replace("SELF", "#" if ids else page)
    for name in ("PAGE", "PEOPLE", "PETS"):
        text = text.replace(f"ID{name}", f"$id: https://zoo.example/{name.lower()}\n      " if ids else "")
    client = serve(text)

    def statuses(path: str) -> list[int]:
        bodies = [
            {"items": [{"email": "a@b.example"}]},
            {"items": ["Rex"]},
            {"items": [], "next": {"items": [{"email": "a@b.example"}]}},
            {"items": [], "next": {"items": ["Rex"]}},
            {},
        ]
        return [client.put(path, json=body).status_code for body in bodies]

    assert statuses("/people") == [204, 422, 204, 422, 422]
    assert statuses("/pets") == [422, 204, 422, 204, 422]
    assert statuses("/any") == [204, 204, 204, 204, 422]
    assert [finding.message for finding in lint(files({}) / "zoo.yaml")] == []


def test_a_reference_is_relative_to_the_id_around_it(serve, files):
    """Inside the document, and in a file beside it."""
    files({"names.yaml": "$id: https://zoo.example/names/all\n$defs: {first: {$id: first, enum: [Rex]}}\n$ref: first"})
    client = serve("""
openapi: 3.1.0
info: {title: Zoo, version: '1'}
paths:
  /pet: {get: {responses: {'200': {description: ok, content: {application/json: {schema: {$ref: 'https://zoo.example/pet'}}}}}}}
components:
  schemas:
    Pet:
      $id: https://zoo.example/pet
      type: object
      required: [name, age, kind]
      properties: {name: {$ref: names.yaml}, age: {$ref: '#/$defs/age'}, kind: {$ref: kinds/dog}}
      $defs: {age: {const: 7}}
    Dog: {$id: 'https://zoo.example/kinds/dog', const: dog}
""")

    assert client.get("/pet").json() == {"name": "Rex", "age": 7, "kind": "dog"}
