"""Documents of every version as Specs."""

from typing import Any

import pytest

from mockserver.openapi.model.document import load
from mockserver.problem import Unusable

V31 = 'openapi: 3.1.0\ninfo: {title: Zoo, version: "1"}\n'


@pytest.fixture
def api(tmp_path):
    """The Spec of these files; the first is the document."""

    def loaded(*texts: str, **given: Any):
        for number, text in enumerate(texts):
            (tmp_path / f"{number}.yaml").write_text(text)
        return load(tmp_path / "0.yaml", "zoo", **given)

    return loaded


@pytest.mark.parametrize(
    ("head", "operation"),
    [
        ('swagger: "2.0"', "{parameters: [{name: b, in: body, required: true, schema: {type: integer}}]}"),
        ("swagger: 2.0", "{parameters: [{name: b, in: body, required: true, schema: {type: integer}}]}"),
        ("openapi: 3.0.3", "{requestBody: {required: true, content: {application/json: {schema: {type: integer}}}}}"),
        ("openapi: 3.1.0", "{requestBody: {required: true, content: {application/json: {schema: {type: integer}}}}}"),
        ("openapi: 3.2.0", "{requestBody: {required: true, content: {application/json: {schema: {type: integer}}}}}"),
    ],
)
def test_every_version_is_served(api, head, operation):
    """By the same operations."""
    spec = api(f"{head}\ninfo: {{title: Zoo, version: '1'}}\npaths: {{/a: {{post: {operation}}}}}\n")

    (operation,) = spec.operations
    assert (operation.id, operation.body.required, [*operation.body.media]) == ("POST /a", True, ["application/json"])


@pytest.mark.parametrize(
    ("ref", "message"),
    [
        ("nowhere.yaml#/A", "leads to no file"),
        ("https://zoo.example/a.yaml", "is an address; only files"),
        ("../../etc/passwd", "leads out of the document's own folder"),
        ("#/components/schemas/None", "leads nowhere"),
    ],
)
def test_a_reference_that_cannot_be_followed_stops_nothing_else(api, ref, message):
    """It is left out and noted; nothing is fetched."""
    answer = f"{{description: ok, content: {{a/b: {{schema: {{$ref: '{ref}'}}}}}}}}"
    spec = api(f"{V31}paths: {{/a: {{get: {{responses: {{200: {answer}}}}}}}, /b: {{get: {{responses: {{}}}}}}}}")

    assert [operation.id for operation in spec.operations] == ["GET /a", "GET /b"]
    assert message in spec.diagnostics[0].message
    assert spec.diagnostics[0].pointer == "/paths/~1a/get/responses/200/content/a~1b/schema/$ref"


def test_a_file_that_cannot_be_read_stops_nothing_else(api):
    """What refers to it is left out and noted, with the file's own name and line, since its author is writing it."""
    spec = api(f"{V31}paths: {{/a: {{$ref: 1.yaml}}, /b: {{get: {{}}}}}}", "a:\n  b: [")

    assert [operation.id for operation in spec.operations] == ["GET /b"]
    assert "'1.yaml' leads to a file that cannot be used" in spec.diagnostics[0].message
    assert "1.yaml:3: is not YAML" in spec.diagnostics[0].message
    assert [file.name for file in spec.files] == ["0.yaml", "1.yaml"]


def test_parts_in_other_files_are_in_the_dialect_too(api):
    """Whatever kind of part they are."""
    parts = """
item: {get: {responses: {200: {$ref: '#/ok'}}}}
ok: {description: ok, content: {application/json: {schema: {$ref: '#/name'}}}}
name: {type: string, nullable: true}
"""
    head = V31.replace("3.1.0", "3.0.3")
    spec = api(f"{head}paths: {{/a: {{$ref: '1.yaml#/item'}}}}", parts)

    (operation,) = spec.operations
    assert operation.answer(200).media["application/json"].validator.accepts(None) is True
    assert [file.name for file in spec.files] == ["0.yaml", "1.yaml"]


def test_a_document_may_refer_to_itself_by_its_own_address(api):
    """`$self` of OpenAPI 3.2."""
    spec = api(
        "openapi: 3.2.0\n$self: https://zoo.example/api\ninfo: {title: Zoo, version: '1'}\n"
        "components: {schemas: {A: {$ref: 'https://zoo.example/api#/components/schemas/B'}, B: {type: string}}}"
    )

    assert spec.schemas.validator("/components/schemas/A").accepts(1) is False
    assert spec.diagnostics == ()


def test_overlays_are_laid_on_before_anything_else(api, tmp_path):
    """In the words of the document's own version; their files belong to it."""
    overlay = tmp_path / "overlay.yaml"
    overlay.write_text("overlay: 1.0.0\nactions: [{target: $.components.schemas.A, update: {nullable: true}}]")
    head = V31.replace("3.1.0", "3.0.3")

    spec = api(f"{head}components: {{schemas: {{A: {{type: string}}}}}}", overlays=[overlay])

    assert spec.document["components"]["schemas"]["A"] == {"type": ["string", "null"]}
    assert [file.name for file in spec.files] == ["0.yaml", "overlay.yaml"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("openapi: 4.0.0", "expected OpenAPI 2.0, 3.0, 3.1 or 3.2"),
        ("asyncapi: 2.0.0", "neither `openapi` nor `swagger`"),
        ("[]", "expected a mapping at the top"),
    ],
)
def test_what_is_no_openapi_document_is_refused(api, text, message):
    """With the file's name."""
    with pytest.raises(Unusable, match=message) as refused:
        api(text)

    assert refused.value.where.endswith("0.yaml")
