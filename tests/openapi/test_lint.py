"""What is found in documents, and where."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from mockserver.cli import main
from mockserver.openapi.lint import lint
from mockserver.openapi.normalize.extensions import ROLES

HEAD = 'openapi: 3.1.0\ninfo: {title: Zoo, version: "1"}\n'


@pytest.fixture
def linted(tmp_path: Path):
    """What is found in a document of 3.1 with this text below its head, as lines `line severity message`."""

    def run(text: str, head: str = HEAD) -> list[str]:
        path = tmp_path / "zoo.yaml"
        path.write_text(head + text)
        return [f"{finding.line} {finding.severity} {finding.message}" for finding in lint(path)]

    return run


OK = "responses: {200: {description: ok}}"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"paths:\n  /a/{{b}}:\n    get: {{{OK}}}", "5 error {b} is in the path, and no path parameter"),
        (
            f"paths:\n  /a:\n    parameters: [{{name: b, in: path, required: true, schema: {{}}}}]\n    get: {{{OK}}}",
            "6 error the path parameter 'b' is not in the path /a",
        ),
        (
            (
                f"paths:\n  /a/{{b}}:\n    parameters: [{{name: b, in: path, required: true, schema: {{}}}}]\n"
                f"    get: {{{OK}}}\n"
                f"  /a/{{c}}:\n    parameters: [{{name: c, in: path, required: true, schema: {{}}}}]\n    get: {{{OK}}}"
            ),
            "7 error matches the same requests as '/a/{b}'",
        ),
        (
            f"paths:\n  /a:\n    get: {{operationId: a, {OK}}}\n    put:\n      operationId: a\n      {OK}",
            "7 error the operationId 'a' is taken",
        ),
        (f"paths:\n  /a:\n    get:\n      {OK}\n      security: [{{none: []}}]", "7 error 'none' is none of"),
        (
            (
                "components:\n  schemas:\n    A:\n      type: object\n      properties:\n        b: {type: integer}\n"
                "      example: {b: x}"
            ),
            "9 warning breaks its schema: /b: expected an integer, got a string",
        ),
        (
            "components:\n  schemas:\n    A: {type: integer, default: x}",
            "5 warning breaks its schema: it: expected an integer",
        ),
        (
            (
                "paths:\n  /a:\n    get:\n      responses:\n        200:\n          description: ok\n"
                "          content:\n"
                "            application/json:\n              schema: {type: integer}\n              examples:\n"
                "                one: {value: 1}\n                two: {value: x}"
            ),
            "14 error breaks its schema",
        ),
        (
            "components:\n  schemas:\n    A: {minLength: 3, maxLength: 2}",
            "5 error minLength 3 is more than maxLength 2",
        ),
        (
            "components:\n  schemas:\n    A: {additionalProperties: false, required: [b]}",
            "5 error 'b' is required, and no property may have this name",
        ),
        (
            "components:\n  schemas:\n    A: {nullable: true}",
            "5 warning `nullable` counts for nothing since OpenAPI 3.1",
        ),
        (
            (
                f"paths:\n  /a:\n    get:\n      {OK}\n      parameters:\n"
                f"        - {{name: q, in: query, schema: {{}}}}\n"
                "        - {name: q, in: query, schema: {}}"
            ),
            "9 error the query parameter 'q' stands here twice",
        ),
        (
            f"paths:\n  /a:\n    get:\n      {OK}\n      parameters: [{{name: Accept, in: header, schema: {{}}}}]",
            "7 warning a header parameter named Accept counts for nothing",
        ),
        ("paths: {}\npaths: {}", "4 warning the key 'paths' stands here twice"),
        (
            f"paths:\n  /a:\n    get:\n      x-mock-colection: a\n      {OK}",
            "6 error `x-mock-colection` is no key of the mock's; did you mean `x-mock-collection`? It knows x-mock-",
        ),
        (
            f"paths:\n  /a:\n    X-Mock_Seed: 3\n    get: {{{OK}}}",
            "5 error `X-Mock_Seed` is no key of the mock's; did you mean `x-mock-seeds`?",
        ),
        (
            f"paths:\n  /a:\n    x-mok-role: list\n    get: {{{OK}}}",
            "5 error `x-mok-role` is no key of the mock's; did you mean `x-mock-role`?",
        ),
        (
            f"paths:\n  /a:\n    get:\n      x-mock-latency: 3\n      {OK}",
            "6 warning `x-mock-latency` is no key of the mock's. It knows x-mock-collection, x-mock-id, x-mock-parent,",
        ),
        (
            f"paths:\n  /a:\n    get:\n      x-mock-role: lst\n      {OK}",
            f"6 error `x-mock-role` is expected to be one of {', '.join(ROLES)}; got a text: 'lst'",
        ),
        (
            f"paths:\n  /a:\n    get:\n      x-mock-collection: true\n      {OK}",
            "6 error `x-mock-collection` is expected to be a name or false; got a boolean",
        ),
        (
            f"paths:\n  /a:\n    x-mock-parent: [b]\n    get: {{{OK}}}",
            "5 error `x-mock-parent` is expected to be a name or false; got a list",
        ),
        (
            f"paths:\n  /a:\n    get:\n      x-mock-paging: pages\n      {OK}",
            "6 error `x-mock-paging` is expected to be one of page, offset, cursor, none; got a text: 'pages'",
        ),
        (
            f"paths:\n  /a:\n    get:\n      x-mock-seeds: '5'\n      {OK}",
            "6 error `x-mock-seeds` is expected to be a whole number from 0; got a text: '5'",
        ),
        (
            f"paths:\n  /a:\n    get:\n      x-mock-delay: -1\n      {OK}",
            "6 error `x-mock-delay` is expected to be a number of milliseconds from 0 to 600000; got a number: -1",
        ),
        (
            "components:\n  schemas:\n    A:\n      x-mock-id: 7",
            "6 error `x-mock-id` is expected to be the name of a member, or a pointer such as /metadata/name; got",
        ),
        (
            "components:\n  schemas:\n    A:\n      x-mock-role: list",
            "6 error `x-mock-role` counts for nothing in a schema; it stands in an operation or a path item",
        ),
        ("x-mock-delay: 50", "3 error `x-mock-delay` counts for nothing in the document itself; it stands in an oper"),
        ("paths:\n  x-mock-delay: 50", "4 error `x-mock-delay` counts for nothing in `paths`; it stands in"),
        (f"paths:\n  /a:\n    gett: {{{OK}}}", "5 error a path item has no `gett`; did you mean `get`?"),
        (f"paths:\n  /a:\n    Post: {{{OK}}}", "5 error a path item has no `Post`; did you mean `post`?"),
        (
            "paths:\n  /a:\n    paramters: []",
            "5 error a path item has no `paramters`; did you mean `parameters`?",
        ),
        (
            f"paths:\n  /a:\n    link: {{{OK}}}",
            "5 error `link` is none of the methods get, put, post, delete, options, head, patch, trace, query; others",
        ),
        (
            "paths:\n  /a:\n    internal: true",
            "5 warning a path item has no `internal`; it has get, put, post,",
        ),
    ],
)
def test_what_is_wrong_is_found_with_its_line(linted, text, found):
    """And nothing else is found."""
    findings = linted(text)

    assert len(findings) == 1, findings
    assert findings[0].startswith(found)


def test_an_operation_without_responses_is_odd_before_3_1_alone(linted):
    """Since then `responses` may be left out."""
    text = "paths:\n  /a:\n    get: {}"

    assert linted(text, HEAD.replace("3.1.0", "3.0.3")) == [
        "5 warning has no `responses`; every answer counts as undeclared"
    ]
    assert linted(text) == []


def test_extensions_that_can_be_used_are_no_findings(linted):
    """Those of the mock with their values, and those of others by any name."""
    keys = "x-mock-collection: b, x-mock-id: /meta/id, x-mock-parent: false, x-mock-role: act, x-mock-paging: none"
    more = "x-mock-seeds: 0, x-mock-delay: 2.5, x-lock-id: 1, x-mockoon: {}, x-ms-id: 2, X-Rate: 3"
    document = f"""
x-generator: me
paths:
  x-group: 1
  /a:
    x-mock-collection: false
    x-internal: true
    get: {{{OK}, {keys}, {more}}}
components:
  schemas:
    A: {{x-mock-id: code, properties: {{x-mock-colection: {{}}}}, example: {{x-mock-rol: 1}}}}
"""

    assert linted(document) == []


def test_a_document_of_2_0_has_the_same_extensions(linted):
    """And the same methods."""
    text = f"paths:\n  /a:\n    x-mock-id: 3\n    gett: {{{OK}}}\n    get:\n      x-mock-rolle: list\n      {OK}\n"
    definitions = "definitions:\n  A: {x-mock-ids: id}\n"

    found = linted(text + definitions, 'swagger: "2.0"\ninfo: {title: Zoo, version: "1"}\n')

    assert [line.partition("; ")[0] for line in found] == [
        "5 error `x-mock-id` is expected to be the name of a member, or a pointer such as /metadata/name",
        "6 error a path item has no `gett`",
        "8 error `x-mock-rolle` is no key of the mock's",
        "11 error `x-mock-ids` is no key of the mock's",
    ]


def test_what_an_overlay_brought_is_found_in_the_overlay(tmp_path):
    """With its line and pointer there, also where an earlier action made the place."""
    zoo, overlay = tmp_path / "zoo.yaml", tmp_path / "overlay.yaml"
    zoo.write_text(HEAD + f"paths:\n  /a:\n    get: {{{OK}, x-mock-delay: fast}}\n")
    overlay.write_text(
        "overlay: 1.0.0\nactions:\n"
        "  - target: $.paths\n"
        f"    update:\n      /b~c/d:\n        get:\n          {OK}\n          x-mock-colection: b\n"
        "  - target: $.paths.*\n"
        "    update:\n      get:\n        x-mock-seeds: many\n"
    )

    findings = lint(zoo, [overlay])

    assert [(Path(found.name).name, found.line, found.pointer) for found in findings] == [
        ("overlay.yaml", 8, "/actions/0/update/~1b~0c~1d/get/x-mock-colection"),
        ("overlay.yaml", 12, "/actions/1/update/get/x-mock-seeds"),
        ("zoo.yaml", 5, "/paths/~1a/get/x-mock-delay"),
    ]


def test_what_is_wrong_in_another_file_is_found_there(tmp_path):
    """By its own name and line."""
    (tmp_path / "parts.yaml").write_text("A:\n  type: object\n  properties:\n    b: {type: int}\n")
    (tmp_path / "zoo.yaml").write_text(HEAD + "components: {schemas: {A: {$ref: 'parts.yaml#/A'}}}")

    findings = lint(tmp_path / "zoo.yaml")

    assert [(Path(f.name).name, f.line, f.pointer) for f in findings] == [
        ("parts.yaml", 4, "/x-mock-files/parts.yaml/A/properties/b/type")
    ]


def test_members_that_are_read_only_may_be_missing_in_the_example_of_a_request(linted):
    """As they may be in the request."""
    assert (
        linted(
            "components:\n  schemas:\n    A:\n      required: [id]\n      properties: {id: {readOnly: true}}\n"
            "      example: {}\n"
        )
        == []
    )


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        (HEAD, 0, ""),
        (HEAD + "components: {schemas: {A: {nullable: true}}}", 0, ":3: warning: `nullable` counts for nothing"),
        (HEAD + "components: {schemas: {A: {type: int}}}", 1, ":3: error: 'int' is no type"),
        ("openapi: 9", 2, "expected OpenAPI 2.0, 3.0, 3.1 or 3.2"),
        ("a: [", 2, "is not YAML"),
    ],
)
def test_the_command_says_what_it_found_and_by_its_exit_code_how_bad_it_is(tmp_path, text, code, said):
    """0: nothing, or warnings alone; 1: errors; 2: no document that can be read."""
    path = tmp_path / "zoo.yaml"
    path.write_text(text)

    result = CliRunner().invoke(main, ["lint", str(path)])

    assert (result.exit_code, said in result.output) == (code, True)


def test_the_command_writes_json(tmp_path):
    """One object a finding; overlays are laid on before."""
    (tmp_path / "zoo.yaml").write_text(HEAD)
    overlay = tmp_path / "overlay.yaml"
    overlay.write_text("overlay: 1.0.0\nactions:\n  - {target: $.nope, remove: true}\n")

    result = CliRunner().invoke(main, ["lint", str(tmp_path / "zoo.yaml"), "--overlay", str(overlay), "--json"])

    assert json.loads(result.output) == [
        {
            "file": str(overlay), "line": 3, "pointer": "/actions/0/target", "severity": "warning",
            "message": "$.nope matches nothing in the document; the action does nothing",
        }
    ]  # fmt: skip
