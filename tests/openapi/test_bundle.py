from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from mockserver.openapi.source.bundle import bundle, dangling
from mockserver.openapi.source.reference import resolve
from mockserver.problem import Unusable


@pytest.fixture
def folder(tmp_path) -> Callable[[dict[str, str]], Path]:
    """Writes files, given by their names, below a folder `api`, and answers with that folder."""

    def write_all(contents: dict[str, str]) -> Path:
        for name, text in contents.items():
            path = tmp_path / "api" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        api: Path = tmp_path / "api"
        return api

    return write_all


SPLIT = {
    "openapi.yaml": """
openapi: 3.1.0
info: {title: Zoo, version: '1'}
paths:
  /pets:
    $ref: paths/pets.yaml
  /pets/{id}:
    get:
      parameters:
        - $ref: 'common/all%20parameters.yaml#/id'
      responses:
        default: {$ref: 'common/errors.json#/default'}
components:
  schemas:
    Name: {type: string}
    Pet: {$ref: ./schemas/pet.yaml}
""",
    "paths/pets.yaml": """
get:
  parameters:
    - {$ref: '../common/all parameters.yaml#/limit'}
  responses:
    200:
      description: ok
      content:
        application/json:
          schema: {type: array, items: {$ref: ../schemas/pet.yaml}}
          example: {$ref: nowhere.yaml}
          examples:
            one: {$ref: '../common/examples.yaml#/one'}
            two: {value: {$ref: nowhere.yaml}}
""",
    "common/all parameters.yaml": """
id: {name: id, in: path, required: true, schema: {type: string}}
limit: {name: limit, in: query, schema: {$ref: '#/unused~1or~0not'}}
unused/or~not: {type: integer}
really unused: {$ref: not-there.yaml}
""",
    "common/errors.json": '{"default": {"description": "not ok", "x-text": {"$ref": "nowhere.md"}}, "unused": 1}',
    "common/examples.yaml": "one: {value: {name: Rex}}\n",
    "schemas/pet.yaml": """
type: object
required: [name]
properties:
  name: {$ref: '../openapi.yaml#/components/schemas/Name'}
  parent: {$ref: pet.yaml}
  owner: {$ref: person.yaml#/definitions/Person}
  default: {$ref: '#/properties/name'}
""",
    "schemas/person.yaml": """
definitions:
  Person: {type: object, properties: {pets: {type: array, items: {$ref: pet.yaml#}}}}
  Ghost: {$ref: not-there.yaml}
""",
}


def test_a_document_without_files_is_left_as_it_was_read(folder):
    """References inside it stay what they are, and nothing is added."""
    text = {"openapi": "3.1.0", "components": {"schemas": {"A": {"$ref": "#/components/schemas/B"}, "B": {}}}}
    path = folder({"openapi.json": json.dumps(text)}) / "openapi.json"

    bundled = bundle(path)

    assert bundled.document == text
    assert bundled.document is bundled.sources[""].value
    assert bundled.files == (path,)


def test_a_split_document_becomes_one(folder):
    """Each file stands once under its name, only with what is referred to, and every reference leads there."""
    api = folder(SPLIT)

    bundled = bundle(api / "openapi.yaml")

    assert bundled.document["paths"] == {
        "/pets": {"$ref": "#/x-mock-files/paths~1pets.yaml"},
        "/pets/{id}": {
            "get": {
                "parameters": [{"$ref": "#/x-mock-files/common~1all%20parameters.yaml/id"}],
                "responses": {"default": {"$ref": "#/x-mock-files/common~1errors.json/default"}},
            }
        },
    }
    assert bundled.document["components"]["schemas"]["Pet"] == {"$ref": "#/x-mock-files/schemas~1pet.yaml"}
    files = bundled.document["x-mock-files"]
    assert files["schemas/pet.yaml"]["properties"] == {
        "name": {"$ref": "#/components/schemas/Name"},
        "parent": {"$ref": "#/x-mock-files/schemas~1pet.yaml"},
        "owner": {"$ref": "#/x-mock-files/schemas~1person.yaml/definitions/Person"},
        "default": {"$ref": "#/x-mock-files/schemas~1pet.yaml/properties/name"},
    }
    assert list(files["schemas/person.yaml"]["definitions"]) == ["Person"]
    assert list(files["common/errors.json"]) == ["default"]
    assert sorted(files["common/all parameters.yaml"]) == ["id", "limit", "unused/or~not"]
    assert dangling(bundled) == ()


def test_every_file_is_named_once_for_watching(folder):
    """The document first, then each file that it needs."""
    api = folder(SPLIT)

    bundled = bundle(api / "openapi.yaml")

    assert bundled.files[0] == api / "openapi.yaml"
    assert sorted(bundled.files) == sorted(api / name for name in SPLIT)


def test_what_looks_like_a_reference_in_data_is_left_alone(folder):
    """Examples, defaults, constants and `x-` members are data; a property may have any of these names."""
    document = {
        "openapi": "3.1.0",
        "x-code": {"$ref": "curl.sh"},
        "components": {
            "schemas": {
                "A": {
                    "default": {"$ref": "data.yaml"},
                    "const": {"$ref": "data.yaml"},
                    "enum": [{"$ref": "data.yaml"}],
                    "example": {"$ref": "data.yaml"},
                    "examples": [{"$ref": "data.yaml"}],
                    "properties": {
                        "$ref": {"type": "string"},
                        "default": {"$ref": "b.yaml"},
                        "example": {"$ref": "b.yaml"},
                        "enum": {"$ref": "b.yaml"},
                        "x-b": {"$ref": "b.yaml"},
                        "properties": {"properties": {"const": {"$ref": "b.yaml"}}},
                    },
                }
            },
            "responses": {
                "old": {"examples": {"application/json": {"$ref": "data.yaml"}}},
                "new": {"headers": {"x-rate": {"$ref": "b.yaml"}}},
            },
        },
    }
    path = folder({"openapi.json": json.dumps(document), "b.yaml": "type: string"}) / "openapi.json"

    bundled = bundle(path)

    seen = json.dumps({name: member for name, member in bundled.document.items() if name != "x-mock-files"})
    assert seen == json.dumps(document).replace('"b.yaml"', '"#/x-mock-files/b.yaml"')


def test_files_may_refer_to_each_other_in_circles(folder):
    """A circle through values is ordinary; each file is there once."""
    api = folder(
        {
            "a.yaml": "openapi: 3.1.0\ncomponents: {schemas: {A: {properties: {b: {$ref: b.yaml}}}}}",
            "b.yaml": "properties: {a: {$ref: a.yaml#/components/schemas/A}, c: {$ref: c.yaml}}",
            "c.yaml": "properties: {b: {$ref: ./b.yaml}, all: {$ref: a.yaml}}",
        }
    )

    document = bundle(api / "a.yaml").document

    assert document["x-mock-files"] == {
        "b.yaml": {"properties": {"a": {"$ref": "#/components/schemas/A"}, "c": {"$ref": "#/x-mock-files/c.yaml"}}},
        "c.yaml": {"properties": {"b": {"$ref": "#/x-mock-files/b.yaml"}, "all": {"$ref": "#"}}},
    }


def test_discriminators_lead_inwards_too(folder):
    """Values that are files or pointers are turned; names of schemas stay names, also one that looks like a file."""
    api = folder(
        {
            "openapi.yaml": """
openapi: 3.1.0
components:
  schemas:
    odd.json: {type: object}
    Pet:
      discriminator:
        propertyName: kind
        mapping: {dog: dog.yaml, cat: 'pets/cat.yaml#/Cat', bird: Bird, odd: odd.json, all: '#/components/schemas/Pet'}
    Other: {$ref: pets/cat.yaml#/Other}
""",
            "dog.yaml": "type: object",
            "pets/cat.yaml": "Cat: {type: object}\nOther: {discriminator: {propertyName: k, mapping: {c: '#/Cat'}}}",
        }
    )

    document = bundle(api / "openapi.yaml").document

    assert document["components"]["schemas"]["Pet"]["discriminator"]["mapping"] == {
        "dog": "#/x-mock-files/dog.yaml",
        "cat": "#/x-mock-files/pets~1cat.yaml/Cat",
        "bird": "Bird",
        "odd": "odd.json",
        "all": "#/components/schemas/Pet",
    }
    other = document["x-mock-files"]["pets/cat.yaml"]["Other"]
    assert other["discriminator"]["mapping"] == {"c": "#/x-mock-files/pets~1cat.yaml/Cat"}


def test_a_discriminator_that_names_no_file_is_only_a_finding(folder):
    """Some bundlers put schemas in place and leave the mapping as it was; the document is still good to serve."""
    text = """
components:
  schemas:
    Pet:
      discriminator:
        propertyName: kind
        mapping:
          dog: models/dog.yaml
          cat: ../cat.yaml#/Cat
          bird: https://example.com/bird.json
"""
    path = folder({"openapi.yaml": text}) / "openapi.yaml"

    bundled = bundle(path)

    mapping = bundled.document["components"]["schemas"]["Pet"]["discriminator"]["mapping"]
    assert mapping["dog"] == "models/dog.yaml"
    assert sorted((found.line, found.pointer.rpartition("/")[2]) for found in bundled.findings) == [
        (8, "dog"),
        (9, "cat"),
    ]
    assert dangling(bundled) == ()


@pytest.mark.parametrize(
    ("external", "ref", "leads_to"),
    [
        ("a: {b: [0, {c: 1}]}", "x.yaml#/a/b/1", {"c": 1}),
        ("$defs: {A: {$anchor: here, type: string}}", "x.yaml#here", {"$anchor": "here", "type": "string"}),
        ("type: string", "x.yaml#", {"type": "string"}),
        ("type: string", "x.yaml#/", {"type": "string"}),
        ("type: string", "./../api/x.yaml", {"type": "string"}),
        ("A%20B: {type: string}", "x.yaml#/A%20B", {"type": "string"}),
        ("A B: {type: string}", "x.yaml#/A%20B", {"type": "string"}),
        ("A: {$ref: '#/B'}\nB: {C: {type: string}}", "x.yaml#/A/C", {"type": "string"}),
        ("A: {$ref: '#/B'}\nB: {$ref: '#/C'}\nC: 3", "x.yaml#/A", 3),
        ("é: {type: string}", "x.yaml#/%C3%A9", {"type": "string"}),
    ],
)
def test_a_reference_leads_to_the_same_place_as_before(folder, external, ref, leads_to):
    """Fragments of every kind that documents use, seen from the bundled document."""
    api = folder({"openapi.yaml": f"openapi: 3.1.0\nA: {{$ref: {json.dumps(ref)}}}", "x.yaml": external})

    bundled = bundle(api / "openapi.yaml")

    assert resolve(bundled.document, bundled.document["A"]["$ref"]) == leads_to
    assert dangling(bundled) == ()


def test_members_can_be_a_file_of_their_own(folder):
    """`properties: {$ref: ...}` leads to names again, so `default` is one of them there."""
    api = folder(
        {
            "openapi.yaml": "openapi: 3.1.0\ncomponents: {schemas: {$ref: schemas.yaml}}",
            "schemas.yaml": "default: {$ref: x.yaml}\nx-y: {$ref: x.yaml}",
            "x.yaml": "type: string",
        }
    )

    document = bundle(api / "openapi.yaml").document

    assert document["x-mock-files"]["schemas.yaml"] == {
        "default": {"$ref": "#/x-mock-files/x.yaml"},
        "x-y": {"$ref": "#/x-mock-files/x.yaml"},
    }


@pytest.mark.parametrize(
    "write",
    [
        "'$ref': '{}'",
        '"\\u0024ref": "{}"',
        '? "$re\\\n      f"\n    : {}',
        "? $ref\n    : {}",
        "$ref: # here\n      {}",
    ],
)
def test_a_reference_is_found_however_it_is_written(folder, write):
    """The quick look at the text never overlooks one that leads to a file."""
    api = folder({"openapi.yaml": "openapi: 3.1.0\npaths:\n  /a:\n    " + write.format("a.yaml"), "a.yaml": "get: {}"})

    assert bundle(api / "openapi.yaml").document["paths"]["/a"] == {"$ref": "#/x-mock-files/a.yaml"}


@pytest.mark.parametrize(
    ("ref", "says"),
    [
        ("http://127.0.0.1:1/pet.yaml", "is an address"),
        ("https://example.com/pet.yaml#/Pet", "is an address"),
        ("HTTP://example.com/", "is an address"),
        ("//example.com/pet.yaml", "is an address"),
        ("file:///etc/passwd", "is an address"),
        ("file:inside.yaml", "is an address"),
        ("data:application/json,{}", "is an address"),
        ("../outside.yaml", "leads out of the document's own folder"),
        ("sub/../../outside.yaml", "leads out of the document's own folder"),
        ("..%2Foutside.yaml", "leads out of the document's own folder"),
        ("%2e%2e/outside.yaml", "leads out of the document's own folder"),
        ("/etc/passwd", "leads out of the document's own folder"),
        ("../api-private/secret.yaml", "leads out of the document's own folder"),
        ("linked.yaml", "leads out of the document's own folder"),
        ("linked/outside.yaml", "leads out of the document's own folder"),
        ("../not/there.yaml", "leads out of the document's own folder"),
        ("missing.yaml", "leads to no file: expected "),
        ("sub", "leads to no file"),
        (".", "leads to no file"),
        ("pipe", "leads to no file"),
        ("a%00b.yaml", "is no name that a file can have"),
        ("x" * 300, "no "),
    ],
)
def test_nothing_outside_the_folder_is_opened(folder, ref, says):
    """The refusal names the reference and its line. Missing files outside look like those that exist."""
    api = folder(
        {
            "openapi.yaml": f"openapi: 3.1.0\npaths:\n  /a:\n    $ref: {json.dumps(ref)}\n",
            "sub/inside.yaml": "a: 1",
            "../outside.yaml": "a: 1",
            "../api-private/secret.yaml": "a: 1",
        }
    )
    (api / "linked.yaml").symlink_to(api.parent / "outside.yaml")
    (api / "linked").symlink_to(api.parent)
    os.mkfifo(api / "pipe")

    with pytest.raises(Unusable) as refused:
        bundle(api / "openapi.yaml")

    assert says in refused.value.message
    assert repr(ref) in refused.value.message
    assert refused.value.where == f"{api / 'openapi.yaml'}:4"


def test_links_that_stay_in_the_folder_are_fine(folder):
    """As where a container mounts its configuration: links to a folder beside, with one file under two names."""
    api = folder({"v1/openapi.yaml": "A: {$ref: a.yaml}\nB: {$ref: b.yaml}", "v1/a.yaml": "a: 1"})
    for name in ("openapi.yaml", "a.yaml"):
        (api / name).symlink_to(Path("v1") / name)
    (api / "b.yaml").symlink_to("a.yaml")

    bundled = bundle(api / "openapi.yaml")

    assert bundled.document["A"] == bundled.document["B"] == {"$ref": "#/x-mock-files/v1~1a.yaml"}
    assert len(bundled.files) == 2


def test_a_broken_file_is_named(folder):
    """Its own name and line, not those of the document that refers to it."""
    api = folder({"openapi.yaml": "A: {$ref: a.yaml}", "a.yaml": "a: 1\nb: [\n"})

    with pytest.raises(Unusable) as refused:
        bundle(api / "openapi.yaml")

    assert refused.value.where.startswith(f"{api / 'a.yaml'}:")


@pytest.mark.parametrize("text", ["[1, 2]", "just text", "3", ""])
def test_a_document_is_a_mapping(folder, text):
    """Anything else is no OpenAPI document."""
    api = folder({"openapi.yaml": text})

    with pytest.raises(Unusable, match=r"expected a (mapping|document)"):
        bundle(api / "openapi.yaml")


def test_a_document_cannot_hold_the_place_of_the_files(folder):
    """Without other files such a member is the author's own business."""
    api = folder({"one.yaml": "x-mock-files: {}\nA: {$ref: a.yaml}", "two.yaml": "x-mock-files: {}", "a.yaml": "a: 1"})

    assert bundle(api / "two.yaml").document == {"x-mock-files": {}}
    with pytest.raises(Unusable, match="x-mock-files"):
        bundle(api / "one.yaml")


def test_findings_of_all_files_are_kept(folder):
    """Doubled keys are warned about, or refused when reading strictly."""
    api = folder({"openapi.yaml": "A: {$ref: a.yaml}", "a.yaml": "a: 1\na: 2"})

    found = bundle(api / "openapi.yaml").findings

    assert [(finding.name, finding.line, finding.pointer) for finding in found] == [(str(api / "a.yaml"), 2, "/a")]
    with pytest.raises(Unusable, match="stands here twice"):
        bundle(api / "openapi.yaml", strict=True)


def test_dangling_references_are_found_on_demand(folder):
    """With the file and line of each, also in files, through pointers and in circles."""
    api = folder(
        {
            "openapi.yaml": """\
components:
  schemas:
    A: {$ref: '#/components/schemas/Nope'}
    B:
      $ref: a.yaml#/C
    D: {$ref: '#/components/schemas/D'}
    E: {$ref: '#nowhere'}
    F: {$ref: '#/components/schemas/B/none'}
""",
            "a.yaml": "C:\n  properties:\n    x: {$ref: '#/Gone'}\n",
        }
    )

    bundled = bundle(api / "openapi.yaml")

    found = {(Path(finding.name).name, finding.line): finding.message for finding in dangling(bundled)}
    assert found == {
        ("openapi.yaml", 3): "'#/components/schemas/Nope' leads nowhere: /components/schemas has no 'Nope'.",
        ("openapi.yaml", 6): "'#/components/schemas/D' leads round in a circle of `$ref`s. Make one of them a value.",
        ("openapi.yaml", 7): "'#nowhere' leads nowhere: no schema has this `$anchor`.",
        ("openapi.yaml", 8): "'#/components/schemas/B/none' leads nowhere: /x-mock-files/a.yaml/C has no 'none'.",
        ("a.yaml", 3): "'#/x-mock-files/a.yaml/Gone' leads nowhere: /x-mock-files/a.yaml has no 'Gone'.",
    }


def test_a_place_is_traced_back_to_its_file(folder):
    """A pointer into the bundled document becomes the file and line that its author knows."""
    api = folder(SPLIT)
    bundled = bundle(api / "openapi.yaml")

    found = bundled.locate(["/paths/~1pets", "/x-mock-files/schemas~1pet.yaml/properties/owner", "/x-mock-files"])

    assert found == {
        "/paths/~1pets": (str(api / "openapi.yaml"), 5),
        "/x-mock-files/schemas~1pet.yaml/properties/owner": (str(api / "schemas/pet.yaml"), 7),
        "/x-mock-files": (str(api / "openapi.yaml"), 1),
    }


TREE = {
    "a/b": [{"c~d": 1}, {"e f": 2, "%41": 3, "A": 4}],
    "chain": {"$ref": "#/link"},
    "link": {"$ref": "#/a~1b/0"},
    "through": {"$ref": "#/a~1b"},
    "0": {"00": "zeros"},
    "": {"": "empty"},
    "anchored": {"$anchor": "spot", "v": 5},
}


@pytest.mark.parametrize(
    ("ref", "value"),
    [
        ("#", TREE),
        ("", TREE),
        ("#/a~1b/0/c~0d", 1),
        ("/a~1b/0/c~0d", 1),
        ("#/a~1b/1/e%20f", 2),
        ("/a~1b/1/e f", 2),
        ("#/a~1b/1/%41", 4),
        ("#/a~1b/1/%2541", 3),
        ("/a~1b/1/%41", 3),
        ("#/chain", {"c~d": 1}),
        ("#/chain/c~0d", 1),
        ("#/through/1/A", 4),
        ("#/0/00", "zeros"),
        ("#//", "empty"),
        ("#spot", {"$anchor": "spot", "v": 5}),
    ],
)
def test_a_pointer_leads_to_its_value(ref, value):
    """By the rules of JSON pointers, percent-encoded in a fragment, and through references on the way."""
    assert resolve(TREE, ref) == value


@pytest.mark.parametrize(
    ("document", "ref", "says"),
    [
        (TREE, "#/none", "the document has no 'none'"),
        (TREE, "#/a~1b/2", "/a~1b has no '2'"),
        (TREE, "#/a~1b/-1", "has no '-1'"),
        (TREE, "#/a~1b/²", "has no '²'"),
        (TREE, "#/a~1b/0/c~0d/x", "has no 'x'"),
        (TREE, "#none", "no schema has this"),
        (TREE, "other.yaml#/a", "leads out of the document"),
        ({"a": {"$ref": "#/a"}}, "#/a", "circle"),
        ({"a": {"$ref": "#/b"}, "b": {"$ref": "#/a"}}, "#/a", "circle"),
        ({"a": {"$ref": "#/a/b"}}, "#/a", "circle"),
        ({"a": {"$ref": "#/a/b"}}, "#/a/c", "circle"),
        ({"a": {"$ref": "http://127.0.0.1:1/"}}, "#/a", "leads out of the document"),
        ({str(n): {"$ref": f"#/{n + 1}"} for n in range(10_000)}, "#/0", "circle"),
    ],
)
def test_a_pointer_that_leads_nowhere_says_where_it_ends(document, ref, says):
    """Also where it leads round in a circle or out of the document."""
    with pytest.raises(Unusable) as refused:
        resolve(document, ref)

    assert says in refused.value.message


def test_deep_references_end_too(folder):
    """Thousands of files in a row, each referring to the next, are no deeper than two."""
    api = folder({"0.yaml": "A: {$ref: 1.yaml}"} | {f"{n}.yaml": f"a: {{$ref: {n + 1}.yaml}}" for n in range(1, 1500)})
    (api / "1500.yaml").write_text(yaml.safe_dump({"last": 1}))

    bundled = bundle(api / "0.yaml")

    assert bundled.document["x-mock-files"]["1500.yaml"] == {"last": 1}
    assert len(bundled.files) == 1501
