"""Keys of `paths` with a query or a fragment, as documents of cloud vendors have them."""

import pytest

from mockserver.engine.answers.sample_request import sample_curl
from mockserver.openapi.lint import lint
from mockserver.server import Options, create_app

HEAD = "openapi: 3.0.3\ninfo: {title: Cloud, version: '1'}\npaths:\n"


def answers(text: str, *parameters: str, method: str = "get") -> str:
    """An operation that answers with this text."""
    return (
        f"{{{method}: {{parameters: [{', '.join(parameters)}], responses: {{'200': "
        f"{{description: ok, content: {{application/json: {{example: {text}}}}}}}}}}}}}"
    )


def parameter(name: str, place: str, schema: str = "{type: string}") -> str:
    """A required one."""
    return f"{{name: {name}, in: {place}, required: true, allowEmptyValue: true, schema: {schema}}}"


NAME = parameter("name", "path")


def test_a_query_in_a_key_chooses_the_operation(serve):
    """Of several, the one that asks for most of what the request has."""
    client = serve(
        HEAD
        + f"  /bread/{{name}}?version=1: {answers('one', NAME)}\n"
        + f"  /bread/{{name}}?version=2: {answers('two', NAME)}\n"
        + f"  /bread/{{name}}?version=2&full: {answers('full', NAME)}\n"
        + f"  /cake/{{name}}: {answers('cake', NAME)}\n"
        + f"  /cake/{{cake}}?slices=a%20few: {answers('slices', parameter('cake', 'path'))}\n"
    )

    def get(address: str) -> object:
        return client.get(address).json()

    assert [get("/bread/rye?version=1"), get("/bread/rye?version=2"), get("/bread/rye?full&version=2")] == [
        "one",
        "two",
        "full",
    ]
    assert [get("/cake/nut"), get("/cake/nut?slices=few"), get("/cake/nut?slices=a+few")] == ["cake", "cake", "slices"]
    missed = client.get("/bread/rye")
    assert missed.status_code == 404
    assert missed.json()["detail"] == (
        "No operation at /bread/rye is for such a request. They ask for query version=1; query version=2; "
        "query version=2 and query full. This would be answered: curl 'http://127.0.0.1:4010/zoo/bread/rye?version=1'"
    )
    assert client.post("/bread/rye?version=1").status_code == 405


def test_a_fragment_in_a_key_chooses_by_a_parameter(serve, tmp_path):
    """One of the query, with or without a value, or a header."""
    client = serve(
        HEAD
        + f"  /#Action=Add: {answers('add', parameter('Action', 'query', '{enum: [Add]}'))}\n"
        + f"  /#Action=Drop: {answers('drop', parameter('Action', 'query', '{enum: [Drop]}'))}\n"
        + f"  /#X-Target=Put: {answers('put', parameter('X-Target', 'header'), method='post')}\n"
        + f"  /#X-Target=Take: {answers('take', parameter('X-Target', 'header'), method='post')}\n"
        + f"  /{{name}}: {answers('plain', NAME)}\n"
        + f"  /{{name}}#acl: {answers('acl', NAME, parameter('acl', 'query', '{type: boolean}'))}\n"
    )

    assert client.get("/?Action=Add").json() == "add"
    assert client.get("/?Action=Drop").json() == "drop"
    assert client.post("/", headers={"x-target": "Put"}).json() == "put"
    assert client.post("/", headers={"x-target": "Take"}).json() == "take"
    assert client.get("/box").json() == "plain"
    assert client.get("/box?acl").json() == "acl"
    assert client.post("/").status_code == 404
    assert [str(finding) for finding in lint(tmp_path / "zoo.yaml")] == []


def test_a_path_parameter_may_stand_in_the_query(serve):
    """Its value is held to as any."""
    number = "{name: id, in: path, required: true, schema: {type: integer}}"
    client = serve(f"{HEAD}  /pets?id={{id}}: {answers('one', number)}\n  /pets: {answers('all')}\n")

    assert [client.get("/pets").json(), client.get("/pets?id=7").json()] == ["all", "one"]
    assert client.get("/pets?id=x").status_code == 422


def test_an_expansion_and_codes_in_a_key_are_no_part_of_the_path(serve, tmp_path):
    """`{?limit}` only says that there is such a parameter, and `%20` is a space."""
    client = serve(f"{HEAD}  /pets{{?limit,after}}: {answers('all')}\n  /a%20b/{{name}}: {answers('spaced', NAME)}\n")

    assert [client.get("/pets").json(), client.get("/pets?limit=3").json()] == ["all", "all"]
    assert client.get("/a%20b/c").json() == "spaced"
    assert [str(finding) for finding in lint(tmp_path / "zoo.yaml")] == []


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        (["/a#x"], ["warning answers whatever /a is asked: no request has a `#`, and no parameter is called x"]),
        (["/a", "/a#x"], ["error never answers: it asks for nothing that '/a' does not; no request has a `#`, and no"]),
        (["/a?x=1&y=2", "/a?y=2&x=1"], ["error never answers: it asks for nothing that '/a?x=1&y=2' does not"]),
        (["/a/{}"], ["error {} is in the path, and no path parameter has this name"]),
        (["/a%20b", "/a b"], ["error matches the same requests as '/a%20b'; only one of them can answer"]),
    ],
)
def test_what_can_never_be_reached_is_told(tmp_path, keys, told):
    """With the key that answers instead."""
    file = tmp_path / "cloud.yaml"
    file.write_text(HEAD + "".join(f"  '{key}': {answers(str(n))}\n" for n, key in enumerate(keys)))

    found = [f"{finding.severity} {finding.message}" for finding in lint(file)]

    assert len(found) == len(told)
    assert all(message.startswith(start) for message, start in zip(found, told, strict=True))


def test_the_line_to_try_has_the_query(tmp_path):
    """So that it works."""
    file = tmp_path / "cloud.yaml"
    file.write_text(f"{HEAD}  /bread?version=2: {answers('two')}\n")

    assert sample_curl(create_app(Options(apis=(str(file),))).services["cloud"], "") == "curl '/cloud/bread?version=2'"
