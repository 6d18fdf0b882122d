"""What is found in documents, and where."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from mockserver.cli import main
from mockserver.spec.lint import lint

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
        ("paths:\n  /a:\n    get: {}", "5 warning has no `responses`"),
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
    ],
)
def test_what_is_wrong_is_found_with_its_line(linted, text, found):
    """And nothing else is found."""
    findings = linted(text)

    assert len(findings) == 1, findings
    assert findings[0].startswith(found)


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
