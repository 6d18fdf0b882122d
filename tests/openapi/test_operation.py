"""Operations compiled from a document: parameters, bodies, answers, security."""

from pathlib import Path

import pytest

from mockserver.openapi.model.document import Document, load

DOCUMENT = """
openapi: 3.1.0
info: {title: Zoo, version: "1"}
servers: [{url: "https://zoo.example/api/v2/"}]
security: [{key: []}]
paths:
  /animals/{id}:
    parameters:
      - {name: id, in: path, required: true, schema: {$ref: "#/components/schemas/Id"}, example: 7}
      - {name: limit, in: query, schema: {type: integer, maximum: 10, default: 5}}
    get:
      summary: One animal
      operationId: getAnimal
      x-source: docs
      parameters:
        - {name: limit, in: query, required: true, schema: {type: integer, maximum: 99}}
        - $ref: "#/components/parameters/Kinds"
      responses:
        200: {description: An animal., content: {Application/JSON: {schema: {type: object}}}}
        "404": {$ref: "#/components/responses/Missing"}
        5XX: {description: Closed.}
        default: {description: Else.}
    delete:
      security: []
      responses: {"204": {description: Gone.}}
  /animals:
    $ref: "#/components/pathItems/Animals"
components:
  securitySchemes:
    key: {type: http, scheme: bearer}
    token: {type: oauth2, flows: {}}
  parameters:
    Kinds: {name: kinds, in: query, schema: {type: [array, "null"], items: {$ref: "#/components/schemas/Id"}}}
  schemas:
    Id: {type: integer}
  responses:
    Missing:
      description: No such animal.
      headers:
        Retry-After: {$ref: "#/components/headers/Seconds"}
        X-Name: {schema: {type: string, maxLength: 3}}
        X-Open: {required: true, schema: {type: boolean}}
        X-Ratio: {schema: {type: number, maximum: 1}}
        X-Tags: {schema: {type: array, maxItems: 2, items: {type: integer}}}
        X-Size: {explode: true, schema: {type: object, properties: {w: {type: integer}}}}
        X-More: {content: {application/json: {schema: {type: object, required: [a]}}}}
        X-Any: {content: {text/plain: {}}}
  headers:
    Seconds: {required: true, schema: {type: integer, minimum: 0}}
  pathItems:
    Animals:
      post:
        security: [{key: [], token: [zoo, "zoo:write"]}, {}]
        requestBody: {$ref: "#/components/requestBodies/Animal"}
        responses: {"201": {description: Born.}}
  requestBodies:
    Animal:
      required: true
      content:
        application/json: {schema: {type: object, required: [name]}}
        text/csv: {}
"""


@pytest.fixture
def spec(tmp_path: Path) -> Document:
    """The zoo."""
    path = tmp_path / "zoo.yaml"
    path.write_text(DOCUMENT)
    return load(path, "zoo")


def test_operations_stand_in_the_order_of_the_document(spec):
    """One without an id has one made of method and path."""
    ids = [operation.id for operation in spec.operations]

    assert ids == ["getAnimal", "DELETE /animals/{id}", "POST /animals"]


def test_the_path_of_the_server_stands_before_all_paths(spec):
    """Without a slash at its end."""
    assert (spec.base_path, spec.servers[0].host) == ("/api/v2", "zoo.example")


def test_an_operation_says_where_it_comes_from(spec):
    """Its summary and the source of its truth."""
    operation = spec.operation("getAnimal")

    assert (operation.method, operation.path, operation.summary, operation.source) == (
        "GET",
        "/animals/{id}",
        "One animal",
        "docs",
    )


def test_an_operations_parameter_replaces_that_of_its_path(spec):
    """The one of the same name and place; the others hold for every operation of the path."""
    found = {parameter.name: parameter for parameter in spec.operation("getAnimal").parameters}
    inherited = {parameter.name: parameter for parameter in spec.operation("DELETE /animals/{id}").parameters}

    assert [*found] == ["id", "limit", "kinds"]
    assert (found["limit"].required, found["limit"].has_default, found["limit"].validator.accepts(50)) == (
        True,
        False,
        True,
    )
    assert (inherited["limit"].default, inherited["limit"].validator.accepts(50)) == (5, False)


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("id", "7", 7),
        ("id", "-7", -7),
        ("id", "007", "007"),
        ("id", "7.0", "7.0"),
        ("id", "seven", "seven"),
        ("id", "1" * 999, int("1" * 999)),
        ("id", "1" * 1000, "1" * 1000),
    ],
)
def test_text_becomes_a_value_of_its_schemas_type(spec, name, text, value):
    """References are followed; what does not fit stays text, for the validator to refuse."""
    parameter = next(found for found in spec.operation("getAnimal").parameters if found.name == name)

    assert parameter.deserialize({name: text}) == value


def test_items_have_the_type_of_their_schema(spec):
    """Also where the array may be null."""
    kinds = next(found for found in spec.operation("getAnimal").parameters if found.name == "kinds")

    assert kinds.deserialize({"kinds": ["3", "x"]}) == [3, "x"]


def test_a_parameter_knows_its_example(spec):
    """The one that the document gives."""
    assert [parameter.example for parameter in spec.operation("getAnimal").parameters] == [7, None, None]


@pytest.mark.parametrize(
    ("status", "declared"), [(200, "200"), (404, "404"), (500, "5XX"), (599, "5XX"), (400, "default"), (201, "default")]
)
def test_a_status_is_declared_by_itself_its_range_or_the_default(spec, status, declared):
    """In this order; numbers and texts are the same key."""
    answer = spec.operation("getAnimal").answer(status)

    assert answer is not None
    assert answer.status == declared


def test_a_status_may_be_declared_by_nothing(spec):
    """Then there is no answer."""
    assert spec.operation("POST /animals").answer(200) is None


@pytest.mark.parametrize(
    ("header", "text", "accepted"),
    [
        ("Retry-After", "30", True),
        ("Retry-After", "-1", False),
        ("Retry-After", "", False),
        ("Retry-After", "3.5", False),
        ("Retry-After", "٣", False),
        ("X-Name", "Ann", True),
        ("X-Name", "Anna", False),
        ("X-Name", "7", True),
        ("X-Open", "true", True),
        ("X-Open", "yes", False),
        ("X-Ratio", "0.5", True),
        ("X-Ratio", "1", True),
        ("X-Ratio", "2", False),
        ("X-Ratio", "1e999", False),
        ("X-Tags", "1, 2", True),
        ("X-Tags", "1,2,3", False),
        ("X-Tags", "1,x", False),
        ("X-Size", "w=1", True),
        ("X-Size", "w=x", False),
        ("X-More", '{"a": 1}', True),
        ("X-More", "{}", False),
        ("X-More", "{", False),
        ("X-Any", "x", True),
    ],
)
def test_a_header_is_held_to_its_schema(spec, header, text, accepted):
    """Its text is read as the type that is declared."""
    declared = spec.operation("getAnimal").answers["404"].headers

    assert bool(declared[header].accepts(text)) is accepted


def test_required_headers_are_counted(spec):
    """So that an answer without any costs nothing to check."""
    assert spec.operation("getAnimal").answers["404"].required_headers == 2


def test_media_types_are_lower_case(spec):
    """However the document writes them."""
    answer = spec.operation("getAnimal").answers["200"]

    assert [*answer.media] == ["application/json"]


def test_a_body_has_a_validator_where_it_has_a_schema(spec):
    """And is required where it says so."""
    body = spec.operation("POST /animals").body

    assert (body.required, body.media["text/csv"].validator) == (True, None)
    assert not body.media["application/json"].validator.accepts({})


@pytest.mark.parametrize(
    ("operation", "security"),
    [
        ("getAnimal", ({"key": ()},)),
        ("DELETE /animals/{id}", ()),
        ("POST /animals", ({"key": (), "token": ("zoo", "zoo:write")}, {})),
    ],
)
def test_an_operations_security_replaces_the_documents(spec, operation, security):
    """Also where it says that there is none."""
    assert spec.operation(operation).security == security
